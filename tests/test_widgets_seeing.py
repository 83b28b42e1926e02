"""What the widgets of lessons 03 to 05 compute, draw and say, without a browser."""

import numpy as np
import pytest
import torch
from legible import faint

from kit import plots
from kit.faces import load
from kit.faces.snapshots import snapshots
from kit.networks.basics.convnet import ConvNet
from kit.networks.basics.transformer import VisionTransformer
from kit.widgets import decision_explorer, kernel_explorer
from kit.widgets.attention_explorer import ROLLOUT, AttentionMap
from kit.widgets.bandit import compute as new_game
from kit.widgets.canvas import Canvas, diverging
from kit.widgets.receptive_field import FieldMap

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)


# ---- the kernel explorer


@pytest.mark.parametrize("values", [{}, {"stride": 3, "row": 31, "column": 40, "kernel": "blur", "w01": 0.5}])
def test_the_framed_pixel_is_the_sum_of_products(values):
    window, kernel, feature_map = kernel_explorer.compute(values)
    stride = values.get("stride", 1)
    row, column = values.get("row", 24) // stride, values.get("column", 20) // stride
    assert np.isclose(feature_map[row, column], np.sum(window * kernel))
    assert f"{np.sum(window * kernel):+.2f}".replace("-", "−") in kernel_explorer.describe(
        window, kernel, feature_map, values
    )


def test_sliders_add_to_the_kernel_and_the_opposite_edge_turns_the_map():
    _, _, edge = kernel_explorer.compute({})
    turned = {f"w{i}0": 2 for i in range(3)} | {f"w{i}2": -2 for i in range(3)}
    assert np.allclose(kernel_explorer.compute(turned)[2], -edge)


def test_every_weight_changes_the_picture():
    before = kernel_explorer._draw({})[0].image().astype(int)
    for name in ("w00", "w22", "row", "stride"):
        assert np.abs(kernel_explorer._draw({name: 2})[0].image() - before).max() > 50


@pytest.mark.parametrize("row", range(0, 62, 6))
def test_numbers_on_any_part_of_the_face_are_legible(row):
    for column in range(0, 62, 12):
        assert not faint(lambda place={"row": row, "column": column}: kernel_explorer._draw(place)[0])


# ---- the receptive field


def test_pokes_outside_the_formula_s_square_move_nothing():
    torch.manual_seed(0)
    fields = FieldMap(ConvNet(2, size=16).stages, IMAGES)
    assert [f.size for f in fields.fields.values()] == [5, 9, 11, 19, 23]
    for layer in fields.fields:
        values = {"layer": layer, "down": 100, "across": 0}
        assert ", 0 of them outside" in fields.describe(values)
        assert not faint(lambda values=values: fields.drawing(values))
        assert 0 < np.count_nonzero(fields.compute(values)) <= min(fields.fields[layer].size, 16) ** 2


# ---- attention


def test_attention_shows_who_asks_and_sums_to_no_more_than_one():
    torch.manual_seed(0)
    maps = AttentionMap(VisionTransformer(2, size=16, patch=4, width=8, heads=2), IMAGES)
    summary = {"picture": 2, "what": ROLLOUT, "summary": True, "row": 1, "column": 3}
    patch = summary | {"summary": False}
    assert maps.compute(summary).shape == (4, 4) and 0 < maps.compute(summary).sum() <= 1
    assert "the summary token" in maps.describe(summary) and "the patch in row 1, column 3" in maps.describe(patch)
    assert maps.compute(patch).argmax() == 7  # half of a token stays what it was
    assert np.abs(maps.drawing(summary).image().astype(int) - maps.drawing(patch).image()).max() > 50
    assert not faint(lambda: maps.drawing(patch))


# ---- decisions


