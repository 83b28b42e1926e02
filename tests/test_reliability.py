"""Reliability, agreement and screening recover what was planted."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau, norm

from kit import faces
from kit.analysis.agreement import map_reliability, pairwise_agreement, rating_criteria
from kit.behavior import experiment, ratings, reliability
from kit.behavior.observers import STEPS, Observer, special
from kit.behavior.protocol import Procedure
from kit.faces import stimuli
from kit.study import panels


def table(**columns) -> pd.DataFrame:
    return ratings.validate(pd.DataFrame({"observer": "a", "identity": "Ada"} | columns))


def test_retest_pairs_put_both_answers_side_by_side():
    rows = table(
        observer=["a", "a", "b", "a", "a", "b", "a"], phase=["rate"] * 3 + ["retest"] * 3 + ["catch"],
        trial=[0, 1, 0, 1, 7, 0, 1], choice=[0, 1, 2, 3, 3, 2, 0], rating=[1, 2, 3, 4, 5, 6, 6],
    )  # fmt: skip
    pairs = reliability.retest_pairs(rows.sample(frac=1, random_state=1)).set_index("observer")
    assert len(pairs) == 2, "a retest of a panel never rated has no pair"
    assert pairs.loc["a", ["trial", "choice", "rating", "choice_again", "rating_again"]].tolist() == [1, 1, 2, 3, 4]
    assert pairs.loc["b", ["trial", "choice", "rating", "choice_again", "rating_again"]].tolist() == [0, 2, 3, 2, 6]


def test_less_noise_is_more_reliable():
    model = faces.load()
    trials = stimuli.trials(stimuli.identities(model)["Ada"], 300, rng=1)
    same, alike = [], []
    for noise in (0.05, 0.6, 3.0):
        observer = Observer("a", special(model)["shape user"].strategy, noise=noise, lapse=0)
        both = [observer.rate(trials, k).assign(identity="Ada", phase=p) for k, p in enumerate(("rate", "retest"))]
        pairs = reliability.retest_pairs(pd.concat(both))
        agreed = pairs[pairs["choice"] == pairs["choice_again"]]
        same.append(len(agreed) / len(pairs))
        alike.append(agreed["rating"].corr(agreed["rating_again"]))
    assert same[0] > 0.9 > same[1] > same[2] + 0.1 and abs(same[2] - 1 / 6) < 0.15
    assert alike[0] > 0.9 > alike[1] > alike[2]


def test_matrices_have_a_row_for_each_observer_and_nan_for_what_was_not_seen():
    rows = table(
        observer=["b", "a", "a", "a", "b"], trial=[3, 3, 1, 1, 3], phase=["rate"] * 3 + ["catch", "retest"],
        choice=[1, 2, 3, 0, 4], rating=[1, 2, 3, 4, 5],
    )  # fmt: skip
    both = reliability.rating_matrices(rows)
    assert both.observers == ["a", "b"] and both.trials["trial"].tolist() == [1, 3]
    assert np.array_equal(both.ratings, [[3, 2], [np.nan, 1]], equal_nan=True)
    assert np.array_equal(both.choices, [[3, 2], [np.nan, 1]], equal_nan=True)
    assert both.complete.tolist() == [False, True]
    with pytest.raises(ValueError, match="no trial has the phase 'rate'"):
        reliability.rating_matrices(rows[rows["phase"] == "catch"])


def test_screening_keeps_who_attends_and_says_why_not():
    catches, rated = 8, 40
    trial = np.r_[np.arange(rated), 1803 + np.arange(catches)]
    phase = np.r_[np.repeat("rate", rated), np.repeat("catch", catches)]
    usual = np.tile([2, 3, 4, 5], rated // 4)

    def observer(name, hits, found, phase=phase):
        choice = np.r_[np.ones(rated, int), np.arange(catches) >= hits]
        return table(
            observer=name, trial=trial, phase=phase, choice=choice, rating=np.r_[usual, np.repeat(found, catches)]
        )

    rows = pd.concat([
        observer("attentive", 7, 6), observer("guessing", 2, 6), observer("flat", 8, 3),
        observer("never", 0, 6), observer("no catch", 7, 6)[lambda t: t["phase"] == "rate"],
    ])  # fmt: skip
    screened = reliability.screen(rows)
    assert screened["kept"].to_dict() == {
        "attentive": True, "flat": False, "guessing": False, "never": False, "no catch": True,
    }  # fmt: skip
    assert screened.loc["guessing", "reason"].startswith("found the identity in 2 of 8 catch trials, not above chance")
    assert "not above the usual 3.5" in screened.loc["flat", "reason"]
    assert screened.loc["no catch", "reason"] == "not screened: no catch trial"
    chance = sum(np.array([(5 / 6) ** 8, 8 * (1 / 6) * (5 / 6) ** 7]))  # of 0 or 1 hits
    assert screened.loc["guessing", "p"] == pytest.approx(1 - chance), "2 hits or more by chance"
    assert set(rows[rows["observer"].map(screened["kept"])]["observer"]) == {"attentive", "no catch"}


def test_agreement_is_what_scipy_says_of_the_same_choices():
    rng = np.random.default_rng(0)
    choices, scores = rng.integers(0, 3, (4, 400)).astype(float), rng.integers(1, 7, (4, 400)).astype(float)
    scores[1] = np.clip(scores[0] + rng.integers(-1, 2, 400), 1, 6)
    choices[3, :100] = scores[3, :100] = np.nan
    agreed = pairwise_agreement(choices, scores)
    same = choices[0] == choices[1]
    assert agreed.choice[0, 1] == same.mean() and agreed.n_same[0, 1] == same.sum()
    assert agreed.tau[1, 0] == pytest.approx(kendalltau(scores[0, same], scores[1, same]).statistic)
    assert agreed.choice[0, 3] == (choices[0, 100:] == choices[3, 100:]).mean(), "only common trials count"
    assert agreed.tau[0, 1] > 0.7 and abs(agreed.tau[0, 2]) < 0.15
    assert agreed.mi[0, 1] > 0.3 and abs(agreed.mi[0, 2]) < 0.06
    others = agreed.with_others()
    assert others["tau"][0] == pytest.approx(np.mean([agreed.tau[0, 1], agreed.tau[0, 2], agreed.tau[0, 3]]))


def test_the_extremes_of_agreement():
    rng = np.random.default_rng(1)
    choices, scores = rng.integers(0, 6, 6000).astype(float), np.tile([1.0, 3, 5], 2000)
    agreed = pairwise_agreement(np.stack([choices, choices]), np.stack([scores, scores]))
    assert agreed.choice[0, 1] == 1 and agreed.tau[0, 1] == pytest.approx(1)
    assert agreed.mi[0, 1] == pytest.approx(np.log2(3), abs=0.01)
    apart = pairwise_agreement(np.stack([choices, rng.permutation(choices)]), np.stack([scores, scores]))
    assert abs(apart.choice[0, 1] - 1 / 6) < 0.02 and np.isnan(apart.choice[0, 0])


def test_too_few_common_choices_give_nan_and_no_number():
    agreed = pairwise_agreement(np.zeros((2, 19)), np.tile([1.0, 2, 3, 4, 5, 6, 1], (2, 3))[:, :19])
    assert agreed.choice[0, 1] == 1 and agreed.n_same[0, 1] == 19
    assert np.isnan(agreed.tau[0, 1]) and np.isnan(agreed.mi[0, 1]) and np.isnan(agreed.with_others()["tau"]).all()
    two = pairwise_agreement(np.zeros((2, 30)), np.tile([1.0, 2], (2, 15)))
    assert two.tau[0, 1] == pytest.approx(1) and np.isnan(two.mi[0, 1]), "three bins need three different ratings"
    with pytest.raises(ValueError, match="one shape"):
        pairwise_agreement(np.zeros((2, 5)), np.zeros((2, 6)))


def slopes(features, scores):
    centred = scores - scores.mean()
    return features.T @ centred / (centred @ centred)


def test_map_reliability_is_the_share_of_true_variance():
    rng = np.random.default_rng(2)
    n, k = 200, 3000
    scores = rng.normal(size=n)
    planted = rng.normal(0, 0.1, k)
    features = np.outer(scores, planted) + rng.normal(size=(n, k))
    expected = 0.1**2 / (0.1**2 + 1 / n)  # variance of the map over itself plus its error
    assert map_reliability(slopes, features, scores) == pytest.approx(expected, abs=0.04)
    assert abs(map_reliability(slopes, rng.normal(size=(n, k)), scores)) < 0.15
    with pytest.raises(ValueError, match="one each"):
        map_reliability(slopes, features, scores[:-1])


def test_criteria_are_found_again():
    felt = np.random.default_rng(3).normal(size=40_000)
    planted = np.array([-1.5, -0.4, 0.1, 0.7, 2.0])
    assert rating_criteria(1 + np.searchsorted(planted, felt)) == pytest.approx(planted, abs=0.04)
    few = rating_criteria(np.array([3, 3, 4]))
    assert np.isfinite(few).all() and few[0] == few[1] == pytest.approx(norm.ppf(0.5 / 4))
    with pytest.raises(ValueError, match="whole numbers 1..6"):
        rating_criteria(np.array([1, 7]))


def test_a_strict_observer_has_a_bias_above_zero():
    model = faces.load()
    trials = stimuli.trials(stimuli.identities(model)["Ada"], 600, rng=5)
    strategy = special(model)["shape user"].strategy
    found = [
        rating_criteria(Observer("x", strategy, criterion=c, lapse=0).rate(trials, 0)["rating"].to_numpy())
        for c in (0.0, 0.5)
    ]
    assert found[1].mean() - found[0].mean() == pytest.approx(0.5, abs=0.12)
    assert np.corrcoef(found[0], STEPS)[0, 1] > 0.98


def test_a_session_goes_from_the_experiment_to_the_analyses(tmp_path):
    model = faces.load()
    for k, name in enumerate(("shape user", "null")):
        design = Procedure("Mei", observer=name.replace(" ", "_"), rate=60, retest=20, catch=8)
        ratings.write(experiment.table(experiment.simulate(design, special(model)[name], k)), tmp_path / f"{k}.csv")
    rows = ratings.merge([ratings.read(tmp_path / f"{k}.csv") for k in range(2)])
    assert reliability.screen(rows)["kept"].to_dict() == {"shape_user": True, "null": False}
    pairs = reliability.retest_pairs(rows)
    assert pairs.groupby("observer").size().to_dict() == {"null": 20, "shape_user": 20}
    user = {answers.observer: answers for answers in panels.answers(rows)}["shape_user"]
    trials, strategy = user.series.trials(), special(model)["shape user"].strategy
    nearness = -strategy.dissimilarity(trials.faces[user.chosen], trials.target)
    assert kendalltau(nearness, user.rating).statistic > 0.3
    assert user.series.components == "8+8" and len(user.rating) == 60


def test_names_that_look_like_numbers_or_nothing_stay_names(tmp_path):
    names = ["1", "001", "1e3", "NA", "nan", "null", "None", "true", "-inf"]
    text = "observer,identity,phase,trial,choice,rating\n" + "".join(
        f"{name},Mei,{phase},{trial},{'0' if phase == 'catch' else '4'},{1 + (trial + k) % 6}\n"
        for k, name in enumerate(names)
        for phase, trial in [*(("rate", t) for t in range(4)), ("retest", 0), ("catch", 90), ("catch", 91)]
    )
    (tmp_path / "class.csv").write_text(text.replace("-inf", "inf"))
    names[-1] = "inf"
    table = ratings.read(tmp_path / "class.csv")
    assert reliability.rating_matrices(table).observers == sorted(names)
    assert sorted(reliability.retest_pairs(table)["observer"]) == sorted(names)
    assert sorted(reliability.screen(table).index) == sorted(names)
    back = ratings.read(ratings.write(table, tmp_path / "again.csv"))
    assert sorted(back["observer"].unique()) == sorted(names)
