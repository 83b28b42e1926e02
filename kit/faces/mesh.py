"""The surface of a head: its triangles, its texture coordinates, and what is known about each vertex.

A `Mesh` holds all that faces have in common; the vertices themselves (n, v, 3) differ from face to
face and travel beside it. Lengths are millimetres; y points up, z towards the viewer, x to the
viewer's right; the origin is the centre of the head, about which it turns.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CHILD_CORNERS = np.array(
    [
        [[1, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5]],
        [[0, 1, 0], [0, 0.5, 0.5], [0.5, 0.5, 0]],
        [[0, 0, 1], [0.5, 0, 0.5], [0, 0.5, 0.5]],
        [[0.5, 0.5, 0], [0, 0.5, 0.5], [0.5, 0, 0.5]],
    ],
    np.float32,
)
"""Array of shape (4, 3, 3): corner j of child k as barycentric coordinates of the parent triangle.

A triangle (a, b, c) becomes (a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca): child k < 3 keeps
corner k as its first corner, child 3 lies in the middle.
"""

SH_COUNT = 16


@dataclass(frozen=True, eq=False)
class Mesh:
    """What all faces share: topology, texture coordinates and the properties of each vertex.

    Parameters
    ----------
    triangles : int32 array of shape (t, 3)
        Indexes of vertices, counter-clockwise when seen from outside.
    uv : float32 array of shape (u, 2)
        Texture coordinates in 0..1; v points down (row = v * height).
    uv_triangles : int32 array of shape (t, 3)
        Indexes into `uv`: a vertex on a seam of the texture has several texture coordinates.
    occlusion : float32 array of shape (v,)
        Ambient occlusion, 1 where the sky is open and 0 where none of it is seen.
    visibility : float32 array of shape (v, 16)
        Spherical-harmonic coefficients (see `spherical_harmonics`) of the function that is 1 in the
        directions from which light reaches the vertex and 0 in the others. A single constant of
        sqrt(4 pi) means "everywhere visible". Directions below the vertex's own horizon should count
        as visible: the shading darkens them already.
    gloss : float32 array of shape (v,)
        Specular strength: about 0.5 for skin, 1 and more for eyes.
    fade : float32 array of shape (v,)
        Opacity against the background, 0..1 (the neck fades out).
    cap : float32 array of shape (v,)
        Signed distance to the hairline in mm, above 0 under the swim cap.
    """

    triangles: np.ndarray
    uv: np.ndarray
    uv_triangles: np.ndarray
    occlusion: np.ndarray
    visibility: np.ndarray
    gloss: np.ndarray
    fade: np.ndarray
    cap: np.ndarray

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            dtype = np.int32 if "triangles" in name else np.float32
            # Compiled code is specialised for writeable contiguous arrays: give it no other kind.
            object.__setattr__(self, name, np.require(getattr(self, name), dtype, ["C", "W"]))
        _check_triangles(self)
        _check_attributes(self)

    @property
    def vertex_count(self) -> int:
        """Number of vertices v that the vertices of a face must have."""
        return len(self.occlusion)

    @cached_property
    def parts(self) -> np.ndarray:
        """int32 array of shape (t,): which connected part (skin, an eye, ...) each triangle is of."""
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import connected_components

        a, b = self.triangles[:, :2].T, self.triangles[:, 1:].T
        shape = (self.vertex_count, self.vertex_count)
        graph = coo_matrix((np.ones(a.size, bool), (a.ravel(), b.ravel())), shape)
        return connected_components(graph, directed=False)[1][self.triangles[:, 0]].astype(np.int32)

    @cached_property
    def corners(self) -> np.ndarray:
        """int32 array of shape (t, 8): vertices, texture vertices, part, and 0 (half a cache line)."""
        zero = np.zeros_like(self.parts)
        columns = [*self.triangles.T, *self.uv_triangles.T, self.parts, zero]
        return np.ascontiguousarray(np.stack(columns, -1))

    @cached_property
    def attributes(self) -> np.ndarray:
        """float32 array of shape (v, 4): occlusion, gloss, fade, cap."""
        return np.ascontiguousarray(np.stack([self.occlusion, self.gloss, self.fade, self.cap], -1))

    @cached_property
    def fine(self) -> tuple[Mesh, csr_matrix]:
        """`subdivide(self)`, computed once."""
        return subdivide(self)


def _check_triangles(mesh: Mesh) -> None:
    if mesh.triangles.ndim != 2 or mesh.triangles.shape[1:] != (3,):
        raise ValueError(f"mesh.triangles must have shape (t, 3); it has {mesh.triangles.shape}")
    if mesh.uv_triangles.shape != mesh.triangles.shape:
        raise ValueError(
            f"mesh.uv_triangles must have the shape of mesh.triangles, {mesh.triangles.shape}; "
            f"it has {mesh.uv_triangles.shape}"
        )
    for name, count in (("triangles", mesh.vertex_count), ("uv_triangles", len(mesh.uv))):
        wrong = np.flatnonzero(((getattr(mesh, name) < 0) | (getattr(mesh, name) >= count)).any(1))
        if wrong.size:
            raise ValueError(
                f"mesh.{name} must index 0..{count - 1}; row {wrong[0]} is {getattr(mesh, name)[wrong[0]].tolist()}"
            )


def _check_attributes(mesh: Mesh) -> None:
    v = mesh.vertex_count
    shapes = {name: (v,) for name in ("occlusion", "gloss", "fade", "cap")}
    shapes |= {"visibility": (v, SH_COUNT), "uv": (len(mesh.uv), 2)}
    for name, shape in shapes.items():
        array = getattr(mesh, name)
        if array.shape != shape:
            raise ValueError(f"mesh.{name} must have shape {shape}; it has {array.shape}")
        if not np.isfinite(array).all():
            row = np.argwhere(~np.isfinite(array))[0, 0]
            raise ValueError(f"mesh.{name} must be finite; row {row} is not")


def normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Unit normals of the vertices: the area-weighted mean of the triangles round each.

    Parameters
    ----------
    vertices : array of shape (n, v, 3)
    triangles : int array of shape (t, 3)

    Returns
    -------
    float32 array of shape (n, v, 3)
        Zero for vertices that belong to no triangle with an area.
    """
    n, v, _ = vertices.shape
    a, b, c = (vertices[:, triangles[:, corner]] for corner in range(3))
    areas = np.cross(b - a, c - a)
    where = (np.arange(n)[:, None, None] * v + triangles).ravel()
    weights = np.repeat(areas.reshape(-1, 3), 3, axis=0)
    sums = [np.bincount(where, weights[:, axis], n * v) for axis in range(3)]
    total = np.stack(sums, -1).reshape(n, v, 3)
    length = np.linalg.norm(total, axis=-1, keepdims=True)
    return np.divide(total, length, out=np.zeros_like(total), where=length > 0).astype(np.float32)


