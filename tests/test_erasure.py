"""Erasing shape, texture or a lot: what was planted is gone, what was not stays, and a lot takes as many directions."""

import numpy as np
import pandas as pd
import pytest

from kit.study import erasure, fits
from kit.study.panels import Answers, Series

TRIALS = 240
SERIES = Series("Leo", 0, "60+50", TRIALS)


def world(n=6 * TRIALS, rng=0):
    """A face model of 4 + 3 numbers, and a system that holds three of each and two of its own."""
    rng = np.random.default_rng(rng)
    shape, texture, own = rng.normal(size=(n, 4)), rng.normal(size=(n, 3)), rng.normal(size=(n, 2))
    held = np.hstack([shape[:, :3], texture, own]) @ np.linalg.qr(rng.normal(size=(8, 8)))[0]
    return {"shape": shape, "texture": texture, "held": held}


def found_again(features, variable):
    """How well a linear read-out finds each column of a variable: R^2."""
    design = np.column_stack([features, np.ones(len(features))])
    left = variable - design @ np.linalg.lstsq(design, variable, rcond=None)[0]
    return 1 - left.var(axis=0) / variable.var(axis=0)


def test_what_is_erased_is_gone_and_the_rest_stays():
    spaces = world()
    known = erasure.erasers(spaces)
    assert list(known) == ["held/shape", "held/texture", "held/lot"]
    without = {kind: known[f"held/{kind}"](spaces["held"]) for kind in ("shape", "texture", "lot")}
    assert found_again(without["shape"], spaces["shape"][:, :3]).max() < 1e-6
    assert found_again(without["shape"], spaces["texture"]).min() > 0.98
    assert found_again(without["texture"], spaces["texture"]).max() < 1e-6
    assert found_again(without["texture"], spaces["shape"][:, :3]).min() > 0.98
    assert found_again(without["lot"], spaces["shape"][:, :3]).max() > 0.3


def test_all_removals_take_as_many_directions():
    spaces = world()
    ranks = {name: np.linalg.matrix_rank(eraser(spaces["held"]) - spaces["held"].mean(0), tol=1e-6)
             for name, eraser in erasure.erasers(spaces).items()}  # fmt: skip
    assert set(ranks.values()) == {8 - 3}, "as many as texture, the smaller of both, has columns"


def test_at_most_twenty_and_at_most_half():
    rng = np.random.default_rng(1)
    big = {"shape": rng.normal(size=(700, 60)), "texture": rng.normal(size=(700, 50))}
    many = erasure.erasers(big | {"net": rng.normal(size=(700, 80))})
    few = erasure.erasers(big | {"net": rng.normal(size=(700, 9))})
    assert {len(eraser.correlation) for eraser in many.values()} == {20}
    assert {len(eraser.correlation) for eraser in few.values()} == {4}


def test_a_code_that_sleeps_mostly_loses_half_of_what_is_awake():
    rng = np.random.default_rng(2)
    big = {"shape": rng.normal(size=(500, 20)), "texture": rng.normal(size=(500, 20))}
    awake = rng.normal(size=(500, 6))
    sleeping = np.hstack([awake, 0.003 * rng.normal(size=(500, 14))])
    drowsy = np.hstack([awake, 0.03 * rng.normal(size=(500, 14))])
    assert {len(e.correlation) for e in erasure.erasers(big | {"net": sleeping}).values()} == {3}
    assert {len(e.correlation) for e in erasure.erasers(big | {"net": drowsy}).values()} == {10}


def test_components_that_do_not_vary_are_nothing_to_erase():
    spaces = world()
    spaces["shape"] = np.hstack([spaces["shape"], np.full((6 * TRIALS, 5), 3.0)])
    assert {len(e.correlation) for e in erasure.erasers(spaces).values()} == {3}


def test_directions_are_learned_from_faces_spread_over_a_long_series():
    long = world(2 * erasure.LEARNED)
    every_second = {name: values[::2] for name, values in long.items()}
    for (name, one), other in zip(erasure.erasers(long).items(), erasure.erasers(every_second).values()):
        np.testing.assert_allclose(one.into, other.into, err_msg=name)
    shorter = {name: values[: 2 * erasure.LEARNED - 1] for name, values in long.items()}
    assert np.allclose(erasure.erasers(shorter)["held/shape"].mean, shorter["held"].mean(axis=0)), "all are used"


