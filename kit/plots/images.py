"""Numbers as pictures: grey levels, weights with a sign, frames, and maps of the head."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from kit.brain.eeg import positions

from .looks import BEHIND, INK, diverging

SMOOTH = 30.0  # degrees over which a map between sensors is smooth
RIDGE = 0.05
EDGE = 1.06  # how far beyond the circle of the ears the map goes, in its radii
ORANGE = (213, 94, 0)


def topography(values: np.ndarray, most: float | None = None, size: int = 240) -> np.ndarray:
    """A head from above, nose up, coloured by a number at each of the kit's 32 sensors.

    Orange above zero, blue below, grey at zero. Between sensors the map is smooth; it knows no more than they do.

    Parameters
    ----------
    values : array of shape (32,)
    most : float, optional
        Value that gets the full colour; the largest by default.
    size : int
        Pixels on a side.

    Returns
    -------
    uint8 array of shape (size, size, 3)
    """
    weights, inside = _interpolation(size)
    most = most or float(np.abs(values).max()) or 1.0
    image = np.full((size, size, 3), BEHIND, np.uint8)
    image[inside] = diverging(weights @ np.asarray(values, float) / most).round()
    return _with_head(image)


@lru_cache(maxsize=4)
def _interpolation(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights (n_inside, 32) from sensors to pixels of the head, and which pixels these are (size, size)."""
    down, right = (np.mgrid[:size, :size] + 0.5 - size / 2) / _radius(size)
    far = np.hypot(down, right)
    inside = far <= EDGE
    tilt, ratio = np.radians(90 * far[inside]), 1 / np.maximum(far[inside], 1e-9)
    x, y = right[inside] * ratio, -down[inside] * ratio
    points = np.column_stack([np.sin(tilt) * x, np.sin(tilt) * y, np.cos(tilt)])
    own = _near(positions(), positions())
    return np.linalg.solve(own + RIDGE * np.eye(len(own)), _near(points, positions()).T).T, inside


def _near(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    angle = np.degrees(np.arccos(np.clip(a @ b.T, -1, 1)))
    return np.exp(-0.5 * (angle / SMOOTH) ** 2)


def _radius(size: int) -> float:
    return size * 0.43


def _with_head(image: np.ndarray) -> np.ndarray:
    """Outline, nose, ears and sensors."""
    size = len(image)
    middle, r = size / 2, _radius(size)
    sheet = Image.fromarray(image)
    pen = ImageDraw.Draw(sheet)
    pen.ellipse([middle - EDGE * r, middle - EDGE * r, middle + EDGE * r, middle + EDGE * r], outline=INK, width=2)
    top = middle - EDGE * r
    pen.line([(middle - 0.1 * r, top + 1), (middle, top - 0.1 * r), (middle + 0.1 * r, top + 1)], fill=INK, width=2)
    for side in (-1, 1):
        x = middle + side * (EDGE * r + 0.03 * r)
        pen.arc([x - 0.06 * r, middle - 0.15 * r, x + 0.06 * r, middle + 0.15 * r], 0, 360, fill=INK, width=2)
    for x, y in _places():
        left, above = middle + r * x, middle - r * y
        pen.ellipse([left - 2, above - 2, left + 2, above + 2], fill=INK)
    return np.asarray(sheet)


def _places() -> np.ndarray:
    """Sensors on the flat head, (32, 2): right and front, 1 at the height of the ears."""
    x, y, z = positions().T
    far = np.degrees(np.arccos(np.clip(z, -1, 1))) / 90 / np.maximum(np.hypot(x, y), 1e-9)
    return np.column_stack([x * far, y * far])


def grey_pictures(grey: np.ndarray, scale: int = 2) -> np.ndarray:
    """Grey levels (n, h, w) from 0 to 1 as pictures, uint8 (n, h * scale, w * scale, 3)."""
    levels = np.clip(np.rint(255 * np.asarray(grey)), 0, 255).astype(np.uint8)
    return enlarged(np.repeat(levels[..., None], 3, axis=-1), scale * levels.shape[2])


def signed_pictures(values: np.ndarray, scale: int = 6) -> np.ndarray:
    """Weights (n, h, w) as pictures: orange above zero, blue below, light grey at zero; each on its own scale."""
    values = np.asarray(values, float)
    most = np.abs(values).max(axis=(1, 2), keepdims=True)
    colours = diverging(values / np.where(most > 0, most, 1))
    return enlarged(np.rint(colours).astype(np.uint8), scale * values.shape[2])


def enlarged(pictures: np.ndarray, width: int) -> np.ndarray:
    """Pictures uint8 (n, h, w, 3), so many pixels wide and in the same proportions, without smoothing."""
    high, wide = pictures[0].shape[:2]
    size = width, round(width * high / wide)
    return np.stack([Image.fromarray(picture).resize(size, Image.Resampling.NEAREST) for picture in pictures])


def framed(images: np.ndarray, *boxes: tuple[slice, slice], scale: int = 2) -> np.ndarray:
    """Pictures (n, h, w, 3), enlarged, with an orange frame of two pixels round each box of (rows, columns)."""
    out = enlarged(images, scale * images.shape[2])
    for rows, columns in boxes:
        top, bottom, left, right = (scale * edge for edge in (rows.start, rows.stop, columns.start, columns.stop))
        inside = out[:, top:bottom, left:right].copy()
        out[:, top - 2 : bottom + 2, left - 2 : right + 2] = ORANGE
        out[:, top:bottom, left:right] = inside
    return out
