"""The studio: camera, lights, skin and fabric. Every number that both render back-ends share.

The values travel as an argument (never as globals of the compiled code), so that numba's disk cache
cannot keep machine code with yesterday's constants.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

Triple = tuple[float, float, float]

BACKGROUND = 128  # display value behind a head
FINE_ABOVE = 300  # pixels: from here on the mesh's corners would show in the outline


@dataclass(frozen=True)
class Optics:
    """Constants of camera, lights and materials; light is linear, "shown" means display values."""

    # Camera: a portrait lens far enough away to keep noses their size. The field leaves air above
    # the tallest of many random heads (160 mm) and below the end of the neck (-155 mm).
    distance: float = 1400  # mm from the centre of the head
    field: float = 325  # mm across the picture, at the centre of the head
    centre: float = 2  # mm, height of camera and picture centre

    # Key light: warm; the only one that casts shadows, shines, and moves with `light=`.
    key: Triple = (0.78, 0.756, 0.725)
    # Fill: weak, cool and frontal, so that it does not favour a side: a mirrored face under a
    # mirrored key light gives a mirrored picture.
    fill: Triple = (0.12, 0.125, 0.13)
    fill_direction: Triple = (0, -0.0995, 0.995)
    # Ambient: brighter from above than from below (multiplied by level + slope * normal_y).
    ambient: Triple = (0.27, 0.265, 0.262)
    ambient_level: float = 0.775
    ambient_slope: float = 0.225
    # Light that bounces about in a crevice of skin turns red: occlusion takes less of it.
    bounce: Triple = (0.35, 0, 0)

    # Skin: light that entered leaves a few mm further on, red furthest. Wrapping the cosine past
    # the terminator by channel is the cheapest picture of that.
    wrap: Triple = (0.28, 0.16, 0.12)
    # Occlusion takes all ambient light but only part of the direct light in a crevice.
    occluded: float = 0.35
    # Specular: Schlick-Fresnel with the reflectance of skin and tears, and Blinn-Phong lobes with
    # exponents 16 (skin) and 128 (wet eyes: a small catchlight), normalised by (exponent + 2) / 8.
    reflectance: float = 0.04
    dry_lobe: float = 2.25
    wet_lobe: float = 16.25
    wet_from: float = 0.6  # gloss where the wet lobe begins ...
    wet_rate: float = 2.5  # ... and one over the range in which it takes over

    # Swim cap: dark matt fabric of a neutral blue-grey, and its contact shadow on the skin.
    cap_colour: Triple = (0.205, 0.225, 0.26)  # shown
    cap_gloss: float = 0.12
    rim_width: float = 2  # mm of skin below the edge
    rim_depth: float = 0.35  # part of the shown albedo taken at the edge

    def record(self) -> np.ndarray:
        """The same as a numpy record, of shape (1,), with float32 fields, for compiled code."""
        kinds = [(f.name, np.float32, np.shape(getattr(self, f.name))) for f in fields(self)]
        return np.array([tuple(getattr(self, f.name) for f in fields(self))], kinds)


OPTICS = Optics()

#: What a picture holds. "head" leaves air above the tallest of many heads; "face" is a portrait in which a face is two
#: thirds of the width: chins, ears and noses of random faces stay inside at 30 degrees of yaw and 20 of pitch, the
#: crown of the cap does not.
FRAMES = {"head": OPTICS, "face": replace(OPTICS, field=240.0, centre=-12.0)}


def unit_direction(azimuth: np.ndarray, elevation: np.ndarray) -> np.ndarray:
    """Unit vectors (n, 3) towards azimuth (right positive) and elevation (up positive) in degrees."""
    a, e = np.radians(azimuth), np.radians(elevation)
    return np.stack([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)], -1)


def head_rotation(yaw: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """Rotation matrices (n, 3, 3) that nod the head by `pitch`, then turn it by `yaw` (degrees).

    The nose, at (0, 0, 1) before, ends up at `unit_direction(yaw, pitch)`.
    """
    y, p = np.radians(yaw), np.radians(pitch)
    zero, one = np.zeros_like(y), np.ones_like(y)
    turn = [[np.cos(y), zero, np.sin(y)], [zero, one, zero], [-np.sin(y), zero, np.cos(y)]]
    nod = [[one, zero, zero], [zero, np.cos(p), np.sin(p)], [zero, -np.sin(p), np.cos(p)]]
    turn, nod = (np.moveaxis(np.array(matrix), -1, 0) for matrix in (turn, nod))
    return turn @ nod
