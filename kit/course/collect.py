"""Hand-ins from a learning platform's download, sorted into `submitted/<student>/<assignment>/`.

What is there already is never lost: an older file never takes the place of a newer one, and what is replaced is kept
in `replaced/`. Every file of the download is placed, or told with the reason why not.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kit import harmless
from kit.teaching import notebook

from . import register, times
from .downloads import Download, File, Stage
from .names import by_platform, is_notebook, parts
from .roster import as_id, read_roster
from .students import HandIn, Known, identified, owner
from .times import Zone

BESIDE = (".csv", ".txt", ".json", ".npy", ".npz", ".png", ".jpg", ".jpeg")
"""Kinds of files that are taken with a notebook."""
RESERVED = "timestamp.txt"
"""In which nbgrader looks for the time; a student may not write it."""
MOST_TOLD = 20
"""Files of one folder and one reason that are told each."""
DATED = "%d %B %Y %H:%M"


@dataclass
class Collected:
    """What became of every file of a download."""

    assignment: str
    zone: Zone
    placed: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    unplaced: dict[str, str] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def refuse(self, path: str, why: str) -> None:
        """Tell why a file was not placed; a path may be there several times."""
        self.unplaced[path] = f"{self.unplaced[path]}; {why}" if path in self.unplaced else why

    def _refusals(self) -> Iterator[str]:
        """Two lines a file; of very many in one place with one reason, the first."""
        counted: dict[tuple[str, str], int] = {}
        for path, why in sorted(self.unplaced.items()):
            place = parts(path)[0], why
            counted[place] = counted.get(place, 0) + 1
            if counted[place] <= MOST_TOLD or len(parts(path)) == 1:
                yield f"  {harmless.line(path)}\n    {harmless.line(why)}"
        for (place, why), number in counted.items():
            if number > MOST_TOLD:
                yield f"  {harmless.line(place)}: {number} files in all\n    {harmless.line(why)}"

    def __str__(self) -> str:
        line = harmless.line
        lines = [
            f"{self.assignment}: {len(self.placed)} hand-ins placed ({len(self.late)} late)",
            f"  times are read as those of {self.zone.name} ({self.zone.chosen})",
        ]
        lines += [f"  {line(student)}: {line(what)}" for student, what in sorted(self.placed.items())]
        if self.kept:
            lines += ["left as they were:", *(f"  {s}: {line(why)}" for s, why in sorted(self.kept.items()))]
        if self.notes:
            lines += ["look at:", *(f"  {line(note)}" for note in self.notes)]
        if self.unplaced:
            lines += ["NOT placed:", *self._refusals()]
        return "\n".join(lines)


def collect(
    download: Path,
    assignment: str,
    course: Path,
    roster: Path | None = None,
    force: bool = False,
    zone: str | None = None,
) -> Collected:
    """Sort the hand-ins of a download into a course.

    Parameters
    ----------
    download : a zip file, a folder, or a single notebook.
    assignment : its name, as in `source/`.
    course : the course's folder.
    roster : CSV file of the people (`roster.read_roster`); by default `roster.csv` of the course, if there is one.
    force : also take files that are older than what is there (which is kept in `replaced/`).
    zone : time zone of the platform's clock, such as "Europe/Berlin" (`times.zone` says which by default).

    Raises
    ------
    ValueError, OSError
        If there is no such download, assignment or zone, or the roster cannot be read.
    """
    source = course / "source" / assignment
    if not source.is_dir() or assignment != source.name:
        there = ", ".join(sorted(p.name for p in (course / "source").glob("*/"))) or "none"
        raise ValueError(f"{course} has no assignment {assignment!r}; it has {there}")
    roster = roster or (course / "roster.csv" if (course / "roster.csv").exists() else None)
    people, entries = read_roster(roster) if roster else [], register.read(course)
    out = Collected(assignment, times.zone(course, zone))
    with tempfile.TemporaryDirectory(prefix=".collect", dir=course) as store:
        found, others = _sorted(Download(Path(store), out.zone).files(download), source / f"{assignment}.ipynb", out)
        folders = {path.name for path in (course / "submitted").glob("*")}
        hand_ins = identified(found, Known(assignment, people, entries, folders), force)
        for refused in (hand_in for hand_in in hand_ins if hand_in.refused):
            out.refuse(refused.path, refused.refused)
        newest = _newest([hand_in for hand_in in hand_ins if not hand_in.refused], out)
        for hand_in in newest:
            _place(hand_in, course, out, force)
        for other in others:
            _place_beside(other, owner(other, assignment, newest), course, out)
    return out


# ---- which files are this assignment


def _sorted(files: Iterable[File], source: Path, out: Collected) -> tuple[list[File], list[File]]:
    """The notebooks of the assignment, and what may lie beside them; the cells decide, where they are known."""
    known = set(_ids(source.read_bytes()) or ()) if source.exists() else set()
    notebooks, others = [], []
    for file in files:
        name = parts(file.path)[-1]
        if file.refused:
            out.refuse(file.path, file.refused)
        elif is_notebook(name):
            why = _fault(file, known) or ("" if known else _other_name(name, out.assignment))
            if why:
                out.refuse(file.path, why)
            else:
                notebooks.append(file)
        elif known and not _fault(file, known):
            notebooks.append(file)
        elif name.lower().endswith(BESIDE):
            others.append(file)
        else:
            out.refuse(file.path, "it is neither a notebook nor of a kind that is taken with one")
    return notebooks, others


def _ids(content: bytes) -> list[str] | None:
    """The grade ids of a notebook, read as doctor and grader read it; None if it is not one."""
    try:
        cells = notebook.parse(content).cells
    except ValueError:
        return None
    return [cell.metadata.nbgrader.grade_id for cell in cells if "nbgrader" in cell.metadata]


def _fault(file: File, known: set[str]) -> str:
    """Why a file cannot be this assignment; its content counts, not its name."""
    ids = _ids(file.content)
    if ids is None:
        return "it is not a notebook (damaged, endless, or another file with its ending)"
    if known and len(known & set(ids)) < len(known) / 2:
        return "its cells are those of another notebook" if ids else "its cells are not those of the assignment"
    return ""


def _other_name(name: str, assignment: str) -> str:
    named = re.search(rf"\b{re.escape(assignment)}\b", name.replace("_", " "), re.IGNORECASE)
    return "" if named else f"it is called {name}, not {assignment}"


def _newest(found: Sequence[HandIn], out: Collected) -> list[HandIn]:
    """One hand-in a student: the last attempt, the one changed last."""
    newest: dict[str, HandIn] = {}
    for hand_in in sorted(found, key=lambda h: _order(h, out.assignment)):
        before = newest.get(hand_in.student)
        if before and before.file.digest() != hand_in.file.digest():
            same = _order(before, "")[:2] == _order(hand_in, "")[:2]
            what = "another one at the same time" if same else "a newer one"
            out.refuse(before.path, f"{hand_in.student} handed in {what}: {hand_in.path}")
        newest[hand_in.student] = hand_in
    return list(newest.values())


def _order(hand_in: HandIn, assignment: str) -> tuple:
    changed, told = _stage(hand_in).changed, hand_in.told
    never = datetime.min.replace(tzinfo=UTC)
    return told.attempt, changed or never, told.stem.lower() == assignment.lower(), hand_in.path


def _stage(hand_in: HandIn) -> Stage:
    """What is known of the time: from the archive that names the student. What is inside it is the student's."""
    return hand_in.file.stage(hand_in.part)


