"""Whether the words of a drawing can be read, on a light page and on a dark one."""

from collections.abc import Callable
from unittest import mock

import numpy as np
from colours import contrast

from kit.plots.looks import INK
from kit.widgets.canvas import Canvas

TEXT = 4.5  # contrast that WCAG 2.2 asks of text (1.4.3)
HALF_A_TURN = np.array([[-0.574, 1.430, 0.144], [0.426, 0.430, 0.144], [0.426, 1.430, -0.856]])  # hue-rotate(180deg)


def faint(draw: Callable[[], Canvas]) -> list[str]:
    """Words of a drawing whose contrast with what they stand on is below 4.5 on a light or a dark page."""
    found, text = [], Canvas.text

    def heard(canvas, x, y, words, size=15, colour=INK, anchor="mm"):
        behind = hexadecimal(canvas.image()[round(y), round(x)])
        kept = any(left <= x < right and top <= y < bottom for left, top, right, bottom in canvas.pictures)
        dark = contrast(colour, behind) if kept else contrast(negative(colour), negative(behind))
        if min(contrast(colour, behind), dark) < TEXT:
            found.append(words)
        text(canvas, x, y, words, size, colour, anchor)

    with mock.patch.object(Canvas, "text", heard):
        draw()
    return found


def negative(colour: str) -> str:
    """A colour after CSS's `invert(1) hue-rotate(180deg)` (Filter Effects Module Level 1)."""
    inverted = 255 - np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
    return hexadecimal(np.clip(HALF_A_TURN @ inverted, 0, 255))


def hexadecimal(rgb: np.ndarray) -> str:
    """A colour like "#0072B2", of three numbers to 255."""
    return "#" + "".join(f"{round(float(value)):02X}" for value in rgb)
