"""The kit's own tables, read with declared types: an observer called 001, NA or 1e3 keeps that name."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd

BOOLS = {"True": True, "False": False}
WANTED = {int: "a whole number", float: "a number", bool: "True or False"}


def read_table(source: str | os.PathLike | TextIO, types: Mapping[str, type]) -> pd.DataFrame:
    """Read a CSV table (UTF-8, commas), column by column as declared.

    Parameters
    ----------
    source : path, or a text file that is open
    types : mapping of str to type
        Columns that must be there: str, int, float (an empty cell is nan) or bool. All others are text.

    Raises
    ------
    ValueError
        If a column is missing, a row has another number of cells, or a cell is not of its type: file, line, remedy.
    """
    opened = nullcontext(source) if hasattr(source, "read") else open(source, encoding="utf-8-sig", newline="")  # noqa: SIM115
    name = getattr(source, "name", "the table") if hasattr(source, "read") else str(Path(source))
    with opened as file:
        header, rows, lines = _cells(file, name)
    missing = [column for column in types if column not in header]
    if missing:
        raise ValueError(f"{name}: the column {missing[0]!r} is missing; there are {', '.join(header)}")
    columns = {
        column: _typed([row[k] for row in rows], types.get(column, str), lines, f"{name}, column {column!r}")
        for k, column in enumerate(header)
    }
    return pd.DataFrame(columns, columns=header)


def _cells(file: TextIO, name: str) -> tuple[list[str], list[list[str]], list[int]]:
    """Header, rows, and the line on which each row ends."""
    rows, lines = [], []
    try:
        reader = csv.reader(file, strict=True)
        for row in filter(None, reader):
            rows.append(row)
            lines.append(reader.line_num)
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{name} is damaged after line {lines[-1] if lines else 0} ({error}): make it again") from None
    if not rows:
        raise ValueError(f"{name} is empty: make it again")
    header = rows[0]
    for row, line in zip(rows, lines, strict=True):
        if len(row) != len(header):
            raise ValueError(f"{name}, line {line}: {len(row)} cells, but {len(header)} columns: make it again")
    if len(set(header)) < len(header):
        raise ValueError(f"{name}: a column is there twice ({', '.join(header)}): make it again")
    return header, rows[1:], lines[1:]


def _typed(cells: list[str], wanted: type, lines: list[int], where: str) -> pd.Series:
    if wanted is str:
        return pd.Series(cells, dtype="str")
    read = {int: np.int64, float: lambda cell: float(cell) if cell else np.nan, bool: BOOLS.__getitem__}[wanted]
    values = []
    for cell, line in zip(cells, lines, strict=True):
        try:
            values.append(read(cell))
        except (ValueError, KeyError, OverflowError):
            raise ValueError(f"{where}, line {line}: {cell[:40]!r} is not {WANTED[wanted]}") from None
    return pd.Series(values, dtype={int: "int64", float: "float64", bool: "bool"}[wanted])
