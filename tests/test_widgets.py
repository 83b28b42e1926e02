"""What widgets compute and draw, without a browser."""

import io
import itertools

import numpy as np
import pandas as pd
import plotly.express as px
import pytest
from PIL import Image

from kit import faces, plots, widgets
from kit.faces import stimuli
from kit.widgets.face_explorer import GROUPS, START, compute, describe, image
from kit.widgets.live_picture import LivePicture, Slider, left_behind
from kit.widgets.live_picture import start as started
from kit.widgets.matching import OTHER, MatchingGame, Round, reason, static
from kit.widgets.matching import compute as new_game
from kit.widgets.matching import image as drawn
from kit.widgets.two_halves import LiveHead, TwoHalves

MODEL = faces.load()


@pytest.fixture(scope="module")
def game() -> list[Round]:
    return new_game(4, rng=3)


# ---- the explorer


def test_the_explorer_starts_with_the_average_face():
    face = compute({})
    assert not face.shape.any() and not face.texture.any()
    assert (face.sex, face.age) == (-1, 30) and face.ancestry.tolist() == [[0, 0, 1]]


@pytest.mark.parametrize("name", [c.name for g in GROUPS.values() for c in g.controls if isinstance(c, Slider)])
def test_every_slider_changes_the_picture(name):
    slider = next(c for g in GROUPS.values() for c in g.controls if c.name == name)
    values = {"person": "Leo", name: slider.high if slider.value != slider.high else slider.low}
    before = {"person": "Leo"}
    assert np.abs(image(compute(values), values).astype(int) - image(compute(before), before)).max() > 10


def test_view_and_light_leave_the_face_alone():
    turned = compute({"yaw": 40, "azimuth": -30, "cap": False})
    assert np.array_equal(turned.vertices(), compute({}).vertices())


def test_strength_goes_from_antiface_to_caricature_and_sliders_add():
    leo = stimuli.identities(MODEL)["Leo"]
    assert np.allclose(compute({"person": "Leo", "strength": -1}).shape, leo.antiface().shape)
    added = compute({"person": "Leo", "strength": 1.5, "shape_2": 0.5})
    assert np.allclose((added.shape - 1.5 * leo.shape)[0, :4], [0, 0, 0.5, 0], atol=1e-6)


def test_an_even_mixture_is_a_third_of_each():
    assert np.allclose(compute({"ancestry": "even mixture"}).ancestry, 1 / 3)


@pytest.mark.parametrize(
    "values, words",
    [
        ({}, "Female, 30 years, caucasian archetype; average identity; seen from the front"),
        ({"yaw": -20, "pitch": 5, "cap": False}, "turned 20° left, nodding 5° up"),
        ({"shape_1": -2.0}, "shape 1 at −2.0 sd"),
        ({"person": "Mei", "strength": 0.5, "sex": 1}, "Male"),
    ],
)
def test_the_caption_says_what_is_seen(values, words):
    assert words in describe(values)


def test_unknown_groups_are_named():
    with pytest.raises(ValueError, match="design, identity, shape, texture, view; got hair"):
        widgets.explore_faces("design", "hair")


def test_without_a_front_end_a_sentence_remains(capsys):
    widgets.explore_faces("design")
    assert "Female, 30 years" in capsys.readouterr().out


def test_the_explorer_hands_over_its_face_and_takes_another():
    explorer = widgets.explore_faces("design")
    assert np.array_equal(explorer.face.vertices(), compute({}).vertices())
    explorer.values = explorer.values | {"shape_2": 1.5, "yaw": 20}
    assert explorer.face.shape[0, 2] == 1.5
    stranger = MODEL.sample(1, sex=0.3, ancestry=(0.2, 0.3, 0.5), rng=8).with_expression("fear", 0.6)
    explorer.face = stranger
    for name in ("sex", "age", "ancestry", "shape", "texture", "expression"):
        np.testing.assert_allclose(getattr(explorer.face, name), getattr(stranger, name), atol=1e-6, err_msg=name)
    assert explorer.values["yaw"] == 20, "the view stays"
    assert "identity from Python at 1.00" in describe(explorer.values)


