"""A class on one server: two students and an instructor on a real JupyterHub, from fetching to feedback."""

import os
import re
import urllib.error
from pathlib import Path

import pytest
import small_course
from hub import Hub, missing
from small_course import answered

pytestmark = pytest.mark.slow
COURSE = {"course_id": "shared_features", "assignment_id": "sums"}
FORMGRADER = "/user/instructor/formgrader/api"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    if reason := missing():
        (pytest.fail if os.environ.get("KIT_TEST_HUB") else pytest.skip)(reason)
    before = Path("/etc/passwd").read_bytes()
    running = Hub(tmp_path_factory.mktemp("hub"), ["instructor", "ada", "grace"])
    try:
        small_course.write(running.home("instructor") / "course")
        running.own("instructor")
        for name in running.people:
            running.start(name)
        yield running
    finally:
        running.stop()
    assert Path("/etc/passwd").read_bytes() == before


def done(answer):
    """nbgrader's answer, which must be that it worked."""
    assert answer["success"], answer
    return answer


def test_from_fetching_to_feedback(hub):
    done(hub.ask("POST", f"{FORMGRADER}/assignment/sums/assign", form={"x": 1}))
    done(hub.ask("POST", f"{FORMGRADER}/assignment/sums/release", form={"x": 1}))
    for name, answers in (("ada", {}), ("grace", {"total": "def total(*_):\n    return 2.0"})):
        done(hub.ask("POST", f"/user/{name}/assignments/fetch", form=COURSE))
        fetched = hub.home(name) / "sums" / "sums.ipynb"
        assert "HIDDEN TESTS" not in fetched.read_text() and "mark scheme" not in fetched.read_text().lower()
        notebook = answered(fetched, **answers)
        saved = {"type": "notebook", "format": "json", "content": notebook}
        hub.ask("PUT", f"/user/{name}/api/contents/sums/sums.ipynb", content=saved)
        done(hub.ask("POST", f"/user/{name}/assignments/submit", form=COURSE))
    done(hub.ask("POST", f"{FORMGRADER}/assignment/sums/collect", form={"x": 1}))
    for name in ("ada", "grace"):
        done(hub.ask("POST", f"{FORMGRADER}/submission/sums/{name}/autograde", form={"x": 1}))
    scores = {row["student"]: row["score"] for row in hub.ask("GET", f"{FORMGRADER}/submissions/sums")}
    assert scores == {"ada": 8.0, "grace": 3.0}
    done(hub.ask("POST", f"{FORMGRADER}/assignment/sums/generate_feedback", form={"x": 1}))
    done(hub.ask("POST", f"{FORMGRADER}/assignment/sums/release_feedback", form={"x": 1}))
    for name in ("ada", "grace"):
        done(hub.ask("POST", f"/user/{name}/assignments/fetch_feedback", form=COURSE))
        pages = list((hub.home(name) / "sums" / "feedback").rglob("sums.html"))
        text = re.sub("<[^>]+>", "", pages[0].read_text())
        assert len(pages) == 1 and "grading.case(2, " in text and "a weight multiplies its input" in text
        assert "grading.rng" not in text, "the hidden test is not in the feedback"


def test_a_student_has_no_formgrader(hub):
    assert hub.status("/user/instructor/formgrader/manage_assignments") == 200
    assert hub.status("/user/ada/formgrader/manage_assignments") == 404
    pages = {name: hub.ask("GET", f"/user/{name}/lab") for name in ("ada", "instructor")}
    off = {name: page.split("disabledExtensions")[-1][:200] for name, page in pages.items()}
    assert "@jupyter/nbgrader:formgrader" in off["ada"] and "formgrader" not in off["instructor"]


def test_accounts_are_kept_apart(hub):
    """What each server can see is what its account may see."""
    assert said(hub, "__import__('getpass').getuser()") == "ada"
    for place in ("/home/instructor/course/source/sums/sums.ipynb", "/home/grace/sums/sums.ipynb"):
        assert said(hub, f"open({place!r}).read()") == "PermissionError"
    listing = "__import__('os').listdir('/srv/exchange/shared_features/inbound')"
    assert said(hub, listing) == "PermissionError", "a student may put a hand-in there, and not look"


def said(hub, code):
    """What an expression gives in Ada's kernel: its value, or the kind of its error."""
    return hub.run("ada", f"try:\n    print({code})\nexcept Exception as error:\n    print(type(error).__name__)")


def test_nobody_gets_in_without_the_password(hub):
    with pytest.raises(urllib.error.HTTPError, match="403"):
        hub.ask("POST", "/hub/login?next=", form={"username": "ada", "password": "guess"})
