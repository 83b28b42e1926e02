"""Figures of broken networks: what is lost, beside what any lesion of that size loses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from kit.analysis.dissociation import Dissociation
from kit.networks.lesions import DamageCurve
from kit.plots import INK, PALETTE, PAPER

BANDS = ("rgba(0,114,178,.18)", "rgba(213,94,0,.18)")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x")
FACES, THINGS = PALETTE[0], PALETTE[1]


def damage_picture(curves: Sequence[DamageCurve], titles: Sequence[str], tasks: Sequence[str]) -> go.Figure:
    """A panel for each order of ablation: the accuracy in two tasks, and where nine in ten random orders lie."""
    figure = make_subplots(1, len(curves), subplot_titles=list(titles), shared_yaxes=True, horizontal_spacing=0.06)
    for column, curve in enumerate(curves, 1):
        low, high = curve.band()
        for task, (name, colour, dash) in enumerate(zip(tasks, (FACES, THINGS), ("solid", "dash"))):
            x, edge = curve.counts, np.concatenate([low[:, task], high[::-1, task]])
            shade = dict(fill="toself", fillcolor=BANDS[task], mode="lines", line_width=0)
            band = go.Scatter(x=[*x, *x[::-1]], y=100 * edge, **shade)
            figure.add_trace(band.update(showlegend=False, hoverinfo="skip"), row=1, col=column)
            line = dict(color=colour, dash=dash, width=2.5)
            drawn = go.Scatter(x=x, y=100 * curve.ordered[:, task], name=name, line=line, mode="lines+markers")
            figure.add_trace(drawn.update(showlegend=column == 1), row=1, col=column)
        figure.update_xaxes(title="filters silenced", row=1, col=column)
    figure.update_yaxes(range=[0, 104]).update_yaxes(title="right, %", col=1)
    return figure.update_layout(legend=dict(orientation="h", x=0, y=1.12, yanchor="bottom"), margin_t=84)


def dissociation_picture(found: Sequence[Dissociation], names: Sequence[str]) -> go.Figure:
    """For each network, how much more either lesion takes from people than from things, in percentage points."""
    figure = go.Figure()
    for lesion, (name, colour, symbol) in enumerate(
        zip(("lesion for people", "lesion for things"), (FACES, THINGS), SYMBOLS)
    ):
        bias = np.array([100 * (one.damage[lesion, 0] - one.damage[lesion, 1]) for one in found])
        marked = [symbol if one.p[lesion] < 0.05 else f"{symbol}-open" for one in found]
        marker = dict(size=13, color=colour, symbol=marked, line=dict(width=2, color=colour))
        figure.add_scatter(x=list(names), y=bias, mode="markers", marker=marker, name=name)
    figure.add_hline(y=0, line_color=INK, line_width=1)
    figure.update_layout(legend=dict(orientation="h", x=0, y=1.14))
    figure.update_xaxes(title="network", type="category")
    return figure.update_yaxes(title="bias to people, points")


def confusion_picture(table: pd.DataFrame) -> go.Figure:
    """Shares of each diagnosis (columns) among those with each lesion (rows)."""
    broken = [name.replace("-", "-<br>").replace(" loss", "<br>loss") for name in table.index]
    words = [[f"{100 * value:.0f}" for value in row] for row in table.to_numpy()]
    heat = go.Heatmap(
        z=100 * table.to_numpy(), x=broken, y=broken, text=words, texttemplate="%{text}",
        colorscale=((0, PAPER), (1, "#2171B5")), zmin=0, zmax=100, showscale=False, hoverinfo="skip",
    )  # fmt: skip
    figure = go.Figure(heat)
    figure.update_yaxes(autorange="reversed", title="hidden lesion", title_standoff=12, ticksuffix=" ")
    figure.update_xaxes(title="diagnosis, % of each row", side="top", tickangle=0)
    return figure.update_layout(height=360, margin=dict(l=150, t=90, b=20))


def treatment_picture(table: pd.DataFrame) -> go.Figure:
    """Treatments (rows) by what was tested (columns): shares right, as dots on a line for each treatment."""
    figure = go.Figure()
    for place, (column, values) in enumerate(table.items()):
        marker = dict(size=14, color=PALETTE[place], symbol=SYMBOLS[place], line=dict(width=1, color=PAPER))
        figure.add_scatter(x=100 * values, y=list(table.index), mode="markers", marker=marker, name=str(column))
    figure.update_xaxes(title="right on new pictures, %", range=[-3, 103])
    figure.update_yaxes(autorange="reversed", type="category")
    return figure.update_layout(legend=dict(orientation="h", x=0, y=1.16), height=360, margin_l=100)


def preference_picture(preference: np.ndarray, harm: np.ndarray) -> go.Figure:
    """Each filter: how much it prefers faces, against how much more its loss harms people than things (nats).

    Preference and harm are (units,).
    """
    marker = dict(size=9, color=PALETTE[2], line=dict(width=1, color=PAPER))
    figure = go.Figure(go.Scatter(x=preference, y=harm, mode="markers", marker=marker))
    figure.add_hline(y=0, line_color=INK, line_width=1).add_vline(x=0, line_color=INK, line_width=1)
    figure.update_xaxes(title="prefers faces, d'")
    return figure.update_yaxes(title="bias to people, nats").update_layout(margin_l=90)
