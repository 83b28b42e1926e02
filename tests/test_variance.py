"""Whose variance: closed forms of correlated predictors, himalaya's split, and observers who use one thing."""

import itertools

import numpy as np
import pandas as pd
import pytest
from himalaya.scoring import r2_score_split
from sklearn.metrics import r2_score

from kit.analysis.encoding import NestedRidge
from kit.analysis.variance import commonality, product_measure, stacked_r2
from kit.study import partition, space_names
from kit.study.panels import Answers, Series

NAMES = ("shape", "texture", "pixels", "net")


def subsets(names):
    return [frozenset(s) for size in range(len(names) + 1) for s in itertools.combinations(names, size)]


def two_correlated(n, rng, r=0.6, weights=(0.5, 0.3)):
    """Predictors of correlation r; ratings of variance 1."""
    x = rng.multivariate_normal([0, 0], [[1, r], [r, 1]], n)
    told = weights[0] ** 2 + weights[1] ** 2 + 2 * r * weights[0] * weights[1]
    return x, x @ np.array(weights) + np.sqrt(1 - told) * rng.standard_normal(n), told


def test_two_correlated_predictors_have_their_closed_form():
    x, y, told = two_correlated(200_000, np.random.default_rng(0))
    fold = np.arange(len(y)) * 9 // len(y)
    a, b = frozenset("a"), frozenset("b")
    parts = commonality(stacked_r2({"a": x[:, 0], "b": x[:, 1]}, y, fold))
    alone_a, alone_b = (0.5 + 0.6 * 0.3) ** 2, (0.3 + 0.6 * 0.5) ** 2
    assert parts[a] == pytest.approx(told - alone_b, abs=0.005)
    assert parts[b] == pytest.approx(told - alone_a, abs=0.005)
    assert parts[a | b] == pytest.approx(alone_a + alone_b - told, abs=0.005)


def test_parts_add_up_and_each_is_seen_once():
    """A Venn diagram of sets of points: the R^2 of a subset is the size of its union."""
    rng = np.random.default_rng(1)
    members = {name: set(rng.choice(1000, 300, replace=False).tolist()) for name in NAMES}
    sizes = {s: len(set().union(*(members[name] for name in s))) / 1000 for s in subsets(NAMES)}
    parts = commonality(sizes)
    assert sum(parts.values()) == pytest.approx(sizes[frozenset(NAMES)])
    for inside, part in parts.items():
        only = set.intersection(*(members[name] for name in inside))
        only -= set().union(*(members[name] for name in set(NAMES) - inside))
        assert part == pytest.approx(len(only) / 1000), set(inside)


def test_a_subset_that_is_missing_is_noticed():
    with pytest.raises(ValueError, match="r2 has 3 subsets of 2 spaces; all 4 are needed"):
        commonality({frozenset(): 0.0, frozenset("a"): 0.1, frozenset("ab"): 0.2})


def test_product_measure_is_himalayas_and_adds_up():
    rng = np.random.default_rng(2)
    parts, y = rng.standard_normal((4, 500)), rng.standard_normal(500)
    y = y + 0.3 * parts.sum(axis=0)
    found = product_measure(parts, y)
    centred = parts - parts.mean(axis=1, keepdims=True)
    expected = r2_score_split((y - y.mean())[:, None], centred[..., None])[:, 0]
    np.testing.assert_allclose(found, expected)
    assert found.sum() == pytest.approx(r2_score(y - y.mean(), centred.sum(axis=0)))


def test_product_measure_is_pratts_where_nothing_is_penalised():
    x, y, _ = two_correlated(500_000, np.random.default_rng(3))
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    expected = [0.5 * (0.5 + 0.6 * 0.3), 0.3 * (0.3 + 0.6 * 0.5)]
    np.testing.assert_allclose(product_measure((x * beta).T, y), expected, atol=0.005)
    with pytest.raises(ValueError, match=r"expected \(n_spaces, 500000\)"):
        product_measure(x, y)


def test_stacked_predictions_of_guessers_tell_nothing():
    rng, found = np.random.default_rng(4), []
    fold = np.repeat(np.arange(9), 50)
    for _ in range(40):
        found.append(stacked_r2(dict(zip(NAMES, rng.standard_normal((4, 450)))), rng.integers(1, 7, 450), fold))
    means = pd.DataFrame(found).mean()
    assert means[frozenset()] == 0 and means.max() <= 0 and means.min() > -0.03


# ---- of one observer


def linear_models(**columns):
    fold = np.repeat(np.arange(9), 200)
    empty = np.zeros((9, 1, 1))
    return {
        name: NestedRidge(values[:, None], fold, empty, empty[..., 0], empty, {}) for name, values in columns.items()
    }


