"""The files of a learning platform's download: a zip file, a folder, zip files in them. Nothing is unpacked by path."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path, PurePosixPath

MB = 2**20
LARGEST = 50 * MB
MEMBERS = 20_000
NOISE = ("__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "desktop.ini")
ENDINGS = (".ipynb", ".csv", ".txt", ".json", ".npy", ".npz", ".png", ".jpg", ".jpeg")


@dataclass(frozen=True)
class File:
    """A file of a download: its path there, when it was last changed, and its bytes or why they are refused."""

    path: str
    changed: datetime
    content: bytes = b""
    refused: str = ""

    @property
    def is_notebook(self) -> bool:
        """It is to be graded, and not only handed in with what is."""
        return self.path.lower().endswith(".ipynb") or bool(self.refused)


def files(download: Path) -> Iterator[File]:
    """The files of a zip file or a folder that may belong to a hand-in, or a single one; also of zip files in it."""
    if not download.exists():
        raise OSError(f"there is no {download}")
    if download.is_dir():
        for path in sorted(download.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield from _file(path, str(path.relative_to(download)))
    else:
        yield from _file(download, download.name, top=True)


def _file(path: Path, name: str, top: bool = False) -> Iterator[File]:
    info = path.stat()
    changed = datetime.fromtimestamp(info.st_mtime)
    if path.suffix.lower() == ".zip":
        yield from _archive(path.read_bytes(), "" if top else name.removesuffix(path.suffix), changed)
    elif _wanted(name):
        large = info.st_size > LARGEST
        yield File(name, changed, b"" if large else path.read_bytes(), _too_large(info.st_size) if large else "")


def _archive(content: bytes, inside: str, changed: datetime, depth: int = 0) -> Iterator[File]:
    """The files of a zip file; `inside` is its own path, which may say whose it is."""
    try:
        archive = zipfile.ZipFile(BytesIO(content))
        members = archive.infolist()
    except zipfile.BadZipFile:
        yield File(inside or "the download", changed, refused="it is a damaged zip file")
        return
    if len(members) > MEMBERS:
        yield File(inside or "the download", changed, refused=f"it holds {len(members)} files")
        return
    for member in members:
        yield from _member(archive, member, inside, _changed(member, changed), depth)


def _changed(member: zipfile.ZipInfo, archive: datetime) -> datetime:
    """When a member was last changed; where the archive does not know (1980), when that was."""
    try:
        return datetime(*member.date_time) if member.date_time[0] > 1980 else archive
    except ValueError:
        return archive


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, inside: str, changed: datetime, depth: int
) -> Iterator[File]:
    path, packed = f"{inside}/{member.filename}".lstrip("/"), member.filename.lower().endswith(".zip")
    if member.is_dir() or not (packed or _wanted(path)):
        return
    unsafe = ".." in PurePosixPath(path.replace("\\", "/")).parts or stat.S_ISLNK(member.external_attr >> 16)
    if unsafe or member.file_size > LARGEST or (packed and depth):
        why = "its path leaves its folder, or is a link" if unsafe else _too_large(member.file_size)
        yield File(path, changed, refused="it is a zip file in a zip file in a zip file" if packed and depth else why)
        return
    try:
        with archive.open(member) as file:
            content = file.read(LARGEST + 1)  # whatever size the archive states
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError, NotImplementedError) as error:
        yield File(path, changed, refused=f"it cannot be unpacked ({error})")
        return
    if packed:
        yield from _archive(content, path[: -len(".zip")], changed, depth + 1)
    else:
        yield File(path, changed, content, _too_large(len(content)) if len(content) > LARGEST else "")


def _wanted(path: str) -> bool:
    return path.lower().endswith(ENDINGS) and not any(noise in path for noise in NOISE)


def _too_large(size: int) -> str:
    return f"it has {size / MB:.0f} MB, more than {LARGEST // MB} (an endless output? Clear it and hand in again)"
