"""Simulated observers do what their stated strategy says."""

import numpy as np
import pytest
from scipy.stats import kendalltau

from kit import faces
from kit.behavior import observers, strategies
from kit.faces import stimuli


@pytest.fixture(scope="module")
def model():
    return faces.load()


@pytest.fixture(scope="module")
def trials(model):
    return stimuli.trials(stimuli.identities(model)["Ada"], n=400, rng=1)


@pytest.fixture(scope="module")
def special(model):
    return observers.special(model)


def chosen(trials, table):
    return trials.faces[6 * table["trial"].to_numpy() + table["choice"].to_numpy()]


def agreement(trials, table, strategy) -> float:
    """Tau of the ratings with the nearness of the chosen faces in a strategy's eyes."""
    return kendalltau(-strategy.dissimilarity(chosen(trials, table), trials.target), table["rating"]).statistic


def test_ratings_are_whole_numbers_on_the_whole_scale(trials, special):
    table = special["shape user"].rate(trials, 0)
    assert list(table.columns) == ["observer", "trial", "choice", "rating"] and len(table) == 400
    assert set(table["rating"]) == {1, 2, 3, 4, 5, 6} and set(table["choice"]) == set(range(6))
    assert table["rating"].value_counts().min() > 15, "every rating is used"


def test_a_shape_user_follows_shape_and_a_texture_user_texture(trials, special):
    for user, other in (("shape user", "texture user"), ("texture user", "shape user")):
        table = special[user].rate(trials, 0)
        assert agreement(trials, table, special[user].strategy) > 0.3
        assert abs(agreement(trials, table, special[other].strategy)) < 0.1


def test_a_perfect_observer_chooses_the_nearest(trials, special):
    perfect = observers.Observer("perfect", special["shape user"].strategy, noise=0, lapse=0)
    table = perfect.rate(trials, 0)
    distance = perfect.strategy.dissimilarity(trials.faces, trials.target).reshape(-1, 6)
    assert np.array_equal(table["choice"], distance.argmin(1))
    assert agreement(trials, table, perfect.strategy) > 0.85


def test_the_target_itself_gets_the_highest_rating(model, special):
    target = stimuli.identities(model)["Leo"]
    panel = faces.concat([model.sample(5, like=target, rng=0), target])
    table = observers.Observer("x", special["shape user"].strategy, noise=0, lapse=0).rate(
        stimuli.Trials(target, panel), 0
    )
    assert table["choice"][0] == 5 and table["rating"][0] == 6


def test_the_null_observer_has_no_features(trials, special):
    table = special["null"].rate(trials, 3)
    for name in ("shape user", "texture user", "eyes user"):
        assert abs(agreement(trials, table, special[name].strategy)) < 0.11
    assert np.bincount(table["choice"], minlength=6).min() > 40


def test_noise_lapses_and_criteria_do_what_they_say(trials, special):
    strategy = special["shape user"].strategy

    def table(**habits):
        return observers.Observer("x", strategy, **({"noise": 0.3, "lapse": 0.0} | habits)).rate(trials, 5)

    assert agreement(trials, table(noise=0.1), strategy) > agreement(trials, table(noise=2.0), strategy) + 0.2
    assert agreement(trials, table(), strategy) > agreement(trials, table(lapse=0.6), strategy) + 0.15
    assert table(criterion=1.0)["rating"].mean() < table()["rating"].mean() - 0.8
    assert table(spread=2.0)["rating"].std() < table()["rating"].std() - 0.3
    drifting = table(drift=2.0)["rating"]
    assert drifting[:100].mean() > drifting[300:].mean() + 0.8


def test_the_switcher_changes_features_halfway(trials, special):
    table = special["switcher"].rate(trials, 2)
    first, second = table.iloc[:200], table.iloc[200:]
    shape, texture = special["shape user"].strategy, special["texture user"].strategy
    assert agreement(trials, first, shape) > 0.3 and abs(agreement(trials, first, texture)) < 0.15
    assert agreement(trials, second, texture) > 0.25 and abs(agreement(trials, second, shape)) < 0.15


def test_regional_strategies_ignore_the_rest(model):
    """Moving a component that leaves the eyes alone leaves the eyes user alone."""
    eyes = strategies.regions("eyes", model, {"eyes": 1.0}, {})
    loads = (model.shape_components[:, model.regions["eyes"]] ** 2).sum((1, 2))
    target, quiet, loud = model.face(), np.argmin(loads), np.argmax(loads)
    move = eyes.dissimilarity(faces.concat([model.face(shape={quiet: 2.0}), model.face(shape={loud: 2.0})]), target)
    assert move[0] < 0.2 * move[1]


def test_regions_add_up_to_the_whole_surface_distance(model):
    everywhere = strategies.regions("all", model, dict.fromkeys(model.regions, 1.0), {})
    a, b = model.sample(2, "female", 30, "asian", rng=0)
    inside = np.any(list(model.regions.values()), axis=0)
    apart = ((a.vertices() - b.vertices())[0, inside] ** 2).sum() / (model.shape_components**2).sum()
    assert everywhere.dissimilarity(a, b)[0] == pytest.approx(np.sqrt(apart), rel=1e-4)


def test_the_cast_is_individual_and_mostly_about_shape(model, trials):
    people = observers.cast(model)
    table = observers.rate_all(people, trials, seed=0)
    assert len(people) == 14 and table["observer"].nunique() == 14
    pivot = table.pivot(index="trial", columns="observer", values="choice").to_numpy()
    same = [(pivot[:, i] == pivot[:, j]).mean() for i in range(14) for j in range(i)]
    assert min(same) > 1 / 6 + 0.05 and max(same) < 0.9, "people agree above chance, and differ"
    shape_user = observers.special(model)["shape user"].strategy
    texture_user = observers.special(model)["texture user"].strategy
    taus = [[agreement(trials, t, s) for s in (shape_user, texture_user)] for _, t in table.groupby("observer")]
    assert (np.array(taus)[:, 0] > np.array(taus)[:, 1]).mean() > 0.8


def test_same_seed_same_ratings(model, trials):
    people = observers.cast(model, 3)
    a, b, c = (observers.rate_all(people, trials, seed=s) for s in (1, 1, 2))
    assert a.equals(b) and not a.equals(c)


def test_bad_strategies_are_told(model):
    with pytest.raises(ValueError, match="no region 'hair'; regions are eyes, brows"):
        strategies.regions("x", model, {"hair": 1.0}, {})
    with pytest.raises(ValueError, match="weights of shape must be 60 numbers >= 0"):
        strategies.components("x", model, shape=np.full(60, -1.0))
