"""Light on the mean head, by ray casting: ambient occlusion, and soft-shadow visibility."""

import numpy as np
from numba import njit, prange

REACH = 120.0  # mm; occluders further away do not darken the ambient light
N_DIRECTIONS = 320


def sphere_directions(n: int = N_DIRECTIONS) -> np.ndarray:
    """Evenly spread unit vectors (n, 3), a Fibonacci spiral."""
    k = np.arange(n) + 0.5
    polar, azimuth = np.arccos(1 - 2 * k / n), np.pi * (1 + 5**0.5) * k
    return np.stack([np.cos(azimuth) * np.sin(polar), np.sin(azimuth) * np.sin(polar), np.cos(polar)], 1)


def occlusion(free: np.ndarray, normals: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Cosine-weighted share of the sky that is open near a vertex (v,)."""
    cosine = np.clip(normals @ directions.T, 0, None)
    openness = np.clip(free / REACH, 0, 1)
    return (cosine * openness).sum(1) / cosine.sum(1)


def visibility(free: np.ndarray, normals: np.ndarray, directions: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Coefficients (v, 16) of spherical harmonics for "light from here arrives".

    Fitted over the directions above each vertex's horizon, weighted by their cosine: below the
    horizon the shading itself is dark, and the fit need not waste its few terms there.
    """
    cosine = np.clip(normals @ directions.T, 0, None)
    arrives = (free > 1e5).astype(float)
    out = np.empty((len(free), basis.shape[1]))
    prior = np.zeros(basis.shape[1])
    prior[0] = 1 / basis[0, 0]  # where nothing is known: open
    for v in range(len(free)):
        w = cosine[v] + 0.02
        a = (basis * w[:, None]).T @ basis + 0.02 * w.sum() * np.eye(basis.shape[1])
        out[v] = prior + np.linalg.solve(a, (basis * w[:, None]).T @ (arrives[v] - 1))
    return out


@njit(parallel=True, fastmath=True, cache=True)
def free_path(points, normals, vertices, triangles, directions):
    """Distance (v, d) in mm from each point along each direction to the first triangle; 1e6 if none.

    Directions below the point's horizon are left at 1e6.
    """
    out = np.full((len(points), len(directions)), 1e6, np.float32)
    for i in prange(len(points)):
        origin = points[i] + 0.6 * normals[i]
        for d in range(len(directions)):
            ray = directions[d]
            if (ray * normals[i]).sum() > 0.0:
                out[i, d] = _first_hit(origin, ray, vertices, triangles)
    return out


@njit(fastmath=True, cache=True)
def _first_hit(origin, ray, vertices, triangles):
    """Moeller and Trumbore (1997), brute force."""
    nearest = 1e6
    for m in range(len(triangles)):
        a, b, c = vertices[triangles[m, 0]], vertices[triangles[m, 1]], vertices[triangles[m, 2]]
        e1x, e1y, e1z = b[0] - a[0], b[1] - a[1], b[2] - a[2]
        e2x, e2y, e2z = c[0] - a[0], c[1] - a[1], c[2] - a[2]
        px, py, pz = ray[1] * e2z - ray[2] * e2y, ray[2] * e2x - ray[0] * e2z, ray[0] * e2y - ray[1] * e2x
        det = e1x * px + e1y * py + e1z * pz
        if abs(det) < 1e-9:
            continue
        tx, ty, tz = origin[0] - a[0], origin[1] - a[1], origin[2] - a[2]
        u = (tx * px + ty * py + tz * pz) / det
        if u < 0 or u > 1:
            continue
        qx, qy, qz = ty * e1z - tz * e1y, tz * e1x - tx * e1z, tx * e1y - ty * e1x
        v = (ray[0] * qx + ray[1] * qy + ray[2] * qz) / det
        if v < 0 or u + v > 1:
            continue
        t = (e2x * qx + e2y * qy + e2z * qz) / det
        if 0.05 < t < nearest:
            nearest = t
    return nearest
