"""The scene explorer: a control for every factor of a scene, and how far the picture has moved from the first one."""

from __future__ import annotations

from functools import cache

import numpy as np

from kit.faces import scenes
from kit.faces.scenes import BACKGROUNDS, CATEGORIES, Scenes
from kit.plots.signs import minus

from .live_picture import Choice, Group, LivePicture, Slider, Values, start

SIZE = 300  # pixels

GROUPS = {
    "thing": Group("The thing", (
        Choice("category", "category", CATEGORIES, "house"),
        Slider("form", "form", -1, 1, 0.1, 0, "", 1),
        Slider("hue", "colour", 0, 350, 10, 30, "°"),
        Slider("x", "left – right", -0.25, 0.25, 0.01, 0, "", 2),
        Slider("size", "size", 0.3, 0.7, 0.01, 0.5, "", 2),
    )),
    "place": Group("Where it is", (
        Choice("background", "background", BACKGROUNDS, "meadow"),
        Slider("azimuth", "lamp left – right", -80, 80, 1, 0, "°"),
        Slider("brightness", "brightness", 0.5, 1.3, 0.05, 1, "", 2),
        Slider("clutter", "clutter", 0, 12, 1, 0, " things"),
    )),
}  # fmt: skip
START = start(list(GROUPS.values()))


def compute(values: Values) -> Scenes:
    """The scene that the controls ask for; controls that are not given are where they start."""
    v = START | values
    form = np.array([1.0, -1.0, 1.0]) * v["form"]
    hues = (v["hue"], (v["hue"] + 140) % 360)
    direct = {name: v[name] for name in ("category", "x", "size", "background", "azimuth", "brightness")}
    return scenes.sample(1, rng=0, proportions=form, hues=hues, tone=0, elevation=35, layout=4,
                         clutter=int(v["clutter"]), **direct)  # fmt: skip


def image(scene: Scenes) -> np.ndarray:
    """The scene, (300, 300, 3)."""
    return scene.render(SIZE)[0]


def difference(picture: np.ndarray) -> float:
    """Root mean square difference in grey levels from the picture that the explorer starts with.

    The picture is uint8 (300, 300, 3).
    """
    return float(np.sqrt(np.mean((picture - _first()) ** 2)))


@cache
def _first() -> np.ndarray:
    return image(compute({})).astype(float)


def describe(values: Values, picture: np.ndarray) -> str:
    """What the picture (300, 300, 3) shows, and how far it is from the first, in one sentence."""
    v = START | values
    side = "in the middle" if not v["x"] else f"{abs(v['x']):.2f} to the {'right' if v['x'] > 0 else 'left'}"
    things = f"{v['clutter']:g} small thing{'' if v['clutter'] == 1 else 's'} about" if v["clutter"] else "no clutter"
    words = [
        f"A {v['category']} ({v['hue']:g}°, form {v['form']:+.1f}) {side}, size {v['size']:.2f}",
        f"{v['background']}, lamp at {v['azimuth']:+g}°, brightness {v['brightness']:.2f}, {things}",
        f"pixel difference from the first picture {difference(picture):.0f} grey levels",
    ]
    return minus("; ".join(words)) + "."


def explore_scenes() -> None:
    """Show the explorer of scenes."""

    def draw(values: Values) -> tuple[np.ndarray, str]:
        picture = image(compute(values))
        return picture, describe(values, picture)

    LivePicture(list(GROUPS.values()), draw).show("scene-explorer")
