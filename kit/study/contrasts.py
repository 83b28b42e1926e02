"""Systems against each other: intervals and differences by a hierarchical bootstrap.

The paper fits Bayesian mixed models; here participants, then identities, then folds are drawn with
replacement. Both say how sure one can be that another sample of people would give the same order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kit.analysis.statistics import hierarchical_bootstrap

SAMPLES = 2000
INTERVAL = (2.5, 97.5)


@dataclass(frozen=True)
class Bootstrap:
    """Resampled mean scores of several systems.

    Attributes
    ----------
    names : list of str
    samples : array of shape (n_samples, n_systems)
        Columns share their draws, so that differences are paired.
    levels : tuple of str
        What was drawn, outermost first.
    """

    names: list[str]
    samples: np.ndarray
    levels: tuple[str, ...]

    def interval(self) -> pd.DataFrame:
        """Mean and 95 % interval of each system."""
        low, high = np.percentile(self.samples, INTERVAL, axis=0)
        return pd.DataFrame({"mean": self.samples.mean(axis=0), "low": low, "high": high}, index=self.names)

    def larger(self) -> pd.DataFrame:
        """Share of samples in which the system of the row scores higher than that of the column."""
        share = np.mean(self.samples[:, :, None] > self.samples[:, None, :], axis=0)
        return pd.DataFrame(share, index=self.names, columns=self.names)


def bootstrap(scores: pd.DataFrame, column: str, samples: int = SAMPLES, seed: int = 0) -> Bootstrap:
    """Resample one score of the linear models of all spaces.

    Parameters
    ----------
    scores : DataFrame
        With columns observer, series, space, fold and `column`, as a comparison returns it.
    column : str

    Notes
    -----
    Where observers rated different numbers of series (imported data), each observer's scores are averaged
    first, and observers alone are drawn; with one observer, folds.
    """
    wide = scores.pivot_table(index=["observer", "series", "fold"], columns="space", values=column, sort=False)
    names, levels = list(wide.columns), ("observer", "series", "fold")
    counts = [wide.index.get_level_values(level).nunique() for level in levels]
    if len(wide) != np.prod(counts):  # not every observer rated every series
        wide = wide.groupby("observer", sort=False).mean()
        counts, levels = [len(wide)], ("observer",)
    values = wide.to_numpy().reshape(*counts, len(names))
    drawn = hierarchical_bootstrap(values, len(counts), samples, np.random.default_rng(seed))
    return Bootstrap(names, drawn, tuple(level for level, count in zip(levels, counts) if count > 1))
