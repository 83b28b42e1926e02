"""What lies under each texel of the atlas: position on the head, part, masks, distances to edges."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from head import EYE_CENTRE, EYE_EDGE, EYE_RADIUS, EYES, FACE_ROWS, NECK, SIZE, SKIN, Head
from makehuman import Source
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates
from scipy.spatial import cKDTree


@dataclass(frozen=True)
class Atlas:
    """Arrays (256, 256[, 3]). Positions and distances in mm on the base mesh, angles as stated.

    `owner` (h, w) is the triangle and `weights` (h, w, 3) its barycentrics at the texel.
    """

    position: np.ndarray
    owner: np.ndarray
    weights: np.ndarray
    skin: np.ndarray
    face: np.ndarray
    eye: np.ndarray
    mouth: np.ndarray
    teeth: np.ndarray
    lips: np.ndarray
    ears: np.ndarray
    scalp: np.ndarray
    nostrils: np.ndarray
    eye_theta: np.ndarray  # degrees from the pupil's centre
    eye_phi: np.ndarray  # radians, 0 to the viewer's right, pi/2 up
    upper_lid_distance: np.ndarray
    lower_lid_distance: np.ndarray
    mouth_distance: np.ndarray


def build_atlas(source: Source, head: Head, occlusion: np.ndarray) -> Atlas:
    """`occlusion` (v,) of the mean head finds the nostrils."""
    base = head.take(source.mesh.vertices)
    owner, weights, covered = _rasterise_uv(head)
    corners = head.triangles[owner]
    position = np.einsum("hwk,hwkc->hwc", weights, base[corners])
    part = np.where(covered, head.part[owner], -1)
    rows, columns = np.mgrid[:SIZE, :SIZE] + 0.5
    theta, phi = _eye_angles(rows, columns)
    eye = (theta < EYE_EDGE + 6) & (rows > FACE_ROWS)
    mouth = (rows > 238) & (columns > 229) & (columns <= 242)
    teeth = (rows > 238) & (columns > 242)
    skin = ~(eye | mouth | teeth)
    x, y, z = np.moveaxis(position, -1, 0)
    face = (part == SKIN) & (y > -62) & (y < 92) & (z > 55)
    upper, lower = _lid_distances(head, base, position, skin)
    masks = _chart_masks(source, head, owner, weights, part)
    return Atlas(
        position, owner, weights, skin, face, eye, mouth, teeth, masks["lips"], masks["ears"],
        _scalp(x, y, z) * skin, _nostrils(occlusion, corners, weights, position),
        theta, phi, upper, lower, _mouth_distance(head, base, position, skin),
    )  # fmt: skip


def _rasterise_uv(head: Head):
    """Triangle and barycentrics of each texel; uncovered texels borrow from the nearest covered one."""
    owner = np.full((SIZE, SIZE), -1)
    weights = np.zeros((SIZE, SIZE, 3))
    for t in np.flatnonzero(np.isin(head.part, (SKIN, NECK, EYES))):
        a, b, c = head.uv[head.uv_triangles[t]]
        area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
        if abs(area) < 1e-12:
            continue
        low = np.maximum(np.floor(np.min([a, b, c], 0)).astype(int), 0)
        high = np.minimum(np.ceil(np.max([a, b, c], 0)).astype(int), SIZE - 1)
        rows, columns = np.mgrid[low[1] : high[1] + 1, low[0] : high[0] + 1]
        px, py = columns + 0.5 - a[0], rows + 0.5 - a[1]
        u = (px * (c[1] - a[1]) - (c[0] - a[0]) * py) / area
        v = ((b[0] - a[0]) * py - px * (b[1] - a[1])) / area
        inside = (u >= -1e-6) & (v >= -1e-6) & (u + v <= 1 + 1e-6)
        owner[rows[inside], columns[inside]] = t
        weights[rows[inside], columns[inside]] = np.stack([1 - u - v, u, v], -1)[inside]
    covered = owner >= 0
    nearest = distance_transform_edt(~covered, return_distances=False, return_indices=True)
    return owner[tuple(nearest)], weights[tuple(nearest)], covered


def _eye_angles(rows, columns):
    dx, dy = columns - EYE_CENTRE[0], EYE_CENTRE[1] - rows
    theta = EYE_EDGE * (np.hypot(dx, dy) / EYE_RADIUS) ** 2  # the inverse of head.eye_radius
    return theta, np.arctan2(dy, dx)


def _chart_masks(source: Source, head: Head, owner, weights, part) -> dict[str, np.ndarray]:
    """MakeHuman's grey masks, looked up through its own texture chart."""
    uv = np.einsum("hwk,hwkc->hwc", weights, np.nan_to_num(head.source_uv[head.uv_triangles[owner]]))
    out = {}
    for name in ("lips", "ears"):
        mask = gaussian_filter(source.mask(name), 2.0)
        at = [(1 - uv[..., 1]) * mask.shape[0] - 0.5, uv[..., 0] * mask.shape[1] - 0.5]
        out[name] = map_coordinates(mask, at, order=1, mode="nearest") * (part == SKIN)
    return out


