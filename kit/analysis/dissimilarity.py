"""Dissimilarity matrices (RDMs): made from patterns, checked; choosing and drawing stimuli.

RDMs are kept condensed, one row each: the pairs (0, 1), (0, 2), ... as in `scipy.spatial.distance.pdist`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial.distance import pdist, squareform
from scipy.stats import rankdata

from kit.chance import Rng

from ._checks import finite_array

METRICS = ("correlation", "euclidean", "cosine")

CENTRED = ("pearson", "spearman", "tau-a")
"""Methods of comparison for which only the variance of an RDM counts."""

LEAST_STIMULI = 3
"""With fewer there are no two different pairs, and nothing varies."""

ROUNDING = 1e-13
"""A row whose spread is this small beside its length is constant but for rounding."""


def rdm(patterns: np.ndarray, metric: str = "correlation") -> np.ndarray:
    """Representational dissimilarity matrix, condensed, in double precision.

    Parameters
    ----------
    patterns : array of shape (n_stimuli, n_features)
    metric : {"correlation", "euclidean", "cosine"}
        1 - r, the length of the difference, 1 - cosine.

    Returns
    -------
    array of shape (n_stimuli * (n_stimuli - 1) / 2,)

    Raises
    ------
    ValueError
        If a pattern is constant (correlation) or zero (cosine); the message names the row.

    References
    ----------
    Kriegeskorte, Mur & Bandettini (2008), Frontiers in Systems Neuroscience 2:4.
    """
    one_of("metric", metric, METRICS)
    patterns = finite_array("patterns", patterns)
    if patterns.ndim != 2 or len(patterns) < 2 or patterns.shape[1] == 0:
        raise ValueError(f"patterns have shape {patterns.shape}: expected (n_stimuli >= 2, n_features)")
    if metric == "euclidean":
        return pdist(patterns)  # differences first: |x|^2 + |y|^2 - 2 x.y would lose near-duplicates
    units = _unit_rows("patterns", patterns, centred=metric == "correlation")
    similarity = squareform(units @ units.T, checks=False)  # numpy computes half of a product with itself
    return np.subtract(1, similarity, out=similarity)


def crossnobis(patterns: np.ndarray, precision: np.ndarray | None = None) -> np.ndarray:
    """Cross-validated squared Mahalanobis distances, unbiased by noise, condensed.

    d_ij = mean over pairs of different runs k, l of (x_i - x_j)_k' P (x_i - x_j)_l / n_features. Where
    two stimuli do not differ the expectation is 0, so negative values are real and are not clipped.

    Parameters
    ----------
    patterns : array of shape (n_runs, n_stimuli, n_features)
        Independent measurements of the same stimuli.
    precision : array of shape (n_features, n_features), optional
        P, the inverse of the noise covariance; the identity by default.

    Returns
    -------
    array of shape (n_stimuli * (n_stimuli - 1) / 2,)

    References
    ----------
    Walther et al. (2016), NeuroImage 137:188-200.
    """
    patterns = finite_array("patterns", patterns)
    if patterns.ndim != 3 or len(patterns) < 2:
        raise ValueError(
            f"patterns have shape {patterns.shape}: expected (n_runs >= 2, n_stimuli, n_features), "
            "for without a second run nothing can be cross-validated"
        )
    n_runs, n_stimuli, n_features = patterns.shape
    metric = np.eye(n_features) if precision is None else finite_array("precision", precision)
    if metric.shape != (n_features, n_features):
        raise ValueError(f"precision has shape {metric.shape}: expected {(n_features, n_features)}")
    total = patterns.sum(axis=0)
    kernel = total @ metric @ total.T - sum(run @ metric @ run.T for run in patterns)
    i, j = np.triu_indices(n_stimuli, 1)
    own = np.diag(kernel)
    return (own[i] + own[j] - kernel[i, j] - kernel[j, i]) / (n_runs * (n_runs - 1) * n_features)


def select_stimuli(rdms: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """RDMs of some of the stimuli only.

    Parameters
    ----------
    rdms : array of shape (n_pairs,) or (n_rdms, n_pairs)
    chosen : bool array of shape (n_stimuli,)

    Returns
    -------
    array of shape (n_chosen_pairs,) or (n_rdms, n_chosen_pairs)
    """
    rdms, chosen = np.asarray(rdms), np.asarray(chosen)
    n_stimuli = count_stimuli("rdms", rdms.shape[-1])
    if chosen.dtype != bool or chosen.shape != (n_stimuli,):
        raise ValueError(
            f"chosen has type {chosen.dtype} and shape {chosen.shape}: expected one True or False for each "
            f"of the {n_stimuli} stimuli"
        )
    i, j = np.triu_indices(n_stimuli, 1)
    return rdms[..., chosen[i] & chosen[j]]


def draw_stimuli(n_stimuli: int, n_samples: int = 1000, rng: Rng = 0) -> np.ndarray:
    """How often each stimulus is drawn in each bootstrap sample, with replacement.

    Samples of fewer than three different stimuli are drawn anew: they hold no two different pairs.

    Returns
    -------
    int array of shape (n_samples, n_stimuli)
    """
    if n_stimuli < LEAST_STIMULI:
        raise ValueError(f"{n_stimuli} stimuli cannot be resampled: at least {LEAST_STIMULI} are needed")
    rng, chances = np.random.default_rng(rng), np.full(n_stimuli, 1 / n_stimuli)
    draws = rng.multinomial(n_stimuli, chances, n_samples)
    while (poor := (draws > 0).sum(axis=1) < LEAST_STIMULI).any():
        draws[poor] = rng.multinomial(n_stimuli, chances, poor.sum())
    return draws


def condensed(name: str, rdms: np.ndarray) -> np.ndarray:
    """RDMs as finite floats (n_rdms, n_pairs), or a `ValueError` that says how to get there.

    They come as (n_pairs,) or (n_rdms, n_pairs).
    """
    rdms = np.atleast_2d(finite_array(name, rdms))
    square = rdms.shape[0] == rdms.shape[-1] > 1 and np.array_equal(rdms, rdms.T) and not rdms.diagonal().any()
    if rdms.ndim > 2 or square:
        raise ValueError(
            f"{name} have shape {rdms.shape}, which looks like square matrices: "
            "pass rows of pairs, scipy.spatial.distance.squareform(matrix)"
        )
    if len(rdms) == 0:
        raise ValueError(f"{name} hold no RDM")
    count_stimuli(name, rdms.shape[1])
    return rdms


def count_stimuli(name: str, n_pairs: int) -> int:
    """The n of n (n - 1) / 2 pairs."""
    n_stimuli = round(np.sqrt(2 * n_pairs + 0.25) + 0.5)
    if n_pairs == 0 or n_stimuli * (n_stimuli - 1) != 2 * n_pairs:
        raise ValueError(
            f"{name} have {n_pairs} pairs, which is not n (n - 1) / 2 for any number of stimuli: "
            "pass rows as `scipy.spatial.distance.squareform` makes them from square matrices"
        )
    return n_stimuli


def _unit_rows(name: str, rows: np.ndarray, centred: bool) -> np.ndarray:
    """Rows scaled to length 1, after their mean was taken away if `centred`.

    A product of such rows is a correlation, or a cosine. Rows for which it is undefined are refused.
    """
    rows, spread, flat = _spread(rows, centred)
    if flat.any():
        state, score = ("constant", "correlation") if centred else ("all zero", "cosine")
        raise ValueError(
            f"{name}: row {flat.argmax()} is {state} ({flat.sum()} such rows), "
            f"which leaves its {score} undefined: leave it out"
        )
    return rows / spread


def _spread(rows: np.ndarray, centred: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, centred if so wanted, their lengths (n, 1), and which rows (n,) have none but for rounding."""
    length = np.linalg.norm(rows, axis=1)
    rows = rows - rows.mean(axis=1, keepdims=True) if centred else rows
    spread = np.linalg.norm(rows, axis=1)
    return rows, spread[:, None], spread <= ROUNDING * length


