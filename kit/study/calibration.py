"""Are the numbers as sure as they say? Experiments with a known truth, simulated many times.

`coverage` and `slope_coverage` count how often intervals over observers and identities hold the truth;
`redundancy_bias` how far redundancy, unique and synergistic information above chance are from it.
`python -m kit selfcheck` runs them at full size, the tests a small form.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from kit.analysis import information
from kit.analysis.redundancy import pid_above_chance
from kit.analysis.statistics import crossed_bootstrap, crossed_interval, crossed_jackknife, hierarchical_bootstrap
from kit.chance import Rng

OBSERVERS, IDENTITIES, FOLDS = 14, 4, 9
SAMPLES = 2000
#: Variances of observers, identities, their interaction and folds, in 1000 bits^2, as the kit's default comparison
#: gave them for the information of linear models and for differences of two.
REALISTIC = {
    "shape": (1.50, 1.92, 0.50, 1.49),
    "pixels": (1.89, 2.69, 0.45, 2.02),
    "untrained": (0.56, 1.37, 0.29, 1.32),
    "shape minus pixels": (0.07, 0.69, 0.30, 1.64),
    "pixels minus viAE": (0.37, 0.17, 0.11, 1.39),
    "viAE minus untrained": (0.02, 0.15, 0.00, 1.29),
    "VAE minus beta-VAE": (0.02, 0.00, 0.01, 0.74),
}
EXTREME = {
    "identities alike": (1.0, 0.0, 1.0, 1.0),
    "observers alike": (0.0, 1.0, 1.0, 1.0),
    "identities alone differ": (0.0, 1.0, 0.0, 0.1),
    "interaction alone": (0.0, 0.0, 1.0, 1.0),
}
CRITERIA = np.array([-1.3, -0.65, 0, 0.65, 1.3])  # of the six ratings
NOISE, FOLD_TRIALS, MANY_TRIALS = 1.5, 200, 1_000_000
#: Two predictions and what the ratings follow, of sources s and t and of two noises u and v.
PAIRS: dict[str, Callable[..., tuple]] = {
    "s, noise": lambda s, t, u, v: (s, u, s),
    "noise, s": lambda s, t, u, v: (u, s, s),
    "noise, noise": lambda s, t, u, v: (u, v, s),
    "s, 20 % s": lambda s, t, u, v: (s, 0.2 * s + 0.8 * u, s),
    "s, 40 % s": lambda s, t, u, v: (s, 0.4 * s + 0.6 * u, s),
    "s, 60 % s": lambda s, t, u, v: (s, 0.6 * s + 0.4 * u, s),
    "s, 80 % s": lambda s, t, u, v: (s, 0.8 * s + 0.2 * u, s),
    "s, 99 % s": lambda s, t, u, v: (s, 0.99 * s + 0.01 * u, s),
    "s, s": lambda s, t, u, v: (s, s, s),
    "s, t": lambda s, t, u, v: (s, t, (s + t) / np.sqrt(2)),
}


# ---- intervals


def coverage(
    experiments: int = 1000, rng: Rng = 0, observers: int = OBSERVERS, identities: int = IDENTITIES
) -> pd.DataFrame:
    """How often 95 % intervals of a mean hold the truth, of so many simulated crossed experiments.

    Returns
    -------
    DataFrame with columns case, effects, realistic, crossed, bootstrap, nested
        A row a mixture of variances and a distribution of effects, normal or skewed (as exponential variables
        are). Share of intervals that hold the truth: `crossed_interval`, percentiles of `crossed_bootstrap`, and
        those of `hierarchical_bootstrap`, which takes identities to be others for every observer.
    """
    rng, rows = np.random.default_rng(rng), []
    for case, variances in (REALISTIC | EXTREME).items():
        for effects, draw in (("normal", rng.standard_normal), ("skewed", lambda size: rng.exponential(size=size) - 1)):
            scores = _crossed_scores(variances, (observers, identities, FOLDS, experiments), draw)
            held = _held(scores, rng)
            rows.append({"case": case, "effects": effects, "realistic": case in REALISTIC, **held})
    return pd.DataFrame(rows)


def _crossed_scores(variances: tuple, size: tuple, draw: Callable[[tuple], np.ndarray]) -> np.ndarray:
    """Scores (observers, identities, folds, experiments) around a true mean of 0."""
    n_o, n_i, folds, experiments = size
    sizes = (n_o, 1, 1, experiments), (1, n_i, 1, experiments), (n_o, n_i, 1, experiments), size
    return sum(np.sqrt(variance) * draw(one) for variance, one in zip(variances, sizes, strict=True))


def _held(scores: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
    """Share of experiments whose intervals hold 0, for three ways of making them."""
    cells = scores.mean(axis=2)
    found = crossed_interval(cells)
    samples = {
        "bootstrap": crossed_bootstrap(cells, SAMPLES, rng),
        "nested": hierarchical_bootstrap(scores, 3, SAMPLES, rng),
    }
    ends = {name: np.percentile(drawn, [2.5, 97.5], axis=0) for name, drawn in samples.items()}
    return _share_holding(0, {"crossed": (found.low, found.high), **ends})


def _share_holding(truth: float, ends: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    """Share of intervals (low, high) that hold the truth, by name."""
    return {name: float(np.mean((low <= truth) & (high >= truth))) for name, (low, high) in ends.items()}


def slope_coverage(experiments: int = 1000, rng: Rng = 0) -> pd.DataFrame:
    """How often `crossed_jackknife` holds the true slope of scores over observers, when identities have own slopes.

    Observers are known by a number that runs evenly from 0 to 1, such as a planted share of shape. Returned are
    the columns case, crossed, and regression: its share if the observers' means are regressed as if identities
    did not matter.
    """
    rng, rows = np.random.default_rng(rng), []
    known = np.linspace(0, 1, OBSERVERS)
    for case, (own, slopes, rest) in {
        "slopes of identities differ": (0.2, 0.3, 0.2),
        "slopes of identities alike": (0.2, 0.0, 0.2),
        "observers alike": (0.0, 0.3, 0.2),
    }.items():
        size = (OBSERVERS, IDENTITIES, experiments)
        scores = own * rng.standard_normal((OBSERVERS, 1, experiments)) + rest * rng.standard_normal(size)
        scores = scores + rng.standard_normal((1, IDENTITIES, experiments))
        scores = scores + known[:, None, None] * (1 + slopes * rng.standard_normal((1, IDENTITIES, experiments)))
        crossed = crossed_jackknife(lambda o, i, s=scores: _slope(known[o], s[o][:, i].mean(axis=1)), *size[:2])
        ends = {
            "crossed": (crossed.low, crossed.high),
            "regression": _regression(known, scores.mean(axis=1)),
        }
        rows.append({"case": case, **_share_holding(1, ends)})
    return pd.DataFrame(rows)


def _slope(known: np.ndarray, means: np.ndarray) -> np.ndarray:
    away = known - known.mean()
    return away @ means / (away @ away)


def _regression(known: np.ndarray, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the textbook's interval of a slope of means (observers, experiments): only observers are drawn."""
    away, slope = known - known.mean(), _slope(known, means)
    left = means - means.mean(axis=0) - away[:, None] * slope
    df = len(known) - 2
    half = stats.t.ppf(0.975, df) * np.sqrt(np.square(left).sum(axis=0) / df / (away @ away))
    return slope - half, slope + half


