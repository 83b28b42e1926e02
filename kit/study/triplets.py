"""Which of three faces is the odd one? Answers of FaceSim3D as dissimilarities of named faces.

References
----------
Hofmann et al. (2024), PsyArXiv, doi:10.31234/osf.io/f62pw (github.com/SHEscher/FaceSim3D).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial.distance import squareform

from kit.analysis.rsa import RDMs
from kit.behavior.human import FaceSimilarity

HEADS = ["head1", "head2", "head3"]
COLUMNS = ["ppid", *HEADS, "head_odd", "catch_head"]


def read_triplets(path: Path | str) -> pd.DataFrame:
    """Answers from a table of trials (...FaceSim.TrialResults.csv), without time-outs and catch trials.

    Returns
    -------
    DataFrame with columns ppid, head1, head2, head3, head_odd

    Raises
    ------
    ValueError
        If a column is missing, or the odd one is none of the three; which row, and what to do.
    """
    table = pd.read_csv(path, dtype=str, keep_default_na=False)  # a participant NA keeps that name
    if missing := [name for name in COLUMNS if name not in table]:
        raise ValueError(f"{path} has no column {missing[0]!r}: it holds {', '.join(table.columns[:12])}")
    numbers = table[COLUMNS[1:]].apply(pd.to_numeric, errors="coerce")
    kept = table.assign(**numbers)[(numbers["head_odd"] > 0) & (numbers["catch_head"].fillna(0) == 0)]
    wrong = kept[~(kept[HEADS].to_numpy() == kept[["head_odd"]].to_numpy()).any(axis=1)]
    if len(wrong):
        raise ValueError(f"{path}, line {wrong.index[0] + 2}: the odd one is none of the three heads")
    return kept[["ppid", *HEADS, "head_odd"]].astype(dict.fromkeys([*HEADS, "head_odd"], int)).reset_index(drop=True)


def dissimilarity(triplets: pd.DataFrame, name: str = "people", least: int = 1) -> RDMs:
    """Share of triplets with two faces in which one of these two was the odd one, for every pair of faces.

    Parameters
    ----------
    triplets : DataFrame
        As `read_triplets` returns it.
    name : str
    least : int
        Fewest answers that a pair must have.

    Raises
    ------
    ValueError
        If some pair of faces was not judged often enough.
    """
    heads, odd = triplets[HEADS].to_numpy(), triplets["head_odd"].to_numpy()
    names, codes = np.unique(heads, return_inverse=True)
    codes, odd = codes.reshape(heads.shape), np.searchsorted(names, odd)
    met, together = (np.zeros((len(names), len(names))) for _ in range(2))
    for one, other in ((0, 1), (0, 2), (1, 2)):
        i, j = codes[:, one], codes[:, other]
        alike = (i != odd) & (j != odd)
        for a, b in ((i, j), (j, i)):
            np.add.at(met, (a, b), 1)
            np.add.at(together, (a, b), alike)
    few = np.argwhere(np.triu(met < least, 1))
    if len(few):
        i, j = few[0]
        raise ValueError(
            f"heads {names[i]} and {names[j]} were judged together {met[i, j]:.0f} times ({len(few)} such pairs): "
            "leave one out, or take more trials"
        )
    share = 1 - together / np.where(met > 0, met, 1)
    np.fill_diagonal(share, 0)
    return RDMs(squareform(share), [f"Head{n}" for n in names], (name,), "share of triplets with one of the two odd")


def halves(triplets: pd.DataFrame, rng: int = 0) -> RDMs:
    """The same from two halves of the participants: how far they agree is how far a model can be expected to."""
    people = np.random.default_rng(rng).permutation(triplets["ppid"].unique())
    first = triplets["ppid"].isin(people[: len(people) // 2])
    one, other = (dissimilarity(triplets[rows], name) for rows, name in ((first, "half 1"), (~first, "half 2")))
    return RDMs(np.vstack([one.values, other.of(one.stimuli).values]), one.stimuli, ("half 1", "half 2"), one.metric)


def named(people: FaceSimilarity, name: str = "people") -> RDMs:
    """The authors' own table of all pairs (`kit.behavior.human.face_similarity`), with the names of the heads."""
    return RDMs(people.rdm, [f"Head{k + 1}" for k in range(len(people.female))], (name,), "1 - similarity")


def read_heads(path: Path | str) -> pd.Series:
    """Sex of each head, from headnmap.csv: "Head1" to "female" or "male", by the names of the Chicago Face Database."""
    table = pd.read_csv(path, header=None)
    if table.shape[1] < 4:
        raise ValueError(f"{path} has {table.shape[1]} columns; expected picture, number, y or x, and name of the head")
    table = table[table[3].astype(str).str.startswith("Head")]  # pictures that were not used have no head
    letters = table[0].astype(str).str.extract(r"^CFD-[A-Z]([FM])-")[0]
    if letters.isna().any():
        row = int(letters.isna().argmax())
        raise ValueError(
            f"{path}: {table.iloc[row, 0]!r} ({table.iloc[row, 3]}) is no name of the Chicago Face Database"
        )
    sexes = letters.map({"F": "female", "M": "male"}).to_numpy()
    return pd.Series(sexes, index=table[3].astype(str).to_numpy(), name="sex")