@pytest.mark.parametrize("wrong", [MODEL.sample(2, rng=0), "Leo", None])
def test_the_explorer_says_which_faces_it_shows(wrong):
    explorer = widgets.explore_faces("design")
    before = explorer.values
    with pytest.raises(ValueError, match="one face of the kit's own model"):
        explorer.face = wrong
    assert explorer.values == before


def test_python_draws_the_face_of_now_where_the_browser_cannot():
    explorer = widgets.explore_faces("design")
    explorer._heard(explorer, {"serial": 3, "values": explorer.values | {"age": 70}}, [])
    assert "70 years" in explorer.frame["words"] and explorer.frame["serial"] == 3


# ---- the live picture


def picture_of(values):
    return np.full((8, 8, 3), values["age"], np.uint8), f"{values['age']} years"


def test_a_request_is_answered_with_its_serial():
    live = LivePicture([GROUPS["design"]], picture_of)
    assert live.frame["words"] == "30 years"
    live._heard(live, {"serial": 7, "values": {"age": 60}}, [])
    assert (live.frame["serial"], live.frame["words"]) == (7, "60 years")
    assert Image.open(io.BytesIO(live.frame["picture"])).size == (8, 8)


def test_a_failed_drawing_answers_too_and_keeps_the_picture():
    live = LivePicture([GROUPS["design"]], picture_of)
    before = live.frame["picture"]
    with pytest.raises(KeyError):
        live._heard(live, {"serial": 8, "values": {}}, [])
    assert live.frame["serial"] == 8 and live.frame["picture"] == before
    assert "could not be drawn" in live.frame["words"]


def test_controls_have_names_of_their_own_and_begin_within_their_range():
    controls = [c for g in GROUPS.values() for c in g.controls]
    assert len(started(list(GROUPS.values()))) == len(controls) == len(START)
    assert all(c.low <= c.value <= c.high for c in controls if isinstance(c, Slider))


def test_what_is_left_behind_has_alternative_text():
    assert 'alt="1 &lt; 2"' in left_behind(b"", "1 < 2")


# ---- the game


def test_answer_and_lure_share_what_they_should(game):
    for shown in game:
        other = OTHER[shown.kind]
        same = {k: np.isclose(getattr(shown.options, k), getattr(shown.sample, k)).all(1) for k in ("shape", "texture")}
        assert np.flatnonzero(same[shown.kind]).tolist() == [shown.answer]
        assert np.flatnonzero(same[other]).tolist() == [shown.lure]
        assert np.ptp(shown.options.design, axis=0).max() == 0


def test_both_kinds_are_asked_and_places_vary(game):
    assert [r.kind for r in game] == ["texture", "shape"] * 2
    assert len({r.answer for r in new_game(12, rng=0)}) == 4


def test_each_mistake_has_its_reason(game):
    shown = game[0]
    neither = ({0, 1, 2, 3} - {shown.answer, shown.lure}).pop()
    assert "is the lure: it has the sample's shape" in reason(shown, shown.lure)
    assert "shares neither" in reason(shown, neither)


def test_the_page_left_behind_names_every_picture(game):
    html = static(game[0])
    assert html.count("<img alt=") == 5 and "<details" in html


def test_python_has_the_pictures_of_each_round_where_the_browser_has_none(game):
    widget = MatchingGame(game)
    widget._heard(widget, {"round": 1}, [])
    assert widget.pictures == {"round": 1, "jpegs": list(drawn(game[1]))} and len(drawn(game[1])) == 5


def test_the_game_tells_the_browser_no_more_than_it_needs(game):
    (crop,) = [MatchingGame(game).game["crop"]]
    side = Image.open(io.BytesIO(drawn(game[0])[0])).size
    assert side == (crop["side"], crop["side"])


# ---- figures


def luminance(colour: str) -> float:
    rgb = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return float(np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])


def test_ink_is_legible_on_paper():
    ink, paper = luminance(plots.INK), luminance(plots.PAPER)
    assert (paper + 0.05) / (ink + 0.05) > 7


