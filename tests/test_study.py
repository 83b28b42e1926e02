"""The comparison: planted truths come back, work is restartable, bad input is refused in words."""

import shutil
from dataclasses import replace
from html import escape

import numpy as np
import pandas as pd
import pytest
from torch import nn

from kit import faces, networks, study
from kit.behavior import observers as simulated
from kit.behavior import ratings as rating_tables
from kit.faces import stimuli
from kit.files import data
from kit.study import comparison, fits, mystery, null, panels, planted, spaces, templates, units
from kit.study.decoding import decode, re_predict
from kit.study.design import Design
from kit.study.panels import Answers, Series
from kit.study.statements import FAILS, HOLDS, OPEN

TINY = Design(("Mei", "Leo"), observers=2, controls=("texture user",), trials=180, folds=5, shifts=20)


class Averages:
    """A cheap system for tests: mean colours of a grid of 8 x 8 patches."""

    def embed(self, images):
        n, size = images.shape[:2]
        patches = images.reshape(n, 8, size // 8, 8, size // 8, 3).mean(axis=(2, 4))
        return (patches.reshape(n, -1) / 255).astype(np.float32)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    return study.run(TINY, systems={"patches": Averages()}, folder=folder), folder


@pytest.fixture(scope="module")
def leo():
    series = Series("Leo", 0, "60+50", 1200)
    return series, planted.face_spaces(series.trials())


# ---- planted truths (`python -m kit selfcheck` runs them at 1,800 trials)


def test_and_gate():
    assert planted.and_gate().passed


def test_planted_shape_comes_back():
    check = planted.planted_shape(1800)
    assert check.passed, check.evidence


def test_a_texture_user_reverses_the_ranking(leo):
    series, model_spaces = leo
    order = {}
    for name in ("shape user", "texture user"):
        quiet = replace(simulated.special(faces.load())[name], noise=0.2)
        scores = planted._scored(model_spaces, panels.answer(quiet, series)).groupby("space")["mi"].mean()
        order[name] = scores["shape"] - scores["texture"]
    assert order["shape user"] > 0.05 and order["texture user"] < -0.02, order


def test_guessers_are_significant_by_chance_only(leo):
    check = planted.guessing(*leo, guessers=4, shifts=40)
    assert check.passed, check.evidence


def test_equal_scores_other_features_and_a_lesion(leo):
    series, model_spaces = leo
    seen = {**model_spaces, "pixels": Averages().embed(series.trials().faces.render(64))}
    told_apart = planted.same_score_other_features(series, seen)
    assert told_apart.passed, told_apart.evidence
    quiet = replace(simulated.special(faces.load())["shape user"], noise=0.2)
    answers = panels.answer(quiet, series)
    known = np.column_stack([seen["shape"], np.ones(len(seen["shape"]))])
    seen["lesioned"] = seen["pixels"] - known @ np.linalg.lstsq(known, seen["pixels"], rcond=None)[0]
    scores = planted._scored(seen, answers).groupby("space")["redundancy"].mean()
    assert scores["pixels"] > 0.02 and scores["lesioned"] < scores["pixels"] / 3


# ---- the whole, small


def test_a_run_holds_every_table(tiny):
    results, _ = tiny
    assert results.spaces == ["shape", "texture", "patches"]
    kinds = set(results.scores["kind"])
    assert kinds == {"linear", "distance", "reweighted", "with shape", "with texture"}
    assert set(results.generalisation["system"]) == {"observer", "shape", "texture", "patches"}
    assert set(results.likeness["identity"]) == {"Mei", "Leo"} and results.left_out.empty
    own = results.likeness.query("system == 'observer'")["humanness_correlation"]
    assert own.between(-1, 0.999).all(), "the other half of an observer's trials is not the same map"
    assert results.likeness["chance"].between(-1, 0.999).all()
    assert set(results.erasure["removed"]) == {"nothing", "shape", "texture", "lot"}
    assert set(results.erasure["space"]) == {"patches"}, "shape and texture are what is erased"
    assert set(results.ceilings["ceiling"]) == {"noise-free similarity"}
    shares = results.planted.set_index("observer")["share"]
    assert shares["control: texture user"] == 0 and len(shares) == 3
    assert list(results.catalogue["role"]) == ["model", "model", "other"]
    assert results.partition.empty, "variance is divided between pixels and others, and there are no pixels"
    assert set(results.distances["system"]) == {"shape", "texture", "patches"}
    assert (results.null["chance"] < results.null["threshold"]).all()


def test_where_nothing_is_erased_the_bits_are_those_of_the_main_table(tiny):
    results, _ = tiny
    keys = ["observer", "identity", "fold"]
    whole = results.erasure.query("removed == 'nothing'").set_index(keys)["mi"]
    main = results.main_scores().query("space == 'patches'").set_index(keys)["mi"]
    pd.testing.assert_series_equal(whole.sort_index(), main.sort_index(), check_exact=False, rtol=1e-9)


def test_the_same_seed_gives_the_same_numbers_and_nothing_is_computed_twice(tiny, monkeypatch):
    results, folder = tiny

    def refuse(*_):
        raise AssertionError("computed again")

    monkeypatch.setattr(units, "encode", refuse)
    monkeypatch.setattr(units, "encode_further", refuse)
    again = study.run(TINY, systems={"patches": Averages()}, folder=folder)
    pd.testing.assert_frame_equal(again.scores, results.scores)


def test_a_stopped_run_goes_on_with_the_rest(tmp_path, monkeypatch):
    real, calls = units.encode, []

    def stops(answers, *more):
        calls.append(answers.name)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(answers, *more)

    monkeypatch.setattr(units, "encode", stops)
    with pytest.raises(KeyboardInterrupt):
        study.run(TINY, systems={"patches": Averages()}, folder=tmp_path, jobs=1)
    results = study.run(TINY, systems={"patches": Averages()}, folder=tmp_path, jobs=1)
    assert len(calls) == 3 + 4 - 2, "two of four were done before the stop, and controls are another piece of work"
    assert results.scores["observer"].nunique() == 3


def test_results_are_saved_and_read_back(tiny, tmp_path):
    results, _ = tiny
    read = study.Results.load(results.save(tmp_path / "saved"))
    assert read.design == results.design and read.simulated
    pd.testing.assert_frame_equal(read.scores, results.scores)
    assert sorted(read.maps) == sorted(results.maps)


def test_a_run_is_the_same_in_threads_and_processes(tiny, tmp_path):
    import joblib

    results, _ = tiny
    with joblib.parallel_config(backend="loky"):
        other = study.run(TINY, systems={"patches": Averages()}, folder=tmp_path, jobs=2)
    pd.testing.assert_frame_equal(other.scores, results.scores)


def test_the_report_loads_nothing_and_says_simulated(tiny, tmp_path):
    results, _ = tiny
    html = study.report(results, tmp_path / "report.html").read_text()
    body = html[html.index("<main>") :]
    assert "simulated observers" in body and "They are not people" in body
    assert 'src="http' not in html and "<link" not in html
    judged = study.claims(results)
    assert {j.claim.key for j in judged} >= {"mostly shape", "erasing shape"}
    for j in judged:
        assert j.outcome in (HOLDS, FAILS, OPEN) and f"<b>{j.outcome}</b> {escape(j.statement)}" in body
    assert body.count("<figcaption>") >= 8 and 'alt=""' not in body


def test_ratings_of_people_are_compared_and_not_called_simulated(tiny, tmp_path):
    results, folder = tiny
    table = results.ratings.query("observer == 'observer 01' and identity == 'Leo'").assign(observer="me")
    path = rating_tables.write(table, tmp_path / "mine.csv")
    mine = study.run(TINY, rating_tables.read(path), {"patches": Averages()}, folder=folder)
    html = study.report(mine, tmp_path / "mine.html").read_text()
    assert not mine.simulated and mine.planted.empty and "They are not people" not in html
    assert "two identities or more" in html, "one identity cannot be generalised"


def test_few_components_leave_constant_features_out(tmp_path):
    target = stimuli.identities(faces.load())["Mei"]
    trials = stimuli.trials(target, 120, rng=4, components=(8, 8))
    shape_user = simulated.special(faces.load())["shape user"]
    table = shape_user.rate(trials, 1).assign(identity="Mei", phase="rate", seed=4, components="8+8")
    results = study.run(replace(TINY, identities=("Mei",)), table, {"patches": Averages()}, folder=tmp_path)
    assert results.scores["fold"].nunique() == 4, "four folds of thirty"
    assert results.null.empty, "120 trials cannot be shifted across two blocks"


def test_answers_that_cannot_be_scored_are_named(tmp_path):
    table = panels.simulate(replace(TINY, observers=1, controls=()))
    lazy = table.assign(rating=3, observer="lazy")
    results = study.run(TINY, pd.concat([table, lazy]), {"patches": Averages()}, folder=tmp_path)
    assert set(results.left_out["observer"]) == {"lazy"}
    assert "fewer than three of the six ratings" in results.left_out["why"].iloc[0]
    with pytest.raises(ValueError, match="no ratings can be scored.*lazy"):
        study.run(TINY, lazy, {"patches": Averages()}, folder=tmp_path)


# ---- parts


def test_features_are_those_of_the_systems():
    few = faces.load().sample(3, rng=0)
    pictures = few.render(**networks.SEEN)
    module = nn.Sequential(nn.Flatten(), nn.Linear(3 * 64 * 64, 5))
    found = spaces.features(few, pictures, {"mine": networks.wrap(module)})
    assert list(found) == ["shape", "texture", "mine"] and found["mine"].shape == (3, 5)
    assert np.array_equal(found["shape"], few.shape)


def test_an_unknown_network_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="no network 'viea'; did you mean 'viae'"):
        spaces.systems(["viea"])


