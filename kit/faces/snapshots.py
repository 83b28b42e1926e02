"""Snapshots: pictures of the same people, each from a random side and under a random lamp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .faces import Faces

Range = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Snapshots:
    """n pictures, and what each of them shows.

    Parameters
    ----------
    images : uint8 array of shape (n, size, size, 3)
    identity : int64 array of shape (n,)
        Place of the person in the people that were photographed.
    yaw, azimuth : float arrays of shape (n,)
        Turn of the head and direction of the lamp, degrees; positive is to the viewer's right.
    """

    images: np.ndarray
    identity: np.ndarray
    yaw: np.ndarray
    azimuth: np.ndarray

    def __len__(self) -> int:
        return len(self.identity)


def snapshots(
    people: Faces, n: int, yaw: Range = (-30, 30), azimuth: Range = (-60, 60), size: int = 32,
    rng: int | np.random.Generator | None = 0,
) -> Snapshots:  # fmt: skip
    """Photograph random people of a group, n times.

    Parameters
    ----------
    people : Faces
    n : int
    yaw, azimuth : (lowest, highest), degrees
        Heads also nod by up to 10 degrees, and the lamp stands between 0 and 60 degrees high.
    size : int
        Pixels on a side.
    rng : int or numpy Generator
        The same seed gives the same pictures.
    """
    for name, (low, high) in {"yaw": yaw, "azimuth": azimuth}.items():
        if not low <= high:
            raise ValueError(f"{name} must be (lowest, highest) in degrees; got {(low, high)}")
    rng = np.random.default_rng(rng)
    identity = rng.integers(len(people), size=n)
    turn, lamp = rng.uniform(*yaw, n), rng.uniform(*azimuth, n)
    pitch, elevation = rng.uniform(-10, 10, n), rng.uniform(0, 60, n)
    images = people[identity].render(size, turn, pitch, (lamp, elevation))
    return Snapshots(images, identity, turn, lamp)
