"""Small meshes whose pictures are known, and the camera from first principles."""

from dataclasses import replace

import numpy as np

from kit.faces._optics import OPTICS
from kit.faces.mesh import Mesh

EVERYWHERE = np.r_[np.sqrt(4 * np.pi), np.zeros(15)]  # visibility that casts no shadow
BARE = -100.0  # mm to the hairline: no cap in reach


def mesh_of(triangles, uv, uv_triangles=None, v=None, **attributes) -> Mesh:
    v = v or int(np.max(triangles)) + 1
    plain = {
        "occlusion": np.ones(v),
        "visibility": np.tile(EVERYWHERE, (v, 1)),
        "gloss": np.zeros(v),
        "fade": np.ones(v),
        "cap": np.full(v, BARE),
    }
    uv_triangles = triangles if uv_triangles is None else uv_triangles
    return Mesh(triangles=triangles, uv=uv, uv_triangles=uv_triangles, **plain | attributes)


def quads(*depths, half=60.0, **attributes) -> tuple[np.ndarray, Mesh]:
    """Squares parallel to the picture, one for each z in `depths`; each has a quarter of the texture."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    vertices = np.concatenate([np.c_[corners * half, np.full(4, z)] for z in depths])
    triangles = np.concatenate([np.array([[0, 1, 2], [0, 2, 3]]) + 4 * k for k in range(len(depths))])
    uv = np.concatenate([np.full((4, 2), 0.25 + 0.5 * k) for k in range(len(depths))])
    return vertices[None].astype(np.float32), mesh_of(triangles, uv, **attributes)


def ball(radius=80.0, rings=30, nose=0.0, **attributes) -> tuple[np.ndarray, Mesh]:
    """A sphere whose texture has a seam at the back; `nose` pushes out the vertex at +z."""
    polar, around = np.linspace(0, np.pi, rings + 1), np.linspace(-np.pi, np.pi, 2 * rings + 1)
    p, a = (g.ravel() for g in np.meshgrid(polar, around[:-1], indexing="ij"))
    vertices = radius * np.stack([np.sin(p) * np.sin(a), np.cos(p), np.sin(p) * np.cos(a)], -1)
    uv = np.stack(np.meshgrid(np.linspace(0, 1, 2 * rings + 1), polar / np.pi), -1).reshape(-1, 2)
    row, column = (g.ravel() for g in np.mgrid[:rings, : 2 * rings])

    def square(width):
        a, b = row * width + column, row * width + (column + 1) % width
        return np.concatenate([np.stack([a, a + width, b + width], -1), np.stack([a, b + width, b], -1)])

    vertices[rings // 2 * 2 * rings + rings, 2] += nose
    mesh = mesh_of(square(2 * rings), uv, square(2 * rings + 1), v=len(vertices), **attributes)
    return vertices[None].astype(np.float32), mesh


def skin(value=0.6, n=1, texels=8) -> np.ndarray:
    return np.full((n, texels, texels, 3), value, np.float32)


def noise(n=1) -> np.ndarray:
    return np.random.default_rng(0).uniform(0.2, 0.9, (n, 32, 32, 3)).astype(np.float32)


def pinhole(points, size, yaw=0.0, pitch=0.0) -> np.ndarray:
    """Where points (..., 3) of the head appear (x right, y down, in pixels), from first principles."""
    y, p = np.radians(yaw), np.radians(pitch)
    x1, y1, z1 = np.moveaxis(np.asarray(points, float), -1, 0)
    y1, z1 = y1 * np.cos(p) + z1 * np.sin(p), -y1 * np.sin(p) + z1 * np.cos(p)
    x1, z1 = x1 * np.cos(y) + z1 * np.sin(y), -x1 * np.sin(y) + z1 * np.cos(y)
    scale = size * OPTICS.distance / OPTICS.field / (OPTICS.distance - z1)
    return np.stack([size / 2 + x1 * scale, size / 2 - (y1 - OPTICS.centre) * scale], -1)


def scene() -> tuple[np.ndarray, Mesh]:
    """A glossy ball with a nose, a cap, a shadow, occlusion and a fading end."""
    vertices, mesh = ball(nose=30)
    y = vertices[0, :, 1]
    visibility = np.tile(EVERYWHERE, (len(y), 1))
    visibility[:, 3] -= 1.5
    more = {"gloss": np.where(y > 0, 0.5, 1.2), "fade": np.clip((y + 80) / 30, 0, 1), "cap": y - 40}
    return vertices, replace(mesh, visibility=visibility, occlusion=np.clip(1 + y / 200, 0, 1), **more)
