"""The kit's colours can be told apart by every common kind of eye, and seen on a white page."""

from itertools import combinations

import numpy as np
import pytest
from colours import VISION, apart, contrast, linear, seen

from kit.plots import DIVERGING, INK, LINE, PALETTE, PAPER

DIFFERENT = 15  # ΔE; side by side, about 2 is just seen
TEXT, GRAPHIC = 4.5, 3.0  # contrast that WCAG 2.2 asks of text (1.4.3) and of what a figure is made of (1.4.11)


def test_the_measures_are_right():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)  # WCAG's best known near miss
    assert seen("#FF0000", "normal") == pytest.approx([53.2, 80.1, 67.2], abs=0.2)
    for vision in VISION:
        assert seen("#888888", vision)[1:] == pytest.approx([0, 0], abs=0.5)  # grey is grey to all
    assert linear("#FFFFFF") == pytest.approx([1, 1, 1])


def test_a_bad_pair_is_noticed():
    """Red and green of one lightness: far apart for most of us, one colour for a deuteranope."""
    assert apart("#C85A50", "#7F8B32", "normal") > 50
    assert apart("#C85A50", "#7F8B32", "deutan") < DIFFERENT


@pytest.mark.parametrize("vision", VISION)
def test_colours_of_lines_differ_for_every_eye(vision):
    alike = [pair for pair in combinations(PALETTE, 2) if apart(*pair, vision) < DIFFERENT]
    assert not alike


def test_the_first_colours_and_all_words_show_on_paper():
    assert [colour for colour in PALETTE[:4] if contrast(colour, PAPER) < GRAPHIC] == []
    assert contrast(INK, PAPER) > TEXT and contrast(LINE, PAPER) < GRAPHIC  # grid lines stay behind


@pytest.mark.parametrize("vision", VISION)
def test_inward_and_outward_differ_for_every_eye_and_both_darken(vision):
    colours = [colour for _, colour in DIVERGING]
    lightness = [seen(colour, vision)[0] for colour in colours]
    assert np.all(np.diff(lightness[:3]) > 10) and np.all(np.diff(lightness[2:]) < -10)
    assert apart(colours[0], colours[-1], vision) > 60 and apart(colours[1], colours[-2], vision) > 60
