"""What the widgets and figures of lesson 14 compute and draw, without a browser."""

import numpy as np
import pandas as pd
import pytest
from plotly.graph_objects import Figure

from kit import plots
from kit.analysis.dissociation import dissociation
from kit.networks.lesioned import disorders, two_tasks
from kit.networks.lesioned.disorders import DISORDERS, TESTS
from kit.networks.lesioned.lesions import DamageCurve
from kit.networks.lesioned.two_tasks import Exam
from kit.widgets import shape_removal
from kit.widgets.diagnosis import compute
from kit.widgets.lesion_explorer import ORDERS, LesionExplorer


@pytest.fixture(scope="module")
def network():
    return two_tasks.train(two_tasks.pictures(40, 0), epochs=8)


@pytest.fixture(scope="module")
def explorer(network):
    exam = Exam(network, two_tasks.pictures(20, 1))
    return LesionExplorer(exam, two_tasks.ranking(exam))


def asked(order=ORDERS[0], count=0, lot=1):
    return {"order": order, "count": count, "lot": lot}


# ---- lesion explorer


def test_no_lesion_is_the_whole_network_and_many_filters_harm_their_own_task(explorer):
    whole = explorer.compute(asked())
    assert np.allclose(whole, explorer.exam.accuracy())
    people, things = (explorer.compute(asked(order, 16)) for order in ORDERS[:2])
    assert people[0] < whole[0] - 0.1 and things[1] < whole[1] - 0.1
    assert np.array_equal(explorer.exam.accuracy(), whole)  # nothing stays


def test_lots_differ_and_return_and_are_compared_with_a_band(explorer):
    lots = [explorer.compute(asked(ORDERS[3], 20, lot)).tolist() for lot in (1, 2, 3, 1)]
    assert lots[0] == lots[3] and len({tuple(lot) for lot in lots}) > 1
    low, high = explorer.band(20)
    assert np.all(low <= high) and np.all(high <= 1)


def test_the_sentence_and_the_picture_say_the_same(explorer):
    values = asked(ORDERS[1], 10)
    picture, words = explorer.figure(values), explorer.describe(values)
    for share in explorer.compute(values):
        assert f"{share:.0%}" in picture and f"{share:.0%} right" in words
    assert "10 filters silenced, harm things most" in words and "guessing" in picture


# ---- removal


DOSES = pd.DataFrame(
    {
        "removed": np.repeat(["shape", "texture", "by lot"], 3),
        "directions": np.tile([0, 10, 20], 3),
        "tau": [0.3, 0.1, 0.0, 0.3, 0.29, 0.28, 0.3, 0.25, 0.2],
        "mi": [0.1, 0.02, -0.01, 0.1, 0.1, 0.1, 0.1, 0.08, 0.06],
        "redundancy": [0.05, 0.01, 0.0, 0.05, 0.05, 0.05, 0.05, 0.04, 0.03],
    }
)


def test_a_dose_is_read_off_the_lines():
    values = {"directions": 15, "measure": "Kendall's tau"}
    x, curves = shape_removal.compute(DOSES, values["measure"])
    assert x.tolist() == [0, 10, 20] and list(curves) == ["shape", "texture", "by lot"]
    words = shape_removal.describe(DOSES, values)
    assert words.startswith("Kendall's tau, simulated observer, with 15 directions removed: ")
    assert words.endswith(": shape 0.050; texture 0.285; by lot 0.225.")
    for measure in shape_removal.MEASURES:
        drawn = shape_removal.figure(DOSES, {"directions": 4, "measure": measure})
        assert "nan" not in drawn and "simulated observer" in drawn


# ---- diagnosis game


