"""How faces are shown: all from the front in one light, or each at a view and lamp of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FRAME = "face"  # what observers and networks see of a head: a portrait
FRONTAL, TURNED = "frontal", "turned"
ANGLES = ("yaw", "pitch", "azimuth", "elevation")
#: Lowest and highest yaw, pitch, and azimuth and elevation of the lamp, degrees. "turned" is the range of the
#: networks' training images; within it every angle is as likely as any other.
VIEWS = {
    FRONTAL: ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (30.0, 30.0)),
    TURNED: ((-30.0, 30.0), (-20.0, 20.0), (-50.0, 50.0), (0.0, 60.0)),
}


@dataclass(frozen=True, eq=False)
class Views:
    """Views and lamps of n faces.

    Parameters
    ----------
    name : str
        A viewing condition, of `VIEWS`.
    yaw, pitch, azimuth, elevation : arrays of shape (n,)
        Degrees, as in `Faces.render`; the last two are the lamp's.
    """

    name: str
    yaw: np.ndarray
    pitch: np.ndarray
    azimuth: np.ndarray
    elevation: np.ndarray

    def __len__(self) -> int:
        return len(self.yaw)

    def __getitem__(self, rows) -> Views:
        """Views of some faces: a slice, mask or list."""
        return Views(self.name, *(getattr(self, angle)[rows] for angle in ANGLES))

    @property
    def angles(self) -> dict:
        """What `Faces.render` takes: `faces.render(size, **views.angles)`."""
        return {"yaw": self.yaw, "pitch": self.pitch, "light": (self.azimuth, self.elevation)}


def draw_views(name: str, n: int, rng: int | np.random.Generator | None = None) -> Views:
    """n views and lamps of a condition; with the same seed, the first of many are those of few.

    Raises
    ------
    ValueError
        If there is no condition of that name; the message lists those there are.
    """
    low, high = np.array(VIEWS[checked_view(name)]).T
    return Views(name, *np.random.default_rng(rng).uniform(low, high, (n, len(ANGLES))).T)


def from_the_front(n: int) -> Views:
    """Views of n faces as in the study's experiment."""
    return draw_views(FRONTAL, n, 0)


def suffix(name: str) -> str:
    """The end of a file's name that tells a viewing condition; from the front, as ever, there is none."""
    return "" if checked_view(name) == FRONTAL else f"-{name}"


def checked_view(name: str) -> str:
    """The same name. Raises ValueError if it is no viewing condition."""
    if name not in VIEWS:
        raise ValueError(f"view must be one of {', '.join(VIEWS)}; got {name!r}")
    return name
