"""Figures of the tests beside the main one: erasure, generalisation, the null, differences, whose variance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from kit import plots
from kit.plots.looks import INK, PALETTE

from . import contrasts, erasure, partition
from .figures import BLUE, GREEN, LEGEND, WIDE, label, who
from .generalisation import SETS, TASKS
from .panels import proper
from .results import Results
from .space_names import PIXELS, SHAPE, TEXTURE
from .templates import OBSERVER

CURVES = (OBSERVER, SHAPE, PIXELS, "viae", "ae", "classid", "triplet")
REMOVALS = {SHAPE: ("shape", GREEN, "diamond"), TEXTURE: ("texture", PALETTE[4], "square"),
            erasure.LOT: ("as many directions by lot", PALETTE[5], "x")}  # fmt: skip


def erasure_figure(results: Results) -> go.Figure:
    """Information that each system loses with shape, texture, or as many directions by lot, with 95 % intervals."""
    figure = go.Figure()
    for kind, (name, colour, symbol) in REMOVALS.items():
        found = removal_cost(results, kind)
        marker = dict(symbol=symbol, size=10, color=colour, line=dict(color=INK, width=1))
        error = dict(type="data", array=found["high"] - found["mean"], arrayminus=found["mean"] - found["low"],
                     color=colour, thickness=1.2, width=0)  # fmt: skip
        y = [label(n) for n in found.index]
        figure.add_trace(go.Scatter(x=found["mean"], y=y, mode="markers", name=name, marker=marker, error_x=error))
    figure.add_vline(0, line=dict(color=INK, width=1))
    figure.update_xaxes(title=f"information about the ratings of {who(results)} that is lost (bits)")
    figure.update_yaxes(autorange="reversed", showgrid=True)
    rows = results.erasure["space"].nunique()
    return figure.update_layout(height=160 + 28 * rows, margin_l=WIDE, **LEGEND)


def removal_cost(results: Results, kind: str) -> pd.DataFrame:
    """Mean cost of one removal with its interval, a row a system: mean, low, high."""
    return contrasts.interval(erasure.costs(proper(results.erasure)).reset_index(), kind)


def generalisation_figure(results: Results) -> go.Figure:
    """Accuracy of naming against strength of the features, one panel a test; two rows, two kinds of features."""
    table = results.generalisation
    chance = 1 / table["identity"].nunique()
    rows = [f"{which} features" for which in SETS]
    figure = make_subplots(2, len(TASKS), shared_xaxes=True, shared_yaxes=True, column_titles=list(TASKS),
                           row_titles=rows, horizontal_spacing=0.015, vertical_spacing=0.05)  # fmt: skip
    shown = [name for name in CURVES if name in set(table["system"])]
    for row, which in enumerate(SETS, 1):
        for column, task in enumerate(TASKS, 1):
            part = table[(table["task"] == task) & (table["features"] == which)]
            for place, name in enumerate(shown):
                figure.add_trace(_curve(part, name, place, row == column == 1), row, column)
            figure.add_hline(chance, line=dict(dash="dot", color=INK, width=1), row=row, col=column)
    figure.update_yaxes(range=[-0.05, 1.05])
    figure.update_annotations(font_size=11)  # titles that stay apart on a narrow page
    figure.update_xaxes(dtick=1).update_xaxes(title="strength", row=2)
    figure.update_yaxes(title="named rightly", col=1)
    above = dict(orientation="h", y=1.08, yanchor="bottom", x=0)  # three lines of it on a narrow page
    return figure.update_layout(height=570, legend=above, margin_t=140)


def _curve(part: pd.DataFrame, name: str, place: int, legend: bool) -> go.Scatter:
    mean = part[part["system"] == name].groupby("strength")["accuracy"].mean()
    colour = INK if name == OBSERVER else PALETTE[(place - 1) % 7]
    dash = ("solid", "dash", "dot", "dashdot")[place % 4]
    line = dict(color=colour, width=3 if name == OBSERVER else 2, dash=dash)
    called = "simulated observers" if name == OBSERVER else label(name)  # people were not asked
    return go.Scatter(x=mean.index, y=mean, name=called, line=line, showlegend=legend, mode="lines")


def null_figure(results: Results) -> go.Figure:
    """Share of tests above their own 95th percentile of shifted ratings, with what chance gives."""
    table = proper(results.null)
    share = table.groupby("space", sort=False)["significant"].mean().iloc[::-1]
    marker = dict(size=11, color=BLUE, line=dict(color=INK, width=1))
    figure = go.Figure(go.Scatter(x=share, y=[label(n) for n in share.index], mode="markers", marker=marker))
    figure.add_vline(0.05, line=dict(dash="dot", color=INK), annotation_text="chance: 5 %")
    figure.update_xaxes(title=f"share of {who(results)} × identities × folds above chance", range=[-0.02, 1.02])
    return figure.update_layout(height=110 + 26 * len(share), margin_l=WIDE)


def partition_figure(results: Results) -> go.Figure:
    """Share of the ratings' variance that each part of the features tells, with 95 % intervals."""
    found = partition.over_observers(proper(results.partition))
    error = dict(type="data", array=found["high"] - found["mean"], arrayminus=found["mean"] - found["low"], color=INK)
    y = [_part(name) for name in found.index]
    figure = go.Figure(go.Bar(x=found["mean"], y=y, orientation="h", marker_color=BLUE, error_x=error))
    figure.add_vline(0, line=dict(color=INK, width=1))
    figure.update_xaxes(title=f"share of the variance of the ratings of {who(results)} (R²)")
    figure.update_yaxes(autorange="reversed")
    return figure.update_layout(height=320, margin_l=150)


def _part(name: str) -> str:
    return f"only {label(name.removeprefix('only '))}" if name.startswith("only ") else name


def contrast_figure(results: Results, column: str = "mi") -> go.Figure:
    """How much more the system of the row tells than that of the column; pairs that differ after Holm's correction in
    bold.
    """
    found = contrasts.differences(results.main_scores(), column)
    names = list(dict.fromkeys([*found["a"], *found["b"]]))
    values, sure = (np.full((len(names), len(names)), np.nan) for _ in range(2))
    for row in found.itertuples():
        a, b = names.index(row.a), names.index(row.b)
        values[a, b], values[b, a] = row.mean, -row.mean
        sure[a, b] = sure[b, a] = row.p_holm < 0.05
    text = [[_marked(v, s) for v, s in zip(*rows, strict=True)] for rows in zip(values, sure, strict=True)]
    shown = [label(n) for n in names]
    most = float(np.nanmax(np.abs(values))) or 1.0
    scale = [[place, colour] for place, colour in plots.DIVERGING]
    figure = go.Figure(go.Heatmap(z=values, x=shown, y=shown, zmin=-most, zmax=most, colorscale=scale, text=text,
                                  hoverongaps=False, texttemplate="%{text}", textfont_size=10,
                                  colorbar_title="bits"))  # fmt: skip
    figure.update_yaxes(autorange="reversed")
    return figure.update_layout(height=160 + 30 * len(names), margin_l=WIDE)


def _marked(value: float, sure: float) -> str:
    if np.isnan(value):
        return ""
    return f"<b>{value:+.2f}*</b>" if sure == 1 else f"{value:+.2f}"