@pytest.fixture
def game():
    rng = np.random.default_rng(0)
    names = np.tile(np.repeat(list(DISORDERS), 8), 2)
    level = dict(zip(DISORDERS, (0.95, 0.75, 0.55, 0.35, 0.15)))
    scores = np.array([[level[name]] * len(TESTS) for name in names]) + rng.normal(0, 0.02, (len(names), len(TESTS)))
    table = pd.DataFrame(np.clip(scores, 0, 1), columns=list(TESTS))
    return compute(table.assign(network=np.repeat([0, 1], 40), disorder=names), rng=1)


def made(game, *places):
    for place in places:
        game = game.act({"action": "test", "row": str(place)})
    return game


def test_only_three_tests_are_allowed_and_one_is_needed(game):
    assert game.act({"action": "verdict", "row": "0"}) is game
    assert "3 of 3 tests left" in game.live() and "disabled" in game.live()
    tested = made(game, 0, 0, 1, 2, 3)
    assert tested.tests == ("people", "things", "faint people") and "0 of 3 tests left" in tested.live()
    shown = tested.clinic.cases.iloc[0]["people"]
    assert f"{shown:.0%}" in tested.live() and game.act({"action": "test", "row": "x"}) is game


def test_a_verdict_is_told_apart_from_the_truth_and_counted(game):
    names = list(DISORDERS)
    played = game
    while not played.over:
        right = names.index(played.truth)
        said = right if len(played.verdicts) % 2 == 0 else (right + 1) % 5
        played = made(played, 0).act({"action": "verdict", "row": str(said)})
        assert played.status().startswith("✓ Right" if said == right else "✗ Not this one")
        assert played.truth in played.live()
        played = played.act({"action": "next"})
    yours, machine = played.score()
    assert yours == 3 and machine == 6  # each disorder has its own level, which the rule learned elsewhere
    assert "You found 3 of 6 lesions, the rule 6 of 6" in played.live()
    assert played.act({"action": "again"}).number == 0


def test_the_rule_never_saw_the_network_of_the_patients(game):
    assert set(game.clinic.known["network"]) == {1}
    assert game.clinic.usual.shape == (5, 5)


def test_without_a_kernel_the_first_patient_stays_with_the_answer_folded(game):
    static = game.static()
    assert game.truth in static.split("<details")[1] and "Scores: people" in static


# ---- figures


def test_figures_show_the_numbers_that_they_are_given():
    curve = DamageCurve(np.array([0, 5]), np.array([[1, 1], [0.4, 0.9]]), np.ones((20, 2, 2)) * 0.8)
    figure = plots.damage_picture([curve, curve], ["a", "b"], two_tasks.TASKS)
    lines = [trace for trace in figure.data if trace.fill is None]
    assert len(lines) == 4 and np.allclose(lines[0].y, [100, 40]) and np.allclose(lines[1].y, [100, 90])
    random = np.random.default_rng(0).normal(0.1, 0.02, (99, 2))
    one = dissociation([[0.4, 0.1], [0.1, 0.12]], random)
    dots = plots.dissociation_picture([one], ["0"]).data
    assert np.allclose([dot.y[0] for dot in dots], [30, -2])
    assert dots[0].marker.symbol == ("circle",) and dots[1].marker.symbol == ("square-open",)
    table = pd.DataFrame(np.eye(5), index=list(DISORDERS), columns=list(DISORDERS))
    assert plots.confusion_picture(table).data[0].z[0][0] == 100
    shares = pd.DataFrame({"practised": [0.2, 0.9]}, index=["none", "sham"])
    assert np.allclose(plots.treatment_picture(shares).data[0].x, [20, 90])
    assert isinstance(plots.preference_picture(np.arange(3), np.arange(3)), Figure)


def test_a_real_clinic_can_be_played(network):
    exam = disorders.battery(network, two_tasks.pictures(20, 1))
    order = two_tasks.ranking(Exam(network, two_tasks.pictures(20, 2)))
    game = compute(disorders.clinic([exam, exam], [order, order], each=2))
    assert len(game.clinic.cases) == 6 and made(game, 4).tests == ("same twice",)
