"""`collected.csv`: what was collected of whom and when, who was late, and the platform's numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from kit.behavior._delimited import read_cells
from kit.files import harmless

FILE = "collected.csv"
COLUMNS = ("assignment", "student", "name", "platform", "lms_user_id", "late", "file", "handed_in", "sha256")


@dataclass(frozen=True)
class Entry:
    """A hand-in that was collected. `lms_user_id` is the platform's number, Moodle's of this hand-in only."""

    assignment: str
    student: str
    name: str = ""
    platform: str = ""
    lms_user_id: str = ""
    late: str = "False"
    file: str = ""
    handed_in: str = ""
    sha256: str = ""

    @property
    def is_late(self) -> bool:
        """The platform said so."""
        return self.late.lower() == "true"


def read(course: Path) -> list[Entry]:
    """All entries of a course, the oldest first; also where a spreadsheet has saved the file.

    Raises
    ------
    ValueError
        If the file is another table.
    """
    path = course / FILE
    if not path.exists():
        return []
    cells = read_cells(path, COLUMNS, "the register of what was collected")
    if cells.header[: len(COLUMNS)] != list(COLUMNS):
        raise ValueError(f"{path}: its columns are not {', '.join(COLUMNS)}: give it another name, and collect again")
    return [Entry(*row[: len(COLUMNS)]) for row in cells.rows if len(row) >= 2]


def append(course: Path, entry: Entry) -> None:
    """Write an entry behind the others, on a line of its own."""
    path = course / FILE
    delimiter = read_cells(path, COLUMNS).delimiter if path.exists() else ","
    text = io.StringIO()
    rows = csv.writer(text, delimiter=delimiter)
    if not path.exists():
        rows.writerow(COLUMNS)
    elif _is_torn(path):
        text.write("\r\n")
    rows.writerow(harmless.row(astuple(entry)))
    with open(path, "ab") as file:
        file.write(text.getvalue().encode())


def _is_torn(path: Path) -> bool:
    with open(path, "rb") as file:
        file.seek(-1, io.SEEK_END)
        return file.read(1) not in b"\r\n"


def canvas_numbers(entries: Sequence[Entry]) -> dict[str, str]:
    """Canvas's number of each student; none for a student who handed in under several."""
    numbers: dict[str, set[str]] = {}
    for entry in entries:
        if entry.platform == "Canvas" and entry.lms_user_id:
            numbers.setdefault(entry.student, set()).add(entry.lms_user_id)
    return {student: found.pop() for student, found in numbers.items() if len(found) == 1}
