"""Walk over many features (vertex coordinates, texels, components) in blocks, checked, one row a feature."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from tqdm.auto import tqdm

from ._checks import finite_array
from .copula import check_lengths, copula_normalize

#: Numbers worked on at once; small enough to stay in the processor's cache.
BLOCK = 400_000


def feature_rows(features: np.ndarray, task: str, multiple: int = 1) -> Iterator[tuple[np.ndarray, int]]:
    """Checked blocks of float rows (n_features, n_trials), each with the number of its first feature."""
    flat = features.reshape(len(features), -1)
    size = max(1, BLOCK // (len(flat) * multiple)) * multiple
    for first in tqdm(range(0, flat.shape[1], size), desc=task, delay=1, leave=False):
        rows = np.array(flat[:, first : first + size].T, dtype=float, order="C")
        _check_rows(rows, features, first)
        yield rows, first


def _check_rows(rows: np.ndarray, features: np.ndarray, first: int) -> None:
    broken = ~np.isfinite(rows).all(axis=1)
    if broken.any():
        raise ValueError(f"{place_name(features, first + np.argmax(broken))} is nan or infinite on a trial: drop it")
    constant = rows.min(axis=1) == rows.max(axis=1)
    if constant.any():
        raise ValueError(
            f"{place_name(features, first + np.argmax(constant))} is constant on all trials "
            f"({constant.sum()} such features at least): leave it out, it tells nothing about ratings"
        )


def place_name(features: np.ndarray, number: int) -> str:
    """How to index a feature by its running number, for error messages."""
    return f"features[:, {', '.join(map(str, np.unravel_index(number, features.shape[1:])))}]"


def check_trials(features: np.ndarray, ratings: np.ndarray) -> np.ndarray:
    """Ratings (n_trials,) that are finite, not constant, and as many as the features' trials."""
    ratings = finite_array("ratings", ratings)
    if ratings.ndim != 1:
        raise ValueError(f"ratings have shape {ratings.shape}: expected (n_trials,)")
    if check_lengths(features=features, ratings=ratings) < 10:
        raise ValueError(f"{len(ratings)} trials are too few for a map: at least 10 are needed")
    if np.ptp(ratings) == 0:
        raise ValueError(f"ratings are all {ratings[0]:g}: nothing moves with them, leave these trials out")
    return ratings


def unit_targets(features: np.ndarray, ratings: np.ndarray, shuffled: np.ndarray, ranked: bool = False) -> np.ndarray:
    """The ratings and their shuffles as centred columns of length 1: (n_trials, 1 + n_shuffles)."""
    ratings = check_trials(features, ratings)
    check_lengths(ratings=ratings, shuffled=shuffled)
    columns = np.column_stack([ratings, shuffled]).astype(float)
    columns = copula_normalize(columns, "ratings") if ranked else columns
    columns = columns - columns.mean(axis=0)
    return columns / np.linalg.norm(columns, axis=0)
