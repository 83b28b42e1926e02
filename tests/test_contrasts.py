"""Systems against each other: what intervals rest on, and what they say of whom."""

import numpy as np
import pandas as pd
import pytest

from kit.analysis.statistics import crossed_interval, holm
from kit.study import contrasts


def scored(n_o=6, n_i=4, folds=3, seed=0, identity_spread=1.0):
    """Scores of three systems: b is a + .5 in every cell, c is on its own."""
    rng = np.random.default_rng(seed)
    own, identity = rng.standard_normal((n_o, 1, 1)), identity_spread * rng.standard_normal((1, n_i, 1))
    first, other = (own + identity + 0.3 * rng.standard_normal((n_o, n_i, folds)) for _ in range(2))
    rows = [
        (f"o{o}", f"i{i}", f"i{i}-{i}", f, space, values[o, i, f])
        for space, values in (("a", first), ("b", first + 0.5), ("c", other))
        for o in range(n_o) for i in range(n_i) for f in range(folds)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["observer", "identity", "series", "fold", "space", "mi"])


def without(table, observer, identity):
    return table[~((table["observer"] == observer) & (table["identity"] == identity))]


def test_cells_are_means_over_folds():
    table = scored()
    found = contrasts.cells(table.sample(frac=1, random_state=0), "mi")
    for o, i, space in [("o2", "i3", "a"), ("o0", "i1", "c")]:
        own = table.query("observer == @o and identity == @i and space == @space")["mi"].mean()
        place = found.observers.index(o), found.units.index(i), found.names.index(space)
        assert found.values[place] == pytest.approx(own)
    assert "6 observers crossed with 4 identities" in found.speaks_for
    assert "no conclusion about other identities" in found.speaks_for


def test_interval_is_crossed():
    table = scored()
    found, expected = contrasts.interval(table, "mi"), crossed_interval(contrasts.cells(table, "mi").values)
    assert list(found.index) == ["a", "b", "c"] and found.index.name == "space"
    np.testing.assert_allclose(found.to_numpy(), np.column_stack([expected.mean, expected.low, expected.high]))


def test_differences_are_paired_and_adjusted():
    found = contrasts.differences(scored(), "mi").set_index(["a", "b"])
    assert list(found.index) == [("a", "b"), ("a", "c"), ("b", "c")]
    sure = found.loc[("a", "b")]
    assert sure["mean"] == sure["low"] == sure["high"] == pytest.approx(-0.5) and sure["p"] == 0
    assert found.loc[("a", "c"), "low"] < 0 < found.loc[("a", "c"), "high"]
    np.testing.assert_allclose(found["p_holm"], holm(found["p"]))


def test_rounding_is_no_difference():
    table = scored()
    table.loc[table["space"] == "b", "mi"] -= 0.5
    found = contrasts.differences(table, "mi").set_index(["a", "b"]).loc[("a", "b")]
    assert found["p"] == 1 and found["mean"] == 0


def test_a_missing_cell_leaves_the_interval_as_it_is():
    """Identities are still crossed: to forget that would make the interval half as wide."""
    table = scored(n_o=12)
    whole, gap = (contrasts.interval(t, "mi").loc["a"] for t in (table, without(table, "o0", "i3")))
    assert gap["high"] - gap["low"] == pytest.approx(whole["high"] - whole["low"], rel=0.15)
    assert gap["mean"] == pytest.approx(whole["mean"], abs=0.05)
    assert "1 of 48 cells are missing" in contrasts.cells(without(table, "o0", "i3"), "mi").speaks_for


def test_observers_of_different_identities_are_averaged_first():
    table = scored()
    apart = table[table["observer"].str[1:].astype(int) % 4 == table["identity"].str[1:].astype(int)]
    found = contrasts.cells(apart, "mi")
    assert found.values.shape == (6, 1, 3) and "met different identities" in found.speaks_for
    assert "cannot be told" in found.speaks_for


def test_an_observer_apart_from_all_others_leaves_nothing_to_fill_cells_with():
    """Five met the same five identities, the sixth another one: 26 of 36 cells, but nothing ties them together."""
    table = scored(6, 6)
    last_o, last_i = table["observer"] == "o5", table["identity"] == "i5"
    found = contrasts.cells(table[last_o == last_i], "mi")
    assert found.values.shape == (6, 1, 3) and "met different identities" in found.speaks_for


@pytest.mark.parametrize(
    ("n_o", "n_i", "shape", "words"),
    [
        (1, 4, (1, 4, 3), "this observer only"),
        (6, 1, (6, 1, 3), "not for other identities"),
        (1, 1, (1, 3, 3), "this observer's folds"),
        (3, 12, (3, 12, 3), "other observers and other identities."),
    ],
)
def test_small_tables_say_whom_they_speak_for(n_o, n_i, shape, words):
    table = scored(n_o, n_i)
    found = contrasts.cells(table, "mi")
    assert found.values.shape == shape and words in found.speaks_for
    assert np.isfinite(contrasts.differences(table, "mi")["p_holm"]).all()


def test_one_fold_and_holes_are_refused():
    with pytest.raises(ValueError, match="1 folds with mi are too few"):
        contrasts.interval(scored(1, 1, 1), "mi")
    table = scored()
    hole = table[~((table["space"] == "b") & (table["observer"] == "o1") & (table["fold"] == 2))]
    with pytest.raises(ValueError, match="b has no mi for o1, i0, fold 2"):
        contrasts.cells(hole, "mi")


def test_many_observers_with_series_of_their_own_are_few_rows():
    """Each observer saw panels of an own seed: only what was rated takes memory."""
    table = scored(40, 4)
    table["series"] = table["observer"] + table["series"]
    found = contrasts.cells(table, "mi")
    assert found.values.shape == (40, 4, 3) and len(contrasts._by_fold(table, "mi")) == 40 * 4 * 3


def test_one_system_has_no_differences():
    found = contrasts.differences(scored().query("space == 'a'"), "mi")
    assert found.empty and list(found) == ["a", "b", "mean", "low", "high", "p", "p_holm"]
