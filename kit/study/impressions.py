"""What people read into faces: mean impressions of the One Million Impressions data, as targets for spaces.

Impressions are what raters believe, not what the depicted people are; a space that predicts them predicts prejudice.

References
----------
Peterson et al. (2022), PNAS 119(17):e2115228119 (github.com/jcpeterson/omi).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from kit.analysis.rsa import RDMs, named_rdms


def read_impressions(path: Path | str) -> pd.DataFrame:
    """Mean impressions from attribute_means.csv: a row for each picture, a column for each attribute, 0 to 100.

    Raises
    ------
    ValueError
        If it is no such table, or a mean lies outside; which row and column.
    """
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    if "stimulus" not in table:
        raise ValueError(f"{path} has no column 'stimulus': it holds {', '.join(table.columns[:8])}")
    table = table.set_index("stimulus").apply(pd.to_numeric, errors="coerce")
    wrong = table.isna() | (table < 0) | (table > 100)
    if wrong.to_numpy().any():
        row, column = wrong.stack()[lambda w: w].index[0]
        raise ValueError(f"{path}: {column} of picture {row} is {table.loc[row, column]}; means are from 0 to 100")
    return table


def impression_rdms(table: pd.DataFrame, attributes: Sequence[str]) -> RDMs:
    """One RDM for each attribute: the difference of the mean impressions of two pictures."""
    if unknown := [name for name in attributes if name not in table]:
        raise ValueError(f"there is no attribute {unknown[0]!r}; there are {', '.join(table.columns)}")
    patterns = {name: table[[name]].to_numpy() for name in attributes}
    return named_rdms(patterns, list(table.index), "euclidean")


def perceived_sex(table: pd.DataFrame) -> pd.Series:
    """Categories for scores within category: "male" where the mean impression of gender is above 50."""
    return table["gender"].gt(50).map({True: "male", False: "female"}).rename("perceived sex")
