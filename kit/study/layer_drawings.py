"""The layers of a network from input to output, drawn and told."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from kit.plots.looks import INK, PALETTE

from .figures import LEGEND
from .layer_scan import Layers

TOLD = {
    "mi": ("information about the ratings", PALETTE[0], "circle", "solid"),
    "with_shape": ("redundant with shape", PALETTE[2], "diamond", "dash"),
    "with_texture": ("redundant with texture", PALETTE[4], "square", "dot"),
}
HELD = {
    "shape": ("shape, read from it", PALETTE[2], "triangle-up", "dash"),
    "texture": ("texture, read from it", PALETTE[4], "x", "dot"),
}


def layer_figure(found: Layers) -> go.Figure:
    """Above: bits that each layer tells about ratings. Below: what can be read from it (mean R^2).

    Bars are 95 % intervals of the information. Those of what is redundant would cover them: see `found.summary()`.
    """
    table = found.summary()
    figure = make_subplots(2, 1, shared_xaxes=True, vertical_spacing=0.06)
    for row, kinds in enumerate((TOLD, HELD), 1):
        for column, (name, colour, symbol, dash) in kinds.items():
            figure.add_trace(_line(table, column, name, colour, symbol, dash), row, 1)
    figure.update_yaxes(title="bits", row=1)
    figure.update_yaxes(title="share of variance", row=2)
    figure.update_xaxes(title="layers, from input to output", row=2, tickangle=-45)
    return figure.update_layout(height=580, margin_b=90, **LEGEND)


def _line(table: pd.DataFrame, column: str, name: str, colour: str, symbol: str, dash: str) -> go.Scatter:
    error = None
    if column == "mi":
        up, down = table[f"{column}_high"] - table[column], table[column] - table[f"{column}_low"]
        error = dict(type="data", array=up, arrayminus=down, color=colour, thickness=1.5, width=0)
    return go.Scatter(
        x=list(table.index), y=table[column], name=name, mode="lines+markers", error_y=error,
        line=dict(color=colour, dash=dash, width=2),
        marker=dict(symbol=symbol, color=colour, size=9, line=dict(color=INK, width=1)),
    )  # fmt: skip


def describe_layers(found: Layers) -> str:
    """What the figure shows, in words."""
    table = found.summary()
    best, held = table["mi"].idxmax(), {kind: table[kind].idxmax() for kind in HELD}
    reduced = table[table["kept"] < table["features"]]
    words = (
        f"{len(table)} layers from {table.index[0]} to {table.index[-1]}. {best} tells most about the ratings, "
        f"{table.loc[best, 'mi']:.3f} bits, of which {table.loc[best, 'with_shape']:.3f} are redundant with shape and "
        f"{table.loc[best, 'with_texture']:.3f} with texture; the last layer tells {table['mi'].iloc[-1]:.3f}. Shape "
        f"is read best from {held['shape']} (R² {table['shape'].max():.2f}), texture from {held['texture']} "
        f"(R² {table['texture'].max():.2f})."
    )
    if len(reduced):
        were = "layers were" if len(reduced) > 1 else "layer was"
        words += (
            f" {len(reduced)} {were} reduced to {int(reduced['kept'].max())} numbers, which changes distances by "
            f"{reduced['loss'].max():.1%} at most."
        )
    return words.replace("-0.0", "−0.0")
