"""Claims are tried where the truth is known: guessers of whom nothing holds, and how sure the intervals are."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted_results import COSTS, USUAL, planted

from kit.faces.stimuli import PANEL
from kit.study import calibration, checked, guessers, tried
from kit.study.panels import Series
from kit.study.statements import CLAIMS, HOLDS

TRIALS = 120
NAMES = "shape", "texture", "graded"  # casts


@pytest.fixture(scope="module")
def spaces():
    """One identity, the face model's spaces and a small network."""
    rng = np.random.default_rng(0)
    sizes = {"shape": 6, "texture": 5, "viae": 8}
    return {Series("Leo", 0, "60+50", TRIALS): {n: rng.normal(size=(PANEL * TRIALS, d)) for n, d in sizes.items()}}


def test_guessers_use_the_scale_as_others_do():
    assert guessers.USUAL.sum() == pytest.approx(1) and len(guessers.USUAL) == 6
    assert list(guessers.USUAL) == pytest.approx(list(guessers.USUAL[::-1]))
    assert guessers.USUAL[0] < guessers.USUAL[2]


def test_sessions_are_scored_like_a_comparison(spaces):
    one, two = guessers.played(spaces, observers=3, sessions=2, rng=0)
    assert one.simulated and set(one.scores["observer"]) == {"guesser 1", "guesser 2", "guesser 3"}
    assert set(one.scores["space"]) == {"shape", "texture", "viae"} and one.scores["fold"].nunique() == 4
    assert len(one.scores) == 3 * 3 * 4 and len(two.scores) == len(one.scores)
    assert not np.allclose(one.scores["mi"], two.scores["mi"]), "ratings are drawn anew"
    assert set(one.erasure["removed"]) == {"nothing", "shape", "texture", "lot"}
    assert set(one.erasure["space"]) == {"viae"}
    whole = one.erasure.query("removed == 'nothing'").set_index(["observer", "fold"])["mi"].sort_index()
    main = one.scores.query("space == 'viae'").set_index(["observer", "fold"])["mi"].sort_index()
    pd.testing.assert_series_equal(whole, main, check_exact=False)
    roles = one.catalogue.set_index("space")["role"]
    assert roles.to_dict() == {"shape": "model", "texture": "model", "viae": "trained"}
    assert one.planted["share"].isna().all() and one.design.observers == 3
    again = next(iter(guessers.played(spaces, observers=3, sessions=2, rng=0)))
    pd.testing.assert_frame_equal(again.scores, one.scores)


def test_guessers_are_the_same_however_many_work(spaces):
    first, values = next(iter(spaces.items()))
    both = {first: values, replace(first, identity="Mei"): values}
    alone, shared = (next(iter(guessers.played(both, 2, 1, rng=0, jobs=jobs))).scores for jobs in (1, 2))
    pd.testing.assert_frame_equal(alone, shared)
    one, other = (alone[alone["identity"] == name]["mi"].to_numpy() for name in ("Leo", "Mei"))
    assert not np.allclose(one, other), "each series has ratings of its own"


def test_hardly_anything_holds_of_guessers(spaces):
    found = guessers.counted(spaces, observers=3, sessions=12)
    assert list(found) == ["held", "sessions", "share"] and found.index.name == "claim"
    assert {"mostly shape", "erasing shape", "shape is enough", "viewpoint"} <= set(found.index)
    assert (found["held"] <= 2).all(), found
    assert (found["sessions"] == 12).all() and np.allclose(found["share"], found["held"] / 12)


def test_what_holds_and_what_could_hold_is_counted(monkeypatch):
    """Sessions that are no guessers' at all: the first two hold, the third does not."""
    sessions = [planted(), planted(), planted(costs=COSTS | {"texture": 0.08}, told=USUAL | {"viae": (0.0, 0.0)})]
    monkeypatch.setattr(guessers, "played", lambda *_: iter(sessions))
    found = guessers.counted({}, observers=6, sessions=3)
    assert found.loc["erasing shape", "held"] == 2 and found.loc["erasing shape", "share"] == pytest.approx(2 / 3)
    assert found.loc["shape is enough", "held"] >= 3, "those in which shape is above chance count, too"
    assert found.loc["viewpoint", "held"] == 2, "its network is above chance in two"


def test_roles_are_told_by_names():
    names = ("shape", "texture", "pixels", "untrained", "viae", "ae")
    assert [guessers._role(n) for n in names] == ["model", "model", "pixels", "untrained", "trained", "trained"]


