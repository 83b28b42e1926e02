"""Hand-ins from a learning platform's download, sorted into `submitted/<student>/<assignment>/`.

What is there already is never lost: an older file never takes the place of a newer one, and what is replaced is kept
in `replaced/`. Every file of the download is placed, or told with the reason why not.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from kit.teaching import notebook

from . import register, times
from .collected import Collected
from .downloads import Download, File
from .names import is_notebook, parts
from .places import place, place_beside
from .roster import read_roster
from .students import HandIn, Known, identified, owner

BESIDE = (".csv", ".txt", ".json", ".npy", ".npz", ".png", ".jpg", ".jpeg")
"""Kinds of files that are taken with a notebook."""


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
            place(hand_in, course, out, force)
        for other in others:
            place_beside(other, owner(other, assignment, newest), course, out)
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
    changed, told = hand_in.stage.changed, hand_in.told
    never = datetime.min.replace(tzinfo=UTC)
    return told.attempt, changed or never, told.stem.lower() == assignment.lower(), hand_in.path
