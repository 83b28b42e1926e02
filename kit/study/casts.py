"""Casts of *simulated* observers whose truth is known: every claim of the report is tried on all of them.

A claim is worth something only if it fails where it is false. Each cast is a world: everybody goes by shape, or by
texture, or by a share of each that is known, or by one region, or by pictures; or switches half-way; or guesses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from kit.behavior.observers import Guesser, Observer
from kit.behavior.strategies import PixelMatcher, Strategy, regions
from kit.faces import FaceModel

SHAPE_CAST, TEXTURE_CAST, GRADED, REGIONAL = "shape", "texture", "graded", "regional"
NULL, SWITCHER, PIXEL = "null", "switcher", "pixel matcher"
CASTS = (SHAPE_CAST, TEXTURE_CAST, GRADED, REGIONAL, NULL, SWITCHER, PIXEL)
PLACES = ("eyes", "nose", "mouth", "contour")  # what the observers of the regional cast look at, in turn
GUESSING = 1.0  # noise of an observer whose strategy sees no difference between faces


def cast(name: str, model: FaceModel, n: int = 6, rng: int | np.random.Generator = 0) -> list[Observer]:
    """n *simulated* observers of one world; habits (noise, lapses, criteria, drift) differ between them.

    Parameters
    ----------
    name : one of `CASTS`
    model : FaceModel
    n : int
    rng : seed or Generator

    Raises
    ------
    ValueError
        If there is no such cast; the message lists those there are.
    """
    worlds: dict[str, Callable[[int], Observer]] = {
        SHAPE_CAST: lambda k: Observer(f"shape {k + 1}", _whole(model, 1.0)),
        TEXTURE_CAST: lambda k: Observer(f"texture {k + 1}", _whole(model, 0.0)),
        GRADED: lambda k: _of_share(model, k / max(n - 1, 1)),
        REGIONAL: lambda k: _regional(model, k),
        NULL: lambda k: Observer(f"guesser {k + 1}", Guesser(), noise=GUESSING),
        SWITCHER: lambda k: Observer(f"switcher {k + 1}", _whole(model, 1.0), later=_whole(model, 0.0)),
        PIXEL: lambda k: Observer(f"pixel matcher {k + 1}", PixelMatcher()),
    }
    if name not in worlds:
        raise ValueError(f"there is no cast {name!r}; there are {', '.join(CASTS)}")
    rng = np.random.default_rng(rng)
    return [_with_habits(worlds[name](k), rng) for k in range(n)]


def graded(model: FaceModel, n: int) -> list[Observer]:
    """n *simulated* observers whose share of shape runs evenly from 0 to 1, alike in everything else."""
    return [_of_share(model, share) for share in np.linspace(0, 1, n)]


def planted_share(observer: Observer) -> float:
    """Share of shape in what an observer goes by, from 0 to 1; nan where it changes or is no matter of shape and
    texture.

    For random faces the squared distance to the target grows with the traces of the two metrics.
    """
    strategy = observer.strategy
    if observer.later is not None or not isinstance(strategy, Strategy):
        return float("nan")
    shape, texture = np.trace(strategy.shape), np.trace(strategy.texture)
    return float(shape / (shape + texture))


def _of_share(model: FaceModel, share: float) -> Observer:
    return Observer(f"share {share:.2f}", _whole(model, share))


def _whole(model: FaceModel, share: float) -> Strategy:
    """Looks everywhere, and shape makes up a share of the squared distance between two random faces."""
    everywhere = dict.fromkeys(model.regions, 1.0)
    both = regions("everywhere", model, everywhere, everywhere)
    shape, texture = both.shape / np.trace(both.shape), both.texture / np.trace(both.texture)
    return Strategy(f"share {share:.2f}", share * shape, (1 - share) * texture)


def _regional(model: FaceModel, k: int) -> Observer:
    place = PLACES[k % len(PLACES)]
    return Observer(f"{place} {k + 1}", regions(place, model, {place: 1.0}, {}))


def _with_habits(observer: Observer, rng: np.random.Generator) -> Observer:
    noise = observer.noise if isinstance(observer.strategy, Guesser) else rng.uniform(0.35, 0.8)
    return replace(
        observer, noise=noise, lapse=rng.uniform(0.0, 0.05), criterion=rng.normal(0, 0.3),
        spread=rng.uniform(0.8, 1.25), drift=rng.normal(0, 0.15),
    )  # fmt: skip
