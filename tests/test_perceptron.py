"""The perceptron: Rosenblatt's rule against two libraries, the theorem, and what one line cannot do."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Perceptron as Oracle

from kit.networks.basics import perceptron
from kit.networks.basics.perceptron import Perceptron

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


@pytest.fixture
def two_clouds():
    """Two classes parted by a known line with a gap."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(300, 3))
    side = inputs @ [1.0, -2.0, 0.5] - 0.3
    keep = np.abs(side) > 0.2
    return inputs[keep], (side[keep] > 0).astype(int)


def test_a_unit_fires_above_its_threshold_only():
    unit = Perceptron(np.array([2.0, -1.0]), bias=-1.0)
    assert unit.predict([[1, 0], [1, 1], [0.5, 0], [0, 0]]).tolist() == [1, 0, 0, 0]


def test_learning_adds_or_takes_away_the_input_and_leaves_right_answers():
    unit, x = Perceptron(np.array([1.0, 0.0]), -2.0), np.array([1.0, 3.0])
    after = unit.learn(x, 1, rate=0.5)
    assert after.weights.tolist() == [1.5, 1.5] and after.bias == -1.5
    assert unit.learn(x, 0).weights.tolist() == unit.weights.tolist() and unit.learn(x, 0).bias == unit.bias
    assert after.learn(x, 0, rate=0.5).weights.tolist() == unit.weights.tolist()


def test_the_rule_is_gradient_descent_on_the_perceptron_loss(two_clouds):
    inputs, targets = two_clouds
    unit = Perceptron(np.array([0.3, 0.1, -0.2]), 0.05)
    for x, target in zip(inputs[:40], targets):
        w = torch.tensor([*unit.weights, unit.bias], requires_grad=True)
        sign = 2 * target - 1
        torch.relu(-sign * (torch.tensor([*x, 1.0], dtype=w.dtype) @ w)).backward()
        unit = unit.learn(x, target, rate=0.1)
        assert np.allclose([*unit.weights, unit.bias], (w - 0.1 * w.grad).detach(), atol=1e-12)


def test_it_learns_as_scikit_learn_does(two_clouds):
    inputs, targets = two_clouds
    order = np.argsort(-targets, kind="stable")  # the two differ at an activation of exactly 0, where both start
    inputs, targets = inputs[order], targets[order]
    oracle = Oracle(shuffle=False, tol=None, max_iter=7).fit(inputs, targets)
    unit, _ = perceptron.train(inputs, targets, epochs=7)
    assert np.allclose(unit.weights, oracle.coef_[0]) and np.isclose(unit.bias, oracle.intercept_[0])


def test_it_stays_within_novikoffs_bound_and_then_makes_no_mistake(two_clouds):
    inputs, targets = two_clouds
    unit, history = perceptron.train(inputs, targets, epochs=500, rng=1)
    known = np.array([1.0, -2.0, 0.5, -0.3])
    wide = np.c_[inputs, np.ones(len(inputs))]
    margin = np.min(np.abs(wide @ known)) / np.linalg.norm(known)
    assert sum(history) <= (np.linalg.norm(wide, axis=1).max() / margin) ** 2
    assert history[-1] == 0 and not len(unit.mistakes(inputs, targets))


@pytest.mark.parametrize("targets, solved", [([0, 0, 0, 1], True), ([0, 1, 1, 1], True), ([0, 1, 1, 0], False)])
def test_and_and_or_are_learned_and_xor_is_not(targets, solved):
    unit, history = perceptron.train(CORNERS, targets, epochs=200)
    assert (history[-1] == 0) == solved and (len(unit.mistakes(CORNERS, targets)) == 0) == solved


def test_from_zero_the_learning_rate_changes_the_scale_alone(two_clouds):
    (small, a), (large, b) = (perceptron.train(*two_clouds, rate=rate, rng=0) for rate in (0.125, 8.0))
    assert a == b and np.allclose(64 * small.weights, large.weights)


def test_bad_targets_are_named():
    with pytest.raises(ValueError, match="row 2 has -1"):
        perceptron.train(CORNERS, [0, 1, -1, 0])
    with pytest.raises(ValueError, match="one row for each of the 3 targets"):
        perceptron.train(CORNERS, [0, 1, 1])
