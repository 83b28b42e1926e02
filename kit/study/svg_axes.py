"""Axes of a figure on a page: which pixel a value has, where ticks are, and which axes share their values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import plotly.graph_objects as go

from .svg_marks import ends, number


@dataclass(frozen=True)
class Axis:
    """An axis on the page: the values and the pixels at its two ends, and its names if it has names for values."""

    values: tuple[float, float]
    pixels: tuple[float, float]
    names: list[str] = field(default_factory=list)

    def along(self, share: float) -> float:
        """Pixel at a share of the axis."""
        return self.pixels[0] + share * (self.pixels[1] - self.pixels[0])

    def at(self, value: float | str) -> float:
        """Pixel of a value, or of a name."""
        value = self.names.index(value) if isinstance(value, str) else value
        return self.along((value - self.values[0]) / (self.values[1] - self.values[0]))

    def ticks(self, apart: float) -> list[tuple[float, str]]:
        """Values that are marked, at least some pixels apart, and what is written there."""
        if self.names:
            return list(enumerate(self.names))
        low, high = sorted(self.values)
        least = (high - low) * apart / abs(self.pixels[1] - self.pixels[0])
        power = int(np.floor(np.log10(least)))
        lead = next(k for k in (1, 2, 5, 10) if k * 10.0**power >= least)
        step, digits = lead * 10.0**power, max(0, -power - (lead == 10))
        marked = np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step
        return [(value, number(value, digits)) for value in marked]


def placed(figure: go.Figure, across: tuple[float, float], up: tuple[float, float]) -> dict[str, Axis]:
    """Axes by the names that traces give them; those that match have the same values."""
    used = {letter: {trace[f"{letter}axis"] or letter for trace in figure.data} for letter in "xy"}
    laid = {name: figure.layout[f"{name[0]}axis{name[1:]}"] for names in used.values() for name in names}
    roots, out = {name: axis.matches or name for name, axis in laid.items()}, {}
    for name, axis in laid.items():
        held = [value for other in laid if roots[other] == roots[name] for value in _held(figure, other)]
        names = list(dict.fromkeys(value for value in held if isinstance(value, str)))
        pixels = Axis((0, 1), across if name[0] == "x" else up)
        ends = axis.domain or (0, 1)
        out[name] = Axis(_range(axis, held, names), (pixels.at(ends[0]), pixels.at(ends[1])), names)
    return out


def _held(figure: go.Figure, name: str) -> Iterator[float | str]:
    """Every value on an axis: of traces, of the ends of their error bars, and of lines across."""
    letter = name[0]
    for trace in figure.data:
        if (trace[f"{letter}axis"] or letter) == name:
            yield from trace[letter]
            if trace.type == "bar" and letter == ("x" if trace.orientation == "h" else "y"):
                yield 0.0  # where bars start
            if f"error_{letter}" in trace and trace[f"error_{letter}"].array is not None:
                yield from (end for both in ends(trace, letter) for end in both)
    yield from (
        shape[f"{letter}{k}"] for shape in figure.layout.shapes for k in (0, 1) if shape[f"{letter}ref"] == name
    )


def _range(axis, held: list[float | str], names: list[str]) -> tuple[float, float]:
    numbers = [value for value in held if not isinstance(value, str) and np.isfinite(value)]
    low, high = (-0.5, len(names) - 0.5) if names else (min(numbers, default=0), max(numbers, default=1))
    room = 0 if names else 0.06 * (high - low) or 0.5
    low, high = axis.range or (low - room, high + room)
    return (high, low) if axis.autorange == "reversed" else (low, high)
