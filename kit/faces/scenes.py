"""Simple scenes made from numbers: one thing somewhere, under some lamp, with or without clutter around it.

Each factor is a column of numbers of its own, drawn independently of all others, so that a scene tells nothing about
one factor by another: a car may be blue or pink, stand on a beach or in a room, to the left or to the right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ._optics import unit_direction
from ._render_checks import Angle
from ._scenes_canvas import SceneCanvas, colour
from ._scenes_factors import BACKGROUNDS, CATEGORIES, NAMES, RANGES, WIDTHS, column
from ._scenes_places import HORIZON, PLACES
from ._scenes_things import CLUTTER, THINGS
from .faces import Faces

if TYPE_CHECKING:
    import pandas as pd

FACE = 0.72  # side of a face's picture in front of a scene, as a part of the whole
FACE_BELOW = 0.1  # part of it that hangs over the lower edge, so that necks end outside
FLOOR = 0.12  # height of the thing's foot above the lower edge, as a part of the picture


@dataclass(frozen=True, eq=False)
class Scenes:
    """n scenes. Arrays are read-only; methods return new scenes.

    Parameters
    ----------
    category : int array of shape (n,)
        Place in `CATEGORIES`; names are understood, too.
    proportions : array of shape (n, 3)
        The exemplar's form, each from -1 to 1; what they mean depends on the category.
    hues : array of shape (n, 2)
        Degrees: the exemplar's colours.
    x : array of shape (n,)
        Where the thing stands: from the middle to the right, as a part of the picture's width.
    size : array of shape (n,)
        How big it is, as a part of the picture's width.
    background : int array of shape (n,)
        Place in `BACKGROUNDS`, or names.
    tone : array of shape (n,)
        Colours of the background, -1 to 1.
    azimuth, elevation : arrays of shape (n,)
        Where the lamp is, in degrees; positive is from the viewer's right, and from above.
    brightness : array of shape (n,)
        A factor on the whole picture.
    clutter : int array of shape (n,)
        Number of small things that lie about.
    layout : int array of shape (n,)
        A seed: which small things, and where.
    """

    category: np.ndarray
    proportions: np.ndarray
    hues: np.ndarray
    x: np.ndarray
    size: np.ndarray
    background: np.ndarray
    tone: np.ndarray
    azimuth: np.ndarray
    elevation: np.ndarray
    brightness: np.ndarray
    clutter: np.ndarray
    layout: np.ndarray

    def __post_init__(self) -> None:
        n = len(np.atleast_1d(self.x))
        for name in self.__dataclass_fields__:
            object.__setattr__(self, name, column(name, getattr(self, name), n))

    def __len__(self) -> int:
        return len(self.x)

    def __iter__(self) -> Iterator[Scenes]:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, index) -> Scenes:
        """Scenes at an index, slice, mask or list; an integer gives one scene, still of length 1."""
        rows = np.atleast_1d(np.arange(len(self))[index])
        return Scenes(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})

    def __repr__(self) -> str:
        return f"Scenes(n={len(self)})"

    def changed(self, **factors: Any) -> Scenes:
        """The same scenes with some factors replaced, each by one value for all or a value for each."""
        unknown = set(factors) - set(self.__dataclass_fields__)
        if unknown:
            raise ValueError(f"a scene has no {sorted(unknown)[0]!r}; it has {', '.join(self.__dataclass_fields__)}")
        return replace(self, **{name: column(name, value, len(self)) for name, value in factors.items()})

    def aside(self) -> Scenes:
        """The same scenes with the thing moved to the side on which it is, and small: room for a face."""
        side = np.where(self.x < 0, -1, 1)
        return self.changed(x=side * (0.24 + 0.2 * np.abs(self.x)), size=0.7 * self.size)

    def render(self, size: int = 64) -> np.ndarray:
        """Draw the scenes, with smooth edges: uint8 (n, size, size, 3)."""
        out = np.empty((len(self), _checked_size(size), size, 3), np.uint8)
        for k in _progress(len(self)):
            out[k] = _painted(self, k, size)
        return out

    def masks(self, size: int = 64) -> np.ndarray:
        """Which part of each pixel the thing covers, clutter or not: float32 (n, size, size), 0 to 1."""
        return np.stack(
            [_thing(self, k, SceneCanvas(_checked_size(size), _lamp(self, k))).covered for k in range(len(self))]
        )

    def to_frame(self) -> pd.DataFrame:
        """A table with a row for each scene, from which `from_frame` makes the scenes again."""
        import pandas as pd  # slow to load, and few need it

        table = {}
        for name in self.__dataclass_fields__:
            values = getattr(self, name)
            if values.ndim == 2:
                table |= {f"{name}_{j}": values[:, j] for j in range(values.shape[1])}
            else:
                table[name] = np.array(NAMES[name])[values] if name in NAMES else values
        return pd.DataFrame(table)


def from_frame(table: pd.DataFrame) -> Scenes:
    """Scenes from a table as `Scenes.to_frame` writes it. Raises ValueError if a column is missing."""
    columns = {name: [f"{name}_{j}" for j in range(WIDTHS[name])] if name in WIDTHS else [name]
               for name in Scenes.__dataclass_fields__}  # fmt: skip
    missing = [column for group in columns.values() for column in group if column not in table]
    if missing:
        raise ValueError(f"a table of scenes needs the column {missing[0]!r}; write one with Scenes.to_frame()")
    return Scenes(**{name: table[group].to_numpy() if name in WIDTHS else table[name].to_numpy()
                     for name, group in columns.items()})  # fmt: skip


def sample(
    n: int, category: str | Sequence[str] | None = None, rng: int | np.random.Generator | None = None, **fixed: Any
) -> Scenes:
    """Random scenes, every factor independent of the others.

    Parameters
    ----------
    n : int
    category : name, number, or one for each scene, optional
        Random by default.
    rng : int or numpy Generator, optional
        The same seed gives the same scenes.
    fixed
        Any factor of `Scenes`, one value for all or a value for each. The others stay as the seed draws them.

    Examples
    --------
    >>> from kit.faces import scenes
    >>> scenes.sample(3, "house", rng=0, background="beach", clutter=0)
    Scenes(n=3)
    """
    if n < 1:
        raise ValueError(f"n must be at least 1 scene; got {n}")
    rng = np.random.default_rng(rng)
    drawn = {name: rng.uniform(*RANGES[name], size=(n, WIDTHS[name]) if name in WIDTHS else n) for name in RANGES}
    whole = {"category": len(CATEGORIES), "background": len(BACKGROUNDS), "clutter": 5, "layout": 2**31 - 1}
    scenes = Scenes(**drawn, **{name: rng.integers(most, size=n) for name, most in whole.items()})
    return scenes.changed(**fixed) if category is None else scenes.changed(category=category, **fixed)


def behind(faces: Faces, scenes: Scenes, size: int = 64, yaw: Angle = 0.0, pitch: Angle = 0.0) -> np.ndarray:
    """Each face in front of a scene: the thing stands on its own side, the face on the other, under one lamp.

    Whose face it is tells nothing about the scene, and the other way round, if the two were drawn independently.

    Parameters
    ----------
    faces : Faces of length n
    scenes : Scenes of length n
        Drawn as `scenes.aside()`; their light and brightness fall on the faces, too.
    size : int
        Pixels on a side.
    yaw, pitch : float or array of shape (n,)
        Degrees, as in `Faces.render`.

    Returns
    -------
    uint8 array of shape (n, size, size, 3)
    """
    if len(faces) != len(scenes):
        raise ValueError(f"each face needs a scene of its own; got {len(faces)} faces and {len(scenes)} scenes")
    out = scenes.aside().render(size)
    width, hidden = round(FACE * size), round(FACE_BELOW * FACE * size)
    colours, alpha = _cut_out(faces, scenes, width, yaw, pitch)
    for k, thing in enumerate(scenes.x):
        left = size - width + width // 8 if thing < 0 else -(width // 8)  # a face has air at its sides
        seen = slice(max(0, -left), min(width, size - left))
        place = out[k, size - width + hidden :, max(0, left) : left + width]
        place[:] = np.rint(colours[k][: width - hidden, seen] + (1 - alpha[k][: width - hidden, seen]) * place)
    return out


# ---- painting


def _lamp(scenes: Scenes, k: int) -> np.ndarray:
    return unit_direction(scenes.azimuth[k], scenes.elevation[k])


def _painted(scenes: Scenes, k: int, size: int) -> np.ndarray:
    """One scene (size, size, 3), uint8: place, far clutter, the thing's shadow, the thing, near clutter."""
    canvas = SceneCanvas(size, _lamp(scenes, k))
    PLACES[BACKGROUNDS[scenes.background[k]]](canvas, scenes.tone[k])
    far, near = _clutter(scenes.clutter[k], scenes.layout[k])
    for small in far:
        _small(canvas, *small)
    _shadow(canvas, 0.5 + scenes.x[k], FLOOR, scenes.size[k], scenes.azimuth[k])
    _thing(scenes, k, canvas)
    for small in near:
        _small(canvas, *small)
    return np.rint(255 * np.clip(scenes.brightness[k] * canvas.pixels, 0, 1)).astype(np.uint8)


