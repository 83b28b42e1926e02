"""Hand-ins from a learning platform's download, sorted into `submitted/<student>/<assignment>/`.

What is there already is never lost: an older file never takes the place of a newer one, and what is replaced is kept
in `replaced/`.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from .downloads import File, files
from .names import Person, Whose, as_id, find, read_roster, whose

REGISTER = ("assignment", "student", "name", "platform", "lms_user_id", "late", "file", "handed_in", "sha256")


@dataclass(frozen=True)
class HandIn:
    """A notebook with its student."""

    file: File
    told: Whose
    student: str = ""


@dataclass
class Collected:
    """What became of every file of a download."""

    assignment: str
    placed: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    unplaced: dict[str, str] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        lines = [f"{self.assignment}: {len(self.placed)} hand-ins placed ({len(self.late)} late)"]
        lines += [f"  {student}: {what}" for student, what in sorted(self.placed.items())]
        if self.kept:
            lines += ["left as they were:", *(f"  {student}: {why}" for student, why in sorted(self.kept.items()))]
        if self.unplaced:
            lines += ["NOT placed:", *(f"  {path}\n    {why}" for path, why in sorted(self.unplaced.items()))]
        return "\n".join(lines)


def collect(
    download: Path, assignment: str, course: Path, roster: Path | None = None, force: bool = False
) -> Collected:
    """Sort the hand-ins of a download into a course.

    Parameters
    ----------
    download : a zip file, a folder, or a single notebook.
    assignment : its name, as in `source/`.
    course : the course's folder.
    roster : CSV file of the people (`names.read_roster`); by default `roster.csv` of the course, if there is one.
    force : also take files that are older than what is there (which is kept in `replaced/`).

    Raises
    ------
    ValueError, OSError
        If there is no such download or assignment, or the roster cannot be read.
    """
    known = course / "source" / assignment
    if not known.is_dir():
        there = ", ".join(sorted(p.name for p in known.parent.glob("*/"))) or "none"
        raise ValueError(f"{course} has no assignment {assignment!r}; it has {there}")
    roster = roster or (course / "roster.csv" if (course / "roster.csv").exists() else None)
    people, out, found = read_roster(roster) if roster else [], Collected(assignment), []
    ids = _grade_ids(known / f"{assignment}.ipynb")
    for file in files(download):
        told, why = whose(file.path, assignment), file.refused or (_fault(file, ids) if file.is_notebook else "")
        if why or told is None:
            out.unplaced[file.path] = why or "its name does not say whose it is"
        elif file.is_notebook and not ids and told.stem.lower() != assignment.lower():
            out.unplaced[file.path] = f"it is called {told.stem}, not {assignment}"
        else:
            found.append(HandIn(file, told))
    identified = list(_identified(found, people, out))
    for hand_in in _newest([h for h in identified if h.file.is_notebook], out):
        _place(hand_in, course, out, force)
    for other in identified:
        if not other.file.is_notebook:
            _place_beside(other, course, out)
    return out


# ---- whose they are, and which to take


def _grade_ids(source: Path) -> set[str]:
    return set(_ids(source.read_bytes()) or ()) if source.exists() else set()


def _ids(content: bytes) -> list[str] | None:
    """The grade ids of a notebook; None if it is not one."""
    try:
        cells = json.loads(content)["cells"]
        meta = [cell["metadata"].get("nbgrader", {}) for cell in cells if isinstance(cell["source"], str | list)]
        return [m["grade_id"] for m in meta if m.get("grade_id")]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _fault(file: File, known: set[str]) -> str:
    """Why a file cannot be this assignment; its content counts, not its name."""
    ids = _ids(file.content)
    if ids is None:
        return "it is not a notebook (damaged, or another file with its ending)"
    if known and len(known & set(ids)) < len(known) / 2:
        return "its cells are those of another notebook" if ids else "its cells are not those of the assignment"
    return ""


def _identified(found: Sequence[HandIn], people: Sequence[Person], out: Collected) -> Iterator[HandIn]:
    """Hand-ins with a student's id: the roster's, or one made of the name (and the number, where names collide)."""
    numbers: dict[str, set[str]] = {}
    for hand_in in found:
        numbers.setdefault(as_id(hand_in.told.name), set()).add(hand_in.told.number)
    for hand_in in found:
        if people:
            person = find(hand_in.told, people)
            if isinstance(person, Person) and hand_in.told.platform == "Moodle":
                namesakes = len(numbers[as_id(hand_in.told.name)])
                person = person if namesakes == 1 else f"{namesakes} people of the download are called so"
            if isinstance(person, Person):
                yield replace(hand_in, student=person.id)
            else:
                out.unplaced[hand_in.file.path] = person
            continue
        student, number = as_id(hand_in.told.name), hand_in.told.number
        shared = number and (len(numbers[student]) > 1 or hand_in.told.platform == "Canvas")
        if student:
            yield replace(hand_in, student=f"{student}_{number}" if shared else student)
        else:
            out.unplaced[hand_in.file.path] = f"no folder can be named after {hand_in.told.name!r}; use a roster"


def _newest(found: Sequence[HandIn], out: Collected) -> list[HandIn]:
    """One hand-in a student: the last attempt, the one changed last."""
    newest: dict[str, HandIn] = {}
    for hand_in in sorted(found, key=lambda h: (h.told.attempt, h.file.changed, h.file.path)):
        before = newest.get(hand_in.student)
        if before and before.file.content != hand_in.file.content:
            out.unplaced[before.file.path] = f"{hand_in.student} handed in a newer one: {hand_in.file.path}"
        newest[hand_in.student] = hand_in
    return list(newest.values())


# ---- into the course


def _place(hand_in: HandIn, course: Path, out: Collected, force: bool) -> None:
    """Write a hand-in to its place, unless what is there is the same or newer."""
    name = f"{out.assignment}.ipynb"
    place = course / "submitted" / hand_in.student / out.assignment
    late = " (late)" if hand_in.told.late else ""
    if (place / name).exists():
        if (place / name).read_bytes() == hand_in.file.content:
            out.kept[hand_in.student] = "the same is there already"
            return
        if _when(place) >= hand_in.file.changed and not force:
            out.kept[hand_in.student] = (
                f"what is there ({_when(place):%d %B %H:%M}) is not older than {hand_in.file.path} "
                f"({hand_in.file.changed:%d %B %H:%M}); --force takes it all the same"
            )
            return
        _keep(place, course / "replaced" / hand_in.student / out.assignment)
    _write(place / name, hand_in.file.content)
    _write(place / "timestamp.txt", f"{hand_in.file.changed:%Y-%m-%d %H:%M:%S}\n".encode())
    _register(course / "collected.csv", hand_in, out.assignment)
    out.placed[hand_in.student] = f"{hand_in.file.path}{late}"
    if hand_in.told.late:
        out.late.add(hand_in.student)


def _place_beside(other: HandIn, course: Path, out: Collected) -> None:
    """Write a file that a student handed in with the notebook."""
    place = course / "submitted" / other.student / out.assignment / PurePosixPath(other.told.file).name
    if other.student not in out.placed:
        if not place.exists() or place.read_bytes() != other.file.content:
            out.unplaced[other.file.path] = "no notebook was placed with it"
    elif place.name != as_id(place.name) or place.exists():
        out.unplaced[other.file.path] = f"no file can be called {place.name} there"
    else:
        _write(place, other.file.content)


def _when(place: Path) -> datetime:
    """When the hand-in that is there was handed in."""
    try:
        return datetime.fromisoformat((place / "timestamp.txt").read_text().strip()[:19])
    except (OSError, ValueError):
        return max(datetime.fromtimestamp(path.stat().st_mtime) for path in place.iterdir())


def _keep(place: Path, store: Path) -> None:
    store.mkdir(parents=True, exist_ok=True)
    shutil.move(place, store / str(1 + sum(1 for _ in store.iterdir())))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(content)
    os.replace(new, path)


def _register(path: Path, hand_in: HandIn, assignment: str) -> None:
    """A line in the course's register of hand-ins, which keeps who was late and the platform's number."""
    told, file, begun = hand_in.told, hand_in.file, path.exists()
    sha256 = hashlib.sha256(file.content).hexdigest()
    row = (
        assignment,
        hand_in.student,
        told.name,
        told.platform,
        told.number,
        told.late,
        file.path,
        file.changed,
        sha256,
    )
    with open(path, "a", newline="", encoding="utf-8") as register:
        writer = csv.writer(register)
        writer.writerows([row] if begun else [REGISTER, row])
