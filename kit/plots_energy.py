"""Pictures of costs: accuracy against energy, and errors of one group trained on another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from kit.plots import PALETTE

MARKS = ("circle", "square", "diamond", "cross", "triangle-up")
PLACES = ("top left", "top center", "middle right", "bottom center", "bottom center")  # of labels, so that few touch
STEPS = [step * 10**power for power in range(-3, 4) for step in (1, 2, 5)]


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
            textposition=PLACES[k], textfont_size=12, line=dict(color=PALETTE[k], width=1.5),
            marker=dict(symbol=MARKS[k], size=10, color=PALETTE[k]),
        )  # fmt: skip
    all_joules = [joules for points in series.values() for _, joules, _ in points]
    ends = np.log10(1e6 * np.array([min(all_joules) / 1.3, max(all_joules) * 1.3]))
    figure.update_layout(height=460, legend=dict(orientation="h", y=1.12, x=0))
    figure.update_xaxes(title="energy of one answer, µJ (logarithmic)", type="log", range=ends, tickvals=STEPS)
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
    figure.update_layout(margin_l=128)
    figure.update_xaxes(title="tested on", showline=False)
    return figure.update_yaxes(title="trained on", title_standoff=14, autorange="reversed", showline=False)
