"""An experiment that is open: its participants, its door, its secrets, and one server at a time."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from filelock import FileLock, Timeout

from kit.behavior.experiment import State
from kit.files.atomic import atomic

from . import export
from .experiment import Experiment, begun
from .limits import REQUESTS, TRIES, Pace
from .panels import Album
from .people import Participant, People, word
from .portraits import Portraits

DOORS = ("open", "closed", "over")  # all may come; nobody new; nobody answers any more
WRITERS = 8  # threads: a disk that is slow for one participant is not for the others


class Classroom:
    """An experiment that is open.

    Parameters
    ----------
    folder : Path
        Where everything is kept.
    experiment : Experiment
    address : str
        Where browsers find it, such as "http://192.168.1.20:8765".

    Raises
    ------
    ValueError
        If the folder holds another experiment, or another server uses it.
    """

    def __init__(self, folder: Path, experiment: Experiment, address: str = ""):
        folder.mkdir(0o700, parents=True, exist_ok=True)
        self.folder, self.address = folder, address.rstrip("/")
        self._lock = _held(folder)
        try:
            self.experiment = begun(folder, experiment)
            self.people = People(folder, self.experiment)
            kept = _secrets(folder)
        except BaseException:
            self._lock.release()
            raise
        self.join_code, self.instructor = kept["join"], kept["instructor"]
        self.door = _door(folder)
        self.trouble = ""  # what the instructor must know, such as a full disk
        self.album, self.portraits = Album(), Portraits(self.experiment)
        self.tries, self.requests = Pace(TRIES), Pace(REQUESTS)
        self._writers = ThreadPoolExecutor(WRITERS, "writer")
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def link(self) -> str:
        """Where participants come in; a platform adds its id."""
        return f"{self.address}/?code={self.join_code}" + ("&id=" if self.experiment.recruited else "")

    @property
    def desk(self) -> str:
        """Where the instructor comes in; browsers send what follows a # to nobody, so that it is in no log."""
        return f"{self.address}/i#{self.instructor}"

    async def answer(self, person: Participant, event: dict, serial: int) -> State:
        """Take what a participant did, and give the state that follows once the disk has it.

        Raises
        ------
        OSError, SessionError
            If it cannot be stored; the participant's state stays as it was.
        LookupError
            If the participant has withdrawn in the meantime.
        """
        async with self._turns[person.code]:
            if person not in self.people:
                raise LookupError(person.code)
            loop, session = asyncio.get_running_loop(), self.people.session(person)
            try:
                state = await loop.run_in_executor(self._writers, session.submit, event, serial)
            except OSError as error:
                self.trouble = str(error)
                raise
            self.trouble = ""
            return state

    def turn(self, door: str) -> None:
        """Open or close the door, or end the experiment; a restart finds it as it was left."""
        with atomic(self.folder / "door.json") as file:
            file.write(json.dumps(door).encode())
        self.door = door

    async def forget(self, person: Participant) -> None:
        """Delete all that a participant gave, also from tables that were written."""
        async with self._turns[person.code]:
            self.people.withdraw(person)
        self._turns.pop(person.code, None)
        if (self.folder / export.POOLED).exists():
            await asyncio.get_running_loop().run_in_executor(None, self.export)

    def export(self) -> None:
        """Write the tables into the folder."""
        export.write(self.people, self.folder)

    def close(self) -> None:
        """Write the tables and give the folder up."""
        self._writers.shutdown()
        self.album.close()
        self.portraits.close()
        try:
            self.export()
        finally:
            self.people.close()
            self._lock.release()


def _held(folder: Path) -> FileLock:
    lock = FileLock(folder / ".lock", timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise ValueError(f"another server uses {folder}: stop that one, or choose another folder with --out") from None
    return lock


def _secrets(folder: Path) -> dict[str, str]:
    """The join code and the instructor's token, made once; only the owner of the folder may read them."""
    path = folder / "secrets.json"
    if not path.exists():
        with atomic(path) as file:
            file.write(json.dumps({"join": word(6), "instructor": secrets.token_urlsafe(16)}).encode())
    path.chmod(0o600)
    return json.loads(path.read_text(encoding="utf-8"))


def _door(folder: Path) -> str:
    path = folder / "door.json"
    door = json.loads(path.read_text(encoding="utf-8")) if path.exists() else DOORS[0]
    return door if door in DOORS else DOORS[0]
