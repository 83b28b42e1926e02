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

    def __add__(self, other: Node) -> Node:
        return Node(self.value + other.value, "", (self, other), (1.0, 1.0), f"{self.name} + {other.name}")

    def __sub__(self, other: Node) -> Node:
        return Node(self.value - other.value, "", (self, other), (1.0, -1.0), f"{self.name} − {other.name}")

    def __mul__(self, other: Node) -> Node:
        slopes = other.value, self.value
        return Node(self.value * other.value, "", (self, other), slopes, f"{self.name} × {other.name}")

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


def ancestors(result: Node) -> list[Node]:
    """All nodes of a calculation, each after those it was made from; the result comes last."""
    order: list[Node] = []

    def visit(node: Node) -> None:
        if node not in order:
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(result)
    return order


def backward(result: Node) -> None:
    """Fill every node's gradient: from the result back, slope times gradient, added up over all ways."""
    nodes = ancestors(result)
    for node in nodes:
        node.gradient = 0.0
    result.gradient = 1.0
    for node in reversed(nodes):
        for parent, slope in zip(node.parents, node.slopes):
            parent.gradient += slope * node.gradient
