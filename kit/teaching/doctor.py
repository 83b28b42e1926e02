"""Look over an assignment before it is handed in, in words that say how to mend it.

>>> from kit.teaching import doctor
>>> doctor("perceptron.ipynb")                                           # doctest: +SKIP

or, without a notebook, `python -m kit doctor perceptron.ipynb --fix`. The file on the disk is looked at, and is never
changed: what can be repaired safely is repaired on a copy beside it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kit.files import harmless

from . import notebook

if TYPE_CHECKING:
    from nbformat import NotebookNode

SECONDS, MINUTES = 60.0, 8.0
"""What a cell, and all of them, may take when they are graded."""
COPIED = re.compile(r"(-Copy\d+|[ _]?\(\d+\)|\.fixed(-\d+)?)+$")  # what JupyterLab, browsers and `--fix` append


@dataclass(frozen=True)
class Finding:
    """Something that the doctor noticed.

    `place` names the cell as a person finds it, `costs` says whether it costs points as it is, and `fix` whether
    `--fix` mends it.
    """

    place: str
    what: str
    remedy: str
    costs: bool = True
    fix: bool = False

    def __str__(self) -> str:
        start = f"{self.place}: " if self.place else ""
        return f"{start}{self.what}\n   → {self.remedy}" + (
            " (with `--fix`, or fix=True, this is done on a copy)" if self.fix else ""
        )


@dataclass(frozen=True)
class Examination:
    """What the doctor noticed, what the visible tests gave, and the repaired copy."""

    path: Path
    findings: list[Finding]
    points: list[str]
    copy: Path | None = None
    mended: tuple[str, ...] = ()

    @property
    def healthy(self) -> bool:
        """Nothing stands in the way of handing in."""
        return not any(finding.costs for finding in self.findings)

    def __str__(self) -> str:
        saved = datetime.fromtimestamp(self.path.stat().st_mtime)
        lines = [f"{self.path.name}, as it was saved on {saved:%d %B at %H:%M} (what you changed since is not seen)"]
        ordered = sorted(self.findings, key=lambda finding: not finding.costs)
        lines += [f"\n{number}. {finding}" for number, finding in enumerate(ordered, 1)]
        if self.points:
            lines += ["\nPoints, when all cells are run once from the top:", *(f"   {line}" for line in self.points)]
        lines = "\n".join([*lines, "", *self._end()]).split("\n")
        return "\n".join(map(harmless.line, lines))

    def _end(self) -> Iterator[str]:
        if self.copy:
            yield f"Repaired copy: {self.copy.name} ({'; '.join(self.mended)})."
            yield f"Look at it, keep your own file under another name, and hand the copy in as {name(self.path)}.ipynb."
        costly = sum(finding.costs for finding in self.findings)
        if not costly:
            yield "Nothing stands in the way of handing in."
        else:
            yield f"{costly} of these cost{'s' if costly == 1 else ''} points if you hand in now."


def doctor(
    path: str | os.PathLike | None = None,
    *,
    fix: bool = False,
    run: bool = True,
    release: str | os.PathLike | None = None,
    seconds: float = SECONDS,
) -> None:
    """Print what would cost points in an assignment, and how to mend it. See `examine`."""
    if "NBGRADER_EXECUTION" in os.environ:  # run by the doctor itself, or by who grades
        return
    print(examine(path, fix=fix, run=run, release=release, seconds=seconds))


def examine(
    path: str | os.PathLike | None = None,
    *,
    fix: bool = False,
    run: bool = True,
    release: str | os.PathLike | None = None,
    seconds: float = SECONDS,
) -> Examination:
    """Look over an assignment as it lies on the disk.

    Parameters
    ----------
    path : the notebook; without it, the one that asks (JupyterLab tells its name).
    fix : write a repaired copy `NAME.fixed.ipynb` beside it where something can be repaired safely.
    run : run all cells of a copy, once from the top, in a fresh kernel.
    release : the notebook as it was handed out; by default `release/NAME/NAME.ipynb` is looked for in folders above.
    seconds : the most that one cell may take.

    Raises
    ------
    ValueError, OSError
        If there is no such notebook, or if it cannot be read; the message says what to do.
    """
    from . import doctor_cells, doctor_code, doctor_mend, doctor_run

    path = _own_path() if path is None else Path(path)
    handed_in, released = read(path), _released(path, release)
    findings, points = list(_name_findings(path)), []
    handed_out, original = released or (None, None)
    findings += doctor_cells.findings(handed_in, original)
    findings += doctor_code.findings(handed_in, path.parent, handed_out and handed_out.parent)
    if run:
        about, points = doctor_run.findings(handed_in, path.parent, seconds, 60 * MINUTES)
        findings += about
    repaired, mended = doctor_mend.mend(handed_in, original) if fix else (handed_in, ())
    copy = _write_copy(repaired, path) if mended else None
    return Examination(path, findings, points, copy, tuple(mended))


def name(path: Path) -> str:
    """The assignment's name of a file: without what copying appends."""
    return COPIED.sub("", path.stem)


def read(path: Path) -> NotebookNode:
    """A notebook, as the grader will read it; raises ValueError or OSError with the remedy if it is none."""
    if not path.is_file():
        near = ", ".join(sorted(p.name for p in path.parent.glob("*.ipynb"))) or "no notebook"
        raise OSError(f"there is no file {path}; in that folder is {near}")
    try:
        return notebook.read(path)
    except ValueError as error:
        raise ValueError(
            f"{path.name} is not a notebook any more ({error}): it was damaged or saved as something else. Open an "
            "older version (JupyterLab keeps one in .ipynb_checkpoints), or fetch it again"
        ) from None


def _own_path() -> Path:
    """The notebook that runs this, as JupyterLab tells its kernel."""
    told = os.environ.get("JPY_SESSION_NAME", "")
    path = Path.cwd() / Path(told).name
    if not told or not path.is_file():
        raise ValueError('say which notebook: doctor("perceptron.ipynb")')
    return path


def _released(path: Path, chosen: str | os.PathLike | None) -> tuple[Path, NotebookNode] | None:
    if chosen is not None:
        return Path(chosen), _read_released(Path(chosen))
    stem = name(path)
    for folder in list(path.resolve().parents)[:4]:
        for place in (folder / "release", folder / "assignments" / "release"):
            found = place / stem / f"{stem}.ipynb"
            if os.path.isfile(found) and found != path.resolve():
                return found, _read_released(found)
    return None


def _read_released(path: Path) -> NotebookNode:
    try:
        return read(path)
    except ValueError as error:
        raise ValueError(f"the notebook that was handed out, {path}, cannot be read: {error}") from None


def _name_findings(path: Path) -> Iterator[Finding]:
    if path.stem != name(path):
        yield Finding(
            "",
            f"the file is called {path.name}, and what is graded must be called {name(path)}.ipynb",
            f"rename it before you hand it in (and the other {name(path)}.ipynb, if there is one, to something else)",
        )


def _write_copy(notebook: NotebookNode, path: Path) -> Path:
    import nbformat

    names = (f"{name(path)}.fixed{end}.ipynb" for end in ("", *(f"-{n}" for n in range(2, 1000))))
    copy = next(place for place in map(path.with_name, names) if not place.exists())
    with open(copy, "x", encoding="utf-8") as file:
        file.write(nbformat.writes(notebook) + "\n")
    return copy
