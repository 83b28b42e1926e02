"""Functional features: what a face must look like to be rated high, by an observer and by each model.

Reverse correlation runs over the coefficients of the face model, of which vertices are a linear and log
albedo is a linear function: a template in coefficients is a template on the face. Observers answer with
their own choices and ratings, models with *their own* choices and predicted ratings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kit.analysis.encoding import NestedRidge
from kit.analysis.nulls import MaxStatistic, permutations
from kit.analysis.reverse_correlation import inward_outward, robust_map, robust_regression
from kit.faces import Faces
from kit.faces.faces import UNUSUAL
from kit.faces.stimuli import AMPLIFICATION, PANEL

from .fits import roll_out
from .panels import Answers

OBSERVER = "observer"


@dataclass(frozen=True)
class Template:
    """Coefficients expected at a rating: b0 + rating * b1, shape first, then texture.

    Parameters
    ----------
    intercept, slope : arrays of shape (k + m,)
    """

    intercept: np.ndarray
    slope: np.ndarray

    def at(self, alpha: float | np.ndarray, like: Faces) -> Faces:
        """The faces b0 + alpha b1 for one alpha or several (n,), of the sex, age and ancestry of one face."""
        coefficients = self.intercept + np.multiply.outer(np.atleast_1d(alpha), self.slope)
        k = like.shape.shape[1]
        alike = like[[0] * len(coefficients)].with_expression("neutral")
        return alike.changed(shape=coefficients[:, :k], texture=coefficients[:, k:])

    @staticmethod
    def mean(templates: list[Template]) -> Template:
        """The average of several observers' templates."""
        return Template(
            np.mean([t.intercept for t in templates], axis=0), np.mean([t.slope for t in templates], axis=0)
        )


def coefficients(faces: Faces) -> np.ndarray:
    """Shape and texture coefficients side by side: (n, k + m)."""
    return np.hstack([faces.shape, faces.texture])


def observed_template(faces: Faces, answers: Answers) -> Template:
    """Template of an observer, from the chosen faces and their ratings (`faces`: all of the series)."""
    return template(coefficients(faces[answers.chosen]), answers.rating)


def model_template(faces: Faces, features: np.ndarray, model: NestedRidge, answers: Answers) -> Template:
    """Template of a model: it chooses among the panels that the observer saw and rates what it chose.

    Its ratings, which vary little, are brought to the mean and spread of the observer's, so that an
    amount of amplification means the same for both. Features are (6 * length, d), of all faces of the series.
    """
    rated = roll_out(features, model)[answers.trial]
    chosen = PANEL * answers.trial + rated.argmax(axis=1)
    return template(coefficients(faces[chosen]), on_the_scale_of(answers.rating, rated.max(axis=1)))


def on_the_scale_of(rating: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Predictions (n,) moved and stretched to the mean and standard deviation of ratings (n,)."""
    return rating.mean() + rating.std() * (predicted - predicted.mean()) / predicted.std()


def template(values: np.ndarray, rating: np.ndarray) -> Template:
    """Robust regression of every coefficient (n, k + m) on the rating (n,); coefficients that do not vary stay at 0."""
    varies = np.ptp(values, axis=0) > 0
    lines = robust_regression(values[:, varies], rating)
    intercept, slope = (np.zeros(values.shape[1]) for _ in range(2))
    intercept[varies], slope[varies] = lines.intercept, lines.slope
    return Template(intercept, slope)


def diagnostic(faces: Faces, answers: list[Answers], shuffles: int = 200, rng: int = 0) -> MaxStatistic:
    """Which coefficients move with the ratings of several observers of one series, corrected for their number.

    Ratings are shuffled within each observer; the statistic is the robust score test over all trials.
    """
    rng = np.random.default_rng(rng)
    values = coefficients(faces)
    parts = [(values[a.chosen], _centred(a.rating), permutations(_centred(a.rating), shuffles, rng)) for a in answers]
    together, rating, shuffled = (np.concatenate(column) for column in zip(*parts, strict=True))
    varies = np.ptp(together, axis=0) > 0
    found = robust_map(together[:, varies], rating, shuffled)
    observed = np.zeros(values.shape[1])
    observed[varies] = found.observed
    return MaxStatistic(observed, found.null)


def _centred(rating: np.ndarray) -> np.ndarray:
    """Observers differ in how strict they are; that difference is not about faces."""
    return rating - rating.mean()


def amplified(series: Template, like: Faces, amounts: np.ndarray = AMPLIFICATION) -> tuple[np.ndarray, Faces]:
    """The amounts (n,) and faces of a template series, up to where a coefficient leaves five standard deviations.

    Beyond, faces of this model fold and break, and a rating of them would mean nothing.
    """
    faces = series.at(amounts, like)
    within = np.abs(coefficients(faces)).max(axis=1) <= UNUSUAL
    end = max(1, int(np.append(np.flatnonzero(~within), len(within))[0]))
    return amounts[:end], faces[:end]


def surface_map(face: Faces) -> np.ndarray:
    """How far a face lies outside (positive) or inside its category's average: (v,) mm along the normals."""
    average = face.caricature(0)
    return inward_outward(face.vertices()[0], average.vertices()[0], average.normals()[0])


def surface_maps(shape: np.ndarray, like: Faces) -> np.ndarray:
    """The same for many directions of shape coefficients (n, k + m or k): (n, v) mm along the average's normals."""
    components, normals = like.model.shape_components, like.caricature(0).normals()[0]
    along = np.einsum("kvc,vc->kv", components.astype(float), normals)
    return shape[:, : len(along)] @ along


def likeness(found: np.ndarray, true: np.ndarray) -> dict[str, float]:
    """Pearson correlation and mean absolute difference (mm) of two maps (v,)."""
    return {
        "correlation": float(np.corrcoef(found, true)[0, 1]),
        "error": float(np.abs(found - true).mean()),
    }
