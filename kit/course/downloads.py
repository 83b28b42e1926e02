"""The files of a learning platform's download: a zip file, a folder, zip files in them.

Nothing is unpacked by its path, and nothing without a limit: what a member holds goes to the disk piece by piece, and
is refused as soon as it is more than the limit, whatever size the archive states. All files are told, also those that
are refused, except what systems leave behind (`NOISE`).
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count, product
from pathlib import Path
from typing import BinaryIO

from . import zipnames
from .names import by_platform, parts
from .times import Zone

MB = 2**20
LARGEST = 50 * MB
MEMBERS, IN_ALL = 20_000, 4_000 * MB
"""What a download may hold, unpacked."""
MEMBERS_INSIDE, INSIDE_IN_ALL = 1_000, 200 * MB
"""What a zip file in it may hold: one student's must not use up what is for all."""
ENTRY = 400  # bytes that a zip file's directory may have for a member
LONGEST = 1000
"""Letters of a path."""
NOISE = ("__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "desktop.ini")
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError),
    *(RuntimeError, OSError, ValueError, OverflowError),
)


@dataclass(frozen=True)
class Stage:
    """The parts of a path up to one (`parts`) that came with one archive or disk: when it says they were changed.

    `doubtful` is the time, if clocks were changed then, and `guessed` the code page of the name.
    """

    parts: int
    changed: datetime | None
    doubtful: bool = False
    guessed: bool = False


