"""One participant's experiment on the disk: every event is there before the next display is shown.

The file holds JSON lines: a header (format, design, checksum of the face model), then one line an event;
a finished panel is one event. Its place in the file is what counts, not the clock. The file is locked while
a kernel uses it; the lock belongs to the process and goes with it, however it ends.
"""

from __future__ import annotations

import hashlib
import os
import warnings
import zlib
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

import kit
from kit.faces.views import suffix
from kit.files import data
from kit.files.records import Records, spoken, student_folder

from . import ratings
from .experiment import State, table
from .protocol import Procedure

FORMAT = 1
ENDING = ".session.jsonl"

_open: dict[Path, Session] = {}


class SessionError(RuntimeError):
    """A session cannot be used here and now; the message says why and what to do."""


def folder() -> Path:
    """Where sessions are kept: `experiment` in the student's folder."""
    return student_folder() / "experiment"


class Session:
    """A participant's experiment; `state` is where they are. Make it with `open_session`."""

    def __init__(self, design: Procedure, path: Path):
        self.path, self.state = path, State(design)
        self._records = Records(path)
        self._lock = FileLock(f"{path}.lock", timeout=0, thread_local=False)
        self._closed = False
        self._next = 0  # number of the next line
        if path.exists():
            self._hold()

    @property
    def design(self) -> Procedure:
        return self.state.design

    def submit(self, event: dict, serial: int) -> State:
        """Take an event, write it, wait for the disk, and only then return the state that follows.

        Parameters
        ----------
        event : dict
            See `kit.behavior.experiment.State.after`; further fields are stored and not used.
        serial : int
            Of the state that the participant saw; an answer to an older one changes nothing.

        Raises
        ------
        OSError
            If the disk does not take it: the state stays, and the event can be submitted again.
        SessionError
            If another kernel has the session, or it was opened again in this one.
        """
        self._hold()
        after = self.state.after(event) if serial == self.state.serial else self.state
        if after is not self.state:
            shown = {"view": self.design.view} if event["event"] == "answer" else {}
            self._write({**event, **shown, "seq": self._next, "at": _now()})
            self.state = after
        return self.state

    def table(self) -> pd.DataFrame:
        """The answers so far as a table of ratings; columns in `kit.behavior.ratings`."""
        return table(self.state)

    def export(self, path: str | os.PathLike) -> Path:
        """Write the answers so far as the CSV that every analysis of the kit reads; returns its path."""
        if not self.state.counted:
            raise SessionError("there is no rated panel to export yet: rate some first")
        return ratings.write(self.table(), path)

    def close(self) -> None:
        """Give the file up, so that another kernel can go on."""
        self._closed = True
        self._lock.release()

    def _hold(self) -> None:
        """Lock the file and read it, unless that is done."""
        if self._closed:
            raise SessionError("this session was opened again, or closed: run the cell that opens it once more")
        if self._lock.is_locked:
            return
        _take(self._lock, self.path)
        try:
            self._read()
        except BaseException:
            self._lock.release()
            raise

    def _read(self) -> None:
        records = self._records.read()
        headers = [record for record in records if record.get("kind") == "header"]
        header = _header(self.design)
        for found in headers:
            _check(found, header, self.path)
        events = [record for record in records if "event" in record]
        self._next = 1 + max((_number(event) for event in events), default=-1)
        self.state = _replayed(self.design, events, self.path)
        if not headers or headers[-1]["design"] != header["design"]:
            self._write(header | {"at": _now()})

    def _write(self, record: dict) -> None:
        self._records.append(record)
        self._next += "event" in record


