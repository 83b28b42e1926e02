"""Lessons 08 to 16 in JupyterLab in a real Chromium: all cells run, every widget answers to the keyboard."""

from pathlib import Path

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
    "12_humans_and_networks": [
        ("amplifier", "alpha", ["ArrowRight"] * 9, "at rating 8.0"),
        ("pick-layer", "layer", ["ArrowLeft"] * 3, "layer 3 of"),
    ],
    "13_reading_the_brain": [
        ("explore-glm", "spacing", ["ArrowLeft"] * 6, "A face every 8 s"),
        ("explore-moments", "moment", ["ArrowRight"] * 7, "SIMULATED EEG at 170 ms"),
        ("read-face", "neurons", ["ArrowRight"] * 8, "read back from 50 SIMULATED neurons"),
    ],
    "14_break_it": [
        ("lesion-explorer", "count", ["ArrowRight"] * 8, "14 filters silenced, harm people most"),
        ("remove-shape", "directions", ["ArrowRight"] * 8, "with 8 directions removed"),
    ],
    "15_richer_neurons_grounded_symbols": [
        ("explore-synapses", "rounds", ["ArrowRight"] * 6, "After 6 rounds"),
        ("word-faces", "age", ["ArrowDown"] * 3, "“old”: of the six"),
        ("combine-cues", "weight", ["ArrowRight"] * 10, "With weight 0.70"),
    ],
    "16_20_watts_and_the_rest": [
        ("explore-energy", "batch", ["ArrowDown"] * 3, "64 at once"),
        ("explore-privacy", "power", ["ArrowLeft"] * 12, "ε = 10,"),
    ],
}


def both_themes(lesson, name: str, widget: str) -> None:
    """Legible in both; pictures are kept for whoever wants to look."""
    for theme in ("light", "dark"):
        lesson.theme(theme)
        lesson.screenshot(f"{name[:2]}-{widget}-{theme}", lesson.widget(widget))
        assert lesson.faint(f".tk-{widget}") == []


def diagnose(lesson) -> None:
    """Test a patient and commit to a diagnosis, by keyboard alone."""
    game = lesson.widget("diagnosis-game")
    game.scroll_into_view_if_needed()
    lesson.focus(game.locator("[data-id=test-4]"))
    lesson.press("Enter")
    game.get_by_text("2 of 3 tests left").wait_for()
    assert game.locator("td.tk-score").count() == 1
    lesson.focus(game.locator("[data-id=verdict-0]"))
    lesson.press("Enter")
    game.get_by_text("From the same tests, the rule says").first.wait_for()
    both_themes(lesson, "14_break_it", "diagnosis-game")
    lesson.page.locator("[data-id=next]:focus").wait_for()
    lesson.press("Enter")
    game.get_by_text("Simulated patient 2 of 6, 3 of 3 tests left").wait_for()


GAMES = {"14_break_it": diagnose}  # widgets without a slider


@pytest.mark.parametrize("name", WIDGETS)
def test_the_lesson_runs_and_its_widgets_work_by_keyboard(lab, name):
    lesson = lab.open(LESSONS / f"{name}.ipynb")
    lesson.run_all(600)
    for widget, control, keys, words in WIDGETS[name]:
        shown = lesson.widget(widget)
        shown.scroll_into_view_if_needed()
        lesson.each_key_changes(f".tk-{widget} .tk-picture", shown.locator(f"[name={control}]"), keys)
        shown.locator("figcaption", has_text=words).wait_for()
        picture = shown.locator(".tk-picture")
        assert words in (picture.get_attribute("alt") or picture.get_attribute("aria-label"))
        both_themes(lesson, name, widget)
    GAMES.get(name, lambda _: None)(lesson)
    assert "model not found" not in lesson.page.content().lower()
    assert not lesson.errors
