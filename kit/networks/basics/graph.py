"""A calculation that remembers how it was made, so that it can tell how its result depends on each number.

The idea behind every framework's automatic differentiation, for single numbers (the form follows
A. Karpathy's micrograd; the method is reverse accumulation, Linnainmaa, 1970).

>>> w, x = Node(0.5, "w"), Node(2.0, "x")
>>> y = w * x
>>> backward(y)
>>> w.gradient
2.0
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real


@dataclass(eq=False)
class Node:
    """A number and where it came from.

    Parameters
    ----------
    value : float
    name : str
    parents : nodes that it was calculated from.
    slopes : for each parent, how fast the value grows with it (the local derivative).
    rule : the calculation in words.
    gradient : how fast the final result grows with this node; filled by `backward`.
    """

    value: float
    name: str = ""
    parents: tuple[Node, ...] = ()
    slopes: tuple[float, ...] = ()
    rule: str = ""
    gradient: float = 0.0

    def __add__(self, other: Node | float) -> Node:
        other = _node(other)
        return Node(self.value + other.value, "", (self, other), (1.0, 1.0), f"{self.name} + {other.name}")

    def __sub__(self, other: Node | float) -> Node:
        other = _node(other)
        return Node(self.value - other.value, "", (self, other), (1.0, -1.0), f"{self.name} − {other.name}")

    def __mul__(self, other: Node | float) -> Node:
        other = _node(other)
        slopes = other.value, self.value
        return Node(self.value * other.value, "", (self, other), slopes, f"{self.name} × {other.name}")

    def __truediv__(self, other: Node | float) -> Node:
        other = _node(other)
        slopes = 1 / other.value, -self.value / other.value**2
        return Node(self.value / other.value, "", (self, other), slopes, f"{self.name} / {other.name}")

    def __pow__(self, power: float) -> Node:
        if isinstance(power, Node):
            raise TypeError("a power must be a plain number, such as node**2: its slope would need a logarithm")
        slope = power * self.value ** (power - 1)
        return Node(self.value**power, "", (self,), (slope,), f"{self.name}^{power:g}")

    def __neg__(self) -> Node:
        return Node(-self.value, "", (self,), (-1.0,), f"−{self.name}")

    def __radd__(self, other: float) -> Node:
        return _node(other) + self

    def __rsub__(self, other: float) -> Node:
        return _node(other) - self

    def __rmul__(self, other: float) -> Node:
        return _node(other) * self

    def __rtruediv__(self, other: float) -> Node:
        return _node(other) / self

    def relu(self) -> Node:
        """The number itself, or 0 below zero; its slope is 1 or 0."""
        return Node(max(self.value, 0.0), "", (self,), (float(self.value > 0),), f"relu({self.name})")

    def tanh(self) -> Node:
        """The hyperbolic tangent; its slope is 1 - tanh²."""
        value = math.tanh(self.value)
        return Node(value, "", (self,), (1 - value**2,), f"tanh({self.name})")

    def square(self) -> Node:
        """The square; its slope is twice the number."""
        return Node(self.value**2, "", (self,), (2 * self.value,), f"{self.name}²")

    def named(self, name: str) -> Node:
        """The same node, with a name."""
        self.name = name
        return self


def _node(value: Node | float) -> Node:
    """A plain number as a node, named by its digits."""
    if isinstance(value, Node):
        return value
    if not isinstance(value, Real):
        kind = type(value).__name__
        raise TypeError(f"a Node can be calculated with numbers and with other Nodes, not with a {kind}")
    return Node(float(value), f"{value:g}")


def ancestors(result: Node) -> list[Node]:
    """All nodes of a calculation, each after those it was made from; the result comes last."""
    order: dict[Node, None] = {}
    waiting = [(result, False)]
    while waiting:  # no recursion: a long calculation is deeper than Python's stack
        node, parents_are_in = waiting.pop()
        if parents_are_in:
            order[node] = None
        elif node not in order:
            waiting += [(node, True), *((parent, False) for parent in reversed(node.parents))]
    return list(order)


def backward(result: Node) -> None:
    """Fill every node's gradient: from the result back, slope times gradient, added up over all ways."""
    nodes = ancestors(result)
    for node in nodes:
        node.gradient = 0.0
    result.gradient = 1.0
    for node in reversed(nodes):
        for parent, slope in zip(node.parents, node.slopes):
            parent.gradient += slope * node.gradient
