"""From features to ratings: one encoding model for each observer, identity and feature space.

Kinds of models, as in the study:
- "linear": ridge on the features of the chosen face;
- "distance": its Euclidean distance to the target in the space, one number;
- "reweighted": its distance to the target along each feature, weighted by ridge;
- "decision": the output unit for the identity, of networks that have one;
- "with texture", "with shape": two spaces jointly, each with its own penalty.

Scores are computed in each fold: Kendall's tau, R^2, binned mutual information, and what the prediction
shares with that of the shape model (I_ccs). Information from few trials is biased upward. The mutual
information is corrected in closed form; the atoms of I_ccs by what they are when one of the two predictions is
rolled along the trials and so has nothing to share (`kit.analysis.redundancy`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from sklearn.metrics import r2_score

from kit.analysis import encoding, information
from kit.analysis.encoding import NestedRidge
from kit.analysis.kendall import kendall_tau
from kit.analysis.redundancy import pid_above_chance
from kit.faces.stimuli import PANEL

from .panels import Answers
from .space_names import SHAPE, TEXTURE

LINEAR = "linear"
JOINT_EXPONENTS = tuple(range(-24, 25, 12))  # penalties 2^h that each of two bands tries
Model = tuple[str, str]  # (space, kind)


def fit(features: np.ndarray, answers: Answers) -> NestedRidge:
    """Nested cross-validated ridge from the features of the chosen faces to their ratings.

    Parameters
    ----------
    features : array of shape (6 * length, d)
        Of all faces of the series. Features that are the same in all chosen faces get weight 0.
    """
    return _fit_varying(
        {"features": features[answers.chosen]},
        lambda kept: encoding.nested_ridge(kept["features"], answers.rating, answers.folds),
    )


def fit_at(features: np.ndarray, answers: Answers, exponent: float) -> NestedRidge:
    """The same, from features (6 * length, d), at a penalty 2^h that is known already."""
    return _fit_varying(
        {"features": features[answers.chosen]},
        lambda kept: encoding.ridge_at(kept["features"], answers.rating, np.full(answers.folds, exponent)),
    )


def fit_jointly(first: np.ndarray, second: np.ndarray, answers: Answers) -> NestedRidge:
    """The same from two spaces (6 * length, d) at once, each with a penalty of its own (banded ridge)."""
    spaces = {"first": first[answers.chosen], "second": second[answers.chosen]}
    return _fit_varying(
        spaces, lambda kept: encoding.banded_nested_ridge(kept, answers.rating, answers.folds, JOINT_EXPONENTS)
    )


def _fit_varying(
    spaces: dict[str, np.ndarray], how: Callable[[dict[str, np.ndarray]], NestedRidge]
) -> NestedRidge:  # fmt: skip
    """Leave constant features out of the fit and put them back with weight 0 afterwards."""
    varies = {name: np.ptp(values, axis=0) > 0 for name, values in spaces.items()}
    kept = {name: values[:, varies[name]] for name, values in spaces.items()}
    fitted = how(kept)
    everywhere = np.concatenate(list(varies.values()))
    weights = np.zeros((len(fitted.weights), len(everywhere), 1))
    weights[:, everywhere] = fitted.weights
    ends = np.cumsum([0, *(len(v) for v in varies.values())])
    parts = {name: slice(a, b) for name, a, b in zip(spaces, ends, ends[1:], strict=False)}
    return NestedRidge(fitted.predictions, fitted.fold, weights, fitted.intercepts, fitted.exponents, parts)


def base_models(spaces: Mapping[str, np.ndarray], answers: Answers) -> dict[Model, NestedRidge]:
    """The linear model of every space, (6 * length, d)."""
    return {(name, LINEAR): fit(values, answers) for name, values in spaces.items()}


def scalar_models(
    spaces: Mapping[str, np.ndarray], target: Mapping[str, np.ndarray], decisions: Mapping[str, np.ndarray],
    answers: Answers,
) -> dict[Model, NestedRidge]:  # fmt: skip
    """The distance to the target in every space, and the decision neurons: one feature each.

    Spaces are (6 * length, d), with a target (1, d) each; decisions are (6 * length, 1).
    """
    distances = {(name, "distance"): distance(values, target[name]) for name, values in spaces.items()}
    neurons = {(name.removeprefix("decision of "), "decision"): values for name, values in decisions.items()}
    return {model: fit(values, answers) for model, values in (distances | neurons).items()}


def further_models(
    spaces: Mapping[str, np.ndarray], target: Mapping[str, np.ndarray], answers: Answers
) -> dict[Model, NestedRidge]:
    """Reweighted distances, and every space jointly with shape (shape itself with texture).

    Spaces are (6 * length, d), with a target (1, d) each.
    """
    out = {(name, "reweighted"): fit(np.abs(values - target[name]), answers) for name, values in spaces.items()}
    out[SHAPE, "with texture"] = fit_jointly(spaces[SHAPE], spaces[TEXTURE], answers)
    for name in [name for name in spaces if name not in (SHAPE, TEXTURE)]:
        out[name, "with shape"] = fit_jointly(spaces[SHAPE], spaces[name], answers)
    return out


def distance(features: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Euclidean distance of every face to the target: (n, d), (1, d) -> (n, 1)."""
    return np.linalg.norm(features.astype(float) - target, axis=1, keepdims=True)


