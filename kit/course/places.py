"""Hand-ins into the course: `submitted/<student>/<assignment>/`, and what is replaced into `replaced/`."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from . import register, times
from .collected import Collected
from .downloads import File
from .names import by_platform, parts
from .roster import as_id
from .students import HandIn
from .times import Zone

RESERVED = "timestamp.txt"
"""In which nbgrader looks for the time; a student may not write it."""
DATED = "%d %B %Y %H:%M"


def place(hand_in: HandIn, course: Path, out: Collected, force: bool) -> None:
    """Write a hand-in to its place, unless what is there is the same or newer."""
    name, file, stage = f"{out.assignment}.ipynb", hand_in.file, hand_in.stage
    folder = course / "submitted" / hand_in.student / out.assignment
    if (folder / name).exists():
        if (folder / name).read_bytes() == file.content:
            out.kept[hand_in.student] = _same(hand_in, folder, course, out, force)
            return
        if not force and (why := _not_newer(_when(folder), stage.changed, hand_in.path, out.zone)):
            out.kept[hand_in.student] = f"{why}; --force takes it all the same"
            return
    if folder.exists():
        _keep(folder, course / "replaced" / hand_in.student / out.assignment)
    if stage.changed:
        _write(folder / RESERVED, f"{times.stamp(stage.changed)}\n".encode())
    register.append(course, _entry(hand_in, out.assignment))
    _write(folder / name, file.content)
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


def _same(hand_in: HandIn, folder: Path, course: Path, out: Collected, force: bool) -> str:
    """What to tell of a hand-in that is there already; with force, its time is corrected (it was another zone's)."""
    there, changed = _when(folder), hand_in.stage.changed
    if changed is None or there == changed:
        return "the same is there already"
    shown, given = (f"{out.zone.clock(when):{DATED}}" for when in (there, changed))
    if not force:
        return f"the same is there already, of {shown}, not of {given}; --force takes this time"
    _write(folder / RESERVED, f"{times.stamp(changed)}\n".encode())
    register.append(course, _entry(hand_in, out.assignment))
    return f"the same is there already; its time is now {given}, no longer {shown}"


def _not_newer(there: datetime, changed: datetime | None, path: str, zone: Zone) -> str:
    """Why what is there may not be replaced by the file of this path."""
    if changed is None:
        return f"it is not known when {path} was handed in"
    if there >= changed:
        shown, given = (f"{zone.clock(when):{DATED}}" for when in (there, changed))
        return f"what is there ({shown}) is not older than {path} ({given})"
    return ""


def _entry(hand_in: HandIn, assignment: str) -> register.Entry:
    told, file, changed = hand_in.told, hand_in.file, hand_in.stage.changed
    when = f"{times.stamp(changed)} UTC" if changed else ""
    who = (assignment, hand_in.student, told.name, told.platform, told.number, str(told.late))
    return register.Entry(*who, hand_in.path, when, file.digest())


def place_beside(file: File, hand_in: HandIn | None, course: Path, out: Collected) -> None:
    """Write a file that a student handed in with the notebook."""
    if hand_in is None:
        out.refuse(file.path, "no notebook was placed with it")
        return
    told, name = by_platform(file.path), parts(file.path)[-1]
    name = told.file if told else name
    path = course / "submitted" / hand_in.student / out.assignment / name
    if name != as_id(name) or name.casefold() == RESERVED:
        out.refuse(file.path, f"no file can be called {name} there")
    elif path.exists():
        if path.read_bytes() != file.content:
            out.refuse(file.path, f"there is another {name} already")
    elif hand_in.student not in out.placed:
        out.refuse(file.path, "no notebook was placed with it")
    else:
        _write(path, file.content)


def _when(folder: Path) -> datetime:
    """When the hand-in that is there was handed in."""
    try:
        with open(folder / RESERVED, encoding="utf-8", errors="replace") as file:
            found = times.read_stamp(file.read(200))
    except OSError:
        found = None
    changes = (path.stat().st_mtime for path in folder.iterdir())
    return found or datetime.fromtimestamp(max(changes), UTC)


def _keep(folder: Path, store: Path) -> None:
    store.mkdir(parents=True, exist_ok=True)
    numbers = [int(path.name) for path in store.iterdir() if path.name.isdecimal()]
    shutil.move(folder, store / str(1 + max(numbers, default=0)))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(content)
    os.replace(new, path)
