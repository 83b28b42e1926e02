"""Formgrader in a real Chromium: open it, read a mark scheme, grade an explanation, find it in the gradebook."""

import os
import re
from pathlib import Path

import nbformat
import pytest
import small_course
from lab import Browser, Server, missing
from small_course import answered

from kit.__main__ import main
from kit.course import grades

pytestmark = [pytest.mark.browser, pytest.mark.slow]
pytest.importorskip("nbgrader", reason="pip install 'shared-features[grade]'")
STUDENTS = {"ada": {}, "grace": {"total": "def total(*_):\n    return 2.0", "answer_bias": "It shifts the line."}}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """JupyterLab with formgrader on a course below its folder: two hand-ins, graded but for the explanation."""
    if reason := missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    folder = tmp_path_factory.mktemp("formgrader")
    course, config = folder / "notebooks" / "course", folder / "config" / small_course.CONFIG
    config.parent.mkdir()
    settings = (small_course.SOURCE.parent / small_course.CONFIG).read_text()
    config.write_text(f"{settings}\nc.CourseDirectory.root = {str(course)!r}\n")
    running = Server(folder)
    try:
        released = small_course.make(course)
        for name, answers in STUDENTS.items():
            place = course / "submitted" / name / "sums" / "sums.ipynb"
            place.parent.mkdir(parents=True)
            nbformat.write(answered(released, **answers), place)
        assert main(["grade", "--course", str(course), "--jobs", "1"]) == 0
        yield running
    finally:
        running.stop()


@pytest.fixture
def page(server, tmp_path):
    browser = Browser(server, Path(os.environ.get("KIT_SCREENSHOTS", tmp_path)))
    opened = browser.page()
    opened.set_default_timeout(30_000)
    opened.goto(f"{server.url}/formgrader/manage_assignments?token={server.token}")
    yield opened
    browser.close()


def picture(page, name):
    folder = Path(os.environ.get("KIT_SCREENSHOTS", ""))
    if folder.parts:
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png")


def submission(page, answer):
    """Open the hand-in with an answer, by the way that an instructor clicks."""
    page.get_by_role("link", name="Manual Grading").click()
    page.get_by_role("link", name="sums").click()
    page.get_by_role("link", name="sums").last.click()
    for number in (1, 2):
        page.get_by_role("link", name=f"Submission #{number}").click()
        page.locator("#notebook-container").first.wait_for()
        if page.get_by_text(answer).count():
            return
        page.go_back()
    raise AssertionError(f"no hand-in says {answer!r}")


def test_the_assignment_and_its_hand_ins_are_listed(page):
    row = page.locator("tr", has_text="sums")
    row.wait_for()
    assert row.locator("td.num-submissions").inner_text() == "2"
    picture(page, "formgrader")


@pytest.mark.parametrize(("clock", "offset"), [("2026-11-20T22:59", "+0000"), ("2026-11-20T23:59", "+0100")])
def test_a_due_date_is_typed_with_its_offset(page, server, clock, offset):
    """As the guide says, and what it warns of: the list shows the instant in UTC."""
    page.locator("tr", has_text="sums").locator("td.edit a").click()
    page.locator("input.modal-duedate").fill(clock)
    page.locator("input.modal-timezone").fill(offset)
    page.locator("#edit-assignment-modal button.save").click()
    page.locator("td.duedate", has_text="2026-11-20 22:59:00 UTC").wait_for()
    due = grades.due(server.root / "course", "Europe/Berlin")
    assert f"{due['sums']:%d %H:%M %z}" == "20 23:59 +0100"


def test_an_explanation_is_graded_by_its_mark_scheme(page, server):
    submission(page, "OR cannot be learned then")
    task = page.locator(".nbgrader_cell", has_text="Why does a perceptron need a bias?")
    assert "2 points: without it, the line goes through the origin" in task.inner_text(), "the mark scheme"
    page.locator("input#test-total[placeholder='3']").wait_for()  # the points of a test
    shown = page.locator("#notebook-container").first.inner_text()
    assert "grading.rng" in shown, "the hidden test is shown to graders"
    score = task.locator("input.score")
    assert score.input_value() == ""
    score.fill("3.5")
    score.press("Tab")
    task.locator(".score-saved").wait_for()
    task.locator("textarea.comment").fill("Half a point less: which example?")
    task.locator("textarea.comment").press("Tab")
    task.locator(".comment-saved").wait_for()
    task.scroll_into_view_if_needed()
    picture(page, "manual")
    course = server.root / "course"
    graded = {grade.student.id: grade for grade in grades.read(course)}
    assert (graded["ada"].manual_score, graded["ada"].score, graded["ada"].complete) == (3.5, 11.5, True)
    assert (graded["grace"].score, graded["grace"].complete) == (3.0, False)
    feedback(page, course)


def feedback(page, course):
    """What the student then reads: points, the comment, reasons; not the hidden test nor the mark scheme."""
    result = small_course.api(course).generate_feedback("sums")
    assert result["success"], result["log"]
    page.goto(f"file://{course / 'feedback' / 'ada' / 'sums' / 'sums.html'}")
    text = re.sub(r"\s+", " ", page.locator("body").inner_text())
    assert "Half a point less: which example?" in text and "several inputs" in text
    assert "grading.rng" not in text and "x[0] + 2" not in text
    assert "goes through the origin. 2 points: an example" not in text, "the mark scheme"
    picture(page, "feedback")
