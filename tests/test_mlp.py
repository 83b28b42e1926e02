"""The two-layer network and the graph of a calculation, against torch and against numerical slopes."""

import doctest

import numpy as np
import pytest
import torch

from kit.networks.basics import graph, mlp
from kit.networks.basics.graph import Node, ancestors, backward
from kit.networks.basics.mlp import MLP

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
XOR = np.array([0, 1, 1, 0])


@pytest.fixture
def task():
    rng = np.random.default_rng(3)
    return rng.normal(size=(20, 5)), rng.integers(2, size=20)


def in_torch(net: MLP, inputs, targets):
    """Loss and gradients by torch's own modules and automatic differentiation."""
    W1, b1, W2, b2 = parts = [torch.tensor(part, requires_grad=True) for part in net]
    output = torch.tanh(torch.tensor(inputs) @ W1 + b1) @ W2 + b2
    value = torch.nn.functional.binary_cross_entropy_with_logits(output, torch.tensor(targets, dtype=output.dtype))
    value.backward()
    return value.item(), MLP(*(part.grad.numpy() for part in parts))


def test_loss_and_gradient_are_those_of_torch(task):
    net = mlp.start(5, 4, rng=0)
    value, slopes = in_torch(net, *task)
    assert np.isclose(mlp.loss(net, *task), value, atol=1e-12)
    assert all(np.allclose(ours, theirs, atol=1e-12) for ours, theirs in zip(mlp.gradient(net, *task), slopes))


def test_gradient_is_the_numerical_one_and_a_planted_bug_is_not(task):
    net = mlp.start(5, 4, rng=1)
    slopes = mlp.numerical_gradient(net, *task)
    assert all(np.allclose(a, b, atol=1e-8) for a, b in zip(mlp.gradient(net, *task), slopes))
    hidden, p = mlp.forward(net, task[0])
    forgot_the_slope = task[0].T @ np.outer((p - task[1]) / 20, net.W2)
    assert not np.allclose(forgot_the_slope, slopes.W1, atol=1e-3)


def test_a_hidden_layer_learns_xor():
    net, history = mlp.train(mlp.start(2, 4, rng=0), CORNERS, XOR, epochs=2000, rate=1.0)
    assert mlp.accuracy(net, CORNERS, XOR) == 1 and mlp.loss(net, CORNERS, XOR) < 0.05
    assert len(history) == 2000 and history[-1] is net


def test_probabilities_stay_finite_however_sure_the_network_is():
    assert mlp.sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]
    assert np.isfinite(mlp.cross_entropy(np.array([0.0, 1.0]), np.array([1, 0])))


def test_same_seed_same_weights():
    assert all(np.array_equal(a, b) for a, b in zip(mlp.start(3, 2, rng=5), mlp.start(3, 2, rng=5)))


# ---- the graph of a calculation


def test_a_graph_has_the_gradients_of_torch():
    numbers = {"x": 1.5, "w": -0.4, "b": 0.3, "v": 2.0, "t": 1.0}
    x, w, b, v, t = (Node(value, name) for name, value in numbers.items())
    h = (w * x + b).tanh()
    result = (v * h + h * x - t).square()  # h and x are used twice: gradients add up
    backward(result)
    there = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in numbers.items()}
    h = torch.tanh(there["w"] * there["x"] + there["b"])
    value = (there["v"] * h + h * there["x"] - there["t"]) ** 2
    value.backward()
    assert result.value == pytest.approx(value.item(), abs=1e-12)
    assert {n.name: n.gradient for n in (x, w, b, v, t)} == pytest.approx({k: g.grad.item() for k, g in there.items()})


@pytest.mark.parametrize("start", [0.7, -0.7])
def test_plain_numbers_are_operands_on_both_sides(start):
    def calculation(w):
        return 2 * w - 3 / (w + 2) + (1 - w) ** 3 / 4 + w * 0.5 + (5 + -w) + w.relu() / w**-2

    ours, theirs = Node(start, "w"), torch.tensor(start, dtype=torch.float64, requires_grad=True)
    result, value = calculation(ours), calculation(theirs)
    backward(result)
    value.backward()
    assert result.value == pytest.approx(value.item(), abs=1e-12)
    assert ours.gradient == pytest.approx(theirs.grad.item(), abs=1e-12)
    assert (2 * ours).rule == "2 × w" and (-ours).rule == "−w" and (ours**2).rule == "w^2"


def test_what_is_no_number_is_no_operand():
    with pytest.raises(TypeError, match="with numbers and with other Nodes, not with a str"):
        Node(1.0, "w") * "2"
    with pytest.raises(TypeError, match="a power must be a plain number"):
        Node(1.0, "w") ** Node(2.0, "n")


def test_a_calculation_may_be_long():
    w = total = Node(1.0, "w")
    for _ in range(5000):
        total = total + w
    backward(total)
    assert w.gradient == 5001


def test_going_backward_twice_gives_the_same():
    w = Node(3.0, "w")
    result = (w * w).square()
    backward(result)
    backward(result)
    assert w.gradient == 4 * 3.0**3 and ancestors(result)[-1] is result


def test_the_examples_in_the_docstrings_run():
    assert doctest.testmod(graph).failed == 0
