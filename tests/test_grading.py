"""Honest, clumsy and hostile students (tests/support/grading_students.py), graded by `python -m kit grade`."""

import csv
import json
import re
import shutil
import socket
import threading
from contextlib import contextmanager

import grading_students
import nbformat
import pytest
import small_course
from assignment_source import SOURCE
from grading_students import DATA_CANARY, HONEST, LOST, STUDENTS, TEXT_CANARY, hand_in

import kit
from kit.__main__ import main
from kit.course.sandbox import isolation

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.slow]
TESTS = ("test-total", "hidden-total", "test-double")
needs_walls = pytest.mark.skipif(not isolation(), reason=isolation().words())


@contextmanager
def new_course(folder, names, words=None):
    """A course with our configuration and the hand-ins of students."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(small_course, "CELLS", small_course.CELLS | grading_students.CELLS)
        patch.setenv("KIT_SECRET_SEED", "autumn")
        released = small_course.make(folder)
        shutil.copy(SOURCE.parent / "nbgrader_config.py", folder)
        hand_in(released, folder, names, {"COURSE": str(folder), "KIT": kit.__path__[0]} | (words or {}))
        yield folder


def grade(course, *more):
    return main(["grade", "--course", str(course), "--jobs", "2", "--seconds", "3", *more])


def record(course, name):
    return json.loads((course / "grading" / "sums" / f"{name}.json").read_text())


def points(course, name):
    got = {score["test"]: score["points"] for score in record(course, name)["scores"]}
    return tuple(got[test] for test in TESTS) if got else None


def reasons(course, name):
    return {score["test"]: " ".join(score["reasons"]) for score in record(course, name)["scores"]}


@pytest.fixture(scope="module")
def listener():
    """A server of this machine that counts who reaches it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        reached = []

        def listen():
            while True:
                try:
                    reached.append(server.accept())
                except OSError:
                    return

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], reached


@pytest.fixture(scope="module")
def graded(tmp_path_factory, listener):
    """The class, graded once, though several hand-ins never end by themselves; its folder, and the exit code."""
    if not isolation():
        pytest.skip(isolation().words())
    words = {"PORT": str(listener[0])}
    with new_course(tmp_path_factory.mktemp("class") / "course", list(STUDENTS), words) as course:
        code = grade(course)
        yield course, code


@pytest.mark.parametrize("name", STUDENTS)
def test_every_student_gets_exactly_the_points_deserved(graded, name):
    course, *_ = graded
    assert points(course, name) == STUDENTS[name][1], record(course, name)


def test_the_gradebook_holds_the_same_points(graded):
    from nbgrader.api import Gradebook

    course, *_ = graded
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        for name, (_, deserved) in STUDENTS.items():
            if deserved is not None:
                assert gradebook.find_submission("sums", name).score == sum(deserved), name
                [notebook] = gradebook.find_submission("sums", name).notebooks
                manual = [grade for grade in notebook.grades if grade.name not in TESTS]
                assert all(grade.needs_manual_grade for grade in manual)


def test_what_cannot_be_read_is_told_and_stops_nobody(graded):
    course, code = graded
    assert code == 1
    for name in LOST:
        assert "ask for" in record(course, name)["error"]
    assert "needs" not in record(course, "perfect")["error"] and record(course, "perfect")["attention"] == []


def test_reasons_are_words(graded):
    course, *_ = graded
    assert "not written yet" in reasons(course, "blank")["test-double"]
    assert "endless loop" in reasons(course, "infinite-loop")["test-double"]
    assert "endless loop" in reasons(course, "stubborn-loop")["test-double"]
    assert "ends Python itself" in reasons(course, "kill-in-a-call")["test-double"]
    assert "the answer is a All" in reasons(course, "equal-to-all")["test-double"]
    assert "it is not right" in reasons(course, "hard-coded")["hidden-total"]
    rows = list(csv.DictReader((course / "grading" / "sums.csv").open(encoding="utf-8")))
    assert {row["student"] for row in rows} == set(STUDENTS) and {row["isolated"] for row in rows} == {"yes"}


