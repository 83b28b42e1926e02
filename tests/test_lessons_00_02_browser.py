"""Lessons 00 to 02 in JupyterLab in a real Chromium: Run All, then each widget once, by keyboard."""

from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LESSONS = Path(__file__).resolve().parents[1] / "lessons"
SECONDS = 240  # on a loaded machine


def opened(lab, name: str):
    lesson = lab.open(next(LESSONS.glob(f"{name}_*.ipynb")))
    lesson.page.set_default_timeout(60_000)
    lesson.run_all(SECONDS)
    return lesson


def part(lesson, name: str):
    found = lesson.widget(name)
    found.wait_for()
    found.scroll_into_view_if_needed()
    return found


def look(lesson, names: list[str]) -> None:
    """Both themes are legible, nothing is missing, nothing failed."""
    for theme in ("light", "dark"):
        lesson.theme(theme)
        for name in names:
            shown = part(lesson, name)
            assert not lesson.faint(f".tk-{name}"), name
            lesson.screenshot(f"{name}-{theme}", shown)
    assert "model not found" not in lesson.page.content().lower()
    assert not lesson.errors


def test_lesson_00(lab):
    lesson = opened(lab, "00")
    question = part(lesson, "key-00-order")
    lesson.focus(question.locator("[data-id=option-2]"))
    lesson.press("Space", "Tab", "ArrowRight", "Tab", "Enter")
    question.get_by_text("You predicted").first.wait_for()
    lesson.page.locator(".tk-reveal.tk-key-00-order .tk-right").wait_for()
    explorer = part(lesson, "face-explorer")
    lesson.focus(explorer.locator("input[name=yaw]"))
    lesson.press("ArrowRight")
    explorer.locator("figcaption", has_text="turned 1° right").wait_for()
    look(lesson, ["face-explorer", "key-00-who"])


def test_lesson_01(lab):
    lesson = opened(lab, "01")
    hand = part(lesson, "hand-perceptron")
    news = hand.locator(".tk-news")
    lesson.focus(hand.locator("input[name=w1]"))
    lesson.press(*["ArrowLeft"] * 20)
    hand.locator("svg[aria-label*='where −1.00 × skin']").wait_for()  # every key counts, however fast
    lesson.focus(hand.locator("input[name=w2]"))
    lesson.press(*["ArrowRight"] * 10)
    news.get_by_text("mistake").wait_for()
    lesson.focus(hand.locator("[data-id=add-1]"))
    lesson.press("Enter")
    lesson.page.locator("[data-id=point-40]:focus").wait_for()
    lesson.press("ArrowUp", "ArrowUp", "ArrowUp")
    lesson.page.locator("[data-id=point-40][aria-label*='at 0.0 and 0.3']:focus").wait_for()
    lesson.press("Delete")
    hand.locator("[data-id=point-40]").wait_for(state="detached")
    lesson.focus(hand.locator("[data-id=epoch]"))
    lesson.press(*["Enter"] * 12)
    news.get_by_text("0 corrections on the way. No mistakes left.").wait_for()
    look(lesson, ["hand-perceptron"])


def test_lesson_02(lab):
    lesson = opened(lab, "02")
    graph = part(lesson, "backprop-graph")
    lesson.focus(graph.locator("[data-id=answer]"))
    lesson.page.keyboard.type("0.61")
    lesson.press("Enter")
    graph.get_by_text("It should have the other sign").first.wait_for()
    lesson.page.locator("[data-id=answer]:focus").wait_for()
    lesson.page.keyboard.type("-0.61")
    lesson.press("Enter")
    graph.get_by_text("✓ Right").first.wait_for()
    lesson.focus(graph.locator("[data-id=all]"))
    lesson.press("Enter")
    lesson.page.locator("[data-id=step]:focus").wait_for()
    lesson.press("Enter")
    graph.get_by_text("The loss fell from 0.094 to 0.004").first.wait_for()
    look(lesson, ["backprop-graph"])
