"""Naming people from simulated recordings, and the promise that noise keeps."""

import numpy as np
import pytest
from scipy.stats import norm

from kit.analysis import privacy
from kit.analysis.identification import identify
from kit.brain.fingerprints import record


def test_people_are_named_by_what_is_their_own_and_not_without_it():
    for own, low, high in ((1.0, 0.99, 1.0), (0.0, 0.0, 0.04)):
        first, second = record(people=100, own=own, rng=3).patterns
        named = identify(first - first.mean(axis=0), second - second.mean(axis=0)) == np.arange(100)
        assert low <= named.mean() <= high


def test_matching_is_by_correlation():
    rng = np.random.default_rng(0)
    known, released = rng.normal(size=(20, 30)), rng.normal(size=(7, 30))
    matrix = np.corrcoef(released, known)[:7, 7:]
    assert np.array_equal(identify(known, 5 + 3 * released), matrix.argmax(axis=1))
    with pytest.raises(ValueError, match="pattern 0 is constant"):
        identify(known, np.ones((2, 30)))


@pytest.mark.parametrize(("epsilon", "delta"), [(0.1, 1e-5), (1, 1e-3), (10, 1e-6), (200, 1e-3)])
def test_the_noise_keeps_the_promise_and_is_not_larger_than_needed(epsilon, delta):
    scale = privacy.noise_scale(epsilon, delta, sensitivity=3.0)
    # The worst event for two outputs 3 apart: all places where the one is exp(epsilon) times as dense as the other.
    edge = 3 / 2 + epsilon * scale**2 / 3
    worst = norm.sf(edge, 3, scale) - np.exp(epsilon + norm.logsf(edge, 0, scale))
    assert worst == pytest.approx(delta, rel=1e-6)


def test_less_noise_than_the_usual_formula():
    assert privacy.noise_scale(0.5, 1e-5, 1) < np.sqrt(2 * np.log(1.25 / 1e-5)) / 0.5


def test_no_attacker_beats_the_bound():
    people, epsilon, delta = 20, 1.5, 0.01
    first, second = record(people, noise=0.05, rng=1).patterns
    bound, hits = float(np.linalg.norm(second, axis=1).max()), []
    for seed in range(200):
        released = privacy.privatise(second, epsilon, delta, bound, seed)
        hits.append(np.mean(identify(first, released) == np.arange(people)))
    assert np.mean(hits) < privacy.most_identified(epsilon, delta, people) < 0.3


def test_a_mean_of_many_survives_what_hides_each_of_them():
    simulated = record(people=500, rng=2)
    second = simulated.patterns[1]
    bound = float(np.median(np.linalg.norm(second, axis=1)))
    mean = privacy.private_mean(second, 1.0, 1e-5, bound, rng=0)
    each = privacy.privatise(second, 1.0, 1e-5, bound, rng=0).mean(axis=0)
    truth = simulated.common
    assert np.corrcoef(mean, truth)[0, 1] > 0.9 > 0.5 > np.corrcoef(each, truth)[0, 1]


def test_the_noise_of_a_mean_is_that_of_one_persons_share_of_it():
    """One of n people moves it by twice the bound at most, divided by n."""
    people, features, bound = 50, 4000, 3.0
    noise = privacy.private_mean(np.zeros((people, features)), 1.0, 1e-5, bound, rng=0)
    assert noise.std() == pytest.approx(privacy.noise_scale(1.0, 1e-5, 2 * bound / people), rel=0.05)
    each = privacy.privatise(np.zeros((people, features)), 1.0, 1e-5, bound, rng=0)
    assert each.std() == pytest.approx(privacy.noise_scale(1.0, 1e-5, 2 * bound), rel=0.05)


def test_clipping_bounds_the_long_and_leaves_the_short():
    short, long = np.array([[0.3, 0.4]]), np.array([[30.0, 40.0]])
    assert np.array_equal(privacy.clip(short, 1.0), short) and np.allclose(privacy.clip(long, 1.0), [[0.6, 0.8]])


def test_a_promise_needs_positive_numbers():
    with pytest.raises(ValueError, match="all above 0, delta below 1"):
        privacy.noise_scale(1.0, 0.0, 1.0)
