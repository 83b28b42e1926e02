"""Faces with a number at each vertex: to turn by hand, or as a small picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from kit.faces import Faces
from kit.faces._optics import OPTICS
from kit.faces.mesh import Mesh

from .looks import BEHIND, CLEAR, DIVERGING, diverging

NECK_ENDS = 0.3  # opacity below which the neck, which pictures let fade, is cut off


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
    image = np.full((*values.shape[:-1], 2 * size, 2 * size, 3), float(BEHIND))
    image[..., seen, :] = diverging(at / (most or 1.0)) * facing[:, None]
    halves = image.reshape(*values.shape[:-1], size, 2, size, 2, 3)
    return halves.mean(axis=(-4, -2)).round().astype(np.uint8)