def test_decision_neurons_are_the_logits_and_prefer_their_person():
    people = stimuli.identities(faces.load())
    classid = networks.load("classid")
    pictures = np.concatenate([person.render(64) for person in people.values()])
    found = {"classid": classid.embed(pictures)}
    said = np.hstack([spaces.decision_neurons(found, {"classid": classid}, name)["classid"] for name in people])
    assert np.array_equal(said.argmax(axis=1), np.arange(4))
    units = list(classid.card["data"]["familiar"].values())
    assert said == pytest.approx(classid.at("heads.identity").embed(pictures)[:, units], abs=1e-3)


def test_usable_folds_shrink_with_the_trials():
    rating = np.random.default_rng(0).integers(1, 7, 1800)
    assert [panels.usable_folds(rating[:n], 9) for n in (1800, 270, 150, 90, 89)] == [9, 9, 5, 3, 0]
    assert panels.usable_folds(np.tile([3, 4], 100), 9) == 0


def test_redundancy_above_chance_is_zero_for_noise_and_all_for_a_copy():
    """In folds as short as the kit's: long ones hide what chance gives."""
    rng, found = np.random.default_rng(0), []
    for _ in range(60):
        rating = rng.integers(1, 7, 200)
        shape = rating[:, None] + 3 * rng.normal(size=(200, 1))
        found.append(pd.DataFrame(fits.shared(np.hstack([shape, rng.normal(size=(200, 1))]), shape, rating)))
    means = pd.concat(found).groupby(level=0).mean()
    assert means["redundancy"][0] == pytest.approx(means["mmi"][0]) and means["mmi"][0] > 0.1
    assert abs(means["redundancy"][1]) < 0.004 and abs(means["mmi"][1]) < 0.004
    assert means["unique_shape"][1] == pytest.approx(means["mmi"][0], abs=0.005)


