"""The plain render back-end: the reference for the compiled one, and what runs where numba does not.

Screen coordinates are pixels, x to the right and y down; w is one over the distance along the viewing
axis, which (unlike the distance itself) is linear on the screen. One face at a time, all of its
triangles, samples or points at once.
"""

from __future__ import annotations

import numpy as np

from .mesh import normals as vertex_normals

BITS = 10  # samples are placed on a grid of 1/1024 of their distance; see _raster_numba.py
CELL, HALF_CELL = 1 << BITS, 1 << (BITS - 1)
TINY = np.float32(1e-12)


# ------------------------------------------------------------------------------- rasterising


def rasterize(vertices, rotation, corners, size, samples, optics, screen, normals, triangle):
    """Fill `screen`, `normals` (n, v, 3) and `triangle` (n, s, s) in place."""
    optics = optics[0]
    for face in range(len(vertices)):
        turned = vertices[face] @ rotation[face].T
        normals[face] = vertex_normals(turned[None], corners[:, :3])[0]
        screen[face] = _project(turned, np.float32(size), optics)
        _draw(screen[face], corners[:, :3], samples, triangle[face])


def _project(turned, size, optics):
    w = 1 / (optics["distance"] - turned[:, 2])
    scale = optics["distance"] / optics["field"] * size * w
    x, y = size / 2 + turned[:, 0] * scale, size / 2 - (turned[:, 1] - optics["centre"]) * scale
    return np.stack([x, y, w], -1)


def _draw(screen, triangles, samples, triangle):
    """Z-buffer: list every sample in the bounding box of every triangle, keep the nearest inside."""
    grid = np.floor(screen[:, :2] * np.float32(samples * CELL) + np.float32(0.5)).astype(np.int64)
    xy = grid[triangles]
    area = _area(xy[:, 0], xy[:, 1], xy[:, 2])
    owner, row, column = _candidates(xy, area > 0, len(triangle))
    point = np.stack([column, row], -1) * CELL + HALF_CELL
    a, b, c = xy[owner].transpose(1, 0, 2)
    inside = [_area(*edge, point) - ~_owns(*edge) for edge in ((b, c), (c, a), (a, b))]
    hit = np.bitwise_or.reduce(inside) >= 0
    owner, row, column, at_b, at_c = (v[hit] for v in (owner, row, column, inside[1], inside[2]))
    unit, w = np.float32(1) / area[owner].astype(np.float32), screen[triangles[owner], 2]
    near = w[:, 0] + at_b.astype(np.float32) * ((w[:, 1] - w[:, 0]) * unit)
    near += at_c.astype(np.float32) * ((w[:, 2] - w[:, 0]) * unit)
    # Of several values for one sample numpy keeps the last: the nearest, then the last triangle.
    order = np.lexsort((owner, near))
    triangle[:] = -1
    triangle[row[order], column[order]] = owner[order]


def _area(a, b, c):
    """Twice the area of (a, b, c) in the grid's units; positive if seen from outside."""
    return (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1]) - (c[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])


def _owns(a, b):
    """Whether the triangle left of a -> b owns the points on that edge (its neighbour then does not)."""
    dx, dy = (b - a).T
    return (dy > 0) | ((dy == 0) & (dx > 0))


def _candidates(xy, front, size):
    """Triangle, row and column of every sample in the bounding box of a triangle that faces us."""
    low = np.maximum((xy.min(1) + HALF_CELL - 1) >> BITS, 0)
    high = np.minimum((xy.max(1) - HALF_CELL) >> BITS, size - 1)
    span = np.maximum(high - low + 1, 0)
    count = span.prod(1) * front
    owner = np.repeat(np.arange(len(xy)), count)
    index = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    width = span[owner, 0]
    return owner, low[owner, 1] + index // width, low[owner, 0] + index % width


# ----------------------------------------------------------------------------------- shading


def shade(screen, normals, triangle, corners, uv, attributes, shadow, texture, key, background, cap, optics, image):
    """Fill `image` (n, size, size, 3) in place."""
    optics, size = optics[0], image.shape[1]
    samples = triangle.shape[1] // size
    for face in range(len(image)):
        surface = np.concatenate([normals[face], attributes, shadow[face][:, None]], 1)
        row, column = np.nonzero(triangle[face] >= 0)
        owner, xy = triangle[face][row, column], (np.stack([column, row], -1) + np.float32(0.5)) / samples
        points = _interpolate(owner, xy.astype(np.float32), corners, uv, screen[face], surface)
        colour = _paint(points["uv"], texture[min(face, len(texture) - 1)])
        if cap:
            colour = _dress(points, colour, samples, optics)
        colour = _light(points, colour, key[face], np.float32(size), optics)
        pixel, share = row // samples * size + column // samples, points["fade"] / samples**2
        image[face] = _compose(pixel, colour, share, background, size)


def barycentric(corners, screen, owner, xy):
    """Barycentric coordinates (p, 3) on the surface of the points of triangles `owner` seen at `xy`."""
    a, b, c = (screen[corners[owner, k], :2] - xy for k in range(3))
    areas = np.stack([_cross(c, b), _cross(a, c), _cross(b, a)], -1)
    # Absolute values, because a triangle may miss the point, or face away, by the width of the
    # rasteriser's grid; TINY, because it may have no area at all.
    weights = (np.abs(areas) + TINY) * screen[corners[owner, :3], 2]
    return weights / weights.sum(1, keepdims=True)


