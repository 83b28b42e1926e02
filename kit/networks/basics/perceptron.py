"""The perceptron: one unit that learns from its mistakes (Rosenblatt, 1958).

A unit weighs its inputs, adds a bias and fires above a threshold of 0:

    activation = x1 w1 + x2 w2 + ... + bias        output = 1 if activation > 0, else 0

The learning rule changes nothing after a right answer. After a wrong one it adds the input to the weights
if the unit should have fired, and takes it away if it should have been silent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class Perceptron:
    """One unit.

    Parameters
    ----------
    weights : array of shape (n_inputs,)
    bias : float

    Examples
    --------
    >>> either = Perceptron(np.array([1.0, 1.0]), bias=-0.5)
    >>> either.predict([[0, 0], [0, 1], [1, 0], [1, 1]])
    array([0, 1, 1, 1])
    """

    weights: np.ndarray
    bias: float = 0.0

    def activation(self, inputs: np.ndarray) -> np.ndarray:
        """Weighted sum plus bias, (n,), for inputs (n, n_inputs)."""
        return np.asarray(inputs) @ self.weights + self.bias

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """1 where the unit fires, else 0: (n,), for inputs (n, n_inputs)."""
        return (self.activation(inputs) > 0).astype(int)

    def mistakes(self, inputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Rows at which the output is not the target, for inputs (n, n_inputs) and targets (n,)."""
        return np.flatnonzero(self.predict(inputs) != targets)

    def learn(self, x: np.ndarray, target: int, rate: float = 1.0) -> Perceptron:
        """The unit after one input (n_inputs,) with its target, 0 or 1: Rosenblatt's rule."""
        change = rate * (int(target) - int(self.predict(x)))  # rate times -1, 0 or +1
        return replace(self, weights=self.weights + change * np.asarray(x), bias=self.bias + change)


def start(n_inputs: int) -> Perceptron:
    """A unit that has learned nothing: all weights and the bias 0."""
    return Perceptron(np.zeros(n_inputs))


def epoch(
    unit: Perceptron, inputs: np.ndarray, targets: np.ndarray, rate: float = 1.0, order: np.ndarray | None = None
) -> tuple[Perceptron, int]:
    """Learn from every input once, in the given order of rows; the unit and how many mistakes it made.

    Inputs are (n, n_inputs), targets and order (n,).
    """
    mistakes = 0
    for row in range(len(inputs)) if order is None else order:
        mistakes += int(unit.predict(inputs[row]) != targets[row])
        unit = unit.learn(inputs[row], targets[row], rate)
    return unit, mistakes


def train(
    inputs: np.ndarray, targets: np.ndarray, epochs: int = 100, rate: float = 1.0, rng: int | None = None
) -> tuple[Perceptron, list[int]]:
    """Repeat epochs until one has no mistake, at most `epochs` times.

    If a line (in more dimensions: a flat plane) parts the classes, the rule makes a finite number of mistakes
    and then no more (Novikoff, 1962); if none does, it never comes to rest.

    Parameters
    ----------
    inputs : array of shape (n, n_inputs)
    targets : array of shape (n,)
        0 or 1.
    rng : seed, optional
        Shuffle the rows before each epoch; by default they come as they are.

    Returns
    -------
    Perceptron, and the number of mistakes in each epoch

    Raises
    ------
    ValueError
        If a target is neither 0 nor 1, or inputs and targets differ in number.
    """
    inputs, targets = _checked(inputs, targets)
    unit, history = start(inputs.shape[1]), []
    shuffle = np.random.default_rng(rng).permutation if rng is not None else np.arange
    while len(history) < epochs and 0 not in history:
        unit, mistakes = epoch(unit, inputs, targets, rate, shuffle(len(inputs)))
        history.append(mistakes)
    return unit, history


def _checked(inputs: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    inputs, targets = np.asarray(inputs, dtype=float), np.asarray(targets)
    if inputs.ndim != 2 or len(inputs) != len(targets):
        raise ValueError(f"inputs need one row for each of the {len(targets)} targets; got shape {inputs.shape}")
    bad = np.flatnonzero((targets != 0) & (targets != 1))
    if len(bad):
        raise ValueError(f"targets must be 0 or 1; row {bad[0]} has {targets[bad[0]]}")
    return inputs, targets
