"""The walls around a student's code (kit.course.sandbox); what a class does behind them is in test_grading.py."""

import subprocess

import pytest

from kit.course import sandbox


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
