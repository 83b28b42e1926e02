"""One anonymous table for a class, from a folder of everybody's exported ratings."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import warnings
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kit.behavior._rows import TIMES
from kit.behavior.ratings import COLUMNS, merge, read

COARSE = 10  # ms to which times are rounded


@dataclass(frozen=True, eq=False)
class Pool:
    """A class's ratings under new names.

    Attributes
    ----------
    table : DataFrame
        Observers are "observer 01" ..., times are rounded to 10 ms, rows are in the order of the panels.
    files : dict of str to list of str
        Files that were used, and the observers (old names) in each.
    refused : dict of str to str
        Files that were not, and why.
    """

    table: pd.DataFrame
    files: dict[str, list[str]]
    refused: dict[str, str]

    @property
    def shared(self) -> dict[str, list[str]]:
        """Old names that are in several files, and in which: one person's sessions, or two of the same name?"""
        names = {name for inside in self.files.values() for name in inside}
        where = {name: [file for file, inside in self.files.items() if name in inside] for name in sorted(names)}
        return {name: files for name, files in where.items() if len(files) > 1}


def pool(folder: str | os.PathLike, salt: str | None = None, leave_out: Path | None = None) -> Pool:
    """Read all CSV files of a folder, leave out the bad ones, and give the observers numbers in random order.

    Parameters
    ----------
    folder : path
    salt : str, optional
        With the same secret text the same observers get the same numbers again; whoever knows it and a name
        can find the number. By default it is drawn and forgotten.
    leave_out : path, optional
        A file of the folder not to read: the pool of last time.

    Raises
    ------
    ValueError
        If no file could be used.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder: name the one with the exported CSV files")
    skipped = leave_out.resolve() if leave_out else None
    paths = [path for path in sorted(folder.iterdir()) if path.suffix.lower() == ".csv" and path.resolve() != skipped]
    if not paths:
        raise ValueError(f"{folder} holds no CSV file: collect what the participants exported there")
    tables, refused = {}, {}
    for path in paths:
        try:
            _add(tables, path)
        except (ValueError, OSError) as error:
            refused[path.name] = str(error)
    if not tables:
        raise ValueError("no file could be used:\n" + "\n".join(refused.values()))
    merged = merge(list(tables.values()), list(tables))
    files = {name: sorted(table["observer"].unique()) for name, table in tables.items()}
    return Pool(_anonymous(merged, salt or secrets.token_hex()), files, refused)


def _add(tables: dict[str, pd.DataFrame], path: Path) -> None:
    """Read one file; raise if it is bad or does not fit to those before."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # columns that are not kept, Latin-1: nothing of it is in the pool
        table = read(path)
    rivals = {name: other for name, other in tables.items() if set(other["observer"]) & set(table["observer"])}
    merge([*rivals.values(), table], [*rivals, path.name])
    tables[path.name] = table


def _anonymous(table: pd.DataFrame, salt: str) -> pd.DataFrame:
    def hidden(name: str) -> str:
        return hmac.new(salt.encode(), name.encode(), hashlib.sha256).hexdigest()

    names = sorted(table["observer"].unique(), key=hidden)
    labels = {name: f"observer {number:0{max(2, len(str(len(names))))}d}" for number, name in enumerate(names, 1)}
    table = table.assign(observer=table["observer"].map(labels))
    table[list(TIMES)] = (table[list(TIMES)] / COARSE).round() * COARSE
    return table.sort_values(list(COLUMNS), ignore_index=True)
