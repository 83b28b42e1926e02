"""A student's calibration curve and map of abilities, from records whose truth is planted."""

import json

import numpy as np
import pytest

from kit import teaching
from kit.teaching import abilities, calibration
from kit.teaching.calibration import Calibration


@pytest.fixture
def somebody(monkeypatch):
    """As if somebody could answer."""
    import importlib

    for module in ("calibration", "abilities", "progress"):
        monkeypatch.setattr(importlib.import_module(f"kit.teaching.{module}"), "headless", lambda: False)


def store(path, pairs):
    """Predictions of these confidences, right or wrong."""
    lines = []
    for k, (confidence, right) in enumerate(pairs):
        asked = {
            "kind": "prediction",
            "key": f"q{k}",
            "question": "?",
            "answer": "a",
            "confidence": confidence,
            "counts": True,
        }
        lines.append(asked | {"time": "2026-01-01T00:00:00+00:00"})
        lines.append({"kind": "outcome", "key": f"q{k}", "outcome": "a" if right else "b", "correct": right})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_the_curve_of_known_predictions(tmp_path, somebody):
    pairs = [(90, True)] * 6 + [(90, False)] * 4 + [(50, True)] * 5 + [(50, False)] * 5
    mine = calibration(store(tmp_path / "p.jsonl", pairs))
    low, high = mine.levels()
    assert (low.n, low.confidence, low.right) == (10, 50, 50) and (high.n, high.confidence, high.right) == (10, 90, 60)
    assert high.low < 60 < high.high < 90 and not mine.simulated
    assert mine.overconfidence == pytest.approx(70 - 55)
    assert mine.brier == pytest.approx((6 * 0.01 + 4 * 0.81 + 10 * 0.25) / 20)
    assert "You: 20 predictions, 70 % sure on average, 55 % right: 15 points more sure than right" in mine.said()


@pytest.mark.parametrize("left_out", [{"counts": False}, {}])
def test_what_cannot_be_known_or_was_not_chosen_does_not_count(tmp_path, somebody, left_out):
    path = store(tmp_path / "p.jsonl", [(90, True)] * 10)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines[:2] if left_out else lines[:1]:
        line.pop("counts", None)
        line |= left_out
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert calibration(path).simulated, "nine are left"


def test_few_predictions_show_a_student_who_is_called_simulated(tmp_path, somebody):
    shown = calibration(store(tmp_path / "p.jsonl", [(90, True)] * 9))
    assert shown.simulated and shown.said().startswith("A simulated student")


def test_the_modest_are_told_so():
    modest = Calibration(np.full(10, 30.0), np.ones(10, bool))
    assert "70 points more right than sure" in modest.said()


def lesson(folder, number, aims, keys):
    cells = [
        {"cell_type": "markdown", "source": f"# {number} · Name\n\n**After this lesson you can**\n" + aims},
        {"cell_type": "markdown", "source": "## 1. Part (5 minutes)"},
        *({"cell_type": "code", "source": f'check(\n    "{key}",'} for key in keys),
    ]
    (folder / f"{number}_x.ipynb").write_text(json.dumps({"cells": cells}))


def test_abilities_are_the_lessons_aims_with_evidence(tmp_path, somebody):
    lesson(tmp_path, "00", "- start a notebook\n- stop **it**\n\n**You need** nothing", ["a", "b", "c"])
    lesson(tmp_path, "01", "- fly\n", ["d"])
    records = [{"kind": "solved", "key": "a", "tries": 1}, {"kind": "solved", "key": "b", "tries": 3}]
    path = tmp_path / "p.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records))
    first, second = abilities(tmp_path, path).rows
    assert first.aims == ("start a notebook", "stop **it**") and second.aims == ("fly",)
    assert first.evidence == "2 of 3 answered, 1 solved at the first try" and second.evidence == "nothing of 1 yet"
    shown = abilities(tmp_path, path)._repr_html_()
    assert "<strong>it</strong>" in shown and "2 of 3 answered" in shown


def test_every_lesson_says_what_one_can_do_afterwards():
    shown = abilities()
    assert len(shown.rows) >= 13 and all(len(row.aims) >= 3 for row in shown.rows)
    assert teaching.headless() and "somebody can answer" in repr(shown)
