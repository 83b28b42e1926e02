"""Train a perceptron by hand: three sliders, points to drag, and the line that parts them.

The picture is drawn in Python, as SVG, so that the live widget, its tests and the page that is left behind
show the same; the browser only reports what was moved.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from kit import teaching
from kit.javascript import bundled
from kit.networks.basics.perceptron import Perceptron

from .plane import REACH, Plane, number_of

STYLE = (Path(teaching.__file__).with_name("panel.css"), Path(__file__).with_name("perceptron_plane.css"))


# ---- the picture

SIDE, PAD = 400, 46  # pixels of the plane, and of the room left and below for its axes
INK, GRID, FIRES, SILENT = "#222222", "#D9D9D9", "#FFE9CC", "#DCEBF5"
FILL = ("#0072B2", "#D55E00")


def pixel(x: float, y: float) -> tuple[float, float]:
    """Where a point of the plane is in the picture."""
    return PAD + (x + REACH) / (2 * REACH) * SIDE, 8 + (REACH - y) / (2 * REACH) * SIDE


def image(plane: Plane) -> str:
    """The plane as SVG: where the unit fires, its line, the points, and a cross on each mistake."""
    wrong = set(plane.mistakes)
    marks = "".join(_mark(plane, row, row in wrong) for row in range(len(plane.points)))
    edge = SIDE + PAD + 8
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {edge} {edge}" width="{edge}" role="group" '
        f'aria-label="{escape(describe(plane))}" font-family="system-ui, sans-serif" font-size="13" fill="{INK}">'
        f'<rect width="100%" height="100%" fill="#FFFFFF"/>{_halves(plane.unit)}{_grid(plane.axes)}'
        f"{_line(plane.unit)}{marks}</svg>"
    )


def _halves(unit: Perceptron) -> str:
    """The square in the colour of silence, and the part of it where the unit fires in another."""
    square = [(-REACH, -REACH), (REACH, -REACH), (REACH, REACH), (-REACH, REACH)]
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in (pixel(*corner) for corner in firing(square, unit)))
    left, top = pixel(-REACH, REACH)
    return (
        f'<rect x="{left}" y="{top}" width="{SIDE}" height="{SIDE}" fill="{SILENT}"/>'
        f'<polygon points="{corners}" fill="{FIRES}"/>'
    )


def firing(corners: list[tuple[float, float]], unit: Perceptron) -> list[tuple[float, float]]:
    """The part of a polygon where the activation is above 0 (Sutherland and Hodgman's clipping)."""
    out = []
    for a, b in zip(corners, [*corners[1:], corners[0]]):
        at_a, at_b = (float(unit.activation(np.array(p))) for p in (a, b))
        if at_a > 0:
            out.append(a)
        if (at_a > 0) != (at_b > 0):
            share = at_a / (at_a - at_b)
            out.append((a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])))
    return out


def _grid(axes: tuple[str, str]) -> str:
    left, top = pixel(-REACH, REACH)
    parts = [f'<rect x="{left}" y="{top}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{INK}"/>']
    for value in range(-2, 3):
        x, y = pixel(value, value)
        number = f"{value}".replace("-", "−")
        parts.append(f'<path d="M{x} {top}v{SIDE}M{left} {y}h{SIDE}" stroke="{GRID}" stroke-opacity=".8"/>')
        parts.append(f'<text x="{x}" y="{top + SIDE + 17}" text-anchor="middle">{number}</text>')
        parts.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{number}</text>')
    middle = top + SIDE / 2
    parts.append(f'<text x="{left + SIDE / 2}" y="{top + SIDE + 37}" text-anchor="middle">{escape(axes[0])}</text>')
    parts.append(f'<text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">{escape(axes[1])}</text>')
    return "".join(parts)


def _line(unit: Perceptron) -> str:
    """The line where the activation is 0, with an arrow along the weights."""
    length = np.hypot(*unit.weights)
    if length < 1e-9:
        return ""
    normal = unit.weights / length
    foot = -unit.bias / length * normal
    along = 10 * np.array([-normal[1], normal[0]])
    (x1, y1), (x2, y2), (fx, fy) = pixel(*(foot - along)), pixel(*(foot + along)), pixel(*foot)
    tip = pixel(*(foot + 0.55 * normal))
    left, top = pixel(-REACH, REACH)
    return (
        f'<svg x="{left}" y="{top}" width="{SIDE}" height="{SIDE}" viewBox="{left} {top} {SIDE} {SIDE}">'
        '<defs><marker id="tk-tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="{INK}"/></marker></defs>'
        f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{INK}" stroke-width="2.5"/>'
        f'<path d="M{fx:.1f} {fy:.1f}L{tip[0]:.1f} {tip[1]:.1f}" stroke="{INK}" stroke-width="2.5" '
        'marker-end="url(#tk-tip)"/></svg>'
    )


