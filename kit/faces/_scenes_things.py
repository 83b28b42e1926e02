"""What stands in a scene: one function a category, painted in its own coordinates (foot at 0, about 1 big).

Every category draws on the same three proportions (-1 to 1) and the same two hues (degrees), so that neither colour
nor the numbers themselves say which category they belong to.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ._scenes_canvas import SceneCanvas, colour

DARK, PALE, GLASS, WOOD = (0.16, 0.17, 0.2), (0.95, 0.94, 0.9), (0.62, 0.76, 0.84), (0.55, 0.4, 0.28)
LEFT, UP = (-0.9, 0.0, 0.44), (0.25, 0.75, 0.6)  # normals of a house's side wall and roof
Proportions = np.ndarray


def house(c: SceneCanvas, p: Proportions, hues: np.ndarray) -> None:
    """A front with gable, door and window; a side wall and a roof that recede to the left."""
    wall, roof = colour(hues[0], 0.82, 0.08), colour(hues[1], 0.56, 0.12)
    half, high, peak = 0.23 + 0.03 * p[0], 0.42 + 0.08 * p[1], 0.26 + 0.07 * p[2]
    x, depth = 0.22, 0.42 - 0.04 * p[0]
    left, right = x - half, x + half
    back = left - depth
    c.polygon([(back, 0.05), (left, 0), (left, high), (back, high)], wall, LEFT)
    c.polygon([(back + 0.13, 0.24), (left - 0.12, 0.235), (left - 0.12, high - 0.05), (back + 0.13, high - 0.05)],
              GLASS, LEFT)  # fmt: skip
    c.polygon([(left, 0), (right, 0), (right, high), (left, high)], wall)
    c.polygon([(left, high - 0.005), (right, high - 0.005), (x, high + peak)], wall)
    chimney = back + 0.25
    c.box(chimney, high + peak * 0.9, 0.045, 0.14, roof * 0.8)
    c.polygon([(back - 0.04, high - 0.03), (left - 0.03, high - 0.05), (x, high + peak), (x - depth, high + peak)],
              roof, UP)  # fmt: skip
    c.polygon([(right, high - 0.01), (right + 0.05, high - 0.05), (x, high + peak + 0.035), (x, high + peak - 0.025)],
              roof * 0.9)  # fmt: skip
    c.polygon([(left, high - 0.01), (left - 0.05, high - 0.05), (x, high + peak + 0.035), (x, high + peak - 0.025)],
              roof * 0.9)  # fmt: skip
    c.box(x - 0.06, 0.13, 0.065, 0.13, roof * 0.85)
    c.ellipse(x - 0.02, 0.13, 0.012, 0.012, PALE)
    c.box(x + 0.11, 0.2, 0.06, 0.07, PALE)
    c.box(x + 0.11, 0.2, 0.045, 0.055, GLASS)
    c.ellipse(x, high + 0.3 * peak, 0.045, 0.045, PALE)


def tree(c: SceneCanvas, p: Proportions, hues: np.ndarray) -> None:
    """A trunk with a crown: of balls, or of cones one above the other."""
    bark, leaf = colour(hues[1], 0.5, 0.06), colour(hues[0], 0.68, 0.13)
    thick, low = 0.045 + 0.012 * p[0], 0.3 + 0.06 * p[1]
    c.lathe(0, [0, 0.06, low + 0.2], [1.6 * thick, thick, 0.8 * thick], bark)
    if p[2] < 0:
        wide = 0.34 + 0.05 * p[0]
        for k, bottom in enumerate(np.linspace(low - 0.05, 0.68, 3)):
            radius = wide * (1 - 0.22 * k)
            c.lathe(
                0,
                [bottom, bottom + 0.02, min(1.0, bottom + 0.36)],
                [radius, 0.98 * radius, 0.0],
                leaf * (0.86 + 0.07 * k),
            )
        return
    r = 0.21 + 0.03 * p[0]
    balls = [
        (-0.17, low + 0.16, r),
        (0.18, low + 0.18, r),
        (-0.07, low + 0.4, r),
        (0.11, low + 0.38, 0.9 * r),
        (0, low + 0.22, r),
    ]
    for k, (x, y, radius) in enumerate(balls):
        c.ellipse(x, y, radius, radius, leaf * (0.88 + 0.04 * k))


def car(c: SceneCanvas, p: Proportions, hues: np.ndarray) -> None:
    """Seen from the side, facing right."""
    body, trim = colour(hues[0], 0.68, 0.15), colour(hues[1], 0.7, 0.1)
    high, roof, wheel = 0.17 + 0.02 * p[0], 0.2 + 0.045 * p[1], 0.1 + 0.012 * p[2]
    belt, top = wheel + high, wheel + high + roof
    back, front = -0.34 - 0.06 * p[1], 0.2 + 0.05 * p[2]
    c.polygon([(back, belt - 0.02), (front, belt - 0.02), (front - 0.14, top), (back + 0.08, top)], body)
    c.box((back + front) / 2 - 0.03, top - 0.012, (front - back) / 2 - 0.11, 0.026, body * 0.95, 0.025)
    middle = (back + front) / 2 - 0.02
    c.polygon(
        [(back + 0.05, belt), (middle - 0.015, belt), (middle - 0.015, top - 0.035), (back + 0.1, top - 0.035)], GLASS
    )
    c.polygon(
        [(middle + 0.015, belt), (front - 0.045, belt), (front - 0.15, top - 0.035), (middle + 0.015, top - 0.035)],
        GLASS,
    )
    c.box(0, wheel + high / 2, 0.5, high / 2 + 0.015, body, 0.075, gloss=0.25)
    c.box(0, wheel + 0.02, 0.47, 0.018, trim)
    c.box(middle + 0.05, belt - 0.05, 0.03, 0.008, DARK)
    c.ellipse(0.465, wheel + 0.62 * high, 0.03, 0.035, (1.0, 0.95, 0.75))
    c.box(-0.485, wheel + 0.62 * high, 0.015, 0.03, (0.8, 0.2, 0.2))
    for x in (-0.28, 0.28):
        c.ellipse(x, wheel, wheel, wheel, DARK)
        c.ellipse(x, wheel, 0.55 * wheel, 0.55 * wheel, PALE)


def chair(c: SceneCanvas, p: Proportions, hues: np.ndarray) -> None:
    """Four legs, a seat seen a little from above, and a back with slats."""
    wood, cushion = colour(hues[0], 0.6, 0.1), colour(hues[1], 0.7, 0.13)
    half, seat, top = 0.25 + 0.04 * p[0], 0.42 + 0.06 * p[1], 0.97
    leg, deep = 0.028, 0.13
    for x, foot, shade in ((-half + 0.09, 0.1, 0.75), (half - 0.09 + 0.06, 0.1, 0.75)):
        c.box(x, (foot + seat) / 2, leg, (seat - foot) / 2, wood * shade)
    for x in (-half + 0.09, half + 0.03):
        c.lathe(x, [seat, top], [leg, leg * 0.9], wood)
    rails = 2 + int(p[2] > 0)
    for y in np.linspace(seat + 0.22, top - 0.06, rails):
        c.box(0.06, y, half - 0.04, 0.045, wood * 1.05, 0.03)
    c.polygon([(-half - 0.03, seat - deep / 2), (half - 0.03, seat - deep / 2), (half + 0.07, seat + deep / 2),
               (-half + 0.07, seat + deep / 2)], cushion, (0, 0.85, 0.5))  # fmt: skip
    c.box(-0.03, seat - deep / 2 - 0.025, half, 0.035, wood)
    for x in (-half + 0.0, half - 0.06):
        c.lathe(x, [0, seat - deep / 2 - 0.03], [leg * 0.9, leg * 1.1], wood)


def lamp(c: SceneCanvas, p: Proportions, hues: np.ndarray) -> None:
    """A table lamp: foot, stem and a shade that glows."""
    metal, cloth = colour(hues[0], 0.6, 0.1), colour(hues[1], 0.84, 0.1)
    wide, short, bulb = 0.3 + 0.05 * p[0], 0.16 + 0.05 * p[1], 0.1 + 0.035 * p[2]
    bottom = 0.58
    c.ellipse(0, 0.02, 0.2, 0.045, metal * 0.9)
    c.lathe(0, [0.02, 0.08, 0.12], [0.17, 0.1, 0.03], metal, 0.3)
    c.lathe(0, [0.1, 0.66], [0.022, 0.022], metal, 0.3)
    c.ellipse(0, 0.3, bulb, bulb * 1.15, metal, 0.4)
    c.lathe(0, [bottom, 0.97], [wide, wide * 0.35 + short], cloth)
    c.ellipse(0, 0.97, wide * 0.35 + short, 0.018, np.minimum(1, cloth * 1.25))


def bottle(c: SceneCanvas, p: Proportions, hues: np.ndarray) -> None:
    """A bottle with shoulder, neck, cork and label."""
    glass, label = colour(hues[0], 0.58, 0.11), colour(hues[1], 0.88, 0.07)
    r, shoulder, neck = 0.17 + 0.03 * p[0], 0.54 + 0.06 * p[1], 0.055 + 0.012 * p[2]
    c.lathe(0, [0.88, 0.96, 1.0], [neck * 0.8, neck * 0.85, neck * 0.8], WOOD)
    t = np.linspace(0, 1, 7)
    bend = neck + (r - neck) * (0.5 + 0.5 * np.cos(np.pi * t))
    c.lathe(0, [0, 0.03, *(shoulder + 0.2 * t), 0.89], [r * 0.92, r, *bend, neck * 0.95], glass, 0.75)
    c.lathe(0, [0.85, 0.9], [neck * 1.2, neck * 1.2], glass * 0.9, 0.5)
    c.lathe(0, [0.16, shoulder - 0.1], [r * 1.005, r * 1.005], label, 0.1)
    c.lathe(0, [0.22, 0.25], [r * 1.006, r * 1.006], colour(hues[1], 0.6, 0.12))


THINGS: dict[str, Callable[[SceneCanvas, Proportions, np.ndarray], None]] = {
    "house": house, "tree": tree, "car": car, "chair": chair, "lamp": lamp, "bottle": bottle,
}  # fmt: skip


def ball(c: SceneCanvas, paint: np.ndarray) -> None:
    """A ball."""
    c.ellipse(0, 0.5, 0.5, 0.5, paint, 0.3)


def cube(c: SceneCanvas, paint: np.ndarray) -> None:
    """A box, seen from the left and a little from above."""
    c.polygon([(-0.5, 0), (0.3, 0), (0.3, 0.75), (-0.5, 0.75)], paint)
    c.polygon([(0.3, 0), (0.55, 0.18), (0.55, 0.9), (0.3, 0.75)], paint, (0.9, 0, 0.4))
    c.polygon([(-0.5, 0.75), (0.3, 0.75), (0.55, 0.9), (-0.22, 0.9)], paint, (0, 0.9, 0.4))


def cone(c: SceneCanvas, paint: np.ndarray) -> None:
    """A pointed hat."""
    c.lathe(0, [0, 0.05, 1.1], [0.5, 0.48, 0.0], paint)


CLUTTER = (ball, cube, cone)
