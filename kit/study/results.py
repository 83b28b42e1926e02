"""What a comparison found, as tables; read back from its folder by `Results.load`."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from kit.behavior import ratings as rating_tables
from kit.files import data
from kit.files.atomic import atomic
from kit.files.tables import read_table
from kit.networks.pixels import SEEN

from .design import LEAST_TRIALS, Design
from .panels import Answers, proper
from .units import Piece

SHIPPED = "comparison"  # folder within the data folder
DESIGN = "design.json"
BANDS = 5  # octaves of the texture, from fine to coarse
WHO = {"observer": str, "identity": str, "series": str}
CROP = ("catalogue", "crop")  # comparisons that were saved before systems had a crop of their own lack it
LIKENESS = ("alpha", "humanness_correlation", "humanness_error", "chance", "veridicality_correlation",
            "veridicality_error", *(f"band_{k}" for k in range(BANDS)))  # fmt: skip
TABLES: dict[str, dict[str, type]] = {  # every table's columns and what they hold
    "scores": WHO | {"space": str, "kind": str, "fold": int} | dict.fromkeys(
        ("tau", "r2", "mi", "redundancy", "mmi", "unique_shape", "unique_space", "synergy"), float),
    "systems": WHO | {"space": str} | dict.fromkeys(
        ("choice", "exponent", "predictions", "weights", "explained"), float),
    "null": WHO | {"space": str, "fold": int, "mi": float, "chance": float, "threshold": float, "significant": bool},
    "erasure": WHO | {"space": str, "removed": str, "fold": int, "tau": float, "mi": float},
    "partition": WHO | {"part": str, "r2": float, "network": str},
    "seeds": WHO | {"space": str, "objective": str, "seed": int, "fold": int, "mi": float, "redundancy": float},
    "ceilings": WHO | {"ceiling": str, "tau": float, "mi": float, "trials": int},
    "planted": {"observer": str, "share": float},
    "decoding": {"space": str} | dict.fromkeys(("shape", "texture", "shape_in_mm", "error_mm", "guess_mm"), float),
    "likeness": {"identity": str, "series": str, "system": str} | dict.fromkeys(LIKENESS, float),
    "generalisation": {"task": str, "features": str, "identity": str, "strength": float, "system": str,
                       "accuracy": float},
    "distances": {"observer": str, "identity": str, "task": str, "features": str, "system": str, "distance": float},
    "left_out": {"observer": str, "identity": str, "trials": int, "why": str},
    "catalogue": {"space": str, "role": str, "dimensions": int, "image_size": int, "crop": str},
}  # fmt: skip

TURNED = {"observer": str, "identity": str, "space": str, "mi": float, "redundancy": float}


@dataclass(frozen=True, eq=False)
class Results:
    """Tables of a comparison.

    Attributes
    ----------
    design : Design
    simulated : bool
        Whether the observers were simulated.
    ratings : DataFrame
        As in docs/ratings.md; empty where they were not kept with the results.
    scores : DataFrame
        observer, series, identity, space, kind, fold, tau, r2, mi, redundancy, mmi, unique_shape,
        unique_space, synergy
    systems : DataFrame
        observer, series, space, choice, exponent, predictions, weights, explained
    null : DataFrame
        observer, series, space, fold, mi, chance, threshold, significant
    erasure : DataFrame
        observer, series, space, removed (nothing, shape, texture, lot), fold, tau, mi
    partition : DataFrame
        observer, identity, series, part, r2, network: whose variance of the ratings (`kit.study.partition`)
    seeds : DataFrame
        observer, identity, series, space, objective, seed, fold, mi, redundancy: networks that were trained several
        times (`kit.study.seeds`)
    ceilings : DataFrame
        observer, identity, series, ceiling, tau, mi, trials
    planted : DataFrame
        observer, share: what *simulated* observers go by, nan where it is no share of shape; empty for people
    decoding : DataFrame
        space, shape, texture (mean R^2), shape_in_mm (R^2 weighted by variance), error_mm, guess_mm
    likeness : DataFrame
        identity, series, system, alpha, humanness_*, chance, veridicality_*, band_*; from halves of the trials
    generalisation : DataFrame
        task, features, identity, strength, system, accuracy; empty for a single identity
    distances : DataFrame
        observer, identity, task, features, system, distance (mean over strengths of the difference of accuracies)
    left_out : DataFrame
        observer, identity, trials, why
    catalogue : DataFrame
        space, role (model, pixels, untrained, trained, other), dimensions, image_size (0: the space is not seen), crop
    maps : dict of str to array
        Surface maps (v,) and diagnostic coefficients, "<series>/map <system>" and so on.
    """

    design: Design
    simulated: bool
    ratings: pd.DataFrame
    scores: pd.DataFrame
    systems: pd.DataFrame
    null: pd.DataFrame
    erasure: pd.DataFrame
    partition: pd.DataFrame
    seeds: pd.DataFrame
    ceilings: pd.DataFrame
    planted: pd.DataFrame
    decoding: pd.DataFrame
    likeness: pd.DataFrame
    generalisation: pd.DataFrame
    distances: pd.DataFrame
    left_out: pd.DataFrame
    catalogue: pd.DataFrame
    maps: dict[str, np.ndarray]

    @property
    def spaces(self) -> list[str]:
        """Names of the feature spaces, in the order in which they were compared."""
        return list(dict.fromkeys(self.scores["space"]))

    def in_role(self, role: str) -> list[str]:
        """Names of the spaces of a role, such as "trained", in the order in which they were compared."""
        return list(self.catalogue.loc[self.catalogue["role"] == role, "space"])

    def main_scores(self, kind: str = "linear") -> pd.DataFrame:
        """Scores of one kind of model, of the observers proper (controls left out)."""
        return proper(self.scores[self.scores["kind"] == kind])

    def save(self, folder: Path | str) -> Path:
        """Write all tables as CSV, the maps as npz, and last the design, with a checksum of each file, as JSON."""
        folder = Path(folder)
        for name in TABLES:
            with atomic(folder / f"{name}.csv") as file:
                file.write(typed(name, getattr(self, name)).to_csv(index=False).encode())
        rating_tables.write(self.ratings, folder / "ratings.csv")
        with atomic(folder / "maps.npz") as file:
            np.savez_compressed(file, **self.maps)
        about = {"design": asdict(self.design), "simulated": self.simulated, "files": _checksums(folder)}
        with atomic(folder / DESIGN) as file:
            file.write(json.dumps(about, indent=1).encode())
        return folder

    @classmethod
    def load(cls, folder: Path | str) -> Results:
        """Read what `save` wrote; tables may have been compressed since (scores.csv.gz for scores.csv).

        Raises
        ------
        OSError or ValueError
            That names the file which is missing, torn, or from another comparison.
        """
        folder = Path(folder)
        about = _about(folder)
        tables = {name: _read(folder, name) for name in TABLES}
        with np.load(folder / "maps.npz", allow_pickle=False) as archive:
            maps = {name: _at_least_single(values) for name, values in archive.items()}
        kept = folder / "ratings.csv"
        ratings = rating_tables.read(kept) if kept.exists() else pd.DataFrame(columns=list(rating_tables.COLUMNS))
        return cls(about["design"], about["simulated"], ratings, maps=maps, **tables)


def _at_least_single(values: np.ndarray) -> np.ndarray:
    """Maps are shipped in half precision, in which sums over them would go wrong."""
    return values.astype(np.float32) if values.dtype == np.float16 else values


def typed(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """A table with the columns and types that `TABLES` declares, also where it has no rows; ValueError otherwise."""
    declared = TABLES[name]
    if odd := sorted(set(table.columns) ^ set(declared)):
        raise ValueError(f"table {name} and kit.study.results.TABLES differ in the columns {', '.join(odd)}")
    return table.astype({column: "str" if kind is str else kind for column, kind in declared.items()})


def _read(folder: Path, name: str) -> pd.DataFrame:
    text = io.StringIO(_content(folder, f"{name}.csv").decode("utf-8-sig"), newline="")
    text.name = str(folder / f"{name}.csv")
    table = read_table(text, {k: kind for k, kind in TABLES[name].items() if (name, k) != CROP})
    if name == CROP[0] and CROP[1] not in table:
        table[CROP[1]] = np.where(table["image_size"] > 0, SEEN["frame"], "")
    return table


def _content(folder: Path, name: str) -> bytes:
    """Of a file, or of its compressed form if that is there instead."""
    packed = folder / f"{name}.gz"
    if not packed.exists():
        return (folder / name).read_bytes()
    try:
        return gzip.decompress(packed.read_bytes())
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{packed} is damaged ({error}): make it again") from error


def _checksums(folder: Path) -> dict[str, str]:
    files = (*(f"{name}.csv" for name in TABLES), "maps.npz")
    return {name: hashlib.sha256(_content(folder, name)).hexdigest() for name in files}


def _about(folder: Path) -> dict:
    """The design and whether observers were simulated; refuses files other than those that were saved with it."""
    path = folder / DESIGN
    remedy = "run the comparison again (what is done is kept)"
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        values = {key: tuple(v) if isinstance(v, list) else v for key, v in about["design"].items()}
        design, simulated, files = Design(**values), about["simulated"], dict(about["files"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} is damaged or of another version of the kit ({error!r}): {remedy}") from error
    found = _checksums(folder)
    if wrong := [name for name in found if files.get(name) != found[name]]:
        raise ValueError(f"{folder / wrong[0]} is not the file that was saved with {path}: {remedy}")
    return {"design": design, "simulated": simulated}


def shipped() -> Results:
    """The default comparison of *simulated* observers with the zoo, as `make reproduce` finds it; without ratings.

    Raises
    ------
    DataError
        If a file is missing or was changed.
    """
    for name in (*(f"{table}.csv.gz" for table in TABLES), "maps.npz", DESIGN):
        data.verified(f"{SHIPPED}/{name}")
    return Results.load(data.folder() / SHIPPED)


def shipped_turned() -> pd.DataFrame:
    """What each system tells, in the shipped comparison, where every face has a view and a lamp of its own.

    Returns
    -------
    DataFrame
        observer, identity, space; mi and redundancy in bits, means over folds of the linear models.
    """
    name = f"{SHIPPED}/turned.csv.gz"
    with gzip.open(data.verified(name), "rt", encoding="utf-8", newline="") as file:
        return read_table(file, TURNED)


def of_units(answers: list[Answers], found: list[Piece], table: str) -> pd.DataFrame:
    """One table of all units, with who and what in front."""
    parts = [
        unit.tables[table].assign(observer=a.observer, identity=a.series.identity, series=a.series.name)
        for a, unit in zip(answers, found, strict=True)
    ]
    out = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    front = ["observer", "identity", "series"]
    return out[[*front, *(name for name in out if name not in front)]]


def left_out(everyone: list[Answers]) -> pd.DataFrame:
    """Whose ratings could not be scored, and why."""
    rows = [
        {"observer": a.observer, "identity": a.series.identity, "trials": len(a.rating), "why": _why(a)}
        for a in everyone
        if not a.folds
    ]
    return pd.DataFrame(rows, columns=["observer", "identity", "trials", "why"])


def _why(a: Answers) -> str:
    if len(a.rating) < 3 * LEAST_TRIALS:
        return f"fewer than three blocks of {LEAST_TRIALS} trials"
    return f"some block of trials has fewer than three of the six ratings ({sorted(set(a.rating.tolist()))} in all)"
