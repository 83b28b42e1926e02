"""A small canvas: filled shapes with analytic edges, shaded as if they were round, under one lamp.

Lengths are parts of the picture's width, x to the right and y up from the lower left corner. `place` sets where a
thing's own coordinates lie: its foot's middle at (0, 0), one unit as long as the thing is big.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

AMBIENT, KEY = 0.52, 0.58  # light from everywhere, and from the lamp
BULGE = 0.06  # how far the rim of a turned thing sags, seen a little from above
FRONT = (0.0, 0.0, 1.0)  # the normal of a surface that faces the viewer
Colour = Sequence[float]


def colour(hue: float, lightness: float = 0.72, chroma: float = 0.12) -> np.ndarray:
    """An sRGB colour (3,) from 0 to 1; hues in degrees at equal lightness look equally light (Oklab, Ottosson 2020)."""
    a, b = chroma * np.cos(np.radians(hue)), chroma * np.sin(np.radians(hue))
    cones = (np.array([1, 1, 1]) * lightness + _TO_CONES @ [a, b]) ** 3
    linear = np.clip(_TO_RGB @ cones, 0, 1)
    return np.where(linear < 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).astype(np.float32)


_TO_CONES = np.array([[0.3963377774, 0.2158037573], [-0.1055613458, -0.0638541728], [-0.0894841775, -1.2914855480]])
_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


class SceneCanvas:
    """A picture being painted.

    Parameters
    ----------
    size : int
        Pixels on a side.
    light : array of shape (3,)
        Unit vector towards the lamp: right, up, towards the viewer.
    """

    def __init__(self, size: int, light: np.ndarray):
        self.size = size
        self.light = np.asarray(light, np.float32)
        self.pixels = np.zeros((size, size, 3), np.float32)
        self.covered = np.zeros((size, size), np.float32)
        steps = (np.arange(size, dtype=np.float32) + 0.5) / size
        self.x, self.y = steps[None, :], 1 - steps[:, None]
        self.place(0, 0, 1)

    def place(self, x: float, y: float, scale: float) -> None:
        """What is painted next has its foot at (x, y) and is so big."""
        self.foot, self.scale = (x, y), scale

    def ellipse(self, x: float, y: float, rx: float, ry: float, paint: Colour, gloss: float = 0.0) -> None:
        """A ball, seen as an ellipse with half axes rx and ry."""
        here, px, py = self._patch(x - rx, x + rx, y - ry, y + ry)
        u, v = (px - x) / rx, (py - y) / ry
        radius = np.sqrt(u * u + v * v)
        distance = radius * (radius - 1) / np.sqrt((u / rx) ** 2 + (v / ry) ** 2 + 1e-9)
        inside = np.minimum(1, 1 / np.maximum(radius, 1e-6))
        u, v = u * inside, v * inside
        self._fill(here, distance, paint, (u, v, np.sqrt(np.maximum(0, 1 - u * u - v * v))), gloss)

    def lathe(self, x: float, heights: Sequence[float], radii: Sequence[float], paint: Colour,
              gloss: float = 0.0) -> None:  # fmt: skip
        """A thing turned on a lathe about an upright axis: its radius at some heights, straight in between."""
        widest, low, high = max(radii), heights[0], heights[-1]
        here, px, py = self._patch(x - widest, x + widest, low - BULGE * widest, high)
        u = px - x
        y = py + BULGE * np.sqrt(np.maximum(0, widest**2 - u * u))  # the rims sag towards the viewer
        radius = np.interp(py, heights, radii).astype(np.float32)
        slope = np.interp(py, heights, np.gradient(np.asarray(radii, float), heights)).astype(np.float32)
        side = (np.abs(u) - radius) / np.sqrt(1 + slope * slope)
        distance = np.maximum(side, np.maximum(low - y, py - high))
        nx = np.clip(u / np.maximum(radius, 1e-6), -1, 1)
        nz = np.sqrt(1 - nx * nx)
        tilt = 1 / np.sqrt(1 + slope * slope)
        self._fill(here, distance, paint, (nx * tilt, -slope * tilt, nz * tilt), gloss)

    def box(self, x: float, y: float, rx: float, ry: float, paint: Colour, corner: float = 0.0,
            gloss: float = 0.0) -> None:  # fmt: skip
        """An upright rectangle with half sides rx and ry; round corners bend its surface, too."""
        here, px, py = self._patch(x - rx, x + rx, y - ry, y + ry)
        u, v = px - x, py - y
        qx, qy = np.abs(u) - (rx - corner), np.abs(v) - (ry - corner)
        outside = np.sqrt(np.maximum(qx, 0) ** 2 + np.maximum(qy, 0) ** 2)
        distance = outside + np.minimum(np.maximum(qx, qy), 0) - corner
        if not corner:
            return self._fill(here, distance, paint, FRONT, gloss)
        nx = np.sign(u) * np.clip(qx / corner, 0, 1) * 0.8 + 0 * qy
        ny = np.sign(v) * np.clip(qy / corner, 0, 1) * 0.8 + 0 * qx
        length = np.maximum(1, np.sqrt(nx * nx + ny * ny))
        nx, ny = nx / length, ny / length
        return self._fill(here, distance, paint, (nx, ny, np.sqrt(np.maximum(0, 1 - nx * nx - ny * ny))), gloss)

    def polygon(self, points: Sequence[tuple[float, float]], paint: Colour, normal=FRONT) -> None:
        """A flat convex polygon, corners in order, that faces along `normal`."""
        p = np.asarray(points, np.float32)
        (x0, y0), (x1, y1) = p.min(axis=0), p.max(axis=0)
        here, px, py = self._patch(x0, x1, y0, y1)
        ahead = np.roll(p, -1, axis=0) - p
        turn = np.sign(ahead[0, 0] * ahead[1, 1] - ahead[0, 1] * ahead[1, 0])
        across = turn * np.stack([ahead[:, 1], -ahead[:, 0]], axis=1) / np.linalg.norm(ahead, axis=1, keepdims=True)
        edges = [(px - x) * a + (py - y) * b for (x, y), (a, b) in zip(p, across)]
        unit = np.asarray(normal, np.float32) / np.linalg.norm(normal)
        self._fill(here, np.maximum.reduce(edges), paint, unit, 0.0)

    def shadow(self, x: float, y: float, rx: float, ry: float, darkness: float) -> None:
        """A soft dark ellipse on the ground."""
        here, px, py = self._patch(x - rx, x + rx, y - ry, y + ry)
        away = ((px - x) / rx) ** 2 + ((py - y) / ry) ** 2
        self.pixels[here] *= (1 - darkness * np.clip(1 - away, 0, 1) ** 1.2)[..., None]

    def layer(self, top, high: Colour, low: Colour, floor: float = 0.0) -> None:
        """A band of colour from `top` (number or array (1, size)) down to `floor`, where it has become `low`."""
        alpha = np.clip(0.5 + (top - self.y) * self.size, 0, 1)[..., None]
        mix = np.clip((self.y - floor) / max(1e-6, float(np.max(top)) - floor), 0, 1)[..., None]
        paint = np.asarray(low, np.float32) + mix * (np.asarray(high, np.float32) - np.asarray(low, np.float32))
        self.pixels += alpha * (paint - self.pixels)

    # ---- what the shapes share

    def _patch(self, x0, x1, y0, y1):
        """The pixels about a box in the thing's coordinates: their place, and x (1, w) and y (h, 1) there."""
        (fx, fy), s, n = self.foot, self.scale, self.size
        left, right = int((fx + s * x0) * n - 1), int((fx + s * x1) * n + 2)
        top, bottom = int((1 - fy - s * y1) * n - 1), int((1 - fy - s * y0) * n + 2)
        here = slice(max(0, top), max(0, bottom)), slice(max(0, left), max(0, right))
        return here, (self.x[:, here[1]] - fx) / s, (self.y[here[0]] - fy) / s

    def _fill(self, here, distance, paint, normal, gloss) -> None:
        alpha = np.clip(0.5 - distance * (self.scale * self.size), 0, 1)
        nx, ny, nz = normal
        x, y, z = self.light
        shade = np.asarray(AMBIENT + KEY * np.maximum(0, x * nx + y * ny + z * nz))
        colours = np.asarray(paint, np.float32) * shade[..., None]
        if gloss:
            half = np.array([x, y, z + 1]) / np.linalg.norm([x, y, z + 1])
            shine = np.maximum(0, half[0] * nx + half[1] * ny + half[2] * nz) ** 24
            colours = colours + (gloss * shine)[..., None] * (1 - colours)
        target = self.pixels[here]
        target += alpha[..., None] * (colours - target)
        self.covered[here] += alpha * (1 - self.covered[here])
