"""The main claim as a causal test: take shape out of what a network says of faces, and see what falls.

If a system predicts ratings *because* of face shape, then without shape it predicts less and shares less with the
shape model, more so than without texture or without as many directions chosen by lot. After the null-space
projections of Ravfogel et al. (2020), arXiv:2004.07667, and Belrose et al. (2023), arXiv:2306.03819.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kit.analysis.encoding import NestedRidge, nested_ridge
from kit.analysis.projection import Eraser
from kit.behavior.observers import Observer
from kit.faces import Faces

from . import fits
from .looks import Embeds, look_of
from .panels import Answers, Series, answer

MEASURES = ("tau", "mi", "redundancy")


@dataclass(frozen=True, eq=False)
class Embedded:
    """What a network makes of the faces that an observer chose in a series of panels.

    Parameters
    ----------
    faces : Faces of length n_trials
    features : array of shape (n_trials, d)
    answers : Answers
    """

    faces: Faces
    features: np.ndarray
    answers: Answers


def rated(
    observer: Observer, network: Embeds, seed: int, identity: str = "Mei", trials: int = 900, varied: int = 20
) -> Embedded:
    """What a *simulated* observer chooses and rates in one series; the first components alone vary.

    Parameters
    ----------
    observer : Observer
    network : Network or what else embeds images
    seed : int
        Of panels and answers: remove with one series, test with another one.
    identity : str
    trials : int
    varied : int
        So many leading components of shape, and of texture, differ between faces.
    """
    series = Series(identity, seed, f"{varied}+{varied}", trials)
    answers = answer(observer, series, seed)
    trials, chosen = series.trials(), answers.chosen
    pictures = look_of("network", network).draw(trials.faces[chosen], trials.views[chosen])
    return Embedded(trials.faces[chosen], network.embed(pictures).astype(float), answers)


def without(
    features: np.ndarray, known: NestedRidge, answers: Answers, eraser: Eraser, directions: int | None = None
) -> pd.Series:
    """How well features predict ratings, and what they share with shape, after a removal.

    Parameters
    ----------
    features : array of shape (n_trials, d)
        Of the chosen faces; the eraser was made with other ones.
    known : NestedRidge
        The model of the same ratings from shape itself, for the redundancy.
    answers : Answers
    eraser : Eraser
    directions : int, optional
        How many are removed; all that the eraser knows by default.

    Returns
    -------
    Series of tau, mi and redundancy (bits), means over the folds
    """
    left = nested_ridge(eraser(features, directions), answers.rating, answers.folds)
    return fits.scores({("left", fits.LINEAR): left}, answers, known)[list(MEASURES)].mean()


def doses(
    features: np.ndarray, known: NestedRidge, answers: Answers, erasers: Mapping[str, Sequence[Eraser]],
    directions: Sequence[int],
) -> pd.DataFrame:  # fmt: skip
    """`without` at every dose of every removal; where a removal has several erasers (lots), their mean.

    Features are (n_trials, d), of the chosen faces.

    Returns
    -------
    DataFrame with columns removed, directions, tau, mi, redundancy
    """
    rows = []
    for name, several in erasers.items():
        for dose in directions:
            found = pd.DataFrame([without(features, known, answers, eraser, dose) for eraser in several])
            rows.append({"removed": name, "directions": dose} | found.mean().to_dict())
    return pd.DataFrame(rows)
