"""Figures of grids: a number in each field, its size as a shade."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from .looks import PALETTE, PAPER


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


def confusion_picture(table: pd.DataFrame) -> go.Figure:
    """Shares of each diagnosis (columns) among those with each lesion (rows)."""
    signs = {"-": "-<br>", " ": "<br>", "prosopa": "prosop-<br>a"}  # where a name may break
    broken = [re.sub("|".join(signs), lambda sign: signs[sign[0]], name) for name in table.index]
    words = [[f"{100 * value:.0f}" for value in row] for row in table.to_numpy()]
    heat = go.Heatmap(
        z=100 * table.to_numpy(), x=broken, y=broken, text=words, texttemplate="%{text}",
        colorscale=((0, PAPER), (1, "#2171B5")), zmin=0, zmax=100, showscale=False, hoverinfo="skip",
    )  # fmt: skip
    figure = go.Figure(heat)
    figure.update_yaxes(autorange="reversed", title="hidden lesion", title_standoff=12, ticksuffix=" ")
    figure.update_xaxes(title="diagnosis, % of each row", side="top", tickangle=0)
    return figure.update_layout(height=390, margin=dict(l=150, t=110, b=20))


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
