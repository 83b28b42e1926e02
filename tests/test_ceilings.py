"""How well anything could predict: known for simulated observers, and from hand-made tables for people."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kit import faces
from kit.analysis import information
from kit.behavior import observers as simulated
from kit.study import ceilings, panels
from kit.study.panels import Answers, Series

SERIES = Series("Leo", 0, "60+50", 180)
LEVELS = np.tile([1, 2, 3, 4, 5, 6], 10)  # 60 ratings


def observer(kind, **habits):
    return replace(simulated.special(faces.load())[kind], **habits)


def answers_of(name, choice, rating, series=SERIES):
    choice, rating = np.asarray(choice), np.asarray(rating)
    return Answers(name, series, np.arange(len(rating)), choice, rating, 3)


def rows(name, choice, rating, phase="rate"):
    return pd.DataFrame({"observer": name, "identity": "Leo", "trial": np.arange(len(rating)), "choice": choice,
                         "rating": rating, "phase": phase, "seed": 0, "components": "60+50"})  # fmt: skip


NOBODY_TWICE = rows("somebody", np.zeros(3, int), LEVELS[:3])


def by_kind(table):
    return table.set_index(["observer", "ceiling"])


# ---- simulated observers


def test_the_rule_that_made_the_ratings_predicts_them_best():
    quiet, noisy = (observer("shape user", name=f"noise {n}", noise=n, lapse=0.0) for n in (0.0, 1.5))
    answers = [panels.answer(o, SERIES) for o in (quiet, noisy)]
    found = ceilings.table(answers, NOBODY_TWICE, {o.name: o for o in (quiet, noisy)})
    assert list(found) == ["observer", "identity", "series", "ceiling", "tau", "mi", "trials"]
    assert set(found["ceiling"]) == {"noise-free similarity"} and (found["trials"] == 180).all()
    assert found["series"].tolist() == [SERIES.name] * 2 and found["identity"].tolist() == ["Leo"] * 2
    first, second = found["tau"]
    assert first > 0.85 and 0.05 < second < 0.6 and found["mi"][0] > found["mi"][1] + 0.3


def test_the_oracle_is_scored_in_the_same_folds_as_the_models():
    user = observer("shape user", name="me")
    answers = panels.answer(user, SERIES)
    felt = user.similarity(SERIES.trials())[answers.trial, answers.choice]
    parts = np.array_split(np.arange(180), answers.folds)
    bits = np.mean([float(information.binned_mi(felt[p], answers.rating[p])) for p in parts])
    assert answers.folds == 6
    assert ceilings.table([answers], NOBODY_TWICE, {"me": user})["mi"][0] == pytest.approx(bits)


def test_nothing_predicts_a_guesser():
    guesser = observer("null", name="guesser")
    found = ceilings.table([panels.answer(guesser, SERIES)], NOBODY_TWICE, {"guesser": guesser})
    assert found[["tau", "mi"]].to_numpy().tolist() == [[0.0, 0.0]] and found["trials"].tolist() == [180]


# ---- people


def test_retests_count_where_the_same_face_was_chosen():
    choice = np.zeros(60, int)
    again = np.where(np.arange(60) < 40, 0, 1)  # the last twenty are other faces, rated at random
    rated_again = np.where(again == 0, LEVELS, 7 - LEVELS)
    table = pd.concat([rows("a", choice, LEVELS), rows("a", again, rated_again, "retest")])
    found = by_kind(ceilings.table([answers_of("a", choice, LEVELS)], table, {}))
    assert list(found.index) == [("a", "own retest")]
    own = found.loc["a", "own retest"]
    assert own["tau"] == 1 and own["trials"] == 40
    assert own["mi"] == pytest.approx(float(information.binned_mi(LEVELS[:40].astype(float), LEVELS[:40])))


def test_a_retest_that_disagrees_is_a_low_ceiling():
    choice = np.zeros(60, int)
    table = pd.concat([rows("a", choice, LEVELS), rows("a", choice, 7 - LEVELS, "retest")])
    found = ceilings.table([answers_of("a", choice, LEVELS)], table, {})
    assert found["tau"].tolist() == [-1]


def test_others_who_chose_the_same_face_are_averaged():
    choice = np.zeros(60, int)
    b, c = np.clip(LEVELS - 1, 1, 6), np.clip(LEVELS + 1, 1, 6)
    elsewhere = np.where(np.arange(60) < 30, 0, 1)
    everyone = [answers_of("a", choice, LEVELS), answers_of("b", choice, b), answers_of("c", elsewhere, c)]
    found = by_kind(ceilings.table(everyone, pd.concat([rows(x.observer, x.choice, x.rating) for x in everyone]), {}))
    assert set(found.index.get_level_values("ceiling")) == {"other observers"}
    assert found.loc["a", "other observers"]["trials"] == 60
    assert found.loc["c", "other observers"]["trials"] == 30, "the faces that nobody else chose are left out"
    mean = np.where(np.arange(60) < 30, (b + c) / 2, b)
    expected = float(np.squeeze(ceilings.kendall_tau(mean, LEVELS.astype(float))))
    assert found.loc["a", "other observers"]["tau"] == pytest.approx(expected) and 0.8 < expected < 1


def test_others_of_another_series_do_not_count():
    choice, other = np.zeros(60, int), replace(SERIES, seed=1)
    everyone = [answers_of("a", choice, LEVELS), answers_of("b", choice, LEVELS, other)]
    assert ceilings.table(everyone, rows("a", choice, LEVELS), {}).empty


@pytest.mark.parametrize(("trials", "known"), [(19, 0), (20, 1)])
def test_too_few_trials_have_no_ceiling(trials, known):
    choice, rating = np.zeros(trials, int), LEVELS[:trials]
    table = pd.concat([rows("a", choice, rating), rows("a", choice, rating, "retest")])
    found = ceilings.table([answers_of("a", choice, rating)], table, {})
    assert len(found) == known and list(found) == ceilings.COLUMNS


def test_two_levels_have_no_ceiling():
    choice, rating = np.zeros(60, int), np.tile([1, 6], 30)
    for first, again in ((rating, LEVELS), (LEVELS, rating)):
        table = pd.concat([rows("a", choice, first), rows("a", choice, again, "retest")])
        assert ceilings.table([answers_of("a", choice, first)], table, {}).empty
