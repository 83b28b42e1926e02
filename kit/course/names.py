"""Whose hand-in a file is: what learning platforms write into the names of what they let an instructor download.

- Moodle: `Ada Lovelace_123456_assignsubmission_file_perceptron.ipynb`, or a folder with such a name and the file in it.
  The number belongs to the hand-in, not to the person: it is another one in the next assignment.
- Canvas: `lovelaceada_LATE_12345_67890_perceptron-1.ipynb`: family and given name, the person's number, the file's, and
  a number that Canvas appends when somebody hands in again.
- nbgrader and plain folders: `ada/perceptron.ipynb`, `submitted/ada/perceptron/perceptron.ipynb`; plain files:
  `ada_perceptron.ipynb`.
"""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_file(_(?P<file>.*))?")
CANVAS = re.compile(r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<number>\d+)_\d+_(?P<file>.+)")
AGAIN = re.compile(r"(-\d+|-Copy\d+|[ _]?\(\d+\)|\.fixed(-\d+)?)+$")  # Canvas, JupyterLab, browsers, the doctor
COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id")


@dataclass(frozen=True)
class Whose:
    """What a path tells about a hand-in: the name in it, the platform and its number, and the file's own name."""

    name: str
    file: str
    platform: str = "plain"
    number: str = ""
    late: bool = False

    @property
    def stem(self) -> str:
        """The file's name without what copying and handing in again append."""
        return AGAIN.sub("", Path(self.file).stem)

    @property
    def attempt(self) -> int:
        """The number that Canvas appends to a file handed in again."""
        found = re.search(r"-(\d+)$", Path(self.file).stem)
        return int(found.group(1)) if found else 0


def whose(path: str, assignment: str) -> Whose | None:
    """What a path inside a download tells; None when it names nobody."""
    *folders, file = [part for part in re.split(r"[/\\]", path) if part not in ("", ".", "submitted")]
    for part, inside in ((file, ""), *((folder, file) for folder in reversed(folders))):
        if found := MOODLE.fullmatch(part):
            return Whose(found["name"], inside or found["file"] or part, "Moodle", found["number"])
        if found := CANVAS.fullmatch(part):
            return Whose(found["name"], inside or found["file"], "Canvas", found["number"], bool(found["late"]))
    people = [part for part in folders if part != assignment]
    if people:
        return Whose(people[-1], file)
    found = re.fullmatch(rf"(?P<name>.+?)[_-](?P<file>{re.escape(assignment)}\b.*)", file, re.IGNORECASE)
    return Whose(found["name"], found["file"]) if found else None


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
        return {plain(self.first_name + self.last_name), plain(self.last_name + self.first_name), plain(self.id)} - {""}


def read_roster(path: Path) -> list[Person]:
    """The people of a course: a CSV file with the columns id, first_name, last_name, email, lms_user_id.

    Raises
    ------
    ValueError
        If the column id is missing, an id is empty or there twice, or one that no folder can be named after.
    """
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if "id" not in (reader.fieldnames or ()):
            raise ValueError(f"{path} has no column 'id'; the columns are {', '.join(COLUMNS)}")
        people = [Person(**{c: (row.get(c) or "").strip() for c in COLUMNS}) for row in reader]
    ids = [person.id for person in people]
    for line, person in enumerate(people, 2):
        if person.id != as_id(person.id) or ids.count(person.id) > 1:
            raise ValueError(
                f"{path}, line {line}: the id {person.id!r} is empty, there twice, or has signs other than letters, "
                "digits, '_', '-' and '.'"
            )
    return people


def find(told: Whose, roster: Sequence[Person]) -> Person | str:
    """The person that a path names, or why nobody can be found."""
    if told.platform == "Canvas" and (found := [p for p in roster if p.lms_user_id == told.number]):
        return found[0]
    found = [p for p in roster if plain(told.name) in p.spellings]
    if len(found) == 1:
        return found[0]
    if found:
        return f"{len(found)} people of the roster are called {told.name}: {', '.join(p.id for p in found)}"
    spellings = {spelling: p for p in roster for spelling in p.spellings}
    near = difflib.get_close_matches(plain(told.name), spellings, n=1, cutoff=0.75)
    return f"nobody in the roster is called {told.name}" + (f"; is it {spellings[near[0]].id}?" if near else "")


def as_id(name: str) -> str:
    """A name as the name of a student's folder."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"[^\w.-]+", "_", letters, flags=re.ASCII).strip("._-")


def plain(name: str) -> str:
    """A name without spaces, signs, accents and capitals, for comparing."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in letters if c.isalnum())
