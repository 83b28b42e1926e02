"""Lesson 07 in JupyterLab in a real Chromium: from nobody answering to one's own ratings, over a restart."""

from pathlib import Path

import pytest
from test_participant_widget import respond

from kit.behavior.protocol import Procedure
from kit.behavior.session import Session, my_ratings
from kit.widgets import participant

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LESSON = Path(__file__).resolve().parents[1] / "lessons" / "07_be_the_participant.ipynb"
DESIGN = Procedure("Mei", rate=120)
WRITTEN = """() => lab.failures().length > 0 || [...document.querySelectorAll(".jp-OutputArea-output")]
    .some((output) => output.textContent.includes("written: my_ratings.csv"))"""


def output(lesson, cell: str) -> str:
    """What a cell printed, by the cell's id."""
    script = """id => [...jupyterapp.shell.currentWidget.content.model.cells]
        .filter((cell) => cell.id === id).flatMap((cell) => lab.outputs(cell))
        .map((output) => output.text ?? output.data?.["text/plain"] ?? "").join("\\n")"""
    return lesson.page.evaluate(script, cell)


def rate(lab, left: int, monkeypatch) -> None:
    """Take part without a browser, as far as `left` panels before the end."""
    monkeypatch.setattr(participant, "pictures", lambda *_: [])
    held = Session(DESIGN, lab.server.student / "experiment" / "me-Mei-8+8-0.session.jsonl")
    taking = participant.TakingPart(held)
    while len(held.state.counted) < DESIGN.total - left:
        respond(taking, varied=True)
    held.close()


def test_from_a_simulated_observer_to_ones_own_ratings(lab, monkeypatch):
    lesson = lab.open(LESSON)
    lesson.run_all(240)
    assert "a SIMULATED observer" in output(lesson, "data") and "Nothing of yours" in output(lesson, "export")
    widget = lesson.widget("participant")
    widget.get_by_text("What is stored:").wait_for()
    for theme in ("light", "dark"):
        lesson.theme(theme)
        widget.scroll_into_view_if_needed()
        assert lesson.faint(".tk-participant") == []
    assert not lesson.errors
    lesson.page.close()
    lab.server.end_kernels()

    rate(lab, 1, monkeypatch)  # another day; one panel is left
    again = lab.reopen(lesson.path)
    again.run_all(240)
    widget = again.widget("participant")
    widget.get_by_text(f"Panel {DESIGN.total} of {DESIGN.total}", exact=True).wait_for()
    again.focus(widget.locator(".tk-body"))
    for key in "35":
        again.page.wait_for_function(
            "performance.now() > +document.querySelector('.tk-participant .tk-body').dataset.ready"
        )
        again.press(key)
    widget.get_by_text("Thank you.").wait_for()
    again.page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells') && null")
    again.page.wait_for_function(WRITTEN, timeout=240_000)
    assert "Analysed below: you" in output(again, "data")
    assert len(my_ratings(lab.server.student / "experiment")) == DESIGN.total
    assert (lab.server.root / "my_ratings.csv").exists()
    assert "model not found" not in again.page.content().lower()
