"""Likeness from halves of the trials: none for guessers, who look human if models and maps share their trials."""

from dataclasses import replace

import numpy as np
import pytest

from kit import faces
from kit.analysis.nulls import permutations
from kit.behavior import observers as simulated
from kit.faces import stimuli
from kit.study import fits, halves, panels, templates
from kit.study.panels import Answers, Series

SERIES = Series("Leo", 0, "60+50", 360)


@pytest.fixture(scope="module")
def leo():
    return SERIES.trials().faces, stimuli.identities(faces.load())["Leo"]


def guessed(seed, n=360):
    rng = np.random.default_rng(seed)
    rating = rng.integers(1, 7, n)
    return Answers(f"guesser {seed}", replace(SERIES, length=n), np.arange(n), rng.integers(6, size=n), rating, 5)


def correlation(one, other, target):
    """Of the two templates' maps on the surface."""
    maps = templates.surface_maps(np.stack([one.slope, other.slope]), target)
    return np.corrcoef(maps)[0, 1]


def alike(everybody, shown, target):
    """Likeness of the shape model's template to the observer's, from halves and from the same trials; and the own."""
    halved, same, own = [], [], []
    for answers in everybody:
        spaces = {"shape": shown.shape}
        models = {"shape": fits.fit_at(shown.shape, answers, 6.0)}
        found = halves.half_templates(spaces, models, answers, shown)
        halved.append(correlation(found["shape"], found["observer"], target))
        own.append(correlation(found["observer itself"], found["observer"], target))
        whole = templates.model_template(shown, shown.shape, models["shape"], answers)
        same.append(correlation(whole, templates.observed_template(shown, answers), target))
    return np.mean(halved), np.mean(same), np.mean(own)


def test_even_and_odd_trials_in_the_order_of_answering():
    trial = np.array([3, 5, 6, 10, 11])
    answers = Answers("o", SERIES, trial, np.arange(5), np.array([1, 2, 3, 4, 5]), 5)
    even, odd = halves.split(answers)
    assert even.trial.tolist() == [3, 6, 11] and odd.trial.tolist() == [5, 10]
    assert even.choice.tolist() == [0, 2, 4] and odd.choice.tolist() == [1, 3]
    assert even.rating.tolist() == [1, 3, 5] and odd.rating.tolist() == [2, 4]
    assert even.observer == "o" and odd.series == SERIES
    even, odd = halves.split(guessed(0))
    assert (even.folds, odd.folds) == (5, 5)
    even, odd = halves.split(guessed(0, 240))
    assert (even.folds, odd.folds) == (4, 4), "120 trials are four blocks of thirty"


def test_guessers_look_human_from_the_same_trials_and_not_from_halves(leo):
    halved, same, own = alike([guessed(seed) for seed in range(14)], *leo)
    assert abs(halved) < 0.15 and abs(own) < 0.2
    assert same > 0.5


def test_who_goes_by_shape_keeps_the_likeness_in_halves(leo):
    user = replace(simulated.special(faces.load())["shape user"], noise=0.2)
    halved, _, own = alike([panels.answer(user, SERIES)], *leo)
    assert halved > 0.6 and own > 0.6


def test_too_few_trials_have_no_halves(leo):
    shown, _ = leo
    answers = guessed(1, 179)
    models = {"shape": fits.fit_at(shown.shape, answers, 6.0)}
    assert halves.half_templates({"shape": shown.shape}, models, answers, shown) == {}


def test_the_models_penalty_is_used_again_on_the_half(leo):
    shown, _ = leo
    answers = guessed(2)
    even, _ = halves.split(answers)
    models = {"shape": fits.fit_at(shown.shape, answers, 3.0)}
    found = halves.half_templates({"shape": shown.shape}, models, answers, shown)["shape"]
    expected = templates.model_template(shown, shown.shape, fits.fit_at(shown.shape, even, 3.0), even)
    np.testing.assert_allclose(found.slope, expected.slope)


def test_maps_of_shuffled_ratings_are_slopes_on_the_odd_trials(leo):
    shown, _ = leo
    answers = guessed(3)
    _, odd = halves.split(answers)
    found = halves.shuffled(shown, answers, rng=7)
    assert found.shape == (halves.SHUFFLES, 110)
    ratings = permutations(odd.rating.astype(float), halves.SHUFFLES, 7)
    values = templates.coefficients(shown[odd.chosen])
    for k in (0, 99):
        expected = np.polyfit(ratings[:, k], values, 1)[0]
        np.testing.assert_allclose(found[k], expected, atol=1e-6)


def test_chance_is_the_95th_percentile_of_correlations():
    rng = np.random.default_rng(0)
    one, other = np.linalg.qr(rng.normal(size=(50, 3)) - rng.normal(size=3))[0].T[:2]
    centred = np.linalg.qr(np.column_stack([np.ones(50), one, other]))[0].T[1:]
    wanted = np.linspace(-1, 1, 101)
    null = wanted[:, None] * centred[0] + np.sqrt(1 - wanted**2)[:, None] * centred[1]
    scaled = 5 + 3 * null * np.linspace(1, 2, 101)[:, None]
    assert halves.chance(7 + 0.1 * centred[0], scaled) == pytest.approx(0.9)
    assert halves.chance(-centred[0], null[wanted > 0]) < 0
