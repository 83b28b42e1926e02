"""Figures of bars: shares and counts side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots
from scipy.stats import norm

from kit.analysis.agreement import rating_criteria
from kit.faces.stimuli import PANEL

from .looks import INK, PALETTE

PATTERNS = ("", "/", "x", ".")
LEVELS = np.arange(1, 7)
REACH = 3.2  # standard deviations drawn on each side
WIDE_ENOUGH = 0.2  # sd between criteria below which the rating between them has no room for its number
TINTS = ("rgba(86,180,233,.45)", "rgba(0,114,178,.45)")


def grouped_bars(
    told: Mapping[str, Mapping[str, float]],
    ceilings: Mapping[str, float] | None = None,
    title: str = "R² on held-out pictures",
) -> go.Figure:
    """A group of bars for each place, one for each kind; a line where the noise ceiling is.

    Parameters
    ----------
    told : kind (such as a feature space) to place (such as a region of the brain) to value
    ceilings : place to value, optional
    """
    places = list(next(iter(told.values())))
    bars = [
        go.Bar(name=kind, x=places, y=[values[place] for place in places], marker_pattern_shape=pattern)
        for (kind, values), pattern in zip(told.items(), PATTERNS)
    ]
    figure = go.Figure(bars)
    if ceilings:
        line = dict(color=INK, width=3)
        for k, place in enumerate(places):
            figure.add_shape(x0=k - 0.42, x1=k + 0.42, y0=ceilings[place], y1=ceilings[place], type="line", line=line)
        # A line through one point draws nothing but its entry in the legend.
        figure.add_scatter(x=places[:1], y=[ceilings[places[0]]], mode="lines", line=line, name="noise ceiling")
    return figure.update_yaxes(title=title).update_layout(legend=dict(orientation="h", y=1.02, yanchor="bottom", x=0))


def agreement_picture(share: float) -> go.Figure:
    """How often the same face was chosen again, beside guessing among six."""
    shares = [100 * share, 100 / PANEL]
    bars = go.Bar(x=["chosen again", "by guessing"], y=shares, text=[f"{s:.0f} %" for s in shares], width=0.5)
    figure = go.Figure(bars.update(marker_color=[PALETTE[0], PALETTE[5]], textposition="outside", cliponaxis=False))
    return figure.update_yaxes(title="repeated panels, %", range=[0, 105])


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
