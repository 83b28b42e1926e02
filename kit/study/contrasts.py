"""Systems against each other: intervals and differences over observers and identities.

The paper fits Bayesian mixed models, identities within participants. Here observers and identities are
crossed, as all observers met the same identities: see `kit.analysis.crossed`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from kit.analysis.statistics import crossed_interval, holm

FEW = 10  # identities below which nothing is said about other identities
ROUNDING = 1e-12  # share of the largest score below which a difference is rounding


@dataclass(frozen=True)
class Cells:
    """One score of each system in every cell of a crossed table, averaged over folds.

    Attributes
    ----------
    names : list of str
        Systems.
    values : array of shape (n_observers, n_identities, n_systems)
        Where observers rated different series, (n_observers, 1, n_systems); for one observer and one series,
        (1, n_folds, n_systems).
    observers, units : list of str
        Names along the first and the second axis.
    speaks_for : str
        What an interval over these cells does and does not speak for: a sentence for the report.
    """

    names: list[str]
    values: np.ndarray
    observers: list[str]
    units: list[str]
    speaks_for: str

    def of(self, names: str | list[str]) -> np.ndarray:
        """Scores of one system (n_observers, n_identities), or of several (n_observers, n_identities, n)."""
        if isinstance(names, str):
            return self.values[:, :, self.names.index(names)]
        return self.values[:, :, [self.names.index(name) for name in names]]


def cells(scores: pd.DataFrame, column: str) -> Cells:
    """Average a score over folds and put it into cells of observers and identities.

    Parameters
    ----------
    scores : DataFrame
        With columns observer, series, space, fold and `column`, as `Results.main_scores()` returns it.
    column : str

    Raises
    ------
    ValueError
        If a system lacks scores that another has, or there is one fold of one observer.
    """
    wide = scores.pivot_table(index=["observer", "series", "fold"], columns="space", values=column, sort=False)
    if wide.isna().any(axis=None):
        lacking = wide.columns[wide.isna().any()][0]
        where = wide.index[wide[lacking].isna()][0]
        raise ValueError(f"{lacking} has no {column} for {where[0]}, {where[1]}, fold {where[2]}: compare systems "
                         "that were scored on the same answers")  # fmt: skip
    means = wide.groupby(level=["observer", "series"], sort=False).mean()
    observers, series = (list(means.index.unique(level)) for level in ("observer", "series"))
    complete = len(means) == len(observers) * len(series)
    if len(means) == 1:
        values, units = wide.to_numpy()[None], [f"fold {fold}" for fold in wide.index.get_level_values("fold")]
    elif complete:
        values = means.to_numpy().reshape(len(observers), len(series), -1)
        units = series
    else:
        values, units = means.groupby(level="observer", sort=False).mean().to_numpy()[:, None], ["own series"]
    return Cells(list(wide.columns), values, observers, units, _speaks_for(len(observers), len(series), complete))


def _speaks_for(observers: int, series: int, complete: bool) -> str:
    if observers == 1 and series == 1:
        return (
            "One observer and one identity: the intervals are over this observer's folds. They speak for more trials "
            "of the same observer with the same identity, not for other observers or identities."
        )
    if observers == 1:
        return (
            f"One observer: the intervals are over {series} series of faces. They speak for this observer only, and "
            "not for other observers."
        )
    if not complete:
        return (
            f"The observers rated different series, so each observer's scores are averaged first and the intervals "
            f"are over {observers} observers. They speak for other observers who meet such series; how much the "
            "identities matter cannot be told apart from the observers."
        )
    if series == 1:
        return (
            f"One identity: the intervals are over {observers} observers. They speak for other observers with this "
            "identity, and not for other identities."
        )
    few = f", but {series} identities are few: no conclusion about other identities should be drawn from them alone"
    return (
        f"The intervals are over {observers} observers crossed with {series} identities, the same ones for everybody. "
        f"They allow for other observers and other identities{few if series < FEW else ''}."
    )


def interval(scores: pd.DataFrame, column: str) -> pd.DataFrame:
    """Mean score of each system with its 95 % interval: index space, columns mean, low, high."""
    table = cells(scores, column)
    found = crossed_interval(table.values)
    index = pd.Index(table.names, name="space")
    return pd.DataFrame({"mean": found.mean, "low": found.low, "high": found.high}, index=index)


def differences(scores: pd.DataFrame, column: str) -> pd.DataFrame:
    """How much more each system scores than each other one.

    Returns
    -------
    DataFrame with columns a, b, mean, low, high, p, p_holm
        A row a pair; the mean is that of a minus b, with its 95 % interval; p_holm is adjusted over all pairs.
    """
    table = cells(scores, column)
    pairs = list(combinations(range(len(table.names)), 2))
    first, second = (np.array(side, dtype=int) for side in (zip(*pairs, strict=True) if pairs else ((), ())))
    found = crossed_interval(_differ(table.values[..., first], table.values[..., second]))
    named = {"a": [table.names[k] for k in first], "b": [table.names[k] for k in second]}
    numbers = {"mean": found.mean, "low": found.low, "high": found.high, "p": found.p, "p_holm": holm(found.p)}
    return pd.DataFrame(named | numbers)


def _differ(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """First minus second, exactly 0 where both are the same but for rounding."""
    away, size = first - second, np.maximum(np.abs(first), np.abs(second))
    return np.where(np.abs(away) <= ROUNDING * size.max(axis=(0, 1)), 0.0, away)
