"""Draw small pictures that explain: enlarged pixels, frames, numbers, lines; dark ink on white.

On a dark page the paper turns into its negative, and the pictures on it stay as they are (`paper`).
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from kit import plots
from kit.plots.looks import INK, PAPER

Box = tuple[float, float, float, float]  # left, top, right, bottom


class Canvas:
    """A white sheet to draw on; `image()` is what came of it, `pictures` are the boxes of the pictures on it."""

    def __init__(self, width: int, height: int):
        self._sheet = Image.new("RGB", (width, height), PAPER)
        self._pen = ImageDraw.Draw(self._sheet)
        self.pictures: list[Box] = []

    def image(self) -> np.ndarray:
        """uint8 array of shape (height, width, 3)"""
        return np.asarray(self._sheet)

    def paper(self) -> str:
        """The sheet without its pictures, as a polygon of CSS: round the sheet, then round each picture."""
        outlines = [(0, 0, self._sheet.width, self._sheet.height), *self.pictures]
        return f"polygon(evenodd, {', '.join(map(self._outline, outlines))})"

    def _outline(self, box: Box) -> str:
        """From the sheet's corner round a box and back, in percent of the sheet: pages shrink it."""
        left, right = (f"{100 * x / self._sheet.width:.3f}%" for x in box[::2])
        top, bottom = (f"{100 * y / self._sheet.height:.3f}%" for y in box[1::2])
        return f"0 0, {left} {top}, {right} {top}, {right} {bottom}, {left} {bottom}, {left} {top}, 0 0"

    def pixels(self, picture: np.ndarray, left: int, top: int, side: int) -> None:
        """A picture, uint8 (h, w, 3), enlarged to a square without smoothing; it keeps its colours on a dark page."""
        self.pictures.append((left, top, left + side, top + side))
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
