"""Grades out of nbgrader's gradebook, as tables that people and learning platforms read."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from kit.files import harmless

from . import register
from .roster import Person
from .times import Zone, read_stamp, zone

COLUMNS = (
    *("student_id", "last_name", "first_name", "email", "assignment", "handed_in", "zone", "late"),
    *("auto_score", "manual_score", "penalty", "score", "max_score", "complete"),
)
MOODLE = ("First name", "Last name", "ID number", "Email address")
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")


@dataclass(frozen=True)
class Grade:
    """What a student got in an assignment. `score` is after the penalty; `complete` once a person has graded all.

    `handed_in` is what the platform's clock showed, "yes" where it is not known; `zone` its distance from UTC.
    """

    student: Person
    assignment: str
    max_score: float
    handed_in: str = ""
    zone: str = ""
    late: bool = False
    auto_score: float = 0.0
    manual_score: float = 0.0
    penalty: float = 0.0
    score: float = 0.0
    complete: bool = True


@dataclass(frozen=True)
class _Course:
    """What a course's folder knows beside the gradebook."""

    folder: Path
    zone: Zone
    late: Mapping[tuple[str, str], bool]
    numbers: Mapping[str, str]

    @classmethod
    def at(cls, folder: Path, named: str | None) -> _Course:
        entries = register.read(folder)
        late = {(entry.assignment, entry.student): entry.is_late for entry in entries}
        return cls(folder, zone(folder, named), late, register.canvas_numbers(entries))

    def collected(self, assignment: str) -> set[str]:
        """Ids of those whose hand-in of an assignment is there."""
        folder = self.folder / "submitted"
        there = folder.iterdir() if folder.is_dir() else ()
        return {path.name for path in there if (path / assignment).is_dir()}

    def stamp(self, student: str, assignment: str) -> datetime | None:
        """When what is there was handed in."""
        path = self.folder / "submitted" / student / assignment / "timestamp.txt"
        return read_stamp(path.read_text(encoding="utf-8", errors="replace")[:200]) if path.is_file() else None


def read(course: Path, assignments: Sequence[str] = (), named: str | None = None) -> list[Grade]:
    """All grades of a course, one a student and assignment, also of those who handed nothing in.

    Parameters
    ----------
    course : folder with nbgrader's `gradebook.db`, and perhaps `collected.csv` (who was late).
    assignments : names; without any, all that were released.
    named : time zone in which to tell when something was handed in (`times.zone` says which by default).

    Raises
    ------
    ImportError
        Without nbgrader.
    ValueError
        If there is no gradebook, or no such assignment or zone.
    """
    about = _Course.at(course, named)
    with _gradebook(course) as gradebook:
        known = {assignment.name: assignment for assignment in gradebook.assignments}
        if unknown := sorted(set(assignments) - set(known)):
            there = ", ".join(sorted(known)) or "none"
            raise ValueError(f"no assignment {unknown[0]!r} in {course / 'gradebook.db'}; it has {there}")
        people = [_person(student, about) for student in gradebook.students]
        grades = []
        for name in dict.fromkeys(assignments or sorted(known)):
            collected = about.collected(name)
            grades += [_grade(gradebook, person, known[name], about, person.id in collected) for person in people]
            for student in sorted(collected - {person.id for person in people}):  # whom nobody has graded yet
                grades.append(_waiting(Person(student, lms_user_id=about.numbers.get(student, "")), known[name]))
        return grades


def due(course: Path, named: str | None = None) -> dict[str, datetime]:
    """When each assignment with a due date is due, on the platform's clock."""
    there = zone(course, named)
    with _gradebook(course) as gradebook:
        dates = {assignment.name: assignment.duedate for assignment in gradebook.assignments}
    return {name: there.clock(date.replace(tzinfo=UTC)) for name, date in sorted(dates.items()) if date}


def _gradebook(course: Path):
    try:
        from nbgrader.api import Gradebook
        from sqlalchemy.exc import DatabaseError
    except ImportError as error:
        raise ImportError("grades are read with nbgrader: pip install 'shared-features[grade]'") from error
    database = course / "gradebook.db"
    if not database.exists():
        raise ValueError(f"{course} has no gradebook.db yet: release and grade first (docs/grading.md)")
    _alembic_on_path()
    try:
        return Gradebook(f"sqlite:///{database}")
    except DatabaseError as error:
        raise ValueError(f"{database} is no gradebook, or damaged ({error.orig}): take a copy of before") from None


