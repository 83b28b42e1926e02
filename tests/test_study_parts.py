"""Parts of the comparison: designs, panels, agreement, conditions, what is kept, one tiny run, and bad input."""

from dataclasses import asdict, replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from planted_results import planted
from torch import nn

from kit import faces, study
from kit.behavior import observers as simulated
from kit.study import (
    agreement,
    comparison,
    conditions,
    design,
    fits,
    halves,
    panels,
    results,
    shared_features,
    spaces,
    templates,
    units,
)
from kit.study.design import Design
from kit.study.panels import Answers, Series
from kit.study.templates import Template

SERIES = Series("Leo", 0, "60+50", 150)


class Grid:
    """A cheap system: mean colours of an 8 x 8 grid."""

    def embed(self, images):
        side = images.shape[1] // 8
        return images.reshape(len(images), 8, side, 8, side, 3).mean((2, 4)).reshape(len(images), -1) / 255


def rated(observer="a", n=150, seed=0, series=SERIES):
    rng = np.random.default_rng(seed)
    return Answers(observer, series, np.arange(n), rng.integers(6, size=n), rng.integers(1, 7, n), 5)


# ---- designs and panels


def test_the_smallest_designs_that_are_allowed():
    Design(trials=90, folds=3, pixels=1, pixels_long=2)
    Design(pixels=1, pixels_long=0)
    for change in ({"trials": 89}, {"folds": 2}, {"pixels": 0}, {"pixels": 5, "pixels_long": 5}, {"pixels_long": -1},
                   {"identities": ()}, {"identities": ("Leo", "Bob")}):  # fmt: skip
        with pytest.raises(ValueError, match="got|identities must be"):
            replace(Design(), **change)


def test_a_view_that_does_not_exist_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="view must be one of frontal, turned; got 'upside down'"):
        Design(view="upside down")


def test_the_sizes_of_the_kits_designs():
    assert asdict(design.QUICK) | {"trials": 450, "folds": 5, "shifts": 20, "observers": 3, "graded": 0, "seed": 0,
                                   "pixels_long": 0, "thorough": False} == asdict(design.QUICK)  # fmt: skip
    usual = {"observers": 14, "trials": 1800, "folds": 9, "shifts": 40, "graded": 6, "seed": 0, "pixels": 128,
             "pixels_long": 256, "view": "frontal", "thorough": False}  # fmt: skip
    assert asdict(study.DEFAULT) | usual == asdict(study.DEFAULT)
    assert study.FULL.thorough and study.FULL.shifts == 100 and study.FULL.pixels_long == 512


def test_any_change_of_a_design_is_another_piece_of_work():
    first = Design()
    assert len(first.key()) == 12 and first.key() == Design().key()
    assert len({first.key(), replace(first, seed=1).key(), replace(first, shifts=1).key(), first.key("more")}) == 4


def test_three_levels_in_blocks_of_thirty():
    six = np.tile([1, 2, 3, 4, 5, 6], 50)
    assert [panels.usable_folds(six[:n], 9) for n in (300, 270, 269, 120, 90, 89)] == [9, 9, 8, 4, 3, 0]
    assert panels.usable_folds(six, 4) == 4
    three, two = np.tile([1, 2, 6], 60), np.tile([1, 6], 90)
    assert panels.usable_folds(three, 9) == 6 and panels.usable_folds(two, 9) == 0
    late = np.r_[np.full(100, 3), six[:200]]  # the first hundred are all the same: only long blocks have three levels
    assert panels.usable_folds(late, 9) == 0 and panels.usable_folds(np.r_[np.full(80, 3), six[:220]], 9) == 3