def _thing(scenes: Scenes, k: int, canvas: SceneCanvas) -> SceneCanvas:
    canvas.place(0.5 + scenes.x[k], FLOOR, scenes.size[k])
    THINGS[CATEGORIES[scenes.category[k]]](canvas, scenes.proportions[k], scenes.hues[k])
    return canvas


def _shadow(canvas: SceneCanvas, x: float, y: float, size: float, azimuth: float) -> None:
    """On the ground, away from the lamp, and darker right below the thing."""
    canvas.place(x, y, size)
    canvas.shadow(-0.25 * np.sin(np.radians(azimuth)), 0.02, 0.62, 0.1, 0.35)
    canvas.shadow(0, 0.0, 0.45, 0.05, 0.35)


def _clutter(n: int, layout: int) -> tuple[list, list]:
    """Small things behind and before the thing, far ones first; n + 1 of a layout are its n and one more."""
    rng = np.random.default_rng(layout)
    drawn = []
    for _ in range(n):
        y, x, bulk = rng.uniform((0.02, 0, 0), (HORIZON - 0.03, 1, 1))
        drawn.append((y, x, rng.integers(len(CLUTTER)), rng.uniform(0, 360), bulk))
    drawn.sort(key=lambda small: -small[0])
    return [s for s in drawn if s[0] >= FLOOR], [s for s in drawn if s[0] < FLOOR]


