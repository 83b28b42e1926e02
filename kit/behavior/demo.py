"""Ratings for those who do not take part: a whole session by a **simulated** observer with a known secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from kit.faces import FaceModel
from kit.faces.stimuli import TRIALS

from .experiment import simulate, table
from .observers import Observer
from .protocol import Procedure, target
from .strategies import Strategy

SECRET = ("nose", "mouth", "chin")  # regions that the simulated observer looks at
NAME = "SIMULATED"

#: Parts of a face as one would name them, and their regions of the model.
PARTS = {
    "eyes and brows": ("eyes", "brows"),
    "nose": ("nose",),
    "mouth": ("mouth",),
    "chin": ("chin",),
    "outline": ("contour", "cheeks"),
}


def region_user(model: FaceModel, regions: Sequence[str], components: int) -> Observer:
    """A simulated observer who compares shapes by how far points of some regions are apart.

    Only the leading components count, those that vary in a small design: for the others all faces of a panel
    are equally unlike the target.
    """
    at = np.any([model.regions[name] for name in regions], axis=0)
    moved = model.shape_components[:components, at].reshape(components, -1).astype(float)
    metric = np.zeros((len(model.shape_components),) * 2)
    metric[:components, :components] = moved @ moved.T
    return Observer(NAME, Strategy(NAME, metric, np.zeros((model.counts["texture"],) * 2)))


def demo_ratings(design: Procedure, rng: int | np.random.Generator = 7) -> pd.DataFrame:
    """The ratings of a **simulated** observer who looks at nose, mouth and chin and nowhere else.

    Returns
    -------
    DataFrame of ratings; the observer is called "SIMULATED".
    """
    observer = region_user(target(design).model, SECRET, design.components[0])
    return table(simulate(design, observer, rng)).assign(observer=NAME)


def classmate(design: Procedure, rng: np.random.Generator) -> Observer:
    """A **simulated** person of a class, who looks at nose, mouth and chin, as noisily and strictly as falls by lot."""
    observer = region_user(target(design).model, SECRET, design.components[0])
    return replace(observer, noise=rng.uniform(0.4, 1.0), criterion=rng.normal(0, 0.5), lapse=0.03)


def demo_class(people: int = 30, trials: int = 60, identity: str = "Mei", rng: int = 7) -> pd.DataFrame:
    """The ratings of a class of **simulated** people, each of whom begins at another place of the series.

    They look at nose, mouth and chin, differ in how noisy and how strict they are, and are called "SIMULATED 01" ...
    """
    rng = np.random.default_rng(rng)
    tables = []
    for number in range(people):
        code, first = f"{NAME} {number + 1:02}", trials * (number % (TRIALS // trials))
        design = Procedure(identity, f"p{number + 1}", rate=trials, first=first)
        tables.append(table(simulate(design, classmate(design, rng), rng)).assign(observer=code))
    return pd.concat(tables, ignore_index=True)


def part_found(model: FaceModel, certain: np.ndarray) -> str:
    """The part of the face with the largest share of marked vertices, or "none for certain".

    Parameters
    ----------
    certain : bool array of shape (v,)
    """
    shares = {
        part: certain[np.any([model.regions[name] for name in names], axis=0)].mean() for part, names in PARTS.items()
    }
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] > 0 else "none for certain"
