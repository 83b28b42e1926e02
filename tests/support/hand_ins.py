"""Downloads of learning platforms, as zip files of many systems write them; and a course that they belong to."""

import json
import struct
import zipfile
from pathlib import Path

import small_course

from kit.course.collect import Collected, collect

WHEN = (2026, 11, 20, 12, 0, 0)


def course(root: Path) -> Path:
    """A course with the source of the assignment 'sums' (nothing is released)."""
    small_course.write(root)
    return root


def notebook(root: Path, answer: str = "") -> str:
    """A hand-in of the course, told from others by its answer."""
    made = json.loads((root / "source" / "sums" / "sums.ipynb").read_text())
    made["cells"].append({"cell_type": "markdown", "id": "own", "metadata": {}, "source": answer})
    return json.dumps(made)


def moodle(name: str, number: int, file: str = "sums.ipynb") -> str:
    """A name of Moodle's."""
    return f"{name}_{number}_assignsubmission_file_{file}"


class Info(zipfile.ZipInfo):
    """A member whose name is stored in an encoding, without the flag that says UTF-8."""

    encoding = "utf-8"

    def _encodeFilenameFlags(self):
        return self.filename.encode(self.encoding), self.flag_bits & ~0x800


def archive(path, members: dict[str, str | bytes], when=WHEN, encoding: str | None = None, extra: bytes = b""):
    """A zip file; with an encoding, as programs write it that do not name it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            info = Info(name, when) if encoding else zipfile.ZipInfo(name, when)
            if encoding:
                info.encoding = encoding
            info.compress_type, info.extra = zipfile.ZIP_DEFLATED, extra
            file.writestr(info, content)
    return path


def unix_time(seconds: int) -> bytes:
    """The extra field in which Info-ZIP keeps an instant."""
    return struct.pack("<HHBL", 0x5455, 5, 1, seconds)


def collected(root: Path, members: dict[str, str | bytes | None], **options) -> tuple[Collected, dict[str, str]]:
    """Collect members (None: a hand-in that says its own path); what was told, and whose each place is."""
    zipped = {k: options.pop(k) for k in ("when", "encoding", "extra") if k in options}
    filled = {name: notebook(root, name) if content is None else content for name, content in members.items()}
    out = collect(archive(root / "download.zip", filled, **zipped), "sums", root, **options)
    return out, placed(root)


def placed(root: Path) -> dict[str, str]:
    """Student -> the answer in what lies in `submitted/`."""
    read = {p.parts[-3]: json.loads(p.read_text()) for p in root.glob("submitted/*/sums/sums.ipynb")}
    return {student: made["cells"][-1]["source"] for student, made in read.items()}


def roster(root: Path, *rows: str) -> None:
    """Write a roster: id,first_name,last_name,lms_user_id."""
    (root / "roster.csv").write_text("\n".join(["id,first_name,last_name,lms_user_id", *rows]) + "\n", encoding="utf-8")
