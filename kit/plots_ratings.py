"""Figures of one observer's ratings: the use of the scale with its criteria, and response times."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots
from scipy.stats import norm

from kit.analysis.agreement import rating_criteria
from kit.plots import INK, PALETTE

LEVELS = np.arange(1, 7)
REACH = 3.2  # standard deviations drawn on each side
WIDE_ENOUGH = 0.2  # sd between criteria below which the rating between them has no room for its number
WINDOW = 15  # trials of the running median
SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)  # ticks
TINTS = ("rgba(86,180,233,.45)", "rgba(0,114,178,.45)")


def rating_picture(ratings: np.ndarray) -> go.Figure:
    """How often each rating was given, and where the criteria between ratings lie if felt similarity is Gaussian.

    Parameters
    ----------
    ratings : array of shape (n_trials,), whole numbers 1..6
    """
    criteria = rating_criteria(ratings)
    counts = (np.asarray(ratings)[:, None] == LEVELS).sum(axis=0)
    figure = make_subplots(1, 2, column_widths=[0.45, 0.55], horizontal_spacing=0.14)
    bars = go.Bar(x=LEVELS, y=counts, text=counts, marker_color=PALETTE[0], textposition="outside", cliponaxis=False)
    figure.add_trace(bars, row=1, col=1)
    _add_criteria(figure, criteria)
    figure.update_xaxes(title="rating", dtick=1, row=1, col=1)
    figure.update_yaxes(title="trials", range=[0, 1.15 * counts.max()], row=1, col=1)
    figure.update_xaxes(
        title="felt similarity of the chosen face, sd", range=[-REACH, REACH], showgrid=False, row=1, col=2
    )
    figure.update_yaxes(
        title="how often it is felt", showticklabels=False, ticks="", showgrid=False, range=[0, 0.45], row=1, col=2
    )
    return figure.update_layout(showlegend=False, bargap=0.25)


def _add_criteria(figure: go.Figure, criteria: np.ndarray) -> None:
    """A Gaussian cut at the criteria, each part with its rating."""
    edges = np.clip([-REACH, *criteria, REACH], -REACH, REACH)
    for level, low, high in zip(LEVELS, edges, edges[1:]):
        x = np.linspace(low, high, 60)
        part = dict(x=[low, *x, high], y=[0, *norm.pdf(x), 0], fill="toself", fillcolor=TINTS[level % 2], mode="lines")
        figure.add_trace(go.Scatter(**part, line=dict(color=INK, width=1), hoverinfo="skip"), row=1, col=2)
        if high - low > WIDE_ENOUGH:
            middle = norm.ppf((norm.cdf(low) + norm.cdf(high)) / 2)
            where = dict(x=middle, y=0.01, yanchor="bottom", showarrow=False)
            figure.add_annotation(text=f"<b>{level}</b>", **where, row=1, col=2)


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
