"""On what a claim may stand: intervals over observers and identities, the best of several, and what bars a claim."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kit.analysis.statistics import Interval, crossed_interval, crossed_jackknife

from .contrasts import Cells, cells
from .figures import label
from .results import Results
from .space_names import OTHER, PIXELS, TRAINED, UNTRAINED


@dataclass(frozen=True)
class Evidence:
    """Tests of one claim, all of which must come out above 0, in words; or why it cannot be judged.

    Attributes
    ----------
    words : str
    tests : list of Interval
        Of how far each statistic lies above its threshold.
    barred : str
        Why the claim must not be made of these data, whatever the tests say; "" if it may.
    """

    words: str
    tests: tuple[Interval, ...] = ()
    barred: str = ""

    @property
    def p(self) -> float:
        """All tests must hold, so the claim is as sure as the least sure of them (intersection-union)."""
        return float("nan") if self.barred else float(max(test.p for test in self.tests))

    @property
    def lows(self) -> list[float]:
        return [float(test.low) for test in self.tests]

    def refuted(self, alpha: float) -> bool:
        """Whether some test lies below 0; the more tests a claim has, the surer that one has to be (Bonferroni)."""
        return any(test.mean < 0 and len(self.tests) * test.p < alpha for test in self.tests)


# ---- what bars a claim


def alone(scores: pd.DataFrame) -> str:
    """Why nothing is claimed where one observer rated; "" where several did."""
    alone = scores["observer"].nunique() < 2
    return "Of one observer nothing is claimed: it takes several to say what holds for others." if alone else ""


def predicted(results: Results, name: str) -> bool:
    """Whether a system predicts several observers above chance, the gate of every claim about it."""
    scores = results.main_scores()
    return not (alone(scores) or unpredicted(order(scores).of(name), name))


def order(scores: pd.DataFrame) -> Cells:
    """Kendall's tau of every system's held-out predictions with the ratings; equal predictions order nothing."""
    return cells(scores.fillna({"tau": 0.0}), "tau")


def unpredicted(tau: np.ndarray, name: str) -> str:
    """Why nothing may be said of a system's prediction, by its tau (o, i): it is not above chance.

    That is a question about these identities, so only observers are drawn: where nothing is predicted, no identity is.
    Information would not do. Its closed-form correction leaves some bias (.001 bits at 90 trials a fold, .006 at 40),
    which with 14 guessers is above 0 in one of ten sessions; their tau is 0 on average.
    """
    found = crossed_interval(tau.mean(axis=1, keepdims=True))
    return "" if found.low > 0 else f"{name}: a prediction above chance is not shown (tau {in_bits(found, '')})."


def share_above(part: np.ndarray, whole: np.ndarray, threshold: float = 0.0) -> Interval:
    """How far a part (o, i) of some information (o, i) is above a share of it, over observers and identities.

    Identities differ in how much is told of them, and parts differ with the whole. Their ratio does not, which is why
    few identities say much about it and little about bits.
    """

    def above(observers: np.ndarray, identities: np.ndarray) -> float:
        cells = np.ix_(observers, identities)
        return part[cells].sum() / whole[cells].sum() - threshold

    return crossed_jackknife(above, *part.shape)


def percent(found: Interval, threshold: float = 0.0) -> str:
    """A share with its interval in words, the threshold that was subtracted added again."""
    mean, low, high = (100 * (value + threshold) for value in (found.mean, found.low, found.high))
    return f"{mean:.0f} %, 95 %: {low:.0f} to {high:.0f} %"


def more_or_less(found: Interval) -> str:
    """A share by which one thing exceeds another, in words that say which way it goes, with its interval."""
    mean, low, high = (round(100 * value) for value in (found.mean, found.low, found.high))
    between = f"{abs(low)} to {abs(high)} %" if low * high >= 0 else f"{-low} % less to {high} % more"
    return f"{abs(mean)} % {'more' if mean >= 0 else 'less'}, 95 %: {between},"


def in_bits(found: Interval, unit: str = "bits", digits: int = 3) -> str:
    """A difference with its interval in words."""
    said = f"{found.mean:+.{digits}f} {unit}".rstrip()
    return f"{said}, 95 %: {found.low:+.{digits}f} to {found.high:+.{digits}f}"


# ---- the best of several, chosen on other observers


def cross_fitted(values: np.ndarray) -> np.ndarray:
    """Which system is the best for each observer, by the mean of the observers of the other half: rows (o,).

    Chosen and tested on the same observers, the best of ten is too good: it was chosen for its luck, too.

    Parameters
    ----------
    values : array of shape (n_observers >= 2, n_identities, n_systems)
    """
    half = np.arange(len(values)) % 2
    best = [int(values[half != own].mean(axis=(0, 1)).argmax()) for own in (0, 1)]
    return np.array(best)[half]


def picked(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The chosen system's score (o, i) of each observer, from values (o, i, n_systems) and rows (o,)."""
    return np.take_along_axis(values, rows[:, None, None], axis=2)[:, :, 0]


def chosen(names: list[str], rows: np.ndarray) -> str:
    """The systems that were chosen, rows (o,) of the names, as figures call them."""
    return " and ".join(label(names[row]) for row in dict.fromkeys(rows))


def networks(results: Results) -> list[str]:
    """Names of all networks that were compared, whether or not it is known how they were trained."""
    return [*results.in_role(TRAINED), *results.in_role(OTHER)]


def plain(results: Results) -> list[str]:
    """Names of the systems that need no training on faces: pixels and random weights."""
    return [*results.in_role(PIXELS), *results.in_role(UNTRAINED)]
