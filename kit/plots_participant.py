"""Figures of lesson 07: agreement with oneself, and what more trials buy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from kit.faces.stimuli import PANEL
from kit.plots import PALETTE


def agreement_picture(share: float) -> go.Figure:
    """How often the same face was chosen again, beside guessing among six."""
    shares = [100 * share, 100 / PANEL]
    bars = go.Bar(x=["chosen again", "by guessing"], y=shares, text=[f"{s:.0f} %" for s in shares], width=0.5)
    figure = go.Figure(bars.update(marker_color=[PALETTE[0], PALETTE[5]], textposition="outside", cliponaxis=False))
    return figure.update_yaxes(title="repeated panels, %", range=[0, 105])


def power_picture(sizes: Sequence[int], curves: dict[str, np.ndarray], what: str) -> go.Figure:
    """Power against the number of panels, with intervals.

    Parameters
    ----------
    sizes : numbers of panels
    curves : name to array of shape (n_sizes, 3), from `kit.analysis.power.Power.curve`
    what : what is found, for the axis.
    """
    figure = go.Figure()
    looks = zip(("solid", "dash", "dot"), ("circle", "square", "diamond"), PALETTE)
    for (name, curve), (dash, symbol, colour) in zip(curves.items(), looks):
        share, low, high = 100 * curve.T
        bars = dict(array=high - share, arrayminus=share - low)
        look = dict(line=dict(color=colour, dash=dash), marker=dict(size=10, symbol=symbol))
        figure.add_trace(go.Scatter(x=sizes, y=share, error_y=bars, name=name, mode="lines+markers", **look))
    figure.update_xaxes(title="panels", type="log", tickvals=list(sizes))
    figure.update_yaxes(title=f"{what}, %", range=[-3, 103])
    return figure.update_layout(margin_t=56, legend=dict(orientation="h", x=0, y=1.02, yanchor="bottom"))