def same_stimuli(models: np.ndarray, subjects: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both sides as checked rows of equally many pairs.

    Each side comes as (n_pairs,) or (n_rdms, n_pairs), and leaves as (n_rdms, n_pairs).
    """
    models, subjects = condensed("models", models), condensed("subjects", subjects)
    if models.shape[1] != subjects.shape[1]:
        raise ValueError(
            f"models have {models.shape[1]} pairs and subjects {subjects.shape[1]}: "
            "make both RDMs from the same stimuli in the same order"
        )
    return models, subjects


def standardised(name: str, rdms: np.ndarray, method: str) -> np.ndarray:
    """RDMs in the form in which `method` takes their products, each of length 1.

    RDMs are (n_rdms, n_pairs); so is the result, but for "whitened": (n_rdms, n_stimuli ** 2).
    """
    return _unit_rows(name, _prepared(rdms, method), method in CENTRED)


def undefined(rdms: np.ndarray, method: str) -> np.ndarray:
    """Which RDMs (n_rdms,) `standardised` would refuse: constant, or all zero, for this method.

    RDMs are (n_rdms, n_pairs).
    """
    return _spread(_prepared(rdms, method), method in CENTRED)[2]


def _prepared(rdms: np.ndarray, method: str) -> np.ndarray:
    if method == "whitened":
        return np.stack([_double_centred(row).ravel() for row in rdms])
    return rankdata(rdms, axis=1) if method in ("spearman", "tau-a") else rdms


def _double_centred(row: np.ndarray) -> np.ndarray:
    square = squareform(row)
    mean = square.mean(axis=0)
    return square - mean - mean[:, None] + mean.mean()


def checked_draws(draws: np.ndarray, n_pairs: int) -> np.ndarray:
    """Counts (n_samples, n_stimuli) that fit RDMs of so many pairs."""
    draws, n_stimuli = finite_array("draws", draws), count_stimuli("rdms", n_pairs)
    if draws.ndim != 2 or draws.shape[1] != n_stimuli or (draws < 0).any():
        raise ValueError(
            f"draws of shape {draws.shape} are not counts of {n_stimuli} stimuli: "
            "pass the (n_samples, n_stimuli) of `draw_stimuli`"
        )
    poor = np.flatnonzero((draws > 0).sum(axis=1) < LEAST_STIMULI)
    if len(poor):
        raise ValueError(
            f"draws: sample {poor[0]} holds fewer than {LEAST_STIMULI} different stimuli "
            f"({len(poor)} such samples): leave it out, or draw with `draw_stimuli`"
        )
    return draws


def one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    """Raise a `ValueError` that lists the choices."""
    if value not in allowed:
        raise ValueError(f"unknown {name} {value!r}: choose from {', '.join(allowed)}")
