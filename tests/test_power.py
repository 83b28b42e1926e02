"""Power by simulation agrees with theory where there is one, and finds what simulated observers use."""

import numpy as np
import pytest
from scipy.stats import norm

from kit import faces
from kit.analysis.power import power
from kit.behavior.power import simulate
from kit.faces import stimuli


def crowd(rho: float, k: int, n_observers: int, n: int = 120, seed: int = 0):
    """Features of which the first correlates with the ratings, which are cut into six levels."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n_observers, n, k))
    felt = rho * features[:, :, 0] + np.sqrt(1 - rho**2) * rng.normal(size=(n_observers, n))
    return features, felt


def test_without_an_effect_any_feature_is_found_as_often_as_alpha():
    features, felt = crowd(0, 16, 600)
    levels = 1 + np.searchsorted([-1.3, -0.65, 0, 0.65, 1.3], felt)
    share, low, high = power(features, levels, [120]).curve()[0]
    assert low < 0.05 < high and high - low < 0.05
    assert share <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 600)


@pytest.mark.parametrize(("k", "rho"), [(1, 0.25), (16, 0.3)])
def test_power_is_that_of_a_correlation_test(k, rho):
    sizes = [30, 60, 120]
    features, felt = crowd(rho, k, 400, seed=k)
    found = power(features, felt, sizes).curve(0)
    level = norm.ppf(1 - (1 - 0.95 ** (1 / k)) / 2)  # Fisher's z, corrected for k independent features
    expected = norm.cdf(np.arctanh(rho) * np.sqrt(np.array(sizes) - 3) - level)
    assert found[:, 0] == pytest.approx(expected, abs=0.08)
    assert np.all(np.diff(found[:, 0]) > 0), "more trials find more"
    assert np.all((found[:, 1] < found[:, 0]) & (found[:, 0] < found[:, 2]))


def test_a_strong_effect_is_found_in_everybody_and_the_number_of_trials_is_told():
    features, felt = crowd(0.8, 8, 50)
    result = power(features, felt, [5, 20, 60, 120])
    assert result.curve(0)[-1, 0] == 1 and result.how_many_trials(0) in (20, 60)
    assert result.how_many_trials(1) is None, "a feature without effect is never found with power .8"
    again = power(features, felt, [5, 20, 60, 120])
    assert np.array_equal(result.found, again.found), "the same seed, the same answer"


def test_one_sided_raters_find_nothing():
    features, felt = crowd(0.8, 4, 3)
    felt[0] = 3
    assert power(features, felt, [100]).found[0, :, 0].tolist() == [False, True, True]


def test_bad_arrays_are_told():
    features, felt = crowd(0.5, 4, 3)
    with pytest.raises(ValueError, match="must be .n_observers, n_trials, n_features"):
        power(features[0], felt, [50])
    with pytest.raises(ValueError, match="from 4 to 120"):
        power(features, felt, [50, 500])
    with pytest.raises(ValueError, match="use at least 19"):
        power(features, felt, [50], n_permutations=10)


@pytest.fixture(scope="module")
def target():
    return stimuli.identities(faces.load())["Ada"]


def standing_out(target):
    return int(np.abs(np.r_[target.shape[0, :8], target.texture[0, :8]]).argmax())


def test_simulated_observers_reveal_the_component_that_they_use(target):
    used = standing_out(target)
    weights = np.full(16, 0.4 / 15)
    weights[used] = 0.6
    features, scores = simulate(target, weights, n_trials=120, n_observers=40)
    assert (
        features.shape == (40, 120, 16) and scores.shape == (40, 120) and set(np.unique(scores)) == {1, 2, 3, 4, 5, 6}
    )
    result = power(features, scores, [20, 60, 120])
    assert result.curve(used)[-1, 0] > 0.9 and result.how_many_trials(used) in (20, 60)
    noisy = power(*simulate(target, weights, 120, 40, noise=4.0), [20, 60, 120])
    assert noisy.curve(used)[-1, 0] < result.curve(used)[-1, 0] - 0.2, "noise costs power"


def test_what_the_target_is_average_in_cannot_be_found_by_a_correlation(target):
    used = standing_out(target)
    assert used < 8
    shape = target.shape[0].copy()
    shape[used] = 0
    weights = (np.arange(16) == used).astype(float)
    features, scores = simulate(target.with_shape(shape), weights, n_trials=120, n_observers=60)
    assert power(features, scores, [120]).curve(used)[0, 0] < 0.3
    size = np.abs(features[:, :, used])
    assert np.corrcoef(size.ravel(), scores.ravel())[0, 1] < -0.3, "although it decides the ratings"


def test_guessing_observers_show_nothing(target):
    result = power(*simulate(target, np.zeros(16), n_trials=60, n_observers=150), [60])
    share, low, high = result.curve()[0]
    assert low < 0.05 < high
    with pytest.raises(ValueError, match="the design varies 8 . 8 components"):
        simulate(target, np.ones(3))