def _mark(plane: Plane, row: int, wrong: bool) -> str:
    """One point: a disc for class 1, a square for class 0; a cross if the unit is wrong there."""
    (x, y), target = pixel(*plane.points[row]), plane.targets[row]
    shape = '<circle r="8"' if target else '<rect x="-7" y="-7" width="14" height="14"'
    cross = '<path d="M-4 -4L4 4M4 -4L-4 4" stroke="#FFFFFF" stroke-width="2.6"/>' if wrong else ""
    ring = f'<circle r="14" fill="none" stroke="{INK}" stroke-width="2"/>' if row == plane.last else ""
    return (
        f'<g data-row="{row}" data-id="point-{row}" transform="translate({x:.1f} {y:.1f})" role="button" '
        f'aria-label="{escape(_spoken(plane, row, wrong))}">'
        f'{shape} fill="{FILL[target]}" stroke="#FFFFFF" stroke-width="1.5"/>{cross}{ring}</g>'
    )


def _spoken(plane: Plane, row: int, wrong: bool) -> str:
    x, y = plane.points[row]
    verdict = "wrong side" if wrong else "right side"
    return f"Point {row + 1}, {plane.names[plane.targets[row]]}, at {x:.1f} and {y:.1f}: {verdict}"


def describe(plane: Plane) -> str:
    """What the picture shows, in one or two sentences."""
    counts = [int(np.sum(plane.targets == k)) for k in (0, 1)]
    (w1, w2), bias = plane.unit.weights, plane.unit.bias
    words = (
        f"{number_of(counts[0], 'square')} ({plane.names[0]}) and {number_of(counts[1], 'disc')} ({plane.names[1]}). "
        f"The unit fires where {w1:.2f} × {plane.axes[0]} + {w2:.2f} × {plane.axes[1]} + {bias:.2f} > 0. {plane.tally}"
    )
    return words.replace("-", "−")


# ---- the shell


class HandPerceptron(anywidget.AnyWidget):
    """Sliders, buttons and the plane. `unit` is the perceptron as it stands now.

    Parameters
    ----------
    plane : what to begin with.
    """

    _esm = bundled(Path(__file__).with_name("perceptron_plane.js"))
    _css = "\n".join(path.read_text(encoding="utf-8") for path in STYLE)
    scene = traitlets.Dict().tag(sync=True)
    names = traitlets.List().tag(sync=True)
    plot = traitlets.Dict().tag(sync=True)

    def __init__(self, plane: Plane):
        self.plane = plane
        geometry = {"left": PAD, "top": 8, "side": SIDE, "reach": REACH, "axes": list(plane.axes)}
        super().__init__(names=list(plane.names), plot=geometry, scene=self._drawn(0))
        self.on_msg(self._heard)

    @property
    def unit(self) -> Perceptron:
        return self.plane.unit

    def _drawn(self, serial: int) -> dict[str, Any]:
        (w1, w2), bias = self.plane.unit.weights.tolist(), float(self.plane.unit.bias)
        values, news = {"w1": w1, "w2": w2, "bias": bias}, self.plane.news or self.plane.tally
        return {"svg": image(self.plane), "news": news, "values": values, "serial": serial}

    def _heard(self, _widget: Any, message: dict, _buffers: list) -> None:
        try:
            self.plane = self.plane.act(message)
        finally:  # the browser waits for an answer before it goes on
            self.scene = self._drawn(message["serial"])


def hand_perceptron(
    inputs: np.ndarray,
    targets: np.ndarray,
    names: tuple[str, str] = ("0", "1"),
    axes: tuple[str, str] = ("input 1", "input 2"),
    unit: Perceptron | None = None,
) -> HandPerceptron:
    """Show points of two classes and a unit to train by hand, or by its rule, one point at a time.

    Parameters
    ----------
    inputs : array of shape (n, 2)
        Within -3 to 3.
    targets : array of shape (n,)
        0 or 1.
    names, axes : what the classes and the inputs are called.
    unit : Perceptron, optional
        What to begin with; by default weights (1, 0) and bias 0, an upright line.

    Returns
    -------
    HandPerceptron, whose `unit` is what the student has made of it so far.
    """
    inputs = np.array(inputs, dtype=float)
    if inputs.ndim != 2 or inputs.shape[1] != 2 or not np.all(np.abs(inputs) <= REACH):
        raise ValueError(f"inputs must have shape (n, 2) and lie within -{REACH:g} to {REACH:g}; scale them first")
    plane = Plane(inputs, np.array(targets, dtype=int), unit or Perceptron(np.array([1.0, 0.0])), names, axes)
    widget = HandPerceptron(plane)
    widget.add_class("tk-hand-perceptron")
    words = escape(describe(plane))
    url = f"data:image/svg+xml;base64,{b64encode(image(plane).encode()).decode()}"
    picture = f'<figure style="margin:.3em 0"><img alt="{words}" src="{url}"><figcaption>{words}</figcaption></figure>'
    teaching.show(widget, picture)
    return widget
