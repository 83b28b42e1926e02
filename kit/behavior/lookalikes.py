"""Panels with look-alikes, and two strangers to tell apart: the question of the study, in its smallest form."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kit.faces import FaceModel, Faces
from kit.faces.stimuli import PANEL, Trials, trials

from .observers import Observer
from .strategies import components

ALIKE = 0.6  # how much of the difference from the target is gone in a look-alike
INATTENTION = 2.0  # noise of the strangers, in sd of similarity: one choice in ten goes astray


@dataclass(frozen=True)
class Lookalikes:
    """Panels of six, and where in each the look-alikes are.

    Parameters
    ----------
    trials : Trials
    shape, texture : int arrays of shape (n,)
        Place of the face with most of the target's shape, and of the one with most of its texture.
    """

    trials: Trials
    shape: np.ndarray
    texture: np.ndarray


def lookalikes(target: Faces, n: int, apart: bool = False, rng: int | np.random.Generator | None = None) -> Lookalikes:
    """n panels of six random faces, in each of which somebody looks like the target.

    Parameters
    ----------
    target : Faces of length 1
    n : int
    apart : bool
        Whether the target's shape and texture go to two different faces; by default one face has both, as
        relatives do.
    rng : int or numpy Generator, optional
        The same seed gives the same panels.
    """
    rng = np.random.default_rng(rng)
    panels = trials(target, n, rng)
    places = np.array([rng.permutation(PANEL)[:2] for _ in range(n)])
    shape, texture = places[:, 0], places[:, int(apart)]
    alike = panels.faces.changed(
        shape=_towards(panels.faces.shape, target.shape, shape),
        texture=_towards(panels.faces.texture, target.texture, texture),
    )
    return Lookalikes(replace(panels, faces=alike), shape, texture)


def _towards(own: np.ndarray, target: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Coefficients in which the face at one place of each panel is mostly the target's."""
    out, rows = own.copy(), PANEL * np.arange(len(places)) + places
    out[rows] += ALIKE * (target - out[rows])
    return out


def two_strangers(model: FaceModel, rng: int | np.random.Generator) -> dict[str, Observer]:
    """A shape user and a texture user, *simulated*, behind two names; the seed decides who is who."""
    strategies = [components("shape user", model, shape=1.0), components("texture user", model, texture=1.0)]
    order = np.random.default_rng(rng).permutation(2)
    return {
        name: Observer(name, strategies[k], noise=INATTENTION, lapse=0.0) for name, k in zip(("Robin", "Sam"), order)
    }