# ---- casts


def test_claims_are_held_against_what_was_expected_of_the_cast():
    upright, inverted = planted(), planted(costs=COSTS | {"texture": 0.08})
    rows = {(name, which): tried.judged_on(results, name).set_index("claim").loc["erasing shape"]
            for name in NAMES for which, results in (("up", upright), ("down", inverted))}  # fmt: skip
    passed = {key: bool(row["passed"]) for key, row in rows.items()}
    assert passed == {("shape", "up"): True, ("shape", "down"): False, ("texture", "up"): False,
                      ("texture", "down"): True, ("graded", "up"): True, ("graded", "down"): True}  # fmt: skip
    assert [rows[name, "up"]["expected"] for name in NAMES] == ["holds", "must not hold", "either"]
    assert rows["shape", "up"]["found"] == HOLDS and "without shape" in rows["shape", "up"]["evidence"]


def test_only_what_is_expected_becomes_a_check():
    table = pd.concat([tried.judged_on(planted(), name) for name in ("shape", "texture")])
    checks = list(checked.on_casts(table))
    assert len(checks) == (table["expected"] != "either").sum() < len(table)
    wrong = next(c for c in checks if c.name == "claim 'mostly shape' on the cast 'texture': must not hold")
    assert not wrong.passed and wrong.evidence.startswith("holds. ")
    assert next(c for c in checks if c.name == "claim 'mostly shape' on the cast 'shape': holds").passed


# ---- calibration, small


def coverage(**changed):
    rows = [{"case": case, "effects": effects, "realistic": True, "crossed": 0.95, "nested": 0.7}
            for case in ("a", "b") for effects in ("normal", "skewed")]  # fmt: skip
    table = pd.DataFrame(rows + [rows[0] | {"case": "c", "realistic": False, "crossed": 0.99}])
    for column, value in changed.items():
        table.loc[0, column] = value
    return table


def bias(**changed):
    usual = {pair: 0.0 for pair in calibration.PAIRS} | changed
    rows = [(pair, atom, value) for pair, value in usual.items() for atom in ("redundancy", "synergy")]
    return pd.DataFrame(rows, columns=["pair", "atom", "bias"])


@pytest.mark.parametrize(
    ("table", "biased", "passed"),
    [(coverage(), bias(), (True, True)), (coverage(crossed=0.92), bias(), (False, True)),
     (coverage(crossed=0.98), bias(), (False, True)), (coverage(), bias(**{"s, noise": 0.002}), (True, False)),
     (coverage(), bias(**{"noise, noise": -0.002}), (True, False)),
     (coverage(), bias(**{"s, s": -0.006}), (True, False)),
     (coverage(), bias(**{"s, s": 0.004, "noise, s": 0.001}), (True, True)),
     (coverage(), bias(**{"s, t": 0.01}), (True, True))],
)  # fmt: skip
def test_the_selfcheck_fails_where_intervals_or_redundancy_are_wrong(monkeypatch, table, biased, passed):
    monkeypatch.setattr(calibration, "coverage", lambda n: table)
    monkeypatch.setattr(calibration, "redundancy_bias", lambda n: biased)
    intervals, redundancy = checked.calibrated()
    assert (intervals.passed, redundancy.passed) == passed
    assert "nested bootstrap 70.0% to 70.0%" in intervals.evidence
    least = table[table["realistic"] & (table["effects"] == "normal")]["crossed"].min()
    assert intervals.evidence.startswith(f"{least:.1%} to ")


def test_calibration_runs_and_is_repeatable():
    found, again = (calibration.coverage(12, rng=1) for _ in range(2))
    pd.testing.assert_frame_equal(found, again)
    assert len(found) == 2 * (len(calibration.REALISTIC) + len(calibration.EXTREME))
    assert found["realistic"].sum() == 2 * len(calibration.REALISTIC) and found["crossed"].between(0.5, 1).all()
    assert found["crossed"].mean() > found["nested"].mean() + 0.05


