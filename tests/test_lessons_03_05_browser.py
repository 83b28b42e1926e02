"""Lessons 03 to 05 in JupyterLab in a real Chromium: all cells run, and every widget is operated by keyboard."""

from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LESSONS = Path(__file__).resolve().parents[1] / "lessons"
SECONDS = 600  # for all cells, on a loaded machine

# Lesson, then for each of its pictures with controls: the widget, a control, the key, and words of the new caption.
PICTURES = {
    "03_seeing_convolution": [
        ("kernel-explorer", "input[name=row]", "ArrowRight", "at row 25, column 20"),
        ("receptive-field", "input[name=down]", "End", "unit at row 15"),
    ],
    "04_attention_and_time": [
        ("attention-explorer", "input[name=picture]", "ArrowRight", "Picture 2"),
        ("decision-explorer", "input[name=threshold]", "ArrowRight", "threshold 1.6"),
    ],
    "05_ways_to_learn": [],
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_lesson_runs_and_its_widgets_answer_to_keys(lab, name):
    lesson = lab.open(LESSONS / f"{name}.ipynb")
    lesson.run_all(SECONDS)
    for widget, control, key, words in PICTURES[name]:
        shown = lesson.widget(widget)
        shown.scroll_into_view_if_needed()
        lesson.focus(shown.locator(control))
        lesson.press(key)
        shown.locator("figcaption", has_text=words).wait_for()
        look(lesson, widget)
    if name.startswith("05"):
        play(lesson)
        look(lesson, "face-bandit")
    assert "model not found" not in lesson.page.content().lower()
    assert not lesson.errors


def look(lesson, widget) -> None:
    """Every word is legible in both themes; a picture of each stays for people to look at."""
    for theme in ("light", "dark"):
        lesson.theme(theme)
        lesson.widget(widget).scroll_into_view_if_needed()
        lesson.screenshot(f"{widget}-{theme}", lesson.widget(widget))
        assert lesson.faint(f".tk-{widget}") == []


def play(lesson) -> None:
    """Choose on the left three times, without a mouse."""
    game = lesson.widget("face-bandit")
    game.scroll_into_view_if_needed()
    lesson.focus(game.locator("[data-id=left]"))
    for trial in (2, 3, 4):
        lesson.press("Enter")
        game.get_by_text(f"Trial {trial} of 20").wait_for()
        lesson.page.locator("[data-id=left]:focus").wait_for()
    assert "prediction error" in game.inner_text()