def test_answers_are_those_of_the_table_in_the_order_of_trials():
    table = panels.simulate(Design(("Leo", "Mei"), 2, ("null",), 0, trials=90, folds=3))
    assert table.index.is_unique and len(table) == 2 * 3 * 90
    catch = table.assign(phase="catch", trial=table["trial"] + 500)
    found = panels.answers(pd.concat([table.sample(frac=1, random_state=0), catch]), 3)
    assert [(a.observer, a.series.identity) for a in sorted(found, key=lambda a: (a.series.seed, a.observer))] == [
        (o, i) for i in ("Leo", "Mei") for o in ("control: null", "observer 01", "observer 02")]  # fmt: skip
    for a in found:
        own = table[(table["observer"] == a.observer) & (table["identity"] == a.series.identity)]
        assert a.trial.tolist() == list(range(90)) and a.rating.tolist() == own["rating"].tolist()
        assert a.chosen.tolist() == (6 * own["trial"] + own["choice"]).tolist()
        assert a.series.length == 90 and a.series.name.startswith(f"{a.series.identity}-{a.series.seed}-60+50-90")
    assert {a.series.seed for a in found} == {0, 1}, "every identity has panels of its own"
    other = panels.simulate(Design(("Leo", "Mei"), 2, (), 0, trials=90, folds=3, seed=1))
    assert set(other["seed"]) == {2, 3}


def test_one_observer_answers_a_series_the_same_way_for_the_same_seed():
    shape_user = simulated.special(faces.load())["shape user"]
    usual, first, second = panels.answer(shape_user, SERIES), *(panels.answer(shape_user, SERIES, k) for k in (0, 1))
    assert np.array_equal(usual.rating, first.rating) and not np.array_equal(first.rating, second.rating)
    assert usual.folds == panels.usable_folds(usual.rating, 9) and usual.trial.tolist() == list(range(150))


def test_a_long_series_is_cut_into_the_nine_blocks_of_the_study():
    shape_user = simulated.special(faces.load())["shape user"]
    assert panels.answer(shape_user, Series("Leo", 1, "60+50", 600)).folds == 9


def test_observers_come_in_the_order_of_the_table():
    rows = [{"observer": o, "identity": "Leo", "trial": t, "choice": 0, "rating": 1 + t % 6, "phase": "rate", "seed": 0,
             "components": "60+50", "view": "frontal"} for o in ("zoe", "amy") for t in range(6)]  # fmt: skip
    assert [a.observer for a in panels.answers(pd.DataFrame(rows))] == ["zoe", "amy"]
    table = pd.DataFrame({"observer": ["control: x", "x"]})
    assert panels.proper(table)["observer"].tolist() == ["x"]


# ---- agreement and conditions


def test_observers_are_compared_on_the_same_panels_only():
    level = np.tile([1, 2, 3, 4, 5, 6], 10)
    base = pd.DataFrame({"identity": "Leo", "trial": np.arange(60), "choice": 0, "rating": level, "phase": "rate",
                         "seed": 0, "components": "60+50", "view": "frontal"})  # fmt: skip
    same, half = base.assign(observer="b"), base.assign(observer="c", choice=np.arange(60) % 2)
    assert agreement.between_observers(base.assign(observer="a")) is None
    assert agreement.between_observers(pd.concat([base.assign(observer="a"), same.assign(seed=1)])) is None
    found = agreement.between_observers(pd.concat([base.assign(observer="a"), same]))
    assert found["choice"] == 1 and found["tau"] == pytest.approx(1) and found["mi"] > 1
    control = same.assign(observer="control: x")
    found = agreement.between_observers(pd.concat([base.assign(observer="a"), half, control]))
    assert found["choice"] == 0.5, "controls do not count"


def test_conditions_that_are_compared():
    table = panels.simulate(Design(("Leo",), 1, (), 0, trials=90, folds=3))
    turned = table.assign(view="turned")
    assert conditions.compared(None, False) == ["frontal"] and conditions.compared(None, True) == ["frontal", "turned"]
    assert conditions.compared(turned, False) == ["turned"] and conditions.compared(turned, True) == ["turned"]
    assert conditions.compared(table, True) == ["frontal", "turned"]
    assert conditions.compared(table.assign(phase="catch"), False) == ["frontal"], "nobody rated: the study's own"
    front, back = replace(planted(), design=Design()), replace(planted(), design=Design(view="turned"))
    beside = conditions.side_by_side(front, back)
    pixels = back.main_scores().query("space == 'pixels'")
    assert beside.loc["pixels", "bits, turned"] == pytest.approx(pixels["mi"].mean())
    for wrong in ((back, front), (front, front), (back, back)):
        with pytest.raises(ValueError, match="swap them"):
            conditions.side_by_side(*wrong)


