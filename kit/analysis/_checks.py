"""Checks of arrays that come from outside: what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def finite_array(name: str, values: np.ndarray) -> np.ndarray:
    """Values as float64, or a `ValueError` that names the first entry that is nan or infinite."""
    values = np.asarray(values, dtype=np.float64)
    finite = np.isfinite(values)
    if not finite.all():
        broken = np.argwhere(~finite)
        where = ", ".join(map(str, broken[0]))
        raise ValueError(
            f"{name}[{where}] is {values[tuple(broken[0])]} ({len(broken)} such entries): "
            "drop or repair these trials first"
        )
    return values


def refuse_constant(name: str, columns: np.ndarray) -> None:
    """Raise a `ValueError` that names the first constant column of an array (n_trials, n_columns)."""
    constant = np.flatnonzero(np.ptp(columns, axis=0) == 0)
    if len(constant):
        first = constant[0]
        raise ValueError(
            f"{name}: column {first} is constant ({columns[0, first]:g} on all {len(columns)} trials; "
            f"{len(constant)} such columns): it has no order and no variance, drop it first"
        )


def check_features(name: str, features: np.ndarray, n_trials: int) -> np.ndarray:
    """Features as float64 (n_trials, n_features), finite and none of them constant."""
    if np.ndim(features) != 2:
        raise ValueError(f"{name} have shape {np.shape(features)}: expected (n_trials, n_features)")
    if len(features) != n_trials:
        raise ValueError(f"{len(features)} rows of {name} but {n_trials} ratings: pass one row a trial, in trial order")
    features = finite_array(name, features)
    refuse_constant(name, features)
    return features


def check_ratings(ratings: np.ndarray, folds: int) -> np.ndarray:
    """Ratings as (n_trials, n_targets), such that tau is defined in every fold."""
    ratings = finite_array("ratings", ratings)
    if ratings.ndim not in (1, 2):
        raise ValueError(f"ratings have shape {ratings.shape}: expected (n_trials,) or (n_trials, n_targets)")
    ratings = ratings.reshape(len(ratings), -1)
    check_folds(len(ratings), folds, least=3)
    for part in np.array_split(np.arange(len(ratings)), folds):
        constant = np.flatnonzero(np.ptp(ratings[part], axis=0) == 0)
        if len(constant):
            raise ValueError(
                f"ratings of target {constant[0]} are all {ratings[part[0], constant[0]]:g} in trials "
                f"{part[0]} to {part[-1]}, a fold of its own: Kendall's tau is undefined there. "
                "Use fewer folds, or leave out this target"
            )
    return ratings


def check_folds(n_trials: int, folds: int, least: int) -> None:
    """Raise a `ValueError` if there are fewer folds than `least` or too few trials to fill them."""
    if folds < least:
        raise ValueError(f"folds is {folds}: at least {least} are needed")
    if n_trials < 2 * folds:
        raise ValueError(
            f"{n_trials} trials cannot fill {folds} folds of at least 2 trials each: "
            "use fewer folds or collect more trials"
        )


def check_exponents(exponents: Sequence[float]) -> np.ndarray:
    """Exponents as an increasing array, so that the first of equal scores is the weakest penalty."""
    exponents = finite_array("exponents", exponents)
    if exponents.ndim != 1 or len(exponents) == 0 or np.any(np.diff(exponents) <= 0):
        raise ValueError(f"exponents must be a list of increasing numbers, not {exponents}")
    return exponents
