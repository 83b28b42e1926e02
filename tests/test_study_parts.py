"""Parts of the comparison by hand: panels, scores, nulls, templates, naming, agreement, conditions, and one tiny run."""

import warnings
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
from planted_results import planted

from kit import faces, study
from kit.analysis import encoding, information
from kit.analysis.encoding import NestedRidge
from kit.behavior import observers as simulated
from kit.faces import stimuli
from kit.study import (
    agreement,
    comparison,
    conditions,
    decoding,
    design,
    fits,
    generalisation,
    null,
    panels,
    planted as planted_truths,
    removal,
    results,
    shared_features,
    spaces,
    templates,
    units,
    workers,
)  # fmt: skip
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


def model_of(predictions, folds=5, weights=None, intercepts=None):
    n = len(predictions)
    fold = np.arange(n) * folds // n
    weights = np.zeros((folds, 2, 1)) if weights is None else np.tile(np.asarray(weights, float)[:, None], (folds, 1, 1))
    return NestedRidge(np.asarray(predictions, float)[:, None], fold, weights, np.zeros((folds, 1)),
                       np.ones((folds, 1, 1)), {})  # fmt: skip


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
    found = agreement.between_observers(pd.concat([base.assign(observer="a"), half, same.assign(observer="control: x")]))
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
    assert beside.loc["pixels", "bits, turned"] == pytest.approx(back.main_scores().query("space == 'pixels'")["mi"].mean())
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


# ---- scores of models


def test_scores_are_of_each_fold_by_itself():
    answers = rated()
    good = model_of(answers.rating + np.random.default_rng(1).normal(size=150))
    noise = model_of(np.random.default_rng(2).normal(size=150))
    table = fits.scores({("shape", "linear"): good, ("net", "linear"): noise}, answers, good)
    assert len(table) == 10 and list(table["fold"]) == [f for f in range(5) for _ in range(2)]
    rows = slice(60, 90)
    third = table.query("space == 'shape' and fold == 2").iloc[0]
    assert third["mi"] == pytest.approx(float(information.binned_mi(good.predictions[rows, 0], answers.rating[rows])))
    assert third["redundancy"] == pytest.approx(third["mi"]) and third["mmi"] == pytest.approx(third["mi"])
    assert third["r2"] == pytest.approx(fits.r2_score(answers.rating[rows], good.predictions[rows, 0]))
    means = table.groupby("space")["tau"].mean()
    assert means["shape"] > 0.5 and abs(means["net"]) < 0.2


def test_constant_features_have_weight_zero_in_their_place():
    answers = rated()
    rng = np.random.default_rng(3)
    values = np.zeros((900, 3))
    values[:, 1] = np.repeat(answers.rating, 6) + 0.1 * rng.normal(size=900)
    values[:, 0] = 7.0
    model = fits.fit(values, answers)
    assert model.weights.shape == (5, 3, 1) and (model.weights[:, [0, 2]] == 0).all()
    assert (np.abs(model.weights[:, 1]) > 0.5).all()
    joint = fits.fit_jointly(values, values[:, 1:2] * 2, answers)
    assert joint.weights.shape == (5, 4, 1) and joint.spaces == {"first": slice(0, 3), "second": slice(3, 4)}
    assert (fits.fit_at(values, answers, 3.0).exponents == 3).all()


def test_a_model_chooses_the_face_that_it_rates_highest():
    features = np.zeros((6 * 4, 2))
    features[np.arange(4) * 6 + [2, 0, 5, 1], 0] = 1.0
    model = model_of(np.zeros(4), 1, weights=[1.0, 0.0])
    answers = Answers("o", replace(SERIES, length=4), np.arange(4), np.array([2, 0, 5, 3]), np.array([1, 2, 3, 4]), 3)
    assert fits.roll_out(features, model).argmax(axis=1).tolist() == [2, 0, 5, 1]
    assert fits.choice_accuracy(features, model, answers) == 0.75
    later = replace(answers, trial=np.array([1, 3]), choice=np.array([0, 1]), rating=np.array([1, 2]))
    assert fits.choice_accuracy(features, model, later) == 1


def test_the_distance_to_the_target_is_euclidean():
    assert fits.distance(np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([[0.0, 0.0]])).tolist() == [[5.0], [0.0]]


