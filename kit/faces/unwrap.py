"""A texture for a model that has its colours at the vertices: unroll the head onto a picture.

The head is seen from its centre, as a globe is on a world map: columns are the angle round the vertical
axis, rows the elevation (so that the underside of chin and nose, which a plain cylinder squeezes, gets
its share of the rows). The face is in the middle, the seam at the back, and steps are smaller in the
middle than at the borders: eyes and mouth get three times the texels of an even division.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

ACROSS, DOWN = 0.7, 1.0  # per radian: how much denser than the borders the middle is, each way
OVERLAP = 0.03  # of the width: how far triangles on the seam may reach past it (near the crown, all round)
INSIDE = -1e-9  # barycentric: neighbours both own their common edge, so that no texel falls between


@dataclass(frozen=True, eq=False)
class Atlas:
    """Where each vertex is in the texture, and which vertices make each texel.

    Parameters
    ----------
    uv : float array of shape (u, 2)
        Texture coordinates in 0..1; v points down.
    uv_triangles : int array of shape (t, 3)
        Indexes into `uv`; a vertex on the seam has two texture coordinates.
    operator : sparse matrix of shape (size * size, v)
        Texel colours = operator @ vertex colours: barycentric weights of the triangle round the texel.
    """

    uv: np.ndarray
    uv_triangles: np.ndarray
    operator: csr_matrix

    def paint(self, colours: np.ndarray) -> np.ndarray:
        """Colours of the vertices (n, v, 3) -> textures (n, size, size, 3), float32."""
        size = round(self.operator.shape[0] ** 0.5)
        out = np.empty((len(colours), size * size, 3), np.float32)
        for texture, colour in zip(out, colours, strict=True):
            texture[:] = self.operator @ colour
        return out.reshape(len(colours), size, size, 3)


def unwrap(vertices: np.ndarray, triangles: np.ndarray, size: int = 256) -> Atlas:
    """Unroll a head onto a square texture.

    Where several layers of skin lie behind a texel (lips and mouth, an ear and the head) the outermost
    one gives the colour, to all of them. Texels that see no skin take the colour of the nearest that do.

    Parameters
    ----------
    vertices : array of shape (v, 3)
        Millimetres, the centre of the head at the origin (see `kit.faces.mesh`).
    triangles : int array of shape (t, 3)
    size : int
        Texels on a side.
    """
    uv, uv_triangles = texture_corners(vertices, triangles)
    distance = np.linalg.norm(vertices, axis=1)[triangles].mean(1)
    operator = _operator(uv[uv_triangles] * size - 0.5, triangles, distance, size, len(vertices))
    return Atlas(uv, uv_triangles, operator)


def texture_corners(vertices: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Texture coordinates (u, 2) in 0..1 and each triangle's indexes of them (t, 3); see `unwrap`."""
    x, y, z = np.asarray(vertices, float).T
    turn = 0.5 + np.arctan(ACROSS * np.arctan2(x, z)) / (2 * np.arctan(ACROSS * np.pi))
    height = np.arctan(DOWN * np.arctan2(y, np.hypot(x, z)))
    across = turn[triangles]
    split = np.ptp(across, axis=1) > 0.5  # it lies on the seam: move the corners on its left to its right
    beyond = split[:, None] & (across < 0.5)
    ids, corners = np.unique(triangles + len(vertices) * beyond, return_inverse=True)
    second, vertex = np.divmod(ids, len(vertices))
    uv = np.stack([np.minimum(turn[vertex] + second, 1 + OVERLAP), -height[vertex]], -1)
    return (uv - uv.min(0)) / np.ptp(uv, axis=0), corners.reshape(triangles.shape)


def _operator(corners: np.ndarray, triangles: np.ndarray, distance: np.ndarray, size: int, v: int) -> csr_matrix:
    """Matrix (size * size, v) from the corners (t, 3, 2) of the triangles, in texels."""
    from scipy.sparse import csr_matrix

    texel, triangle, weights = _covered(corners, size)
    order = np.argsort(distance[triangle], kind="stable")
    outermost = np.full(size * size, -1)
    outermost[texel[order]] = order  # of several for one texel numpy keeps the last
    chosen = outermost[_nearest(outermost.reshape(size, size) >= 0)]
    rows = np.arange(size * size).repeat(3)
    entries = weights[chosen].ravel(), (rows, triangles[triangle[chosen]].ravel())
    return csr_matrix(entries, (size * size, v), dtype=np.float32)


def _covered(corners: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Texels whose centre lies in a triangle: texel (p,), triangle (p,), barycentric weights (p, 3)."""
    low = np.maximum(np.ceil(corners.min(1)), 0).astype(int)
    high = np.minimum(np.floor(corners.max(1)), size - 1).astype(int)
    span = np.maximum(high - low + 1, 0)
    count = span.prod(1)
    triangle = np.arange(len(corners)).repeat(count)
    index = np.arange(count.sum()) - (count.cumsum() - count).repeat(count)
    row, column = np.divmod(index, span[triangle, 0])
    point = low[triangle] + np.stack([column, row], -1)
    weights = _barycentric(corners[triangle], point)
    inside = (weights > INSIDE).all(1)  # false where a triangle without area gives nan
    texel = point[inside, 1] * size + point[inside, 0]
    return texel, triangle[inside], weights[inside]


def _barycentric(corners: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Weights (p, 3) of the corners (p, 3, 2) at the points (p, 2)."""
    a, b, c = np.moveaxis(corners - point[:, None], 1, 0)
    areas = np.stack([_cross(b, c), _cross(c, a), _cross(a, b)], -1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return areas / areas.sum(1, keepdims=True)


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


def _nearest(covered: np.ndarray) -> np.ndarray:
    """For each texel the nearest covered one (itself if covered), as flat indexes."""
    from scipy.ndimage import distance_transform_edt

    rows, columns = distance_transform_edt(~covered, return_distances=False, return_indices=True)
    return (rows * covered.shape[1] + columns).ravel()
