"""Figures and pictures for the end of a cell: one look for light and dark pages, and words for every figure."""

from __future__ import annotations

import json
import textwrap
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from kit.faces.pictures import encoded

from .looks import INK, LINE, PALETTE, PAPER

HEIGHT = 400
LETTERS_A_LINE, LINE_HEIGHT = 64, 19  # of the sentence below a figure: no page is too narrow for it
_AXIS = dict(gridcolor=LINE, linecolor=INK, zeroline=False, ticks="outside", tickcolor=INK, showline=True)
# Dark ink on white: no ink is legible on a white and on a black page alike. On a dark page the whole is turned into its
# negative by kit/teaching/panel.css.
TEMPLATE = go.layout.Template(
    layout=dict(
        colorway=PALETTE, paper_bgcolor=PAPER, plot_bgcolor=PAPER, height=HEIGHT,
        font=dict(family="system-ui, sans-serif", size=14, color=INK), title=dict(x=0, xref="paper", font_size=16),
        margin=dict(l=70, r=24, t=24, b=76), xaxis=_AXIS, yaxis=_AXIS, hoverlabel=dict(bgcolor=INK, font_color=PAPER),
    )
)  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A figure or picture for the end of a cell, with the sentence that says what it shows."""

    bundle: dict[str, Any]

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        return self.bundle


def show(figure: go.Figure, alt: str) -> Shown:
    """A plotly figure with its sentence below it; where plotly does not run, the sentence remains.

    The sentence is text of the figure, not of the page: JupyterLab's plotly renderer leaves no other
    place that stays with the figure and that a screen reader finds.
    """
    figure = go.Figure(figure)
    lines = textwrap.wrap(alt, LETTERS_A_LINE)
    height, bottom = figure.layout.height or HEIGHT, figure.layout.margin.b
    bottom = TEMPLATE.layout.margin.b if bottom is None else bottom
    left_margin = TEMPLATE.layout.margin.l if figure.layout.margin.l is None else figure.layout.margin.l
    extra = LINE_HEIGHT * len(lines) + 12
    figure.update_layout(template=TEMPLATE, height=height + extra, margin_b=bottom + extra)
    figure.add_annotation(
        text="<br>".join(lines), x=0, y=0, xref="paper", yref="paper", xshift=8 - left_margin, yshift=-bottom,
        showarrow=False, xanchor="left", yanchor="top", align="left", font_size=13.5,
    )  # fmt: skip
    plotly = json.loads(figure.to_json()) | {"config": {"displaylogo": False, "displayModeBar": False}}
    left = f"<p>{escape(alt)}</p>"
    return Shown({"application/vnd.plotly.v1+json": plotly, "text/html": left, "text/plain": alt})


def pictures(images: np.ndarray, alt: str, labels: Sequence[str] = (), columns: int = 4) -> Shown:
    """Pictures in rows with a label below each, and the sentence that says what they show.

    On a narrow page a single row wraps; in more rows, where columns may mean something, the pictures shrink.

    Parameters
    ----------
    images : uint8 array of shape (n, h, w, 3)
    alt : the sentence.
    labels : n short texts; none by default.
    columns : pictures in a row.
    """
    if labels and len(labels) != len(images):
        raise ValueError(f"{len(labels)} labels for {len(images)} pictures; give one a picture")
    cells = [_picture(image, label) for image, label in zip(images, labels or [""] * len(images))]
    one_row = len(images) <= columns
    table = f"display:grid;grid-template-columns:repeat({columns},minmax(48px,max-content));overflow-x:auto"
    layout = f"{'display:flex;flex-wrap:wrap' if one_row else table};gap:8px"
    html = (
        f'<figure style="margin:.3em 0" role="group" aria-label="{escape(alt)}"><div style="{layout}">{"".join(cells)}'
        f'</div><figcaption style="max-width:46em;margin-top:.5em">{escape(alt)}</figcaption></figure>'
    )
    return Shown({"text/html": html, "text/plain": alt})


def _picture(image: np.ndarray, label: str) -> str:
    url = f"data:image/jpeg;base64,{b64encode(encoded(image)).decode()}"
    below = f'<div style="text-align:center;font-size:.9em">{escape(label)}</div>' if label else ""
    look = "display:block;border-radius:3px;max-width:100%;height:auto"
    return f'<div><img alt="{escape(label)}" src="{url}" style="{look}">{below}</div>'