def test_simulation_and_theory_agree_and_thresholds_cost_time():
    results = {}
    for threshold in (0.5, 1.0):
        _, right, seconds = decision_explorer.compute({"threshold": threshold, "drift": 1.0})
        results[threshold] = right.mean(), seconds.mean()
    assert results[1.0][0] > results[0.5][0] + 0.05 and results[1.0][1] > 2 * results[0.5][1]
    assert results[1.0][0] == pytest.approx(1 / (1 + np.exp(-2)), abs=0.03)


def test_the_end_of_the_simulation_is_told():
    values = {"threshold": 3, "drift": 0.1}
    paths, right, seconds = decision_explorer.compute(values)
    assert "had not decided" in decision_explorer.describe(right, seconds, values)
    assert decision_explorer.drawing(paths, right, seconds, values).image().std() > 5
    assert not faint(lambda: decision_explorer.drawing(paths, right, seconds, values))


# ---- the bandit


def play(game, woman):
    while not game.over:
        game = game.act({"action": "choose", "row": str(int(game.left[len(game.chosen)] != woman))})
    return game


def test_who_always_takes_the_better_woman_gets_her_coins():
    game = new_game(trials=8, rng=1)
    better = int(game.coins.sum(axis=0).argmax())
    best = play(game, better)
    assert best.women.tolist() == [better] * 8 and best.rewards.sum() == game.coins[:, better].sum()
    assert "in 100% of them" in best.status() and 'data-id="again"' in best.live()
    assert not best.act({"action": "again"}).chosen


def test_the_error_is_reward_minus_expectation():
    game = new_game(trials=4, rng=1).act({"action": "choose", "row": "0"})
    assert f"prediction error {game.rewards[0]:+.2f}" in game.status()


@pytest.mark.parametrize("row", ["2", None, "x"])
def test_choices_that_do_not_exist_are_ignored(row):
    game = new_game(trials=2)
    assert game.act({"action": "choose", "row": row}) is game


def test_both_women_stand_on_both_sides_and_nobody_is_named():
    game = new_game(trials=20)
    assert set(game.left) == {0, 1} and "woman on the left" in game.live()
    assert new_game(2).static().count("<img alt=") == 2


# ---- the canvas


def test_colours_are_symmetric_about_grey():
    colours = diverging(np.array([-2.0, 0.0, 2.0])).astype(int)
    assert np.ptp(colours[1]) == 0 and colours[0, 2] > colours[0, 0] and colours[2, 0] > colours[2, 2]


def test_pixels_are_enlarged_without_smoothing():
    picture = np.array([[[0] * 3, [255] * 3]] * 2, np.uint8)
    assert set(np.unique(plots.enlarged(picture[None], 10))) == {0, 255}
    canvas = Canvas(10, 10)
    canvas.pixels(picture, 0, 0, 10)
    assert canvas.image()[5, 2].max() == 0 and canvas.image()[5, 7].min() == 255


def test_paper_is_what_lies_round_the_pictures():
    """As a browser reads it: a point is inside if a line from it crosses the outline an odd number of times."""
    canvas = Canvas(200, 100)
    canvas.pixels(np.zeros((2, 2, 3), np.uint8), 20, 10, 50)
    canvas.pixels(np.zeros((2, 2, 3), np.uint8), 120, 10, 50)
    corners = [[float(n.rstrip("%")) for n in pair.split()] for pair in canvas.paper()[8:-1].split(", ")[1:]]
    edges = list(zip(corners, corners[1:] + corners[:1]))

    def is_paper(x, y):
        above = [(a, b) for a, b in edges if (a[1] > y) != (b[1] > y)]
        return sum(x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) for a, b in above) % 2 == 1

    assert is_paper(5, 50.3) and is_paper(50, 50.3) and is_paper(95, 50.3) and is_paper(30, 80.3)
    assert not is_paper(12, 50.3) and not is_paper(30, 50.3) and not is_paper(70, 50.3)


def test_snapshots_are_those_of_one_woman_for_one_side():
    women = load().sample(2, "female", 35, "caucasian", rng=0)
    assert set(snapshots(women[[1]], 5).identity) == {0}
