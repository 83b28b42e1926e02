"""Linear encoding models: from the features of a face to its rating, by cross-validated ridge regression.

The protocol is that of Daube et al. (2021), Patterns 2(10):100348: trials are cut into contiguous blocks;
each block is predicted by a model trained on all others, whose penalty 2^h is the median of the exponents
h that maximise Kendall's tau when each of those others is left out in turn. Where the authors search h in
[-30, 30] adaptively, a grid is evaluated here in full. `kit.analysis.banded` holds the linear algebra.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from kit import blas

from ._checks import check_exponents, check_features, check_ratings, finite_array
from .banded import Blocks, held_out_tau, median_vote, refit, row_space

EXPONENTS = tuple(range(-30, 31))
"""Exponents h of the penalties 2^h that a single space tries."""

BAND_EXPONENTS = tuple(range(-30, 31, 3))
"""Exponents that each band of a joint space tries, in every combination with the other bands'."""


@dataclass(frozen=True)
class NestedRidge:
    """Held-out predictions of a nested cross-validation, and the models that made them.

    Attributes
    ----------
    predictions : array of shape (n_trials, n_targets)
        Each trial as predicted by the model that was not trained on its fold.
    fold : int array of shape (n_trials,)
        The fold in which each trial was tested.
    weights : array of shape (folds, n_features, n_targets)
    intercepts : array of shape (folds, n_targets)
    exponents : array of shape (folds, n_targets, n_bands)
        The h of the penalties 2^h, one band unless the spaces are joint.
    spaces : dict of str to slice
        The features of each band.
    """

    predictions: np.ndarray
    fold: np.ndarray
    weights: np.ndarray
    intercepts: np.ndarray
    exponents: np.ndarray
    spaces: dict[str, slice]

    @property
    def mean_weights(self) -> np.ndarray:
        """Weights (n_features, n_targets) averaged over the folds, for `roll_out`."""
        return self.weights.mean(axis=0)

    @property
    def mean_intercepts(self) -> np.ndarray:
        """Intercepts (n_targets,) averaged over the folds, for `roll_out`."""
        return self.intercepts.mean(axis=0)

    def per_fold(self, score: Callable[[np.ndarray, np.ndarray], np.ndarray], ratings: np.ndarray) -> np.ndarray:
        """Score each fold's predictions.

        Parameters
        ----------
        score : function (ratings, predictions) -> array, e.g. `kendall_tau` or `sklearn.metrics.r2_score`
            Both of shape (n_trials_of_fold, n_targets).
        ratings : array of shape (n_trials,) or (n_trials, n_targets)

        Returns
        -------
        array of shape (folds, ...)
        """
        ratings = np.asarray(ratings).reshape(self.predictions.shape)
        parts = [self.fold == fold for fold in range(len(self.weights))]
        return np.stack([score(ratings[part], self.predictions[part]) for part in parts])


def nested_ridge(
    features: np.ndarray, ratings: np.ndarray, folds: int = 9, exponents: Sequence[float] = EXPONENTS
) -> NestedRidge:
    """Predict ratings from features by ridge regression in nested cross-validation.

    Parameters
    ----------
    features : array of shape (n_trials, n_features)
        In trial order: folds are contiguous blocks, so that drifts cannot leak.
    ratings : array of shape (n_trials,) or (n_trials, n_targets)
        Any real-valued targets. Many targets (observers who saw the same faces, shuffled ratings) share
        the factorisations and cost little more than one; each gets its own penalty.
    folds : int
    exponents : sequence of float
        Candidates h of the penalty 2^h, in increasing order.

    Returns
    -------
    NestedRidge

    Raises
    ------
    ValueError
        If lengths differ, an entry is not finite, a feature is constant over all trials, a target is
        constant within a block (tau is undefined there), or the trials do not fill the folds.

    References
    ----------
    Daube et al. (2021), Patterns 2(10):100348.
    """
    return banded_nested_ridge({"features": features}, ratings, folds, exponents)


def banded_nested_ridge(
    spaces: dict[str, np.ndarray],
    ratings: np.ndarray,
    folds: int = 9,
    exponents: Sequence[float] = BAND_EXPONENTS,
) -> NestedRidge:
    """Predict ratings from several feature spaces jointly, each with its own penalty.

    The procedure is that of `nested_ridge`, over all combinations of exponents; the median over the inner
    folds is taken band by band. Time grows as len(exponents) ** (n_spaces - 1).

    Parameters
    ----------
    spaces : dict of str to array of shape (n_trials, n_features_of_space)
    ratings, folds, exponents
        As in `nested_ridge`.

    Returns
    -------
    NestedRidge
        Features and bands follow the order of `spaces`.

    References
    ----------
    Nunez-Elizalde, Huth & Gallant (2019), NeuroImage 197:482-492.
    """
    ratings = check_ratings(ratings, folds)
    exponents = check_exponents(exponents)
    # The largest band first: its decomposition is the one that `banded.sweep` need not repeat.
    order = sorted(spaces, key=lambda name: -np.shape(spaces[name])[-1])
    narrow, bases = zip(*(row_space(check_features(name, spaces[name], len(ratings))) for name in order), strict=True)
    blocks = Blocks.cut(np.hstack(narrow), ratings, folds)
    with blas.one_thread():  # threads cost time on small matrices, and quarrel with joblib's
        weights, intercepts, chosen = _nested(blocks, [space.shape[1] for space in narrow], exponents)
    return _assemble(blocks, dict(zip(order, bases, strict=True)), list(spaces), weights, intercepts, chosen)


