"""Backpropagation on a graph, one gradient at a time: the student says the next, the graph shows it.

One input, one hidden unit, one output: w, b and v are learned so that y comes near the target t.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, replace
from html import escape

from kit.networks.basics.graph import Node, ancestors, backward
from kit.teaching.markup import heading, inline
from kit.teaching.shell import Shell

X, TARGET, RATE = 2.0, 1.0, 0.1
START = {"w": 0.5, "b": -0.5, "v": 1.5}
ASKED = ("e", "y", "v", "h", "a", "b", "p", "w")  # from the loss back to the first weight
TOLERANCE = 0.011  # numbers on show are rounded to the second decimal
PLACES = {  # column, row
    "x": (0, 0), "w": (0, 1), "p": (1, 0.5), "b": (1, 1.5), "a": (2, 1), "h": (3, 1), "v": (3, 0),
    "y": (4, 0.5), "t": (4, 1.5), "e": (5, 1), "L": (6, 1),
}  # fmt: skip
WIDE, HIGH, GAP_X, GAP_Y, PAD = 92, 66, 30, 26, 10  # of a box, in pixels
INK, QUIET, ACTIVE, FOUND = "#222222", "#8A8A8A", "#FFE9CC", "#DCEBF5"


def compute(numbers: dict[str, float]) -> dict[str, Node]:
    """All nodes by name, with their gradients."""
    x, t = Node(X, "x"), Node(TARGET, "t")
    w, b, v = (Node(numbers[name], name) for name in START)
    p = (w * x).named("p")
    a = (p + b).named("a")
    h = a.tanh().named("h")
    y = (v * h).named("y")
    e = (y - t).named("e")
    loss = e.square().named("L")
    backward(loss)
    return {node.name: node for node in ancestors(loss)}


def child(nodes: dict[str, Node], name: str) -> tuple[Node, float]:
    """The node that is made from this one, and the slope of that step."""
    for node in nodes.values():
        if nodes[name] in node.parents:
            return node, node.slopes[node.parents.index(nodes[name])]
    raise ValueError(f"nothing is made from {name!r}")


@dataclass(frozen=True)
class Walk:
    """The numbers, how many gradients are found, and what was said last; the state of the widget."""

    numbers: tuple[tuple[str, float], ...] = tuple(START.items())
    found: int = 0
    steps: int = 0
    news: str = ""
    right: bool = True

    @property
    def nodes(self) -> dict[str, Node]:
        return compute(dict(self.numbers))

    @property
    def asked(self) -> str | None:
        """Name of the node whose gradient is asked for, None when all are found."""
        return ASKED[self.found] if self.found < len(ASKED) else None

    def act(self, message: dict) -> Walk:
        """Check an answer, show it, show all, or take a step downhill."""
        action = message["action"]
        if action == "again":
            return Walk()
        if action == "step" or self.asked is None:
            return self._stepped() if action == "step" and self.asked is None else self
        if action == "all":
            return replace(self, found=len(ASKED), news="All gradients are on the graph.", right=True)
        return self._answered("" if action == "show" else message.get("answer", ""), action == "show")

    def _answered(self, typed: str, shown: bool) -> Walk:
        node = self.nodes[self.asked]
        try:
            value = node.gradient if shown else float(typed.replace(",", ".").replace("−", "-"))
        except ValueError:
            return replace(self, news="Please type a number, such as -0.61.", right=False)
        if abs(value - node.gradient) > max(TOLERANCE, 0.03 * abs(node.gradient)):
            return replace(self, news="✗ Not yet. " + mistake(self.nodes, self.asked, value), right=False)
        after, slope = child(self.nodes, self.asked)
        said = f"slope {_n(slope)} × gradient of {after.name} {_n(after.gradient)} = {_n(node.gradient)}."
        return replace(self, found=self.found + 1, news=f"{'' if shown else '✓ Right: '}{said}", right=True)

    def _stepped(self) -> Walk:
        nodes = self.nodes
        numbers = {name: value - RATE * nodes[name].gradient for name, value in self.numbers}
        before, after = nodes["L"].value, compute(numbers)["L"].value
        news = f"w, b and v went {RATE:g} × gradient downhill. The loss fell from {before:.3f} to {after:.3f}."
        return Walk(tuple(numbers.items()), 0, self.steps + 1, news)

    # ---- what it looks like

    def live(self) -> str:
        verdict = "tk-right" if self.right else "tk-wrong"
        news = f'<div class="{verdict}"><p>{inline(self.news)}</p></div>' if self.news else ""
        wide = "max-width:100%;min-width:38em;height:auto"  # on a narrow page it is legible, and is moved sideways
        style = f"<style>.tk.tk-backprop-graph{{max-width:62em}}.tk-backprop-graph svg{{{wide}}}</style>"
        return f'{style}<div style="overflow-x:auto">{image(self)}</div>{news}{self._form()}'

    def _form(self) -> str:
        again = '<button type="button" data-action="again" data-id="again">Start again</button>'
        if self.asked is None:
            step = '<button type="button" data-action="step" data-id="step" data-focus>One step downhill</button>'
            return f"<p>Every gradient is found. Which way will w, b and v go?</p>{step}{again}"
        return (
            f'<form data-action="answer"><label class="tk-number"><span class="tk-question">{inline(self.question())}'
            '</span><input type="text" inputmode="decimal" name="answer" data-id="answer" data-focus '
            'autocomplete="off" required></label><button type="submit" data-id="check">Check</button>'
            '<button type="button" data-action="show" data-id="show">Show me this one</button>'
            f'<button type="button" data-action="all" data-id="all">Show all</button>{again}</form>'
        )

    def question(self) -> str:
        """What is asked next, in words."""
        after, _ = child(self.nodes, self.asked)
        return (
            f"**{after.name} = {after.rule}**, and the gradient of {after.name} is "
            f"**{_n(after.gradient)}**. What is the gradient of **{self.asked}**? (two decimals)"
        )

    def status(self) -> str:
        return f"{self.news} {self.question() if self.asked else 'All gradients are found.'}"

    def static(self) -> str:
        walk = replace(self, found=len(ASKED))
        url = b64encode(image(walk).encode()).decode()
        words = escape(describe(walk))
        return (
            f"{heading('Backpropagation on a graph', 'Each box holds a number and the gradient of the loss.')}"
            f'<figure style="margin:.3em 0"><img alt="{words}" src="data:image/svg+xml;base64,{url}">'
            f"<figcaption>{words}</figcaption></figure>"
        )


def mistake(nodes: dict[str, Node], name: str, value: float) -> str:
    """What may have led to a wrong gradient."""
    after, slope = child(nodes, name)
    right = nodes[name].gradient
    likely = {
        "It should have the other sign.": -right,
        f"That is the slope of this step alone. Multiply it by the gradient of {after.name}.": slope,
        f"That is the gradient of {after.name}. Multiply it by the slope of this step.": after.gradient,
        f"Slope and gradient of {after.name} have to be multiplied, not added.": slope + after.gradient,
        f"That is the value of {name}, not its gradient.": nodes[name].value,
    }
    near = [words for words, wrong in likely.items() if abs(value - wrong) < TOLERANCE]
    hint = f"{after.name} = {after.rule}: if {name} grows a little, how fast does {after.name} grow?"
    return near[0] if near else f"{hint} Multiply that slope by the gradient of {after.name}, {_n(after.gradient)}."


def _n(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def describe(walk: Walk) -> str:
    """The graph in words: each value, and each gradient that is found."""
    shown = {"L", *ASKED[: walk.found]}
    parts = [
        f"{name} = {node.rule + ' = ' if node.rule else ''}{_n(node.value)}"
        + (f" (gradient {_n(node.gradient)})" if name in shown else "")
        for name, node in walk.nodes.items()
    ]
    return "; ".join(parts) + "."


def image(walk: Walk) -> str:
    """The graph as SVG, from the inputs on the left to the loss on the right."""
    nodes = walk.nodes
    edges = [_edge(parent.name, node.name, walk) for node in nodes.values() for parent in node.parents]
    boxes = [_box(node, walk) for node in nodes.values()]
    width, height = PAD + 7 * (WIDE + GAP_X) - GAP_X + PAD, PAD + 1.5 * (HIGH + GAP_Y) + HIGH + PAD
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img" '
        f'aria-label="{escape(describe(walk))}" font-family="system-ui, sans-serif" font-size="14" fill="{INK}" '
        f'text-anchor="middle"><rect width="100%" height="100%" rx="4" fill="#FFFFFF"/>'
        f"{''.join(edges)}{''.join(boxes)}</svg>"
    )


def _corner(name: str) -> tuple[float, float]:
    column, row = PLACES[name]
    return PAD + column * (WIDE + GAP_X), PAD + row * (HIGH + GAP_Y)


def _edge(start: str, end: str, walk: Walk) -> str:
    (x1, y1), (x2, y2) = _corner(start), _corner(end)
    active = start == walk.asked
    style = f'stroke="{INK if active else QUIET}" stroke-width="{3 if active else 1.5}"'
    return f'<path d="M{x1 + WIDE} {y1 + HIGH / 2}L{x2} {y2 + HIGH / 2}" {style}/>'


def _box(node: Node, walk: Walk) -> str:
    """Name and rule, value, and the gradient once it is found."""
    (x, y), name = _corner(node.name), node.name
    known = name == "L" or name in ASKED[: walk.found]
    fill = ACTIVE if name == walk.asked else FOUND if known else "#FFFFFF"
    title = f"{name} = {node.rule}" if node.rule else {"x": "x (input)", "t": "t (target)"}.get(name, name)
    gradient = f"grad {_n(node.gradient)}" if known else "grad ?" if name in ASKED else ""
    middle = x + WIDE / 2
    return (
        f'<rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="6" fill="{fill}" stroke="{INK}" '
        f'stroke-width="{2.5 if name == walk.asked else 1}"/>'
        f'<text x="{middle}" y="{y + 17}" font-size="13">{escape(title)}</text>'
        f'<text x="{middle}" y="{y + 37}" font-size="17" font-weight="700">{_n(node.value)}</text>'
        f'<text x="{middle}" y="{y + 57}" font-size="13">{gradient}</text>'
    )


def backprop_graph() -> None:
    """Show the graph; the student finds the gradients from the loss back, then takes a step downhill."""
    Shell(Walk(), "backprop-graph", "backprop-graph")
