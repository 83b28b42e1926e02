"""A student's own predictions and solved questions: look at them, take them along, remove them."""

import csv
import os
from collections.abc import Callable
from pathlib import Path

from kit.files import harmless
from kit.files.records import Records, spoken, student_folder

from .questions import now

COLUMNS = ("key", "question", "answer", "confidence", "counts", "time", "outcome", "correct")

_told: dict[str, str] = {}


def records(store: str | os.PathLike | None = None) -> Records:
    """The student's file of predictions, outcomes and solved questions."""
    return Records(store or student_folder() / "predictions.jsonl")


def first(file: Records, key: str, kind: str, fits: Callable[[dict], bool] = bool) -> dict | None:
    """The first fitting record of a key and kind: a second guess, made after the result, does not count."""
    found = (r for r in file.read() if r.get("key") == key and r.get("kind") == kind and fits(r))
    return next(found, None)


def is_whole(prediction: dict) -> bool:
    """Whether a record has what a prediction needs; anybody can edit the file."""
    kinds = {"key": str, "confidence": int, "time": str}
    return "answer" in prediction and all(isinstance(prediction.get(n), k) for n, k in kinds.items())


def add_outcome(file: Records, record: dict) -> None:
    """Store an outcome once, however often its cell is run."""
    if first(file, record["key"], "outcome") is None:
        file.append(record)


def add_solved(key: str, tries: int, store: str | os.PathLike | None = None) -> None:
    """Store that a question was solved, and at which try, the first time it is."""
    file = records(store)
    if first(file, key, "solved") is None:
        file.append({"kind": "solved", "key": key, "tries": tries, "time": now()})


def what_is_stored(key: str, file: Records) -> str:
    """The sentence on what is stored and where; only the first question of a kernel says it."""
    if _told.setdefault("by", key) != key:
        return ""
    return (
        "What is stored: your predictions with your confidence, which questions you solved, and the time, only on "
        f"this computer (`{spoken(file.path)}`), and in this notebook if you save it. "
        '`export_predictions("mine.csv")` copies your predictions, `delete_predictions()` removes everything.'
    )


def my_predictions(store: str | os.PathLike | None = None) -> list[dict]:
    """Your predictions with what came out, oldest first.

    Returns
    -------
    list of dict
        With the keys of `COLUMNS`; `confidence` in percent, `counts` whether it enters the calibration (None in
        records of older kits, whose form had chosen a confidence for whoever chose none), `time` as ISO 8601,
        `outcome` and `correct` None where the result was not seen yet.
    """
    table: dict[str, dict] = {}
    for record in records(store).read():
        if record.get("kind") == "prediction" and is_whole(record):
            table.setdefault(record["key"], dict.fromkeys(COLUMNS) | _known(record))
        elif record.get("kind") == "outcome" and record.get("key") in table:
            table[record["key"]] |= {name: record.get(name) for name in ("outcome", "correct")}
    return list(table.values())


def _known(record: dict) -> dict:
    return {name: record[name] for name in COLUMNS if name in record}


def export_predictions(path: str | os.PathLike, store: str | os.PathLike | None = None) -> Path:
    """Copy your predictions to a CSV table; returns its path."""
    path = Path(path)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows({name: harmless.cell(value) for name, value in row.items()} for row in my_predictions(store))
    return path


def delete_predictions(key: str | None = None, store: str | os.PathLike | None = None) -> int:
    """Delete what is stored on one question, or everything; returns how many records went, for good."""
    return records(store).keep(lambda record: key is not None and record.get("key") != key)
