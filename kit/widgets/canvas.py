"""Draw small pictures that explain: enlarged pixels, frames, numbers, lines; dark ink on white, or on grey."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from kit import plots
from kit.plots.looks import INK, PAPER

GREY = "#808080"  # behind rendered faces: a sheet of it glares on no page, light or dark

Box = tuple[float, float, float, float]  # left, top, right, bottom


class Canvas:
    """A sheet to draw on, white by default; `image()` is what came of it."""

    def __init__(self, width: int, height: int, paper: str = PAPER):
        self._sheet = Image.new("RGB", (width, height), paper)
        self._pen = ImageDraw.Draw(self._sheet)

    def image(self) -> np.ndarray:
        """uint8 array of shape (height, width, 3)"""
        return np.asarray(self._sheet)

    def pixels(self, picture: np.ndarray, left: int, top: int, side: int) -> None:
        """A picture, uint8 (h, w, 3), enlarged to a square without smoothing."""
        self._sheet.paste(Image.fromarray(picture).resize((side, side), Image.Resampling.NEAREST), (left, top))

    def frame(self, box: Box, colour: str = INK, width: int = 3, fill: str | None = None) -> None:
        """A rectangle; what lies outside the sheet is cut off."""
        self._pen.rectangle([round(b) for b in box], outline=colour, width=width, fill=fill)

    def text(self, x: float, y: float, words: str, size: int = 15, colour: str = INK, anchor: str = "mm") -> None:
        """Words at a point; anchors as in Pillow ("mm" is the middle, "lm" the left end)."""
        words = words.translate(str.maketrans("×−→↓", "x->v"))  # Pillow's own font has only these
        self._pen.text((x, y), words, fill=colour, font=ImageFont.load_default(size), anchor=anchor)

    def line(self, points: np.ndarray, colour: str = INK, width: int = 2) -> None:
        """A line through points (n, 2)."""
        self._pen.line([tuple(p) for p in np.asarray(points, float)], fill=colour, width=width, joint="curve")


def diverging(values: np.ndarray, most: float | None = None) -> np.ndarray:
    """Numbers (...) as colours: blue below zero, grey at it, orange above, uint8 (..., 3).

    Parameters
    ----------
    most : the number with the darkest orange; by default the largest size that there is.
    """
    most = most or float(np.abs(values).max()) or 1.0
    return plots.diverging(values / most).round().astype(np.uint8)


def grey(values: np.ndarray) -> np.ndarray:
    """Numbers (...) from 0 to 1 as grey, uint8 (..., 3)."""
    return np.repeat((np.clip(values, 0, 1) * 255).round().astype(np.uint8)[..., None], 3, axis=-1)
