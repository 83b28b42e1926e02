"""How unlike two faces seem, pair by pair: what spaces must predict where no face is compared with all others.

The pairs of Jozwik et al. (2022) are read from the authors' files: coefficients of the Basel Face Model, and where each
participant put each pair.

References
----------
Jozwik et al. (2022), PNAS 119(27):e2115047119.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.io import loadmat
from scipy.stats import pearsonr

from kit.analysis.statistics import NoiseCeiling, noise_ceiling

from . import matlab

HALF = 199  # components of shape, and of texture, of the Basel Face Model of 2009
FIRST = 1  # of the rows of a trial's positions: row 0 is the line that participants drew between same and different


def read_pair_coefficients(path: Path | str) -> dict[str, np.ndarray]:
    """Coefficients of both faces of each pair from facepair_info_set_A.mat (or _B).

    Returns
    -------
    dict of "shape" and "texture" to arrays of shape (n_pairs, 2, 199)
        In standard deviations of the Basel Face Model, as the authors' code hands them to it.
    """
    p = matlab.read(path, ("p",), "a facepair_info file of Jozwik et al. (2022)")["p"]
    if p.ndim != 3 or p.shape[1:] != (2 * HALF, 2):
        raise ValueError(f"{path}: p has shape {p.shape}; expected (pairs, {2 * HALF}, 2)")
    both = p.transpose(0, 2, 1)
    return {"shape": both[..., :HALF], "texture": both[..., HALF:]}


def read_pair_judgements(folder: Path | str) -> pd.DataFrame:
    """Where participants put each pair, from the folder of their sessions (ExperimentalResults/main).

    Returns
    -------
    DataFrame with columns observer, session, pair, dissimilarity
        `pair` counts from 0; `dissimilarity` is one less the height on the screen, what the authors draw as perceived
        dissimilarity. Names of observers are the letters with which file names begin.
    """
    files = sorted(Path(folder).glob("*.mat"))
    if not files:
        raise ValueError(f"there are no .mat files in {folder}: unzip the participants' sessions there")
    parts, seen = [], {}
    for path in files:
        observer = (re.match(r"[A-Za-z]+", path.name) or [path.stem])[0]
        seen[observer] = seen.get(observer, -1) + 1
        parts.append(_session(path).assign(observer=observer, session=seen[observer]))
    return pd.concat(parts, ignore_index=True)[["observer", "session", "pair", "dissimilarity"]]


def _session(path: Path) -> pd.DataFrame:
    """One file: a struct array of trials, each with positions of its pairs and their numbers."""
    if "resultsStruct" not in (there := matlab.variables(path)):
        raise ValueError(
            f"{path} is no session of Jozwik et al. (2022): it has no resultsStruct, but {', '.join(there)}"
        )
    trials = loadmat(path, variable_names=["resultsStruct"], squeeze_me=False, struct_as_record=True)["resultsStruct"]
    missing = [name for name in ("facePositions", "PairOrderAndID") if name not in (trials.dtype.names or ())]
    if missing:
        raise ValueError(
            f"{path}: resultsStruct has no field {missing[0]!r}, but {', '.join(trials.dtype.names or ())}"
        )
    rows = []
    for trial in trials.ravel():
        positions, numbers = np.asarray(trial["facePositions"]), np.ravel(trial["PairOrderAndID"])
        heights = positions[FIRST : FIRST + len(numbers), 1]
        rows += [(int(number) - 1, 1 - float(height)) for number, height in zip(numbers, heights)]
    return pd.DataFrame(rows, columns=["pair", "dissimilarity"])


def judged(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each observer, a column for each pair: the mean over sessions."""
    return table.pivot_table(index="observer", columns="pair", values="dissimilarity")


def pair_distances(features: np.ndarray) -> np.ndarray:
    """Euclidean distance (n_pairs,) of the features of both faces of each pair: (n_pairs, 2, d)."""
    return np.linalg.norm(features[:, 0].astype(float) - features[:, 1], axis=1)


def pair_scores(
    distances: Mapping[str, np.ndarray], subjects: pd.DataFrame, categories: Sequence | None = None
) -> tuple[pd.DataFrame, NoiseCeiling]:
    """How well each space's distances go with each observer's judgements, and the most that could be reached.

    Parameters
    ----------
    distances : mapping of str to array of shape (n_pairs,)
        Of each space, for the pairs of the columns of `subjects`.
    subjects : DataFrame
        As `judged` makes it: observers x pairs, no gaps.
    categories : sequence of length n_pairs, optional
        Kinds of pairs, such as "both men": scores within each are given, too.

    Returns
    -------
    scores : DataFrame with columns space, observer, category, r
        Pearson correlations; category "all" for all pairs.
    ceiling : NoiseCeiling
        Over all pairs.
    """
    values = subjects.to_numpy(float)
    if np.isnan(values).any():
        observer, pair = (
            axis[k] for axis, k in zip((subjects.index, subjects.columns), np.argwhere(np.isnan(values))[0])
        )
        raise ValueError(f"{observer} did not judge pair {pair}: leave the observer or the pair out")
    kinds = {"all": np.ones(values.shape[1], bool)}
    if categories is not None:
        labels = np.asarray(categories)
        kinds |= {str(name): labels == name for name in pd.unique(labels)}
    rows = []
    for space, own in distances.items():
        if np.shape(own) != (values.shape[1],):
            raise ValueError(
                f"{space!r} has distances of shape {np.shape(own)}, and {values.shape[1]} pairs were judged"
            )
        for name, kept in kinds.items():
            rows += [(space, who, name, pearsonr(own[kept], judged_by[kept])[0])
                     for who, judged_by in zip(subjects.index, values)]  # fmt: skip
    ceiling = noise_ceiling(values, lambda pooled, own: pearsonr(pooled, own)[0])
    return pd.DataFrame(rows, columns=["space", "observer", "category", "r"]), ceiling
