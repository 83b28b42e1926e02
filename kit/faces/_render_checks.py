"""What `render` may be asked for: checks that name what is wrong and where."""

from __future__ import annotations

import numpy as np

from ._optics import FRAMES
from .mesh import Mesh

LARGEST = 2048  # pixels: above this the exact arithmetic of the rasteriser could overflow
REACH = 1000  # mm: no head is larger, and the camera stands at 1400

Angle = float | np.ndarray


def checked_size(size: int) -> int:
    """A number of pixels on a side. Raises ValueError if it is none, or too large."""
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or not 1 <= size <= LARGEST:
        raise ValueError(f"size must be a whole number of pixels from 1 to {LARGEST}; it is {size!r}")
    return int(size)


def checked_frame(frame: str) -> str:
    """The name of a frame. Raises ValueError if there is none of that name."""
    if frame not in FRAMES:
        raise ValueError(f"frame must be one of {', '.join(FRAMES)}; it is {frame!r}")
    return frame


def checked_vertices(vertices: np.ndarray, mesh: Mesh) -> np.ndarray:
    """Vertices (n, v, 3) as float32. Raises ValueError if they do not suit the mesh, or lie out of reach."""
    vertices = np.require(vertices, np.float32, ["C", "W"])
    if vertices.ndim != 3 or vertices.shape[1:] != (mesh.vertex_count, 3):
        raise ValueError(
            f"vertices must have shape (n, {mesh.vertex_count}, 3) to suit the mesh; "
            f"they have {vertices.shape} (for one face, pass vertices[None])"
        )
    within = np.abs(vertices) < REACH  # false for nan
    if not within.all():
        face, vertex = np.argwhere(~within.all(-1))[0]
        raise ValueError(
            f"vertices must be finite and less than {REACH} mm from the centre of the head; "
            f"vertex {vertex} of face {face} is {vertices[face, vertex].tolist()}"
        )
    return vertices


def checked_texture(texture: np.ndarray, n: int) -> np.ndarray:
    """Textures (n or 1, h, w, 3) as float32. Raises ValueError if they are none."""
    if np.asarray(texture).dtype.kind != "f":
        raise ValueError("texture must be floats in 0..1, not integers: divide bytes by 255")
    texture = np.require(texture, np.float32, ["C", "W"])
    images = texture.ndim == 4 and texture.shape[3] == 3 and min(texture.shape[1:3]) > 1
    if not images or len(texture) not in {1, n}:
        raise ValueError(f"texture must have shape (n, h, w, 3) with n = {n} or 1 and h, w > 1; it has {texture.shape}")
    return texture


def checked_angle(name: str, angle: Angle, n: int) -> np.ndarray:
    """An angle for each of n faces, (n,). Raises ValueError for another number of them, or nan."""
    angle = np.asarray(angle, float)
    if angle.shape not in {(), (n,)}:
        raise ValueError(f"{name} must be one angle or {n} (one a face); its shape is {angle.shape}")
    if not np.isfinite(angle).all():
        where = f" of face {np.flatnonzero(~np.isfinite(angle))[0]}" if angle.ndim else ""
        raise ValueError(f"{name} must be a finite angle in degrees; that{where} is nan or infinite")
    return np.broadcast_to(angle, n)


def checked_light(light: tuple[Angle, Angle], n: int) -> tuple[np.ndarray, np.ndarray]:
    """Azimuth and elevation (n,) of the lamp. Raises ValueError if it is no pair of angles."""
    if not isinstance(light, tuple | list | np.ndarray) or len(light) != 2:
        raise ValueError(f"light must be a pair (azimuth, elevation) of degrees; it is {light!r}")
    return tuple(checked_angle(f"light {name}", a, n) for name, a in zip(("azimuth", "elevation"), light))


def checked_background(background: int | tuple[int, int, int]) -> np.ndarray:
    """Three display values, float32. Raises ValueError if they are no bytes."""
    values = np.asarray(background, np.float32)
    if values.shape not in {(), (3,)} or not ((values >= 0) & (values <= 255)).all():
        raise ValueError(f"background must be one or three display values 0..255; it is {background!r}")
    return np.broadcast_to(values, 3).copy()
