"""The people of a course, and which of them a name means."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kit.behavior._delimited import read_cells, visible

from .names import Whose

COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id")
LONGEST = 100
"""Letters of an id, which is the name of a folder."""
MANGLED = re.compile(r"'.*|\d+[.,]\d[\d.,]*([eE]\+?\d+)?|\d+[eE]\+\d+")
"""What spreadsheets make of long numbers: 1.2E+10, 12.0 or 12,345."""
APOSTROPHES = "'\u2019\u2018\u02bc`\u00b4"


@dataclass(frozen=True)
class Person:
    """A row of the roster, with the columns that `nbgrader db student import` reads."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""

    @property
    def spellings(self) -> set[str]:
        """The name as platforms write it."""
        first, last = words(self.first_name), words(self.last_name)
        return {" ".join(spelled) for spelled in (first + last, last + first, words(self.id))} - {""}


def read_roster(path: Path) -> list[Person]:
    """The people of a course: a CSV file with the columns id, first_name, last_name, email, lms_user_id.

    As any spreadsheet saves it: with commas, semicolons or tabs, in UTF-8, UTF-16 or (with a warning) Windows-1252,
    with columns in any order and capitals.

    Raises
    ------
    ValueError
        If it is no such table, an id is empty or there twice, or one that no folder can be named after.
    """
    cells = read_cells(path, COLUMNS, "a roster")
    missing = [column for column in COLUMNS[:1] if column not in cells.header]
    twice = [column for column in COLUMNS if cells.header.count(column) > 1]
    if missing or twice:
        what = "has no column 'id'" if missing else f"has the column {twice[0]!r} twice"
        raise ValueError(f"{path} {what}; the columns are {', '.join(COLUMNS)}")
    people = []
    for row, line in zip(cells.rows, cells.lines):
        if len(row) > len(cells.header):
            raise ValueError(f"{path}, line {line}: {len(row)} cells, but {len(cells.header)} columns: mend the row")
        held = dict(zip(cells.header, row))
        people.append(Person(**{column: held.get(column, "").strip() for column in COLUMNS}))
    _check(people, cells.lines, path)
    return people


def _check(people: Sequence[Person], lines: Sequence[int], path: Path) -> None:
    ids = [person.id.casefold() for person in people]
    numbers = [person.lms_user_id for person in people if person.lms_user_id]
    for person, line in zip(people, lines):
        if not person.id or person.id != as_id(person.id) or ids.count(person.id.casefold()) > 1:
            raise ValueError(
                f"{path}, line {line}: the id {person.id!r} is empty, there twice, or has signs other than letters "
                f"of a to z, digits, '_', '-' and '.' (at most {LONGEST})"
            )
        if MANGLED.fullmatch(person.lms_user_id):
            raise ValueError(
                f"{path}, line {line}: a spreadsheet has made {person.lms_user_id!r} of an lms_user_id: give the "
                "column the format 'text', and paste the numbers again"
            )
        if numbers.count(person.lms_user_id) > 1:
            raise ValueError(f"{path}, line {line}: the lms_user_id {person.lms_user_id!r} is there twice")


def find(told: Whose, roster: Sequence[Person]) -> Person | str:
    """The person that a path names, or why nobody can be found."""
    if told.platform == "Canvas" and (found := [p for p in roster if p.lms_user_id == told.number]):
        return found[0]
    if told.platform == "Sakai" and (found := [p for p in roster if p.id.casefold() == told.number.casefold()]):
        return found[0]
    found = called(told.name, roster)
    if len(found) > 1:
        return f"{len(found)} people of the roster are called {told.name}: {', '.join(p.id for p in found)}"
    if found and told.platform == "Canvas" and found[0].lms_user_id:
        return f"{found[0].id} of the roster is called so, but has another number of Canvas's"
    return found[0] if found else f"nobody in the roster is called {told.name}{_near(told.name, roster)}"


def called(name: str, roster: Sequence[Person]) -> list[Person]:
    """The people of this name; one that is written in one word (Canvas does so) may stand for several words."""
    spelled = words(name)
    if len(spelled) == 1:
        return [p for p in roster if spelled[0] in {s.replace(" ", "") for s in p.spellings}]
    return [p for p in roster if " ".join(spelled) in p.spellings]


def _near(name: str, roster: Sequence[Person]) -> str:
    spellings = {spelling.replace(" ", ""): person for person in roster for spelling in person.spellings}
    near = difflib.get_close_matches("".join(words(name))[:LONGEST], spellings, n=1, cutoff=0.75)
    return f"; is it {spellings[near[0]].id}?" if near else ""


def as_id(name: str) -> str:
    """A name as the name of a student's folder; empty where too little of it can be written with a to z."""
    spelled = unicodedata.normalize("NFKD", visible(name))
    letters = "".join(c for c in spelled if not unicodedata.combining(c))
    for word in re.findall(r"[^\W\d_]+", letters):
        if 2 * sum(c.isascii() for c in word) < len(word):
            return ""
    made = re.sub(r"[^\w.-]+", "_", letters, flags=re.ASCII).strip("._-")
    return made if len(made) <= LONGEST else ""


@lru_cache(maxsize=10_000)
def words(name: str) -> tuple[str, ...]:
    """The words of a name without signs and capitals, for comparing; Latin letters without accents."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", visible(name).casefold()) if c not in APOSTROPHES)
    kept, base = [], ""
    for c in letters:
        if not unicodedata.combining(c):
            base = c
        elif base.isascii():
            continue
        kept.append(c if unicodedata.category(c)[0] in "LMN" else " ")
    return tuple("".join(kept).split())
