"""The factors of a scene: where each is drawn from, what it may be, and what bad input is told."""

from __future__ import annotations

import numpy as np

from ._scenes_places import PLACES
from ._scenes_things import THINGS

CATEGORIES = tuple(THINGS)
BACKGROUNDS = tuple(PLACES)
MOST_CLUTTER = 12
RANGES = {
    "proportions": (-1.0, 1.0), "hues": (0.0, 360.0), "x": (-0.2, 0.2), "size": (0.4, 0.6), "tone": (-1.0, 1.0),
    "azimuth": (-60.0, 60.0), "elevation": (15.0, 65.0), "brightness": (0.85, 1.15),
}  # fmt: skip
WIDTHS = {"proportions": 3, "hues": 2}
LIMITS = RANGES | {"hues": (-np.inf, np.inf), "x": (-0.5, 0.5), "size": (0.05, 1.0), "azimuth": (-90.0, 90.0),
                   "elevation": (-90.0, 90.0), "brightness": (0.0, 2.0), "clutter": (0, MOST_CLUTTER),
                   "category": (0, len(CATEGORIES) - 1), "background": (0, len(BACKGROUNDS) - 1),
                   "layout": (0, 2**31 - 1)}  # fmt: skip
NAMES = {"category": CATEGORIES, "background": BACKGROUNDS}
WHOLE = ("category", "background", "clutter", "layout")


def column(name: str, value, n: int) -> np.ndarray:
    """A factor as a read-only array, one row a scene; names of categories and backgrounds as numbers."""
    shape = (n, WIDTHS[name]) if name in WIDTHS else (n,)
    array = np.asarray(value)
    if name in NAMES and array.dtype.kind in "UOS":
        array = np.vectorize(lambda word: _number(name, word), otypes=[int])(array)
    if array.shape not in ((), shape, shape[1:]):
        raise ValueError(f"{name} needs one value, or an array of shape {shape} for {n} scenes; got {array.shape}")
    out = np.array(np.broadcast_to(array, shape), dtype=np.int64 if name in WHOLE else np.float64)
    _check_range(name, array, out)
    out.flags.writeable = False
    return out


def _number(name: str, word) -> int:
    if word not in NAMES[name]:
        raise ValueError(f"{name} must be one of {', '.join(NAMES[name])}; got {word!r}")
    return NAMES[name].index(word)


def _check_range(name: str, given: np.ndarray, array: np.ndarray) -> None:
    low, high = LIMITS[name]
    if name in WHOLE and np.any(given != array):
        raise ValueError(f"{name} must be whole numbers; got {given.flat[0]}")
    bad = ~((array >= low) & (array <= high)) | ~np.isfinite(array)
    if bad.any():
        row = int(np.argwhere(bad)[0][0])
        raise ValueError(f"{name} must be from {low:g} to {high:g}; scene {row} has {array[bad].flat[0]:g}")