def _person(student, about: _Course) -> Person:
    """A student of the gradebook, with Canvas's number where the gradebook or the files' names tell it."""
    fields = ("id", "first_name", "last_name", "email", "lms_user_id")
    person = Person(*(getattr(student, field) or "" for field in fields))
    return person if person.lms_user_id else replace(person, lms_user_id=about.numbers.get(person.id, ""))


def _waiting(person: Person, assignment) -> Grade:
    return Grade(person, assignment.name, assignment.max_score, handed_in="yes", complete=False)


def _grade(gradebook, person: Person, assignment, about: _Course, is_collected: bool) -> Grade:
    from nbgrader.api import MissingEntry

    try:
        found = gradebook.find_submission(assignment.name, person.id)
    except MissingEntry:
        if is_collected:
            return _waiting(person, assignment)
        return Grade(person, assignment.name, assignment.max_score)
    auto = sum(grade.auto_score or 0.0 for notebook in found.notebooks for grade in notebook.grades)
    when = found.timestamp.replace(tzinfo=UTC) if found.timestamp else None
    penalty, newer = found.late_submission_penalty or 0.0, about.stamp(person.id, assignment.name)
    is_old = newer is not None and newer != (when and when.replace(microsecond=0))
    clock = about.zone.clock(when) if when else None
    return Grade(
        person,
        assignment.name,
        assignment.max_score,
        handed_in=f"{clock:%Y-%m-%d %H:%M}" if clock else "yes",
        zone=f"UTC{clock:%z}" if clock else "",
        late=about.late.get((assignment.name, person.id), False) or bool(found.total_seconds_late),
        auto_score=auto,
        manual_score=found.score - auto,
        penalty=penalty,
        score=max(0.0, found.score - penalty),
        complete=not found.needs_manual_grade and not is_old,  # handed in again, and that is not graded yet
    )


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
        when = (g.assignment, g.handed_in, g.zone, "yes" if g.late else "no")
        scores = (g.auto_score, g.manual_score, g.penalty, g.score, g.max_score)
        yield *person, *when, *scores, "yes" if g.complete else "no"


def moodle(grades: Sequence[Grade]) -> Iterator[tuple]:
    """One row a student for *Grades > Import > CSV file*: map `Email address` or `ID number`, and each assignment.

    A grade that is not complete, or of nothing handed in, stays empty: Moodle then leaves what it has.
    """
    names = list(dict.fromkeys(g.assignment for g in grades))
    yield *MOODLE, *names
    for person, scores in _by_person(grades):
        identity = (person.first_name, person.last_name, person.id, person.email)
        yield *identity, *(scores.get(name, "") for name in names)


def canvas(grades: Sequence[Grade]) -> Iterator[tuple]:
    """One row a student for *Gradebook > Import*: the columns that Canvas exports, then one for each assignment.

    `ID` is Canvas's own number, which `collect` reads from the files' names; `SIS Login ID` is the student's id here.
    """
    names = list(dict.fromkeys(g.assignment for g in grades))
    yield *CANVAS, *names
    for person, scores in _by_person(grades):
        name = f"{person.last_name}, {person.first_name}" if person.last_name else person.id
        yield name, person.lms_user_id, "", person.id, "", *(scores.get(name, "") for name in names)


def _by_person(grades: Sequence[Grade]) -> Iterator[tuple[Person, dict[str, float]]]:
    """Each student once, with the scores that may be published."""
    people: dict[str, Person] = {}
    scores: dict[str, dict[str, float]] = {}
    for g in grades:
        before = people.setdefault(g.student.id, g.student)
        if g.student.lms_user_id and not before.lms_user_id:
            people[g.student.id] = g.student
        held = scores.setdefault(g.student.id, {})
        if g.complete and g.handed_in:
            held[g.assignment] = g.score
    for student, person in people.items():
        yield person, scores[student]


TABLES = {"generic": generic, "moodle": moodle, "canvas": canvas}


def write(grades: Sequence[Grade], path: Path, table: str = "generic") -> Path:
    """Write a table of grades as CSV (UTF-8, with a mark that spreadsheets understand), at once or not at all."""
    new = path.with_name(f".{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(new, "w", newline="", encoding="utf-8-sig" if table == "generic" else "utf-8") as file:
        csv.writer(file).writerows(harmless.row(values) for values in TABLES[table](grades))
    os.replace(new, path)
    return path