def open_session(design: Procedure, where: str | os.PathLike | None = None) -> Session:
    """Begin a participant's experiment, or go on where it stopped.

    Nothing is written before the participant has agreed. Numbers of panels may change between two
    openings: what was answered stays. Each viewing condition, and each set of chosen panels, is a session of its own.

    Parameters
    ----------
    design : Procedure
    where : folder of the sessions; by default that of the student.

    Raises
    ------
    SessionError
        If another kernel uses it, or it was begun with other faces.
    """
    name = "{}-{}-{}+{}-{}".format(design.observer, design.identity, *design.components, design.seed)
    name += f"-chosen-{zlib.crc32(repr(design.chosen).encode()):08x}" if design.chosen else ""
    path = Path(where or folder()).resolve() / f"{name}{suffix(design.view)}{ENDING}"
    if path in _open:
        _open.pop(path).close()
    _open[path] = Session(design, path)
    return _open[path]


def my_ratings(where: str | os.PathLike | None = None) -> pd.DataFrame:
    """All ratings in a folder of sessions, as one table; an empty one if there are none. Needs no lock."""
    tables = []
    for path in sorted(Path(where or folder()).glob(f"*{ENDING}")):
        records = Records(path).read()
        designs = [Procedure(**r["design"]) for r in records if r.get("kind") == "header" and r.get("format") == FORMAT]
        if designs:
            tables.append(table(_replayed(designs[-1], [r for r in records if "event" in r], path)))
    return pd.concat(tables, ignore_index=True) if tables else table(State(Procedure("Ada")))


def delete_my_data(where: str | os.PathLike | None = None) -> int:
    """Delete all sessions in a folder, by default yours; returns how many. There is no way back.

    Raises
    ------
    SessionError
        If another kernel uses one of them; nothing is deleted then.
    """
    where = Path(where or folder()).resolve()
    paths = sorted(where.glob(f"*{ENDING}"))
    for path in [path for path in _open if path.parent == where]:
        _open.pop(path).close()
    locks = [FileLock(f"{path}.lock", timeout=0, thread_local=False) for path in paths]
    try:
        for path, lock in zip(paths, locks):
            _take(lock, path)
        for path in paths:
            path.unlink()
    finally:
        for lock in locks:
            lock.release()
            Path(lock.lock_file).unlink(missing_ok=True)
    return len(paths)


def _take(lock: FileLock, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise SessionError(
            f"another notebook uses this session ({spoken(path)}): answer there, or shut its kernel down "
            "(in JupyterLab: Kernel > Shut Down Kernel, or the list of running kernels on the left) and run this again"
        ) from None
    except OSError as error:
        raise OSError(
            f"cannot write beside {spoken(path)} ({error.strerror}): make room or set KIT_STUDENT_DIR "
            "to a folder you may write to",
        ) from error


def _header(design: Procedure) -> dict:
    plain = asdict(design) | {"components": list(design.components), "chosen": list(map(list, design.chosen))}
    if not design.chosen:
        del plain["chosen"]  # sessions with random panels are written as ever
    return {"kind": "header", "format": FORMAT, "kit": kit.__version__, "face_model": _face_model(), "design": plain}


@cache
def _face_model() -> str:
    return hashlib.sha256(data.verified("face_model.npz").read_bytes()).hexdigest()


def _check(found: dict, header: dict, path: Path) -> None:
    other = [name for name in ("format", "face_model") if found.get(name) != header[name]]
    if other:
        raise SessionError(
            f"{spoken(path)} was begun with another {other[0].replace('_', ' ')} ({found.get(other[0])}, here "
            f"{header[other[0]]}): its panels would be other ones. Your answers are safe; begin anew with another "
            "observer code, or go back to the version of the kit that made it"
        )


def _replayed(design: Procedure, events: list[dict], path: Path) -> State:
    """The state after the stored events; what is no event is told and left out."""
    state = State(design)
    for event in sorted(events, key=_number):
        try:
            state = state.after(event)
        except ValueError as error:
            warnings.warn(f"{spoken(path)}: event {event.get('seq')} was skipped: {error}", stacklevel=2)
    return state


def _number(event: dict) -> int:
    number = event.get("seq")
    return number if isinstance(number, int) else -1


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
