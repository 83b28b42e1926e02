"""A class graded: many hand-ins at a time, each apart from all others, into nbgrader's gradebook.

Workers only compute (`grade`): they see one hand-in and the instructor's cells, and give back an executed notebook.
One process, this one, writes (`_save`), through nbgrader's own converter: files, points, late penalties and comments
are where formgrader, feedback and export look for them. What is graded is remembered by a fingerprint of everything
it depends on, so a run can be stopped and started again.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import asdict, dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import joblib
import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, LimitOutput, NbGraderPreprocessor
from nbgrader.preprocessors import SaveAutoGrades
from nbgrader.utils import determine_grade
from tqdm import tqdm
from traitlets.config import Config, PyFileConfigLoader

from kit.teaching.grading import secret

from .execute import execute, gather
from .restore import Master, masters, restore
from .sandbox import Limits, isolation

VERSION = "1"


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
        graded.fingerprint = job.fingerprint()
        for name, originals in job.notebooks.items():
            _grade_notebook(job, name, originals, graded)
    except Exception as error:
        graded.error = f"{type(error).__name__}: {error}" if not isinstance(error, _Unreadable) else str(error)
    graded.seconds = round(time.monotonic() - start, 2)
    return graded


class _Unreadable(Exception):
    pass


def _grade_notebook(job: Job, name: str, originals: list[Master], graded: Graded) -> None:
    path = job.submitted / f"{name}.ipynb"
    if not path.is_file() or path.is_symlink():
        raise _Unreadable(f"there is no {name}.ipynb in the hand-in; ask for it")
    notebook = _read(path)
    graded.notes += restore(notebook, originals)
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "given"
        gather(given, job.submitted, job.source)
        for solution in job.source.glob("*.ipynb"):
            if not (job.submitted / solution.name).exists():
                (given / solution.name).unlink(missing_ok=True)
        graded.attention += execute(notebook, given, job.limits, job.private)
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade") and not marks.get("solution"):
            points, most = determine_grade(cell)
            reasons = "".join(output.text for output in cell.outputs if output.output_type == "stream").splitlines()
            about = {"notebook": name, "test": marks["grade_id"], "points": points, "most": most, "reasons": reasons}
            graded.scores.append(about)
    graded.notebooks[name] = nbformat.writes(notebook)


def _read(path: Path) -> nbformat.NotebookNode:
    """A notebook, in today's format."""
    try:
        with redirect_stderr(StringIO()):
            notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook, relax_add_props=True)
    except Exception as error:  # a hand-in may be anything
        reason = str(error).splitlines()[0][:100] if str(error) else type(error).__name__
        raise _Unreadable(f"{path.name} is not a notebook that can be read ({reason}); ask for a new one") from None
    return notebook


# ---- a course