def test_what_was_mended_is_told(graded):
    course, *_ = graded
    notes = {name: " ".join(record(course, name)["notes"]) for name in STUDENTS}
    assert "more than once" in notes["copied-cell"] and "was deleted" in notes["deleted-test"]
    assert "edited" in notes["edited-test"] and "markdown" in notes["retyped"] and "bonus" in notes["retyped"]
    assert not any(notes[name] for name in HONEST)


def test_no_hidden_text_or_data_reaches_a_student(graded):
    from kit.course.autograde import Course

    course, *_ = graded
    told = Course.at(course).api.generate_feedback("sums")
    assert told["success"], told["log"]
    pages = list((course / "feedback").rglob("*.html"))
    assert len(pages) == len(STUDENTS) - len(LOST)
    for path in [*pages, *(course / "release").rglob("*.ipynb")]:
        text = path.read_text(encoding="utf-8")
        assert TEXT_CANARY not in text and str(DATA_CANARY) not in text, path
    assert "several inputs" in next(page for page in pages if "/perfect/" in str(page)).read_text(encoding="utf-8")


def test_feedback_names_exercises_and_says_what_waits_for_a_person(graded):
    from nbgrader.api import Gradebook

    from kit.course.autograde import Course

    course, *_ = graded

    def page() -> str:
        assert Course.at(course).api.generate_feedback("sums", student_id="perfect", force=True)["success"]
        html = (course / "feedback/perfect/sums/sums.html").read_text(encoding="utf-8")
        assert "http" not in re.sub(r"http://www.w3.org/\S+", "", html), "nothing is fetched from elsewhere"
        return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", html[html.index("<body>") :]))

    before = page()
    assert "8 of 12 points so far; 4 more wait for a person who reads your explanation" in before
    assert "Explain not graded yet (4 points)" in before and "0 of 4" not in before
    assert "The weighted sum 3 of 3 points" in before and "Test cell" not in before
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade("task-bias", "sums", "sums", "perfect")
        grade.manual_score = 2.5
        grade.needs_manual_grade = False
        gradebook.db.commit()
    after = page()
    assert "10.5 of 12 points" in after and "Explain 2.5 of 4 points" in after and "so far" not in after


def test_formulas_of_feedback_are_drawn_without_the_internet():
    from kit.course.feedback import Page

    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(
                "Half, $\\frac{1}{2}$, and $\\nonsense{$.\n\n\\begin{align}a &= b\\end{align}"
            )
        ]
    )
    about = {"notebook": "n", "words": "", "late_penalty": 0, "exercises": []}
    html, _ = Page().from_notebook_node(notebook, resources={"nbgrader": about})
    assert "<mfrac>" in html and "nonsense" in html and "MathJax" not in html
    assert "<mtable" in html and "begin{align}" not in html


def test_nothing_that_a_student_shows_holds_hidden_data(graded):
    """Not even in the instructor's files, apart from the test itself."""
    course, *_ = graded
    for path in (course / "autograded").rglob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            shown = json.dumps(cell.get("outputs", []))
            assert str(DATA_CANARY) not in shown and TEXT_CANARY not in shown, path


def test_no_script_of_a_student_reaches_the_instructors_browser(graded):
    """Formgrader shows hand-ins inside the instructor's server: a script there could do whatever the instructor may."""
    course, *_ = graded
    notebook = nbformat.read(course / "autograded" / "shows-scripts" / "sums" / "sums.ipynb", as_version=4)
    written = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    showing = "\n".join(str(output.get("data", "")) for cell in notebook.cells for output in cell.get("outputs", []))
    for text in (written, showing):
        assert "SCRIPT_RAN" in text and "<script" not in text and "<img" not in text and "<svg" not in text
    assert "<td>kept</td>" in showing and "javascript" not in showing and "*that* is **why**" in written


def test_output_is_cut(graded):
    course, *_ = graded
    assert all(path.stat().st_size < 2e6 for path in (course / "autograded").rglob("*.ipynb"))
    assert "utput" in shown(course, "huge-output") and "truncated" in shown(course, "huge-output")


def shown(course, name):
    notebook = nbformat.read(course / "autograded" / name / "sums" / "sums.ipynb", as_version=4)
    return " ".join(json.dumps(cell.get("outputs", [])) for cell in notebook.cells)


def test_pictures_are_kept(graded):
    course, *_ = graded
    assert "image/png" in shown(course, "draws")


