"""Gaussian-copula information between every place of a face and the ratings, with its null.

References
----------
Ince et al. (2017), Human Brain Mapping 38:1541.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kit import blas

from ._blocks import BLOCK, feature_rows, unit_targets
from .copula import IDENTICAL, bits_of, mi_bias, normal_scores
from .nulls import MaxStatistic


@blas.one_thread()
def information_map(features: np.ndarray, ratings: np.ndarray, shuffled: np.ndarray) -> MaxStatistic:
    """Gaussian-copula information about the ratings at every place, corrected for the number of places.

    As `copula.gcmi(features[:, place], ratings)` for every place and shuffle, in bits with bias
    correction, but the features are ranked once and one matrix product serves every shuffle.

    Parameters
    ----------
    features : array of shape (n_trials, n_places) or (n_trials, n_places, n_dims)
        Components; or the coordinates of vertices, the colours of texels.
    ratings : array of shape (n_trials,)
    shuffled : array of shape (n_trials, n_shuffles)

    Returns
    -------
    MaxStatistic
        `observed` has shape (n_places,).
    """
    features = np.asarray(features)
    n_dims = _n_dims(features)
    targets = unit_targets(features, ratings, shuffled, ranked=True)
    ranked = (
        (normal_scores(rows).reshape(-1, n_dims, len(features)), first // n_dims)
        for rows, first in feature_rows(features, "information map", n_dims)
    )
    return _map_bits(ranked, targets, n_dims)


def normalized_places(features: np.ndarray) -> np.ndarray:
    """Normal scores of the features for `information_of_scores`: rank once, compare with many raters.

    Parameters
    ----------
    features : array of shape (n_trials, n_places) or (n_trials, n_places, n_dims)

    Returns
    -------
    array of shape (n_places, n_dims, n_trials)
    """
    features = np.asarray(features)
    scores = [normal_scores(rows) for rows, _ in feature_rows(features, "ranking")]
    return np.concatenate(scores).reshape(-1, _n_dims(features), len(features))


@blas.one_thread()
def information_of_scores(scores: np.ndarray, ratings: np.ndarray, shuffled: np.ndarray) -> MaxStatistic:
    """`information_map` of features that `normalized_places` has ranked.

    Scores are (n_places, n_dims, n_trials), ratings (n_trials,) and shuffled ratings (n_trials, n_shuffles).
    """
    n_places, n_dims, n_trials = scores.shape
    targets = unit_targets(np.empty(n_trials), ratings, shuffled, ranked=True)
    size = max(1, BLOCK // (n_dims * n_trials))
    blocks = ((scores[first : first + size], first) for first in range(0, n_places, size))
    return _map_bits(blocks, targets, n_dims)


def _map_bits(blocks: Iterable[tuple[np.ndarray, int]], targets: np.ndarray, n_dims: int) -> MaxStatistic:
    """Map and maxima from blocks of normal scores (n_places, n_dims, n_trials) and their first place."""
    observed, null = [], np.zeros(targets.shape[1] - 1)
    for scores, first in blocks:
        squared = _squared_correlations(scores, targets, first)
        observed.append(squared[:, 0])
        null = np.maximum(null, squared[:, 1:].max(axis=0))
    observed = np.concatenate(observed)
    bias = mi_bias(len(targets), n_dims, 1)
    bits = bits_of(observed, f"features[:, {np.argmax(observed)}] and the ratings")
    return MaxStatistic(bits - bias, bits_of(null, "a place and shuffled ratings") - bias)


def _squared_correlations(scores: np.ndarray, targets: np.ndarray, first: int) -> np.ndarray:
    """Squared multiple correlation (n_places, n_targets) of every place with every target.

    The covariance of each place whitens its products with the targets, which are far fewer than its trials.
    """
    n_places, n_dims, n_trials = scores.shape
    products = (scores.reshape(-1, n_trials) @ targets).reshape(n_places, n_dims, -1)
    mean = scores.mean(axis=2)
    scatter = np.einsum("pit,pjt->pij", scores, scores) - n_trials * mean[:, :, None] * mean[:, None, :]
    values, vectors = np.linalg.eigh(scatter)
    singular = values[:, 0] < (1 - IDENTICAL) * values[:, -1]
    if singular.any():
        raise ValueError(
            f"features[:, {first + np.argmax(singular)}]: one dimension is linear in the others "
            f"({singular.sum()} such places at least): drop the place or the dimension"
        )
    whitened = vectors.transpose(0, 2, 1) @ products / np.sqrt(values)[:, :, None]
    return np.einsum("pij,pij->pj", whitened, whitened)


def _n_dims(features: np.ndarray) -> int:
    if features.ndim not in (2, 3):
        raise ValueError(f"features have shape {features.shape}: expected (n_trials, n_places[, n_dims])")
    return 1 if features.ndim == 2 else features.shape[2]