def test_rows_of_another_view_are_left_out_with_a_warning_or_refused():
    table = panels.simulate(Design(("Leo",), 1, (), 0, trials=90, folds=3))
    both = pd.concat([table, table.assign(view="turned").head(30)], ignore_index=True)
    with pytest.warns(UserWarning, match="left out, as this compares the view 'frontal': 30 with view 'turned'"):
        assert len(conditions.of_view(both, "frontal")) == 90
    with pytest.raises(ValueError, match="no rated trial has the view 'turned'; there are 90 with view 'frontal'"):
        conditions.of_view(table, "turned")


# ---- what is kept


def test_tables_of_units_have_their_owner_in_front():
    answers = [rated("a"), rated("b", series=replace(SERIES, identity="Mei", seed=1))]
    found = [units.Piece({"t": pd.DataFrame({"x": [k, k + 1]})}, {}) for k in (0, 10)]
    table = results.of_units(answers, found, "t")
    assert list(table) == ["observer", "identity", "series", "x"] and table["x"].tolist() == [0, 1, 10, 11]
    assert table["observer"].tolist() == ["a", "a", "b", "b"]
    assert table["identity"].tolist() == ["Leo", "Leo", "Mei", "Mei"]
    nothing = [units.Piece({"t": pd.DataFrame({"x": []})}, {}) for _ in answers]
    assert list(results.of_units(answers, nothing, "t")) == ["observer", "identity", "series", "x"]
    assert results.of_units(answers, [nothing[0], found[1]], "t")["observer"].tolist() == ["b", "b"]


def test_who_is_left_out_is_told_why():
    few, same = replace(rated("few", 60), folds=0), replace(rated("same"), rating=np.tile([3, 4], 75), folds=0)
    table = results.left_out([few, same, rated("fine")]).set_index("observer")
    assert table.loc["few", "why"] == "fewer than three blocks of 30 trials" and table.loc["few", "trials"] == 60
    assert "fewer than three of the six ratings ([3, 4] in all)" in table.loc["same", "why"]
    assert "fine" not in table.index


def test_a_piece_of_work_is_done_once_and_again_if_its_file_is_torn(tmp_path):
    done = []

    def work():
        done.append(1)
        return units.Piece({"t": pd.DataFrame({"x": [1.5, np.nan], "who": ["a", "b"]})}, {"weights w": np.arange(3)})

    first, again = units.kept(tmp_path, "one", work), units.kept(tmp_path, "one", work)
    assert len(done) == 1
    pd.testing.assert_frame_equal(first.tables["t"], again.tables["t"])
    assert units.weights_of(again)["w"].tolist() == [0, 1, 2]
    path = tmp_path / "one.unit"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.warns(UserWarning, match="one.unit is damaged or from another comparison"):
        units.kept(tmp_path, "one", work)
    assert len(done) == 2


def test_series_are_used_in_turn():
    both = [Series(name, 0, "60+50", 90) for name in ("Ada", "Mei")]
    everyone = [replace(rated(f"o{k}"), series=s) for k in range(4) for s in both]
    assert [(a.observer, a.series.identity) for a in comparison.in_turn(everyone)] == [
        ("o0", "Ada"), ("o1", "Mei"), ("o2", "Ada"), ("o3", "Mei")]  # fmt: skip


# ---- the smallest run of all


TINY = Design(("Mei", "Leo"), observers=2, controls=("texture user",), trials=180, folds=3, shifts=3, pixels_long=0)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return study.run(TINY, systems={"grid": Grid()}, folder=folder, jobs=1), folder


def test_a_run_scores_what_was_rated(run):
    found, folder = run
    answers = {(a.observer, a.series.identity): a for a in panels.answers(found.ratings, 3)}
    own = answers["observer 02", "Leo"]
    shape = own.series.trials().faces.shape
    model = fits.fit(shape, own)
    expected = fits.scores({("shape", "linear"): model}, own, model)
    rows = found.main_scores().query("observer == 'observer 02' and identity == 'Leo' and space == 'shape'")
    np.testing.assert_allclose(rows[["tau", "mi"]], expected[["tau", "mi"]])
    control = found.scores[found.scores["observer"] == "control: texture user"]
    assert set(control["kind"]) == {"linear"} and len(control) == 2 * 3 * 3
    assert set(found.systems["observer"]) == {"observer 01", "observer 02"}