def test_walls_hold(graded, listener):
    course, *_ = graded
    assert listener[1] == [] and "REACHED" not in shown(course, "network")
    assert "OWNED" not in shown(course, "writes-outside") and not (course / "owned").exists()
    assert "Read-only" in shown(course, "writes-outside") or "Permission" in shown(course, "writes-outside")
    snooped = shown(course, "reads-hidden-tests")
    assert "found" in snooped and "SQLite format" not in snooped and "BEGIN HIDDEN" not in snooped
    assert "autumn" not in snooped and not re.search(r"\.py\b.*test-total.*perfect", snooped)


def test_a_second_run_grades_only_what_has_changed(graded, capsys):
    course, *_ = graded
    written = {path: path.stat().st_mtime_ns for path in (course / "grading" / "sums").glob("*.json")}
    hand_in_again = course / "submitted" / "half" / "sums" / "sums.ipynb"
    hand_in_again.write_text(
        hand_in_again.read_text().replace("return x", "return x + x").replace("x + x + x", "x + x")
    )
    assert grade(course) == 1
    changed = {path.stem for path, before in written.items() if path.stat().st_mtime_ns != before}
    assert changed == {"half", *LOST} and points(course, "half") == (3, 3, 2)


def test_a_changed_secret_grades_again(graded, monkeypatch):
    course, *_ = graded
    monkeypatch.setenv("KIT_SECRET_SEED", "spring")
    before = record(course, "perfect")["fingerprint"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kit.course.autograde.handed_in", lambda *_: [("sums", "perfect")])
        assert grade(course) == 0
    assert record(course, "perfect")["fingerprint"] != before and points(course, "perfect") == (3, 3, 2)


@pytest.fixture
def no_walls(monkeypatch):
    """As on a machine without bubblewrap."""
    monkeypatch.setenv("KIT_SANDBOX", "none")
    isolation.cache_clear()
    yield
    monkeypatch.undo()
    isolation.cache_clear()


def test_without_walls_it_says_so_loudly_and_grades_the_same(tmp_path, capsys, no_walls):
    names = ["perfect", "partly", "kernel-kill", "infinite-loop", "memory-hog"]
    with new_course(tmp_path / "course", names) as course:
        grade(course, "--jobs", "1")  # workers would remember the walls
        told = capsys.readouterr()
        assert "NOT ISOLATED" in told.err and "NOT ISOLATED" in told.out and "apt install bubblewrap" in told.err
        assert {name: points(course, name) for name in names} == {name: STUDENTS[name][1] for name in names}
        assert "NOT ISOLATED" in (course / "grading" / "sums.csv").read_text()


@needs_walls
def test_formgraders_autograde_button_is_as_safe(tmp_path):
    from kit.course.autograde import Course

    with new_course(tmp_path / "course", ["reads-hidden-tests", "partly"]) as course:
        for name in ("reads-hidden-tests", "partly"):
            result = Course.at(course).api.autograde("sums", name)
            assert result["success"], result["log"]
        assert "found" in shown(course, "reads-hidden-tests") and "BEGIN HIDDEN" not in shown(
            course, "reads-hidden-tests"
        )
        assert '"3.0"' in shown(course, "partly") and '"0.0"' in shown(course, "partly")


def test_plain_nbgrader_gives_honest_work_the_same_points(tmp_path):
    from nbgrader.api import Gradebook
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    with new_course(tmp_path / "course", ["perfect", "partly"]) as course:
        config = Config({"CourseDirectory": {"root": str(course), "course_id": "small"}})
        for name in ("perfect", "partly"):
            assert NbGraderAPI(config=config).autograde("sums", name)["success"]
        with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
            for name in ("perfect", "partly"):
                assert gradebook.find_submission("sums", name).score == sum(STUDENTS[name][1])


def test_mistakes_of_the_instructor_are_told(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["grade", "--help"])
    assert main(["grade", "--course", str(tmp_path)]) == 2
    assert "nbgrader_config.py" in capsys.readouterr().err
    with new_course(tmp_path / "course", ["perfect"]) as course:
        (course / "submitted" / "perfect" / "sums").rename(course / "submitted" / "perfect" / "other")
        assert grade(course) == 2
        assert "nbgrader generate_assignment other" in capsys.readouterr().err