def spherical_harmonics(direction: np.ndarray) -> np.ndarray:
    """Real spherical harmonics of orders 0 to 3, orthonormal on the unit sphere.

    Parameters
    ----------
    direction : array of shape (..., 3)
        Unit vectors (x, y, z).

    Returns
    -------
    array of shape (..., 16)
        In the order (l, m) = (0, 0), (1, -1), (1, 0), (1, 1), (2, -2), ..., (3, 3), without the
        Condon-Shortley sign: the first-order ones are positive multiples of y, z, x.

    References
    ----------
    Sloan (2008), Stupid spherical harmonics tricks, appendix A2.
    """
    x, y, z = np.moveaxis(np.asarray(direction, float), -1, 0)
    pi = np.pi
    terms = [
        np.full_like(x, np.sqrt(1 / (4 * pi))),
        *(np.sqrt(3 / (4 * pi)) * axis for axis in (y, z, x)),
        np.sqrt(15 / (4 * pi)) * x * y,
        np.sqrt(15 / (4 * pi)) * y * z,
        np.sqrt(5 / (16 * pi)) * (3 * z**2 - 1),
        np.sqrt(15 / (4 * pi)) * x * z,
        np.sqrt(15 / (16 * pi)) * (x**2 - y**2),
        np.sqrt(35 / (32 * pi)) * y * (3 * x**2 - y**2),
        np.sqrt(105 / (4 * pi)) * x * y * z,
        np.sqrt(21 / (32 * pi)) * y * (5 * z**2 - 1),
        np.sqrt(7 / (16 * pi)) * z * (5 * z**2 - 3),
        np.sqrt(21 / (32 * pi)) * x * (5 * z**2 - 1),
        np.sqrt(105 / (16 * pi)) * z * (x**2 - y**2),
        np.sqrt(35 / (32 * pi)) * x * (x**2 - 3 * y**2),
    ]
    return np.stack(terms, -1)