def test_lots_are_drawn_by_the_seed():
    spaces = world()
    one, same, other = (erasure.erasers(spaces, rng)["held/lot"].into for rng in (0, 0, 1))
    assert np.array_equal(one, same) and not np.allclose(one, other)


@pytest.fixture(scope="module")
def rated():
    """An observer who goes by shape, and the whole model of the system."""
    spaces = world()
    choice = np.random.default_rng(3).integers(6, size=TRIALS)
    chosen = spaces["shape"][6 * np.arange(TRIALS) + choice]
    rating = np.clip(np.round(3.5 + 1.2 * chosen[:, 0]), 1, 6).astype(int)
    answers = Answers("o", SERIES, np.arange(TRIALS), choice, rating, 4)
    return spaces, answers, {"held": fits.fit(spaces["held"], answers)}


def test_who_goes_by_shape_is_lost_without_it(rated):
    spaces, answers, models = rated
    table = erasure.scores(spaces, erasure.erasers(spaces), models, answers)
    assert list(table) == ["space", "removed", "fold", "tau", "mi"]
    assert list(dict.fromkeys(table["removed"])) == ["nothing", "shape", "texture", "lot"]
    assert list(table["fold"][:4]) == [0, 1, 2, 3] and len(table) == 16
    mi, tau = (table.groupby("removed")[column].mean() for column in ("mi", "tau"))
    assert mi["nothing"] > 0.6 and abs(mi["shape"]) < 0.05 and mi["texture"] > 0.55
    assert tau["nothing"] > 0.7 and abs(tau["shape"]) < 0.15 and tau["texture"] > 0.7
    assert mi["shape"] < mi["lot"] < mi["nothing"]


def test_nothing_erased_is_the_whole_model(rated):
    spaces, answers, models = rated
    whole = erasure.scored({("held", "nothing"): models["held"]}, answers)[["fold", "tau", "mi"]]
    table = erasure.scores(spaces, erasure.erasers(spaces), models, answers)
    found = table[table["removed"] == "nothing"][["fold", "tau", "mi"]]
    pd.testing.assert_frame_equal(found.reset_index(drop=True), whole)


def test_penalties_are_those_of_the_whole(rated):
    spaces, answers, models = rated
    strict = fits.fit_at(spaces["held"], answers, 40.0)
    strict = {"held": strict}
    known = erasure.erasers(spaces)
    free, held = (erasure.scores(spaces, known, m, answers).query("removed == 'texture'") for m in (models, strict))
    model = erasure._without(known["held/texture"](spaces["held"][answers.chosen]), strict["held"], answers)
    assert (model.exponents == 40).all() and np.abs(model.weights).max() < 1e-6
    assert not np.allclose(free["tau"], held["tau"])


def test_without_systems_nothing_is_erased(rated):
    spaces, answers, _ = rated
    model_only = {name: spaces[name] for name in ("shape", "texture")}
    assert erasure.erasers(model_only) == {}
    empty = erasure.scores(model_only, {}, {}, answers)
    assert list(empty) == ["space", "removed", "fold", "tau", "mi"] and empty.empty


def test_costs_are_what_was_there_minus_what_is_left():
    about = {"observer": "o", "identity": "Leo", "series": "Leo-0", "space": "net"}
    left = {"nothing": (0.10, 0.20), "shape": (0.01, 0.03), "texture": (0.09, 0.19), "lot": (0.10, 0.12)}
    rows = [about | {"removed": kind, "fold": fold, "mi": bits, "tau": 2 * bits}
            for kind, both in left.items() for fold, bits in enumerate(both)]  # fmt: skip
    table = erasure.costs(pd.DataFrame(rows))
    assert list(table.index.names) == ["observer", "identity", "series", "space", "fold"]
    fold = [table.loc["o", "Leo", "Leo-0", "net", k].to_dict() for k in (0, 1)]
    assert fold[0] == pytest.approx({"shape": 0.09, "texture": 0.01, "lot": 0.0, "nothing": 0.1})
    assert fold[1] == pytest.approx({"shape": 0.17, "texture": 0.01, "lot": 0.08, "nothing": 0.2})
    assert erasure.costs(pd.DataFrame(rows), "tau")["shape"].tolist() == pytest.approx([0.18, 0.34])
