"""Grades out of nbgrader's gradebook, as tables that people and learning platforms read."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .names import Person

COLUMNS = (
    *("student_id", "last_name", "first_name", "email", "assignment", "handed_in", "late"),
    *("auto_score", "manual_score", "penalty", "score", "max_score", "complete"),
)
MOODLE = ("First name", "Last name", "ID number", "Email address")
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")


@dataclass(frozen=True)
class Grade:
    """What a student got in an assignment. `score` is after the penalty; `complete` once a person has graded all."""

    student: Person
    assignment: str
    max_score: float
    handed_in: str = ""
    late: bool = False
    auto_score: float = 0.0
    manual_score: float = 0.0
    penalty: float = 0.0
    score: float = 0.0
    complete: bool = True


def read(course: Path, assignments: Sequence[str] = ()) -> list[Grade]:
    """All grades of a course, one a student and assignment, also of those who handed nothing in.

    Parameters
    ----------
    course : folder with nbgrader's `gradebook.db`, and perhaps `collected.csv` (who was late).
    assignments : names; without any, all that were released.

    Raises
    ------
    ImportError
        Without nbgrader.
    ValueError
        If there is no gradebook, or no such assignment in it.
    """
    try:
        from nbgrader.api import Gradebook
    except ImportError as error:
        raise ImportError("grades are read with nbgrader: pip install 'shared-features[grade]'") from error
    database = course / "gradebook.db"
    if not database.exists():
        raise ValueError(f"{course} has no gradebook.db yet: release and grade first (docs/grading.md)")
    _alembic_on_path()
    register = _register(course / "collected.csv")
    with Gradebook(f"sqlite:///{database}") as gradebook:
        known = {assignment.name: assignment for assignment in gradebook.assignments}
        if unknown := sorted(set(assignments) - set(known)):
            raise ValueError(f"no assignment {unknown[0]!r} in {database}; it has {', '.join(sorted(known))}")
        chosen = [known[name] for name in assignments or sorted(known)]
        return [
            _grade(gradebook, student, assignment, register.get((assignment.name, student.id), {}), course)
            for assignment in chosen
            for student in gradebook.students
        ]


def _grade(gradebook, student, assignment, collected: dict[str, str], course: Path) -> Grade:
    from nbgrader.api import MissingEntry

    fields = ("id", "first_name", "last_name", "email", "lms_user_id")
    person = Person(*(getattr(student, field) or "" for field in fields))
    if not person.lms_user_id and collected.get("platform") == "Canvas":
        person = replace(person, lms_user_id=collected["lms_user_id"])
    try:
        found = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        waits = (course / "submitted" / student.id / assignment.name).is_dir()  # collected, not graded yet
        return Grade(person, assignment.name, assignment.max_score, "yes" if waits else "", complete=not waits)
    auto = sum(grade.auto_score or 0.0 for notebook in found.notebooks for grade in notebook.grades)
    penalty = found.late_submission_penalty or 0.0
    return Grade(
        person,
        assignment.name,
        assignment.max_score,
        handed_in=f"{found.timestamp:%Y-%m-%d %H:%M}" if found.timestamp else "yes",
        late=collected.get("late") == "True" or bool(found.total_seconds_late),
        auto_score=auto,
        manual_score=found.score - auto,
        penalty=penalty,
        score=max(0.0, found.score - penalty),
        complete=not found.needs_manual_grade,
    )


def _register(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    """What `collect` took down of each assignment and student, the last time."""
    if not path.exists():
        return {}
    with open(path, newline="", encoding="utf-8") as file:
        return {(row["assignment"], row["student"]): row for row in csv.DictReader(file)}


def _alembic_on_path() -> None:
    """nbgrader calls `alembic`, which lies beside the interpreter, also where its folder is not on the path."""
    folder = str(Path(sys.executable).parent)
    if folder not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"


# ---- tables


def generic(grades: Sequence[Grade]) -> Iterator[tuple]:
    """One row a student and assignment: everything that is known."""
    yield COLUMNS
    for g in grades:
        person = (g.student.id, g.student.last_name, g.student.first_name, g.student.email)
        when = (g.assignment, g.handed_in, "yes" if g.late else "no")
        scores = (g.auto_score, g.manual_score, g.penalty, g.score, g.max_score)
        yield *person, *when, *(f"{score:g}" for score in scores), "yes" if g.complete else "no"


def moodle(grades: Sequence[Grade]) -> Iterator[tuple]:
    """One row a student for *Grades > Import > CSV file*: map `Email address` or `ID number`, and each assignment.

    A grade that is not complete, or of nothing handed in, stays empty: Moodle then leaves what it has.
    """
    names = list(dict.fromkeys(g.assignment for g in grades))
    yield *MOODLE, *names
    for person, scores in _by_person(grades):
        identity = (person.first_name, person.last_name, person.id, person.email)
        yield *identity, *(scores[name] for name in names)


def canvas(grades: Sequence[Grade]) -> Iterator[tuple]:
    """One row a student for *Gradebook > Import*: the columns that Canvas exports, then one for each assignment.

    `ID` is Canvas's own number, which `collect` reads from the files' names; `SIS Login ID` is the student's id here.
    """
    names = list(dict.fromkeys(g.assignment for g in grades))
    yield *CANVAS, *names
    for person, scores in _by_person(grades):
        name = f"{person.last_name}, {person.first_name}" if person.last_name else person.id
        yield name, person.lms_user_id, "", person.id, "", *(scores[n] for n in names)


def _by_person(grades: Sequence[Grade]) -> Iterator[tuple[Person, dict[str, str]]]:
    people: dict[Person, dict[str, str]] = {}
    for g in grades:
        people.setdefault(g.student, {})[g.assignment] = f"{g.score:g}" if g.complete and g.handed_in else ""
    yield from people.items()


TABLES = {"generic": generic, "moodle": moodle, "canvas": canvas}


def write(grades: Sequence[Grade], path: Path, table: str = "generic") -> Path:
    """Write a table of grades as CSV (UTF-8, with a mark that spreadsheets understand), at once or not at all."""
    new = path.with_name(f".{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(new, "w", newline="", encoding="utf-8-sig" if table == "generic" else "utf-8") as file:
        csv.writer(file).writerows([_harmless(value) for value in row] for row in TABLES[table](grades))
    os.replace(new, path)
    return path


def _harmless(value: str) -> str:
    """A text that a spreadsheet does not take for a formula: names come from students."""
    return f"'{value}" if str(value)[:1] in ("=", "+", "-", "@", "\t") else value
