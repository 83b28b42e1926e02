"""Figures that say what they show: one palette, one look for light and dark pages, words for every figure."""

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

from kit.faces import Faces
from kit.faces._optics import OPTICS
from kit.faces.mesh import Mesh
from kit.faces.pictures import encoded

# Okabe & Ito (2008), Color universal design: told apart with every common kind of colour vision.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
# From inward over nothing to outward: blue and orange differ for colour-blind eyes, and both darken.
DIVERGING = ((0, "#08306B"), (0.25, "#4292C6"), (0.5, "#DCDCDC"), (0.75, "#E6772E"), (1, "#7F2704"))
INK, LINE, PAPER = "#222222", "#D0D0D0", "#FFFFFF"
CLEAR = "rgba(0, 0, 0, 0)"  # the page's own paper: on a dark page it is dark (kit/teaching/panel.css)
HEIGHT = 400
LETTERS_A_LINE, LINE_HEIGHT = 92, 19  # of the sentence below a figure
NECK_ENDS = 0.3  # opacity below which the neck, which pictures let fade, is cut off

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
    wider = max(0, (figure.layout.margin.l or 0) - TEMPLATE.layout.margin.l)  # else a narrow page cuts the sentence off
    extra = LINE_HEIGHT * len(lines) + 12
    figure.update_layout(template=TEMPLATE, height=height + extra, margin_b=bottom + extra)
    figure.add_annotation(
        text="<br>".join(lines), x=0, y=0, xref="paper", yref="paper", xshift=-wider, yshift=-bottom,
        showarrow=False, xanchor="left", yanchor="top", align="left", font_size=13.5,
    )  # fmt: skip
    plotly = json.loads(figure.to_json()) | {"config": {"displaylogo": False, "displayModeBar": False}}
    left = f"<p>{escape(alt)}</p>"
    return Shown({"application/vnd.plotly.v1+json": plotly, "text/html": left, "text/plain": alt})


