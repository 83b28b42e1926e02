"""How well could anything predict these ratings? Ceilings for every observer, beside which a score can be judged.

A *simulated* observer's noise-free similarity is known: no features predict its ratings better than the rule that made
them. Of people it is not, so two stand-ins are given: the same person's rating of the same face a second time, and the
mean rating that others gave it. Each rests on trials with the same choice only.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kit.analysis import information
from kit.analysis.kendall import kendall_tau
from kit.behavior import reliability
from kit.behavior.observers import Observer

from .panels import SAME_PANELS, Answers

ORACLE, RETEST, OTHERS = "noise-free similarity", "own retest", "other observers"
LEAST = 20  # trials below which a ceiling is not computed
COLUMNS = ["observer", "identity", "series", "ceiling", "tau", "mi", "trials"]


def table(everyone: list[Answers], ratings: pd.DataFrame, cast: Mapping[str, Observer]) -> pd.DataFrame:
    """Ceilings of all observers in all series.

    Parameters
    ----------
    everyone : list of Answers
    ratings : DataFrame
        Of all phases, as in docs/ratings.md.
    cast : mapping of str to Observer
        *Simulated* observers by name; empty where people rated.

    Returns
    -------
    DataFrame with columns observer, identity, series, ceiling, tau, mi, trials
        tau and mi (bits) are means over the folds for the noise-free similarity, else over all trials.
    """
    again, rows = _retests(ratings), []
    for a in everyone:
        found = {ORACLE: _oracle(a, cast[a.observer])} if a.observer in cast else {
            RETEST: _paired(*again.get(_key(a), (np.empty(0), np.empty(0)))),
            OTHERS: _paired(*_others(a, [b for b in everyone if b.series == a.series and b.observer != a.observer])),
        }  # fmt: skip
        about = {"observer": a.observer, "identity": a.series.identity, "series": a.series.name}
        rows += [about | {"ceiling": kind, **values} for kind, values in found.items() if values]
    return pd.DataFrame(rows, columns=COLUMNS)


def _key(a: Answers) -> tuple:
    return (a.observer, *(getattr(a.series, name) for name in SAME_PANELS))


def _oracle(a: Answers, observer: Observer) -> dict[str, float]:
    felt = observer.similarity(a.series.trials())[a.trial, a.choice]
    folds = [part for part in np.array_split(np.arange(len(a.rating)), a.folds) if len(part)]
    if np.ptp(felt) == 0:  # who guesses feels no difference: nothing can predict that observer
        return {"tau": 0.0, "mi": 0.0, "trials": len(a.rating)}
    scored = [_scored(felt[part], a.rating[part]) for part in folds]
    return {"tau": np.mean([s[0] for s in scored]), "mi": np.mean([s[1] for s in scored]), "trials": len(a.rating)}


def _scored(predicted: np.ndarray, rating: np.ndarray) -> tuple[float, float]:
    tau = kendall_tau(predicted, rating.astype(float))
    return float(np.squeeze(tau)), float(np.squeeze(information.binned_mi(predicted, rating)))


def _paired(predicted: np.ndarray, rating: np.ndarray) -> dict[str, float]:
    """Scores of one rating by another, empty where too few trials or levels allow none."""
    if len(rating) < LEAST or min(len(np.unique(rating)), len(np.unique(predicted))) < information.N_BINS:
        return {}
    tau, mi = _scored(predicted, rating)
    return {"tau": tau, "mi": mi, "trials": len(rating)}


def _retests(ratings: pd.DataFrame) -> dict:
    """Rating the second time and the first, where the same face was chosen again, by observer and panels."""
    pairs = reliability.retest_pairs(ratings)
    same = pairs[pairs["choice"] == pairs["choice_again"]]
    return {
        key: (own["rating_again"].to_numpy(float), own["rating"].to_numpy(int))
        for key, own in same.groupby(["observer", *SAME_PANELS])
    }


def _others(a: Answers, others: list[Answers]) -> tuple[np.ndarray, np.ndarray]:
    """Mean rating of the others who chose the same face, and the observer's own."""
    given: dict[tuple[int, int], list[int]] = {}
    for other in others:
        for trial, choice, rating in zip(other.trial, other.choice, other.rating, strict=True):
            given.setdefault((trial, choice), []).append(rating)
    key = list(zip(a.trial, a.choice, strict=True))
    rows = [k for k, where in enumerate(key) if where in given]
    return np.array([np.mean(given[key[k]]) for k in rows]), a.rating[rows]
