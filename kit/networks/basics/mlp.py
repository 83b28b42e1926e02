"""A network with one hidden layer, in numpy: forward, backward, and a check of the backward pass.

    hidden = tanh(inputs @ W1 + b1)                      (n, n_hidden)
    p = sigmoid(hidden @ W2 + b2)                        (n,), the probability of class 1
    loss = mean of -log(probability of the true class)   cross-entropy

`gradient` applies the chain rule from the loss back to each weight (Rumelhart, Hinton & Williams, 1986);
`numerical_gradient` finds the same numbers by moving one weight at a time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kit import blas


class MLP(NamedTuple):
    """The weights of a network, or anything of the same form, such as its gradient.

    Parameters
    ----------
    W1 : array of shape (n_inputs, n_hidden)
    b1 : array of shape (n_hidden,)
    W2 : array of shape (n_hidden,)
    b2 : array of shape ()
    """

    W1: np.ndarray
    b1: np.ndarray
    W2: np.ndarray
    b2: np.ndarray


def start(n_inputs: int, n_hidden: int, rng: int | np.random.Generator) -> MLP:
    """Small random weights, so that hidden units differ from the beginning; biases 0."""
    rng = np.random.default_rng(rng)
    W1 = rng.normal(size=(n_inputs, n_hidden)) / np.sqrt(n_inputs)
    W2 = rng.normal(size=n_hidden) / np.sqrt(n_hidden)
    return MLP(W1, np.zeros(n_hidden), W2, np.zeros(()))


def forward(net: MLP, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hidden activations (n, n_hidden) and probabilities of class 1 (n,)."""
    hidden = np.tanh(inputs @ net.W1 + net.b1)
    return hidden, sigmoid(hidden @ net.W2 + net.b2)


def sigmoid(activation: np.ndarray) -> np.ndarray:
    """From numbers, of any shape, to numbers between 0 and 1; written with tanh, which cannot overflow."""
    return (1 + np.tanh(activation / 2)) / 2


def cross_entropy(p: np.ndarray, targets: np.ndarray) -> float:
    """Mean surprise -log(probability given to the true class), in nats, for p (n,) and targets (n,), 0 or 1."""
    given = np.where(targets == 1, p, 1 - p)
    return float(-np.log(np.maximum(given, 1e-12)).mean())


def loss(net: MLP, inputs: np.ndarray, targets: np.ndarray) -> float:
    """Cross-entropy of the network's answers to inputs (n, n_inputs) with targets (n,)."""
    return cross_entropy(forward(net, inputs)[1], targets)


def accuracy(net: MLP, inputs: np.ndarray, targets: np.ndarray) -> float:
    """Share of inputs (n, n_inputs) whose more probable class is the true one, by targets (n,)."""
    return float(np.mean((forward(net, inputs)[1] > 0.5) == targets))


def gradient(net: MLP, inputs: np.ndarray, targets: np.ndarray) -> MLP:
    """How the loss of inputs (n, n_inputs) with targets (n,) changes with each weight: backpropagation."""
    hidden, p = forward(net, inputs)
    at_output = (p - targets) / len(inputs)  # of the sum that enters the sigmoid, (n,)
    at_hidden = np.outer(at_output, net.W2) * (1 - hidden**2)  # of the sums that enter tanh, (n, n_hidden)
    return MLP(inputs.T @ at_hidden, at_hidden.sum(0), hidden.T @ at_output, at_output.sum())


def numerical_gradient(net: MLP, inputs: np.ndarray, targets: np.ndarray, step: float = 1e-5) -> MLP:
    """The same by central differences: one weight up, one weight down, two losses. Slow, hence a check.

    Inputs are (n, n_inputs), targets (n,).
    """
    weights = [np.array(part, dtype=float) for part in net]
    slopes = [np.zeros_like(part) for part in weights]
    for part, slope in zip(weights, slopes):
        for place in np.ndindex(part.shape):
            kept = part[place]
            part[place] = kept + step
            above = loss(MLP(*weights), inputs, targets)
            part[place] = kept - step
            below = loss(MLP(*weights), inputs, targets)
            part[place] = kept
            slope[place] = (above - below) / (2 * step)
    return MLP(*slopes)


def step(net: MLP, slopes: MLP, rate: float) -> MLP:
    """Every weight a little downhill: gradient descent."""
    return MLP(*(weight - rate * slope for weight, slope in zip(net, slopes)))


def train(net: MLP, inputs: np.ndarray, targets: np.ndarray, epochs: int, rate: float) -> tuple[MLP, list[MLP]]:
    """Gradient descent with all inputs at every step; the last network and the network after each epoch.

    Inputs are (n, n_inputs), targets (n,).
    """
    history = []
    with blas.one_thread():  # matrices this small are slower on several cores
        for _ in range(epochs):
            net = step(net, gradient(net, inputs, targets), rate)
            history.append(net)
    return net, history