def test_a_template_recovers_planted_lines():
    rng = np.random.default_rng(0)
    rating = rng.integers(1, 7, 2000)
    slope = np.array([0.2, 0.0, -0.1])
    values = np.column_stack([rating[:, None] * slope + rng.normal(size=(2000, 3)), np.zeros(2000)])
    found = templates.template(values, rating)
    assert found.slope[:3] == pytest.approx(slope, abs=0.05) and found.slope[3] == 0


def test_amplified_series_stop_before_faces_break():
    target = stimuli.identities(faces.load())["Leo"]
    slope = np.zeros(110)
    slope[2] = 0.5
    amounts, series = templates.amplified(templates.Template(np.zeros(110), slope), target)
    assert amounts[-1] == 10 and np.abs(series.shape).max() <= 5


def test_decoding_reads_what_is_there_and_nothing_else():
    rng = np.random.default_rng(0)
    people = faces.load().sample(600, rng=0)
    embedding = np.hstack([people.shape[:, :10] @ rng.normal(size=(10, 10)), rng.normal(size=(600, 5))])
    found = decode(embedding, people.shape, people.texture, faces.load())
    assert found.r2[:10].min() > 0.85 and np.abs(found.r2[10:]).max() < 0.3
    assert found.error.mean() < found.guess.mean()


