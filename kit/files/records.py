"""What a person answered, kept on the person's own disk: an append-only file of JSON lines."""

import errno
import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path


def student_folder() -> Path:
    """The folder of this student's records: `KIT_STUDENT_DIR`, else the platform's data folder."""
    chosen = os.environ.get("KIT_STUDENT_DIR")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_data_path

    return user_data_path("shared-features", appauthor=False)


def spoken(path: Path) -> str:
    """A path to tell a student, with `~` for the home folder (notebooks are passed on)."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except ValueError:
        return str(path)


class Records:
    """An append-only file of JSON records, one a line.

    A record counts once `append` has returned: it is on the disk then. What a power cut leaves half
    written is skipped with a warning; the rest of the file stays readable and writable.

    Parameters
    ----------
    path : path of the file; it and its folders are made by the first `append`.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)

    def append(self, record: dict) -> None:
        """Write one record and wait until the disk has it.

        Raises
        ------
        OSError
            If the file cannot be written; the message names it and the remedy.
        """
        line = json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            begun = self.path.exists()
            self._write(line.encode())
            if not begun:
                _sync_folder(self.path.parent)
        except OSError as error:
            raise OSError(
                f"cannot write {spoken(self.path)} ({error.strerror}): make room or set KIT_STUDENT_DIR "
                "to a folder you may write to"
            ) from error

    def _write(self, line: bytes) -> None:
        # One write on an appending descriptor: records of two kernels never interleave.
        with open(self.path, "ab+", buffering=0) as file:
            if _is_torn(file):
                line = b"\n" + line
            written = file.write(line)
            try:
                if written < len(line):  # a disk that fills up takes a part and does not complain
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(file.fileno())
            except OSError:
                _take_back(file, written)
                raise

    def read(self) -> list[dict]:
        """All records, oldest first; lines that are no record are skipped with a warning."""
        if not self.path.exists():
            return []
        records = []
        for number, line in enumerate(self.path.read_bytes().split(b"\n"), 1):
            record = _parse(line)
            if record is not None:
                records.append(record)
            elif line.strip():
                warnings.warn(
                    f"{spoken(self.path)}: line {number} is not a whole record and was skipped "
                    "(a torn write?); all others are kept",
                    stacklevel=2,
                )
        return records

    def keep(self, wanted: Callable[[dict], bool]) -> int:
        """Keep the wanted records only, in a new file put in place at once; return how many went."""
        before = self.read()
        after = [record for record in before if wanted(record)]
        if len(after) < len(before):
            replacement = Records(self.path.with_suffix(".new"))
            replacement.path.unlink(missing_ok=True)
            replacement._write("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in after).encode())
            os.replace(replacement.path, self.path)
        return len(before) - len(after)


def _sync_folder(folder: Path) -> None:
    """Wait until the disk has the name of a new file, too (Windows has no such call)."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _take_back(file, written: int) -> None:
    """Cut off the last bytes written, unless somebody else has written since."""
    end = file.tell()
    if end == os.fstat(file.fileno()).st_size:
        file.truncate(end - written)


def _is_torn(file) -> bool:
    if file.seek(0, os.SEEK_END) == 0:
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"


def _parse(line: bytes) -> dict | None:
    try:
        record = json.loads(line)
    except ValueError:  # also undecodable bytes
        return None
    return record if isinstance(record, dict) else None