def test_both_ends_of_the_map_are_darker_than_its_middle():
    dark = [luminance(colour) for _, colour in plots.DIVERGING]
    assert all(a < b for a, b in itertools.pairwise(dark[:3])) and all(a > b for a, b in itertools.pairwise(dark[2:]))


def test_a_figure_carries_its_sentence():
    bundle = plots.show(
        plots.scree(np.array([0.6, 0.3, 0.1])), alt="Three components hold all of it."
    )._repr_mimebundle_()
    texts = [a["text"] for a in bundle["application/vnd.plotly.v1+json"]["layout"]["annotations"]]
    assert "Three components hold all of it." in texts and bundle["text/plain"] in bundle["text/html"]


def test_scree_says_where_levels_are_reached():
    figure = plots.scree(np.array([0.6, 0.3, 0.1]), levels=(0.5, 0.8))
    assert [a.text.split()[0] for a in figure.layout.annotations] == ["1", "2"]


def test_pictures_need_a_label_each():
    images = np.zeros((2, 4, 4, 3), np.uint8)
    html = plots.pictures(images, alt="Two black squares.", labels=["a", "b"])._repr_mimebundle_()["text/html"]
    assert html.count("<img") == 2 and 'aria-label="Two black squares."' in html
    with pytest.raises(ValueError, match="1 labels for 2 pictures"):
        plots.pictures(images, alt="", labels=["a"])


def test_a_legend_leaves_the_lines_the_width_of_the_page():
    lines = px.line(pd.DataFrame({"x": [0, 1, 0, 1], "y": [0, 1, 1, 0], "who": list("aabb")}), "x", "y", color="who")
    layout = plots.show(lines, alt="Two lines.").bundle["application/vnd.plotly.v1+json"]["layout"]
    assert layout["legend"]["orientation"] == "h" and layout["legend"]["yanchor"] == "bottom"
    lines.update_layout(legend=dict(x=0.5, y=0.1))
    layout = plots.show(lines, alt="Two lines.").bundle["application/vnd.plotly.v1+json"]["layout"]
    assert layout["legend"]["x"] == 0.5


def test_pictures_are_not_cut_on_a_narrow_page():
    """A row wraps; a table keeps its columns and shrinks, as large pictures do."""
    images = np.zeros((6, 2, 2, 3), np.uint8)
    row, table = (plots.pictures(images, "Six.", columns=n)._repr_mimebundle_()["text/html"] for n in (6, 3))
    large = plots.pictures(np.zeros((2, 2, 300, 3), np.uint8), "Two.")._repr_mimebundle_()["text/html"]
    assert "flex-wrap:wrap" in row and "grid" not in row and "minmax" in large
    assert "repeat(3,minmax(48px,max-content))" in table and row.count("max-width:100%") == 6


def test_a_mesh_to_turn_has_colours_for_all_its_points():
    own = plots.mesh3d(MODEL.sample(1, rng=0)).data[0]
    assert len(own.vertexcolor) == len(own.x) and 0 <= np.min(own.vertexcolor) <= np.max(own.vertexcolor) <= 1
    values = np.linspace(-2, 1, MODEL.mesh.vertex_count)
    mapped = plots.mesh3d(MODEL.mean(), values=values).data[0]
    assert mapped.cmin == -mapped.cmax and len(mapped.intensity) == len(mapped.x)


def test_the_picture_that_was_drawn_beforehand_is_the_one_that_would_be_drawn():
    widget = TwoHalves()
    kept = LiveHead._drawn(widget, widget.start, 0)
    assert {**widget.frame, "picture": 0} == {**kept, "picture": 0}
    beforehand, now = (np.asarray(Image.open(io.BytesIO(frame["picture"])), int) for frame in (widget.frame, kept))
    assert np.abs(beforehand - now).mean() < 0.5, "python data/build/first_face.py"
    moved = TwoHalves()._drawn(widget.start | {"yaw": 30}, 1)
    assert moved["picture"] != widget.frame["picture"] and "turned 30" in moved["words"]
