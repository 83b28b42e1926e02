"""A trap shown live: ranks of tied ratings that follow the order of the trials change the information.

Gaussian-copula information as usually published ranks every value, ties included, in the order in which trials
come; then a table that somebody has sorted gives another answer than the same table unsorted.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from kit.analysis.information import gcmi, gcmi_discrete
from kit.plots.signs import minus

from .live_chart import ChartAxis, LiveChart, lines
from .live_picture import Choice, Group, Slider, Values

TRIALS, CORRELATION = 600, 0.7
ORDERS = np.linspace(-1, 1, 21)  # from sorted downward over random to sorted upward
LEVELS = ("2", "3", "6", "no ties")
ACROSS = ChartAxis("order of the trials: −1 falling, 0 random, +1 rising", -1, 1, (-1, -0.5, 0, 0.5, 1))
UP = ChartAxis("information, bits", 0, 1.6, (0, 0.4, 0.8, 1.2, 1.6))  # sorted ties of 2 levels say 1.58
CONTROLS = [
    Group("The same 600 trials", (
        Slider("order", "order", -1, 1, 0.1, 0, "", 1),
        Choice("levels", "rating levels", LEVELS, "6"),
    ))
]  # fmt: skip


@lru_cache
def data(levels: str) -> tuple[np.ndarray, np.ndarray]:
    """A prediction and a rating of so many equally used levels, arrays of shape (600,). *Simulated.*"""
    rng = np.random.default_rng(0)
    prediction = rng.normal(size=TRIALS)
    felt = CORRELATION * prediction + np.sqrt(1 - CORRELATION**2) * rng.normal(size=TRIALS)
    if levels == "no ties":
        return prediction, felt
    return prediction, np.floor((rankdata(felt) - 1) * int(levels) / TRIALS) + 1


def ordered(prediction: np.ndarray, order: float) -> np.ndarray:
    """An order of the trials (n,): by the prediction (n,), rising or falling, or random, or between these."""
    place = rankdata(prediction) / len(prediction)
    chance = np.random.default_rng(1).uniform(size=len(prediction))
    return np.argsort(order * place + (1 - abs(order)) * chance)


def ordinal(prediction: np.ndarray, rating: np.ndarray) -> float:
    """Information in bits when tied values get different ranks, in the order in which trials come.

    Prediction and rating are (n,).
    """
    scores = [ndtri(rankdata(v, method="ordinal") / (len(v) + 1)) for v in (prediction, rating)]
    return float(-0.5 * np.log2(1 - np.corrcoef(scores)[0, 1] ** 2))


@lru_cache
def compute(levels: str) -> dict[str, list[float]]:
    """Each estimate of the information, in bits, for every one of `ORDERS`."""
    prediction, rating = data(levels)
    tables = [ordered(prediction, order) for order in ORDERS]
    out = {
        "in trial order": [ordinal(prediction[rows], rating[rows]) for rows in tables],
        "average ranks": [gcmi(prediction[rows], rating[rows], bias_correct=False) for rows in tables],
    }
    if levels != "no ties":
        out["by level"] = [gcmi_discrete(prediction[rows], rating[rows], False) for rows in tables]
    return out


def figure(levels: str, order: float) -> str:
    """The estimates against the order of the trials, as SVG."""
    return lines(ORDERS, compute(levels), ACROSS, UP, order)


def describe(values: Values) -> str:
    """What the chart shows, in words."""
    now = {name: np.interp(values["order"], ORDERS, bits) for name, bits in compute(values["levels"]).items()}
    told = ", ".join(f"{name} {bits:.2f}" for name, bits in now.items())
    words = f"Rating levels: {values['levels']}; trials in order {values['order']:+.1f}. Information in bits: {told}."
    return minus(words)


def tied_ratings() -> None:
    """Show how three estimates of the same information depend on the order of the trials."""
    LiveChart(CONTROLS, lambda values: (figure(values["levels"], values["order"]), describe(values))).show(
        "tied-ratings"
    )
