"""The widgets and figures of lesson 15, without a browser: what they compute, say and draw."""

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from legible import faint

from kit import plots
from kit.networks.words import described, grounding
from kit.plots import PALETTE
from kit.widgets import cue_combiner, synapse_explorer
from kit.widgets.live_picture import start
from kit.widgets.words import ANY, WordFaces

SYNAPSES, CUES = start(synapse_explorer.CONTROLS), start(cue_combiner.CONTROLS)


# ---- synapses


def synapses(**changed):
    return synapse_explorer.compute({**SYNAPSES, **changed})


def test_variability_spreads_the_plasticities_about_one_in_place():
    none, some, all_of_it = (synapses(variability=v).rates for v in (0, 0.16, 1))
    assert np.all(none == 1) and 0.84 <= some.min() < 0.86 and 1.14 < some.max() <= 1.16
    assert np.allclose((some - 1) / 0.16, all_of_it - 1, atol=1e-5)


def test_rounds_redraw_small_weights_and_leave_large_ones():
    before, after = synapses(), synapses(rounds=12)
    kept = after.redrawn == 0
    assert np.array_equal(before.weights[kept], after.weights[kept]) and not before.redrawn.any()
    large = np.abs(before.weights) > 0.5 * np.abs(before.weights).max()
    assert kept[large].all() and kept.mean() < 0.7
    counts = [synapses(rounds=k).redrawn.sum() for k in range(13)]
    assert np.all(np.diff(counts) >= 0) and counts[1] > counts[11] - counts[10]  # it calms down


@pytest.mark.parametrize("group", synapse_explorer.GROUPS)
def test_groups_send_fewer_and_larger_numbers(group):
    state = synapses(group=str(group))
    assert len(np.unique(state.linked.round(6))) == 12 // group
    assert state.linked.sum() == pytest.approx(group * state.units.sum(), rel=1e-5)
    words = synapse_explorer.describe(state, {**SYNAPSES, "group": str(group)})
    assert f"send {12 // group} different number{'s' if group < 12 else ''}," in words


def test_redrawn_weights_are_framed():
    quiet, busy = (synapse_explorer.drawing(synapses(rounds=k), SYNAPSES).image() for k in (0, 6))
    assert quiet.shape == busy.shape and (busy.sum(-1) < 110).sum() > (quiet.sum(-1) < 110).sum() + 1000
    assert not faint(lambda: synapse_explorer.drawing(synapses(), SYNAPSES))


# ---- words


@pytest.fixture(scope="module")
def asked():
    gallery = described.described(80, 7)
    return WordFaces(grounding.Grounded(), gallery)


def test_faces_come_in_order_of_what_the_word_excites(asked):
    found = asked.compute(["old"])
    excited = asked.model.activation(asked.seen, ["old"])
    assert len(set(found)) == 6 and np.all(np.diff(excited[found]) <= 0) and excited[found[0]] == excited.max()


def test_what_is_true_is_framed_and_said(asked):
    words = ["woman", "left"]
    true = asked.gallery.has(*words)
    text = asked.describe(words)
    assert f"“woman, left”: of the six most excited pictures {true[asked.compute(words)].sum()} show it" in text
    assert f"at random it would be {6 * true.mean():.1f}" in text
    blue = np.array([int(PALETTE[0][k : k + 2], 16) for k in (1, 3, 5)])
    framed = (asked.drawing(["woman"]).image() == blue).all(-1).sum()
    assert not faint(lambda: asked.drawing(["woman"]))
    assert (framed > 500) == bool(asked.gallery.has("woman")[asked.compute(["woman"])].any())


def test_without_a_word_nothing_is_claimed(asked):
    silent = dict.fromkeys(described.SLOTS, ANY)
    assert asked.said(silent) == [] and asked.said({**silent, "age": "old"}) == ["old"]
    assert asked.compute([]).tolist() == list(range(6)) and "No word is said" in asked.describe([])
    with pytest.raises(ValueError, match="more than 6"):
        WordFaces(asked.model, described.described(5, 0))


# ---- cues


def test_bells_lie_where_the_weights_put_them():
    bells = cue_combiner.compute({**CUES, "weight": 1.0})
    assert bells["together"] == pytest.approx(bells["face"]) and bells["best"][1] < 0.1
    assert bells["best"] == pytest.approx((0.8 * 0.4 + 0.2 * 0.6, (1 / 0.01 + 1 / 0.04) ** -0.5))


def test_the_best_is_shown_only_when_asked_for():
    hidden, shown = (ET.fromstring(cue_combiner.figure({**CUES, "best": best})) for best in (False, True))
    lines = [len(list(svg.iter("{http://www.w3.org/2000/svg}polyline"))) for svg in (hidden, shown)]
    assert lines == [3, 4]
    assert "best" not in cue_combiner.describe(CUES)
    assert "The best weight is 0.80, its spread 0.089." in cue_combiner.describe({**CUES, "best": True})


# ---- figures


def test_means_over_seeds_have_bars_from_the_worst_to_the_best():
    table = pd.DataFrame({"x": [1, 1, 2, 2], "y": [0.2, 0.6, 0.5, 0.9], "rule": ["a"] * 4})
    (line,) = plots.over_seeds(table, "x", "y", "rule", ("place", "score")).data
    assert list(line.y) == pytest.approx([0.4, 0.7]) and line.name == "a"
    assert list(line.error_y.array) == pytest.approx([0.2, 0.2])
    assert list(line.error_y.arrayminus) == pytest.approx([0.2, 0.2])


def test_a_membrane_marks_its_spikes():
    figure = plots.membrane(np.array([0.5, 1.2, 0.3]), np.array([0, 1, 0]))
    assert list(figure.data[1].x) == [1] and list(figure.data[2].y) == [1, 1]


def test_words_stand_against_words_with_their_numbers():
    table = np.array([[0.0, 1.25], [1.25, -0.0]])
    figure = plots.unlike({"one": table, "two": table / 2}, ["a", "b"])
    assert [a.text for a in figure.layout.annotations] == ["one", "two"]
    assert figure.data[0].text.min() == 0 and not np.signbit(figure.data[0].text).any()


def test_weights_stand_against_the_best():
    figure = plots.against_best([0.2, 0.8], [0.3, 0.8], ["p", "q"])
    assert list(figure.data[1].x) == [0.2, 0.8] and list(figure.data[1].y) == [0.3, 0.8]