def test_a_run_keeps_likeness_from_halves_with_chance_and_bands(run):
    found, _ = run
    likeness = found.likeness.set_index(["identity", "system"])
    assert {s for _, s in likeness.index} == {"observer", "shape", "texture", "grid"}
    assert likeness["humanness_correlation"].between(-1, 0.999).all() and likeness["chance"].between(-1, 0.999).all()
    assert likeness[[f"band_{k}" for k in range(5)]].sum(axis=1).to_numpy() == pytest.approx(1)
    assert set(found.decoding["space"]) == {"grid"}
    assert set(found.distances["observer"]) == {"observer 01", "observer 02"}
    assert (found.ceilings["ceiling"] == "noise-free similarity").all() and len(found.ceilings) == 6
    roles = found.catalogue.set_index("space")["role"]
    assert roles.to_dict() == {"shape": "model", "texture": "model", "grid": "other"}


def test_likeness_is_that_of_the_mean_half_templates(run):
    found, folder = run
    series = next(s for s in found.likeness["series"] if s.startswith("Leo"))
    own = [a for a in panels.answers(panels.proper(found.ratings), 3) if a.series.name == series]
    shown, leo = own[0].series.trials().faces, own[0].series.trials().target
    sides = {"observer": 1, "observer itself": 0}
    mean = {name: Template.mean([templates.observed_template(shown, halves.split(a)[side]) for a in own])
            for name, side in sides.items()}  # fmt: skip
    row = found.likeness.query("series == @series and system == 'observer'").iloc[0]
    one, other = (templates.surface_map(mean[name].at(row["alpha"], leo)) for name in sides)
    assert row["humanness_correlation"] == pytest.approx(np.corrcoef(one, other)[0, 1], abs=1e-3)
    truth = templates.surface_map(leo)
    assert row["veridicality_correlation"] == pytest.approx(np.corrcoef(other, truth)[0, 1], abs=1e-3)


def test_results_are_saved_and_come_back(run, tmp_path):
    found, _ = run
    read = study.Results.load(found.save(tmp_path))
    assert read.design == found.design and read.simulated and read.spaces == found.spaces
    for name in results.TABLES:
        pd.testing.assert_frame_equal(getattr(read, name), getattr(found, name), check_exact=False)
    assert sorted(read.maps) == sorted(found.maps)
    with pytest.raises(ValueError, match="table scores and .* differ in the columns extra"):
        results.typed("scores", found.scores.assign(extra=1))


def test_one_identity_is_not_generalised_and_one_observer_bears_no_claim(run, tmp_path):
    found, folder = run
    mine = found.ratings.query("observer == 'observer 01' and identity == 'Leo'").assign(observer="me")
    alone = study.run(TINY, mine, {"grid": Grid()}, folder=folder, jobs=1)
    assert alone.likeness.set_index("system").loc["observer", "alpha"] == 6, "people are shown the top of the scale"
    assert alone.generalisation.empty and alone.distances.empty and not alone.simulated and alone.planted.empty
    assert alone.ceilings.empty and {j.outcome for j in study.claims(alone)} == {"cannot be told"}
    text = study.report(alone, tmp_path / "report.html").read_text()
    assert "two identities or more" in text and "no claim is made of one person" in text
    assert "One observer and one identity: the intervals are over this observer" in text


def test_everybody_with_an_identity_of_their_own_is_said(run, tmp_path):
    """An observer with one identity, and an identity with one observer."""
    found, folder = run
    keep = (found.ratings["observer"] == "observer 01") & (found.ratings["identity"] == "Leo")
    keep |= (found.ratings["observer"] == "observer 02") & (found.ratings["identity"] == "Mei")
    people = found.ratings[keep].assign(observer=found.ratings["observer"].str.replace("observer", "person"))
    apart = study.run(TINY, people, {"grid": Grid()}, folder=folder, jobs=1)
    text = study.report(apart, tmp_path / "report.html").read_text()
    assert "The observers met different identities" in text
    assert set(apart.likeness["identity"]) == {"Leo", "Mei"}


