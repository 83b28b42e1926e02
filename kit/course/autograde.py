"""A class graded: many hand-ins at a time, each apart from all others, into nbgrader's gradebook.

Workers only compute (`kit.course.grade`). One process, this one, writes, through nbgrader's own converter: files,
points, late penalties and comments are where formgrader, feedback and export look for them. What is graded is
remembered by a fingerprint of everything it depends on, so a run can be stopped and started again.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import joblib
import nbformat
from joblib.externals.loky.process_executor import TerminatedWorkerError
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    LimitOutput,
    SaveAutoGrades,
)
from nbgrader.utils import determine_grade
from traitlets.config import Config, PyFileConfigLoader

from .grade import Graded, Job, grade
from .restore import masters
from .sandbox import Limits, isolation


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
    try:
        for graded in run(joblib.delayed(grade)(job) for job in left):
            _save(course, graded)
            yield graded
    except TerminatedWorkerError:
        raise OSError(
            "a process that grades was ended from outside (out of memory?): the same command goes on from here, "
            "better with fewer --jobs"
        ) from None


def _remembered(course: Course, job: Job) -> Graded | None:
    """The result of an earlier run, if nothing has changed since."""
    try:
        graded = Graded(**json.loads(course.record(job.student, job.assignment).read_text(encoding="utf-8")))
        same = graded.fingerprint == job.fingerprint() and graded.isolated == bool(isolation())
    except (OSError, ValueError, TypeError):
        return None
    there = course.folder("autograded", job.student, job.assignment).is_dir()
    return graded if same and there and not graded.error else None


# ---- written in one place


class _Recall(NotebookExporter):
    """Gives nbgrader the executed notebook in the place of the one that was handed in."""

    notebooks: dict[str, str] = {}

    def from_file(self, file_stream, resources=None, **kw):
        notebook = nbformat.reads(self.notebooks[Path(file_stream.name).stem], as_version=4)
        return self.from_notebook_node(notebook, resources=resources, **kw)


def _save(course: Course, graded: Graded) -> None:
    """Write notebook, points and record of one hand-in."""
    try:
        graded.scores = [score for name, text in graded.notebooks.items() for score in _scores(name, text)]
        graded.error = graded.error or _into_gradebook(course, graded)
    except ValueError as error:  # a test that gives more points than it may
        graded.error = f"a test of this assignment is wrong: {error}"
    path = course.record(graded.student, graded.assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".new")
    record = asdict(graded) | {"notebooks": {}}
    with scratch.open("w", encoding="utf-8") as file:
        json.dump(record, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def _scores(name: str, text: str) -> Iterator[dict]:
    """The points of each test, as nbgrader reads them, and the reasons that were printed."""
    for cell in nbformat.reads(text, as_version=4).cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and marks.get("grade") and not marks.get("solution"):
            points, most = determine_grade(cell)
            reasons = "".join(output.text for output in cell.outputs if output.output_type == "stream").splitlines()
            yield {"notebook": name, "test": marks.grade_id, "points": points, "most": most, "reasons": reasons}


def _into_gradebook(course: Course, graded: Graded) -> str:
    """Let nbgrader store an executed hand-in; empty, or what it complains about."""
    directory = course.api.coursedir
    directory.assignment_id, directory.student_id = graded.assignment, graded.student
    recall = type("Recall", (_Recall,), {"notebooks": graded.notebooks})
    converter = Autograde(coursedir=directory, config=course.config, exporter_class=recall)
    converter.log.setLevel("CRITICAL")
    converter.force = True
    converter.sanitize_preprocessors = []
    converter.autograde_preprocessors = [LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SQLAlchemy's, about nbgrader's models
            converter.start()
    except Exception as error:  # nbgrader raises many kinds; the others must be graded all the same
        return f"nbgrader could not store it: {type(error).__name__}: {error}"
    return ""
