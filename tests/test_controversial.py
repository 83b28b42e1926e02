"""Panels that decide: chances are those of the simulated observers, few panels do what many random ones do."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from kit import faces, networks
from kit.behavior import experiment, protocol, ratings, session
from kit.behavior import observers as simulated
from kit.behavior.chances import answer_chances, bits_a_trial, separation
from kit.study import controversial, mystery, panels
from kit.study.controversial import Chosen, as_observer, beliefs, choose_panels, trials_needed

SERIES = panels.Series("Leo", 3, "60+50", 400)


@pytest.fixture(scope="module")
def suspects():
    special = simulated.special(faces.load())
    return [special[name] for name in ("shape user", "texture user", "eyes user", "null")]


@pytest.fixture(scope="module")
def chosen(suspects):
    return choose_panels(suspects, SERIES, 6)


def chances_of(suspects, trials):
    return np.stack([answer_chances(o, o.similarity(trials)) for o in suspects])


@pytest.mark.parametrize("change", [{}, {"noise": 1.5, "criterion": 0.5}, {"lapse": 0.3, "spread": 1.4}])
def test_chances_are_the_shares_of_simulated_answers(change):
    observer = replace(simulated.special(faces.load())["shape user"], **change)
    trials = SERIES.trials().take(range(3))
    chances = answer_chances(observer, observer.similarity(trials))
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    rng, found = np.random.default_rng(0), np.zeros((3, 36))
    many = trials.take(np.tile(np.arange(3), 4000))
    table = observer.rate(many, rng)
    np.add.at(found, (np.tile(np.arange(3), 4000), 6 * table["choice"] + table["rating"] - 1), 1 / 4000)
    assert np.abs(found - chances).max() < 5 * np.sqrt(0.25 / 4000)
    assert np.abs(found - chances).sum(axis=1).max() < 0.2


def test_bits_of_who_never_and_who_always_agree():
    alike, apart = np.full((2, 1, 36), 1 / 36), np.eye(36)[None, [0, 5]].transpose(1, 0, 2)
    assert bits_a_trial(alike)[0] == pytest.approx(0) and bits_a_trial(apart)[0] == pytest.approx(1)
    assert separation(alike)[0, 0] == pytest.approx(0, abs=1e-12) and np.isinf(separation(apart)[0, 0])


def test_chosen_panels_are_made_of_natural_faces_of_the_series_each_once(chosen, suspects):
    assert chosen.faces.shape == (6, 6) and len(np.unique(chosen.faces)) == 36
    shown, whole = chosen.trials(), SERIES.trials()
    np.testing.assert_array_equal(shown.faces.shape, whole.faces.shape[chosen.faces.ravel()])
    assert max(np.abs(shown.faces.shape).max(), np.abs(shown.faces.texture).max()) <= controversial.NATURAL
    assert np.abs(whole.faces.shape).max() > controversial.NATURAL, "others were there to be avoided"
    bits = bits_a_trial(chances_of(suspects, shown))
    np.testing.assert_allclose(chosen.bits, bits, rtol=1e-6)
    usual = bits_a_trial(chances_of(suspects, whole)).mean()
    assert chosen.random_bits == pytest.approx(usual) and chosen.gain == pytest.approx(bits.mean() / usual)
    assert chosen.gain > 1.8


def test_few_chosen_panels_do_what_many_random_ones_do(chosen, suspects):
    rng, whole = np.random.default_rng(0), chances_of(suspects, SERIES.trials())
    at_random = np.stack([whole[:, rng.choice(len(SERIES.trials()), 30, replace=False)] for _ in range(300)])
    few = trials_needed(suspects, chances_of(suspects, chosen.trials()), repeats=300)
    many = trials_needed(suspects, at_random, repeats=300)
    assert few is not None and few <= 3 and few <= many / 2, (few, many)


def test_beliefs_end_with_who_answered(chosen, suspects):
    trials, right = chosen.trials(), 0
    for truth, observer in enumerate(suspects):
        table = observer.rate(trials, truth)
        found = beliefs(suspects, trials, table["choice"], table["rating"])
        np.testing.assert_allclose(found.sum(axis=1), 1)
        right += found[-1].argmax() == truth
        assert found[0].max() < 1
    assert right == len(suspects)


def test_a_system_is_a_suspect_like_any_other():
    suspects = [as_observer(name, networks.load(name)) for name in ("viae", "classid")]
    series = panels.Series("Mei", 1, "60+50", 60)
    found = choose_panels(suspects, series, 3)
    trials = found.trials()
    favourite = [o.similarity(trials).argmax(axis=1) for o in suspects]
    assert (favourite[0] != favourite[1]).all(), "they would choose different faces of each panel"
    assert found.gain > 1.3


def test_panels_come_back_from_their_file(chosen, tmp_path):
    again = Chosen.read(chosen.write(tmp_path / "panels.csv"))
    assert again.series == chosen.series
    np.testing.assert_array_equal(again.faces, chosen.faces)
    np.testing.assert_allclose(again.bits, chosen.bits)
    table = chosen.to_frame().sample(frac=1, random_state=0)
    table.to_csv(tmp_path / "shuffled.csv", index=False)
    np.testing.assert_array_equal(Chosen.read(tmp_path / "shuffled.csv").faces, chosen.faces)
    for change, told in (
        (lambda t: t.drop(index=t.index[7]), "panel 1 does not have the places 0 to 5 once each"),
        (lambda t: t.assign(face=t["face"] + 5000), "is not one of the 2400 of the series"),
        (lambda t: t.assign(seed=t.index % 2), "holds panels of 2 series"),
        (lambda t: t.drop(columns="face"), "the column 'face' is missing"),
    ):
        change(chosen.to_frame()).to_csv(tmp_path / "bad.csv", index=False)
        with pytest.raises(ValueError, match=told):
            Chosen.read(tmp_path / "bad.csv")


def test_what_cannot_be_told_apart_is_refused(suspects):
    with pytest.raises(ValueError, match="need two of them or more"):
        choose_panels(suspects[:1], SERIES, 2)
    twin = replace(suspects[0], name="twin")
    with pytest.raises(ValueError, match="shape user and twin feel alike about every face"):
        choose_panels([suspects[0], twin], SERIES, 2)
    with pytest.raises(ValueError, match="and 300 panels need 3600: take a longer series"):
        choose_panels(suspects, SERIES, 300)


def test_every_pair_is_told_apart_and_not_only_the_easy_ones(chosen, suspects):
    apart = separation(chances_of(suspects, chosen.trials())).sum(axis=1)
    names = [f"{a.name} and {b.name}" for a, b in combinations(suspects, 2)]
    assert apart.min() > 4, dict(zip(names, apart))


def test_the_mystery_observers_answer_chosen_panels_and_are_unmasked():
    special = simulated.special(faces.load())
    suspects = [special[name] for name in mystery.SUSPECTS]
    chosen = choose_panels(suspects, panels.Series("Leo", 0, "60+50", 200), 5)
    trials, right = chosen.trials(), []
    for number in range(10):
        said = mystery.answer_panels(number, trials)
        found = beliefs(suspects, trials, said["choice"], said["rating"])[-1]
        right.append(mystery.SUSPECTS[found.argmax()] == mystery.unmask(number))
    assert np.mean(right) >= 0.9
    assert mystery.answer_panels(3, trials).equals(mystery.answer_panels(3, trials))


def test_participants_answer_chosen_panels_in_the_experiment(chosen, suspects, tmp_path, monkeypatch):
    monkeypatch.setenv("KIT_STUDENT_DIR", str(tmp_path))
    design, observer = chosen.design("p07"), suspects[1]
    assert design.rate == len(chosen) and design.retest == 0 and design.rated == "chosen"
    panels_shown = [panel for panel in protocol.plan(design) if panel.phase == "chosen"]
    shown = protocol.panel_faces(design, panels_shown)
    np.testing.assert_array_equal(shown.faces.shape, chosen.trials().faces.shape)
    done = experiment.simulate(design, observer, 3)
    ratings.write(experiment.table(done), tmp_path / "p07.csv")
    table = ratings.read(tmp_path / "p07.csv")
    assert (table["phase"] == "chosen").sum() == len(chosen)
    found = beliefs(suspects, *chosen.answered(table, "p07"))[-1]
    assert found.argmax() == 1
    assert panels.answers(table) == [], "faces of chosen panels are not taken for those of the series"
    with pytest.raises(ValueError, match="there are no answers of 'p08' to these 6 panels"):
        chosen.answered(table, "p08")
    with pytest.raises(ValueError, match="a chosen panel is six different numbers"):
        protocol.Procedure("Leo", chosen=((1, 2, 3, 4, 5, 5),))


def test_a_session_with_chosen_panels_goes_on_where_it_stopped(chosen, tmp_path):
    with_random = session.open_session(protocol.Procedure("Leo", "p07", 3, (60, 50)), tmp_path)
    held = session.open_session(chosen.design("p07"), tmp_path)
    assert held.path != with_random.path
    held.submit({"event": "consent"}, held.state.serial)
    held.close()
    again = session.open_session(chosen.design("p07"), tmp_path)
    again.submit({"event": "studied"}, again.state.serial)
    assert again.state.consented and again.design.chosen == chosen.design("p07").chosen
    assert session.my_ratings(tmp_path).empty
    for one in (again, with_random):
        one.close()
