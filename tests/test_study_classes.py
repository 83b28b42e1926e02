"""A class as one observer: who is joined, on which scale, what a round is, and what the report says of it."""

import numpy as np
import pandas as pd
import pytest
from test_study_ratings import Grid

from kit import study
from kit.behavior import ratings
from kit.behavior.demo import demo_class
from kit.study import panels
from kit.study.classes import class_of, together
from kit.study.design import Design

KEY = ["observer", "phase", "identity", "seed", "components", "view", "trial"]


@pytest.fixture(scope="module")
def alone():
    return demo_class(4, 60)


def test_a_class_has_each_of_its_panels_once(alone):
    whole = together(alone)
    assert class_of(whole) == "class of 4 people" and set(whole["observer"]) == {"class of 4 people"}
    rated = whole[whole["phase"] == "rate"]
    assert sorted(rated["trial"]) == list(range(240)) and len(whole[whole["phase"] == "retest"]) == 40
    assert not whole.duplicated(KEY).any() and "catch" not in set(whole["phase"])
    merged = rated.merge(alone[alone["phase"] == "rate"], on="trial")
    assert (merged["choice_x"] == merged["choice_y"]).all()
    assert panels.answers(whole)[0].folds >= 3 and not any(a.folds for a in panels.answers(alone))


def test_people_who_can_be_scored_alone_stay_alone(alone):
    long = panels.simulate(Design(("Mei",), observers=1, controls=(), trials=90, folds=3, shifts=2))
    both = pd.concat([alone, long.assign(components="8+8")])
    assert set(together(both)["observer"]) == set(both["observer"]) and class_of(both) == ""
    one = alone[alone["observer"] == alone["observer"].iloc[0]]
    assert set(together(one)["observer"]) == set(one["observer"]), "one person is no class"


def test_order_within_a_person_counts_and_not_how_strict_they_are(alone):
    strict = alone["observer"] == sorted(alone["observer"].unique())[0]
    lowered = alone.assign(rating=alone["rating"].where(~strict, np.minimum(alone["rating"], 6) // 2 + 1))
    whole = together(lowered)
    own = lowered[strict & (lowered["phase"] == "rate")].merge(whole[whole["phase"] == "rate"], on="trial")
    assert own.groupby("rating_x")["rating_y"].nunique().max() == 1, "equal ratings stay equal"
    assert own.groupby("rating_x")["rating_y"].first().is_monotonic_increasing
    others = whole[(whole["phase"] == "rate") & ~whole["trial"].isin(own["trial"])]["rating"].mean()
    before, after = lowered.loc[strict, "rating"].mean(), own["rating_y"].mean()
    assert abs(after - others) < abs(before - others), "no longer stricter than the others"
    assert whole["rating"].between(1, 6).all() and pd.api.types.is_integer_dtype(whole["rating"])


def test_panels_that_several_rated_come_in_rounds(alone):
    again = pd.concat([alone, alone.assign(observer=alone["observer"] + "b", rating=7 - alone["rating"])])
    whole = together(again)
    assert set(whole["observer"]) == {"class of 8 people", "class of 8 people, round 2"}
    assert class_of(whole) == "class of 8 people" and not whole.duplicated(KEY).any()
    rows = whole[whole["phase"] == "rate"]["observer"].value_counts()
    assert rows.tolist() == [240, 240]
    pairs = whole.merge(whole, on=["observer", "trial"], suffixes=("", "_2")).query(
        "phase == 'rate' and phase_2 == 'retest'"
    )
    assert len(pairs) == 80, "a retest is of the same round as the rating that it repeats"


@pytest.mark.slow
def test_the_report_says_people_how_many_and_that_it_is_a_class(alone, tmp_path):
    tiny = Design(("Mei",), observers=1, controls=(), trials=90, folds=3, shifts=2)
    found = study.run(tiny, together(alone), {"mine": Grid()}, folder=tmp_path, jobs=1)
    html = study.report(found, tmp_path / "report.html").read_text(encoding="utf-8")
    assert (
        "A class of 4 people · 1 identity · 240 rated trials" in html
        and "imported as those of people" in html
        and "Each block" in html
    )
    assert "own retest" in html and not found.simulated
    assert set(found.ceilings["ceiling"]) == {"own retest"}
    assert ratings.validate(found.ratings)["observer"].nunique() == 1