def test_further_models_are_joint_with_shape_and_reweighted():
    answers, rng = rated(n=90), np.random.default_rng(4)
    answers = replace(answers, folds=3)
    seen = {name: rng.normal(size=(900, 2)) for name in ("shape", "texture", "net")}
    found = fits.further_models(seen, {name: np.zeros((1, 2)) for name in seen}, answers)
    assert set(found) == {("shape", "reweighted"), ("texture", "reweighted"), ("net", "reweighted"),
                          ("shape", "with texture"), ("net", "with shape")}  # fmt: skip
    scalar = fits.scalar_models(seen, {name: np.zeros((1, 2)) for name in seen}, {"net": seen["net"][:, :1]}, answers)
    assert set(scalar) == {("shape", "distance"), ("texture", "distance"), ("net", "distance"), ("net", "decision")}


def test_shifted_ratings_tell_what_chance_gives():
    rng = np.random.default_rng(0)
    rating = rng.integers(1, 7, 150)
    values = rng.normal(size=(900, 3))
    values[::6, 0] = rating
    answers = Answers("o", SERIES, np.arange(150), np.zeros(150, int), rating, 5)
    table = null.shifted({"good": values, "noise": rng.normal(size=(900, 3))}, answers, 8)
    assert list(table) == ["fold", "mi", "chance", "threshold", "significant", "space"] and len(table) == 10
    good = table.query("space == 'good'")
    assert good["significant"].all() and good["mi"].mean() > 0.9 and abs(good["chance"].mean()) < 0.15
    assert (table["significant"] == (table["mi"] > table["threshold"])).all() and (table["threshold"] >= table["chance"]).all()
    moved = null.circular_shifts(rating, 8, 5, 0)
    ratings = np.column_stack([rating, moved]).astype(float)
    fitted = encoding.nested_ridge(values[answers.chosen], ratings, 5, null.EXPONENTS)
    bits = [[float(information.binned_mi(fitted.predictions[rows, k], ratings[rows, k].astype(int))) for k in range(9)]
            for rows in np.array_split(np.arange(150), 5)]  # fmt: skip
    np.testing.assert_allclose(good["mi"], [row[0] for row in bits])
    np.testing.assert_allclose(good["chance"], [np.mean(row[1:]) for row in bits], atol=1e-12)
    np.testing.assert_allclose(good["threshold"], [max(row[1:]) for row in bits])
    short = replace(answers, rating=rating[:90], trial=np.arange(90), choice=np.zeros(90, int), folds=3)
    assert null.shifted({"good": values}, short, 8).empty, "no shift is far enough"


# ---- what is read and re-predicted


def test_what_a_model_predicts_by_way_of_shape():
    rng = np.random.default_rng(0)
    shape, other = rng.normal(size=(300, 2)), rng.normal(size=300)
    by_shape = shape @ [1.0, -0.5]
    own = model_of(by_shape, weights=[1.0, -0.5])
    found = decoding.re_predict(shape, own, model_of(3 + 2 * by_shape))
    assert found == pytest.approx({"predictions": 1, "weights": 1, "explained": 1})
    found = decoding.re_predict(shape, own, model_of(-by_shape + 0.001 * other))
    assert found["predictions"] == pytest.approx(-1, abs=1e-3) and found["weights"] == pytest.approx(-1, abs=1e-3)
    found = decoding.re_predict(shape, own, model_of(by_shape + 2 * other))
    assert found["explained"] == pytest.approx(by_shape.var() / (by_shape + 2 * other).var(), abs=0.05)


def test_decoding_is_of_faces_that_were_not_fitted():
    people, rng = faces.load().sample(300, rng=0), np.random.default_rng(0)
    held = np.hstack([people.shape[:, :6], people.texture[:, :2], rng.normal(size=(300, 3))])
    found = decoding.decode(held, people.shape, people.texture, faces.load())
    k = people.shape.shape[1]
    assert found.r2[:6].min() > 0.8 and found.r2[k : k + 2].min() > 0.8 and found.r2[10:k].max() < 0.35
    assert found.error.mean() < found.guess.mean() and found.error.shape == found.guess.shape
    still = people.shape.copy()
    still[:, 9] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(decoding.decode(held, still, people.texture, faces.load()).r2[9])


