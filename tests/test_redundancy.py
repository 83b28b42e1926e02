"""Redundancy above chance in folds of 200 trials: none of noise, all of a copy, more of what is more alike."""

import numpy as np
import pytest

from kit.analysis import information
from kit.analysis.pid import ccs_pid, mmi_pid
from kit.analysis.redundancy import pid_above_chance
from kit.study import calibration, fits

REPEATS = 400
BIAS = 0.0015  # bits


def simulated(pair, seed=0, trials=calibration.FOLD_TRIALS):
    return calibration._simulated_pair(pair, (trials, REPEATS), np.random.default_rng(seed))


@pytest.mark.parametrize("pair", ["s, noise", "noise, s", "noise, noise"])
@pytest.mark.parametrize("trials", [200, 100], ids="{} trials".format)
def test_noise_shares_nothing(pair, trials):
    found = pid_above_chance(*simulated(pair, trials=trials)).redundancy
    error = found.std() / np.sqrt(REPEATS)
    assert abs(found.mean()) < BIAS * 200 / trials + 2 * error and error < 0.002


def test_a_source_shares_with_itself_what_it_tells():
    a, b, ratings = simulated("s, s")
    found, told = pid_above_chance(a, b, ratings), information.binned_mi(a, ratings)
    np.testing.assert_allclose(found.redundancy, told)
    np.testing.assert_allclose([found.unique_a, found.unique_b], 0, atol=1e-12)
    assert abs(found.synergy.mean()) < BIAS


def test_nearly_a_copy_shares_nearly_all():
    a, b, ratings = simulated("s, 99 % s")
    found = pid_above_chance(a, b, ratings)
    assert found.redundancy.mean() == pytest.approx(information.binned_mi(a, ratings).mean(), abs=0.005)


def test_the_more_alike_the_more_is_shared():
    pairs = ["noise, s", "s, 20 % s", "s, 40 % s", "s, 60 % s", "s, 80 % s", "s, s"]
    means = np.array([pid_above_chance(*simulated(pair)).redundancy.mean() for pair in pairs])
    assert (np.diff(means) > 0.01).all(), means


def test_what_is_told_alone_and_together_is_not_biased():
    a, b, ratings = simulated("s, noise")
    found = pid_above_chance(a, b, ratings)
    assert found.unique_a.mean() == pytest.approx(0.152, abs=0.006), "all that s tells of endless trials"
    assert abs(found.unique_b.mean()) < 2 * BIAS and abs(found.synergy.mean()) < 3 * BIAS


def test_independent_sources_share_by_what_they_tell():
    """I_ccs counts 'mechanistic' redundancy: so 'shared' is not yet 'the same features'."""
    found = pid_above_chance(*simulated("s, t"))
    assert 0.01 < found.redundancy.mean() < 0.02


def test_atoms_add_up_to_the_corrected_information():
    a, b, ratings = simulated("s, 40 % s")
    found = pid_above_chance(a, b, ratings)
    np.testing.assert_allclose(found.redundancy + found.unique_b, information.binned_mi(b, ratings))


def test_the_order_of_the_sources_does_not_matter():
    a, b, ratings = simulated("s, 40 % s")
    one, other = pid_above_chance(a, b, ratings), pid_above_chance(b, a, ratings)
    np.testing.assert_allclose(one.redundancy, other.redundancy)
    np.testing.assert_allclose(one.unique_a, other.unique_b)


def test_shapes_follow_the_predictions():
    a, b, ratings = simulated("s, t")
    whole = pid_above_chance(a[:, 0], b[:, :3], ratings[:, 0])
    alone = pid_above_chance(a[:, 0], b[:, 2], ratings[:, 0])
    assert whole.redundancy.shape == (3,) and np.shape(alone.synergy) == ()
    assert alone.redundancy == pytest.approx(whole.redundancy[2])


def test_shared_tells_redundancy_and_what_it_could_be_at_most():
    a, b, ratings = simulated("s, 40 % s")
    rating, shape = ratings[:, 0], a[:, :1]
    found = fits.shared(np.hstack([shape, b[:, :3]]), shape, rating)
    assert list(found) == ["redundancy", "mmi", "unique_shape", "unique_space", "synergy"]
    own = information.binned_mi(a[:, 0], rating)
    assert found["redundancy"][0] == pytest.approx(own) and found["mmi"][0] == pytest.approx(own)
    expected = np.minimum(own, information.binned_mi(b[:, :3], rating))
    np.testing.assert_allclose(found["mmi"][1:], expected)


def test_minimum_redundancy_takes_independent_sources_for_the_same():
    gate = np.zeros((2, 2, 2))
    gate[0, 0, 0] = gate[0, 1, 0] = gate[1, 0, 0] = gate[1, 1, 1] = 1
    atoms = mmi_pid(gate)
    assert atoms.redundancy == pytest.approx(0.3113, abs=1e-4), "published for the AND gate"
    assert atoms.unique_a == atoms.unique_b == 0 and atoms.synergy == pytest.approx(0.5)
    assert atoms.redundancy > ccs_pid(gate).redundancy
