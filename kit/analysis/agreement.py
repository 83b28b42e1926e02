"""How well raters agree with each other and with themselves.

scipy has what is not here: with the columns of `kit.behavior.reliability.retest_pairs`,
`scipy.stats.binomtest(n_same, n, 1 / 6).proportion_ci()` tells how often the same face was chosen again, and
`scipy.stats.pearsonr(first, again).confidence_interval()` how alike it was rated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from kit.chance import Rng

from ._checks import finite_array
from .information import LOWEST, N_BINS, N_LEVELS, discrete_mi, joint_histogram, merge_ratings
from .kendall import kendall_tau
from .statistics import spearman_brown

LEAST = 20  # trials with the same choice below which two raters' ratings are not compared


@dataclass(frozen=True, eq=False)
class Agreement:
    """Agreement of every pair of raters; all arrays are symmetric (n_raters, n_raters), the diagonal is nan.

    Attributes
    ----------
    choice : share of the common trials in which both chose the same face.
    tau : Kendall's tau-b of their ratings in those trials.
    mi : mutual information of these ratings in bits, each merged to three bins, bias corrected.
    n_same : how many trials tau and mi rest on (0 on the diagonal).

    tau and mi are nan for pairs with fewer than 20 such trials or with too few different ratings in them.
    """

    choice: np.ndarray
    tau: np.ndarray
    mi: np.ndarray
    n_same: np.ndarray

    def with_others(self) -> dict[str, np.ndarray]:
        """Each rater's mean agreement with all others (n_raters,): the human baseline of models for that rater."""
        return {name: _mean_known(getattr(self, name)) for name in ("choice", "tau", "mi")}


def pairwise_agreement(choices: np.ndarray, ratings: np.ndarray) -> Agreement:
    """Agreement of choices, and of the ratings of what both chose, for every pair of raters.

    Parameters
    ----------
    choices, ratings : arrays of shape (n_raters, n_trials)
        Of the same panels; nan where a rater did not answer.

    References
    ----------
    Daube et al. (2021), Patterns 2:100348, human-human comparisons.
    """
    choices, ratings = np.asarray(choices, dtype=float), np.asarray(ratings, dtype=float)
    if choices.shape != ratings.shape or choices.ndim != 2 or len(choices) < 2:
        raise ValueError(
            f"choices {choices.shape} and ratings {ratings.shape} must have one shape (n_raters >= 2, n_trials)"
        )
    n = len(choices)
    out = {name: np.full((n, n), np.nan) for name in ("choice", "tau", "mi")}
    n_same = np.zeros((n, n), dtype=int)
    for i, j in zip(*np.triu_indices(n, 1)):
        common = ~np.isnan(ratings[i] + ratings[j] + choices[i] + choices[j])
        same = common & (choices[i] == choices[j])
        n_same[[i, j], [j, i]] = same.sum()
        share = same.sum() / common.sum() if common.any() else np.nan
        for name, value in zip(out, (share, *_alike(ratings[i, same], ratings[j, same]))):
            out[name][[i, j], [j, i]] = value
    return Agreement(**out, n_same=n_same)


def _alike(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """tau and binned information of two raters' ratings, nan where they are undefined."""
    levels = [len(np.unique(ratings)) for ratings in (a, b)]
    tau = kendall_tau(a, b) if len(a) >= LEAST and min(levels) > 1 else np.nan
    if len(a) < LEAST or min(levels) < N_BINS:
        return tau, np.nan
    return tau, float(discrete_mi(joint_histogram(merge_ratings(a), merge_ratings(b))))


def _mean_known(pairs: np.ndarray) -> np.ndarray:
    """Mean of each row without nan; nan where nothing is known."""
    known = ~np.isnan(pairs)
    return np.divide(np.nansum(pairs, axis=1), known.sum(axis=1), out=np.full(len(pairs), np.nan), where=known.any(1))


def map_reliability(
    fit: Callable[[np.ndarray, np.ndarray], np.ndarray],
    features: np.ndarray,
    ratings: np.ndarray,
    n_splits: int = 50,
    rng: Rng = 0,
) -> float:
    """Whether the features found in one half of one rater's trials return in the other half.

    Trials are split at random, a map is fitted to each half, the maps' Pearson correlations are averaged
    over splits and corrected to all trials by Spearman–Brown. It says that a map is *reproducible*, not that
    it is right: two halves share every bias of the stimuli, and correlated features raise it.

    Parameters
    ----------
    fit : function (features, ratings) -> array of any shape
        For example `lambda features, ratings: robust_regression(features, ratings).slope`.
    features : array of shape (n_trials, ...)
    ratings : array of shape (n_trials,)
    n_splits : int
    rng : seed or Generator

    Returns
    -------
    float
        Can be negative; it is not clipped.
    """
    features, ratings = finite_array("features", features), finite_array("ratings", ratings)
    if len(features) != len(ratings) or len(ratings) < 8:
        raise ValueError(f"{len(features)} rows of features and {len(ratings)} ratings: pass one each of >= 8 trials")
    rng, found = np.random.default_rng(rng), []
    for _ in range(n_splits):
        order = rng.permutation(len(ratings))
        halves = order[: len(order) // 2], order[len(order) // 2 :]
        found.append(np.corrcoef([np.ravel(fit(features[half], ratings[half])) for half in halves])[0, 1])
    return float(spearman_brown(np.mean(found)))


def rating_criteria(ratings: np.ndarray) -> np.ndarray:
    """Criteria between the ratings, in standard deviations of the felt similarity of what was chosen.

    If that felt similarity is Gaussian, criterion k is the z-value of the share of ratings <= k. Half a trial
    is added on both sides, so that a rating that was never given has a finite criterion (Hautus, 1995). Their
    mean is the bias: above 0 a strict rater (low ratings), below 0 a lenient one.

    Parameters
    ----------
    ratings : array of shape (n_trials,), whole numbers 1..6

    Returns
    -------
    array of shape (5,), increasing

    References
    ----------
    Macmillan & Creelman (2005), Detection Theory, chapter 3; Hautus (1995), Behavior Research Methods,
    Instruments, & Computers 27:46.
    """
    ratings = finite_array("ratings", ratings)
    if ratings.ndim != 1 or len(ratings) == 0 or not np.isin(ratings, LOWEST + np.arange(N_LEVELS)).all():
        raise ValueError(f"ratings must be whole numbers {LOWEST}..{LOWEST + N_LEVELS - 1}, of shape (n_trials,)")
    at_most = (ratings[:, None] <= LOWEST + np.arange(N_LEVELS - 1)).sum(axis=0)
    return norm.ppf((at_most + 0.5) / (len(ratings) + 1))