def test_only_large_decompositions_are_told_before(recwarn):
    decoding._tell_if_large(4096, 10_000)
    assert not recwarn.list
    with pytest.warns(UserWarning, match="decomposes a matrix of 4097 x 4097"):
        decoding._tell_if_large(5000, 4097)


# ---- templates and naming


def test_templates_are_lines_in_the_coefficients():
    rating = np.tile([1, 2, 3, 4, 5, 6], 20)
    values = np.column_stack([0.5 * rating - 1, np.full(120, 2.0), -0.2 * rating]).astype(float)
    found = templates.template(values + 1e-3 * np.random.default_rng(0).normal(size=values.shape) * [1, 0, 1], rating)
    assert found.slope == pytest.approx([0.5, 0, -0.2], abs=1e-2) and found.intercept == pytest.approx([-1, 0, 0], abs=1e-2)


def test_predictions_on_the_scale_of_ratings():
    rating, predicted = np.array([1, 2, 3, 6]), np.array([0.1, 0.2, 0.3, 0.35])
    moved = templates.on_the_scale_of(rating, predicted)
    assert moved.mean() == pytest.approx(rating.mean()) and moved.std() == pytest.approx(rating.std())
    assert np.corrcoef(moved, predicted)[0, 1] == pytest.approx(1)


def test_a_template_at_an_amount_is_a_face():
    leo = stimuli.identities(faces.load())["Leo"]
    found = Template(np.zeros(110), np.r_[0.5, np.zeros(109)]).at([0, 2], leo)
    assert found.shape[:, 0].tolist() == [0, 1] and np.abs(found.texture).max() == 0
    mean = Template.mean([Template(np.zeros(2), np.ones(2)), Template(np.ones(2), 3 * np.ones(2))])
    assert mean.intercept.tolist() == [0.5, 0.5] and mean.slope.tolist() == [2, 2]


@pytest.mark.parametrize(("slope", "last"), [(0.5, 10), (1.0, 5), (100.0, 0)])
def test_amplification_ends_where_faces_break(slope, last):
    leo = stimuli.identities(faces.load())["Leo"]
    amounts, series = templates.amplified(Template(np.zeros(110), np.r_[slope, np.zeros(109)]), leo)
    assert amounts[-1] == last and len(series) == len(amounts) and np.abs(series.shape).max() <= 5


def test_a_map_is_alike_if_it_moves_the_same_way():
    one = np.array([1.0, 2.0, 3.0])
    assert templates.likeness(one, 2 * one + 1) == pytest.approx({"correlation": 1, "error": 3})
    assert templates.likeness(one, -one)["correlation"] == pytest.approx(-1)
    leo = stimuli.identities(faces.load())["Leo"]
    assert np.abs(templates.surface_map(leo.caricature(0))).max() < 1e-6
    step = np.r_[0.01, np.zeros(109)]
    moved = leo.caricature(0).changed(shape=step[None, :60].astype(np.float32))
    assert np.corrcoef(templates.surface_map(moved), templates.surface_maps(step[None], leo)[0])[0, 1] > 0.99


def test_diagnostic_or_other_features_at_all_strengths():
    leo = stimuli.identities(faces.load())["Leo"]
    marked = np.r_[np.ones(60, bool), np.zeros(50, bool)]
    shape_only, other = (generalisation.test_faces(leo, marked, which) for which in ("diagnostic", "other"))
    assert np.abs(shape_only.texture).max() == 0 and np.abs(other.shape).max() == 0
    np.testing.assert_allclose(shape_only.shape[3], leo.shape[0], atol=1e-6)
    np.testing.assert_allclose(shape_only.shape[5], leo.shape[0] * 5 / 3, atol=1e-5)
    assert np.abs(shape_only.shape[0]).max() == 0 and generalisation.STRENGTHS[3] == pytest.approx(1)


def test_models_say_the_identity_whose_scaled_rating_is_largest():
    rated_by = [np.array([[1.0], [4.0]]), np.array([[10.0], [15.0]])]
    ranges = [(np.array([0.0]), np.array([4.0])), (np.array([0.0]), np.array([20.0]))]
    assert generalisation.model_answers(rated_by, ranges).ravel().tolist() == [1, 0]


