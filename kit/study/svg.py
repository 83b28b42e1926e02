"""A plotly figure as SVG, with text as text, for papers and slides: points, lines, bars, heatmaps, several panels.

Plotly's own export needs a Chrome, and matplotlib, 75 MB with what it needs, would have to be told every trace again:
most of the lines here, in `kit.study.svg_axes` and in `kit.study.svg_marks`.
"""

from __future__ import annotations

import textwrap
from html import escape

import plotly.graph_objects as go

from kit.plots.looks import INK, LINE, PAPER
from kit.plots.shown import HEIGHT, TEMPLATE

from .svg_axes import Axis, placed
from .svg_marks import EDGE, SIZE, bars, heatmap, line, marker, scatter, tag, words

WIDTH, BAR = 900, 70  # pixels: of the page, and for a heatmap's colour bar
LETTER, ROW = 0.56, 22  # mean width of a letter in sizes of text; pixels for a row of the legend
LETTERS_A_LINE = 130
TURNED = {"top": "start", "bottom": "end", "left": "bottom", "right": "top"}  # sides of text that reads downwards
MARKS = {"scatter": scatter, "bar": bars, "heatmap": heatmap}


def svg(figure: go.Figure, title: str, text: str) -> str:
    """Draw a figure as SVG, on white.

    Parameters
    ----------
    figure : go.Figure
        Of scatter traces, bars and heatmaps on linear axes or axes of names.
    title, text : str
        What it is called and the sentences that say what it shows: for screen readers, and below the figure, as a
        figure travels without its page.

    Raises
    ------
    ValueError
        For any other kind of trace.
    """
    for trace in figure.data:
        if trace.type not in MARKS:
            raise ValueError(f"{title}: svg draws {', '.join(MARKS)}, not {trace.type}; use figure.write_image")
    layout, lines, margin = figure.layout, textwrap.wrap(text, LETTERS_A_LINE), _margin(figure)
    keys, rows = _legend(figure, margin["l"])
    right = WIDTH - margin["r"] - BAR * any(trace.type == "heatmap" for trace in figure.data)
    titles = any(note.text and note.yref == "paper" and note.y == 1 for note in layout.annotations)
    top = (14 + ROW * rows if rows else 30) + 26 * titles
    bottom = top + (layout.height or HEIGHT) - margin["t"] - TEMPLATE.layout.margin.b
    axes = placed(figure, (margin["l"], right), (bottom, top))
    paper = Axis((0, 1), (margin["l"], right)), Axis((0, 1), (bottom, top))
    drawn = [*_frames(figure, axes), *_lines(figure, axes, *paper), *_notes(figure, axes, *paper)]
    for trace in figure.data:
        drawn += MARKS[trace.type](trace, axes[trace.xaxis or "x"], axes[trace.yaxis or "y"])
    below = bottom + margin["b"]
    drawn += [*keys, words(12, below, "<br>".join(lines), "start", "top")]
    whole = dict(width=WIDTH, height=round(below + 1.25 * SIZE * len(lines) + 10))
    page = dict(xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {whole['width']} {whole['height']}", role="img",
                font_family="system-ui, sans-serif", font_size=SIZE, fill=INK)  # fmt: skip
    said = [tag("title", escape(title)), tag("desc", escape(text)), tag("rect", fill=PAPER, **whole)]
    return tag("svg", "\n".join([*said, *drawn]), **whole, **page) + "\n"


def _margin(figure: go.Figure) -> dict[str, float]:
    """Pixels at each side, more than the figure asks for where names beside or below an axis are long."""
    out = {side: figure.layout.margin[side] or TEMPLATE.layout.margin[side] for side in "lrtb"}
    long = {letter: max((len(v) for trace in figure.data for v in trace[letter] if isinstance(v, str)), default=0)
            for letter in "xy"}  # fmt: skip
    beside, below = 20 + LETTER * SIZE * long["y"], 30 + 0.65 * LETTER * SIZE * long["x"]
    return out | {"l": max(out["l"], beside), "b": max(out["b"], below)}


