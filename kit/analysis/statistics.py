"""Statistics of ratings and scores that scipy does not offer.

scipy has the rest: `scipy.stats.binomtest` (is a share of significant tests above chance?),
`scipy.stats.permutation_test(permutation_type="samples")` (exact sign flips over participants),
`scipy.stats.false_discovery_control`, and `scipy.stats.kendalltau` for one pair of long columns.
Observers who all met the same identities: `crossed_interval` and its relatives (`kit.analysis.crossed`).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata

from kit.chance import Rng

from ._checks import finite_array
from .crossed import Interval, crossed_bootstrap, crossed_interval, crossed_jackknife, holm, over_a_further_factor
from .kendall import kendall_tau

__all__ = [
    "Interval",
    "NoiseCeiling",
    "circular_shifts",
    "crossed_bootstrap",
    "crossed_interval",
    "crossed_jackknife",
    "hierarchical_bootstrap",
    "holm",
    "over_a_further_factor",
    "noise_ceiling",
    "permutation_p",
    "spearman_brown",
    "split_half",
]


ROUNDING = 1e-13
"""A spread that is this small beside the values is none but for rounding."""


def permutation_p(observed: np.ndarray, null: np.ndarray) -> np.ndarray:
    """One-sided permutation p-value, (1 + exceedances) / (1 + n).

    The observed value is one of the equally likely arrangements under the null hypothesis, so p is
    never 0: with n = 100 shuffles the smallest is 1 / 101.

    Parameters
    ----------
    observed : array of shape (...)
        Statistics of the data; large values speak against the null.
    null : array of shape (n_shuffles, ...)
        The same statistics of shuffled data. For a maximum statistic pass (n_shuffles, 1, ...).

    Returns
    -------
    array of shape (...)

    References
    ----------
    Phipson & Smyth (2010), Statistical Applications in Genetics and Molecular Biology 9(1):39.
    """
    observed, null = finite_array("observed", observed), finite_array("null", null)
    if null.ndim == 0 or len(null) == 0:
        raise ValueError("null holds no shuffles: pass an array of shape (n_shuffles, ...)")
    return (1 + (null >= observed).sum(axis=0)) / (1 + len(null))


def circular_shifts(ratings: np.ndarray, n_shifts: int = 100, folds: int = 9, rng: Rng = 0) -> np.ndarray:
    """Ratings shifted along the trials, the end joined to the beginning: a null that keeps slow drifts.

    Shifts are drawn without replacement from those of more than two blocks either way round: 401 to
    1,400 trials for 1,800 trials in 9 blocks. Fit them like ratings, all at once:
    `nested_ridge(features, circular_shifts(ratings))`.

    Parameters
    ----------
    ratings : array of shape (n_trials,)
    n_shifts : int
    folds : int
        Blocks of the cross-validation that the shifts must cross.
    rng : seed or Generator

    Returns
    -------
    array of shape (n_trials, n_shifts)
    """
    ratings = np.asarray(ratings)
    if ratings.ndim != 1:
        raise ValueError(f"ratings have shape {ratings.shape}: shift one target (n_trials,) at a time")
    margin = 2 * -(-len(ratings) // folds)
    allowed = np.arange(margin + 1, len(ratings) - margin + 1)
    if n_shifts > len(allowed):
        raise ValueError(
            f"{len(ratings)} trials in {folds} folds allow {len(allowed)} shifts of more than two blocks, "
            f"not {n_shifts}: lower n_shifts or use more folds"
        )
    shifts = np.random.default_rng(rng).choice(allowed, n_shifts, replace=False)
    return np.column_stack([np.roll(ratings, shift) for shift in shifts])


def hierarchical_bootstrap(scores: np.ndarray, n_levels: int = 3, n_samples: int = 1000, rng: Rng = 0) -> np.ndarray:
    """Bootstrap means of nested scores, resampled level by level.

    Only for units that belong to one unit above them. Identities that all participants met are crossed with
    them, not nested: use `crossed_interval`.

    Each sample draws participants with replacement, then identities within each drawn participant,
    then folds within each drawn identity, and averages. Score all feature spaces along the last axis,
    so that a contrast compares them on the same draws:
    `samples = hierarchical_bootstrap(scores); np.mean(samples[:, 0] > samples[:, 1])`.

    Parameters
    ----------
    scores : array of shape (n_participants, n_identities, n_folds, ...)
        Or any other `n_levels` nested units, the outermost first.
    n_levels : int
        How many leading axes are resampled.
    n_samples : int
    rng : seed or Generator

    Returns
    -------
    array of shape (n_samples, ...)
        Means; their standard deviation is a standard error, their quantiles an interval.

    Notes
    -----
    With n_1, n_2, ... units a level and v_k the mean variance (divisor n_k) of the level's unit means
    round the mean of the unit they belong to, the variance of a sample is exactly
    v_1 / n_1 + v_2 / (n_1 n_2) + v_3 / (n_1 n_2 n_3) + ...
    Unit means already carry the noise of the levels below, which counts again there: the interval is
    wide (conservative) where the lower levels are noisy (Davison & Hinkley, 1997, section 3.8).
    """
    scores = finite_array("scores", scores)
    if not 1 <= n_levels <= scores.ndim or 0 in scores.shape:
        raise ValueError(f"scores of shape {scores.shape} do not hold {n_levels} levels of units")
    rng, counts = np.random.default_rng(rng), np.ones(n_samples, dtype=int)
    for units in scores.shape[:n_levels]:
        # A unit that was drawn k times is resampled k times: its parts are drawn k * units times in all.
        counts = rng.multinomial(counts * units, np.full(units, 1 / units))
    weights = counts.reshape(n_samples, -1) / np.prod(scores.shape[:n_levels])
    return np.tensordot(weights, scores.reshape(weights.shape[1], *scores.shape[n_levels:]), axes=1)


class NoiseCeiling(NamedTuple):
    """What the best possible model could score on each rater; the mean over raters is the usual figure.

    Attributes
    ----------
    lower : array of shape (n_raters,)
        Each rater against the average of the others.
    upper : array of shape (n_raters,)
        Each rater against the average of all, the rater included.
    """

    lower: np.ndarray
    upper: np.ndarray


def noise_ceiling(ratings: np.ndarray, score: Callable[[np.ndarray, np.ndarray], float] = kendall_tau) -> NoiseCeiling:
    """Noise ceiling of ratings that several raters gave to the same trials.

    Averages are taken over ranks within a rater, so that raters who use the whole scale do not
    outweigh the others. The upper bound is the customary approximation: the average of all is the
    best model for squared error of ranks, and nearly so for tau.

    Raters may have rated different trials, a random part of all each: ranks then count in shares of the rater's
    own trials, every trial is averaged over those who rated it, and each rater is scored on the own trials.

    Parameters
    ----------
    ratings : array of shape (n_raters, n_trials)
        nan where a rater did not rate; trials of fewer than two raters are left out, with a warning.
    score : function (predictions, ratings) -> float
        How a model's predictions (n_trials,) are scored against a rater's ratings (n_trials,).

    Returns
    -------
    NoiseCeiling

    References
    ----------
    Nili et al. (2014), PLoS Computational Biology 10(4):e1003553.
    """
    ratings = _raters(ratings)
    rated = ~np.isnan(ratings)
    n_own = rated.sum(axis=1, keepdims=True)
    ranks = (rankdata(ratings, axis=1, nan_policy="omit") - 0.5) * (rated.shape[1] / n_own) + 0.5
    total, raters = np.nansum(ranks, axis=0), rated.sum(axis=0)
    lower, upper = [], []
    for own, rating, where in zip(ranks, ratings, rated, strict=True):
        lower.append(score((total - own)[where] / (raters[where] - 1), rating[where]))
        upper.append(score(total[where] / raters[where], rating[where]))
    return NoiseCeiling(np.array(lower), np.array(upper))


def spearman_brown(correlation: np.ndarray, factor: float = 2.0) -> np.ndarray:
    """Reliability of a measurement `factor` times as long, k r / (1 + (k - 1) r), for correlations r of any shape.

    References
    ----------
    Spearman (1910) and Brown (1910), British Journal of Psychology 3:271-295 and 3:296-322.
    """
    return factor * correlation / (1 + (factor - 1) * correlation)


def split_half(ratings: np.ndarray, n_splits: int = 1000, rng: Rng = 0) -> float:
    """Split-half reliability of the mean rating, corrected to its full length by Spearman–Brown.

    Raters (or repeated sessions of one rater) are split into random halves; the Pearson correlations
    of the halves' mean ratings are averaged over splits, then corrected. With an odd number each split
    leaves one out and the correction reaches from a half to all.

    Raters may have rated different trials: a half's mean is over those of it who rated a trial, the correlation
    over trials that both halves rated, and the correction reaches from the (harmonic) mean number of raters a
    trial within halves to that of all. Raters' own levels stay in the means and count as noise.

    Parameters
    ----------
    ratings : array of shape (n_raters, n_trials)
        nan where a rater did not rate; trials of fewer than two raters are left out, with a warning.
    n_splits : int
    rng : seed or Generator

    Returns
    -------
    float
        Reliability of the mean over all raters. Can be negative; it is not clipped.
    """
    ratings = _raters(ratings)
    n_raters, half = len(ratings), len(ratings) // 2
    places = np.tile(np.arange(n_raters), (n_splits, 1))
    places = np.random.default_rng(rng).permuted(places, axis=1)
    rated = ~np.isnan(ratings)
    known = np.nan_to_num(ratings), rated.astype(float)
    found = [_halves(*known, row < half, (half <= row) & (row < 2 * half)) for row in places]
    found = np.array([pair for pair in found if pair])
    if not len(found):
        raise ValueError("no two halves of the raters share two trials: collect more raters for each trial")
    correlation, share = found.mean(axis=0)
    return float(spearman_brown(correlation, share / np.mean(1 / rated.sum(axis=0))))


def _halves(ratings: np.ndarray, rated: np.ndarray, *halves: np.ndarray) -> tuple[float, float] | None:
    """Correlation of two halves' mean ratings, and the share of a mean that one rating is; None without common trials.

    `ratings` are 0 where `rated` is 0; a half is a bool array (n_raters,).
    """
    raters = [half @ rated for half in halves]
    both = (raters[0] > 0) & (raters[1] > 0)
    if both.sum() < 2:
        return None
    first, second = (_standardised((half @ ratings)[both] / number[both]) for half, number in zip(halves, raters))
    return (first * second).mean(), np.mean([1 / number[both] for number in raters])


def _standardised(row: np.ndarray) -> np.ndarray:
    centred = row - row.mean()
    if centred.std() <= ROUNDING * np.abs(row).max():
        raise ValueError("the mean rating of a half is the same on every trial: its correlation is undefined")
    return centred / centred.std()


def _raters(ratings: np.ndarray) -> np.ndarray:
    """Check a table of at least two raters a trial, none of whom gave one rating only; nan is not rated."""
    ratings = np.asarray(ratings, float)
    missing = np.isnan(ratings)
    finite_array("ratings", np.where(missing, 0, ratings))
    if ratings.ndim != 2 or min(ratings.shape) < 2:
        raise ValueError(f"ratings must have shape (n_raters >= 2, n_trials >= 2), not {ratings.shape}")
    raters = (~missing).sum(axis=0)
    used = raters > 1
    if used.sum() < 2:
        raise ValueError(f"ratings: of {len(used)} trials {used.sum()} have two raters: at least two such are needed")
    if not used.all():
        warnings.warn(
            f"ratings: {(~used).sum()} of {len(used)} trials have fewer than two raters and are left out; "
            f"{used.sum()} are used, of {raters[used].min()} to {raters[used].max()} raters each",
            stacklevel=3,
        )
    ratings, missing = ratings[:, used], missing[:, used]
    low = ratings.min(axis=1, where=~missing, initial=np.inf)
    one_sided = np.flatnonzero(ratings.max(axis=1, where=~missing, initial=-np.inf) <= low)
    if len(one_sided):
        first = one_sided[0]
        gave = f"gave {low[first]:g} on every trial" if np.isfinite(low[first]) else "shares no trial with another"
        raise ValueError(f"ratings: rater {first} {gave}, which holds no information: leave that rater out")
    return ratings
