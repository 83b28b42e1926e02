"""The columns of a table of ratings: what each may hold, and how a wrong row is told (see `kit.behavior.ratings`)."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from difflib import get_close_matches

import numpy as np
import pandas as pd

from kit.faces.stimuli import IDENTITIES, PANEL, component_counts
from kit.faces.views import FRONTAL, VIEWS

from ._delimited import LOST, visible

COLUMNS = (
    "observer", "identity", "phase", "trial", "choice", "rating", "seed", "components", "view", "rt_choice_ms",
    "rt_rating_ms",
)  # fmt: skip
REQUIRED = ("observer", "identity", "trial", "choice", "rating")
DEFAULTS = {
    "phase": "rate", "seed": 0, "components": "60+50", "view": FRONTAL, "rt_choice_ms": np.nan, "rt_rating_ms": np.nan
}  # fmt: skip
KEY = ["observer", "identity", "phase", "trial", "seed", "components", "view"]  # one row each, except retests
PHASES = ("rate", "retest", "catch", "chosen")
WHOLE = {"trial": (0, 19_999), "choice": (0, PANEL - 1), "rating": (1, 6), "seed": (0, 2**53 - 1)}
WHOLE_NUMBER = re.compile(r"[+-]?\d{1,16}(\.0*|,0{1,2})?", re.ASCII)
TIMES = ("rt_choice_ms", "rt_rating_ms")
MOST_COMPONENTS = (60, 50)
TYPES = dict.fromkeys(("observer", "identity", "phase", "components", "view"), str) | dict.fromkeys(WHOLE, "int64")
TYPES |= dict.fromkeys(TIMES, "float64")
SLOWEST = 86_400_000  # ms, a day
LONGEST_NAME = 100
WANTED = {
    "observer": "a name or number of at most 100 letters, none of them lost",
    "identity": f"one of {', '.join(IDENTITIES)}",
    "phase": f"one of {', '.join(PHASES)}",
    "trial": "the number of a panel, a whole number from 0 to 19999",
    "choice": "a place in the panel, a whole number from 0 to 5 (if yours count from 1, subtract 1)",
    "rating": "a whole number from 1 to 6: repair or delete the row",
    "seed": "a whole number from 0 to 2^53 - 1",
    "components": 'counts of shape and texture components like "8+8", at most "60+50"',
    "view": f"one of {', '.join(VIEWS)}, or empty for {FRONTAL}",
    "rt_choice_ms": "milliseconds from 0 to a day, or empty",
    "rt_rating_ms": "milliseconds from 0 to a day, or empty",
}
NAMED = 10  # problems told in full

Problem = tuple[np.ndarray, Callable[[int], str]]  # which rows, and what to say of one of them


def check_header(header: list[str], where: str) -> None:
    """Refuse a header with missing or repeated columns; warn of those that nobody reads."""
    twice = sorted({name for name in header if header.count(name) > 1 and name in COLUMNS})
    if twice:
        raise ValueError(f"{where}: the column {twice[0]!r} is there {header.count(twice[0])} times: keep one")
    extra = [name for name in header if name not in COLUMNS]
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        close = get_close_matches(missing[0], extra, 1)
        hint = f" (is {close[0]!r} meant?)" if close else ""
        raise ValueError(f"{where}: the column {missing[0]!r} is missing{hint}; required are {', '.join(REQUIRED)}")
    if extra:
        warnings.warn(f"{where}: ignored the columns {', '.join(map(repr, extra))}", stacklevel=3)


def checked(raw: pd.DataFrame, where: str, problems: list[Problem]) -> pd.DataFrame:
    """Typed columns in order, or an error that names all wrong rows; `problems` were found before."""
    if not len(raw):
        raise ValueError(f"{where}: there is a header but no trial below it")
    out, spoiled = {}, _any(problems, len(raw))
    for name in COLUMNS:
        if name not in raw:
            out[name] = np.full(len(raw), DEFAULTS[name], dtype=object)
            continue
        out[name], wrong = _parsed(raw[name], name)
        problems.append((wrong & ~spoiled, describe(raw[name], name, f"must be {WANTED[name]}")))
    table = pd.DataFrame(out)
    again, first = duplicates(table)
    told = "the same trial of the same observer: keep one of them"
    problems.append((again & ~_any(problems, len(raw)), lambda row: f"{label(raw.index, first[row])} holds {told}"))
    refuse(where, raw.index, problems)
    return table.astype(TYPES).set_axis(raw.index)


def unique_cells(column: pd.Series) -> tuple[list[str], np.ndarray]:
    """Different cells as stripped, `visible` text, "" where missing, and which of them each row holds."""
    places, cells = pd.factorize(column, use_na_sentinel=False)
    missing = pd.isna(cells)
    return ["" if gone else _text(cell) for cell, gone in zip(cells, missing)], places


def _text(cell: object) -> str:
    whole = isinstance(cell, float) and cell.is_integer()  # an observer 1 is not another one than 1.0
    return visible(f"{cell:.0f}" if whole else str(cell)).strip()


def _parsed(column: pd.Series, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Values of a column and which of them are wrong. Only different cells are looked at: most repeat."""
    cells, places = unique_cells(column)
    values = [DEFAULTS[name] if cell == "" and name in DEFAULTS else _value(name, cell) for cell in cells]
    wrong = np.array([value is None for value in values], dtype=bool)
    values = np.array([0 if value is None else value for value in values], dtype=object)
    return values[places], wrong[places]


