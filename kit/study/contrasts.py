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
ENOUGH = 2 / 3  # share of cells that must be there to fill the others
ROUNDING = 1e-12  # share of the largest score below which a difference is rounding


@dataclass(frozen=True)
class Cells:
    """One score of each system in every cell of a crossed table, averaged over folds.

    Attributes
    ----------
    names : list of str
        Systems.
    values : array of shape (n_observers, n_identities, n_systems)
        Where observers met different identities, (n_observers, 1, n_systems), each observer's average; for one
        observer with one identity, (1, n_folds, n_systems).
    observers, units : list of str
        Names along the first and the second axis.
    speaks_for : str
        What an interval over these cells does and does not speak for: sentences for the report.
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
        With columns observer, identity, series, space, fold and `column`, as `Results.main_scores()` returns it.
    column : str

    Raises
    ------
    ValueError
        If there are no scores, a system lacks some that another has, or there is one fold in all.

    Notes
    -----
    A few missing cells are filled by what observer and identity add up to (Yates 1933, Empire Journal of
    Experimental Agriculture 1:129).
    """
    wide = _by_fold(scores, column)
    means = wide.groupby(level=["observer", "identity"], sort=False).mean()
    observers, identities = (list(means.index.unique(level)) for level in ("observer", "identity"))
    counts = len(observers), len(identities)
    names = list(wide.columns)
    if len(means) == 1:
        folds = [f"fold {fold}" for fold in wide.index.get_level_values("fold")]
        return Cells(names, wide.to_numpy()[None], observers, folds, _speaks_for(*counts, 0, True))
    table = means.reindex(pd.MultiIndex.from_product([observers, identities])).to_numpy().reshape(*counts, -1)
    missing = int(np.isnan(table[..., 0]).sum())
    filled = _filled(table)
    if filled is None:
        averages = np.nanmean(table, axis=1, keepdims=True)
        return Cells(names, averages, observers, ["own identities"], _speaks_for(*counts, missing, False))
    return Cells(names, filled, observers, identities, _speaks_for(*counts, missing, True))


def _by_fold(scores: pd.DataFrame, column: str) -> pd.DataFrame:
    """Scores with a row for every fold and a column for every system, none missing."""
    index = ["observer", "identity", "series", "fold"]
    rows, names = pd.MultiIndex.from_frame(scores[index].drop_duplicates()), scores["space"].unique()
    wide = scores.groupby([*index, "space"])[column].mean().unstack("space").reindex(index=rows, columns=names)
    if len(wide) < 2:
        raise ValueError(f"{len(wide)} folds with {column} are too few for an interval: at least 2 are needed")
    holes = np.argwhere(wide.isna().to_numpy())
    if len(holes):
        row, system = holes[0]
        observer, identity, _, fold = wide.index[row]
        raise ValueError(
            f"{wide.columns[system]} has no {column} for {observer}, {identity}, fold {fold}: compare systems that "
            "were scored on the same answers"
        )
    return wide


def _filled(table: np.ndarray) -> np.ndarray | None:
    """Missing cells (nan) as sums of observer and identity; None if too few cells are there to tell these apart."""
    there, (n_o, n_i) = ~np.isnan(table[..., 0]), table.shape[:2]
    design = np.hstack([np.repeat(np.eye(n_o), n_i, axis=0), np.tile(np.eye(n_i), (n_o, 1))])
    known = design[there.ravel()]
    if there.mean() < ENOUGH or np.linalg.matrix_rank(known) < n_o + n_i - 1:
        return None
    effects = np.linalg.lstsq(known, table[there], rcond=None)[0]
    return np.where(there[..., None], table, (design @ effects).reshape(table.shape))


def _speaks_for(observers: int, identities: int, missing: int, crossed: bool) -> str:
    if not crossed:
        return (
            "The observers met different identities, so each observer's scores are averaged first and the intervals "
            f"are over {observers} observers. They speak for other observers who meet such identities; what the "
            "identities contribute cannot be told from what the observers do."
        )
    if observers == 1 and identities == 1:
        return (
            "One observer and one identity: the intervals are over this observer's folds. They speak for more trials "
            "of the same observer with the same identity, not for other observers or identities."
        )
    if observers == 1:
        return (
            f"One observer: the intervals are over {identities} identities. They speak for this observer only, not for "
            "other observers."
        )
    if identities == 1:
        return (
            f"One identity: the intervals are over {observers} observers. They speak for other observers with this "
            "identity, not for other identities."
        )
    gaps = f" {missing} of {observers * identities} cells are missing and were filled by sums of both."
    few = f", but {identities} identities are few: no conclusion about other identities should be drawn from them alone"
    return (
        f"The intervals are over {observers} observers crossed with {identities} identities, the same ones for "
        f"everybody.{gaps if missing else ''} They allow for other observers and other identities"
        f"{few if identities < FEW else ''}."
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
