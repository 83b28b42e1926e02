"""Kendall's tau of many columns of predictions with the same ratings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import kendalltau

from kit.compiled import compiled

from ._checks import finite_array, refuse_constant

MIX = np.uint64(0x9E3779B97F4A7C15)  # an odd number near 2^64 / the golden ratio (Knuth 1998, section 6.4)
NO_NUMBER = np.uint64(2**64 - 1)  # the bits of a nan, which no prediction has


@compiled(nogil=True)
def _all_distinct(x, table):
    """Whether no two values are equal; `table` (a power of two, longer than x) is scratch."""
    table[:] = NO_NUMBER
    bits, last = x.view(np.uint64), np.uint64(len(table) - 1)
    for k in range(len(bits)):
        place = (bits[k] * MIX) >> np.uint64(40) & last
        while table[place] != NO_NUMBER:
            if table[place] == bits[k]:
                return False
            place = (place + np.uint64(1)) & last
        table[place] = bits[k]
    return True


@compiled(nogil=True)
def _count_larger(x, starts):
    """Pairs in which the higher rated is larger."""
    larger = 0
    for i in range(len(x)):
        of_one = np.int32(0)  # fits twice as often into a vector register
        for j in range(starts[i]):
            of_one += np.int32(x[i] > x[j])
        larger += of_one
    return larger


@compiled(nogil=True)
def _count_ties(x, starts):
    """Pairs of equal values: those with unequal ratings, and those with equal ones."""
    tied, tied_twice = 0, 0
    for i in range(len(x)):
        for j in range(starts[i]):
            tied += x[i] == x[j]
        for j in range(starts[i], i):
            tied_twice += x[i] == x[j]
    return tied, tied_twice


@compiled(nogil=True)
def _tau_b(predictions, order, starts, tau):
    """Fill `tau` (m, t) from predictions (m, t, n); see `SortedRatings` for `order` and `starts`.

    Comparing all pairs beats sorting the predictions for the hundreds of trials of a block, because the inner
    loop runs in vector registers. Ties are counted where there are any: predictions hardly ever have one.
    """
    n_columns, n_targets, n = predictions.shape
    table = np.empty(2 ** int(np.ceil(np.log2(n)) + 2), np.uint64)
    for t in range(n_targets):
        unequal = starts[t].sum()
        for c in range(n_columns):
            x = predictions[c, t][order[t]] + 0.0  # makes -0 the same bits as 0
            tied, tied_twice = (0, 0) if _all_distinct(x, table) else _count_ties(x, starts[t])
            distinct = n * (n - 1) // 2 - tied - tied_twice
            if distinct > 0 and unequal > 0:
                larger = _count_larger(x, starts[t])
                tau[c, t] = (2 * larger + tied - unequal) / (np.sqrt(distinct) * np.sqrt(unequal))


@dataclass(frozen=True)
class SortedRatings:
    """Ratings sorted once, to be compared with many columns of predictions.

    Attributes
    ----------
    order : int array of shape (n_targets, n_trials)
        The trials of each target in the order of their ratings.
    starts : int array of shape (n_targets, n_trials)
        For each trial in that order, how many have a lower rating: its partners in the pairs that count.
    """

    order: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, ratings: np.ndarray) -> SortedRatings:
        """Sort `ratings`, an array of shape (n_trials, n_targets)."""
        order = np.argsort(ratings.T, axis=1, kind="stable")
        ranked = np.take_along_axis(ratings.T, order, axis=1)
        return cls(order, np.stack([np.searchsorted(row, row) for row in ranked]))

    def tau(self, predictions: np.ndarray) -> np.ndarray:
        """Kendall's tau-b of predictions (n_columns, n_targets, n_trials), nan where undefined."""
        tau = np.full(predictions.shape[:2], np.nan)
        _tau_b(predictions, self.order, self.starts, tau)
        return tau


def kendall_tau(columns: np.ndarray, ratings: np.ndarray) -> np.ndarray:
    """Kendall's tau-b of every column with its ratings.

    tau_b = (C - D) / sqrt((P - T_x) (P - T_y)), with C concordant and D discordant pairs among all
    P = n (n - 1) / 2, and T_x, T_y the pairs tied in either variable. All pairs are compared, so the
    time grows with n^2: a few microseconds for 200 trials; for one pair of columns of many thousands
    of trials `scipy.stats.kendalltau` is faster.

    Parameters
    ----------
    columns : array of shape (n_trials,) or (n_trials, n_columns)
    ratings : array of shape (n_trials,), shared by all columns, or (n_trials, n_columns)

    Returns
    -------
    array of shape (n_columns,); a float if both arguments have one dimension

    Raises
    ------
    ValueError
        If lengths differ, an entry is not finite, or a column is constant (its tau is undefined).

    References
    ----------
    Kendall (1945), Biometrika 33:239-251.
    """
    flat = np.ndim(columns) == np.ndim(ratings) == 1
    columns, ratings = (
        finite_array(name, values).reshape(len(values), -1)
        for name, values in (("columns", columns), ("ratings", ratings))
    )
    if len(columns) != len(ratings) or ratings.shape[1] not in (1, columns.shape[1]):
        raise ValueError(
            f"columns have shape {columns.shape} and ratings {ratings.shape}: pass one row a trial in both, "
            "and one column of ratings or as many as there are columns"
        )
    refuse_constant("columns", columns)
    refuse_constant("ratings", ratings)
    ordered = SortedRatings.of(ratings)
    shared = ratings.shape[1] == 1
    tau = ordered.tau(columns.T[:, None] if shared else columns.T[None]).ravel()
    return tau[0] if flat else tau


def tau_a(x: np.ndarray, y: np.ndarray) -> float:
    """Kendall's tau-a of two arrays of shape (n,): scipy's tau-b with all pairs in the denominator.

    tau_a = (C - D) / P: tied pairs count as neither concordant nor discordant, and are not left out.
    """
    n = len(x)
    tied = [(counts * (counts - 1)).sum() for counts in (np.unique(z, return_counts=True)[1] for z in (x, y))]
    untied = np.prod([1 - ties / (n * (n - 1)) for ties in tied])
    return kendalltau(x, y).statistic * np.sqrt(untied)
