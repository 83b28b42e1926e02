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

from ._checks import finite_array
from .copula import as_columns, check_lengths, copula_normalize, gaussian_mi, gcmi, gcmi_conditional, gcmi_discrete
from .gaussian_pid import gaussian_ccs, gaussian_mmi
from .nulls import MaxStatistic, max_statistic, permutations
from .pid import PID, ccs_pid, mmi_pid, table_information
from .statistics import circular_shifts

__all__ = [
    "PID",
    "MaxStatistic",
    "bin_together",
    "binned_mi",
    "binned_pid",
    "ccs_pid",
    "circular_shifts",
    "copula_normalize",
    "copula_pid",
    "cut_equally",
    "discrete_mi",
    "gaussian_ccs",
    "gaussian_mi",
    "gaussian_mmi",
    "gcmi",
    "gcmi_conditional",
    "gcmi_discrete",
    "joint_histogram",
    "max_statistic",
    "merge_ratings",
    "mmi_pid",
    "permutations",
]

N_BINS = 3
LOWEST, N_LEVELS = 1, 6


def merge_ratings(ratings: np.ndarray, n_bins: int = N_BINS) -> np.ndarray:
    """Ratings merged to few bins: the least filled joins its less filled neighbour until `n_bins` are left.

    Only counts and the order of the levels matter, so the trials can come in any order. Of equal bins the
    lower one is merged, of equal neighbours the lower one is joined.

    Parameters
    ----------
    ratings : array of shape (n_trials,) or (n_trials, n_columns)
        Integers 1..6; every column is merged by its own counts.
    n_bins : int

    Returns
    -------
    array of int, of the same shape
        Bins 0 ... n_bins - 1, in the order of the ratings.

    Examples
    --------
    >>> merge_ratings(np.array([1, 1, 1, 2, 3, 3, 4, 4, 4, 4, 6]))
    array([0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2])
    """
    ratings = _whole_ratings(ratings)
    columns = ratings.reshape(len(ratings), -1) - LOWEST
    counts = (columns[..., None] == np.arange(N_LEVELS)).sum(axis=0)
    bins = np.array([_merge_levels(count, n_bins, column) for column, count in enumerate(counts)])
    return np.take_along_axis(bins.T, columns, axis=0).reshape(ratings.shape)


def _merge_levels(counts: np.ndarray, n_bins: int, column: int) -> np.ndarray:
    """Bin of every level, from how often each level was used."""
    used = np.flatnonzero(counts)
    if len(used) < n_bins:
        raise ValueError(
            f"ratings of column {column} use {len(used)} of the {n_bins} levels that are needed "
            f"({(used + LOWEST).tolist()}): they are one-sided, leave these trials out or take more"
        )
    bins, left = np.arange(len(used)), counts[used].tolist()
    while len(left) > n_bins:
        upper = _upper_of_merge(left)
        left[upper - 1 : upper + 1] = [left[upper - 1] + left[upper]]
        bins[bins >= upper] -= 1
    levels = np.zeros(len(counts), dtype=int)
    levels[used] = bins
    return levels


def _upper_of_merge(counts: list[int]) -> int:
    """Index of the upper of the two neighbouring bins to merge next."""
    least = counts.index(min(counts))
    if least == 0:
        return 1
    if least == len(counts) - 1:
        return least
    return least if counts[least - 1] <= counts[least + 1] else least + 1


def _whole_ratings(ratings: np.ndarray) -> np.ndarray:
    ratings = finite_array("ratings", ratings)
    if ratings.ndim not in (1, 2):
        raise ValueError(f"ratings have shape {ratings.shape}: expected (n_trials,) or (n_trials, n_columns)")
    wrong = np.argwhere((ratings % 1 != 0) | (ratings < LOWEST) | (ratings >= LOWEST + N_LEVELS))
    if len(wrong):
        raise ValueError(
            f"ratings must be integers {LOWEST}..{LOWEST + N_LEVELS - 1}; row {wrong[0, 0]} has "
            f"{ratings[tuple(wrong[0])]:g}: drop or repair it"
        )
    return ratings.astype(int)


def cut_equally(values: np.ndarray, name: str = "predictions", n_bins: int = N_BINS) -> np.ndarray:
    """Columns cut into equally filled bins by their ranks; tied values share a bin whatever their order.

    Parameters
    ----------
    values : array of shape (n_trials,) or (n_trials, n_columns)
    name : str
        What the error messages call the values.
    n_bins : int

    Returns
    -------
    array of int, of the same shape
        Bins 0 ... n_bins - 1.
    """
    columns = as_columns(values, name)
    bins = ((rankdata(columns, axis=0) - 0.5) * n_bins / len(columns)).astype(int)
    filled = np.stack([(bins == label).any(axis=0) for label in range(n_bins)])
    if not filled.all():
        raise ValueError(
            f"{name}: column {np.argmin(filled.all(axis=0))} has too many ties or too few trials "
            f"({len(columns)}) to fill {n_bins} bins: use finer predictions or more trials"
        )
    return bins.reshape(np.shape(values))