def test_distances_are_of_each_observer_to_their_own_models():
    rows = [{"task": "view 0", "features": "other", "identity": "Leo", "strength": s, "observer": o, "system": system,
             "accuracy": a} for o, by in {"x": {"observer": (0.2, 0.6), "net": (0.4, 0.2)},
                                          "y": {"observer": (1.0, 1.0), "net": (1.0, 0.0)}}.items()
            for system, both in by.items() for s, a in zip((0.0, 1.0), both)]  # fmt: skip
    table = pd.DataFrame(rows)
    away = generalisation.distances(table).set_index("observer")["distance"]
    assert away.to_dict() == pytest.approx({"x": 0.3, "y": 0.5})
    mean = generalisation.averaged(table).set_index(["system", "strength"])["accuracy"]
    assert mean["observer", 0.0] == pytest.approx(0.6) and mean["net", 1.0] == pytest.approx(0.1)
    assert generalisation.distances(table.query("system == 'net'")).empty


def test_models_that_see_shape_generalise_and_others_do_not():
    """A shape model names diagnostic shape at any strength; a texture model of the same person does not."""
    targets = stimuli.identities(faces.load())
    marked = dict.fromkeys(targets, np.r_[np.ones(60, bool), np.zeros(50, bool)])
    models, ranges = {"shape": [], "texture": []}, {"shape": [], "texture": []}
    for target in targets.values():
        people = target.model.sample(300, like=target, rng=0)
        for name in models:
            w = np.r_[getattr(target, name)[0], 0.0][:, None]
            rated = getattr(people, name) @ w[:-1]
            models[name].append(w)
            ranges[name].append((rated.min(axis=0), rated.max(axis=0)))
    found = generalisation.table(targets, marked, {}, models, ranges, [], ["me"])
    accuracy = found[found["strength"] == 1].groupby(["features", "system"])["accuracy"].mean()
    assert accuracy["diagnostic", "shape"] == 1 and accuracy["other", "texture"] == 1
    assert accuracy["diagnostic", "texture"] == accuracy["other", "shape"] == 0.25, "chance"


def test_people_who_see_the_features_name_them_and_guessers_do_not():
    people = stimuli.identities(faces.load())
    shape = np.r_[np.ones(60, bool), np.zeros(50, bool)]
    shown = generalisation.test_faces(people["Kofi"], shape, "diagnostic")
    special = simulated.special(faces.load())
    rng = np.random.default_rng(0)
    right = {name: (generalisation.observer_answers(replace(special[name], lapse=0.0), shown, people, rng)
                    == list(people).index("Kofi")).mean(axis=1) for name in ("shape user", "null")}  # fmt: skip
    assert right["shape user"][3:].min() > 0.9 and 0.1 < right["null"].mean() < 0.4
    always = replace(special["shape user"], lapse=1.0)
    assert 0.1 < (generalisation.observer_answers(always, shown, people, rng) == 3).mean() < 0.4


# ---- removal, planted truths, workers


def test_doses_are_means_over_lots():
    answers, rng = rated(), np.random.default_rng(0)
    features = rng.normal(size=(150, 4))
    features[:, 0] += answers.rating
    turn = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    features, along = features @ turn, lambda k: removal.Eraser(mean, turn.T[:, [k]], turn[[k]], np.ones(1))
    mean = features.mean(axis=0)
    known = encoding.nested_ridge(features, answers.rating, 5)
    kinds = {"lot": [along(1), along(2)], "told": [along(0)]}
    table = removal.doses(features, known, answers, kinds, [0, 1]).set_index(["removed", "directions"])
    assert table.loc[("told", 0), "mi"] == pytest.approx(table.loc[("lot", 0), "mi"])
    assert table.loc[("told", 1), "mi"] < 0.1 < table.loc[("lot", 1), "mi"]
    each = [removal.without(features, known, answers, eraser, 1)["tau"] for eraser in kinds["lot"]]
    assert table.loc[("lot", 1), "tau"] == pytest.approx(np.mean(each))


