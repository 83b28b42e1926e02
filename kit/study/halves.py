"""Models from one half of the trials, the observer's map from the other: likeness that chance cannot make.

A model and a map from the *same* trials share those trials' noise: for an observer who guesses they are alike by .9. So
models are fitted to the even trials, and the observer's template comes from the odd ones. Beside each likeness stand
the observer's own (even against odd trials), the most that can be asked, and what shuffled ratings reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from kit.analysis.encoding import NestedRidge
from kit.analysis.nulls import permutations
from kit.faces import Faces

from . import fits, templates
from .panels import Answers, usable_folds
from .templates import OBSERVER, Template

SHUFFLES = 100
LEVEL = 95  # percentile of the shuffled likeness that is reported


def split(answers: Answers) -> tuple[Answers, Answers]:
    """Even and odd trials of one observer, in the order in which they were answered."""
    return _part(answers, 0), _part(answers, 1)


def _part(answers: Answers, first: int) -> Answers:
    rating = answers.rating[first::2]
    return replace(
        answers, trial=answers.trial[first::2], choice=answers.choice[first::2], rating=rating,
        folds=usable_folds(rating, answers.folds),
    )  # fmt: skip


def half_templates(
    spaces: Mapping[str, np.ndarray], models: Mapping[str, NestedRidge], answers: Answers, faces: Faces
) -> dict[str, Template]:
    """Templates of each space's model from the even trials, and of the observer from each half.

    Parameters
    ----------
    spaces : mapping of str to array of shape (n_faces, d)
    models : mapping of str to NestedRidge
        The models of all trials, whose penalties are used again.
    answers : Answers
    faces : Faces
        Of the series.

    Returns
    -------
    dict with the names of the spaces, "observer" (odd trials) and "observer itself" (even trials); empty where
    half of the trials are too few to fit models.
    """
    even, odd = split(answers)
    if not (even.folds and odd.folds):
        return {}
    found = {OBSERVER: templates.observed_template(faces, odd), ITSELF: templates.observed_template(faces, even)}
    for name, values in spaces.items():
        exponent = np.median(models[name].exponents)
        model = fits.fit_at(values, even, exponent)
        found[name] = templates.model_template(faces, values, model, even)
    return found


ITSELF = f"{OBSERVER} itself"


def shuffled(faces: Faces, answers: Answers, rng: int) -> np.ndarray:
    """Slopes (shuffles, k + m) of the coefficients on shuffled ratings of the odd trials: what chance makes of a
    map.
    """
    odd = split(answers)[1]
    values = templates.coefficients(faces[odd.chosen])
    ratings = permutations(odd.rating.astype(float), SHUFFLES, rng)
    ratings -= ratings.mean(axis=0)
    return ratings.T @ (values - values.mean(axis=0)) / (ratings**2).sum(axis=0)[:, None]


def chance(found: np.ndarray, null_maps: np.ndarray) -> float:
    """The 95th percentile of the correlation of a map (v,) with maps (shuffles, v) of shuffled ratings."""
    maps = np.vstack([found, null_maps])
    maps = maps - maps.mean(axis=1, keepdims=True)
    maps /= np.linalg.norm(maps, axis=1, keepdims=True)
    return float(np.percentile(maps[1:] @ maps[0], LEVEL))