def _legend(figure: go.Figure, left: float) -> tuple[list[str], int]:
    """The legend from the top left, in rows, and how many rows it takes."""
    shown = [t for t in figure.data if t.name and (t.showlegend or (t.showlegend is None and len(figure.data) > 1))]
    drawn, x, row = [], left, 0
    for trace in shown:
        wide = 40 + LETTER * SIZE * len(trace.name) + 16
        if x > left and x + wide > WIDTH:
            x, row = left, row + 1
        y, mode = 16 + ROW * row, trace.mode or "lines+markers"
        if "lines" in mode:
            drawn.append(line([(x, y), (x + 32, y)], trace.line.color, trace.line.width, trace.line.dash))
        if "markers" in mode:
            drawn.append(marker(x + 16, y, trace, "key"))
        drawn.append(words(x + 40, y, trace.name, "start"))
        x += wide
    return drawn, row + 1 if shown else 0


def _pairs(figure: go.Figure) -> list[tuple[str, str]]:
    return list(dict.fromkeys((trace.xaxis or "x", trace.yaxis or "y") for trace in figure.data))


def _frames(figure: go.Figure, axes: dict[str, Axis]) -> list[str]:
    """Grid, axes, what is written at their ticks, and titles, of every panel."""
    drawn = []
    for across, up in _pairs(figure):
        x, y = axes[across], axes[up]
        (left, right), (bottom, top) = x.pixels, y.pixels
        (told_x, told_y) = (figure.layout[f"{name[0]}axis{name[1:]}"] for name in (across, up))
        at_x, at_y = ([(axis.at(v), text) for v, text in axis.ticks(gap)] for axis, gap in ((x, 60), (y, 45)))
        if not (x.names and y.names):
            drawn += [line([(at, bottom), (at, top)], LINE, 1) for at, _ in at_x]
            drawn += [line([(left, at), (right, at)], LINE, 1) for at, _ in at_y]
        drawn.append(line([(left, top), (left, bottom), (right, bottom)], INK, 1))
        wide = max((len(text) for _, text in at_x), default=0) * LETTER * SIZE
        turned = bool(x.names) and wide * len(at_x) > right - left
        if told_x.showticklabels is not False:
            rise = dict(anchor="end", rise="middle", turn=-40) if turned else dict(rise="top")
            drawn += [words(at, bottom + 8, text, **rise) for at, text in at_x]
        if told_y.showticklabels is not False:
            drawn += [words(left - 8, at, text, "end") for at, text in at_y]
        if told_x.title.text:
            drawn.append(words((left + right) / 2, bottom + 32, told_x.title.text, rise="top", size=14))
        if told_y.title.text:
            away = 18 + max((len(text) for _, text in at_y), default=0) * LETTER * SIZE
            drawn.append(words(left - away, (bottom + top) / 2, told_y.title.text, rise="bottom", size=14, turn=-90))
    return drawn


def _pixel(value: float | str, ref: str, axes: dict[str, Axis], paper: Axis) -> float:
    """Pixel of a value in plotly's frame of reference: an axis, "x2 domain" for a share of one, or the paper."""
    name, _, share = ref.partition(" ")
    axis = paper if name == "paper" else axes[name]
    return axis.along(value) if share else axis.at(value)


def _lines(figure: go.Figure, axes: dict[str, Axis], across: Axis, up: Axis) -> list[str]:
    """Lines across panels, such as chance or a ceiling."""
    drawn = []
    for shape in figure.layout.shapes:
        x = [_pixel(value, shape.xref, axes, across) for value in (shape.x0, shape.x1)]
        y = [_pixel(value, shape.yref, axes, up) for value in (shape.y0, shape.y1)]
        drawn.append(line(list(zip(x, y)), shape.line.color, shape.line.width, shape.line.dash))
    return drawn


def _notes(figure: go.Figure, axes: dict[str, Axis], across: Axis, up: Axis) -> list[str]:
    """Titles of panels and what is written at lines; plotly's anchors are sides of the text as it lies, even turned."""
    drawn = []
    for note in (note for note in figure.layout.annotations if note.text):
        x, y = _pixel(note.x, note.xref, axes, across), _pixel(note.y, note.yref, axes, up)
        anchor = {"left": "start", "right": "end"}.get(note.xanchor, "middle")
        rise, turn = note.yanchor or "middle", note.textangle or 0
        if turn == 90:
            anchor, rise = TURNED.get(rise, "middle"), TURNED.get(note.xanchor, "middle")
        drawn.append(words(x, y, note.text, anchor, rise, note.font.size or SIZE, turn, **EDGE))
    return drawn