def joint_histogram(*labels: np.ndarray, n_bins: int = N_BINS) -> np.ndarray:
    """Counts of every combination of binned variables.

    Parameters
    ----------
    *labels : arrays of int, shape (n_trials,) or (n_trials, n_columns)
        Bins 0 ... n_bins - 1 of each variable.
    n_bins : int

    Returns
    -------
    array of int, shape (n_bins, ...) or (n_columns, n_bins, ...)
        An axis of bins for every variable.
    """
    check_lengths(**{f"variable {place}": values for place, values in enumerate(labels)})
    cells = np.ravel_multi_index(labels, (n_bins,) * len(labels))
    n_cells, columns = n_bins ** len(labels), cells.reshape(len(cells), -1)
    offset = n_cells * np.arange(columns.shape[1])
    counts = np.bincount((columns + offset).ravel(), minlength=n_cells * columns.shape[1])
    return counts.reshape(*cells.shape[1:], *(n_bins,) * len(labels))


def discrete_mi(counts: np.ndarray, bias_correct: bool = True) -> np.ndarray:
    """Mutual information of histograms, minus the Miller–Madow bias (n_x - 1)(n_y - 1) / (2 N ln 2).

    Some bias is left where trials are few: of noise in three bins each .006 bits at 40 trials, .001 at 90, .0002 at 200
    (the exact expectation of tables with these margins).

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
        raise ValueError("counts hold a negative entry or an empty histogram: build them with joint_histogram")
    bias = (counts.shape[-2] - 1) * (counts.shape[-1] - 1) / (2 * total * np.log(2))
    return table_information(counts / total[..., None, None]) - bias * bias_correct


def binned_mi(predictions: np.ndarray, ratings: np.ndarray, bias_correct: bool = True) -> np.ndarray:
    """The paper's score: mutual information of equally cut predictions and merged ratings, three bins each.

    Parameters
    ----------
    predictions : array of shape (n_trials,) or (n_trials, n_models)
    ratings : array of shape (n_trials,) or (n_trials, n_models)
        Integers 1..6, for all models or (as for shuffled ratings) for each.
    bias_correct : bool

    Returns
    -------
    array of shape () or (n_models,)
    """
    rated, cut = bin_together(ratings, predictions=predictions)
    return discrete_mi(joint_histogram(cut, rated), bias_correct)


def binned_pid(a: np.ndarray, b: np.ndarray, ratings: np.ndarray) -> PID:
    """What two models' predictions share about the ratings: I_ccs on three bins each (see `ccs_pid`).

    Parameters
    ----------
    a, b : arrays of shape (n_trials,) or (n_trials, n_pairs)
        Predictions of the two models (of each pair).
    ratings : array of shape (n_trials,) or (n_trials, n_pairs)
        Integers 1..6.
    """
    rated, cut_a, cut_b = bin_together(ratings, a=a, b=b)
    return ccs_pid(joint_histogram(cut_a, cut_b, rated))


def bin_together(ratings: np.ndarray, **predictions: np.ndarray) -> tuple[np.ndarray, ...]:
    """Merged ratings and equally cut predictions, three bins each, brought to one shape.

    Each is (n_trials,) or (n_trials, n_columns); those with columns have equally many.
    """
    n_trials, n_cells = check_lengths(**predictions, ratings=ratings), N_BINS ** (1 + len(predictions))
    if n_trials < n_cells:
        raise ValueError(f"{n_trials} trials are too few for a histogram of {n_cells} cells: take more trials")
    bins = [merge_ratings(ratings), *(cut_equally(values, name) for name, values in predictions.items())]
    n_columns = {values.shape[1] for values in bins if values.ndim == 2}
    if len(n_columns) > 1:
        raise ValueError(f"predictions and ratings must pair up, but have {sorted(n_columns)} columns")
    if n_columns:
        bins = [values.reshape(n_trials, -1) for values in bins]
    return np.broadcast_arrays(*bins)


def copula_pid(
    a: np.ndarray, b: np.ndarray, target: np.ndarray, measure: Callable[[np.ndarray], PID] = gaussian_ccs
) -> PID:
    """Gaussian-copula decomposition of what two variables tell about a third; no bias correction.

    Parameters
    ----------
    a, b, target : arrays of shape (n_trials,)
    measure : `gaussian_ccs` or `gaussian_mmi`
    """
    check_lengths(a=a, b=b, target=target)
    scores = [copula_normalize(values, name) for name, values in (("a", a), ("b", b), ("target", target))]
    return measure(np.corrcoef(scores))
