"""Scores, nulls, decoding, templates, naming, removals and the checks of planted truths, by hand."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kit import faces
from kit.analysis import encoding, information
from kit.analysis.encoding import NestedRidge
from kit.behavior import observers as simulated
from kit.faces import stimuli
from kit.study import decoding, fits, generalisation, null, removal, templates, workers
from kit.study import planted as planted_truths
from kit.study.panels import Answers, Series
from kit.study.templates import Template

SERIES = Series("Leo", 0, "60+50", 150)


def rated(observer="a", n=150, seed=0, series=SERIES):
    rng = np.random.default_rng(seed)
    return Answers(observer, series, np.arange(n), rng.integers(6, size=n), rng.integers(1, 7, n), 5)


def model_of(predictions, folds=5, weights=None):
    n = len(predictions)
    fold = np.arange(n) * folds // n
    weights = np.tile(np.asarray([0, 0] if weights is None else weights, float)[:, None], (folds, 1, 1))
    return NestedRidge(np.asarray(predictions, float)[:, None], fold, weights, np.zeros((folds, 1)),
                       np.ones((folds, 1, 1)), {})  # fmt: skip


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
    assert (table["significant"] == (table["mi"] > table["threshold"])).all()
    assert (table["threshold"] >= table["chance"]).all()
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
    assert found.slope == pytest.approx([0.5, 0, -0.2], abs=1e-2)
    assert found.intercept == pytest.approx([-1, 0, 0], abs=1e-2)


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
    average = found[found["strength"] == 0].groupby(["features", "system"])["accuracy"].mean()
    assert (average == 0.25).all(), "of the average face all say the same"


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
    """Replace the fitting of the checks: bits of each space, and what is redundant, by observer."""

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
    scored_like(
        monkeypatch,
        lambda o, names: [
            {"space": n, "mi": b, "redundancy": 0} for n, b in zip(("shape", "texture"), bits[o.name], strict=True)
        ],
    )
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
    rng, shared = np.random.default_rng(0), {"pixels": whole, "lesioned": left}
    values = {"shape": rng.normal(size=(30, 2)), "pixels": rng.normal(size=(30, 3))}
    scored_like(monkeypatch, lambda o, names: [{"space": n, "mi": 0.1, "redundancy": shared.get(n, 0)} for n in names])
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
