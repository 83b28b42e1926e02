"""Tables of ratings: read from any lab's CSV file, checked row by row, merged, written (see docs/ratings.md).

One row is one trial: an observer chose one of six faces and rated how similar it is to an identity.

| column | meaning |
|---|---|
| observer | text: who |
| identity | the identity compared with: a name of `kit.faces.stimuli.IDENTITIES` |
| phase | "rate" (analysed), "retest" (a panel of `rate` again), "catch" (the identity is among the six), "chosen" |
| trial | number of the panel in `stimuli.trials(target, n, rng=seed, components=components, view=view)` |
| choice | place of the chosen face in that panel, 0..5 |
| rating | 1 (not at all similar) .. 6 (very similar) |
| seed | seed of the panels |
| components | "8+8": so many leading shape and texture components vary; "60+50" is all |
| view | "frontal": all faces from the front; "turned": each at a random view and lamp |
| rt_choice_ms, rt_rating_ms | response times in milliseconds, nan if unknown |

`observer`, `identity`, `trial`, `choice` and `rating` are required. Types: text, except int64 for trial,
choice, rating and seed, and float64 for times. The index of a table that was read is named "line" and
holds each row's line in the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from kit.files.atomic import atomic

from ._decimals import ambiguous, decimal_mark, in_python
from ._delimited import CellRows, read_cells
from ._rows import (
    COLUMNS,
    NAMED,
    TIMES,
    WHOLE,
    Problem,
    check_header,
    checked,
    describe,
    duplicates,
    label,
    unique_cells,
)

FORMULA = re.compile(r"[=@]|[+-](?!\d+([.,]\d*)?$)")  # but not +3 and -1


def read(path: str | os.PathLike) -> pd.DataFrame:
    """Ratings of a CSV file, checked; columns as in the module's table.

    Takes UTF-8, UTF-16 and, with a warning, Latin-1 (Windows-1252); comma, semicolon or tab; decimal points
    or commas, with or without marks for thousands; columns in any order, names in any case. Invisible
    characters do not count, and accents are composed. Further columns are ignored, with a warning.

    Raises
    ------
    OSError
        If the file cannot be opened.
    ValueError
        If it is no such table, or rows are wrong: each with its line, the first ten in full.
    """
    name = Path(path).name
    cells = read_cells(path, COLUMNS)
    check_header(cells.header, name)
    raw, problems = _columns(cells)
    problems += _formulas(raw)
    return checked(raw.assign(observer=_plain(raw["observer"])), name, problems)


def validate(table: pd.DataFrame, where: str = "ratings") -> pd.DataFrame:
    """The same table with defaults filled in, columns in order and of the documented types.

    Parameters
    ----------
    table : DataFrame with at least the required columns, of text or numbers
    where : str
        What error messages call the table.

    Raises
    ------
    ValueError
        Naming the first ten wrong rows: by line if the index is named "line", else by index.
    """
    if not isinstance(table, pd.DataFrame):
        raise ValueError(f"{where}: this is {type(table).__name__}, not a DataFrame: read a file with `ratings.read`")
    check_header(list(map(str, table.columns)), where)
    return checked(table, where, [])


def write(table: pd.DataFrame, path: str | os.PathLike) -> Path:
    """Write ratings as UTF-8 CSV in one step: the old file stays whole until the new one is.

    Observers' names that a spreadsheet would run as a formula get a leading ' (which `read` takes away).
    """
    path = Path(path)
    table = validate(table, "the table to write")
    table["observer"] = table["observer"].str.replace(r"^(?='*[=+\-@])", "'", regex=True)
    with atomic(path) as file:
        file.write(table.to_csv(index=False, lineterminator="\n").encode())
    return path


def merge(tables: Sequence[pd.DataFrame], names: Sequence[str] | None = None) -> pd.DataFrame:
    """One table of several; a trial that is in two of them, and the same, counts once.

    Parameters
    ----------
    tables : sequence of DataFrame
    names : sequence of str, optional
        What error messages call them, e.g. their files; "table 1" ... by default.

    Raises
    ------
    ValueError
        If two tables hold the same trial of the same observer with different answers; both lines are named.
    """
    names = [f"table {k + 1}" for k in range(len(tables))] if names is None else list(names)
    if not tables or len(names) != len(tables):
        raise ValueError(f"{len(tables)} tables and {len(names)} names: pass one table at least, and a name for each")
    tables = [validate(table, name) for table, name in zip(tables, names)]
    merged = pd.concat(tables, ignore_index=True)
    origin = [f"{name}, {label(table.index, row)}" for name, table in zip(names, tables) for row in range(len(table))]
    repeat = pd.concat([table.groupby(list(COLUMNS), dropna=False).cumcount() for table in tables], ignore_index=True)
    once = ~merged.assign(repeat=repeat).duplicated()  # a retest may repeat inside a table
    merged, origin = merged[once], np.array(origin, dtype=object)[once]
    again, first = duplicates(merged)
    if again.any():
        told = [f"  {origin[first[row]]} and {origin[row]}" for row in np.flatnonzero(again)[:NAMED]]
        remedy = "keep one of each, or rename an observer if two people share a name"
        raise ValueError("\n".join([f"{again.sum()} trials are there twice, answered differently:", *told, remedy]))
    return merged.reset_index(drop=True)


def _columns(cells: CellRows) -> tuple[pd.DataFrame, list[Problem]]:
    """Cells as columns of text, numbers as Python writes them, and which rows and numbers are wrong."""
    width = len(cells.header)
    lengths = np.fromiter(map(len, cells.rows), int, len(cells.rows))
    rows = cells.rows if (lengths == width).all() else [(row + [""] * width)[:width] for row in cells.rows]
    columns = dict(zip(cells.header, zip(*rows) if rows else [()] * width))
    known = {name: pd.Series(columns[name], dtype=object) for name in COLUMNS if name in columns}
    raw = pd.DataFrame(known).set_axis(pd.Index(cells.lines, name="line"))
    uneven = lengths != width, lambda row: f"has {lengths[row]} cells, the header has {width}: one for each column"
    return raw, [uneven, *_settle_numbers(raw, cells.delimiter)]


def _settle_numbers(raw: pd.DataFrame, delimiter: str) -> list[Problem]:
    """Rewrite numbers as Python writes them; which of them could be thousands or decimals?"""
    numbers = {name: unique_cells(raw[name]) for name in raw if name in (*WHOLE, *TIMES)}
    mark = decimal_mark((cell for different, _ in numbers.values() for cell in different), delimiter)
    problems = []
    for name, (different, places) in numbers.items():
        unclear = np.array([ambiguous(cell, mark) for cell in different], dtype=bool)[places]
        told = "which may be a thousand or a decimal: write it without a mark for thousands"
        problems.append((unclear, describe(raw[name], name, told)))
        if name in TIMES or mark == ",":
            raw[name] = np.array([in_python(cell, mark) for cell in different], dtype=object)[places]
    return problems


def _formulas(raw: pd.DataFrame) -> list[Problem]:
    """Which cells a spreadsheet would compute."""
    problems = []
    for name in raw:
        cells, places = unique_cells(raw[name])
        risky = np.array([bool(FORMULA.match(cell)) for cell in cells], dtype=bool)[places]
        problems.append((risky, describe(raw[name], name, "a spreadsheet formula: paste its value instead")))
    return problems


def _plain(observer: pd.Series) -> pd.Series:
    """Names without the ' that `write` put before what looks like a formula."""
    return observer.map({name: re.sub(r"^'(?='*[=+\-@])", "", name.strip()) for name in observer.unique()})