def _value(name: str, cell: str) -> str | int | float | None:
    """What a cell says, None if it says nothing valid."""
    if name in WHOLE:
        low, high = WHOLE[name]
        value = int(re.split("[.,]", cell)[0]) if WHOLE_NUMBER.fullmatch(cell) else None
        return value if value is not None and low <= value <= high else None
    if name in TIMES:
        return _time(cell.lower())
    if name == "components":
        return _components(cell.replace(" ", ""))
    if name == "observer":
        who = re.sub(" +", " ", cell)
        return who if 0 < len(who) <= LONGEST_NAME and LOST not in who else None
    allowed = {"phase": PHASES, "identity": IDENTITIES, "view": VIEWS}[name]
    return {word.lower(): word for word in allowed}.get(cell.lower())


def _time(cell: str) -> float | None:
    if cell in ("na", "n/a", "nan", "none", "null"):
        return np.nan
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if 0 <= value <= SLOWEST else None


def _components(cell: str) -> str | None:
    if not re.fullmatch(r"\d{1,3}\+\d{1,3}", cell, re.ASCII):
        return None
    counts = component_counts(cell)
    fits = sum(counts) and all(count <= most for count, most in zip(counts, MOST_COMPONENTS))
    return "{}+{}".format(*counts) if fits else None


def _any(problems: list[Problem], n: int) -> np.ndarray:
    return np.any([np.zeros(n, dtype=bool), *(bad for bad, _ in problems)], axis=0)


def duplicates(table: pd.DataFrame) -> tuple[np.ndarray, dict[int, int]]:
    """Rows that repeat an earlier trial other than a retest, and the place of that trial."""
    places = np.arange(len(table))
    keys = table[KEY].set_axis(places)
    again = (keys.duplicated() & (keys["phase"] != "retest")).to_numpy(dtype=bool)
    if not again.any():
        return again, {}
    first = pd.Series(places).groupby([keys[name] for name in KEY], dropna=False).transform("first")
    return again, first[again].to_dict()


def describe(given: pd.Series, name: str, wanted: str) -> Callable[[int], str]:
    """Says of a row what its cell holds and what is wanted."""

    def told(row: int) -> str:
        value = str(given.iloc[row]).strip()
        return f"{name} is {value[:40] or 'empty'}, {wanted}"

    return told


def label(index: pd.Index, row: int) -> str:
    """The name of a row: its line in the file if that is known."""
    return f"{'line' if index.name == 'line' else 'row'} {index[row]}"


def refuse(where: str, index: pd.Index, problems: list[Problem]) -> None:
    """Raise a `ValueError` with the first problems in the order of the rows, if there are any."""
    count = sum(int(bad.sum()) for bad, _ in problems)
    if not count:
        return
    found = sorted((row, k) for k, (bad, _) in enumerate(problems) for row in np.flatnonzero(bad)[:NAMED])
    told = [f"  {label(index, row)}: {problems[k][1](row)}" for row, k in found[:NAMED]]
    more = [f"  ... and {count - NAMED} more"] if count > NAMED else []
    what, among = (f"{n} {word}{'s' * (n != 1)}" for n, word in ((count, "problem"), (len(index), "row")))
    raise ValueError("\n".join([f"{where}: {what} in {among}", *told, *more]))