def subdivide(mesh: Mesh) -> tuple[Mesh, csr_matrix]:
    """One step of Loop subdivision: every triangle becomes four, and the surface smoother.

    Open borders follow the curve rule (they depend on border vertices alone). Texture coordinates
    and vertex properties are interpolated linearly, so seams stay where they were.

    Returns
    -------
    Mesh
        With 4 t triangles; children 4 m .. 4 m + 3 of triangle m are ordered as `CHILD_CORNERS`.
    scipy.sparse.csr_matrix of shape (v', v)
        Fine vertices = matrix @ coarse vertices (v, 3). The first v rows are the old vertices.

    References
    ----------
    Loop (1987), Smooth subdivision surfaces based on triangles, MSc thesis, University of Utah.
    """
    edges, edge_of = _edges(mesh.triangles)
    uv_edges, uv_edge_of = _edges(mesh.uv_triangles)
    names = ("occlusion", "visibility", "gloss", "fade", "cap")
    fine = Mesh(
        triangles=_children(mesh.triangles, edge_of + mesh.vertex_count),
        uv=_with_midpoints(mesh.uv, uv_edges),
        uv_triangles=_children(mesh.uv_triangles, uv_edge_of + len(mesh.uv)),
        **{name: _with_midpoints(getattr(mesh, name), edges) for name in names},
    )
    return fine, _loop_matrix(mesh, edges, edge_of)


def _edges(triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Edges (e, 2), smaller index first, and the edges ab, bc, ca (t, 3) of each triangle."""
    pairs = np.stack([triangles, np.roll(triangles, -1, axis=1)], -1).reshape(-1, 2)
    edges, edge_of = np.unique(np.sort(pairs, axis=1), axis=0, return_inverse=True)
    return edges, edge_of.reshape(-1, 3)


def _children(triangles: np.ndarray, midpoints: np.ndarray) -> np.ndarray:
    (a, b, c), (ab, bc, ca) = triangles.T, midpoints.T
    children = [(a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca)]
    return np.stack([np.stack(child, -1) for child in children], 1).reshape(-1, 3)


def _with_midpoints(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.concatenate([values, values[edges].mean(1)])


def _loop_matrix(mesh: Mesh, edges: np.ndarray, edge_of: np.ndarray) -> csr_matrix:
    from scipy.sparse import vstack

    # An edge without exactly two triangles is a border (or a junction, kept sharp like one).
    smooth = np.bincount(edge_of.ravel(), minlength=len(edges)) == 2
    rows = _old_vertex_rows(mesh.vertex_count, edges, smooth), _new_vertex_rows(mesh, edges, edge_of, smooth)
    return vstack(rows, format="csr", dtype=np.float32)


def _old_vertex_rows(v: int, edges: np.ndarray, smooth: np.ndarray) -> csr_matrix:
    """Old vertices: Loop's weights inside, 1/8 3/4 1/8 along borders, fixed where borders meet."""
    from scipy.sparse import coo_matrix, diags

    def neighbours(chosen: np.ndarray) -> csr_matrix:
        a, b = np.concatenate([edges[chosen], edges[chosen, ::-1]]).T
        return coo_matrix((np.ones(len(a)), (a, b)), (v, v)).tocsr()

    around, along = neighbours(np.ones(len(edges), bool)), neighbours(~smooth)
    valence, border = np.asarray(around.sum(1)).ravel(), np.asarray(along.sum(1)).ravel()
    k = np.maximum(valence, 1)
    beta = (5 / 8 - (3 / 8 + np.cos(2 * np.pi / k) / 4) ** 2) / k
    inside = np.where((border == 0) & (valence > 0), beta, 0)
    side = np.where(border == 2, 1 / 8, 0)
    own = 1 - inside * valence - side * border
    return diags(own) + diags(inside) @ around + diags(side) @ along


def _new_vertex_rows(mesh: Mesh, edges: np.ndarray, edge_of: np.ndarray, smooth: np.ndarray) -> csr_matrix:
    """Edge vertices: 3/8 of each end and 1/8 of each opposite corner; the midpoint on borders."""
    from scipy.sparse import coo_matrix

    e = np.arange(len(edges))
    opposite = np.roll(mesh.triangles, 1, axis=1).ravel()
    rows = np.concatenate([e, e, edge_of.ravel()])
    columns = np.concatenate([edges[:, 0], edges[:, 1], opposite])
    ends = np.where(smooth, 3 / 8, 1 / 2)
    weights = np.concatenate([ends, ends, np.where(smooth, 1 / 8, 0)[edge_of.ravel()]])
    matrix = coo_matrix((weights, (rows, columns)), (len(edges), mesh.vertex_count)).tocsr()
    matrix.eliminate_zeros()
    return matrix
