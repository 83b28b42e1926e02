"""One anonymous table for a class, from a folder of everybody's exported ratings."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from ._delimited import EncodingGuessed
from ._rows import KEY, TIMES
from .ratings import COLUMNS, merge, read
from .session import my_ratings

SESSIONS = "sessions"  # where an experiment keeps what each participant answered
COARSE = 10  # ms to which times are rounded
POOLED = re.compile(r"observer \d{2,}", re.IGNORECASE)  # what a pool calls people
SAME = 20  # trials answered alike, choice and rating, that two people hardly have by chance
OTHER_TABLES = (".tsv", ".tab", ".xlsx", ".xls", ".ods", ".numbers", ".zip")


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
        Files and sub-folders that were not, and why.
    guessed : dict of str to list of str
        Files that are not Unicode, and the names in them that another code page would spell otherwise.
    alike : dict of (str, str) to str
        Pairs of observers who may be one person, and why.
    """

    table: pd.DataFrame
    files: dict[str, list[str]]
    refused: dict[str, str]
    guessed: dict[str, list[str]]
    alike: dict[tuple[str, str], str]

    @property
    def shared(self) -> dict[str, list[str]]:
        """Old names that are in several files, and in which: one person's sessions, or two of the same name?"""
        names = {name for inside in self.files.values() for name in inside}
        where = {name: [file for file, inside in self.files.items() if name in inside] for name in sorted(names)}
        return {name: files for name, files in where.items() if len(files) > 1}


def pool(folder: str | os.PathLike, salt: str | None = None, leave_out: Path | None = None) -> Pool:
    """Read all CSV files of a folder, leave out the bad ones, and give the observers numbers in random order.

    A table that is a pool itself is left out, and so is what lies in sub-folders; `refused` says so.

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
    files = [path for path in _files(folder) if not leave_out or path.resolve() != leave_out.resolve()]
    refused = _elsewhere(folder, files)
    tables, guessed = {}, {}
    for path in files:
        if path.parent == folder and path.suffix.lower() == ".csv":
            try:
                _add(tables, guessed, path)
            except (ValueError, OSError) as error:
                refused[path.name] = str(error)
    if not tables:
        if not refused:
            raise ValueError(f"{folder} holds no CSV file: collect what the participants exported there")
        raise ValueError("\n".join(["no file could be used:", *(f"{name}: {why}" for name, why in refused.items())]))
    merged = merge(list(tables.values()), list(tables))
    inside = {name: sorted(table["observer"].unique()) for name, table in tables.items()}
    return Pool(anonymous(merged, salt), inside, refused, guessed, _alike(merged))


def pool_experiments(folders: Sequence[Path], salt: str | None = None) -> Pool:
    """The same from the folders of several experiments (`python -m kit experiment`), such as those of two servers.

    Parameters
    ----------
    folders : sequence of path
        Each holds a folder `sessions`; the experiments may still run.
    salt : str, optional
        As in `pool`.

    Raises
    ------
    ValueError
        If one of them is no experiment's, or nobody has rated yet.
    """
    tables = {}
    for number, folder in enumerate(folders, 1):
        if not (folder / SESSIONS).is_dir():
            raise ValueError(
                f"{folder} holds no {SESSIONS}: name folders of `python -m kit experiment`, or one of CSV files"
            )
        found = my_ratings(folder / SESSIONS)
        if len(found):  # codes are random, each server's own: the same one in two folders is two people
            tables[str(folder)] = found.assign(observer=f"{number}-" + found["observer"])
    if not tables:
        raise ValueError("nobody has rated a panel there yet")
    merged = merge(list(tables.values()), list(tables))
    inside = {name: sorted(table["observer"].unique()) for name, table in tables.items()}
    return Pool(anonymous(merged, salt), inside, {}, {}, _alike(merged))


def _files(folder: Path) -> list[Path]:
    """What may be a table, hidden files left out, in the order of their names."""
    found = (path for path in folder.rglob("*") if path.is_file() and _may_be_table(path))
    return sorted(path for path in found if not any(p.startswith(".") for p in path.relative_to(folder).parts))


def _may_be_table(path: Path) -> bool:
    """By its endings (ana.csv.txt, as browsers save it, or ana.csv.gz, too); or a text that begins as ratings do."""
    endings = [ending.lower() for ending in path.suffixes]
    if ".csv" in endings or {*endings[-1:]} & {*OTHER_TABLES}:
        return True
    if endings[-1:] not in ([], [".txt"]) or not os.access(path, os.R_OK):
        return False
    with open(path, "rb") as file:
        return b"observer" in file.read(1000).replace(b"\0", b"").lower()


def _elsewhere(folder: Path, files: list[Path]) -> dict[str, str]:
    """Tables that are not read because of their place or kind, and why."""
    told, deeper = {}, {}
    for path in files:
        if path.parent != folder:
            deeper.setdefault(path.relative_to(folder).parts[0] + "/", []).append(path.name)
        elif path.suffix.lower() != ".csv":
            told[path.name] = "is no CSV file: save or export it as CSV (comma-separated text)"
    for name, inside in deeper.items():
        several = f"{len(inside)} tables are" if len(inside) > 1 else "a table is"
        shown = ", ".join(inside[:3]) + (", ..." if len(inside) > 3 else "")
        told[name] = f"{several} in this sub-folder ({shown}): move what belongs to the class up, beside the others"
    return told


def _add(tables: dict[str, pd.DataFrame], guessed: dict[str, list[str]], path: Path) -> None:
    """Read one file; raise if it is bad or does not fit to those before."""
    with warnings.catch_warnings(record=True) as warned:  # columns that are not kept: nothing of them is in the pool
        warnings.simplefilter("always")
        table = read(path)
    names = table["observer"].unique()
    pooled = sorted(filter(POOLED.fullmatch, names))
    if pooled:
        raise ValueError(
            f"{path.name} is a pool itself, of people called {pooled[0]!r} and so on, who would count twice: "
            "move it out of the folder (or rename them, if your laboratory calls people so)"
        )
    if any(issubclass(w.category, EncodingGuessed) for w in warned):
        foreign = [name for name in sorted(names) if not name.isascii()]
        _refuse_no_words(path.name, foreign)
        guessed |= {path.name: foreign} if foreign else {}
    rivals = {name: other for name, other in tables.items() if set(other["observer"]) & set(names)}
    merge([*rivals.values(), table], [*rivals, path.name])
    tables[path.name] = table


def _refuse_no_words(file: str, names: list[str]) -> None:
    """Refuse names that Windows-1252 makes no words of: they are of another code page, which nobody knows."""
    odd = [name for name in names if not all(map(_is_word, name.split()))]
    if odd:
        raise ValueError(
            f"{file} is not UTF-8, and as Windows-1252 an observer would be called {odd[0]!r}: "
            'save it as UTF-8 (in Excel "CSV UTF-8"), or one person may become two'
        )


def _is_word(word: str) -> bool:
    """Whether accents stand where Latin script has them: most letters are plain, no capital follows a small one."""
    accented = [letter for letter in word if not letter.isascii() and letter != "\u2019"]
    capital_inside = any(a.islower() and b.isupper() and not b.isascii() for a, b in zip(word, word[1:]))
    return all(map(str.isalpha, accented)) and not capital_inside and 2 * len(accented) <= max(len(word), 2)


def _alike(table: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Pairs of observers whose names differ in spelling only, or whose answers do not differ at all."""
    names = sorted(table["observer"].unique())
    pairs = [(a, b) for a, b in combinations(names, 2) if _spelled(a) == _spelled(b)]
    told = dict.fromkeys(pairs, "their names differ in capitals, or in how a program wrote them, only")
    return told | {(a, b): f"they gave the same answers to all {n} trials that both have" for a, b, n in _twins(table)}


