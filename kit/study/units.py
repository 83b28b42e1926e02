"""The work that is done for one observer and one series, kept on the disk when it is done."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from kit.analysis.encoding import NestedRidge
from kit.analysis.projection import Eraser
from kit.files.atomic import atomic

from . import erasure, fits, halves, null, partition
from .decoding import re_predict
from .fits import LINEAR
from .panels import Answers, Series
from .shelf import Shelf
from .space_names import SHAPE
from .templates import OBSERVER, Template, model_template, observed_template

Tables = dict[str, pd.DataFrame]
Arrays = dict[str, np.ndarray]
DIGEST = 64  # letters of a checksum


@dataclass(frozen=True)
class Piece:
    """What one piece of work found: tables and arrays by name."""

    tables: Tables
    arrays: Arrays


def kept(folder: Path, name: str, work: Callable[[], Piece]) -> Piece:
    """What `work` finds, written to a file of a folder; or what the file holds, if it is there and whole.

    A file begins with the checksum of its place and its content: one that is torn, changed, or comes from somewhere
    else is told, and the work is done again.
    """
    path, place = folder / f"{name}.unit", f"{folder.name}/{name}".encode()
    if path.exists():
        content = path.read_bytes()
        if content[:DIGEST] == _checksum(place, content[DIGEST:]):
            return _unpacked(content[DIGEST:])
        warnings.warn(f"{path} is damaged or from another comparison: this piece of work is done again", stacklevel=2)
    packed = _packed(work())
    with atomic(path) as file:
        file.write(_checksum(place, packed) + packed)
    return _unpacked(packed)


def _checksum(place: bytes, content: bytes) -> bytes:
    return hashlib.sha256(place + b"\n" + content).hexdigest().encode()


def _packed(unit: Piece) -> bytes:
    """Arrays, and tables column by column: names stay text, numbers keep their last digit."""
    columns = {
        f"table {name}/{column}": np.array(list(values), dtype=str if _is_text(values) else values.dtype)
        for name, table in unit.tables.items()
        for column, values in table.items()
    }
    content = io.BytesIO()
    np.savez(content, **columns, **unit.arrays)
    return content.getvalue()


def _is_text(values: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(values)  # booleans are numeric


def _unpacked(content: bytes) -> Piece:
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        arrays = dict(archive)
    tables: dict[str, dict[str, np.ndarray]] = {}
    for key in [key for key in arrays if key.startswith("table ")]:
        name, column = key.removeprefix("table ").split("/")
        tables.setdefault(name, {})[column] = arrays.pop(key)
    return Piece({name: pd.DataFrame(columns) for name, columns in tables.items()}, arrays)


def learn_erasers(series: Series, shelf: Shelf) -> Piece:
    """What takes shape, texture or a lot out of each system's features, learned from all faces of a series."""
    found = erasure.erasers(shelf.read(series))
    parts = ("mean", "into", "out_of", "correlation")
    return Piece({}, {f"{name}/{part}": getattr(eraser, part) for name, eraser in found.items() for part in parts})


def erasers_of(unit: Piece) -> dict[str, Eraser]:
    """Erasers by "space/removed"."""
    names = dict.fromkeys(key.rsplit("/", 1)[0] for key in unit.arrays)
    parts = ("mean", "into", "out_of", "correlation")
    return {name: Eraser(*(unit.arrays[f"{name}/{part}"] for part in parts)) for name in names}


def encode(answers: Answers, shelf: Shelf, erasers: Piece) -> Piece:
    """Linear models of all spaces, distances and decision neurons; scores, templates, halves, erasures."""
    spaces = shelf.read(answers.series)
    base = fits.base_models(spaces, answers)
    shape = base[SHAPE, LINEAR]
    scalar = fits.scalar_models(spaces, shelf.target(answers.series), shelf.decisions(answers.series), answers)
    systems = pd.DataFrame([_system(name, spaces, base[name, LINEAR], shape, answers) for name in spaces])
    linear = {name: model for (name, _), model in base.items()}
    erased = erasure.scores(spaces, erasers_of(erasers), linear, answers)
    tables = {"scores": fits.scores(base | scalar, answers, shape), "systems": systems, "erasure": erased,
              "partition": partition.with_a_network(linear, answers)}  # fmt: skip
    return Piece(tables, _weights(base) | _templates(spaces, base, answers) | _halves(spaces, linear, answers))


