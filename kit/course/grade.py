"""One hand-in graded: what a worker does. It sees this hand-in and the instructor's cells, and writes nothing."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from kit.teaching import notebook
from kit.teaching.grading import secret

from .execute import execute, files_of, gather
from .restore import Master, restore
from .sandbox import Limits, isolation

VERSION = "2"
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
            for path in files_of(folder, handed_in=folder == self.submitted):
                digest.update(os.fsencode(path.relative_to(folder)) + f" {path.stat().st_size} ".encode())
                with open(path, "rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
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
    """Grade one hand-in; never raises for what a student did.

    In a thread, as Dask's workers use them, a process of its own does it: prints, warnings and alarms belong to a
    process as a whole, and those of two hand-ins would mix.
    """
    if threading.current_thread() is not threading.main_thread():
        from .apart import grade_apart

        return grade_apart(job)
    start, graded = time.monotonic(), Graded(job.student, job.assignment)
    try:
        graded.isolated = bool(isolation())
        graded.fingerprint = job.fingerprint()
        for name, originals in job.notebooks.items():
            _grade_notebook(job, name, originals, graded)
    except (ValueError, RuntimeError) as error:
        graded.error = str(error)
    except Exception as error:
        graded.error = f"grading it broke off ({type(error).__name__}: {str(error)[:200]}); it is not graded yet"
    graded.seconds = round(time.monotonic() - start, 2)
    return graded


def _grade_notebook(job: Job, name: str, originals: list[Master], graded: Graded) -> None:
    handed_in = read(job.submitted / f"{name}.ipynb")
    graded.notes += restore(handed_in, originals)
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "given"
        gather(given, job.submitted, job.source)
        graded.attention += execute(handed_in, given, job.limits, job.private)
    graded.notebooks[name] = nbformat.writes(handed_in)


def read(path: Path) -> nbformat.NotebookNode:
    """A notebook as it was handed in, its form mended; raises ValueError with what to ask the student for."""
    if not path.is_file():
        raise ValueError(f"there is no {path.name} in the hand-in; ask for it")
    try:
        return notebook.read(path)
    except (ValueError, OSError) as error:
        raise ValueError(f"{path.name} is not a notebook that can be read ({error}); ask for a new one") from None