# ---- information above chance


def redundancy_bias(repeats: int = 400, rng: Rng = 0) -> pd.DataFrame:
    """How far the atoms above chance are from the truth, in folds of 200 trials.

    Ratings follow a source s, or s and t alike, with noise; the two predictions are sources, noise, or mixtures.

    Returns
    -------
    DataFrame with columns pair, atom, true, mean, bias, error
        Bits; `true` is what 400,000 trials give, `error` the standard error of mean and bias. In the pair "s, t"
        the sources are independent: what they share is in what they tell, not in what they are.
    """
    rng, rows = np.random.default_rng(rng), []
    for pair in PAIRS:
        found = pid_above_chance(*_simulated_pair(pair, (FOLD_TRIALS, repeats), rng))
        truth = information.binned_pid(*_simulated_pair(pair, (MANY_TRIALS, 1), rng))
        for atom, values in vars(found).items():
            true, mean, error = float(getattr(truth, atom)[0]), values.mean(), values.std() / np.sqrt(repeats)
            rows.append({"pair": pair, "atom": atom, "true": true, "mean": mean, "bias": mean - true, "error": error})
    return pd.DataFrame(rows)


def _simulated_pair(pair: str, size: tuple[int, int], rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Predictions A and B and ratings, each (n_trials, repeats)."""
    a, b, told = PAIRS[pair](*rng.standard_normal((4, *size)))
    felt = (told - told.mean(axis=0)) / told.std(axis=0) + NOISE * rng.standard_normal(size)
    return a, b, 1 + np.searchsorted(CRITERIA, felt)