@dataclass(frozen=True)
class File:
    """A file of a download: its path there, in all its readings, and where its bytes are, or why they are refused."""

    readings: tuple[str, ...]
    stages: tuple[Stage, ...]
    stored: Path | None = None
    refused: str = ""

    @property
    def path(self) -> str:
        """Its path in the download, in the likeliest reading."""
        return self.readings[0]

    def stage(self, part: int) -> Stage:
        """What is known of the time of a part of the path: from the archive in which this part stands."""
        return next((stage for stage in self.stages if part < stage.parts), self.stages[-1])

    @property
    def content(self) -> bytes:
        """Its bytes, at most `LARGEST`."""
        with open(self.stored, "rb") as file:
            return file.read(LARGEST)

    def digest(self) -> str:
        """SHA-256 of its bytes."""
        with open(self.stored, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass
class Allowance:
    """What may still be unpacked."""

    members: int = field(default_factory=lambda: MEMBERS)
    bytes: int = field(default_factory=lambda: IN_ALL)

    def inside(self) -> Allowance:
        """What one zip file of it may hold."""
        return Allowance(min(self.members, MEMBERS_INSIDE), min(self.bytes, INSIDE_IN_ALL))


@dataclass
class Download:
    """A download that is being read; what is unpacked of it lies in the folder `store`."""

    store: Path
    zone: Zone
    left: Allowance = field(default_factory=Allowance)
    numbers: Iterator[int] = field(default_factory=count)

    def files(self, path: Path) -> Iterator[File]:
        """All files of a zip file or a folder, or a single one; also of zip files in it.

        Raises
        ------
        OSError
            If there is no such download.
        """
        if not path.exists():
            raise OSError(f"there is no {path}")
        if not path.is_dir():
            yield from self._on_disk(path, path.name, top=True)
            return
        closed: list[OSError] = []
        for folder, folders, names in os.walk(path, onerror=closed.append):
            folders.sort()
            linked = [name for name in folders if os.path.islink(os.path.join(folder, name))]
            for name in sorted(names + linked):
                found = Path(folder, name)
                yield from self._on_disk(found, str(found.relative_to(path)))
        for error in closed:
            name = os.path.relpath(error.filename, path)
            stages = (Stage(len(parts(name)), None),)
            yield File((name,), stages, refused=f"its folder cannot be read ({error.strerror})")

    def _on_disk(self, path: Path, name: str, top: bool = False) -> Iterator[File]:
        if _is_noise(name):
            return
        file = File((name,), (Stage(len(parts(name)), None),))
        self.left.members -= not top
        try:
            about = path.lstat() if not top else path.stat()
            changed = datetime.fromtimestamp(about.st_mtime, UTC)
            file = replace(file, stages=(Stage(len(parts(name)), changed),))
            why = _kind(about.st_mode) or self._too_many() or _too_long(name)
            if not why and path.suffix.lower() == ".zip":
                inside = "" if top else name[: -len(".zip")]
                own = self.left.inside() if by_platform(name) else self.left
                yield from self._archive(path, (inside,), file.stages if inside else (), own, 0)
                return
            why = why or _too_large(about.st_size)
            if not why:
                with open(path, "rb"):
                    pass
            yield replace(file, refused=why) if why else replace(file, stored=path)
        except (OSError, ValueError, OverflowError) as error:
            yield replace(file, refused=f"it cannot be read ({type(error).__name__})")

    def _too_many(self) -> str:
        return f"the download holds more than {MEMBERS} files; collect it in parts" if self.left.members < 0 else ""

    def _archive(
        self, path: Path, inside: tuple[str, ...], stages: tuple[Stage, ...], left: Allowance, depth: int
    ) -> Iterator[File]:
        """The files of a zip file; `inside` is its own path, which may say whose it is."""
        file = File(tuple(name or "the download" for name in inside), stages or (Stage(1, None),))
        try:
            with open(path, "rb") as opened:
                size = _directory_size(opened)
                if size > ENTRY * max(left.members, 100):
                    yield replace(file, refused=f"its list of files has {size / MB:.0f} MB, too much for a hand-in")
                    return
                archive = zipfile.ZipFile(opened)
                members = archive.infolist()
                if len(members) > left.members:
                    yield replace(file, refused=f"it holds {len(members)} files, more than {left.members}")
                    return
                left.members -= len(members)
                for member, names in zip(members, zipnames.spelled(members)):
                    yield from self._member(archive, member, _joined(inside, names), stages, left, depth)
        except BROKEN as error:
            yield replace(file, refused=f"it is a damaged zip file ({type(error).__name__})")

    def _member(
        self,
        archive: zipfile.ZipFile,
        member: zipfile.ZipInfo,
        readings: tuple[str, ...],
        stages: tuple[Stage, ...],
        left: Allowance,
        depth: int,
    ) -> Iterator[File]:
        known = readings or (member.orig_filename,)
        if member.filename.endswith(("/", "\\")) or _is_noise(known[0]):
            return
        changed, doubtful = zipnames.changed(member, self.zone), zipnames.is_doubtful(member, self.zone)
        here = Stage(len(parts(known[0])), changed, doubtful, zipnames.is_guessed(member))
        file, packed = File(known, (*stages, here)), member.filename.lower().endswith(".zip")
        why = _unsafe(known, member) or _too_large(member.file_size) or _too_long(known[0])
        if not readings:
            why = "its name is written in an unknown code page; with UTF-8 (or on one system) zip it again"
        elif member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            why = why or "its compression is not that of ordinary zip files: zip it again"  # and has no bound in Python
        elif packed and depth:
            why = why or "it is a zip file in a zip file in a zip file"
        if why:
            yield replace(file, refused=why)
            return
        stored, why = self._unpack(archive, member, left)
        if why or not packed:
            yield replace(file, refused=why) if why else replace(file, stored=stored)
            return
        own, before = left.inside(), left.inside()
        yield from self._archive(stored, tuple(name[: -len(".zip")] for name in known), file.stages, own, depth + 1)
        left.members -= before.members - own.members
        left.bytes -= before.bytes - own.bytes
        stored.unlink()

    def _unpack(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: Allowance) -> tuple[Path | None, str]:
        """Where a member was written to, or why it was not."""
        path = self.store / str(next(self.numbers))
        most = min(LARGEST, left.bytes)
        try:
            with archive.open(member) as source, open(path, "wb") as file:
                size = _copy(source, file, most)
        except BROKEN as error:
            path.unlink(missing_ok=True)
            return None, f"it cannot be unpacked ({type(error).__name__}: {error})"
        left.bytes -= min(size, most)
        if size <= most:
            return path, ""
        path.unlink()
        return None, _too_large(size) if most == LARGEST else "with the files before it, it is too much to unpack"


def _copy(source: BinaryIO, file: BinaryIO, most: int) -> int:
    """Copy until the end or beyond the limit; how many bytes there were."""
    size = 0
    while size <= most and (piece := source.read(MB)):
        size += len(piece)
        file.write(piece)
    return size


def _joined(inside: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """The readings of a path of two parts."""
    return tuple(f"{one}/{two}".lstrip("/") for one, two in product(inside, names))


def _directory_size(file: BinaryIO) -> int:
    """How many bytes of a zip file's directory `zipfile` would read into memory; 0 where there is none."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - 2**16 - 22 - 76))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return 0
    size = struct.unpack_from("<L", tail, at + 12)[0]
    if at >= 76 and tail[at - 20 : at - 16] == b"PK\x06\x07" and tail[at - 76 : at - 72] == b"PK\x06\x06":
        size = max(struct.unpack_from("<Q", tail, at - 76 + 40)[0], size if size < 2**32 - 1 else 0)
    return size


def _is_noise(path: str) -> bool:
    return any(part in NOISE or part.startswith("._") for part in parts(path))


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "it is a link"
    return "" if stat.S_ISREG(mode) else "it is no ordinary file"


def _unsafe(readings: tuple[str, ...], member: zipfile.ZipInfo) -> str:
    leaves = any(".." in parts(path) for path in (*readings, member.filename))
    return "its path leaves its folder, or is a link" if leaves or stat.S_ISLNK(member.external_attr >> 16) else ""


def _too_large(size: int) -> str:
    if size <= LARGEST:
        return ""
    return f"it has {size / MB:.0f} MB, more than {LARGEST // MB} (an endless output? Clear it and hand in again)"


def _too_long(path: str) -> str:
    return f"its path has more than {LONGEST} letters" if len(path) > LONGEST else ""