# ---- into the course


def _place(hand_in: HandIn, course: Path, out: Collected, force: bool) -> None:
    """Write a hand-in to its place, unless what is there is the same or newer."""
    name, file, stage = f"{out.assignment}.ipynb", hand_in.file, _stage(hand_in)
    place = course / "submitted" / hand_in.student / out.assignment
    if (place / name).exists():
        if (place / name).read_bytes() == file.content:
            out.kept[hand_in.student] = "the same is there already"
            return
        if not force and (why := _not_newer(_when(place), stage.changed, hand_in.path, out.zone)):
            out.kept[hand_in.student] = f"{why}; --force takes it all the same"
            return
    if place.exists():
        _keep(place, course / "replaced" / hand_in.student / out.assignment)
    if stage.changed:
        _write(place / RESERVED, f"{times.stamp(stage.changed)}\n".encode())
    register.append(course, _entry(hand_in, out.assignment))
    _write(place / name, file.content)
    out.placed[hand_in.student] = f"{hand_in.path}{' (late)' if hand_in.told.late else ''}"
    if hand_in.told.late:
        out.late.add(hand_in.student)
    if stage.guessed:
        names = " or ".join(dict.fromkeys(told.name for told in hand_in.readings))
        out.notes.append(f"{hand_in.student}: the zip file does not tell its code page; {names} was read")
    if not stage.changed:
        out.notes.append(f"{hand_in.student}: the zip file does not tell when it was handed in; it counts as in time")
    elif stage.doubtful:
        out.notes.append(f"{hand_in.student}: clocks were changed in that hour; {stage.changed:%H:%M} UTC is assumed")


def _not_newer(there: datetime, changed: datetime | None, path: str, zone: Zone) -> str:
    """Why what is there may not be replaced by the file of this path."""
    if changed is None:
        return f"it is not known when {path} was handed in"
    if there >= changed:
        shown, given = (f"{zone.clock(when):{DATED}}" for when in (there, changed))
        return f"what is there ({shown}) is not older than {path} ({given})"
    return ""


def _entry(hand_in: HandIn, assignment: str) -> register.Entry:
    told, file, changed = hand_in.told, hand_in.file, _stage(hand_in).changed
    when = f"{times.stamp(changed)} UTC" if changed else ""
    who = (assignment, hand_in.student, told.name, told.platform, told.number, str(told.late))
    return register.Entry(*who, hand_in.path, when, file.digest())


def _place_beside(file: File, hand_in: HandIn | None, course: Path, out: Collected) -> None:
    """Write a file that a student handed in with the notebook."""
    if hand_in is None:
        out.refuse(file.path, "no notebook was placed with it")
        return
    told, name = by_platform(file.path), parts(file.path)[-1]
    name = told.file if told else name
    place = course / "submitted" / hand_in.student / out.assignment / name
    if name != as_id(name) or name.casefold() == RESERVED:
        out.refuse(file.path, f"no file can be called {name} there")
    elif place.exists():
        if place.read_bytes() != file.content:
            out.refuse(file.path, f"there is another {name} already")
    elif hand_in.student not in out.placed:
        out.refuse(file.path, "no notebook was placed with it")
    else:
        _write(place, file.content)


def _when(place: Path) -> datetime:
    """When the hand-in that is there was handed in."""
    try:
        with open(place / RESERVED, encoding="utf-8", errors="replace") as file:
            found = times.read_stamp(file.read(200))
    except OSError:
        found = None
    changes = (path.stat().st_mtime for path in place.iterdir())
    return found or datetime.fromtimestamp(max(changes), UTC)


def _keep(place: Path, store: Path) -> None:
    store.mkdir(parents=True, exist_ok=True)
    numbers = [int(path.name) for path in store.iterdir() if path.name.isdecimal()]
    shutil.move(place, store / str(1 + max(numbers, default=0)))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(content)
    os.replace(new, path)