def encode_seeds(answers: Answers, shelf: Shelf) -> Piece:
    """Linear models of the networks of further seeds: what they tell, and what of it they share with shape."""
    models = fits.base_models(shelf.read_further(answers.series), answers)
    shape = fits.fit(shelf.read(answers.series)[SHAPE], answers)
    found = fits.scores(models, answers, shape)
    return Piece({"seeds": found[["space", "fold", "mi", "redundancy"]]}, {})


def encode_control(answers: Answers, shelf: Shelf) -> Piece:
    """Scores of the linear models alone: all that is asked of a simulated control."""
    models = fits.base_models(shelf.read(answers.series), answers)
    return Piece({"scores": fits.scores(models, answers, models[SHAPE, LINEAR])}, {})


def encode_further(answers: Answers, shelf: Shelf, shifts: int) -> Piece:
    """Joint spaces, reweighted distances, and the null of the linear models."""
    spaces = shelf.read(answers.series)
    shape = fits.fit(spaces[SHAPE], answers)
    further = fits.further_models(spaces, shelf.target(answers.series), answers)
    shifted = null.shifted(spaces, answers, shifts)
    return Piece({"scores": fits.scores(further, answers, shape), "null": shifted}, {})


def _system(name: str, spaces: Arrays, model: NestedRidge, shape: NestedRidge, answers: Answers) -> dict:
    """One row of the table of systems: choices among six, and how far predictions go by way of shape."""
    return {
        "space": name,
        "choice": fits.choice_accuracy(spaces[name], model, answers),
        "exponent": float(np.median(model.exponents)),
        **re_predict(spaces[SHAPE][answers.chosen], shape, model),
    }


def _weights(base: dict[fits.Model, NestedRidge]) -> Arrays:
    """Mean weights of the folds, the intercept last."""
    means = {name: (m.mean_weights[:, 0], m.mean_intercepts) for (name, _), m in base.items()}
    return {f"weights {name}": np.concatenate(parts) for name, parts in means.items()}


def _templates(spaces: Arrays, base: dict[fits.Model, NestedRidge], answers: Answers) -> Arrays:
    faces = answers.series.trials().faces
    found = {OBSERVER: observed_template(faces, answers)}
    found |= {name: model_template(faces, spaces[name], model, answers) for (name, _), model in base.items()}
    return {f"template {name}": np.stack([t.intercept, t.slope]) for name, t in found.items()}


def _halves(spaces: Arrays, models: dict[str, NestedRidge], answers: Answers) -> Arrays:
    """Templates from halves of the trials, and what shuffled ratings make of the observer's."""
    faces = answers.series.trials().faces
    found = halves.half_templates(spaces, models, answers, faces)
    arrays = {f"half {name}": np.stack([t.intercept, t.slope]) for name, t in found.items()}
    return arrays | ({"shuffled": halves.shuffled(faces, answers, rng=0)} if found else {})


def _named(unit: Piece, kind: str) -> Arrays:
    return {name.removeprefix(kind): array for name, array in unit.arrays.items() if name.startswith(kind)}


def templates_of(unit: Piece) -> dict[str, Template]:
    """Templates of the observer ("observer") and of each space's model."""
    return {name: Template(*array) for name, array in _named(unit, "template ").items()}


def half_templates_of(unit: Piece) -> dict[str, Template]:
    """The same from halves of the trials (`kit.study.halves`); empty where there were too few trials."""
    return {name: Template(*array) for name, array in _named(unit, "half ").items()}


def weights_of(unit: Piece) -> dict[str, np.ndarray]:
    """Mean weights (d + 1,) of each space's linear model, the intercept last."""
    return _named(unit, "weights ")
