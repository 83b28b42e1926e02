"""Similarity of faces as people see it: the open data of FaceSim3D, fetched when first asked for.

2,605 people saw three faces at a time and picked the odd one out, either as pictures (2D) or as turning heads
(3D). The similarity of two faces is the share of the 98 third faces against which the two were left together. The
files belong to their authors (MIT licence, https://github.com/SHEscher/FaceSim3D) and are not part of this kit:
they are downloaded once, from a fixed commit, into the platform's cache.

References
----------
Hofmann et al. (2026), Royal Society Open Science, doi:10.1098/rsos.251515.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial.distance import squareform

from kit.files.tables import read_table

COMMIT = "31df20da8b4b057a347aa3fe24ef02d054a4b730"
ADDRESS = f"https://raw.githubusercontent.com/SHEscher/FaceSim3D/{COMMIT}/results/main/rt/"
KINDS = ("2D", "3D")
SHA256 = {
    "2D": "9e74d878b35d789ea3958e6a55daac36a4e5823bf13a37553323551e2f642c5e",
    "3D": "a047bc7fac4395410f5e240ab70961fbb2ee2711f2f8bd4baabec3c2a2bbf135",
}  # of the files at that commit
N_FACES, N_FEMALE = 100, 50  # faces 0-49 are female, 50-99 male
FEMALE = np.arange(N_FACES) < N_FEMALE
PAIR, COLUMNS = "", ["similarity", "response_time"]  # the first column has no name


@dataclass(frozen=True, eq=False)
class FaceSimilarity:
    """Human dissimilarities of n faces, pair by pair as in `scipy.spatial.distance.pdist`.

    Attributes
    ----------
    rdm : array of shape (n * (n - 1) / 2,)
        1 - similarity: 0 always left together, 1 never.
    response_time : array of the same shape
        Mean seconds of the choices with this pair.
    female : bool array of shape (n,)
    """

    rdm: np.ndarray
    response_time: np.ndarray
    female: np.ndarray

    @property
    def same_sex(self) -> np.ndarray:
        """Which pairs (bool, same shape as rdm) are of one sex."""
        return squareform(self.female[:, None] == self.female, checks=False).astype(bool)

    def within(self, sex: str) -> FaceSimilarity:
        """The faces of one sex, "female" or "male".

        Whether two faces are of one sex explains much of these similarities by itself, so a model that only
        tells women from men looks good on all pairs: report within category, too.
        """
        if sex not in ("female", "male"):
            raise ValueError(f"sex must be 'female' or 'male'; got {sex!r}")
        kept = np.flatnonzero(self.female == (sex == "female"))
        rdm, times = (squareform(squareform(pairs)[np.ix_(kept, kept)]) for pairs in (self.rdm, self.response_time))
        return FaceSimilarity(rdm, times, self.female[kept])


def face_similarity(kind: str = "2D", path: str | Path | None = None) -> FaceSimilarity:
    """Human similarity of 100 faces, as pictures ("2D") or as turning heads ("3D").

    The first call downloads .24 MB. The file's sha256 is compared with that of the pinned commit, and its form is
    checked (all 4,950 pairs, once each), every time.

    Parameters
    ----------
    kind : "2D" or "3D"
    path : path, optional
        A file on this disk, instead of the download: the authors', or one of the same form, with a warning.

    Raises
    ------
    ConnectionError
        If it cannot be downloaded; the message says how to get it by hand.
    ValueError
        If the file is not of that form, was changed, or is that of the other kind.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be '2D' or '3D'; got {kind!r}")
    if path is None:
        path = _downloaded(kind)
        parsed = _parsed(path)  # says more of a page that came in its place than a checksum could
        if _sha256(path) != SHA256[kind]:
            told = f"{path} is not the file of commit {COMMIT[:8]} (its sha256 differs)"
            raise ValueError(f"{told}: delete it and load it again")
        return parsed
    path = Path(path)
    _check_kind(path, kind)
    return _parsed(path)


def cache_folder() -> Path:
    """Where the files are kept: `facesim3d` in the kit's cache."""
    import pooch

    return Path(pooch.os_cache("shared-features")) / "facesim3d"


def _downloaded(kind: str) -> Path:
    import pooch

    name = f"{kind}_similarity-rt.csv"
    target = cache_folder() / name
    if target.exists():
        return target
    try:
        return Path(pooch.retrieve(ADDRESS + name, known_hash=None, fname=name, path=target.parent))
    except OSError as error:  # what requests raises, too
        raise ConnectionError(
            f"{name} could not be downloaded ({type(error).__name__}): these human data need the internet once. "
            f"Try again later, or fetch {ADDRESS}{name} on another machine and save it as {target}"
        ) from error


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _check_kind(path: Path, kind: str) -> None:
    """Refuse the authors' file of the other kind; warn of what is none of theirs."""
    found = {sha256: name for name, sha256 in SHA256.items()}.get(_sha256(path))
    if found is None:
        warnings.warn(f"{path} is not the authors' file of commit {COMMIT[:8]}: taken as {kind}", stacklevel=3)
    elif found != kind:
        told = f"ask for face_similarity({found!r}, path), or name the {kind} file"
        raise ValueError(f"{path} is the {found} file: {told}")


def _parsed(path: Path) -> FaceSimilarity:
    try:
        table = read_table(path, dict.fromkeys(COLUMNS, float) | {PAIR: str})
    except ValueError as error:
        raise ValueError(f"{path} is no CSV table of similarities ({error}): delete it and load it again") from None
    pairs = _pairs(table[PAIR], path)
    values = table[COLUMNS].to_numpy()
    wrong = ~((values >= 0) & (values <= [1, np.inf]) & np.isfinite(values)).all(axis=1)
    if wrong.any():
        line = int(wrong.argmax())
        raise ValueError(f"{path}, line {line + 2}: similarity must be 0 to 1 and response_time >= 0: load it again")
    square = np.zeros((2, N_FACES, N_FACES))
    square[:, pairs[:, 0], pairs[:, 1]] = square[:, pairs[:, 1], pairs[:, 0]] = values.T
    similarity, times = (squareform(each, checks=False) for each in square)
    return FaceSimilarity(1 - similarity, times, FEMALE)


def _pairs(index: pd.Series, path: Path) -> np.ndarray:
    """Pairs (4950, 2) of faces i < j from texts like "(0, 1)"."""
    found = [re.fullmatch(r"\((\d+), ?(\d+)\)", str(text).strip()) for text in index]
    if None in found:
        line = found.index(None)
        raise ValueError(f'{path}, line {line + 2}: {str(index[line])[:40]!r} is no pair like "(0, 1)": load it again')
    pairs = np.sort(np.array([match.groups() for match in found], dtype=int).reshape(-1, 2), axis=1)
    every = np.column_stack(np.triu_indices(N_FACES, 1))
    if len(pairs) != len(every) or not np.array_equal(np.unique(pairs, axis=0), every):
        raise ValueError(
            f"{path} must hold the {len(every)} pairs of {N_FACES} faces once each; it has {len(pairs)} rows and "
            f"{len(np.unique(pairs, axis=0))} different pairs: delete it and load it again"
        )
    return pairs