def test_re_prediction_tells_shape_from_its_opposite(leo):
    series, model_spaces = leo
    answers = panels.answer(simulated.special(faces.load())["shape user"], series)
    models = fits.base_models(model_spaces, answers)
    shape, texture = models["shape", "linear"], models["texture", "linear"]
    own = re_predict(model_spaces["shape"][answers.chosen], shape, shape)
    other = re_predict(model_spaces["shape"][answers.chosen], shape, texture)
    assert own["weights"] > 0.9 and own["explained"] > 0.7
    assert other["explained"] < 0.2 and abs(other["weights"]) < 0.5


def test_claims_follow_the_numbers(tiny):
    """Turn the results upside down, and the main claim must fall."""
    results, _ = tiny
    told = {"tau": 0.3, "mi": 0.1, "redundancy": 0.08, "unique_space": 0.02}
    inverted = told | {"redundancy": 0.02, "unique_space": 0.08}
    found = {}
    for name, numbers in {"upright": told, "upside down": inverted}.items():
        planted_scores = results.scores.assign(**numbers)
        judged = study.claims(replace(results, scores=planted_scores))
        found[name] = {j.claim.key: j.outcome for j in judged}["mostly shape"]
    assert found == {"upright": HOLDS, "upside down": FAILS}


def test_shifted_ratings_are_fitted_like_the_real_ones():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(6 * 300, 4)).astype(np.float32)
    series = Series("Leo", 0, "60+50", 300)
    rating = np.clip(np.round(3.5 + 1.5 * features[::6, 0]), 1, 6).astype(int)
    answers = Answers("o", series, np.arange(300), np.zeros(300, int), rating, 5)
    found = null.shifted({"good": features, "noise": rng.normal(size=(1800, 4))}, answers, shifts=30)
    share = found.groupby("space")["significant"].mean()
    assert share["good"] == 1 and share["noise"] <= 0.4


def test_mystery_observers_hide_all_suspects_evenly():
    names = [mystery.unmask(number) for number in range(25)]
    assert all(names.count(suspect) == 5 for suspect in mystery.SUSPECTS)
    series = Series("Leo", 0, "60+50", 90)
    first, again = mystery.mystery(3, series), mystery.mystery(3, series)
    assert np.array_equal(first.rating, again.rating) and mystery.unmask(3) not in first.observer


def test_in_turn_uses_every_identity():
    series = [Series(name, 0, "60+50", 90) for name in ("Ada", "Mei")]
    empty = np.zeros(0, int)
    everyone = [Answers(f"o{k}", s, empty, empty, empty, 3) for k in range(4) for s in series]
    assert [a.series.identity for a in comparison.in_turn(everyone)] == ["Ada", "Mei", "Ada", "Mei"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"identities": ("Bob",)}, "identities must be of Ada, Mei, Leo, Kofi"),
        ({"trials": 60}, "needs 3 folds of 30 trials"),
        ({"folds": 2}, "needs 3 folds"),
    ],
)
def test_impossible_designs_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(TINY, **change)


def test_an_unknown_control_is_refused():
    with pytest.raises(ValueError, match="no special observer 'nobody'"):
        panels.simulate(replace(TINY, controls=("nobody",)))


def test_shape_is_ahead_of_pixels_for_leo_alone_as_lesson_12_says():
    told = study.shipped().main_scores().pivot_table(index="identity", columns="space", values="mi")
    ahead = told["shape"] > told["pixels"]
    assert ahead[ahead].index.tolist() == ["Leo"] and told["pixels"].mean() > told["shape"].mean()


def test_the_shipped_comparison_is_of_the_shipped_zoo():
    whole = study.shipped()
    assert set(networks.zoo().index) <= set(whole.spaces) and whole.simulated
    assert whole.design == study.DEFAULT and whole.main_scores()["observer"].nunique() == 14


def test_a_changed_file_of_the_shipped_comparison_is_refused(tmp_path, monkeypatch):
    shutil.copytree(data.folder(), tmp_path / "data")
    (tmp_path / "data/comparison/scores.csv.gz").write_bytes(b"observer,mi")
    monkeypatch.setenv("KIT_DATA", str(tmp_path / "data"))
    with pytest.raises(data.DataError, match="scores.csv.gz was changed or damaged"):
        study.shipped()
