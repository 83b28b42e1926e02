"""How much noise hides a person in what is released: differential privacy.

A release is (epsilon, delta)-differentially private if, whoever a person is exchanged for, every outcome stays about
as probable: at most exp(epsilon) times, but for delta (Dwork & Roth, 2014, Foundations and Trends in Theoretical
Computer Science 9:211, doi 10.1561/0400000042).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import log_ndtr
from scipy.stats import norm


def clip(recordings: np.ndarray, bound: float) -> np.ndarray:
    """Recordings (n, d), those longer than `bound` shortened to it: without a bound no noise hides anybody."""
    lengths = np.linalg.norm(recordings, axis=1, keepdims=True)
    return recordings * np.minimum(1, bound / np.maximum(lengths, 1e-300))


def noise_scale(epsilon: float, delta: float, sensitivity: float) -> float:
    """Smallest standard deviation of Gaussian noise that makes a release (epsilon, delta)-private.

    Parameters
    ----------
    epsilon, delta : float
        Above 0; delta below 1.
    sensitivity : float
        Greatest distance (Euclidean) by which the released numbers change if one person is exchanged.

    References
    ----------
    Balle & Wang (2018), ICML 80:394, arXiv 1805.06530, theorem 8: valid for every epsilon, where the usual
    sqrt(2 log(1.25 / delta)) / epsilon is only for epsilon < 1.
    """
    if not (epsilon > 0 and 0 < delta < 1 and sensitivity > 0):
        raise ValueError(f"epsilon={epsilon}, delta={delta}, sensitivity={sensitivity}: all above 0, delta below 1")
    low, high = 1e-3, 1.0
    while leak(high, epsilon) > delta:
        high *= 2
    return sensitivity * brentq(lambda scale: leak(scale, epsilon) - delta, low, high, xtol=1e-12)


def leak(scale: float, epsilon: float) -> float:
    """The delta that noise of a scale, for sensitivity 1, has at an epsilon."""
    half, shift = 1 / (2 * scale), epsilon * scale
    return float(norm.cdf(half - shift) - np.exp(epsilon + log_ndtr(-half - shift)))


def privatise(
    recordings: np.ndarray, epsilon: float, delta: float, bound: float, rng: int | np.random.Generator
) -> np.ndarray:
    """Each person's recording, clipped and noised before it leaves the room (*local* privacy).

    Parameters
    ----------
    recordings : array of shape (n_people, n_features)
    epsilon, delta : float
        What is promised to each person, for this one release; a second release costs as much again.
    bound : float
        Longest recording that is let through; two of them differ by at most twice that.
    rng : int or Generator
    """
    scale = noise_scale(epsilon, delta, 2 * bound)
    return clip(recordings, bound) + np.random.default_rng(rng).normal(scale=scale, size=np.shape(recordings))


def private_mean(
    recordings: np.ndarray, epsilon: float, delta: float, bound: float, rng: int | np.random.Generator
) -> np.ndarray:
    """The mean over people alone, noised once by somebody who is trusted with the rest (*central* privacy).

    Recordings are (n_people, n_features), the mean is (n_features,). Arguments as in `privatise`; one of n people
    moves the mean by at most 2 bound / n.
    """
    scale = noise_scale(epsilon, delta, 2 * bound / len(recordings))
    return clip(recordings, bound).mean(axis=0) + np.random.default_rng(rng).normal(
        scale=scale, size=recordings.shape[1]
    )


def most_identified(epsilon: float, delta: float, people: int) -> float:
    """No attacker, however clever, names more than this share rightly, if all were equally likely beforehand.

    From the definition: each person's outcome is at most exp(epsilon) times as probable, plus delta, under any other.
    """
    return min(1.0, float(np.exp(min(epsilon, 700.0))) / people + delta)