def scores(models: Mapping[Model, NestedRidge], answers: Answers, shape: NestedRidge) -> pd.DataFrame:
    """How well each model predicts each fold, and what it shares with the shape model.

    Returns
    -------
    DataFrame with columns space, kind, fold, tau, r2, mi, redundancy, mmi, unique_shape, unique_space, synergy
        Information in bits above chance; values below zero are possible and not clipped. The redundancy of
        the shape model with itself is its own information. Redundancy is on the low side where a model tells
        something else than shape (see `pid_above_chance`); mmi is the most that it could be.
    """
    predictions = np.column_stack([model.predictions for model in models.values()])
    names = pd.DataFrame(list(models), columns=["space", "kind"])
    parts = []
    for fold in np.unique(shape.fold):
        rows = shape.fold == fold
        found = _one_fold(predictions[rows], shape.predictions[rows], answers.rating[rows])
        parts.append(names.assign(fold=fold, **found))
    return pd.concat(parts, ignore_index=True)


def _one_fold(predictions: np.ndarray, shape: np.ndarray, rating: np.ndarray) -> dict[str, np.ndarray]:
    ratings = np.repeat(rating[:, None], predictions.shape[1], axis=1)
    return {
        "tau": kendall_tau(predictions, rating.astype(float)),
        "r2": r2_score(ratings, predictions, multioutput="raw_values"),
        "mi": information.binned_mi(predictions, rating),
        **shared(predictions, shape, rating),
    }


def shared(predictions: np.ndarray, shape: np.ndarray, rating: np.ndarray) -> dict[str, np.ndarray]:
    """What the shape model (n, 1) and each of m models (n, m) share about ratings (n,), above chance.

    Returns
    -------
    dict of arrays (m,)
        Atoms of I_ccs (`kit.analysis.redundancy`): redundancy, unique_shape, unique_space, synergy; and mmi, the
        smaller of the two informations, beyond which no measure finds redundancy.
    """
    found = pid_above_chance(shape[:, 0], predictions, rating)
    told = [information.binned_mi(values, rating) for values in (shape[:, 0], predictions)]
    return {"redundancy": found.redundancy, "mmi": np.minimum(*told), "unique_shape": found.unique_a,
            "unique_space": found.unique_b, "synergy": found.synergy}  # fmt: skip


def roll_out(features: np.ndarray, model: NestedRidge) -> np.ndarray:
    """Predicted rating of every face on display, by the mean of the folds' models: (6 * length, d) -> (length, 6)."""
    panels = features.reshape(-1, PANEL, features.shape[1])
    return encoding.roll_out(panels, model.mean_weights[:, 0], model.mean_intercepts[0])


def choice_accuracy(features: np.ndarray, model: NestedRidge, answers: Answers) -> float:
    """Share of trials in which the model's favourite of six is the observer's choice (chance: 1 / 6).

    Features are (6 * length, d).
    """
    favourite = encoding.choose(roll_out(features, model))[answers.trial]
    return float(np.mean(favourite == answers.choice))
