"""Do models name faces as observers do when view, age or sex change? The five tests of the study.

Faces show one identity's diagnostic features alone, or its other features alone, at several strengths, seen
from three sides, at age 80, or at the opposite sex. Observers and models say which of the identities it is.
A model answers with the largest of its predicted ratings, each scaled to the range that random faces get.

Each identity's model was fitted within that identity's own sex, age and ancestry. What it says of another
category would be chance, so models see a face *relative to its category's average in the same view*, laid on
the average of their own category; simulated observers, too, compare what sets a face apart. (How the paper's
models met other categories could not be read; this is our choice.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from kit.behavior.observers import Observer
from kit.faces import Faces, concat, stimuli
from kit.faces.views import from_the_front
from kit.networks.pixels import Embeds

from .spaces import look_at
from .templates import OBSERVER

STRENGTHS = np.arange(6) / 3  # 0, 1/3 ... 5/3 of the identity's own
TASKS = {
    "view -30": {"yaw": -30.0},
    "view 0": {"yaw": 0.0},
    "view +30": {"yaw": 30.0},
    "age 80": {"variant": "old"},
    "opposite sex": {"variant": "opposite sex"},
}
SETS = ("diagnostic", "other")


def test_faces(target: Faces, marked: np.ndarray, which: str, variant: str = "same") -> Faces:
    """One identity's diagnostic or other features at all `STRENGTHS`.

    Parameters
    ----------
    marked : bool array of shape (k + m,)
        The diagnostic coefficients, shape first.
    which : "diagnostic" or "other"
    variant : of `stimuli.generalisation`
    """
    keep = marked if which == "diagnostic" else ~marked
    k = target.shape.shape[1]
    face = stimuli.generalisation(target)[variant]
    strength = STRENGTHS[:, None]
    alike = face[[0] * len(STRENGTHS)]
    return alike.changed(shape=strength * face.shape * keep[:k], texture=strength * face.texture * keep[k:])


def conditions(
    targets: Mapping[str, Faces], marked: Mapping[str, np.ndarray]
) -> Iterator[tuple[str, str, str, Faces, float]]:
    """All tests: yields (task, set, identity, faces at all strengths, yaw).

    `marked` holds a bool array (k + m,) for each identity.
    """
    for (task, how), which, (name, target) in product(TASKS.items(), SETS, targets.items()):
        faces = test_faces(target, marked[name], which, how.get("variant", "same"))
        yield task, which, name, faces, how.get("yaw", 0.0)


def observer_answers(
    observer: Observer, faces: Faces, targets: Mapping[str, Faces], rng: np.random.Generator, repeats: int = 50
) -> np.ndarray:
    """Which identity a *simulated* observer says, many times for each face: (n, repeats).

    Felt similarity to each identity is in sd of what random faces of its own category would give, so
    that an identity close to its average is not said more often. Strategies compare what sets a face
    apart from its category's average; they do not see views, nor age or sex as such.
    """
    felt = np.stack([observer.felt(faces, target) for target in targets.values()], axis=1)
    noisy = felt[..., None] + observer.noise * rng.normal(size=(*felt.shape, repeats))
    said = noisy.argmax(axis=1)
    lapsed = rng.uniform(size=said.shape) < observer.lapse
    return np.where(lapsed, rng.integers(len(targets), size=said.shape), said)


def model_answers(rated: list[np.ndarray], ranges: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Which identity models say: the largest of the ratings (n, m) for each identity, after min–max scaling.

    Parameters
    ----------
    rated : for each identity, ratings of n faces by m models (one an observer)
    ranges : for each identity, lowest and highest rating (m,) that each model gives to random faces
    """
    scaled = [(values - low) / (high - low) for values, (low, high) in zip(rated, ranges, strict=True)]
    return np.argmax(scaled, axis=0)