def _borders(head: Head, base: np.ndarray, low, high) -> np.ndarray:
    """Vertices on open edges of the skin inside a box (mirrored in x)."""
    count: Counter = Counter()
    for a, b in ((0, 1), (1, 2), (2, 0)):
        count.update(map(tuple, np.sort(head.triangles[head.part == SKIN][:, [a, b]], axis=1)))
    ids = np.unique([v for edge, n in count.items() if n == 1 for v in edge])
    p = np.abs(base[ids]) * [1, 0, 1] + base[ids] * [0, 1, 0]
    return ids[np.all((p > low) & (p < high), axis=1)]


def _distance(position, skin, curve) -> np.ndarray:
    """Distance of each texel to a densely sampled curve (n, 3)."""
    return np.where(skin, cKDTree(curve).query(position)[0], 99.0)


def _dense(points: np.ndarray, n: int = 200) -> np.ndarray:
    """Interpolate along x, on each side of the face."""
    out = []
    for side in (-1, 1):
        p = points[points[:, 0] * side > 0]
        p = p[np.argsort(p[:, 0])]
        x = np.linspace(p[0, 0], p[-1, 0], n)
        out.append(np.stack([x, np.interp(x, p[:, 0], p[:, 1]), np.interp(x, p[:, 0], p[:, 2])], 1))
    return np.concatenate(out)


def _lid_distances(head, base, position, skin):
    ids = _borders(head, base, (6, 10, 80), (56, 48, 130))
    p = base[ids]
    middle = np.median(p[:, 1])
    return tuple(_distance(position, skin, _dense(p[s])) for s in (p[:, 1] >= middle, p[:, 1] < middle))


def _mouth_distance(head, base, position, skin):
    p = base[_borders(head, base, (-1, -45, 80), (40, -15, 160))]
    return _distance(position, skin, p)


def _scalp(x, y, z):
    """Where hair would grow: above the forehead, down the temples, behind the ears to the nape."""
    ax = np.abs(x)
    line = 93 - 9 * np.clip(ax / 45, 0, 1) ** 2
    front = 1 / (1 + np.exp(-(y - line) / 3.5))
    side = 1 / (1 + np.exp(-((62 - z) - 0.25 * np.clip(40 - y, 0, 99)) / 4))
    side = side / (1 + np.exp(-(y + 18 - 0.12 * np.clip(-10 - z, 0, 99)) / 5)) * (ax > 40)
    back = 1 / (1 + np.exp((z + 5) / 4)) / (1 + np.exp(-(y + 30) / 5))
    ear = np.exp(-(((ax - 82) / 16) ** 4 + ((y - 12) / 36) ** 4 + ((z - 12) / 36) ** 4))
    grown = np.maximum(np.maximum(front, side), back)
    return gaussian_filter(np.clip(grown, 0, 1) * (1 - np.clip(1.6 * ear, 0, 1)), 0.8)


def _nostrils(occlusion, corners, weights, position):
    """The dark inside of the nostrils: much occluded skin under the nose."""
    x, y, z = np.moveaxis(position, -1, 0)
    closed = np.clip((0.42 - (occlusion[corners] * weights).sum(-1)) / 0.2, 0, 1)
    near = np.exp(-(((np.abs(x) - 8) / 9) ** 4 + ((y + 12) / 10) ** 4)) * (z > 95)
    return gaussian_filter(closed * near, 0.6)