def _small(canvas: SceneCanvas, y: float, x: float, kind: int, hue: float, bulk: float) -> None:
    size = (0.05 + 0.06 * bulk) * (1.2 - 1.8 * y)  # the farther, the smaller
    canvas.place(x, y, size)
    canvas.shadow(0, 0.05, 0.8, 0.3, 0.4)
    CLUTTER[kind](canvas, colour(hue, 0.7, 0.12))


def _cut_out(faces: Faces, scenes: Scenes, width: int, yaw, pitch) -> tuple[np.ndarray, np.ndarray]:
    """Faces without their background: colours times coverage (n, width, width, 3), and coverage (..., 1)."""
    drawn = faces.render_buffers(2 * width, yaw, pitch, (scenes.azimuth, scenes.elevation), antialias=False)
    seen = (drawn.triangle >= 0)[..., None]
    lit = np.minimum(255, scenes.brightness[:, None, None, None] * drawn.image) * seen
    halves = (len(faces), width, 2, width, 2, -1)
    return lit.reshape(halves).mean(axis=(2, 4)), seen.reshape(halves).mean(axis=(2, 4))


def _checked_size(size: int) -> int:
    if not 8 <= size <= 2048:
        raise ValueError(f"size must be from 8 to 2048 pixels; got {size}")
    return size


def _progress(n: int):
    from tqdm.auto import tqdm

    return tqdm(range(n), desc="painting", unit="scene", disable=n < 1000, leave=False)
