"""The scene explorer, without a browser: every control does what its label says."""

import numpy as np
import pytest

from kit.faces import scenes
from kit.widgets import scene_explorer as explorer
from kit.widgets.live_picture import LivePicture, Slider

CONTROLS = [control for group in explorer.GROUPS.values() for control in group.controls]


def other_value(control):
    if isinstance(control, Slider):
        return control.high
    return next(option for option in control.options if option != control.value)


@pytest.mark.parametrize("control", CONTROLS, ids=[c.name for c in CONTROLS])
def test_every_control_changes_the_picture_and_the_sentence(control):
    values = {control.name: other_value(control)}
    before, after = explorer.image(explorer.compute({})), explorer.image(explorer.compute(values))
    assert before.shape == (explorer.SIZE, explorer.SIZE, 3) and explorer.difference(before) == 0
    assert explorer.difference(after) > 1
    assert explorer.describe(values, after) != explorer.describe({}, before)


def test_every_category_and_background_can_be_chosen():
    for name, known in (("category", scenes.CATEGORIES), ("background", scenes.BACKGROUNDS)):
        assert next(c for c in CONTROLS if c.name == name).options == known


def test_a_control_changes_its_own_factor_alone():
    plain, moved = explorer.compute({}).to_frame(), explorer.compute({"x": 0.2, "clutter": 3}).to_frame()
    assert set(plain.columns[(plain != moved).any()]) == {"x", "clutter"}


def test_the_sentence_says_what_is_seen():
    values = {"category": "car", "x": -0.1, "clutter": 1, "azimuth": -30, "background": "beach"}
    words = explorer.describe(values, explorer.image(explorer.compute(values)))
    for part in ("A car", "0.10 to the left", "beach", "lamp at −30°", "1 small thing about", "pixel difference"):
        assert part in words


def test_the_difference_is_the_root_mean_square_of_grey_levels():
    brighter = np.clip(explorer.image(explorer.compute({})).astype(float) + 0, 0, 255)
    assert explorer.difference(brighter - 7) == pytest.approx(7)


def test_a_message_from_the_browser_is_answered():
    widget = LivePicture(
        list(explorer.GROUPS.values()),
        lambda v: (picture := explorer.image(explorer.compute(v)), explorer.describe(v, picture)),
    )
    first = widget.frame["picture"]
    widget._heard(None, {"values": explorer.START | {"category": "tree", "clutter": 2.0}, "serial": 1}, [])
    assert "A tree" in widget.frame["words"] and widget.frame["picture"] != first


def test_another_background_costs_more_pixels_than_another_thing():
    """What lesson 06 asks about."""
    cost = {v: explorer.difference(explorer.image(explorer.compute({n: v}))) for n, v in (("category", "car"),
            ("background", "beach"), ("background", "room"), ("background", "studio"))}  # fmt: skip
    assert cost.pop("car") < min(cost.values())