def ridge_at(features: np.ndarray, ratings: np.ndarray, exponents: np.ndarray) -> NestedRidge:
    """Cross-validated ridge at penalties that are known already, as those of a fit to features like these.

    Parameters
    ----------
    features : array of shape (n_trials, n_features)
        In trial order.
    ratings : array of shape (n_trials,) or (n_trials, n_targets)
    exponents : array of shape (folds,) or (folds, n_targets)
        h of the penalty 2^h of each fold and target.

    Returns
    -------
    NestedRidge
    """
    ratings = check_ratings(ratings, len(exponents))
    exponents = np.asarray(exponents, dtype=float).reshape(len(exponents), ratings.shape[1], 1)
    narrow, basis = row_space(check_features("features", features, len(ratings)))
    blocks = Blocks.cut(narrow, ratings, len(exponents))
    with blas.one_thread():
        models = [refit(blocks.without(fold), [narrow.shape[1]], exponents[fold]) for fold in range(len(exponents))]
    weights, intercepts = map(np.stack, zip(*models, strict=True))
    return _assemble(blocks, {"features": basis}, ["features"], weights, intercepts, exponents)


def _nested(blocks: Blocks, sizes: list[int], exponents: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, intercepts and exponents of every fold, shaped as in `NestedRidge`."""
    folds, n_targets = len(blocks.slices), blocks.ratings.shape[1]
    if blocks.features.shape[1] == 1:  # whatever its weight, one feature orders the trials alike: the first wins
        exponents = exponents[:1]
    candidates = np.array(list(product(exponents, repeat=len(sizes))))
    tau = np.empty((folds, folds, len(candidates), n_targets))
    # Models trained without blocks a and b serve twice: b validates when a is the test, and a when b is.
    for a, b in combinations(range(folds), 2):
        on_a, on_b = np.moveaxis(held_out_tau(blocks, (a, b), sizes, 2.0**exponents), -1, 0)
        tau[b, a], tau[a, b] = on_a, on_b
    models = []
    for test in range(folds):
        inner = np.moveaxis(np.delete(tau[test], test, axis=0), 0, -1)
        chosen = median_vote(inner, candidates)
        models.append((*refit(blocks.without(test), sizes, chosen), chosen))
    return tuple(map(np.stack, zip(*models, strict=True)))


def _assemble(
    blocks: Blocks,
    bases: dict[str, np.ndarray],
    names: list[str],
    weights: np.ndarray,
    intercepts: np.ndarray,
    exponents: np.ndarray,
) -> NestedRidge:
    """Predict each fold, then return the weights to the features and the order that the caller gave."""
    predictions = np.empty_like(blocks.ratings)
    fold = np.empty(len(predictions), dtype=int)
    for test, part in enumerate(blocks.slices):
        predictions[part] = blocks.features[part] @ weights[test] + intercepts[test]
        fold[part] = test
    ends = np.cumsum([basis.shape[1] for basis in bases.values()])
    parts = zip(bases.items(), np.split(weights, ends[:-1], axis=1), strict=True)
    weights_of = {name: basis @ part for (name, basis), part in parts}
    starts = np.cumsum([0, *(len(bases[name]) for name in names)])
    return NestedRidge(
        predictions,
        fold,
        np.concatenate([weights_of[name] for name in names], axis=1),
        intercepts,
        exponents[..., [list(bases).index(name) for name in names]],
        {name: slice(a, b) for name, a, b in zip(names, starts, starts[1:], strict=False)},
    )


def roll_out(panels: np.ndarray, weights: np.ndarray, intercepts: np.ndarray | float = 0.0) -> np.ndarray:
    """Predicted rating of every face on display, also of those that were not chosen.

    Parameters
    ----------
    panels : array of shape (n_trials, n_faces, n_features)
        Features of the faces shown together, six in the experiment.
    weights : array of shape (n_features,) or (n_features, n_targets)
        Such as `NestedRidge.mean_weights`.
    intercepts : float or array of shape (n_targets,)

    Returns
    -------
    array of shape (n_trials, n_faces) or (n_trials, n_faces, n_targets)
    """
    panels, weights = finite_array("panels", panels), finite_array("weights", weights)
    if panels.ndim != 3 or panels.shape[2] != len(weights):
        raise ValueError(
            f"panels have shape {panels.shape}, weights {weights.shape}: "
            "expected (n_trials, n_faces, n_features) with as many features as weights"
        )
    return panels @ weights + intercepts


def choose(rolled: np.ndarray) -> np.ndarray:
    """The face a model picks in each trial, the one it rates highest (chance: 1 / n_faces).

    Parameters
    ----------
    rolled : array of shape (n_trials, n_faces, ...), from `roll_out`

    Returns
    -------
    int array of shape (n_trials, ...)
    """
    return np.argmax(rolled, axis=1)
