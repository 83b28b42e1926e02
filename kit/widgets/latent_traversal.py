"""The latent traversal: move a face's code in a network that draws, and see the drawing change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from kit.plots.images import enlarged
from kit.plots.signs import minus

from .canvas import Canvas
from .live_picture import Choice, Group, Slider, Values
from .wide_picture import WidePicture

if TYPE_CHECKING:
    from kit.networks import Network

SIDE, GAP, TOP = 192, 14, 34
REACH, SHOWN = 3.0, 10  # standard deviations either way; directions with a place on the slider
UNITS, AXES = "one number of the code", "a principal component of codes"


def draw(network: Network, codes: np.ndarray) -> np.ndarray:
    """What the network's decoder makes of codes: (n, d) -> uint8 (n, h, w, 3)."""
    import torch

    from kit.networks.pixels import to_images

    network.refuse_training()
    with torch.inference_mode():
        return to_images(network.module.decoder(torch.from_numpy(codes.astype(np.float32))))


@dataclass(frozen=True)
class Codes:
    """Codes of a crowd and the directions in which they spread most.

    Attributes
    ----------
    own : array of shape (n, d)
    directions : dict of str to array of shape (10, d)
        For each kind, steps of one standard deviation, those that spread most first.
    """

    own: np.ndarray
    directions: dict[str, np.ndarray]


def spread(codes: np.ndarray) -> Codes:
    """Single numbers and principal components of codes (n, d), each scaled to one standard deviation."""
    sd = codes.std(axis=0)
    _, sizes, axes = np.linalg.svd(codes - codes.mean(axis=0), full_matrices=False)
    steps = axes * sizes[:, None] / np.sqrt(len(codes))
    return Codes(codes, {UNITS: np.diag(sd)[np.argsort(-sd)[:SHOWN]], AXES: steps[:SHOWN]})


class LatentTraversal:
    """Faces and the networks that draw them.

    Parameters
    ----------
    images : uint8 array of shape (n, h, w, 3)
        The spread of codes is taken over all; the first ones can be chosen.
    systems : mapping of str to Network
        Those that have a decoder.
    """

    def __init__(self, images: np.ndarray, systems: Mapping[str, Network]):
        silent = [name for name, network in systems.items() if "decoder" not in network.layers]
        if silent:
            raise ValueError(f"{', '.join(silent)} cannot draw (no layer 'decoder'): leave out")
        self.images, self.systems = images, systems
        self.codes = cache(lambda name: spread(systems[name].embed(images)))

    def compute(self, values: Values) -> np.ndarray:
        """The face's code as it is, and moved: (2, d)."""
        codes = self.codes(values["system"])
        own = codes.own[int(values["face"]) - 1]
        step = codes.directions[values["kind"]][int(values["direction"]) - 1]
        return np.stack([own, own + values["amount"] * step])

    def drawing(self, values: Values) -> Canvas:
        """What the network saw, what it draws of it, and what it draws of the moved code."""
        canvas = Canvas(3 * SIDE + 2 * GAP, SIDE + TOP + 2)
        drawn = draw(self.systems[values["system"]], self.compute(values))
        panels = np.concatenate([self.images[[int(values["face"]) - 1]], drawn])
        for k, (title, picture) in enumerate(zip(("seen", "drawn", "drawn, code moved"), enlarged(panels, SIDE))):
            canvas.text(k * (SIDE + GAP) + SIDE / 2, 16, title, 16)
            canvas.pixels(picture, k * (SIDE + GAP), TOP, SIDE)
        return canvas

    def describe(self, values: Values) -> str:
        """What the picture shows, in words."""
        before, after = draw(self.systems[values["system"]], self.compute(values)).astype(float)
        change = np.sqrt(np.mean((after - before) ** 2))
        words = (
            f"{values['system']}, face {values['face']:g}: {values['kind']}, number {values['direction']:g} by spread, "
            f"moved by {values['amount']:+.1f} sd. The drawing changes by {change:.0f} grey levels (root mean square)."
        )
        return minus(words)

    def show(self) -> None:
        names = tuple(self.systems)
        what = (
            Choice("system", "network", names, names[0]),
            Slider("face", "face", 1, min(20, len(self.images)), 1, 1),
        )
        move = (
            Choice("kind", "move", (UNITS, AXES), UNITS),
            Slider("direction", "which, by spread", 1, SHOWN, 1, 1),
            Slider("amount", "by", -REACH, REACH, 0.25, 2, " sd", 2),
        )
        groups = [Group("Who draws what", what), Group("Move its code", move)]
        WidePicture(groups, lambda v: (self.drawing(v), self.describe(v))).show("latent-traversal")


def traverse_latents(images: np.ndarray, systems: Mapping[str, Network]) -> None:
    """Move the code of a face along a direction, and see what the network draws.

    Parameters
    ----------
    images : uint8 array of shape (n, h, w, 3)
        More than 10; the spread of codes is taken over all of them.
    systems : mapping of str to Network
        Networks with a decoder: ae, viae, vae and the betas.
    """
    LatentTraversal(images, systems).show()
