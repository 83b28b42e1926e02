"""Take a variable out of features, and see what then fails: a causal test, where a correlation only hints.

Two ways. `residual` uses what each trial's variable was and subtracts all that a linear model says of it. `Eraser`
learns a projection from some trials and applies it to others without being told their variable: it removes, one
by one, the directions of the features that go with the variable, so that a dose of removal can be given; with all
of them gone no linear read-out finds the variable any more (Belrose et al. 2023; Ravfogel et al. 2020 is the
iterative way). Both are blind to what only a curved read-out finds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TOLERANCE = 1e-7  # of the largest spread: directions below it hold rounding errors only


def residual(features: np.ndarray, variable: np.ndarray) -> np.ndarray:
    """Features less what a linear model of the variable says of them.

    Parameters
    ----------
    features : array of shape (n_trials, n_features)
    variable : array of shape (n_trials, n_columns), or (n_trials,)

    Returns
    -------
    array of shape (n_trials, n_features)
        With mean zero, and uncorrelated with every column of the variable.
    """
    features, variable = _together(features, variable)
    known = np.column_stack([variable, np.ones(len(variable))])
    return features - known @ np.linalg.lstsq(known, features, rcond=None)[0]


@dataclass(frozen=True, eq=False)
class Eraser:
    """Removes directions from features, the one that tells most of the variable first. Made by `erase`.

    Attributes
    ----------
    mean : array of shape (n_features,)
    into, out_of : arrays of shape (n_features, n_directions) and (n_directions, n_features)
        From centred features to what they say along each direction, and from that to what is to be subtracted.
    correlation : array of shape (n_directions,)
        How well each direction, in the trials it was learned from, goes with the variable (canonical correlations).
    """

    mean: np.ndarray
    into: np.ndarray
    out_of: np.ndarray
    correlation: np.ndarray

    def __call__(self, features: np.ndarray, directions: int | None = None) -> np.ndarray:
        """Features (n_trials, n_features) without the first so many directions; without all of them by default."""
        count = len(self.correlation) if directions is None else directions
        if not 0 <= count <= len(self.correlation):
            raise ValueError(f"{count} directions cannot be removed; this eraser knows {len(self.correlation)}")
        centred = np.asarray(features, float) - self.mean
        return self.mean + centred - centred @ self.into[:, :count] @ self.out_of[:count]


def erase(features: np.ndarray, variable: np.ndarray) -> Eraser:
    """Learn which directions of features go with a variable.

    They are the canonical directions: in whitened features (uncorrelated, each with variance 1), those that go with
    the whitened variable, best first. Without all of them the features are uncorrelated with the variable, and no
    affine function of them that achieves this stays closer to them in the mean square.

    Parameters
    ----------
    features : array of shape (n_trials, n_features)
        More trials than features, or what is noise looks like the variable.
    variable : array of shape (n_trials, n_columns), or (n_trials,)

    Raises
    ------
    ValueError
        If there are not more trials than numbers a trial, or a number is not finite.

    References
    ----------
    Belrose et al. (2023), LEACE: perfect linear concept erasure in closed form, NeurIPS, arXiv:2306.03819.
    """
    features, variable = _together(features, variable)
    if len(features) <= sum(both := (features.shape[1], variable.shape[1])):
        raise ValueError(f"{len(features)} trials for {both[0]} features and {both[1]} columns: take more trials")
    whiten, back = _whitening(features)
    whiten_variable, _ = _whitening(variable)
    centred, target = features - features.mean(0), (variable - variable.mean(0)) @ whiten_variable
    left, correlation, _ = np.linalg.svd((centred @ whiten).T @ target / len(features), full_matrices=False)
    return Eraser(features.mean(0), whiten @ left, left.T @ back, np.minimum(correlation, 1))


def erase_random(features: np.ndarray, directions: int, rng: int | np.random.Generator = 0) -> Eraser:
    """The control: directions drawn at random among the whitened ones, chosen without looking at any variable.

    Features have shape (n_trials, n_features).
    """
    features, _ = _together(features, np.zeros(len(features)))
    whiten, back = _whitening(features)
    if directions > whiten.shape[1]:
        raise ValueError(f"{directions} directions do not fit into features that vary in {whiten.shape[1]}")
    drawn = np.random.default_rng(rng).normal(size=(whiten.shape[1], directions))
    turned = np.linalg.qr(drawn)[0]
    return Eraser(features.mean(0), whiten @ turned, turned.T @ back, np.zeros(directions))


def _whitening(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Matrices (d, r) to uncorrelated columns of variance 1, and (r, d) back; r is the rank."""
    _, spread, axes = np.linalg.svd(values - values.mean(0), full_matrices=False)
    kept = spread > TOLERANCE * max(spread[0], 1e-300)
    sd, axes = spread[kept] / np.sqrt(len(values)), axes[kept]
    return axes.T / sd, sd[:, None] * axes


def _together(features: np.ndarray, variable: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    features, variable = np.asarray(features, float), np.asarray(variable, float)
    variable = variable.reshape(len(variable), -1)
    if features.ndim != 2 or len(features) != len(variable):
        raise ValueError(f"features (n, d) and a variable of n trials; got {features.shape} and {variable.shape}")
    if not (np.isfinite(features).all() and np.isfinite(variable).all()):
        raise ValueError("features and variable must be finite: drop trials with missing values first")
    return features, variable
