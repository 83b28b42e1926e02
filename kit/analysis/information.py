"""Mutual information and its decomposition, in bits: between predictions, ratings and features.

The estimators of one family are together here. Binned information is the paper's: ratings merged to three
bins, predictions cut into three equally filled ones. `gcmi` and its relatives serve continuous variables.
Nulls shuffle the ratings; `MaxStatistic` turns the maxima over a map into corrected p-values and
thresholds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import rankdata

from kit.analysis._checks import finite_array
from kit.analysis.copula import (
    as_columns,
    check_lengths,
    copula_normalize,
    gaussian_mi,
    gcmi,
    gcmi_conditional,
    gcmi_discrete,
)
from kit.analysis.gaussian_pid import gaussian_ccs, gaussian_mmi
from kit.analysis.nulls import MaxStatistic, max_statistic, permutations
from kit.analysis.pid import PID, ccs_pid, table_information
from kit.analysis.statistics import circular_shifts

__all__ = [
    "PID",
    "MaxStatistic",
    "binned_mi",
    "binned_pid",
    "ccs_pid",
    "circular_shifts",
    "copula_normalize",
    "cut_equally",
    "discrete_mi",
    "gaussian_ccs",
    "gaussian_mi",
    "gaussian_mmi",
    "gaussian_pid",
    "gcmi",
    "gcmi_conditional",
    "gcmi_discrete",
    "joint_histogram",
    "max_statistic",
    "merge_ratings",
    "permutations",
]

N_BINS = 3
LOWEST, HIGHEST = 1, 6


def merge_ratings(ratings: np.ndarray, n_bins: int = N_BINS) -> np.ndarray:
    """Ratings merged to few bins: the least filled joins its less filled neighbour until `n_bins` are left.

    Only counts and the order of the levels matter, so the trials can come in any order. Of equal bins the
    lower one is merged, of equal neighbours the lower one is joined.

    Parameters
    ----------
    ratings : array of shape (n_trials,)
        Integers 1..6.
    n_bins : int

    Returns
    -------
    array of int, shape (n_trials,)
        Bins 0 ... n_bins - 1, in the order of the ratings.

    Examples
    --------
    >>> merge_ratings(np.array([1, 1, 1, 2, 3, 3, 4, 4, 4, 4, 6]))
    array([0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2])
    """
    ratings = _whole_ratings(ratings)
    levels, codes, counts = np.unique(ratings, return_inverse=True, return_counts=True)
    if len(levels) < n_bins:
        raise ValueError(
            f"ratings use {len(levels)} of the {n_bins} levels that are needed ({levels.tolist()}): "
            "this rater is one-sided, leave these trials out or take more"
        )
    bins, counts = np.arange(len(levels)), counts.tolist()
    while len(counts) > n_bins:
        upper = _upper_of_merge(counts)
        counts[upper - 1 : upper + 1] = [counts[upper - 1] + counts[upper]]
        bins[bins >= upper] -= 1
    return bins[codes]


def _upper_of_merge(counts: list[int]) -> int:
    """Index of the upper of the two neighbouring bins to merge next."""
    least = int(np.argmin(counts))
    if least == 0:
        return 1
    if least == len(counts) - 1:
        return least
    return least if counts[least - 1] <= counts[least + 1] else least + 1


def _whole_ratings(ratings: np.ndarray) -> np.ndarray:
    ratings = finite_array("ratings", ratings)
    if ratings.ndim != 1:
        raise ValueError(f"ratings have shape {ratings.shape}: expected (n_trials,)")
    wrong = (ratings != np.round(ratings)) | (ratings < LOWEST) | (ratings > HIGHEST)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f"ratings must be integers {LOWEST}..{HIGHEST}; row {row} has {ratings[row]:g}: drop or repair it"
        )
    return ratings.astype(int)


def cut_equally(values: np.ndarray, n_bins: int = N_BINS) -> np.ndarray:
    """Columns cut into equally filled bins by their ranks; tied values share a bin whatever their order.

    Parameters
    ----------
    values : array of shape (n_trials,) or (n_trials, n_columns)
    n_bins : int

    Returns
    -------
    array of int, of the same shape
        Bins 0 ... n_bins - 1.
    """
    columns = as_columns(values, "predictions")
    bins = ((rankdata(columns, axis=0) - 0.5) * n_bins / len(columns)).astype(int)
    filled = np.stack([(bins == label).any(axis=0) for label in range(n_bins)])
    if not filled.all():
        raise ValueError(
            f"predictions: column {np.argmin(filled.all(axis=0))} has too many ties or too few trials "
            f"({len(columns)}) to fill {n_bins} bins: use finer predictions or more trials"
        )
    return bins.reshape(np.shape(values))


def joint_histogram(*labels: np.ndarray, n_bins: int = N_BINS) -> np.ndarray:
    """Counts of every combination of binned variables.

    Parameters
    ----------
    *labels : arrays of int, shape (n_trials,)
        Bins 0 ... n_bins - 1 of each variable.
    n_bins : int

    Returns
    -------
    array of int, shape (n_bins,) * number of variables
    """
    check_lengths(**{f"variable {place}": values for place, values in enumerate(labels)})
    shape = (n_bins,) * len(labels)
    return np.bincount(np.ravel_multi_index(labels, shape), minlength=n_bins ** len(labels)).reshape(shape)


def discrete_mi(counts: np.ndarray, bias_correct: bool = True) -> np.ndarray:
    """Mutual information of histograms, minus the Miller–Madow bias (n_x - 1)(n_y - 1) / (2 N ln 2).

    Parameters
    ----------
    counts : array of shape (..., n_x, n_y)
    bias_correct : bool
        The corrected value can be slightly negative; it is not clipped.

    Returns
    -------
    array of shape (...)

    References
    ----------
    Miller (1955), in Quastler (ed.), Information Theory in Psychology; Panzeri & Treves (1996), Network 7:87.
    """
    counts = finite_array("counts", counts)
    total = counts.sum(axis=(-2, -1))
    if (counts < 0).any() or (total == 0).any():
        raise ValueError(
            "counts hold a negative entry or an empty histogram: build them with joint_histogram"
        )
    bias = (counts.shape[-2] - 1) * (counts.shape[-1] - 1) / (2 * total * np.log(2))
    return table_information(counts / total[..., None, None]) - bias * bias_correct


def binned_mi(predictions: np.ndarray, ratings: np.ndarray, bias_correct: bool = True) -> np.ndarray:
    """The paper's score: mutual information of equally cut predictions and merged ratings, three bins each.

    Parameters
    ----------
    predictions : array of shape (n_trials,) or (n_trials, n_models)
    ratings : array of shape (n_trials,)
        Integers 1..6.
    bias_correct : bool

    Returns
    -------
    array of shape () or (n_models,)
    """
    predictions = np.asarray(predictions)
    _check_trials(check_lengths(predictions=predictions, ratings=ratings), N_BINS**2)
    rated, cuts = merge_ratings(ratings), cut_equally(predictions)
    counts = np.array([joint_histogram(cut, rated) for cut in np.atleast_2d(cuts.T)])
    return discrete_mi(counts, bias_correct).reshape(predictions.shape[1:])


def binned_pid(a: np.ndarray, b: np.ndarray, ratings: np.ndarray) -> PID:
    """What two models' predictions share about the ratings: I_ccs on three bins each (see `ccs_pid`).

    Parameters
    ----------
    a, b : arrays of shape (n_trials,) or (n_trials, n_pairs)
        Predictions of the two models (of each pair).
    ratings : array of shape (n_trials,)
        Integers 1..6.
    """
    a, b = np.asarray(a), np.asarray(b)
    _check_trials(check_lengths(a=a, b=b, ratings=ratings), N_BINS**3)
    if a.shape != b.shape:
        raise ValueError(f"a and b must pair up, but have shapes {a.shape} and {b.shape}")
    rated = merge_ratings(ratings)
    pairs = zip(np.atleast_2d(cut_equally(a).T), np.atleast_2d(cut_equally(b).T), strict=True)
    counts = np.array([joint_histogram(one, other, rated) for one, other in pairs])
    return ccs_pid(counts.reshape(*a.shape[1:], *counts.shape[1:]))


def _check_trials(n_trials: int, n_cells: int) -> None:
    if n_trials < n_cells:
        raise ValueError(
            f"{n_trials} trials are too few for a histogram of {n_cells} cells: take more trials"
        )


def gaussian_pid(
    a: np.ndarray, b: np.ndarray, target: np.ndarray, measure: Callable[[np.ndarray], PID] = gaussian_ccs
) -> PID:
    """Gaussian-copula decomposition of what two variables tell about a third; no bias correction.

    Parameters
    ----------
    a, b, target : arrays of shape (n_trials,)
    measure : `gaussian_ccs` or `gaussian_mmi`
    """
    _check_trials(check_lengths(a=a, b=b, target=target), 5)
    scores = [copula_normalize(values, name) for name, values in (("a", a), ("b", b), ("target", target))]
    return measure(np.corrcoef(scores))