def _spelled(name: str) -> str:
    """A name without capitals and wide letters, and not as a program spells it that takes UTF-8 for Windows-1252."""
    with suppress(UnicodeError):
        name = name.encode("cp1252").decode()
    return unicodedata.normalize("NFKC", name).casefold()


def _twins(table: pd.DataFrame) -> Iterator[tuple[str, str, int]]:
    """Pairs of observers with equal answers to many trials, and to how many."""
    rated = table[table["phase"] == "rate"]
    answer = 10 * rated["choice"] + rated["rating"]
    panels = [name for name in KEY if name != "observer"]
    wide = rated.assign(answer=answer).pivot(index="observer", columns=panels, values="answer")
    answers = wide.to_numpy(float)
    for first, second in combinations(range(len(wide)), 2):
        both = ~np.isnan(answers[first] + answers[second])
        if both.sum() >= SAME and np.array_equal(answers[first, both], answers[second, both]):
            yield wide.index[first], wide.index[second], int(both.sum())


def anonymous(table: pd.DataFrame, salt: str | None = None) -> pd.DataFrame:
    """The same ratings under new names in random order, with times rounded to 10 ms and rows sorted by the panels.

    Parameters
    ----------
    table : DataFrame
        As `kit.behavior.ratings.read` returns it.
    salt : str, optional
        As in `pool`.
    """
    salt = salt or secrets.token_hex()

    def hidden(name: str) -> str:
        return hmac.new(salt.encode(), name.encode(), hashlib.sha256).hexdigest()

    names = sorted(table["observer"].unique(), key=hidden)
    labels = {name: f"observer {number:0{max(2, len(str(len(names))))}d}" for number, name in enumerate(names, 1)}
    table = table.assign(observer=table["observer"].map(labels))
    table[list(TIMES)] = (table[list(TIMES)] / COARSE).round() * COARSE
    return table.sort_values(list(COLUMNS), ignore_index=True)
