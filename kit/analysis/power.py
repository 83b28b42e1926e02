"""How many trials it takes to find a feature, by simulated observers who are known to use it.

A feature is found if its correlation with the ratings is beyond what the strongest of all features reaches
when the ratings are shuffled (maximum statistic): over all features together, an observer who uses none of
them has one found with probability alpha.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from kit import blas
from kit.chance import Rng

from ._checks import finite_array
from .nulls import MaxStatistic, permutations


@dataclass(frozen=True, eq=False)
class Power:
    """In which simulated observers which features were found, after how many trials.

    Attributes
    ----------
    sizes : int array of shape (n_sizes,)
        Numbers of trials.
    found : bool array of shape (n_sizes, n_observers, n_features)
    """

    sizes: np.ndarray
    found: np.ndarray

    def curve(self, feature: int | None = None) -> np.ndarray:
        """Share of observers in whom a feature was found, with a 95 % Wilson interval.

        Parameters
        ----------
        feature : int, optional
            By default any feature at all: for observers who use none, the rate of false alarms.

        Returns
        -------
        array of shape (n_sizes, 3)
            Share, lower and upper end; the interval only says how well so many observers tell the share.
        """
        found = self.found.any(axis=2) if feature is None else self.found[:, :, feature]
        tests = [binomtest(int(row.sum()), len(row)) for row in found]
        ends = [test.proportion_ci(method="wilson") for test in tests]
        return np.array([(test.statistic, end.low, end.high) for test, end in zip(tests, ends)])

    def how_many_trials(self, feature: int, power: float = 0.8) -> int | None:
        """The fewest trials of `sizes` from which on the feature is found with this power; None if never."""
        enough = self.curve(feature)[:, 0] >= power
        lasting = np.logical_and.accumulate(enough[::-1])[::-1]
        return int(self.sizes[lasting.argmax()]) if lasting.any() else None


@blas.one_thread()
def power(
    features: np.ndarray,
    ratings: np.ndarray,
    sizes: Sequence[int],
    alpha: float = 0.05,
    n_permutations: int = 199,
    rng: Rng = 0,
) -> Power:
    """Power of the simplest reverse correlation: is a feature of the chosen faces correlated with the ratings?

    Every observer's first trials are analysed as that observer's whole experiment. The result holds for
    observers like the simulated ones, and for nobody else: what weights, noise and lapses they were given is
    the assumption to state.

    Parameters
    ----------
    features : array of shape (n_observers, n_trials, n_features)
        Of the chosen faces, as from `kit.behavior.power.simulate`.
    ratings : array of shape (n_observers, n_trials)
    sizes : increasing numbers of trials, none above n_trials
    alpha : float
        Family-wise error over all features of an observer.
    n_permutations : int
    rng : seed or Generator

    Returns
    -------
    Power
    """
    features, ratings = finite_array("features", features), finite_array("ratings", ratings)
    sizes = np.asarray(sizes)
    if features.ndim != 3 or ratings.shape != features.shape[:2]:
        raise ValueError(
            f"features {features.shape} and ratings {ratings.shape} must be (n_observers, n_trials, n_features) "
            "and (n_observers, n_trials)"
        )
    if sizes.ndim != 1 or len(sizes) == 0 or sizes[0] < 4 or np.any(np.diff(sizes) <= 0) or sizes[-1] > len(ratings[0]):
        raise ValueError(f"sizes must be increasing numbers of trials from 4 to {len(ratings[0])}, not {sizes}")
    rng = np.random.default_rng(rng)
    found = [
        [_found(x[:n], y[:n], permutations(y[:n], n_permutations, rng), alpha) for x, y in zip(features, ratings)]
        for n in sizes
    ]
    return Power(sizes, np.array(found))


def _found(features: np.ndarray, ratings: np.ndarray, shuffled: np.ndarray, alpha: float) -> np.ndarray:
    """Which features (n_features,) correlate with the ratings beyond the maximum over shuffles."""
    if np.ptp(ratings) == 0:
        return np.zeros(features.shape[1], dtype=bool)  # one rating only tells nothing
    unit = features - features.mean(axis=0)
    unit /= np.linalg.norm(unit, axis=0)
    scores = np.column_stack([ratings, shuffled]) - ratings.mean()
    correlations = np.abs(unit.T @ scores) / np.linalg.norm(scores[:, 0])
    return MaxStatistic(correlations[:, 0], correlations[:, 1:].max(axis=0)).significant(alpha)