def answers_of(rating):
    every = np.arange(len(rating))
    return Answers("me", Series("Leo", 0, "60+50", len(rating)), every, 0 * every, rating, 9)


def planted(told, rng):
    """Predictions of four spaces; pixels and net each see shape, net adds something of its own."""
    shape, texture, own = rng.standard_normal((3, 1800))
    columns = {"shape": shape, "texture": texture, "pixels": shape + 0.7 * rng.standard_normal(1800),
               "net": shape + own}  # fmt: skip
    felt = told({"shape": shape, "texture": texture, "own": own}) + 1.5 * rng.standard_normal(1800)
    return columns, np.clip(np.round(3.5 + felt), 1, 6).astype(int)


def parts_for(told, seed=5):
    columns, rating = planted(told, np.random.default_rng(seed))
    table = partition.of_models(linear_models(**columns), answers_of(rating), "net")
    assert list(table) == ["part", "r2"]
    whole = stacked_r2(columns, rating, linear_models(**columns)["shape"].fold)[frozenset(columns)]
    assert table["r2"].sum() == pytest.approx(whole), "parts add up to what all tell"
    return table.set_index("part")["r2"]


def test_shape_that_all_see_is_shared_and_texture_is_not():
    parts = parts_for(lambda told: told["shape"] + told["texture"])
    assert parts["shape and others"] > 0.1 and parts["only texture"] > 0.15
    assert abs(parts[["only pixels", "only net", "others, not shape"]]).max() < 0.02


def test_shape_that_helps_to_read_the_network_tells_more_with_it_than_alone():
    """The net is shape plus something of its own, which alone is rated: shape tells what to take off (suppression)."""
    parts = parts_for(lambda told: told["own"])
    assert parts["only net"] > 0.25 and parts["only shape"] > 0.04
    assert parts["only shape"] + parts["shape and others"] == pytest.approx(0, abs=0.01), "shape alone tells nothing"
    assert abs(parts[["only texture", "only pixels", "others, not shape"]]).max() < 0.01


def test_guessing_has_no_parts():
    parts = parts_for(lambda told: 0)
    assert parts.abs().max() < 0.01


def test_fits_are_made_of_the_faces_that_were_chosen():
    rng = np.random.default_rng(6)
    features = {name: rng.normal(size=(6 * 300, 3)).astype(np.float32) for name in NAMES}
    rating = np.clip(np.round(3.5 + 1.5 * features["texture"][::6, 0]), 1, 6).astype(int)
    answers = Answers("o", Series("Leo", 0, "60+50", 300), np.arange(300), np.zeros(300, int), rating, 5)
    found = partition.partition(features, answers, "net").set_index("part")["r2"]
    assert found["only texture"] > 0.8 and found.drop("only texture").abs().max() < 0.05


def test_without_pixels_or_networks_nothing_is_divided():
    columns, rating = planted(lambda told: told["shape"], np.random.default_rng(3))
    models, answers = linear_models(**columns), answers_of(rating)
    whole = partition.with_a_network(models, answers)
    assert len(whole) == 6 and set(whole["network"]) == {"net"}
    for left_out in ("pixels", "net"):
        rest = {name: model for name, model in models.items() if name != left_out}
        assert partition.with_a_network(rest, answers).empty


def test_unknown_spaces_are_named():
    with pytest.raises(ValueError, match="no space 'viae'.*there are shape, texture"):
        partition.of_models(linear_models(shape=np.ones(1800), texture=np.ones(1800), pixels=np.ones(1800)),
                            answers_of(np.ones(1800, int)), "viae")  # fmt: skip
    with pytest.raises(ValueError, match="pixels is compared as itself"):
        partition.partition(dict.fromkeys(("shape", "texture", "pixels"), np.ones((6, 1))), None, space_names.PIXELS)


def test_intervals_are_over_observers_and_identities():
    rng = np.random.default_rng(7)
    table = pd.DataFrame([(o, i, i, part, rng.normal(level, 0.01)) for o in range(6) for i in "ab"
                          for part, level in (("only shape", 0.3), ("only net", 0.0))],
                         columns=["observer", "identity", "series", "part", "r2"])  # fmt: skip
    found = partition.over_observers(table)
    assert list(found.index) == ["only shape", "only net"] and found.loc["only shape", "low"] > 0.2
    assert found.loc["only net", "low"] < 0 < found.loc["only net", "high"]
    single = partition.over_observers(table.query("observer == 0 and identity == 'a'"))
    assert single["low"].isna().all() and single.loc["only shape", "mean"] == pytest.approx(0.3, abs=0.05)
