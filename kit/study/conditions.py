"""Two viewing conditions of one comparison: panels from the front, and with every face turned and lit at random."""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd

from kit.behavior.ratings import validate
from kit.faces.views import FRONTAL, TURNED, VIEWS

from .results import Results


def compared(ratings: pd.DataFrame | None, turned: bool) -> list[str]:
    """Names of the conditions to compare: those that people rated, else frontal; and "turned" if it is asked for."""
    seen = {FRONTAL} if ratings is None else set(_rated(validate(ratings))["view"])
    asked = seen | ({TURNED} if turned else set()) or {FRONTAL}
    return [name for name in VIEWS if name in asked]


def folder_of(results: Path, view: str) -> Path:
    """Where a condition's results are kept: the folder of results itself for the study's own, from the front."""
    return results if view == FRONTAL else results / view


def of_view(ratings: pd.DataFrame, view: str) -> pd.DataFrame:
    """Valid ratings of one viewing condition.

    Warns of rated trials that are left out. Raises ValueError if none are left; the message says how to compare
    those there are.
    """
    table = validate(ratings)
    counts = _rated(table)["view"].value_counts()
    others = ", ".join(f"{count} with view {name!r}" for name, count in counts.items() if name != view)
    if others and view not in counts:
        raise ValueError(f"no rated trial has the view {view!r}; there are {others}: set the design's view to theirs")
    if others:
        warnings.warn(f"left out, as this compares the view {view!r}: {others} (a design of their own)", stacklevel=3)
    return table[table["view"] == view]


def side_by_side(frontal: Results, turned: Results) -> pd.DataFrame:
    """What each system tells about the ratings, and what it shares with shape, in both viewing conditions.

    Parameters
    ----------
    frontal, turned : Results
        Of the same design but for its view.

    Returns
    -------
    DataFrame, a row for each system (the index "system")
        "bits, frontal", "bits, turned", "redundancy, frontal", "redundancy, turned": means over observers,
        identities and folds of the linear models, controls left out; nan where a system was not compared.

    Raises
    ------
    ValueError
        If the results are not of these two conditions in this order.
    """
    found = {FRONTAL: frontal, TURNED: turned}
    for name, results in found.items():
        if results.design.view != name:
            raise ValueError(f"results of the view {results.design.view!r} stand in the place of {name!r}: swap them")
    names = list(dict.fromkeys([*frontal.spaces, *turned.spaces]))
    means = {name: results.main_scores().groupby("space")[["mi", "redundancy"]].mean().reindex(names)
             for name, results in found.items()}  # fmt: skip
    columns = {f"{title}, {name}": means[name][score]
               for title, score in (("bits", "mi"), ("redundancy", "redundancy")) for name in VIEWS}  # fmt: skip
    return pd.DataFrame(columns).rename_axis("system")


def _rated(table: pd.DataFrame) -> pd.DataFrame:
    """Rows that are analysed."""
    return table[table["phase"] == "rate"]
