"""Grades for platforms: one row a person, whatever was handed in and wherever the numbers come from."""

import csv
import shutil

import pytest

from kit.__main__ import main
from kit.course import grades, register
from kit.course.grades import Grade
from kit.course.register import Entry
from kit.course.roster import Person

api = pytest.importorskip("nbgrader.api", reason="pip install 'shared-features[grade]'")
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of nbgrader's


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A gradebook of two assignments of 5 points and two students."""
    grades._alembic_on_path()
    root = tmp_path_factory.mktemp("book")
    with api.Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        for name in ("one", "two"):
            book.add_assignment(name)
            book.add_notebook("nb", name)
            book.add_grade_cell("t", "nb", name, max_score=5, cell_type="code")
        for student in ("ada", "grace"):
            book.add_student(student)
    return root


@pytest.fixture
def course(empty, tmp_path):
    return shutil.copytree(empty, tmp_path / "course")


def hand_in(
    course, assignment, student, points=None, number="", platform="Canvas", penalty=None, extra=None, late=False
):
    """Register a hand-in and, with points, grade it."""
    register.append(course, Entry(assignment, student, student, platform, number, str(late)))
    if points is None:
        return
    with api.Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        submission = book.add_submission(assignment, student)
        grade = book.find_grade("t", "nb", assignment, student)
        grade.auto_score, grade.needs_manual_grade, grade.extra_credit = points, False, extra
        submission.notebooks[0].late_submission_penalty = penalty
        book.db.commit()


def table(course, form):
    out = course / f"{form}.csv"
    main(["grades", "--course", str(course), "--out", str(out), "--format", form])
    with open(out, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("second", [None, ("12", "Canvas"), ("", "plain"), ("777", "Moodle")])
def test_one_row_a_person_with_the_number_of_any_of_the_hand_ins(course, second):
    hand_in(course, "one", "ada", 4, "12")
    hand_in(course, "one", "grace", 5, "3")
    if second:
        hand_in(course, "two", "ada", 2, *second)
    rows = table(course, "canvas")
    assert [(row["ID"], row["one"]) for row in rows] == [("12", "4"), ("3", "5")]
    assert [row["two"] for row in rows] == ["2" if second else "", ""]
    assert [row["one"] for row in table(course, "moodle")] == ["4", "5"]
    assert len(table(course, "generic")) == 4


def test_the_gradebooks_number_goes_first_and_two_of_canvas_are_none(course):
    hand_in(course, "one", "ada", 4, "12")
    hand_in(course, "two", "ada", 4, "13")
    assert table(course, "canvas")[0]["ID"] == ""
    with api.Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        book.update_or_create_student("ada", lms_user_id="99")
    assert table(course, "canvas")[0]["ID"] == "99"


def test_a_student_whom_the_gradebook_does_not_know_is_not_forgotten(course):
    hand_in(course, "one", "emmy", None, "7")
    (course / "submitted" / "emmy" / "one").mkdir(parents=True)
    assert [(row["student_id"], row["handed_in"], row["complete"]) for row in table(course, "generic")][2] == (
        ("emmy", "yes", "no")
    )
    assert [row["Student"] for row in table(course, "canvas")] == ["ada", "grace", "emmy"]


def test_what_is_newer_than_its_grade_waits(course, capsys):
    hand_in(course, "one", "ada", 4)
    assert table(course, "moodle")[0]["one"] == "4"
    folder = course / "submitted" / "ada" / "one"
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("2026-11-21 12:00:00\n")
    capsys.readouterr()
    assert table(course, "moodle")[0]["one"] == "" and "one: 1 hand-ins still wait" in capsys.readouterr().err


@pytest.mark.parametrize(("penalty", "score"), [(None, "4"), (1.5, "2.5"), (4, "0"), (7, "0")])
def test_late_penalties(course, penalty, score):
    """Taken off once, never below nothing."""
    hand_in(course, "one", "ada", 4, penalty=penalty, late=True)
    row = table(course, "generic")[0]
    assert (row["score"], row["late"], row["penalty"]) == (score, "yes", f"{penalty or 0:g}")
    assert table(course, "canvas")[0]["one"] == score


def test_points_below_zero_and_thirds_are_numbers(course):
    hand_in(course, "one", "ada", 1 / 3, extra=-2)
    row = table(course, "generic")[0]
    assert (row["auto_score"], row["manual_score"], row["score"]) == ("0.33333", "-2", "0")
    assert all(float(row[name]) is not None for name in ("auto_score", "manual_score", "penalty", "score", "max_score"))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n=", " ="])
@pytest.mark.parametrize("form", ["generic", "moodle", "canvas"])
def test_no_name_is_a_formula_in_any_table(tmp_path, form, start):
    evil = f"{start}1+1;=2"
    given = [Grade(Person("-1", evil, evil, evil, evil), evil, 5.0, handed_in="yes", score=-2.0)]
    grades.write(given, tmp_path / "t.csv", form)
    with open(tmp_path / "t.csv", newline="", encoding="utf-8-sig") as file:
        header, cells = csv.reader(file)
    texts = [cell for cell in header + cells if cell not in ("-2",)]
    assert not any(text.lstrip().startswith(tuple("=+-@")) or text[:1] in ("\t", "\r", "\n") for text in texts)
    assert cells.count("-2") == 1, "the score is a number"


def test_an_assignment_that_is_named_twice_counts_once(course):
    assert len(grades.read(course, ["one", "one"])) == 2


@pytest.mark.parametrize("zone", ["Berlin", ""])
def test_a_zone_that_is_none(course, zone, capsys):
    assert main(["grades", "--course", str(course), "--zone", zone]) == 2
    assert "there is no time zone" in capsys.readouterr().err


def test_a_gradebook_that_is_none_is_told(course, capsys):
    (course / "gradebook.db").write_bytes(b"no database at all, but long enough to look at" * 100)
    assert main(["grades", "--course", str(course)]) == 2
    assert "gradebook.db is no gradebook" in capsys.readouterr().err
