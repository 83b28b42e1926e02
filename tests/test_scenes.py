"""Scenes: each factor changes what it says and nothing else, and none gives another away."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kit import faces
from kit.faces import scenes

PLAIN = dict(background="studio", tone=0, clutter=0, brightness=1, azimuth=0, elevation=30)
FACTORS = tuple(scenes.Scenes.__dataclass_fields__)


@pytest.fixture(scope="module")
def one_of_each():
    return scenes.sample(6, np.arange(6), rng=3, **PLAIN)


def centroid(masks: np.ndarray) -> np.ndarray:
    """Mean column of each mask, as a part of the width."""
    columns = (np.arange(masks.shape[-1]) + 0.5) / masks.shape[-1]
    return (masks.sum(1) * columns).sum(1) / masks.sum((1, 2))


# ---- sampling


def test_same_seed_same_pixels_and_another_seed_others():
    first, again, other = (scenes.sample(4, rng=seed).render(48) for seed in (5, 5, 6))
    assert first.shape == (4, 48, 48, 3) and first.dtype == np.uint8
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_factors_are_independent_of_one_another():
    table = scenes.sample(4000, rng=0).to_frame()
    coded = pd.get_dummies(table, columns=["category", "background"], dtype=float).drop(columns="category_car")
    between = coded.corr().abs().to_numpy()
    names = [name.split("_")[0] for name in coded.columns]
    same = np.equal.outer(names, names) & np.isin(names, ["category", "background"])
    assert between[~same & ~np.eye(len(between), dtype=bool)].max() < 0.06  # 4 standard errors


def test_a_fixed_factor_leaves_what_the_seed_draws_for_the_others():
    free, fixed = scenes.sample(20, rng=2), scenes.sample(20, "car", rng=2, x=0.1)
    assert set(fixed.category) == {scenes.CATEGORIES.index("car")} and set(fixed.x) == {0.1}
    for name in set(FACTORS) - {"category", "x"}:
        assert np.array_equal(getattr(free, name), getattr(fixed, name))


def test_a_table_gives_the_scenes_back():
    drawn = scenes.sample(5, rng=4)
    table = drawn.to_frame()
    assert table.category.isin(scenes.CATEGORIES).all()
    assert np.array_equal(scenes.from_frame(table).render(32), drawn.render(32))
    assert np.array_equal(drawn[[3, 1]].render(32), drawn.render(32)[[3, 1]])


# ---- one factor at a time


def test_position_moves_the_thing_as_far_as_said(one_of_each):
    left, right = one_of_each.changed(x=-0.15), one_of_each.changed(x=0.1)
    moved = centroid(right.masks(96)) - centroid(left.masks(96))
    np.testing.assert_allclose(moved, 0.25, atol=0.003)


def test_size_scales_the_area_by_its_square(one_of_each):
    small, big = (one_of_each.changed(x=0, size=size).masks(128).sum((1, 2)) for size in (0.3, 0.6))
    np.testing.assert_allclose(big / small, 4, rtol=0.03)


@pytest.mark.parametrize("change", [{"background": "beach"}, {"tone": 0.8}, {"azimuth": 50}, {"brightness": 0.9},
                                    {"clutter": 7}, {"elevation": 60}])  # fmt: skip
def test_what_is_not_the_thing_changes_the_picture_and_not_the_thing(one_of_each, change):
    changed = one_of_each.changed(**change)
    assert np.array_equal(changed.masks(), one_of_each.masks())
    assert all((a != b).any() for a, b in zip(changed.render(), one_of_each.render()))


def test_background_and_tone_leave_the_things_own_pixels(one_of_each):
    inside = one_of_each.masks() > 0.999
    before, after = one_of_each.render(), one_of_each.changed(background="room", tone=-0.7).render()
    assert np.array_equal(before[inside], after[inside]) and inside.sum((1, 2)).min() > 50


def test_hues_leave_the_outline_and_proportions_change_it(one_of_each):
    masks = one_of_each.masks()
    assert np.array_equal(one_of_each.changed(hues=one_of_each.hues + 90).masks(), masks)
    other = one_of_each.changed(proportions=-one_of_each.proportions).masks()
    assert (np.abs(other - masks).sum((1, 2)) > 10).all()


def test_a_lamp_from_the_right_brightens_the_right(one_of_each):
    bottle = one_of_each[[scenes.CATEGORIES.index("bottle")]].changed(x=0, size=0.7)
    inside = bottle.masks()[0] > 0.99
    grey = {side: bottle.changed(azimuth=side, elevation=0).render()[0].mean(-1) for side in (-60, 60)}
    difference = np.where(inside, grey[60] - grey[-60], 0)
    assert difference[:, 32:].sum() > 500 and difference[:, :32].sum() < -500


def test_more_clutter_keeps_what_was_there():
    """A layout of five is its four and one more: most pixels stay."""
    scene = scenes.sample(1, "lamp", rng=8, background="meadow", layout=3)
    four, five = (scene.changed(clutter=k).render()[0].astype(int) for k in (4, 5))
    assert 0 < (four != five).any(-1).mean() < 0.1


def test_edges_are_smooth_and_sizes_agree(one_of_each):
    masks = one_of_each.masks(64)
    between = (masks > 0.02) & (masks < 0.98)
    assert (between.sum((1, 2)) > 40).all()
    fine = one_of_each.masks(256).reshape(6, 64, 4, 64, 4).mean((2, 4))
    assert np.abs(fine - masks).mean() < 0.01


# ---- what a reader of pixels can tell


def test_categories_can_be_told_from_pixels_of_new_exemplars_but_not_from_colour():
    drawn = scenes.sample(900, rng=1, x=0, clutter=0)
    pixels = drawn.render(24).reshape(900, -1) / 255.0
    hue_only = np.hstack([drawn.hues, drawn.proportions, drawn.tone[:, None], drawn.brightness[:, None]])
    accuracy = {}
    for name, table in {"pixels": pixels, "other factors": hue_only}.items():
        readout = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300))
        accuracy[name] = readout.fit(table[:700], drawn.category[:700]).score(table[700:], drawn.category[700:])
    assert accuracy["pixels"] > 0.7 and accuracy["other factors"] < 0.3  # chance is 1/6


# ---- faces in front


@pytest.fixture(scope="module")
def crossed():
    people = faces.load().sample(3, rng=1)
    places = scenes.sample(2, ["house", "bottle"], rng=2, brightness=1.0, azimuth=20, elevation=30, x=0.1)
    who, what = np.repeat(np.arange(3), 2), np.tile(np.arange(2), 3)
    return scenes.behind(people[who], places[what], 64).reshape(3, 2, 64, 64, 3)


def test_a_face_looks_the_same_before_any_scene_and_a_scene_behind_any_face(crossed):
    """Face on the left half, thing on the right: each half depends on its own factor alone."""
    core = crossed[:, :, 30:50, 14:20]
    assert np.array_equal(core[:, 0], core[:, 1]) and not np.array_equal(core[0, 0], core[1, 0])
    thing = crossed[:, :, :, 48:]
    assert np.array_equal(thing[0], thing[1]) and not np.array_equal(thing[0, 0], thing[0, 1])


def test_the_face_is_drawn_as_the_renderer_draws_it():
    """In the middle of a face no background shows: the pixels are those of `Faces.render` of that size."""
    person, place = (
        faces.load().sample(1, rng=1),
        scenes.sample(1, rng=2, x=0.1, brightness=1, azimuth=20, elevation=30),
    )
    width = round(scenes.FACE * 128)
    own = person.render(width, light=(20, 30))[0].astype(int)
    made = scenes.behind(person, place, 128)[0].astype(int)
    rows, columns = slice(30, 60), slice(35, 55)
    top, left = 128 - width + round(scenes.FACE_BELOW * scenes.FACE * 128), -(width // 8)
    there = made[rows.start + top : rows.stop + top, columns.start + left : columns.stop + left]
    assert np.abs(there - own[rows, columns]).max() <= 2


# ---- errors


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: scenes.sample(3, "boat"), "category must be one of house, tree, car.*got 'boat'"),
        (lambda: scenes.sample(0), "at least 1 scene"),
        (lambda: scenes.sample(3, size=[0.5, 0.5]), r"size needs one value, or an array of shape \(3,\)"),
        (lambda: scenes.sample(3, size=[0.5, 0.5, 7]), "size must be from 0.05 to 1; scene 2 has 7"),
        (lambda: scenes.sample(3, x=np.nan), "x must be from"),
        (lambda: scenes.sample(3, clutter=1.5), "clutter must be whole numbers; got 1.5"),
        (lambda: scenes.sample(3, colour="red"), "a scene has no 'colour'; it has category"),
        (lambda: scenes.sample(1).render(4), "size must be from 8 to 2048"),
        (lambda: scenes.from_frame(pd.DataFrame({"x": [0.0]})), "needs the column 'category'"),
        (lambda: scenes.behind(faces.load().sample(2), scenes.sample(3)), "got 2 faces and 3 scenes"),
    ],
)
def test_errors_say_what_is_wrong(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_factors_cannot_be_changed_in_place():
    with pytest.raises(ValueError, match="read-only"):
        scenes.sample(2, rng=0).x[0] = 0
