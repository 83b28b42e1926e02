"""The penalty of ridge regression as a slider: how well ratings are told, on old trials and on new ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kit.plots.signs import minus

from .live_chart import ChartAxis, LiveChart, lines
from .live_picture import Choice, Group, Slider, Values

EXPONENTS = np.arange(-4, 16)
SIZES = ("120", "150", "200", "300", "600")  # training trials
ACROSS = ChartAxis("h, for a penalty of 2ʰ", EXPONENTS[0], EXPONENTS[-1], (-4, 0, 5, 10, 15))
UP = ChartAxis("R² (below −1: cut off)", -1.0, 1.0, (-1, -0.5, 0, 0.5, 1))
CONTROLS = [
    Group("Ridge regression", (
        Slider("exponent", "h", int(EXPONENTS[0]), int(EXPONENTS[-1]), 1, -4),
        Choice("trials", "training trials", SIZES, "120"),
    ))
]  # fmt: skip


@dataclass(frozen=True)
class Fits:
    """R² and length of the weights for each of `EXPONENTS`, arrays of shape (20,)."""

    old: np.ndarray
    new: np.ndarray
    length: np.ndarray


def compute(features: np.ndarray, ratings: np.ndarray, trials: int) -> Fits:
    """Ridge fits to the first `trials` trials, scored on these and on the last third of all.

    Parameters
    ----------
    features : array of shape (n_trials, n_features)
    ratings : array of shape (n_trials,)
    trials : int
        At most two thirds of n_trials.
    """
    new = len(ratings) - len(ratings) // 3
    if trials > new:
        raise ValueError(f"{trials} training trials of {len(ratings)} leave no third for the test: choose fewer")
    mean, level = features[:trials].mean(axis=0), ratings[:trials].mean()
    values, vectors = np.linalg.eigh((features[:trials] - mean).T @ (features[:trials] - mean))
    cross = vectors.T @ ((features[:trials] - mean).T @ (ratings[:trials] - level))
    rotated = cross[:, None] / (np.maximum(values, 0)[:, None] + 2.0**EXPONENTS)
    predicted = (features - mean) @ (vectors @ rotated) + level
    old, held = (_r_squared(ratings[part], predicted[part]) for part in (slice(trials), slice(new, None)))
    return Fits(old, held, np.linalg.norm(rotated, axis=0))


def _r_squared(ratings: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    missed = ((ratings[:, None] - predicted) ** 2).sum(axis=0)
    return 1 - missed / ((ratings - ratings.mean()) ** 2).sum()


def figure(fits: Fits, exponent: float) -> str:
    """Both curves with the slider's place, as SVG."""
    return lines(EXPONENTS, {"training trials": fits.old, "new trials": fits.new}, ACROSS, UP, exponent)


def describe(fits: Fits, values: Values) -> str:
    """What the chart shows, in words."""
    k = int(values["exponent"]) - EXPONENTS[0]
    words = (
        f"{values['trials']} training trials, penalty 2 to the power {values['exponent']:g}: R² {fits.old[k]:.2f} on "
        f"the training trials, {fits.new[k]:.2f} on new trials; length of the weights {fits.length[k]:.2f}."
    )
    return minus(words)


def explore_penalty(features: np.ndarray, ratings: np.ndarray) -> None:
    """Show ridge regression with its penalty, and the number of training trials, to be chosen.

    Parameters
    ----------
    features : array of shape (n_trials, n_features)
        At least 900 trials: the last third is never trained on.
    ratings : array of shape (n_trials,)
    """
    features, ratings = np.asarray(features, float), np.asarray(ratings, float)
    fits = {size: compute(features, ratings, int(size)) for size in SIZES}

    def draw(values: Values) -> tuple[str, str]:
        shown = fits[values["trials"]]
        return figure(shown, values["exponent"]), describe(shown, values)

    LiveChart(CONTROLS, draw).show("explore-penalty")
