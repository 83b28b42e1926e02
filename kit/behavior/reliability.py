"""Can these ratings be trusted? Panels seen twice, observers side by side, and who paid attention.

Tables in, arrays out; what is computed from the arrays is in `kit.analysis.agreement` and
`kit.analysis.statistics`. Three reliabilities answer three questions and are no substitutes:

- **retest** (`retest_pairs`): would *one observer* judge the same panel alike again?
- **split half of raters** (`rating_matrices`, then `kit.analysis.statistics.split_half`): does the *mean rating
  of a class* repeat with other members? They may have rated different trials.
- **split half of trials** (`kit.analysis.agreement.map_reliability`): do the *features* found in one half of an
  observer's trials return in the other?
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from kit.faces.stimuli import PANEL

from ._rows import KEY
from .ratings import validate

SEEN = [name for name in KEY if name not in ("observer", "phase")]  # what makes a panel
CHANCE = 1 / PANEL
FOUND = 0  # in a catch trial the identity stands for face 0 of the panel: this choice is right
ALPHA = 0.05


def retest_pairs(table: pd.DataFrame) -> pd.DataFrame:
    """Both answers to every panel that an observer saw twice; of several retests the first.

    Parameters
    ----------
    table : DataFrame of ratings

    Returns
    -------
    DataFrame
        One row a panel: observer, identity, trial, seed, components, view, then choice and rating of the first
        time and choice_again and rating_again of the retest. The ratings concern the same face only
        where the choices agree.
    """
    table = validate(table)
    key, answers = ["observer", *SEEN], ["choice", "rating"]
    first, again = (table[table["phase"] == phase].drop_duplicates(key)[key + answers] for phase in ("rate", "retest"))
    return first.merge(again, on=key, suffixes=("", "_again"))


@dataclass(frozen=True, eq=False)
class Matrices:
    """Answers of several observers to the same panels.

    Attributes
    ----------
    observers : list of str
    trials : DataFrame of length n_trials
        identity, trial, seed, components and view of each column.
    choices, ratings : arrays of shape (n_observers, n_trials)
        nan where an observer did not see a panel.
    """

    observers: list[str]
    trials: pd.DataFrame
    choices: np.ndarray
    ratings: np.ndarray

    @property
    def complete(self) -> np.ndarray:
        """Columns (n_trials,) that every observer answered."""
        return ~np.isnan(self.ratings).any(axis=0)


def rating_matrices(table: pd.DataFrame) -> Matrices:
    """Rated panels as matrices, observers in rows and panels in columns. Raises ValueError if none is rated."""
    table = validate(table)
    table = table[table["phase"] == "rate"]
    if not len(table):
        raise ValueError("no trial has the phase 'rate': retests and catch trials alone cannot be compared")
    wide = table.pivot(index="observer", columns=SEEN, values=["choice", "rating"]).sort_index(axis=1)
    return Matrices(
        list(wide.index), wide["rating"].columns.to_frame(index=False),
        wide["choice"].to_numpy(float), wide["rating"].to_numpy(float),
    )  # fmt: skip


def screen(table: pd.DataFrame) -> pd.DataFrame:
    """Who paid attention, by the catch trials, in which the identity itself was among the six faces.

    The rule, to be fixed before one looks at any result: an observer is kept who (1) chose the identity more
    often than chance (exact binomial test against 1/6, one-sided, p <= .05) and (2) whose median rating of it
    is above the median of all their other ratings. With fewer than two catch trials nothing can be said (a
    single hit has p = .17): the observer is kept and the reason says so.

    Returns
    -------
    DataFrame, one row an observer (the index)
        n, hits, p, rating_found, rating_usual, kept, reason. Leave out the others with
        `table[table["observer"].map(screened["kept"])]`.
    """
    table = validate(table)
    return pd.DataFrame({name: _screened(rows) for name, rows in table.groupby("observer")}).T.infer_objects()


def _screened(rows: pd.DataFrame) -> dict:
    caught = rows[rows["phase"] == "catch"]
    found = caught[caught["choice"] == FOUND]
    usual = rows.loc[rows["phase"] == "rate", "rating"].median()
    row = {"n": len(caught), "hits": len(found), "p": np.nan, "rating_found": found["rating"].median()}
    if len(caught) < 2:
        told = "no catch trial" if len(caught) == 0 else "a single catch trial"
        return row | {"rating_usual": usual, "kept": True, "reason": f"not screened: {told}"}
    p = binomtest(len(found), len(caught), CHANCE, alternative="greater").pvalue
    if p > ALPHA:
        reason = f"found the identity in {len(found)} of {len(caught)} catch trials, not above chance (p = {p:.2f})"
    elif not row["rating_found"] > usual:
        reason = f"rated the identity {row['rating_found']:g}, not above the usual {usual:g}"
    else:
        reason = ""
    return row | {"p": p, "rating_usual": usual, "kept": not reason, "reason": reason or "passed"}
