"""Fixtures that several test files share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import Browser, Server, missing

#: Files that train networks, compare, or grade whole classes: `make check` leaves them to `make test`.
LONG = ("assignments", "build", "classroom_commands", "controversial", "course", "doctor", "doctor_and_grader",
        "experiment", "grades", "grounding", "invariant", "jobs", "layers", "networks", "portraits", "read_only",
        "reproduce", "site", "study", "study_parts", "systems", "tried", "views", "ways_to_learn",
        "your_own")  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.stem.removeprefix("test_") in LONG:
            item.add_marker(pytest.mark.slow)


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
    browser = Browser(lab_server, Path(os.environ.get("KIT_SCREENSHOTS", tmp_path)))
    yield browser
    browser.close()
    lab_server.tidy()
