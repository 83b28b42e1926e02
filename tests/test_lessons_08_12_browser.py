"""Lessons 08 to 12, and 16, in JupyterLab in a real Chromium: all cells run, every widget answers to the keyboard."""

from pathlib import Path

import numpy as np
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LESSONS = Path(__file__).resolve().parents[1] / "lessons"
WIDGETS = {  # lesson: widget, its control, keys to press on it, words that the sentence then has
    "08_networks_that_know_faces": [
        ("nearest-faces", "picture", ["ArrowRight"] * 6, "picture 7"),
        ("latent-traversal", "amount", ["ArrowLeft"] * 8, "+0.0 sd"),
    ],
    "09_comparing_representations": [
        ("compare-rdms", "left_layer", [*2 * ("ArrowDown",), *2 * ("ArrowUp",), *2 * ("ArrowDown",)], "block2")
    ],
    "10_predicting_behaviour": [("explore-penalty", "exponent", ["ArrowRight"] * 6, "penalty 2 to the power 2")],
    "11_which_features": [
        ("information-table", "rain", ["ArrowLeft"] * 4, "Rain with umbrella 0.22"),
        ("tied-ratings", "order", ["ArrowRight"] * 5, "order +0.5"),
    ],
    "12_humans_and_networks": [("amplifier", "alpha", ["ArrowRight"] * 9, "at rating 8.0")],
    "16_20_watts_and_the_rest": [
        ("explore-energy", "batch", ["ArrowDown"] * 3, "64 at once"),
        ("explore-privacy", "power", ["ArrowLeft"] * 12, "ε = 10,"),
    ],
}
MEDIAN = 300  # ms from key to painted picture on a loaded machine; the goal is 100


@pytest.mark.parametrize("name", WIDGETS)
def test_the_lesson_runs_and_its_widgets_work_by_keyboard(lab, name, record_property):
    lesson = lab.open(LESSONS / f"{name}.ipynb")
    lesson.run_all(600)
    medians = {}
    for widget, control, keys, words in WIDGETS[name]:
        shown = lesson.widget(widget)
        shown.scroll_into_view_if_needed()
        times = lesson.latencies(shown.locator(f"[name={control}]"), f".tk-{widget} .tk-picture", keys)
        shown.locator("figcaption", has_text=words).wait_for()
        medians[widget] = np.median(times)
        assert words in shown.locator("img").get_attribute("alt")
        for theme in ("light", "dark"):
            lesson.theme(theme)
            lesson.screenshot(f"{name[:2]}-{widget}-{theme}", shown)
            assert lesson.faint(f".tk-{widget}") == []
    assert "model not found" not in lesson.page.content().lower()
    assert not lesson.errors
    record_property("milliseconds", medians)
    print(f"key to picture, median milliseconds: {medians}")
    assert max(medians.values()) < MEDIAN
