"""Several faces into one: put together, interpolate, exchange textures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .faces import ARRAYS, Faces


def concat(several: list[Faces]) -> Faces:
    """One `Faces` out of many of the same model."""
    if not several:
        raise ValueError("concat needs at least one Faces")
    if any(f.model is not several[0].model for f in several):
        raise ValueError("faces of different models cannot be put together")
    return several[0].changed(**{n: np.concatenate([getattr(f, n) for f in several]) for n in ARRAYS})


def interpolate(a: Faces, b: Faces, amounts: float | Sequence[float]) -> Faces:
    """Faces on the line from face a (amount 0) to face b (amount 1), in all coefficients."""
    if len(a) != 1 or len(b) != 1:
        raise ValueError(f"interpolate takes two single faces; got {len(a)} and {len(b)}")
    t = np.atleast_1d(np.asarray(amounts, dtype=float))
    mix = {n: np.array([(1 - k) * getattr(a, n)[0] + k * getattr(b, n)[0] for k in t]) for n in ARRAYS}
    return a.changed(**mix)


def swap_textures(a: Faces, b: Faces) -> tuple[Faces, Faces]:
    """Exchange textures: (a's shape with b's texture, b's shape with a's texture)."""
    return a.with_texture(b), b.with_texture(a)
