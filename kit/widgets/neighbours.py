"""The nearest faces: choose a picture and a system, and see which pictures lie closest in its features."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from kit.plots.images import enlarged
from kit.plots.looks import INK, PALETTE

from .canvas import Canvas
from .live_picture import Choice, Group, Slider, Values
from .wide_picture import WidePicture

if TYPE_CHECKING:
    from kit.networks.pixels import Embeds

SIDE, GAP, TOP, SHOWN = 96, 10, 30, 6
BLUE, ORANGE = PALETTE[:2]


class NearestFaces:
    """A gallery of pictures, and for each system the order of all by distance from one of them.

    Parameters
    ----------
    images : uint8 array of shape (n, h, w, 3)
    person : int array of shape (n,)
        Who is in each picture.
    systems : mapping of str to Embeds
    """

    def __init__(self, images: np.ndarray, person: np.ndarray, systems: Mapping[str, Embeds]):
        if len(images) != len(person) or len(images) <= SHOWN:
            raise ValueError(f"{len(images)} images of {len(person)} persons: give one a picture, more than {SHOWN}")
        self.images, self.person, self.systems = images, np.asarray(person), systems
        self.features = cache(lambda name: systems[name].embed(images).astype(float))
        self.drawn = enlarged(images, SIDE)

    def compute(self, values: Values) -> np.ndarray:
        """The nearest pictures, nearest first and without the one asked about: (6,) places in the gallery."""
        features, asked = self.features(values["system"]), self.asked(values)
        distance = np.linalg.norm(features - features[asked], axis=1)
        distance[asked] = np.inf
        return distance.argsort(kind="stable")[:SHOWN]

    def asked(self, values: Values) -> int:
        """Place of the picture asked about."""
        return int(values["picture"]) - 1

    def drawing(self, values: Values) -> Canvas:
        """The picture asked about, then its neighbours; a blue frame marks the same person."""
        canvas = Canvas((SHOWN + 1) * (SIDE + GAP) + 2 * GAP, SIDE + TOP + 28)
        asked = self.asked(values)
        for column, place in enumerate([asked, *self.compute(values)]):
            x = GAP + column * (SIDE + GAP) + (GAP if column else 0)
            same = self.person[place] == self.person[asked]
            canvas.pixels(self.drawn[place], x, TOP, SIDE)
            canvas.text(x + SIDE / 2, 14, "nearest: 1" if column == 1 else str(column or "asked"), 15)
            if column:
                canvas.frame((x - 3, TOP - 3, x + SIDE + 2, TOP + SIDE + 2), BLUE if same else INK, 4 if same else 1)
                canvas.text(x + SIDE / 2, TOP + SIDE + 15, "same" if same else "other", 15, BLUE if same else INK)
        return canvas

    def describe(self, values: Values) -> str:
        """What the picture shows, in words."""
        found, who = self.compute(values), self.person[self.asked(values)]
        hits, others = int(np.sum(self.person[found] == who)), int(np.sum(self.person == who)) - 1
        return (
            f"Features of {values['system']}, picture {values['picture']:g}: of its {SHOWN} nearest pictures, {hits} "
            f"show the same person (blue frame); there are {others} others of that person among {len(self.images)}."
        )

    def show(self) -> None:
        names = tuple(self.systems)
        controls = (
            Choice("system", "features of", names, names[0]),
            Slider("picture", "picture", 1, len(self.images), 1, 1),
        )
        WidePicture([Group("Ask", controls)], lambda v: (self.drawing(v), self.describe(v))).show("nearest-faces")


def nearest_faces(images: np.ndarray, person: np.ndarray, systems: Mapping[str, Embeds]) -> None:
    """See which pictures of a gallery a system finds most alike.

    Parameters
    ----------
    images : uint8 array of shape (n, h, w, 3)
    person : int array of shape (n,)
        Who is in each picture; only the frames depend on it.
    systems : mapping of str to Embeds
        Networks, or components of pixels.
    """
    NearestFaces(images, person, systems).show()
