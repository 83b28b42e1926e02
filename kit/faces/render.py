"""Draw faces: vertices and textures in, pictures out.

`render` is `rasterize` (which triangle does each sample of the picture see?) followed by `shade`
(which colour has it there?). Keep the fragments of the first step to change texture or light cheaply.

Antialiasing draws a picture of twice the size and takes the mean of every 2 x 2 display values (not
of light: that would let bright outlines eat into dark ones), background included.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np

from ._optics import BACKGROUND, FINE_ABOVE, FRAMES, head_rotation, unit_direction
from ._render_checks import (
    Angle,
    checked_angle,
    checked_background,
    checked_frame,
    checked_light,
    checked_size,
    checked_texture,
    checked_vertices,
)
from .mesh import CHILD_CORNERS, Mesh, spherical_harmonics


@dataclass(frozen=True, eq=False)
class Rendering:
    """Pictures of n faces and what each pixel's centre sees.

    Parameters
    ----------
    image : uint8 array of shape (n, size, size, 3)
    triangle : int32 array of shape (n, size, size)
        Row of `mesh.triangles`; -1 in the background.
    barycentric : float32 array of shape (n, size, size, 3)
        Weights of the triangle's corners, perspective taken into account; 0 in the background.
    depth : float32 array of shape (n, size, size)
        Distance from the camera along its axis, in mm; nan in the background.
    normal : float32 array of shape (n, size, size, 3)
        Unit vectors (right, up, towards the viewer); 0 in the background.
    """

    image: np.ndarray
    triangle: np.ndarray
    barycentric: np.ndarray
    depth: np.ndarray
    normal: np.ndarray


@dataclass(frozen=True, eq=False)
class Fragments:
    """What `rasterize` found and `shade` needs. Big: 0.35 MB a face at 128 pixels, antialiased.

    Parameters
    ----------
    mesh : Mesh
        As drawn: above 300 pixels, the subdivided one.
    size : int
        Pixels on a side of the pictures.
    frame : str
        What the pictures hold, of `FRAMES`.
    rotation : float32 array of shape (n, 3, 3)
        From the head's to the camera's axes.
    screen : float32 array of shape (n, v, 3)
        Of each vertex: pixels to the right, pixels down, one over the distance along the camera's axis.
    normals : float32 array of shape (n, v, 3)
        Unit normals of the vertices, along the camera's axes.
    triangle : int32 array of shape (n, s, s)
        Triangle that each sample sees, -1 for none; s is twice the size if antialiased, else the size.
    """

    mesh: Mesh
    size: int
    frame: str
    rotation: np.ndarray
    screen: np.ndarray
    normals: np.ndarray
    triangle: np.ndarray


def render(
    vertices: np.ndarray,
    texture: np.ndarray,
    mesh: Mesh,
    *,
    size: int = 128,
    yaw: Angle = 0,
    pitch: Angle = 0,
    light: tuple[Angle, Angle] = (0, 30),
    cap: bool = True,
    antialias: bool = True,
    background: int | tuple[int, int, int] = BACKGROUND,
    shadows: bool = True,
    frame: str = "head",
) -> np.ndarray:
    """Draw faces.

    Parameters
    ----------
    vertices : array of shape (n, v, 3)
        Millimetres, the centre of the head at the origin (see `kit.faces.mesh`).
    texture : float array of shape (n or 1, h, w, 3)
        sRGB albedo in 0..1; what lies outside is clipped.
    mesh : Mesh
    size : int
        Pixels on a side. Above 300 the mesh is subdivided once, so that outlines stay round.
    yaw, pitch : float or array of shape (n,)
        Degrees. Positive yaw turns the face to the viewer's right, positive pitch turns it up.
    light : (azimuth, elevation), each a float or an array of shape (n,)
        Where the key light stands, in degrees: positive is the viewer's right, and above.
    cap : bool
        Paint the swim cap. (Its thickness is a matter of the vertices.)
    antialias : bool
    background : int or 3 ints
        Display values 0..255.
    shadows : bool
        Whether the head casts (soft) shadows on itself.
    frame : "head" or "face"
        The whole head, or a portrait of the face.

    Returns
    -------
    uint8 array of shape (n, size, size, 3)
    """
    fragments = rasterize(vertices, mesh, size=size, yaw=yaw, pitch=pitch, antialias=antialias, frame=frame)
    return shade(fragments, texture, light=light, cap=cap, background=background, shadows=shadows)


def render_buffers(
    vertices: np.ndarray,
    texture: np.ndarray,
    mesh: Mesh,
    *,
    size: int = 128,
    yaw: Angle = 0,
    pitch: Angle = 0,
    antialias: bool = True,
    frame: str = "head",
    **look: Any,
) -> Rendering:
    """As `render`, with the triangle, barycentric coordinates, depth and normal behind every pixel.

    Triangles and barycentric coordinates are those of the mesh given, also above 300 pixels, so that
    `mesh.triangles[triangle]` are the vertices behind a pixel. `look`: light, cap, background, shadows.
    Vertices are (n, v, 3), textures (n or 1, h, w, 3).
    """
    pose = {"size": size, "yaw": yaw, "pitch": pitch, "frame": frame}
    centres = rasterize(vertices, mesh, antialias=False, **pose)
    fragments = rasterize(vertices, mesh, antialias=True, **pose) if antialias else centres
    return Rendering(shade(fragments, texture, **look), *_buffers(centres, refined=centres.mesh is not mesh))


def rasterize(
    vertices: np.ndarray,
    mesh: Mesh,
    *,
    size: int = 128,
    yaw: Angle = 0,
    pitch: Angle = 0,
    antialias: bool = True,
    frame: str = "head",
) -> Fragments:
    """Find the triangle that each sample of the pictures sees; parameters as in `render`: vertices (n, v, 3)."""
    size, vertices, optics = checked_size(size), checked_vertices(vertices, mesh), FRAMES[checked_frame(frame)]
    n, samples = len(vertices), 2 if antialias else 1
    angles = checked_angle("yaw", yaw, n), checked_angle("pitch", pitch, n)
    rotation = head_rotation(*angles).astype(np.float32)
    if size > FINE_ABOVE:
        mesh, vertices = _refined(mesh, vertices)
    screen, normals = (np.empty((n, mesh.vertex_count, 3), np.float32) for _ in range(2))
    out = screen, normals, np.empty((n, samples * size, samples * size), np.int32)
    _backend().rasterize(vertices, rotation, mesh.corners, size, samples, optics.record(), *out)
    return Fragments(mesh, size, frame, rotation, *out)


def shade(
    fragments: Fragments,
    texture: np.ndarray,
    *,
    light: tuple[Angle, Angle] = (0, 30),
    cap: bool = True,
    background: int | tuple[int, int, int] = BACKGROUND,
    shadows: bool = True,
) -> np.ndarray:
    """Colour what `rasterize` found; parameters and result as in `render`: texture (n or 1, h, w, 3)."""
    n, size, mesh = len(fragments.triangle), fragments.size, fragments.mesh
    texture, background = checked_texture(texture, n), checked_background(background)
    key = unit_direction(*checked_light(light, n)).astype(np.float32)
    visible = _visible(fragments, key) if shadows else np.ones((n, mesh.vertex_count), np.float32)
    image = np.empty((n, size, size, 3), np.uint8)
    seen = fragments.screen, fragments.normals, fragments.triangle
    surface = mesh.corners, mesh.uv, mesh.attributes, visible, texture
    _backend().shade(*seen, *surface, key, background, bool(cap), FRAMES[fragments.frame].record(), image)
    return image


@lru_cache(maxsize=1)
def _backend() -> ModuleType:
    try:
        from . import _render_numba as backend
    except ImportError:
        from . import _render_numpy as backend

        warnings.warn("numba is missing: faces are drawn 20 times slower; pip install numba", stacklevel=4)
    return backend


def _refined(mesh: Mesh, vertices: np.ndarray) -> tuple[Mesh, np.ndarray]:
    """The subdivided mesh and its vertices."""
    fine, matrix = mesh.fine
    n = len(vertices)
    moved = matrix @ vertices.transpose(1, 0, 2).reshape(mesh.vertex_count, 3 * n)
    return fine, np.ascontiguousarray(moved.reshape(fine.vertex_count, n, 3).transpose(1, 0, 2))


def _visible(fragments: Fragments, key: np.ndarray) -> np.ndarray:
    """How much of the key light reaches each vertex (n, v): the light turns as the head does not."""
    in_head = np.einsum("nij,ni->nj", fragments.rotation, key)
    visible = spherical_harmonics(in_head).astype(np.float32) @ fragments.mesh.visibility.T
    return np.clip(visible, 0, 1, out=visible)


def _buffers(centres: Fragments, refined: bool) -> tuple[np.ndarray, ...]:
    """Triangle, barycentric coordinates, depth and normal at the pixel centres."""
    from ._render_numpy import barycentric

    triangle, corners = centres.triangle.copy(), centres.mesh.corners
    weights, normal = (np.zeros((*triangle.shape, 3), np.float32) for _ in range(2))
    depth = np.full(triangle.shape, np.nan, np.float32)
    for face in range(len(triangle)):
        row, column = np.nonzero(triangle[face] >= 0)
        owner, xy = triangle[face, row, column], np.stack([column, row], -1) + np.float32(0.5)
        at = barycentric(corners, centres.screen[face], owner, xy)
        mixed = np.einsum("pk,pkd->pd", at, centres.normals[face][corners[owner, :3]])
        length = np.linalg.norm(mixed, axis=1, keepdims=True)
        normal[face, row, column] = mixed / np.maximum(length, 1e-12)
        depth[face, row, column] = (at / centres.screen[face][corners[owner, :3], 2]).sum(1)
        if refined:
            owner, at = owner // 4, np.einsum("pj,pjk->pk", at, CHILD_CORNERS[owner % 4])
        triangle[face, row, column], weights[face, row, column] = owner, at
    return triangle, weights, depth, normal
