"""Null distributions by shuffled ratings, and the maximum statistic over a map.

`permutations` suit independent trials; `kit.analysis.statistics.circular_shifts` keeps slow drifts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from tqdm.auto import tqdm

from kit.chance import Rng

from .statistics import permutation_p


def permutations(ratings: np.ndarray, n_permutations: int, rng: Rng = 0) -> np.ndarray:
    """Ratings in random order.

    Parameters
    ----------
    ratings : array of shape (n_trials,)
    n_permutations : int
    rng : seed or Generator

    Returns
    -------
    array of shape (n_trials, n_permutations)
    """
    rng = np.random.default_rng(rng)
    return np.column_stack([rng.permutation(ratings) for _ in range(n_permutations)])


@dataclass(frozen=True)
class MaxStatistic:
    """A map of statistics and the maxima of the map over shuffles, which correct for looking everywhere.

    Attributes
    ----------
    observed : array of shape (...)
        Large values speak against the null.
    null : array of shape (n_shuffles,)
        Largest value of the map for every shuffle.

    References
    ----------
    Nichols & Holmes (2002), Human Brain Mapping 15:1.
    """

    observed: np.ndarray
    null: np.ndarray

    @property
    def p(self) -> np.ndarray:
        """Corrected p-values, (1 + exceedances) / (1 + n_shuffles): never 0."""
        return permutation_p(self.observed, self.null.reshape(-1, *[1] * np.ndim(self.observed)))

    def threshold(self, alpha: float = 0.05) -> float:
        """Value that the map must exceed for a corrected p of at most alpha."""
        rank = int(np.floor(alpha * (1 + len(self.null)) + 1e-9))
        if rank < 1:
            raise ValueError(f"{len(self.null)} shuffles cannot reach p <= {alpha}: use at least {1 / alpha - 1:.0f}")
        return float(np.sort(self.null)[-rank])

    def significant(self, alpha: float = 0.05) -> np.ndarray:
        """Where the map exceeds its threshold; over null maps, any place does with probability alpha."""
        return self.observed > self.threshold(alpha)


def max_statistic(
    statistic: Callable[[np.ndarray], np.ndarray], ratings: np.ndarray, shuffled: np.ndarray
) -> MaxStatistic:
    """Maximum-statistic null of any map, one evaluation a shuffle.

    Parameters
    ----------
    statistic : function (ratings of shape (n_trials,)) -> array of shape (...)
    ratings : array of shape (n_trials,)
    shuffled : array of shape (n_trials, n_shuffles)
        From `permutations` or `circular_shifts`.
    """
    shuffles = tqdm(np.transpose(shuffled), desc="shuffles", delay=1, leave=False)
    return MaxStatistic(statistic(ratings), np.array([np.max(statistic(shuffle)) for shuffle in shuffles]))
