"""The walls around a student's code (kit.course.sandbox); what a class does behind them is in test_grading.py."""

import os
import subprocess

import pytest

from kit.course import sandbox
from kit.course.execute import files_of, gather


@pytest.mark.skipif(not sandbox.isolation(), reason=sandbox.isolation().words())
def test_a_project_that_lies_below_tmp_is_seen_and_not_its_neighbours(tmp_path, monkeypatch):
    """As after `git clone … /tmp/kit`: inside, /tmp is new, and what Python needs must lie on top of it."""
    for name in ("environment", "neighbour", "given"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "word").write_text(name)
    monkeypatch.setattr(sandbox, "_visible", lambda: (tmp_path / "environment",))
    walls = sandbox._walls(sandbox.isolation().way, tmp_path / "given", sandbox.Limits())
    ran = subprocess.run(
        [*walls, "sh", "-c", f"cat {tmp_path}/*/word /given/word; touch /tmp/mine"], capture_output=True, text=True
    )
    assert ran.stdout == "environmentgiven" and ran.stderr == ""


def test_a_machine_that_is_too_busy_grades_nobody_without_walls(monkeypatch):
    def late(*_, **__):
        raise subprocess.TimeoutExpired("bwrap", 120)

    if sandbox.isolation().reason:
        pytest.skip("there is no sandbox here")
    sandbox.isolation.cache_clear()
    monkeypatch.setattr(subprocess, "run", late)
    with pytest.raises(OSError, match="try again with fewer --jobs"):
        sandbox.isolation()
    monkeypatch.undo()
    assert sandbox.isolation()


# ---- the files of a hand-in


def test_a_file_may_be_called_like_a_folder_of_the_assignment_and_the_other_way_round(tmp_path):
    for path in ("submitted/data", "submitted/notes/mine.txt", "source/data/faces.csv", "source/notes"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    gather(tmp_path / "given", tmp_path / "submitted", tmp_path / "source")
    assert (tmp_path / "given/data/faces.csv").read_text() == "source/data/faces.csv"
    assert (tmp_path / "given/notes").read_text() == "source/notes"


def test_files_can_be_read_inside_whatever_the_umask(tmp_path):
    (tmp_path / "submitted" / "data").mkdir(parents=True)
    (tmp_path / "submitted" / "data" / "a.csv").write_text("1")
    before = os.umask(0o077)
    try:
        gather(tmp_path / "given", tmp_path / "submitted")
    finally:
        os.umask(before)
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in (tmp_path / "given").rglob("*"))
    assert (tmp_path / "given").stat().st_mode & 0o055 == 0o055


def test_too_many_files_or_bytes_and_links_are_refused_before_they_are_read(tmp_path):
    (tmp_path / "many").mkdir()
    for number in range(1001):
        (tmp_path / "many" / str(number)).touch()
    (tmp_path / "large").mkdir()
    with open(tmp_path / "large" / "hole", "wb") as file:
        file.truncate(2**40)
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "away").symlink_to("/etc")
    for name, words in (("many", "more than 1000 files"), ("large", "200 MB"), ("link", "'away' is a link")):
        with pytest.raises(ValueError, match=words):
            list(files_of(tmp_path / name))
    assert list(files_of(tmp_path / "link", handed_in=False)) == []
