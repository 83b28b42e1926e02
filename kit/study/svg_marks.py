"""Marks of a figure as SVG: text, lines, points with labels and error bars, bars, cells of a heatmap."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
from plotly.basedatatypes import BaseTraceType
from plotly.colors import hex_to_rgb

from kit.plots.looks import INK, PALETTE, PAPER

if TYPE_CHECKING:
    from .svg_axes import Axis

SIZE = 13  # of text, in pixels
EDGE = dict(stroke=PAPER, stroke_width=3, paint_order="stroke")  # keeps text legible where lines cross it
DASHES = {"dash": "8 5", "dot": "2 4", "dashdot": "8 4 2 4"}
SYMBOLS = {
    "square": "-.9,-.9 .9,-.9 .9,.9 -.9,.9", "diamond": "0,-1.3 1.3,0 0,1.3 -1.3,0",
    "triangle-up": "0,-1.2 1.15,.8 -1.15,.8",
    "x": "-.4,-1 0,-.6 .4,-1 1,-.4 .6,0 1,.4 .4,1 0,.6 -.4,1 -1,.4 -.6,0 -1,-.4",
    "cross": "-.4,-1.2 .4,-1.2 .4,-.4 1.2,-.4 1.2,.4 .4,.4 .4,1.2 -.4,1.2 -.4,.4 -1.2,.4 -1.2,-.4 -.4,-.4",
    "star": "0,-1.4 .33,-.45 1.33,-.43 .53,.17 .82,1.13 0,.56 -.82,1.13 -.53,.17 -1.33,-.43 -.33,-.45",
}  # fmt: skip


def tag(name: str, inside: str = "", **attributes: str | float) -> str:
    """An element; `_` within attributes stands for `-`, and None for an attribute that is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(f"{value:.2f}" if isinstance(value, float) else str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{inside}</{name}>"


def number(value: float, digits: int) -> str:
    """A number with some digits after the point, and a minus that is one."""
    return f"{value + 0.0:.{digits}f}".replace("-", "−")


def words(
    x: float,
    y: float,
    text: str,
    anchor: str = "middle",
    rise: str = "middle",
    size: float = SIZE,
    turn: float = 0,
    **look: str | float,
) -> str:
    """Text at a point, in lines at <br> and bold at <b> as in plotly; `rise`: the side of the text at the point."""
    lines = [line.replace("<b>", "").replace("</b>", "") for line in text.split("<br>")]
    drop = {"top": 0.8, "middle": 0.35 - 0.6 * (len(lines) - 1), "bottom": -0.25 - 1.2 * (len(lines) - 1)}[rise]
    places = [float(y + size * (drop + 1.2 * k)) for k in range(len(lines))]
    inside = "".join(tag("tspan", escape(line), x=float(x), y=place) for line, place in zip(lines, places))
    look |= dict(font_weight="bold") if "<b>" in text else {}
    look |= dict(transform=f"rotate({turn} {x:.2f} {y:.2f})") if turn else {}
    return tag("text", inside, text_anchor=anchor, font_size=size, **look)


def line(
    points: list[tuple[float, float]], colour: str | None, width: float | None = None, dash: str | None = None
) -> str:
    """A line through points."""
    through = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
    return tag("polyline", points=through, fill="none", stroke_width=float(width or 2),
               stroke_dasharray=DASHES.get(dash), **_ink("stroke", colour or PALETTE[0]))  # fmt: skip


def marker(x: float, y: float, trace: BaseTraceType, kind: str = "marker") -> str:
    """The symbol of a trace at a point; `kind` tells those of the legend from those that are data."""
    look, radius = trace.marker, (trace.marker.size or 6) / 2
    edge = _ink("stroke", look.line.color or INK) | dict(stroke_width=(look.line.width or 0) / radius)
    shape = SYMBOLS.get(look.symbol)
    place = dict(transform=f"translate({x:.2f} {y:.2f}) scale({radius:g})", class_=kind)
    filled = _ink("fill", look.color or PALETTE[0]) | edge | place
    return tag("polygon", points=shape, **filled) if shape else tag("circle", r=1, **filled)


def scatter(trace: BaseTraceType, x: Axis, y: Axis) -> list[str]:
    """Error bars, line, markers and labels of a scatter trace on two axes; points that are nan are left out."""
    known = _known(trace)
    at = [(x.at(trace.x[k]), y.at(trace.y[k])) for k in known]
    mode, drawn = trace.mode or "lines+markers", _errors(trace, x, y)
    if "lines" in mode:
        drawn.append(line(at, trace.line.color, trace.line.width, trace.line.dash))
    if "markers" in mode:
        drawn += [marker(*point, trace) for point in at]
    return drawn + [_label(point, trace, k) for point, k in zip(at, known) if "text" in mode]


def bars(trace: BaseTraceType, x: Axis, y: Axis) -> list[str]:
    """Bars from zero, lying or upright, with error bars."""
    lying, drawn = trace.orientation == "h", []
    along, beside, lengths, names = (x, y, trace.x, trace.y) if lying else (y, x, trace.y, trace.x)
    half = 0.4 * abs(beside.at(1) - beside.at(0))
    for k in _known(trace):
        (start, end), middle = sorted((along.at(0), along.at(lengths[k]))), beside.at(names[k])
        sides = (
            (start, middle - half, end - start, 2 * half) if lying else (middle - half, start, 2 * half, end - start)
        )
        look = _ink("fill", trace.marker.color or PALETTE[0]) | {"class": "bar"}
        drawn.append(tag("rect", **dict(zip(("x", "y", "width", "height"), map(float, sides))), **look))
    return drawn + _errors(trace, x, y)


def _known(trace) -> list[int]:
    return [k for k, pair in enumerate(zip(trace.x, trace.y)) if not any(value != value for value in pair)]


def _errors(trace: BaseTraceType, x: Axis, y: Axis) -> list[str]:
    """Error bars across and up, of points that are known."""
    drawn = []
    for letter, axis in (("x", x), ("y", y)):
        error = trace[f"error_{letter}"]
        for k in _known(trace) if error.array is not None else ():
            across, up = x.at(trace.x[k]), y.at(trace.y[k])
            low, high = (axis.at(end) for end in ends(trace, letter)[k])
            bar = [(low, up), (high, up)] if letter == "x" else [(across, low), (across, high)]
            drawn.append(line(bar, error.color or INK, error.thickness))
    return drawn


def ends(trace: BaseTraceType, letter: str) -> list[tuple[float, float]]:
    """Values at the two ends of each error bar."""
    error = trace[f"error_{letter}"]
    less = error.array if error.arrayminus is None else error.arrayminus
    return [(value - down, value + up) for value, down, up in zip(trace[letter], less, error.array)]


def heatmap(trace: BaseTraceType, x: Axis, y: Axis) -> list[str]:
    """A rectangle for every cell that is known, what is written in it, and the colour bar at the right."""
    drawn = []
    for row, column in np.argwhere(np.isfinite(trace.z)):
        shade = _shade(trace, trace.z[row][column])
        (left, right), (top, bottom) = (
            sorted((axis.at(k - 0.5), axis.at(k + 0.5))) for axis, k in ((x, column), (y, row))
        )
        drawn.append(tag("rect", x=left, y=top, width=right - left, height=bottom - top, fill=_rgb(shade)))
        ink = INK if shade @ (0.3, 0.59, 0.11) > 140 else PAPER
        drawn.append(words((left + right) / 2, (top + bottom) / 2, trace.text[row][column], size=10, fill=ink))
    return drawn + _colour_bar(trace, x.pixels[1] + 24, *y.pixels)


def _colour_bar(trace, left: float, bottom: float, top: float, steps: int = 40) -> list[str]:
    height = (bottom - top) / steps
    values = trace.zmin + (np.arange(steps) + 0.5) / steps * (trace.zmax - trace.zmin)
    places = bottom - (np.arange(steps) + 1) * height
    shades = [_rgb(_shade(trace, value)) for value in values]
    drawn = [tag("rect", x=left, y=y, width=16, height=height + 0.5, fill=fill) for y, fill in zip(places, shades)]
    marked = {bottom: trace.zmin, (bottom + top) / 2: (trace.zmin + trace.zmax) / 2, top: trace.zmax}
    drawn += [words(left + 22, at, number(value, 3), "start") for at, value in marked.items()]
    return [*drawn, words(left, top - 8, trace.colorbar.title.text or "", "start", "bottom")]


def _shade(trace, value: float) -> np.ndarray:
    """Red, green and blue of a value, from 0 to 255."""
    places, colours = zip(*trace.colorscale)
    share = (value - trace.zmin) / (trace.zmax - trace.zmin)
    channels = zip(*(hex_to_rgb(colour) for colour in colours))
    return np.array([round(np.interp(share, places, channel)) for channel in channels])


def _rgb(shade: np.ndarray) -> str:
    return f"rgb({','.join(map(str, shade))})"


def _label(point: tuple[float, float], trace, k: int) -> str:
    """The text of a point, beside it."""
    where = trace.textposition if isinstance(trace.textposition, str) else trace.textposition[k]
    up, side = (where or "middle center").split()
    away = (trace.marker.size or 6) / 2 + 4
    step, anchor = {"left": (-1, "end"), "center": (0, "middle"), "right": (1, "start")}[side]
    rise, fall = {"top": ("bottom", -1), "middle": ("middle", 0), "bottom": ("top", 1)}[up]
    place = point[0] + step * away, point[1] + fall * (away - 2)
    return words(*place, trace.text[k], anchor, rise, trace.textfont.size or SIZE, **EDGE)


def _ink(what: str, colour: str) -> dict[str, str]:
    """A colour as SVG 1.1 has it: opacity apart."""
    if not colour.startswith("rgba"):
        return {what: colour}
    *rgb, opacity = colour[5:-1].split(",")
    return {what: f"rgb({','.join(rgb)})", f"{what}_opacity": opacity}