# ---- bad input


def test_ratings_of_two_levels_are_left_out_or_refused_with_what_is_needed(tmp_path):
    table = panels.simulate(replace(TINY, observers=1, controls=()))
    two = table.assign(rating=np.where(table["rating"] > 3, 6, 1))
    with pytest.raises(ValueError, match=r"no ratings can be scored: an observer needs three blocks of.*\[1, 6\]"):
        study.run(TINY, two, {"grid": Grid()}, folder=tmp_path / "out", jobs=1)
    assert not list((tmp_path / "out").rglob("*.unit")), "nothing half-written"


class Sick(Grid):
    """A system with one kind of fault."""

    def __init__(self, value):
        self.value = value

    def embed(self, images):
        found = super().embed(images)
        return np.full_like(found, self.value) if np.isfinite(self.value) else np.where(found > 0.5, self.value, found)


@pytest.mark.parametrize(("value", "told"), [(np.nan, "'sick'.* gave nan"), (np.inf, "'sick'.* gave infinite values"),
                                             (0.0, "'sick' says the same of 16 different faces")])  # fmt: skip
def test_sick_systems_stop_a_run_before_anything_is_written(tmp_path, value, told):
    with pytest.raises(ValueError, match=told):
        study.run(TINY, systems={"sick": Sick(value)}, folder=tmp_path / "out", jobs=1)
    assert not (tmp_path / "out").exists()


def test_features_that_fail_name_their_system():
    pictures = np.zeros((3, 8, 9, 3), np.uint8)
    for wrong in (np.zeros(3), np.zeros((2, 4)), np.zeros((3, 0)), np.full((3, 2), "x")):
        with pytest.raises(ValueError, match="system 'mine', asked for features of 3 pictures, gave|failed"):
            spaces.embedded("mine", type("Odd", (), {"embed": lambda _, images, w=wrong: w})(), pictures)
    with pytest.raises(ValueError, match="ZeroDivisionError.*pictures have 8 x 9 pixels"):
        spaces.embedded("mine", type("Odd", (), {"embed": lambda _, images: 1 / 0})(), pictures)
    hole = np.where(np.arange(6).reshape(3, 2) == 4, np.nan, 1.0)
    with pytest.raises(ValueError, match="gave nan for 1 of them, first for number 2"):
        spaces.embedded("mine", type("Odd", (), {"embed": lambda _, images: hole})(), pictures)
    fine = type("Fine", (), {"embed": lambda _, images: np.ones((3, 2))})()
    assert spaces.embedded("mine", fine, pictures).dtype == np.float32


def test_shared_features_know_who_rated_everything():
    both = {replace(SERIES, identity=name, seed=k): [(rated(o), None) for o in who]
            for k, (name, who) in enumerate({"Leo": "ab", "Mei": "bc"}.items())}  # fmt: skip
    assert shared_features._everywhere(both) == ["b"]
    controlled = [(rated("control: x"), None), (rated("y"), None)]
    assert [a.observer for pairs in shared_features.of_series(controlled).values() for a, _ in pairs] == ["y"]


def test_decision_neurons_are_those_of_classifiers_for_the_identity():
    head = nn.Linear(3, 5)
    module = nn.Module()
    module.heads = nn.ModuleDict({"identity": head})
    card = {"architecture": {"heads": {"identity": 5}}, "data": {"familiar": {"Leo": 2, "Mei": 4}}}
    systems = {"grid": Grid(), "named": SimpleNamespace(module=module, card=card)}
    found = {"grid": np.ones((2, 4)), "named": np.array([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]])}
    said = spaces.decision_neurons(found, systems, "Leo")
    weights, bias = head.weight.detach().numpy()[2], head.bias.detach().numpy()[2]
    assert list(said) == ["named"]
    np.testing.assert_allclose(said["named"], [[weights[0] + bias], [2 * weights[1] + bias]], rtol=1e-6)
    other = spaces.decision_neurons(found, systems, "Mei")["named"]
    assert not np.allclose(other, said["named"])