def scored_like(monkeypatch, by_observer):
    """Replace the fitting of the checks: bits of shape, texture, pixels, and what is redundant, by observer and noise."""

    def scored(spaces_, answers):
        rows = by_observer(answers, list(spaces_))
        return pd.DataFrame([r | {"fold": f, "mi": r["mi"] + 0.001 * f, "redundancy": r["redundancy"] + 0.001 * f}
                             for r in rows for f in range(5)])  # fmt: skip

    monkeypatch.setattr(planted_truths, "_scored", scored)
    monkeypatch.setattr(planted_truths, "answer", lambda observer, series, seed=0: observer)


@pytest.mark.parametrize(("shape_user", "texture_user", "passed"), [
    ((0.1, 0.0), (0.0, 0.1), True), ((0.1, 0.0), (0.1, 0.0), False), ((0.0, 0.1), (0.0, 0.1), False)])  # fmt: skip
def test_a_texture_user_must_reverse_the_ranking(monkeypatch, shape_user, texture_user, passed):
    bits = {"shape user": shape_user, "texture user": texture_user}
    noise = np.random.default_rng(0)
    scored_like(monkeypatch, lambda o, names: [
        {"space": n, "mi": b + 0.0001 * noise.normal(), "redundancy": 0} for n, b in zip(("shape", "texture"), bits[o.name])])
    monkeypatch.setattr(planted_truths, "_scored", _jittered(planted_truths._scored))
    assert planted_truths.texture_reverses(SERIES, {}).passed == passed


def _jittered(scored):
    """A little noise in each fold, so that differences have an error."""

    def some(spaces_, answers):
        table = scored(spaces_, answers)
        rng = np.random.default_rng(0)
        return table.assign(mi=table["mi"] + 0.001 * rng.normal(size=len(table)))

    return some


@pytest.mark.parametrize(("redundant", "bits", "passed"), [
    (0.05, 0.1, True), (0.01, 0.1, False), (0.05, 0.15, False)])  # fmt: skip
def test_equal_scores_must_be_told_apart_by_redundancy(monkeypatch, redundant, bits, passed):
    def by(observer, names):
        shape = observer.name == "shape user"
        return [{"space": "pixels", "mi": bits if shape else 0.1, "redundancy": redundant if shape else 0.01}]

    scored_like(monkeypatch, by)
    check = planted_truths.same_score_other_features(SERIES, {})
    assert check.passed == passed and f"shape user {bits + 0.002:.3f} bits" in check.evidence


@pytest.mark.parametrize(("whole", "left", "passed"), [(0.05, 0.01, True), (0.05, 0.03, False), (0.0, -0.01, False)])
def test_a_lesion_must_take_the_redundancy(monkeypatch, whole, left, passed):
    values = {"shape": np.random.default_rng(0).normal(size=(30, 2)), "pixels": np.random.default_rng(1).normal(size=(30, 3))}
    scored_like(monkeypatch, lambda o, names: [
        {"space": n, "mi": 0.1, "redundancy": {"pixels": whole, "lesioned": left}.get(n, 0)} for n in names])  # fmt: skip
    assert planted_truths.without_shape(SERIES, values).passed == passed


@pytest.mark.parametrize(("share", "passed"), [(0.05, True), (0.6, False)])
def test_guessers_must_be_significant_in_a_twentieth(monkeypatch, share, passed):
    tests = np.arange(100) < 100 * share
    monkeypatch.setattr(planted_truths.null, "shifted", lambda *_: pd.DataFrame({"significant": tests}))
    check = planted_truths.guessing(Series("Leo", 0, "60+50", 90), {}, guessers=2, shifts=3)
    assert check.passed == passed and f"{share:.1%} of 200 tests" in check.evidence


def test_the_and_gate_has_its_published_atoms(monkeypatch):
    assert planted_truths.and_gate().passed
    wrong = planted_truths.information.ccs_pid(np.full((2, 2, 2), 1.0))
    monkeypatch.setattr(planted_truths.information, "ccs_pid", lambda gate: wrong)
    assert not planted_truths.and_gate().passed


def test_planted_shape_comes_back_and_is_asked_for():
    check = planted_truths.planted_shape(1200)
    assert check.passed, check.evidence
    assert planted_truths.ASKED == {"shape user": 0.8, "component user": 0.8, "contour user": 0.65}


def test_work_is_spread_in_the_order_of_its_items():
    assert workers.spread(lambda x: x * x, [3, 1, 2], 2, "squares") == [9, 1, 4]


