"""A chart that answers while a slider moves: lines over an axis and a mark at the slider's place, as SVG.

Plotly redraws too slowly for that. On a dark page it is turned into its negative, like all charts of the kit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from kit.plots.looks import INK, LINE, PALETTE, PAPER

from .live_picture import LivePicture

WIDTH, HEIGHT = 520, 340
LEFT, RIGHT, TOP, BOTTOM = 66, 16, 38, 54  # margins in pixels
DASHES = ("", "9 4", "2 4", "12 4 2 4")  # lines differ by more than their colour
FONT = 'font-family="system-ui, sans-serif" font-size="14"'


@dataclass(frozen=True)
class ChartAxis:
    """What an axis shows, from `low` to `high`, with numbers at `ticks`."""

    title: str
    low: float
    high: float
    ticks: tuple[float, ...]


class LiveChart(LivePicture):
    """A `LivePicture` whose `draw` gives SVG."""

    media = "image/svg+xml"
    _css = LivePicture._css + Path(__file__).with_name("live_chart.css").read_text(encoding="utf-8")

    def encode(self, image: str) -> bytes:
        """SVG as the bytes of a file."""
        return image.encode()

    def paper(self, image: str) -> str:
        """All of it."""
        return "none"

    def show(self, name: str) -> None:
        """As `LivePicture.show`, with the place that a chart needs."""
        self.add_class("tk-live-chart")
        super().show(name)


def svg(width: int, height: int, *parts: str) -> str:
    """An SVG picture on white paper."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'{FONT} fill="{INK}"><rect width="100%" height="100%" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )


def text(x: float, y: float, words: str, anchor: str = "start", more: str = "") -> str:
    """Words at a place; `anchor` is start, middle or end."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(words)}</text>'


def lines(x: np.ndarray, values: dict[str, Sequence[float]], across: ChartAxis, up: ChartAxis, at: float) -> str:
    """A line for each name, with a legend above, and dots where the lines pass the place `at`.

    Parameters
    ----------
    x : array of shape (n,)
    values : name to n numbers; what lies outside the axis is cut off.
    across, up : the axes.
    at : place on the horizontal axis that the slider stands for.
    """
    parts = [_frame(across, up), _mark(across, at)]
    offset = LEFT
    for k, (name, y) in enumerate(values.items()):
        parts += [
            _line(x, np.asarray(y, float), across, up, k),
            _dot(x, y, across, up, at, k),
            _legend(offset, name, k),
        ]
        offset += 50 + 7 * len(name)
    return svg(WIDTH, HEIGHT, *parts)


def _right(value: float, axis: ChartAxis) -> float:
    return LEFT + (value - axis.low) / (axis.high - axis.low) * (WIDTH - LEFT - RIGHT)


def _down(value: float, axis: ChartAxis) -> float:
    return (
        HEIGHT
        - BOTTOM
        - (np.clip(value, axis.low, axis.high) - axis.low) / (axis.high - axis.low) * (HEIGHT - TOP - BOTTOM)
    )


def _frame(across: ChartAxis, up: ChartAxis) -> str:
    bottom, middle = HEIGHT - BOTTOM, (TOP + HEIGHT - BOTTOM) / 2
    parts = []
    for tick in up.ticks:
        y = _down(tick, up)
        colour = INK if tick == 0 else LINE
        parts.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{colour}"/>'
            + text(LEFT - 8, y + 5, _number(tick), "end")
        )
    for tick in across.ticks:
        x = _right(tick, across)
        parts.append(f'<path d="M{x:.1f} {bottom}v5" stroke="{INK}"/>' + text(x, bottom + 20, _number(tick), "middle"))
    parts.append(f'<path d="M{LEFT} {TOP}V{bottom}H{WIDTH - RIGHT}" stroke="{INK}" fill="none"/>')
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, across.title, "middle"))
    turn = f'transform="rotate(-90 16 {middle:.1f})"'
    return "".join([*parts, text(16, middle, up.title, "middle", turn)])


def _mark(across: ChartAxis, at: float) -> str:
    x = _right(at, across)
    return f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="{INK}" stroke-dasharray="3 3"/>'


def _line(x: np.ndarray, y: np.ndarray, across: ChartAxis, up: ChartAxis, k: int) -> str:
    points = " ".join(f"{_right(a, across):.1f},{_down(b, up):.1f}" for a, b in zip(x, y))
    return f'<polyline points="{points}" {_stroke(k)}/>'


def _dot(x: np.ndarray, y: Sequence[float], across: ChartAxis, up: ChartAxis, at: float, k: int) -> str:
    value = np.interp(at, x, y)
    return f'<circle cx="{_right(at, across):.1f}" cy="{_down(value, up):.1f}" r="5" fill="{PALETTE[k]}"/>'


def _legend(offset: float, name: str, k: int) -> str:
    return f'<path d="M{offset:.0f} 20h30" {_stroke(k)}/>' + text(offset + 36, 25, name)


def _stroke(k: int) -> str:
    return f'fill="none" stroke="{PALETTE[k]}" stroke-width="2.5" stroke-dasharray="{DASHES[k]}"'


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "−")
