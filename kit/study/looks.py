"""What each system is shown of the same faces: pictures of its own size and crop.

A system may have `size`, pixels on a side, and `crop`, "face" or "head", as `networks.wrap` gives them to a network;
without them it is shown what the networks of the zoo were trained on. Systems that see alike share the pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from kit.faces import Faces
from kit.faces.views import Views
from kit.networks.pixels import SEEN, Embeds, checked_crop, checked_side

MOST = 2**26  # bytes of pictures that are drawn at a time


@dataclass(frozen=True)
class Look:
    """Pixels on a side, and what a picture holds of the head: "face" or "head"."""

    size: int = SEEN["size"]
    crop: str = SEEN["frame"]

    def draw(self, faces: Faces, views: Views) -> np.ndarray:
        """Pictures uint8 (n, size, size, 3) of faces in their views."""
        return faces.render(self.size, frame=self.crop, **views.angles)

    def in_pieces(self, faces: Faces, views: Views) -> Iterator[np.ndarray]:
        """The same, some faces at a time, so that pictures never take more than `MOST` bytes."""
        step = max(1, MOST // (3 * self.size**2))
        for start in range(0, len(faces), step):
            yield self.draw(faces[start : start + step], views[start : start + step])


def look_of(name: str, system: Embeds) -> Look:
    """What a system sees. Raises a `ValueError` with its name if its size or crop cannot be."""
    size, crop = getattr(system, "size", None), getattr(system, "crop", None)
    if isinstance(size, tuple) and len(set(size)) == 1:  # of components: height and width
        size = size[0]
    try:
        return Look(checked_side(size) or SEEN["size"], checked_crop(crop or SEEN["frame"]))
    except ValueError as error:
        raise ValueError(f"system {name!r}: {error}") from error


def by_look(systems: Mapping[str, Embeds]) -> dict[Look, list[str]]:
    """Names of the systems that see alike."""
    out: dict[Look, list[str]] = {}
    for name, system in systems.items():
        out.setdefault(look_of(name, system), []).append(name)
    return out