def table(
    targets: Mapping[str, Faces],
    marked: Mapping[str, np.ndarray],
    systems: Mapping[str, Embeds],
    models: Mapping[str, list[np.ndarray]],
    ranges: Mapping[str, list[tuple[np.ndarray, np.ndarray]]],
    observers: list[Observer],
    names: list[str],
    seed: int = 0,
) -> pd.DataFrame:
    """Accuracy of observers and models in every condition.

    Parameters
    ----------
    targets, marked : by identity, a face and a bool array of shape (k + m,)
    models : by space, for each identity in turn: weights (d + 1, m) of m observers' models, the intercept last
    ranges : by space, for each identity in turn: lowest and highest rating (m,) of random faces

    Returns
    -------
    DataFrame with columns task, features, identity, strength, system, observer, accuracy
        A system has one model an observer, in the order of `names`.
    """
    rng, order, out = np.random.default_rng(seed), list(targets), []
    averages = [_features_of(target.caricature(0), systems) for target in targets.values()]
    tests = list(conditions(targets, marked))
    seen = _features_of(
        concat([faces for *_, faces, _ in tests]), systems, np.repeat([t[-1] for t in tests], len(STRENGTHS))
    )
    for place, (task, which, name, faces, _) in enumerate(tests):
        rows, own = slice(place * len(STRENGTHS), (place + 1) * len(STRENGTHS)), order.index(name)
        found = {space: values[rows] for space, values in seen.items()}
        accuracy = {OBSERVER: _observers_right(observers, faces, targets, own, rng)} if observers else {}
        for space, weights in models.items():
            apart = found[space] - found[space][0]  # strength 0 is the category's average
            rated = [(apart + average[space]) @ w[:-1] + w[-1] for average, w in zip(averages, weights, strict=True)]
            accuracy[space] = (model_answers(rated, ranges[space]) == own).astype(float)
        asked = {OBSERVER: [observer.name for observer in observers]}
        labels = {"task": task, "features": which, "identity": name}
        out += [_long(values, asked.get(s, names)).assign(**labels, system=s) for s, values in accuracy.items()]
    return pd.concat(out, ignore_index=True)


def _long(accuracy: np.ndarray, observers: list[str]) -> pd.DataFrame:
    """Accuracies (strengths, observers) as rows of strength, observer and accuracy."""
    n = len(observers)
    columns = {"strength": np.repeat(STRENGTHS, n), "observer": observers * len(STRENGTHS)}
    return pd.DataFrame(columns | {"accuracy": accuracy.ravel()})


def _features_of(faces: Faces, systems: Mapping[str, Embeds], yaw: float | np.ndarray = 0.0) -> dict[str, np.ndarray]:
    n = len(faces)
    return look_at(faces, systems, replace(from_the_front(n), yaw=np.broadcast_to(yaw, n)))


def _observers_right(observers, faces, targets, own: int, rng) -> np.ndarray:
    """Accuracy (n, observers) of several observers."""
    return np.stack([(observer_answers(o, faces, targets, rng) == own).mean(axis=1) for o in observers], axis=1)


def averaged(accuracy: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of the average observer and of each system: task, features, identity, strength, system, accuracy."""
    by = ["task", "features", "identity", "strength", "system"]
    return accuracy.groupby(by, sort=False)["accuracy"].mean().reset_index()


def distances(accuracy: pd.DataFrame) -> pd.DataFrame:
    """|accuracy of an observer - accuracy of that observer's models|, averaged over strengths.

    Returns
    -------
    DataFrame with columns observer, identity, task, features, system, distance; empty where no observer was asked
    """
    by = ["observer", "identity", "task", "features", "strength"]
    wide = accuracy.pivot_table(index=by, columns="system", values="accuracy", sort=False)
    if OBSERVER not in wide:
        return pd.DataFrame(columns=[*by[:4], "system", "distance"])
    away = wide.drop(columns=OBSERVER).sub(wide[OBSERVER], axis=0).abs().groupby(by[:4], sort=False).mean()
    return away.rename_axis(columns="system").stack().rename("distance").reset_index()


def distance_to_observers(generalised: pd.DataFrame) -> pd.DataFrame:
    """|accuracy of observers - accuracy of the model|, averaged over identities and strengths: the study's score.

    Returns
    -------
    DataFrame, a row for each system, a column for each (task, features)
    """
    wide = generalised.groupby(["system", "task", "features", "strength"])["accuracy"].mean().unstack("system")
    away = wide.drop(columns=OBSERVER).sub(wide[OBSERVER], axis=0).abs().groupby(["task", "features"]).mean().T
    systems = [name for name in generalised["system"].unique() if name != OBSERVER]
    return away.loc[systems, list(product(TASKS, SETS))]
