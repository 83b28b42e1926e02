"""Are you right as often as you are sure? Your own predictions of all lessons, as a calibration curve.

Fischhoff, Slovic & Lichtenstein (1977), JEP: Human Perception and Performance 3:552; the score is that of Brier (1950),
Monthly Weather Review 78:1.
"""

import os
import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from .history import my_predictions
from .shell import headless

ENOUGH = 10  # predictions with a known outcome
EDGES = (0, 40, 60, 80, 101)  # percent of confidence


@dataclass(frozen=True)
class Level:
    """Predictions of about the same confidence, in percent.

    Parameters
    ----------
    n : how many there are.
    confidence : their mean confidence.
    right : share that was right.
    low, high : 95 % interval of that share (Wilson).
    """

    n: int
    confidence: float
    right: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """Confidences and whether each prediction was right; what they say together.

    Parameters
    ----------
    confidence : sequence of n numbers
        Percent.
    correct : sequence of n bools
    simulated : bool
        Whether this is the simulated student, shown where nobody has predicted enough.
    """

    confidence: Sequence[float]
    correct: Sequence[bool]
    simulated: bool = False

    def levels(self) -> list[Level]:
        """The predictions in up to four groups of confidence."""
        groups: dict[int, list[tuple[float, bool]]] = {}
        for sure, right in zip(self.confidence, self.correct):
            groups.setdefault(bisect_right(EDGES, sure), []).append((sure, right))
        return [_level(groups[k]) for k in sorted(groups)]

    @property
    def overconfidence(self) -> float:
        """Mean confidence minus share right, in percentage points; negative for the modest."""
        return fmean(self.confidence) - 100 * fmean(self.correct)

    @property
    def brier(self) -> float:
        """Mean squared distance of confidence and outcome: 0 is perfect, .25 is saying 50 % always."""
        return fmean((sure / 100 - right) ** 2 for sure, right in zip(self.confidence, self.correct))

    def said(self) -> str:
        """The curve in words."""
        who = "A simulated student" if self.simulated else "You"
        sure, right = fmean(self.confidence), 100 * fmean(self.correct)
        judged = "more sure than right" if self.overconfidence > 0 else "more right than sure"
        return (
            f"{who}: {len(self.correct)} predictions, {sure:.0f} % sure on average, {right:.0f} % right: "
            f"{abs(self.overconfidence):.0f} points {judged}. Brier score {self.brier:.2f} (0 is perfect; always "
            "saying 50 % gives .25)."
        )


def _level(group: list[tuple[float, bool]]) -> Level:
    from scipy.stats import binomtest  # takes a second to load

    n, hits = len(group), sum(right for _, right in group)
    between = binomtest(hits, n).proportion_ci(method="wilson")
    return Level(n, fmean(sure for sure, _ in group), 100 * hits / n, 100 * between.low, 100 * between.high)


def calibration(store: str | os.PathLike | None = None) -> Calibration:
    """Your predictions whose outcome you have seen; a *simulated* student's where there are fewer than ten.

    Only those whose confidence you chose yourself, and that could be known, count.

    Parameters
    ----------
    store : file of your records; by default `predictions.jsonl` in the student's folder.
    """
    mine = [] if headless() else my_predictions(store)
    seen = [p for p in mine if p["correct"] is not None and p["counts"] is True]
    if len(seen) < ENOUGH:
        return simulated_student()
    return Calibration([p["confidence"] for p in seen], [bool(p["correct"]) for p in seen])


def simulated_student(n: int = 60, seed: int = 2) -> Calibration:
    """A *simulated* student who is right with a probability of 20 % plus half the confidence."""
    dice = random.Random(seed)
    confidence = [dice.randrange(20, 101, 5) for _ in range(n)]
    return Calibration(confidence, [dice.random() < 0.2 + sure / 200 for sure in confidence], simulated=True)
