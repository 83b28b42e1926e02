"""Points of two classes and one unit that learns to part them: the state of `hand_perceptron`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kit.networks.basics import perceptron
from kit.networks.basics.perceptron import Perceptron
from kit.plots.signs import minus

LEARNS, CHANGES = ("point", "epoch"), ("weight", "move", "add", "remove", "flip", "forget")
REACH = 3.0  # the plane goes from -REACH to REACH both ways


@dataclass(frozen=True, eq=False)
class Plane:
    """Points of two classes, one unit, and what happened last.

    Parameters
    ----------
    points : array of shape (n, 2)
    targets : int array of shape (n,)
        0 or 1.
    unit : Perceptron with two weights
    names : what class 0 and class 1 are called.
    axes : what the two inputs are called.
    turn : the point from which "one point" learns next.
    last : the point learned from last, if any.
    news : what happened, in words.
    """

    points: np.ndarray
    targets: np.ndarray
    unit: Perceptron
    names: tuple[str, str] = ("0", "1")
    axes: tuple[str, str] = ("input 1", "input 2")
    turn: int = 0
    last: int | None = None
    news: str = ""

    @property
    def mistakes(self) -> np.ndarray:
        """Rows whose output is not their target."""
        return self.unit.mistakes(self.points, self.targets)

    @property
    def tally(self) -> str:
        """How many mistakes are left, as a sentence."""
        left = len(self.mistakes)
        return f"{number_of(left, 'mistake')} now." if left else "No mistakes left."

    def act(self, message: dict[str, Any]) -> Plane:
        """The plane after the student did something; `row` is a point's place."""
        action = message["action"]
        if action in LEARNS:
            return getattr(self, f"_{action}")(message["rate"])
        if action not in CHANGES:
            return self
        after = replace(getattr(self, f"_{action}")(message), last=None)
        return replace(after, news=after.tally)

    def _weight(self, message: dict) -> Plane:
        """Set one of w1, w2 and bias."""
        values = dict(zip(("w1", "w2", "bias"), (*self.unit.weights, self.unit.bias)))
        values[message["name"]] = float(message["value"])
        return replace(self, unit=Perceptron(np.array([values["w1"], values["w2"]]), values["bias"]))

    def _move(self, message: dict) -> Plane:
        points = self.points.copy()
        points[message["row"]] = _inside(message["x"], message["y"])
        return replace(self, points=points)

    def _add(self, message: dict) -> Plane:
        points = np.vstack([self.points, _inside(message["x"], message["y"])])
        return replace(self, points=points, targets=np.append(self.targets, message["target"]))

    def _remove(self, message: dict) -> Plane:
        keep = np.arange(len(self.points)) != message["row"]
        return replace(self, points=self.points[keep], targets=self.targets[keep], turn=0)

    def _flip(self, message: dict) -> Plane:
        targets = self.targets.copy()
        targets[message["row"]] = 1 - targets[message["row"]]
        return replace(self, targets=targets)

    def _forget(self, message: dict) -> Plane:
        """Weights and bias back to nothing."""
        return replace(self, unit=perceptron.start(2), turn=0)

    def _point(self, rate: float) -> Plane:
        """Learn from one point, the next in turn."""
        if not len(self.points):
            return replace(self, news="There is no point to learn from: add some.")
        row = self.turn % len(self.points)
        after = replace(self, unit=self.unit.learn(self.points[row], self.targets[row], rate), turn=row + 1, last=row)
        return replace(after, news=self._lesson_of(row) + (after.tally if row in self.mistakes else ""))

    def _lesson_of(self, row: int) -> str:
        """What the rule does at a point, and why."""
        name, activation = self.names[self.targets[row]], self.unit.activation(self.points[row])
        output = int(activation > 0)
        seen = minus(f"Point {row + 1} ({name}): activation {activation:.2f}, so output {output}. ")
        if output == self.targets[row]:
            return seen + "Right: nothing changes."
        what = "added to" if self.targets[row] else "taken away from"
        return f"{seen}Wrong: its numbers, times the rate, are {what} the weights. "

    def _epoch(self, rate: float) -> Plane:
        """Learn from every point once."""
        unit, made = perceptron.epoch(self.unit, self.points, self.targets, rate)
        after = replace(self, unit=unit, turn=0, last=None)
        return replace(after, news=f"One epoch: {made} corrections on the way. {after.tally}")


def number_of(count: int, what: str) -> str:
    """A count and its noun."""
    return f"{count} {what}{'s' * (count != 1)}"


def _inside(x: float, y: float) -> np.ndarray:
    return np.clip([x, y], -REACH, REACH)
