"""Where a scene happens: one function a background; `tone` (-1 to 1) varies its colours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ._scenes_canvas import SceneCanvas, colour

HORIZON = 0.36


def meadow(c: SceneCanvas, tone: float) -> None:
    """Sky, two rows of hills, grass."""
    sky, green = 240 + 25 * tone, 130 - 25 * tone
    c.layer(1.0, colour(sky, 0.78, 0.09), colour(sky - 20, 0.95, 0.03), HORIZON)
    c.layer(
        HORIZON + 0.1 + 0.05 * np.sin(5 * c.x + 2 + tone), colour(green + 40, 0.76, 0.05), colour(green + 30, 0.8, 0.05)
    )
    c.layer(
        HORIZON + 0.03 + 0.03 * np.sin(8 * c.x + 3 * tone),
        colour(green + 15, 0.68, 0.08),
        colour(green + 10, 0.75, 0.08),
    )
    c.layer(HORIZON, colour(green, 0.76, 0.1), colour(green, 0.64, 0.12))


def beach(c: SceneCanvas, tone: float) -> None:
    """Sky, sea, sand."""
    c.layer(1.0, colour(235 + 30 * tone, 0.82, 0.07), colour(70, 0.95, 0.04), HORIZON)
    c.layer(HORIZON + 0.04, colour(225 + 15 * tone, 0.58, 0.08), colour(200, 0.76, 0.07), HORIZON - 0.06)
    shore = HORIZON - 0.06 + 0.012 * np.sin(9 * c.x + 4 * tone)
    c.layer(shore + 0.012, (0.97, 0.97, 0.95), (0.97, 0.97, 0.95))
    c.layer(shore, colour(80 - 10 * tone, 0.86, 0.05), colour(75 - 10 * tone, 0.78, 0.07))


def room(c: SceneCanvas, tone: float) -> None:
    """Wallpaper, skirting board, floor boards that run away from the viewer."""
    hue = 150 + 110 * tone
    c.layer(1.0, colour(hue, 0.86, 0.04), colour(hue, 0.8, 0.05), HORIZON)
    stripes = 1 + 0.025 * np.clip(4 * np.sin(2 * np.pi * 8 * c.x), -1, 1)
    c.pixels *= stripes[..., None]
    c.layer(HORIZON + 0.05, (0.94, 0.93, 0.9), (0.9, 0.89, 0.86), HORIZON)
    c.layer(HORIZON, colour(65, 0.62, 0.06), colour(60, 0.72, 0.08))
    away = 0.25 / (0.62 - np.minimum(c.y, HORIZON))  # boards meet far behind the wall
    seam = np.abs(np.mod((c.x - 0.5) * away * 9 + 0.5, 1) - 0.5) / (away * 9)
    c.pixels *= 1 - (0.14 * np.clip(1.5 - seam * c.size, 0, 1) * (c.y < HORIZON))[..., None]


def studio(c: SceneCanvas, tone: float) -> None:
    """A photographer's paper that bends from wall to floor."""
    hue = 250 + 120 * tone
    c.layer(1.0, colour(hue, 0.76, 0.05), colour(hue, 0.93, 0.03), HORIZON - 0.1)
    c.layer(HORIZON - 0.1, colour(hue, 0.93, 0.03), colour(hue, 0.82, 0.04))


PLACES: dict[str, Callable[[SceneCanvas, float], None]] = {
    "meadow": meadow, "beach": beach, "room": room, "studio": studio,
}  # fmt: skip