@dataclass(frozen=True)
class Course:
    """An nbgrader course: its folder and its configuration."""

    root: Path
    config: Config

    @classmethod
    def at(cls, root: Path, submitted: Path | None = None) -> Course:
        """The course in a folder; hand-ins in another one than `submitted/` in it can be named.

        Raises
        ------
        ValueError
            If there is no `nbgrader_config.py`.
        """
        root = root.resolve()
        if not (root / "nbgrader_config.py").is_file():
            raise ValueError(f"{root} is not a course: it has no nbgrader_config.py (name one with --course)")
        config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
        config.CourseDirectory.root = str(root)
        if submitted is not None:
            config.CourseDirectory.submitted_directory = str(submitted.resolve())
        return cls(root, config)

    @property
    def api(self) -> NbGraderAPI:
        """nbgrader's interface to it."""
        api = NbGraderAPI(config=self.config)
        api.log.setLevel("ERROR")
        return api

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Where nbgrader keeps a step ("submitted", "autograded", ...)."""
        course = self.api.coursedir
        return Path(course.format_path(getattr(course, f"{step}_directory"), student, assignment))

    def record(self, student: str, assignment: str) -> Path:
        """The file of reasons of a student."""
        return self.root / "grading" / assignment / f"{student}.json"


def handed_in(course: Course, assignment: str | None = None) -> list[tuple[str, str]]:
    """Pairs (assignment, student) for which there is a hand-in."""
    base = Path(course.api.coursedir.format_path(course.api.coursedir.submitted_directory, ".", "."))
    pairs = sorted((path.name, path.parent.name) for path in base.glob("*/*") if path.is_dir())
    return [pair for pair in pairs if assignment in (None, pair[0]) and not pair[1].startswith(".")]


def jobs(course: Course, pairs: list[tuple[str, str]], limits: Limits) -> list[Job]:
    """The work to do for hand-ins.

    Raises
    ------
    ValueError
        If an assignment is not in the gradebook; the message tells how to put it there.
    """
    out, known = [], {}
    with Gradebook(course.api.coursedir.db_url, course.api.coursedir.course_id) as gradebook:
        for name in sorted({assignment for assignment, _ in pairs}):
            try:
                books = [notebook.name for notebook in gradebook.find_assignment(name).notebooks]
            except MissingEntry:
                books = []
            if not books:
                raise ValueError(
                    f"the gradebook does not know {name!r}: release it first, in {course.root}: "
                    f"nbgrader generate_assignment {name}"
                )
            known[name] = {book: masters(gradebook, book, name) for book in books}
    for name, student in pairs:
        submitted, source = course.folder("submitted", student, name), course.folder("source", ".", name)
        out.append(Job(student, name, submitted, source, known[name], limits, (course.root,)))
    return out


def grade_all(course: Course, todo: list[Job], n_jobs: int = 1, force: bool = False) -> Iterator[Graded]:
    """Grade hand-ins in parallel; results come as they are ready, those already graded first.

    `joblib.parallel_config(backend="dask")` spreads the work over a Dask cluster.
    """
    left = []
    for job in todo:
        before = None if force else _remembered(course, job)
        if before:
            yield before
        else:
            left.append(job)
    run = joblib.Parallel(n_jobs=min(n_jobs, len(left)) or 1, return_as="generator_unordered", pre_dispatch="2*n_jobs")
    for graded in run(joblib.delayed(grade)(job) for job in left):
        _save(course, graded)
        yield graded


def _remembered(course: Course, job: Job) -> Graded | None:
    """The result of an earlier run, if nothing has changed since."""
    try:
        graded = Graded(**json.loads(course.record(job.student, job.assignment).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    same = graded.fingerprint == job.fingerprint() and graded.isolated == bool(isolation())
    there = graded.error or course.folder("autograded", job.student, job.assignment).is_dir()
    return graded if same and there else None


# ---- written in one place


class _Recall(NbGraderPreprocessor):
    """Puts the executed notebook in the place of the one that nbgrader has just copied."""

    notebooks: dict[str, str] = {}

    def preprocess(self, nb, resources):
        return nbformat.reads(self.notebooks[resources["nbgrader"]["notebook"]], as_version=4), resources


def _save(course: Course, graded: Graded) -> None:
    """Write notebook, points and record of one hand-in."""
    if not graded.error:
        graded.error = _into_gradebook(course, graded)
    path = course.record(graded.student, graded.assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".new")
    record = asdict(graded) | {"notebooks": {}}
    with scratch.open("w", encoding="utf-8") as file:
        json.dump(record, file, indent=1, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def _into_gradebook(course: Course, graded: Graded) -> str:
    """Let nbgrader store an executed hand-in; empty, or what it complains about."""
    directory = course.api.coursedir
    directory.assignment_id, directory.student_id = graded.assignment, graded.student
    converter = Autograde(coursedir=directory, config=course.config)
    converter.log.setLevel("CRITICAL")
    converter.force = True
    converter.sanitize_preprocessors = []
    converter.autograde_preprocessors = [_Recall, LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]
    _Recall.notebooks = graded.notebooks
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SQLAlchemy's, about nbgrader's models
            converter.start()
    except Exception as error:  # nbgrader raises many kinds; the others must be graded all the same
        return f"nbgrader could not store it: {type(error).__name__}: {error}"
    return ""


# ---- told


def table(results: list[Graded]) -> str:
    """The summary that is printed."""
    width = max([len(result.student) for result in results], default=7)
    lines = []
    for result in sorted(results, key=lambda each: (each.assignment, each.student)):
        score = "no points" if result.error else f"{result.points:g} of {result.most:g}"
        words = "; ".join([result.error] if result.error else [*result.attention, *result.notes])
        lines.append(f"{result.assignment}  {result.student:{width}}  {score:>12}  {words}".rstrip())
    return "\n".join(lines)


def write_table(course: Course, results: list[Graded]) -> list[Path]:
    """One CSV file of all reasons an assignment, in `grading/`."""
    paths = []
    for name in sorted({result.assignment for result in results}):
        path = course.root / "grading" / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["student", "test", "points", "most", "reasons", "attention", "isolated"])
            for result in sorted(results, key=lambda each: each.student):
                if result.assignment == name:
                    rows.writerows(_rows(result))
        paths.append(path)
    return paths


def _rows(result: Graded) -> Iterator[list]:
    attention = "; ".join([result.error, *result.attention, *result.notes]).strip("; ")
    isolated = "yes" if result.isolated else "NOT ISOLATED"
    for score in result.scores:
        reasons = " | ".join(score["reasons"])
        yield [result.student, score["test"], score["points"], score["most"], _safe(reasons), attention, isolated]
    if not result.scores:
        yield [result.student, "", "", "", "", attention, isolated]


def _safe(text: str) -> str:
    """Not a formula, whatever a spreadsheet makes of it."""
    return re.sub(r"^[=+\-@]", " \\g<0>", text)


def progress(results: Iterator[Graded], n: int) -> list[Graded]:
    """All results, with a bar."""
    return list(tqdm(results, total=n, unit="hand-in", desc="grading"))