def test_simulated_pairs_are_what_they_are_called():
    rng = np.random.default_rng(0)
    for pair, wanted in {"s, 20 % s": 0.2 / np.hypot(0.2, 0.8), "s, 60 % s": 0.6 / np.hypot(0.6, 0.4), "s, s": 1.0,
                         "s, 40 % s": 0.4 / np.hypot(0.4, 0.6), "s, 80 % s": 0.8 / np.hypot(0.8, 0.2),
                         "s, 99 % s": 0.99 / np.hypot(0.99, 0.01), "s, noise": 0, "noise, noise": 0,
                         "s, t": 0}.items():  # fmt: skip
        a, b, ratings = calibration._simulated_pair(pair, (20_000, 1), rng)
        assert np.corrcoef(a[:, 0], b[:, 0])[0, 1] == pytest.approx(wanted, abs=0.03), pair
        assert set(np.unique(ratings)) == {1, 2, 3, 4, 5, 6}
        follows = [abs(np.corrcoef(x[:, 0], ratings[:, 0])[0, 1]) for x in (a, b)]
        assert (follows[0] > 0.3) == (not pair.startswith("noise")), pair


def test_bias_is_the_mean_less_the_truth(monkeypatch):
    monkeypatch.setattr(calibration, "PAIRS", {"s, s": calibration.PAIRS["s, s"], "s, t": calibration.PAIRS["s, t"]})
    monkeypatch.setattr(calibration, "MANY_TRIALS", 20_000)
    found = calibration.redundancy_bias(10)
    np.testing.assert_allclose(found["bias"], found["mean"] - found["true"])
    copy = found.query("pair == 's, s'").set_index("atom")
    assert abs(copy.loc["redundancy", "bias"]) < 0.06 and copy.loc["redundancy", "true"] > 0.1
    assert (found["error"] > 0).sum() >= 6


# ---- guessers in the self-check


def test_the_selfcheck_fails_if_claims_hold_of_guessers(monkeypatch, tmp_path):
    asked = []

    def counted(spaces, observers, sessions, jobs):
        asked.append((observers, len(spaces), next(iter(spaces)).length, sessions))
        share = 0.06 if observers == 3 else 0.05
        return pd.DataFrame({"share": [0.0, share]}, index=["mostly shape", "training helps"])

    monkeypatch.setattr(guessers, "counted", counted)
    monkeypatch.setattr(checked, "systems", lambda names: {})
    seen = lambda library, name, place, trials: (Series(name, place, "60+50", trials), {})  # noqa: E731
    monkeypatch.setattr(checked, "_seen", seen)
    checks = list(checked.guessed(tmp_path))
    assert asked == [(1, 1, 120, 200), (1, 1, 1800, 200), (3, 1, 1800, 200), (14, 4, 450, 200)]
    assert [check.passed for check in checks] == [True, True, False, True]
    assert checks[2].evidence == "of 200 sessions: mostly shape 0.0%, training helps 6.0%"


def test_every_claim_has_a_cast_on_which_it_must_fail():
    for name in ("texture", "null", "pixel matcher"):
        about_shape = [c.key for c in CLAIMS if c.family == "features" and name not in c.fails_on]
        assert about_shape == [], name


def test_designs_of_sessions_are_valid(spaces):
    short = {replace(series, length=90): {n: v[: PANEL * 90] for n, v in own.items()} for series, own in spaces.items()}
    one = next(iter(guessers.played(short, 1, 1, 0)))
    assert one.design.trials == 90 and one.design.identities == ("Leo",)


def test_slopes_are_simulated_as_they_are_described(monkeypatch):
    """Means of observers scatter round their line by what is their own, and by a quarter of the rest."""
    seen = []

    def keep(known, means):
        seen.append((known, means))
        return np.zeros(means.shape[1]), np.ones(means.shape[1])

    monkeypatch.setattr(calibration, "_regression", keep)
    table = calibration.slope_coverage(400)
    assert list(table["case"]) == ["slopes of identities differ", "slopes of identities alike", "observers alike"]
    for (known, means), own, slopes in zip(seen, (0.2, 0.2, 0.0), (0.3, 0.0, 0.3), strict=True):
        np.testing.assert_allclose(known, np.linspace(0, 1, 14))
        lines = np.polyfit(known, means, 1)
        left = means - np.outer(known, lines[0]) - lines[1]
        assert left.var(axis=0).mean() * 14 / 12 == pytest.approx(own**2 + 0.2**2 / 4, rel=0.1)
        error = (own**2 + 0.2**2 / 4) / ((known - known.mean()) ** 2).sum()
        assert lines[0].mean() == pytest.approx(1, abs=0.05)
        assert lines[0].var() == pytest.approx(slopes**2 / 4 + error, rel=0.25)
