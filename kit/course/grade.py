"""One hand-in graded: what a worker does. It sees this hand-in and the instructor's cells, and writes nothing."""

from __future__ import annotations

import hashlib
import tempfile
import time
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import nbformat

from kit.teaching.grading import secret

from .execute import execute, gather, refuse_links
from .restore import Master, restore
from .sandbox import Limits, isolation

VERSION = "1"
"""Changes when points could come out differently: then everything is graded again."""


@dataclass(frozen=True)
class Job:
    """All that is needed to grade one hand-in, as plain values."""

    student: str
    assignment: str
    submitted: Path
    source: Path
    notebooks: dict[str, list[Master]]
    limits: Limits
    private: tuple[Path, ...]

    def fingerprint(self) -> str:
        """Of everything that the points depend on."""
        digest = hashlib.sha256(f"{VERSION} {secret()} {self.limits} {self.notebooks}".encode())
        for folder in (self.submitted, self.source):
            for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()):
                digest.update(f"{path.relative_to(folder)} {path.stat().st_size} ".encode())
                digest.update(path.read_bytes())
        return digest.hexdigest()


@dataclass
class Graded:
    """What came out.

    Attributes
    ----------
    scores : one entry a test cell: notebook, test, points, most, reasons (lines).
    notes : what was mended; `attention` : what a person should look at; `error` : why there are no points at all.
    """

    student: str
    assignment: str
    notebooks: dict[str, str] = field(default_factory=dict)
    scores: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    attention: list[str] = field(default_factory=list)
    error: str = ""
    seconds: float = 0.0
    fingerprint: str = ""
    isolated: bool = True

    @property
    def points(self) -> float:
        """Of all tests."""
        return round(sum(score["points"] for score in self.scores), 6)

    @property
    def most(self) -> float:
        """What the tests could bring."""
        return round(sum(score["most"] for score in self.scores), 6)


def grade(job: Job) -> Graded:
    """Grade one hand-in; never raises for what a student did."""
    start, graded = time.monotonic(), Graded(job.student, job.assignment, isolated=bool(isolation()))
    try:
        refuse_links(job.submitted)
        graded.fingerprint = job.fingerprint()
        for name, originals in job.notebooks.items():
            _grade_notebook(job, name, originals, graded)
    except Exception as error:
        graded.error = str(error) if isinstance(error, ValueError | RuntimeError) else repr(error)
    graded.seconds = round(time.monotonic() - start, 2)
    return graded


def _grade_notebook(job: Job, name: str, originals: list[Master], graded: Graded) -> None:
    path = job.submitted / f"{name}.ipynb"
    if not path.is_file():
        raise ValueError(f"there is no {name}.ipynb in the hand-in; ask for it")
    notebook = _read(path)
    graded.notes += restore(notebook, originals)
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "given"
        gather(given, job.submitted, job.source)
        graded.attention += execute(notebook, given, job.limits, job.private)
    graded.notebooks[name] = nbformat.writes(notebook)


def _read(path: Path) -> nbformat.NotebookNode:
    """A notebook, in today's format."""
    try:
        with redirect_stderr(StringIO()):
            notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook, relax_add_props=True)
    except Exception as error:  # a hand-in may be anything
        reason = str(error).splitlines()[0][:100] if str(error) else type(error).__name__
        raise ValueError(f"{path.name} is not a notebook that can be read ({reason}); ask for a new one") from None
    return notebook
