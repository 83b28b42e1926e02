"""Lesson 06 in JupyterLab in a real Chromium: every widget operated by keyboard."""

from pathlib import Path

import numpy as np
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LESSON = Path(__file__).resolve().parents[1] / "lessons" / "06_a_generative_model_of_faces.ipynb"
PICTURE = ".tk-face-explorer .tk-picture"
STEPS = ["ArrowRight"] * 9 + ["ArrowLeft"] * 8


@pytest.fixture(scope="module")
def lesson(module_lab):
    """The lesson, run once for all tests of this file, which go on where the one before them stopped."""
    opened = module_lab.open(LESSON)
    opened.run_all(120)
    opened.widget("face-explorer").locator("canvas").wait_for()
    return opened


def pixels(lesson) -> list[int]:
    """Grey levels of a small copy of the explorer's picture."""
    script = """selector => {
        const small = new OffscreenCanvas(24, 24).getContext("2d");
        small.drawImage(document.querySelector(selector), 0, 0, 24, 24);
        return [...small.getImageData(0, 0, 24, 24).data];
    }"""
    return lesson.page.evaluate(script, PICTURE)


def test_every_control_has_a_name(lesson):
    explorer = lesson.widget("face-explorer")
    explorer.scroll_into_view_if_needed()
    for name in ("age", "turn", "lamp left – right"):
        assert explorer.get_by_role("slider", name=name, exact=True).count() == 1
    assert explorer.get_by_role("combobox", name="ancestry").count() == 1
    assert explorer.get_by_role("checkbox", name="swim cap").count() == 1
    age = explorer.get_by_role("slider", name="age", exact=True)
    assert age.get_attribute("aria-valuetext") == "30 years"
    lesson.focus(age)
    assert explorer.locator(":focus-visible").count() == 1


def test_the_lesson_works_by_keyboard(lesson):
    explorer = lesson.widget("face-explorer")
    explorer.scroll_into_view_if_needed()
    before, words = pixels(lesson), explorer.locator("canvas").get_attribute("aria-label")
    for name in ("yaw", "age", "azimuth"):
        lesson.each_key_changes(PICTURE, explorer.locator(f"input[name={name}]"), STEPS)
    assert np.abs(np.subtract(pixels(lesson), before)).max() > 10
    assert explorer.locator("canvas").get_attribute("aria-label") != words
    play(lesson)
    change_the_scene(lesson)
    assert "model not found" not in lesson.page.content().lower()
    assert not lesson.errors


def play(lesson) -> None:
    """Choose a face in the first round and go on, by keyboard alone."""
    game = lesson.widget("matching-game")
    game.scroll_into_view_if_needed()
    lesson.focus(game.locator("[data-id=face-0]"))
    lesson.press("Tab", "Enter")
    game.locator(".tk-right, .tk-wrong").wait_for()
    lesson.page.locator("[data-id=next]:focus").wait_for()
    lesson.press("Enter")
    game.get_by_text("Round 2 of 6").wait_for()
    lesson.page.locator("[data-id=face-0]:focus").wait_for()


def test_dragging_never_queues(lesson):
    """Many changes at once end with the face of the last one, after a few pictures and not one each."""
    explorer = lesson.widget("face-explorer")
    script = """([selector, count]) => {
        const picture = document.querySelector(selector), input = document.querySelector("input[name=yaw]");
        window.painted = 0;
        new MutationObserver(() => { window.painted += 1; }).observe(picture, { attributeFilter: ["aria-label"] });
        for (let k = 1; k <= count; k += 1) {
            input.value = k;
            input.dispatchEvent(new Event("input", { bubbles: true }));
        }
    }"""
    lesson.page.evaluate(script, [PICTURE, 40])
    explorer.locator("figcaption", has_text="turned 40° right").wait_for()
    assert lesson.page.evaluate("painted") == 2


def test_both_themes_are_legible(lesson):
    for theme in ("light", "dark"):
        lesson.theme(theme)
        for name in ("face-explorer", "matching-game"):
            widget = lesson.widget(name)
            widget.scroll_into_view_if_needed()
            lesson.screenshot(f"06-{name}-{theme}", widget)
            assert lesson.faint(f".tk-{name}") == []


def test_without_a_kernel_a_picture_remains(module_lab, lesson):
    lesson.save()
    lesson.page.close()
    module_lab.server.end_kernels()
    again = module_lab.reopen(lesson.path)
    left = again.page.locator(".tk-static figure img[alt^='Female, 30 years']").first
    left.scroll_into_view_if_needed()
    assert left.is_visible()
    assert "model not found" not in again.page.locator("body").inner_text().lower()


def change_the_scene(lesson) -> None:
    """Move the thing, then choose another, by keyboard; the sentence follows."""
    explorer = lesson.widget("scene-explorer")
    explorer.scroll_into_view_if_needed()
    picture = ".tk-scene-explorer .tk-picture"
    lesson.each_key_changes(picture, explorer.locator("input[name=x]"), ["ArrowRight"] * 6)
    explorer.locator("figcaption", has_text="0.06 to the right").wait_for()
    lesson.each_key_changes(picture, explorer.locator("[name=category]"), ["ArrowDown"] * 2)
    explorer.locator("figcaption", has_text="A car").wait_for()
    assert "A car" in explorer.locator("img").get_attribute("alt")
    for theme in ("light", "dark"):
        lesson.theme(theme)
        lesson.screenshot(f"06-scenes-{theme}", explorer)
        assert lesson.faint(".tk-scene-explorer") == []
