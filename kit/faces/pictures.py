"""Lay pictures out in sheets and write them down."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image


def sheet(images: np.ndarray, columns: int, gap: int = 0, paper: int = 128) -> np.ndarray:
    """Pictures (n, h, w, 3) in rows of so many columns -> one picture; empty places stay grey."""
    images = np.asarray(images)
    n, h, w, _ = images.shape
    rows = -(-n // columns)
    out = np.full((rows * (h + gap) - gap, columns * (w + gap) - gap, 3), paper, np.uint8)
    for k, image in enumerate(images):
        y, x = (k // columns) * (h + gap), (k % columns) * (w + gap)
        out[y : y + h, x : x + w] = image
    return out


def encoded(image: np.ndarray, form: str = "JPEG", quality: int = 90) -> bytes:
    """A picture (h, w, 3) as the bytes of a JPEG or PNG file."""
    buffer = io.BytesIO()
    options = {"quality": quality} if form == "JPEG" else {"optimize": True}
    Image.fromarray(image).save(buffer, form, **options)
    return buffer.getvalue()


def save(image: np.ndarray, path: str | Path) -> Path:
    """Write a picture (h, w, 3) as PNG (or by the path's ending), making its folder if needed."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)
    return path
