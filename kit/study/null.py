"""How often chance alone would do as well: circularly shifted ratings, fitted like the real ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kit.analysis import encoding, information
from kit.analysis.statistics import circular_shifts

from .panels import Answers

EXPONENTS = tuple(range(-12, 13, 4))  # a coarse grid, for real and shifted ratings alike
LEVEL = 0.95


def shifted(spaces: Mapping[str, np.ndarray], answers: Answers, shifts: int, seed: int = 0) -> pd.DataFrame:
    """Information of real and of shifted ratings, fitted alike, in every fold.

    Spaces are (6 * length, d), of all faces of the series.

    Returns
    -------
    DataFrame with columns space, fold, mi, chance, threshold, significant
        `chance` is the mean of the fold's own null, `threshold` its 95th percentile. Empty if there are too few trials
        to shift them across two blocks.
    """
    try:
        moved = circular_shifts(answers.rating, shifts, answers.folds, seed)
    except ValueError:  # a short session: no shift is far enough
        return pd.DataFrame(columns=["space", "fold", "mi", "chance", "threshold", "significant"])
    ratings = np.column_stack([answers.rating, moved]).astype(float)
    tables = [
        _one_space(values[answers.chosen], ratings, answers.folds).assign(space=n) for n, values in spaces.items()
    ]
    return pd.concat(tables, ignore_index=True)


def _one_space(features: np.ndarray, ratings: np.ndarray, folds: int) -> pd.DataFrame:
    varying = features[:, np.ptp(features, axis=0) > 0]
    fitted = encoding.nested_ridge(varying, ratings, folds, EXPONENTS)
    bits = fitted.per_fold(lambda rated, predicted: _bits(predicted, rated), ratings)
    threshold = np.quantile(bits[:, 1:], LEVEL, axis=1, method="higher")
    mi, chance = bits[:, 0], bits[:, 1:].mean(axis=1)
    return pd.DataFrame(
        {"fold": np.arange(folds), "mi": mi, "chance": chance, "threshold": threshold, "significant": mi > threshold}
    )


def _bits(predictions: np.ndarray, ratings: np.ndarray) -> np.ndarray:
    return information.binned_mi(predictions, ratings.astype(int))