def _cross(a, b):
    return a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1]


def _steepness(corners, screen, owner, values):
    """Change per pixel of a property (p, 3), given at the corners, within the triangles."""
    a, b, c = (screen[corners[owner, k], :2] for k in range(3))
    to_b, to_c = values[:, 1:2] - values[:, :1], values[:, 2:] - values[:, :1]
    change = to_b * (c - a) - to_c * (b - a)
    return np.linalg.norm(change, axis=1) / (np.abs(_cross(b - a, c - a)) + TINY)


def _interpolate(owner, xy, corners, uv, screen, surface):
    """Surface properties of the points by name."""
    at = barycentric(corners, screen, owner, xy)
    mixed = np.einsum("pk,pkd->dp", at, surface[corners[owner, :3]])
    return {
        "xy": xy,
        "normal": mixed[:3] / np.sqrt((mixed[:3] ** 2).sum(0) + TINY),
        **dict(zip(("occlusion", "gloss", "fade", "cap", "shadow"), mixed[3:])),
        "cap_step": _steepness(corners, screen, owner, surface[corners[owner, :3], 6]),
        "uv": np.einsum("pk,pkd->dp", at, uv[corners[owner, 3:6]]),
    }


def _paint(uv, texture):
    """Shown albedo (3, p): bilinear interpolation of the texture, clipped to 0..1."""
    height, width = texture.shape[:2]
    s = np.clip(uv[0] * width - np.float32(0.5), 0, width - np.float32(1.001))
    t = np.clip(uv[1] * height - np.float32(0.5), 0, height - np.float32(1.001))
    i, j = t.astype(int), s.astype(int)
    down, right = (t - i).astype(np.float32)[:, None], (s - j).astype(np.float32)[:, None]
    upper = (1 - right) * texture[i, j] + right * texture[i, j + 1]
    lower = (1 - right) * texture[i + 1, j] + right * texture[i + 1, j + 1]
    return np.clip((1 - down) * upper + down * lower, 0, 1).T


def _dress(points, colour, samples, optics):
    """Put the swim cap, and its contact shadow on the skin, over the albedo; changes the gloss."""
    cap, pixel = points["cap"], points["cap_step"] / samples + TINY
    step = np.clip(cap / pixel + np.float32(0.5), 0, 1)
    cover = step * step * (3 - 2 * step)
    # A rim narrower than a pixel becomes wider and fainter, so that it darkens as much.
    rim = np.maximum(optics["rim_width"], pixel)
    shade = optics["rim_depth"] * optics["rim_width"] / rim * np.clip(1 + cap / rim, 0, 1)
    points["gloss"] = points["gloss"] + cover * (optics["cap_gloss"] - points["gloss"])
    return (1 - cover) * (1 - shade) * colour + cover * optics["cap_colour"][:, None]


def _light(points, colour, key, size, optics):
    """From albedo to display colours 0..255 (3, p)."""
    normal, occlusion, shadow = points["normal"], points["occlusion"], points["shadow"]
    beam, fill, ambient, wrap, bounce = (optics[name][:, None] for name in ("key", "fill", "ambient", "wrap", "bounce"))
    to_key, to_fill = key @ normal, optics["fill_direction"] @ normal
    sky = (optics["ambient_level"] + optics["ambient_slope"] * normal[1]) * occlusion
    sky = sky * (1 + bounce * (1 - occlusion))
    crevice = (optics["occluded"] + (1 - optics["occluded"]) * occlusion) / (1 + wrap)
    matt = ambient * sky + fill * crevice * np.maximum(to_fill + wrap, 0)
    matt = matt + beam * shadow * crevice * np.maximum(to_key + wrap, 0)
    shine = np.where(to_key > 0, _highlight(points, key, size, optics) * occlusion * shadow, 0)
    return 255 * np.sqrt(np.minimum(colour**2 * matt + beam * shine, 1))


def _highlight(points, light, size, optics):
    """Specular reflection of a light."""
    focus = optics["distance"] / optics["field"] * size
    x, y = points["xy"].T
    eye = np.stack([(size / 2 - x) / focus, (y - size / 2) / focus, np.ones_like(x)])
    eye = eye / np.sqrt((eye**2).sum(0))
    half = eye + light[:, None]
    half = half / np.sqrt((half**2).sum(0) + TINY)
    facing = np.maximum((points["normal"] * half).sum(0), 0)
    fresnel = optics["reflectance"] + (1 - optics["reflectance"]) * (1 - (eye * half).sum(0)) ** 5
    wet = np.clip((points["gloss"] - optics["wet_from"]) * optics["wet_rate"], 0, 1)
    lobes = (1 - wet) * optics["dry_lobe"] * facing**16 + wet * optics["wet_lobe"] * facing**128
    return fresnel * points["gloss"] * lobes


def _compose(pixel, colour, share, background, size):
    """Lay the samples over the background, each with its share of a pixel, and round to bytes."""
    cover = [np.bincount(pixel, share * (c - b), size * size) for c, b in zip(colour, background)]
    return (np.stack(cover, -1) + background + 0.5).astype(np.uint8).reshape(size, size, 3)