# ---- what is kept


def test_tables_of_units_have_their_owner_in_front():
    answers = [rated("a"), rated("b", series=replace(SERIES, identity="Mei", seed=1))]
    found = [units.Unit({"t": pd.DataFrame({"x": [k, k + 1]})}, {}) for k in (0, 10)]
    table = results.of_units(answers, found, "t")
    assert list(table) == ["observer", "identity", "series", "x"] and table["x"].tolist() == [0, 1, 10, 11]
    assert table["observer"].tolist() == ["a", "a", "b", "b"] and table["identity"].tolist() == ["Leo", "Leo", "Mei", "Mei"]
    nothing = [units.Unit({"t": pd.DataFrame({"x": []})}, {}) for _ in answers]
    assert list(results.of_units(answers, nothing, "t")) == ["observer", "identity", "series", "x"]
    assert results.of_units(answers, [nothing[0], found[1]], "t")["observer"].tolist() == ["b", "b"]


def test_who_is_left_out_is_told_why():
    few, same = replace(rated("few", 60), folds=0), replace(rated("same"), rating=np.tile([3, 4], 75), folds=0)
    table = results.left_out([few, same, rated("fine")]).set_index("observer")
    assert table.loc["few", "why"] == "fewer than three blocks of 30 trials" and table.loc["few", "trials"] == 60
    assert "fewer than three of the six ratings ([3, 4] in all)" in table.loc["same", "why"] and "fine" not in table.index


def test_a_piece_of_work_is_done_once_and_again_if_its_file_is_torn(tmp_path):
    done = []

    def work():
        done.append(1)
        return units.Unit({"t": pd.DataFrame({"x": [1.5, np.nan], "who": ["a", "b"]})}, {"weights w": np.arange(3)})

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
    rows = found.scores.query("observer == 'observer 02' and identity == 'Leo' and space == 'shape' and kind == 'linear'")
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
    assert set(found.decoding["space"]) == {"grid"} and set(found.distances["observer"]) == {"observer 01", "observer 02"}
    assert (found.ceilings["ceiling"] == "noise-free similarity").all() and len(found.ceilings) == 6
    assert found.catalogue.set_index("space")["role"].to_dict() == {"shape": "model", "texture": "model", "grid": "other"}


def test_likeness_is_that_of_the_mean_half_templates(run):
    found, folder = run
    series = next(s for s in found.likeness["series"] if s.startswith("Leo"))
    own = [a for a in panels.answers(found.ratings, 3) if a.series.name == series and not a.observer.startswith("control")]
    shown, leo = own[0].series.trials().faces, own[0].series.trials().target
    sides = {"observer": 1, "observer itself": 0}
    mean = {name: Template.mean([templates.observed_template(shown, study_halves(a)[side]) for a in own])
            for name, side in sides.items()}  # fmt: skip
    row = found.likeness.query("series == @series and system == 'observer'").iloc[0]
    one, other = (templates.surface_map(mean[name].at(row["alpha"], leo)) for name in sides)
    assert row["humanness_correlation"] == pytest.approx(np.corrcoef(one, other)[0, 1], abs=1e-3)
    truth = templates.surface_map(leo)
    assert row["veridicality_correlation"] == pytest.approx(np.corrcoef(other, truth)[0, 1], abs=1e-3)


def study_halves(answers):
    from kit.study import halves

    return halves.split(answers)


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
    with pytest.raises(ValueError, match=r"no ratings can be scored: an observer needs three blocks of 30 trials.*\[1, 6\]"):
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
    assert spaces.embedded("mine", type("Fine", (), {"embed": lambda _, i: np.ones((3, 2))})(), pictures).dtype == np.float32


def test_shared_features_know_who_rated_everything():
    both = {replace(SERIES, identity=name, seed=k): [(rated(o), None) for o in who]
            for k, (name, who) in enumerate({"Leo": "ab", "Mei": "bc"}.items())}  # fmt: skip
    assert shared_features._everywhere(both) == ["b"]
    controlled = [(rated("control: x"), None), (rated("y"), None)]
    assert [a.observer for pairs in shared_features.of_series(controlled).values() for a, _ in pairs] == ["y"]