def pictures(images: np.ndarray, alt: str, labels: Sequence[str] = (), columns: int = 4) -> Shown:
    """Pictures in rows with a label below each, and the sentence that says what they show.

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
    grid = f"display:grid;grid-template-columns:repeat({columns},max-content);gap:8px;overflow-x:auto"
    html = (
        f'<figure style="margin:.3em 0" role="group" aria-label="{escape(alt)}"><div style="{grid}">{"".join(cells)}'
        f'</div><figcaption style="max-width:46em;margin-top:.5em">{escape(alt)}</figcaption></figure>'
    )
    return Shown({"text/html": html, "text/plain": alt})


def _picture(image: np.ndarray, label: str) -> str:
    url = f"data:image/jpeg;base64,{b64encode(encoded(image)).decode()}"
    below = f'<div style="text-align:center;font-size:.9em">{escape(label)}</div>' if label else ""
    return f'<div><img alt="{escape(label)}" src="{url}" style="display:block;border-radius:3px">{below}</div>'


def scree(share: np.ndarray, levels: Sequence[float] = (0.5, 0.8, 0.9)) -> go.Figure:
    """How much of the variance the first components hold together, with the count at which levels are reached.

    Parameters
    ----------
    share : array of shape (k,)
        Each component's part of the whole variance, largest first.
    """
    total = np.cumsum(share)
    counts = np.arange(1, len(total) + 1)
    figure = go.Figure(go.Scatter(x=counts, y=100 * total, mode="lines+markers", marker_size=5, name="together"))
    for level in levels:
        k = int(np.searchsorted(total, level) + 1)
        text = f"{k} components: {level:.0%} or more"
        figure.add_annotation(x=k, y=100 * total[k - 1], text=text, ax=40, ay=28, arrowhead=2, xanchor="left")
    figure.update_xaxes(title="components, largest first", range=[0, min(len(total), 62)])
    return figure.update_yaxes(title="variance they hold, %", range=[0, 103])


def mesh3d(face: Faces, values: np.ndarray | None = None, unit: str = "mm") -> go.Figure:
    """One face to turn by hand: in its own colours, or coloured by a number at each vertex.

    Parameters
    ----------
    face : Faces of length 1
    values : array of shape (v,), optional
        Orange above zero (outward), blue below (inward), the same scale on both sides; grey is zero.
    """
    mesh, smooth = face.model.mesh.fine
    x, y, z = (smooth @ face.vertices(cap=values is None)[0]).T
    i, j, k = mesh.triangles[(mesh.fade > NECK_ENDS)[mesh.triangles].all(axis=1)].T
    look = _own_colours(face, mesh) if values is None else _map_colours(smooth @ values, unit)
    figure = go.Figure(go.Mesh3d(x=x, y=y, z=z, i=i, j=j, k=k, hoverinfo="skip", **look))
    hidden = dict(visible=False)
    camera = dict(up=dict(x=0, y=1, z=0), eye=dict(x=0.45, y=0.1, z=1.45))
    figure.update_layout(height=460, margin=dict(l=0, r=0, t=0, b=0))
    return figure.update_scenes(
        aspectmode="data", camera=camera, xaxis=hidden, yaxis=hidden, zaxis=hidden, bgcolor=CLEAR, dragmode="orbit"
    )


def _map_colours(values: np.ndarray, unit: str) -> dict[str, Any]:
    most = float(np.abs(values).max())
    bar = dict(title=unit, thickness=14, len=0.7)
    light = dict(ambient=0.8, diffuse=0.3, specular=0, fresnel=0)
    return dict(intensity=values, cmin=-most, cmax=most, colorscale=DIVERGING, colorbar=bar, lighting=light)


def _own_colours(face: Faces, mesh: Mesh) -> dict[str, Any]:
    """The texture at each vertex, the swim cap where it covers the scalp, grey where the neck ends."""
    texture = face.texture_image()[0]
    corner = np.zeros(mesh.vertex_count, int)
    corner[mesh.triangles] = mesh.uv_triangles
    height, width = texture.shape[:2]
    column, row = (mesh.uv[corner] * (width - 1, height - 1)).round().astype(int).T
    colours = np.where(mesh.cap[:, None] > 0, OPTICS.cap_colour, texture[row, column])
    colours = 0.5 + np.clip(mesh.fade, 0, 1)[:, None] * (colours - 0.5)
    return dict(vertexcolor=colours, lighting=dict(ambient=0.75, diffuse=0.4, specular=0.05, roughness=0.9, fresnel=0))


def face_map(face: Faces, values: np.ndarray, most: float | None = None, size: int = 160) -> np.ndarray:
    """A picture of one face coloured by a number at each vertex; for maps side by side, where `mesh3d` is too much.

    Parameters
    ----------
    face : Faces of length 1
    values : array of shape (v,), or (n, v) for n maps of the same face
        Orange above zero (outward), blue below (inward), grey at zero.
    most : float, optional
        Value that gets the full colour; the largest on the face by default.
    size : int
        Pixels on a side.

    Returns
    -------
    uint8 array of shape (size, size, 3), or (n, size, size, 3)
    """
    drawn = face.render_buffers(2 * size, cap=False, antialias=False)
    triangles = face.model.mesh.triangles
    neck = (face.model.mesh.fade < NECK_ENDS)[triangles].any(axis=1)
    seen = (drawn.triangle[0] >= 0) & ~neck[drawn.triangle[0]]
    at = (values[..., triangles[drawn.triangle[0][seen]]] * drawn.barycentric[0][seen]).sum(axis=-1)
    most = float(np.abs(at).max()) if most is None else most
    facing = 0.55 + 0.45 * np.clip(drawn.normal[0][seen][:, 2], 0, 1)
    image = np.full((*values.shape[:-1], 2 * size, 2 * size, 3), 255.0)
    image[..., seen, :] = diverging(at / (most or 1.0)) * facing[:, None]
    halves = image.reshape(*values.shape[:-1], size, 2, size, 2, 3)
    return halves.mean(axis=(-4, -2)).round().astype(np.uint8)


def diverging_picture(values: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Numbers from -1 to 1 on a face as colours: uint8 (n, h, w, 3) of values (n, h, w) where `shown` (h, w), else
    white.
    """
    return np.where(shown[..., None], diverging(values), 255.0).round().astype(np.uint8)


def diverging(values: np.ndarray) -> np.ndarray:
    """Colours (..., 3) from 0 to 255 of values (...) from -1 to 1: blue below zero, grey at it, orange above."""
    places = [place for place, _ in DIVERGING]
    colours = np.array([[int(code[k : k + 2], 16) for k in (1, 3, 5)] for _, code in DIVERGING])
    at = (np.clip(values, -1, 1) + 1) / 2
    return np.stack([np.interp(at, places, channel) for channel in colours.T], axis=-1)
