"""Casts of simulated observers, compared and judged like any others: nothing holds of those who guess."""

import pytest

from kit.study import tried
from kit.study.design import Design
from kit.study.statements import HOLDS


class Grid:
    """A cheap system: mean colours of an 8 x 8 grid."""

    def embed(self, images):
        side = images.shape[1] // 8
        return images.reshape(len(images), 8, side, 8, side, 3).mean((2, 4)).reshape(len(images), -1) / 255


@pytest.fixture(scope="module")
def casts_tried(tmp_path_factory):
    """Two casts, three observers each, four identities, 150 trials."""
    design = Design(observers=3, controls=("null",), graded=2, trials=150, folds=5, shifts=4)
    seen = {}
    table = tried.on_casts({"grid": Grid()}, design, ("shape", "null"), tmp_path_factory.mktemp("casts"), 1,
                           lambda name, results: seen.setdefault(name, results))  # fmt: skip
    return table, seen


def test_nothing_holds_on_the_cast_that_guesses(casts_tried):
    table, seen = casts_tried
    null = table[table["cast"] == "null"]
    assert len(null) >= 3 and (null["found"] != HOLDS).all() and null["passed"].all(), null
    assert set(null["expected"]) <= {"must not hold", "either"}
    assert (null.set_index("claim")["expected"] == "must not hold").all()


def test_shape_is_found_where_everybody_goes_by_shape(casts_tried):
    table, seen = casts_tried
    shape = table[table["cast"] == "shape"].set_index("claim")
    assert shape.loc["mostly shape", "expected"] == "holds"
    told = {name: results.main_scores().groupby("space")["mi"].mean()["shape"] for name, results in seen.items()}
    assert told["shape"] > 0.02 > abs(told["null"])


def test_where_something_must_hold_as_many_panels_are_rated_as_in_the_comparison():
    assert {name: tried.design_of(name).trials for name in ("shape", "graded")} == {"shape": 1800, "graded": 1800}
    assert tried.design_of("shape").folds == 9 and tried.design_of("null") == tried.FULL


def test_casts_come_without_controls(casts_tried):
    _, seen = casts_tried
    assert set(seen["shape"].scores["observer"]) == {"shape 1", "shape 2", "shape 3"}
    assert seen["null"].planted["share"].isna().all() and (seen["shape"].planted["share"] == 1).all()
