"""Pictures of richer neurons and grounded words: means over seeds, membranes, words and weights compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from kit.plots import INK, LINE, PALETTE
from kit.plots_learning import DASHES

MARKS = ("circle", "square", "diamond", "cross", "triangle-up")


def over_seeds(table: pd.DataFrame, x: str, y: str, by: str, titles: tuple[str, str], log: bool = False) -> go.Figure:
    """A line for each kind: the mean over seeds, with a bar from the lowest seed to the highest.

    Parameters
    ----------
    table : a row for each kind, place and seed.
    x, y, by : its columns: the place, the score, the kind.
    titles : of the axes.
    log : whether places are powers, such as learning rates.
    """
    figure = go.Figure()
    for k, (name, rows) in enumerate(table.groupby(by, sort=False)):
        seeds = rows.groupby(x)[y].agg(["mean", "min", "max"])
        bars = dict(array=seeds["max"] - seeds["mean"], arrayminus=seeds["mean"] - seeds["min"], thickness=1.2, width=3)
        look = dict(color=PALETTE[k], dash=DASHES[k % 4], width=2.5)
        figure.add_scatter(
            x=seeds.index, y=seeds["mean"], error_y=bars, name=str(name), line=look, mode="lines+markers",
            marker=dict(symbol=MARKS[k % 5], size=9),
        )  # fmt: skip
    figure.update_layout(legend=dict(orientation="h", y=1.02, x=0, yanchor="bottom"), margin_t=60)
    across = dict(type="log", tickvals=sorted(table[x].unique())) if log else {}
    return figure.update_xaxes(title=titles[0], **across).update_yaxes(title=titles[1], range=[0, 1.03])


def membrane(voltage: np.ndarray, spikes: np.ndarray, threshold: float = 1.0) -> go.Figure:
    """A neuron's voltage over steps of time, its threshold, and a triangle at each spike.

    Parameters
    ----------
    voltage, spikes : arrays of shape (steps,)
    """
    steps = np.arange(len(voltage))
    figure = go.Figure(go.Scatter(x=steps, y=voltage, mode="lines+markers", line_color=PALETTE[0], name="voltage"))
    figure.add_scatter(
        x=steps[spikes > 0], y=voltage[spikes > 0] + 0.08, mode="markers", name="spike",
        marker=dict(symbol="triangle-down", size=11, color=PALETTE[1]),
    )  # fmt: skip
    line = dict(color=INK, dash="dash")
    figure.add_scatter(x=steps[[0, -1]], y=[threshold, threshold], mode="lines", line=line, name="threshold")
    figure.update_layout(legend=dict(orientation="h", y=1.02, x=0, yanchor="bottom"), margin_t=60, height=320)
    return figure.update_xaxes(title="step").update_yaxes(title="voltage", rangemode="tozero")


def unlike(tables: dict[str, np.ndarray], words: Sequence[str]) -> go.Figure:
    """How different words are to several models, side by side: dark is different, and each field has its number.

    Parameters
    ----------
    tables : name -> array of shape (k, k)
    words : the k words
    """
    from plotly.subplots import make_subplots

    figure = make_subplots(1, len(tables), subplot_titles=list(tables), horizontal_spacing=0.16)
    colours = [[0, "#FFFFFF"], [1, PALETTE[0]]]
    most = max(float(table.max()) for table in tables.values())
    for column, table in enumerate(tables.values(), 1):
        shown = np.abs(np.round(table, 1))
        figure.add_heatmap(
            z=table, x=list(words), y=list(words), text=shown, texttemplate="%{text:.1f}", colorscale=colours, zmin=0,
            zmax=1.4 * most, showscale=False, hoverinfo="skip", row=1, col=column,
        )  # fmt: skip
    figure.update_yaxes(autorange="reversed").update_xaxes(tickangle=-40)
    return figure.update_layout(height=380, margin=dict(t=50, b=100, l=80))


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
