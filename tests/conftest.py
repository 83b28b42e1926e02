"""Fixtures that several test files share, and who runs which tests where several do."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import Browser, Server, missing
from xdist.scheduler import LoadFileScheduling

#: Files that train networks, compare, or grade whole classes: `make check` leaves them to `make test`.
LONG = ("assignments", "build", "classroom_commands", "controversial", "course", "doctor", "doctor_and_grader",
        "experiment", "grades", "grounding", "invariant", "jobs", "layers", "networks", "portraits", "read_only",
        "reproduce", "site", "study", "study_parts", "systems", "tried", "views", "ways_to_learn",
        "your_own")  # fmt: skip

A_LESSON = re.compile(r"\[\d\d_\w+\]$")  # what a test of one lesson is called


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.stem.removeprefix("test_") in LONG:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: A_LESSON.search(item.nodeid) is None)  # first, so that none is left at the end


class LessonsApart(LoadFileScheduling):
    """A file of tests goes to one worker; but lessons, which take minutes, are dealt out one by one."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if A_LESSON.search(nodeid) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log) -> LessonsApart | None:
    return LessonsApart(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory) -> Iterator[Server]:
    """A running JupyterLab. Without a browser: a failure in CI (`CI=true`), elsewhere a skip."""
    reason = missing()
    if reason:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    server = Server(tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()


@pytest.fixture
def lab(lab_server, tmp_path) -> Iterator[Browser]:
    """A Chromium on that JupyterLab; `KIT_SCREENSHOTS` names a folder that keeps its pictures."""
    yield from _browser(lab_server, tmp_path)


@pytest.fixture(scope="module")
def module_lab(lab_server, tmp_path_factory) -> Iterator[Browser]:
    """The same, one for all tests of a file: not beside `lab`."""
    yield from _browser(lab_server, tmp_path_factory.mktemp("pictures"))


def _browser(server: Server, pictures: Path) -> Iterator[Browser]:
    browser = Browser(server, Path(os.environ.get("KIT_SCREENSHOTS", pictures)))
    yield browser
    browser.close()
    server.tidy()
