"""Pictures of costs: accuracy against energy, and errors of one group trained on another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from kit.plots import PALETTE

MARKS = ("circle", "square", "diamond", "cross", "triangle-up")


def front(series: Mapping[str, Sequence[tuple[str, float, float]]]) -> go.Figure:
    """Accuracy against energy: better is up and to the left.

    Parameters
    ----------
    series : a way to save energy -> its points (label, joules, share right).
    """
    figure = go.Figure()
    for k, (name, points) in enumerate(series.items()):
        labels, joules, right = zip(*points)
        figure.add_scatter(
            x=1e6 * np.array(joules), y=100 * np.array(right), text=labels, name=name, mode="lines+markers+text",
            textposition="bottom center", textfont_size=11, line=dict(color=PALETTE[k], width=1.5),
            marker=dict(symbol=MARKS[k], size=10, color=PALETTE[k]),
        )  # fmt: skip
    figure.update_layout(legend=dict(orientation="h", y=1.12, x=0))
    figure.update_xaxes(title="energy of one answer, µJ (each mark: ten times)", type="log", dtick=1)
    return figure.update_yaxes(title="named rightly, %", range=[0, 106])


def error_table(errors: np.ndarray, trained: Sequence[str], tested: Sequence[str]) -> go.Figure:
    """Errors in percent, a row for each training set, a column for each group tested; the number is in each field.

    Parameters
    ----------
    errors : array of shape (n_trained, n_tested)
        From 0 to 1.
    """
    shown = [[f"{100 * e:.0f} %" for e in row] for row in errors]
    figure = go.Figure(
        go.Heatmap(
            z=100 * errors, x=list(tested), y=list(trained), text=shown, texttemplate="%{text}", zmin=0, zmax=100,
            colorscale=((0, "#FFFFFF"), (1, "#E69F00")), colorbar=dict(title="errors, %"), hoverinfo="skip",
            xgap=2, ygap=2,
        )
    )  # fmt: skip
    figure.update_xaxes(title="tested on", showline=False)
    return figure.update_yaxes(title="trained on", autorange="reversed", showline=False)
