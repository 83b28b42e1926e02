"""A class as one observer: people who rated too little alone, but together a whole series.

Models of ratings need some hundred trials. Thirty people with sixty panels each have them together: each panel that
one of them rated is a trial of the class. Where several rated the same panel, the class has it in as many rounds.
People differ in how strict they are, which is not about faces; so each person's ratings, whose order is kept, are
brought to the scale of all.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from kit.behavior.ratings import validate

from .panels import SAME_PANELS, answers

CALLED = re.compile(r"(class of \d+ people)(?:, round (\d+))?")
PHASES = ("rate", "retest")  # catch trials hold the identity itself and are compared with nothing


def together(table: pd.DataFrame) -> pd.DataFrame:
    """The ratings as those of a class, if nobody in the table can be scored alone and there are several people.

    Parameters
    ----------
    table : DataFrame of ratings (docs/ratings.md)

    Returns
    -------
    DataFrame
        The same table where somebody can be scored alone; else one of an observer called "class of 30 people".
    """
    table = validate(table)
    people = table["observer"].nunique()
    if people < 2 or any(one.folds for one in answers(table)):
        return table
    rows = table[table["phase"].isin(PHASES)].reset_index(drop=True)
    everybody = rows.loc[rows["phase"] == "rate", "rating"].to_numpy()
    ratings = pd.concat([_on_the_scale_of(everybody, own) for _, own in rows.groupby("observer")])
    rows = rows.assign(rating=ratings, observer=_named(rows, people))
    return rows.drop_duplicates(["observer", "phase", *SAME_PANELS, "trial"])


def class_of(table: pd.DataFrame) -> str:
    """What a class in a table is called, such as "class of 30 people"; "" if there is none."""
    found = [] if table.empty else [CALLED.fullmatch(name) for name in table["observer"].unique()]
    return found[0][1] if found and all(found) else ""


def _on_the_scale_of(everybody: np.ndarray, own: pd.DataFrame) -> pd.Series:
    """One person's ratings by their rank among that person's, as the ratings (n,) of everybody are at that rank."""
    usual = np.sort(own.loc[own["phase"] == "rate", "rating"].to_numpy())
    if not len(usual):
        return own["rating"]
    below, upto = (np.searchsorted(usual, own["rating"], side=side) for side in ("left", "right"))
    rank = (below + upto) / (2 * len(usual))
    return pd.Series(np.quantile(everybody, rank, method="inverted_cdf").astype(int), own.index)


def _named(rows: pd.DataFrame, people: int) -> pd.Series:
    """The class and the round in which each row counts: a retest in that of the same person's first rating."""
    panel = [*SAME_PANELS, "trial"]
    rated = rows[rows["phase"] == "rate"]
    rounds = rated.assign(turn=rated.groupby(panel).cumcount())[["observer", *panel, "turn"]]
    turn = rows[["observer", *panel]].merge(rounds, how="left", on=["observer", *panel])["turn"]
    name = f"class of {people} people"
    named = [name if not once else f"{name}, round {once + 1:g}" for once in turn.fillna(0)]
    return pd.Series(named, rows.index)
