"""Figures of points: one quantity against another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from kit.analysis.dissociation import Dissociation

from .looks import INK, LINE, MARKS, PALETTE, PAPER

PLACES = ("top left", "top center", "middle right", "bottom center", "bottom center")  # of labels, so that few touch
STEPS = [step * 10**power for power in range(-3, 4) for step in (1, 2, 5)]
CLASSES = ("square", "circle")
LEVELS = np.arange(1, 7)
WINDOW = 15  # trials of the running median
SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)  # ticks


def front(series: Mapping[str, Sequence[tuple[str, float, float]]]) -> go.Figure:
    """Accuracy against energy: better is up and to the left.

    Parameters
    ----------
    series : a way to save energy -> its points (label, joules, share right). Labels are short, such as a number whose
        unit the name says: on a narrow page there is no room for more.
    """
    figure = go.Figure()
    for k, (name, points) in enumerate(series.items()):
        labels, joules, right = zip(*points)
        figure.add_scatter(
            x=1e6 * np.array(joules), y=100 * np.array(right), text=labels, name=name, mode="lines+markers+text",
            textposition=PLACES[k], textfont_size=12, line=dict(color=PALETTE[k], width=1.5),
            marker=dict(symbol=MARKS[k], size=10, color=PALETTE[k]),
        )  # fmt: skip
    all_joules = [joules for points in series.values() for _, joules, _ in points]
    ends = np.log10(1e6 * np.array([min(all_joules) / 1.3, max(all_joules) * 1.5]))
    figure.update_layout(height=460, legend=dict(orientation="h", y=1.02, x=0, yanchor="bottom"), margin_t=60)
    figure.update_xaxes(title="energy of one answer, µJ (logarithmic)", type="log", range=ends, tickvals=STEPS)
    return figure.update_yaxes(title="named rightly, %", range=[0, 106])


def plane(
    points: np.ndarray,
    targets: np.ndarray,
    answer: Callable[[np.ndarray], np.ndarray] | None = None,
    names: Sequence[str] = ("0", "1"),
    axes: Sequence[str] = ("input 1", "input 2"),
) -> go.Figure:
    """Points of two classes, and where a network answers 1.

    Parameters
    ----------
    points : array of shape (n, 2)
    targets : array of shape (n,)
        0 or 1.
    answer : function from inputs (m, 2) to answers (m,) from 0 to 1; its level .5 is drawn as a line.
    """
    points, targets = np.asarray(points, float), np.asarray(targets)
    low, high = points.min(axis=0), points.max(axis=0)
    low, high = low - 0.3 * (high - low), high + 0.3 * (high - low)
    figure = go.Figure()
    if answer is not None:
        x, y = (np.linspace(a, b, 80) for a, b in zip(low, high))
        grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        figure.add_contour(
            x=x, y=y, z=np.asarray(answer(grid), float).reshape(80, 80), showscale=False, hoverinfo="skip",
            colorscale=((0, "#DCEBF5"), (1, "#FFE9CC")), line=dict(color=INK, width=2),
            contours=dict(start=0.5, end=0.5, size=1),
        )  # fmt: skip
    for k in (0, 1):
        mark = dict(size=13, symbol=CLASSES[k], color=PALETTE[k], line=dict(color="#FFFFFF", width=1.5))
        at = points[targets == k]
        figure.add_scatter(x=at[:, 0], y=at[:, 1], mode="markers", marker=mark, name=names[k])
    figure.update_layout(legend=dict(orientation="h", y=1.12, x=0))
    figure.update_xaxes(title=axes[0], range=[low[0], high[0]])
    return figure.update_yaxes(title=axes[1], range=[low[1], high[1]])


def calibration_curve(levels: Sequence, name: str) -> go.Figure:
    """How often predictions came true, against how sure somebody was; the dashed line is being right as often as sure.

    Parameters
    ----------
    levels : of `kit.teaching.calibration`: n, confidence, right, low, high in percent.
    name : of whose predictions they are.
    """
    sure, right = [level.confidence for level in levels], [level.right for level in levels]
    spread = dict(
        type="data", symmetric=False, thickness=1.5,
        array=[level.high - level.right for level in levels], arrayminus=[level.right - level.low for level in levels],
    )  # fmt: skip
    figure = go.Figure()
    figure.add_scatter(x=[0, 100], y=[0, 100], mode="lines", line=dict(color=INK, dash="dash"), name="right as sure")
    figure.add_scatter(
        x=sure, y=right, error_y=spread, mode="lines+markers+text", name=name, marker_size=10, line_color=PALETTE[0],
        text=[f"n = {level.n}" for level in levels], textposition="bottom right",
    )  # fmt: skip
    figure.update_layout(legend=dict(orientation="h", y=1.12, x=0))
    figure.update_xaxes(title="how sure, %", range=[0, 104])
    return figure.update_yaxes(title="how often right, %", range=[0, 104])


def dissociation_picture(found: Sequence[Dissociation], names: Sequence[str]) -> go.Figure:
    """For each network, how much more either lesion takes from people than from things, in percentage points."""
    figure = go.Figure()
    for lesion, (name, colour, symbol) in enumerate(zip(("lesion for people", "lesion for things"), PALETTE, MARKS)):
        bias = np.array([100 * (one.damage[lesion, 0] - one.damage[lesion, 1]) for one in found])
        marked = [symbol if one.p[lesion] < 0.05 else f"{symbol}-open" for one in found]
        marker = dict(size=13, color=colour, symbol=marked, line=dict(width=2, color=colour))
        figure.add_scatter(x=list(names), y=bias, mode="markers", marker=marker, name=name)
    figure.add_hline(y=0, line_color=INK, line_width=1)
    figure.update_layout(legend=dict(orientation="h", x=0, y=1.14))
    figure.update_xaxes(title="network", type="category")
    return figure.update_yaxes(title="bias to people, points")


def treatment_picture(table: pd.DataFrame) -> go.Figure:
    """Treatments (rows) by what was tested (columns): shares right, as dots on a line for each treatment."""
    figure = go.Figure()
    for place, (column, values) in enumerate(table.items()):
        marker = dict(size=14, color=PALETTE[place], symbol=MARKS[place], line=dict(width=1, color=PAPER))
        figure.add_scatter(x=100 * values, y=list(table.index), mode="markers", marker=marker, name=str(column))
    figure.update_xaxes(title="right on new pictures, %", range=[-3, 103])
    figure.update_yaxes(autorange="reversed", type="category")
    above = dict(orientation="h", x=0, y=1.04, yanchor="bottom")
    return figure.update_layout(legend=above, height=380, margin=dict(l=100, t=70))


def preference_picture(preference: np.ndarray, harm: np.ndarray) -> go.Figure:
    """Each filter: how much it prefers faces, against how much more its loss harms people than things (nats).

    Preference and harm are (units,).
    """
    marker = dict(size=9, color=PALETTE[2], line=dict(width=1, color=PAPER))
    figure = go.Figure(go.Scatter(x=preference, y=harm, mode="markers", marker=marker))
    figure.add_hline(y=0, line_color=INK, line_width=1).add_vline(x=0, line_color=INK, line_width=1)
    figure.update_xaxes(title="prefers faces, d'")
    return figure.update_yaxes(title="more harm to people, nats").update_layout(margin_l=90)


def against_best(optimal: Sequence[float], found: Sequence[float], names: Sequence[str]) -> go.Figure:
    """Weights that were measured against the weights that would be best; on the line they are the same."""
    figure = go.Figure(go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line=dict(color=LINE, width=2), name="best"))
    figure.add_scatter(
        x=list(optimal), y=list(found), mode="markers+text", text=list(names), textposition="top left", name="network",
        marker=dict(size=11, color=PALETTE[1], symbol="diamond"), textfont_size=11,
    )  # fmt: skip
    figure.update_layout(legend=dict(orientation="h", y=1.02, x=0, yanchor="bottom"), margin_t=50)
    figure.update_xaxes(title="best weight of the face", range=[-0.12, 1.05])
    return figure.update_yaxes(title="the network's weight", range=[-0.05, 1.12])


def response_time_picture(table: pd.DataFrame, time: str = "rt_choice_ms") -> go.Figure:
    """Response times in the order of the table's rows with their running median, and by rating.

    Parameters
    ----------
    table : DataFrame of ratings of one observer (see `kit.behavior.ratings`), in the order of the trials
    time : "rt_choice_ms" or "rt_rating_ms"

    Raises
    ------
    ValueError
        If no trial has a time above 0.
    """
    seconds = table[time].to_numpy(float) / 1000
    known = seconds > 0
    if not known.any():
        raise ValueError(f"no trial has a time in {time}: files from elsewhere may lack them, draw only ratings then")
    seconds, ratings = seconds[known], table["rating"].to_numpy()[known]
    place = 1 + np.flatnonzero(known)
    figure = make_subplots(1, 2, column_widths=[0.6, 0.4], horizontal_spacing=0.12, shared_yaxes=True)
    dots = go.Scatter(x=place, y=seconds, mode="markers", marker=dict(size=5, color=PALETTE[5]), name="one trial")
    running = pd.Series(seconds).rolling(WINDOW, center=True, min_periods=1).median()
    line = go.Scatter(x=place, y=running, mode="lines", line=dict(color=PALETTE[1], width=3), name="running median")
    figure.add_traces([dots, line, _by_rating(seconds, ratings)], rows=[1] * 3, cols=[1, 1, 2])
    figure.update_xaxes(title="trial in order", row=1, col=1)
    figure.update_xaxes(title="rating", dtick=1, range=[0.5, 6.5], row=1, col=2)
    figure.update_yaxes(type="log", tickvals=SECONDS, ticktext=[f"{tick:g}" for tick in SECONDS])
    figure.update_yaxes(title="seconds", row=1, col=1)
    return figure.update_layout(margin_t=56, legend=dict(orientation="h", x=0, y=1.02, yanchor="bottom"))


def _by_rating(seconds: np.ndarray, ratings: np.ndarray) -> go.Scatter:
    """Median of each rating that was given, with bars over the middle half of the trials."""
    given = [level for level in LEVELS if (ratings == level).any()]
    low, middle, high = np.array([np.quantile(seconds[ratings == level], [0.25, 0.5, 0.75]) for level in given]).T
    bars = dict(type="data", symmetric=False, array=high - middle, arrayminus=middle - low, color=PALETTE[0])
    marker = dict(size=9, symbol="diamond", color=PALETTE[0])
    return go.Scatter(x=given, y=middle, error_y=bars, mode="markers", marker=marker, name="median, middle half")
