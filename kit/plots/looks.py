"""One look for every figure: colours, dashes and marks that every common kind of colour vision tells apart."""

from __future__ import annotations

import numpy as np

# Okabe & Ito (2008), Color universal design: told apart with every common kind of colour vision.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
# From inward over nothing to outward: blue and orange differ for colour-blind eyes, and both darken.
DIVERGING = ((0, "#08306B"), (0.25, "#4292C6"), (0.5, "#DCDCDC"), (0.75, "#E6772E"), (1, "#7F2704"))
INK, QUIET, LINE, PAPER = "#222222", "#8A8A8A", "#D0D0D0", "#FFFFFF"
DASHES = ("solid", "dash", "dot", "dashdot")
MARKS = ("circle", "square", "diamond", "cross", "triangle-up", "x")
BEHIND = 128  # around a picture, as behind rendered faces: it glares on no page, light or dark
CLEAR = "rgba(0, 0, 0, 0)"  # the page's own paper: on a dark page it is dark (kit/teaching/panel.css)


def diverging_picture(values: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Numbers from -1 to 1 on a face as colours: uint8 (n, h, w, 3) of values (n, h, w) where `shown` (h, w), else
    the grey behind faces.
    """
    return np.where(shown[..., None], diverging(values), BEHIND).round().astype(np.uint8)


def diverging(values: np.ndarray) -> np.ndarray:
    """Colours (..., 3) from 0 to 255 of values (...) from -1 to 1: blue below zero, grey at it, orange above."""
    places = [place for place, _ in DIVERGING]
    colours = np.array([[int(code[k : k + 2], 16) for k in (1, 3, 5)] for _, code in DIVERGING])
    at = (np.clip(values, -1, 1) + 1) / 2
    return np.stack([np.interp(at, places, channel) for channel in colours.T], axis=-1)
