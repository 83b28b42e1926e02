"""Silence filters of a network with two tasks, and watch both accuracies beside those after random lesions."""

from __future__ import annotations

from functools import cache

import numpy as np

from kit.networks.lesioned import lesions
from kit.networks.lesioned.two_tasks import TASKS, Exam, lesioned, random_groups
from kit.plots.looks import INK, LINE, PALETTE, QUIET

from .live_chart import LiveChart, svg, text
from .live_picture import Choice, Group, Slider, Values

ORDERS = ("harm people most", "harm things most", "like faces best", "chosen by lot")
MOST, DRAWS = 24, 40
LEFT, LONG, TOP, STEP, THICK = 96, 380, 62, 96, 44


class LesionExplorer:
    """An exam, and the orders in which filters can go.

    Parameters
    ----------
    exam : Exam
    order : int array of shape (2, units)
        The most harmful first, for people and for things; found with other pictures.
    """

    def __init__(self, exam: Exam, order: np.ndarray):
        self.exam, self.whole, self.units = exam, exam.accuracy(), order.shape[1]
        liked = np.argsort(-lesions.preference(exam.activity(), exam.shown.is_face), kind="stable")
        self.orders = dict(zip(ORDERS, (*order, liked)))
        self.band = cache(self._band)

    def _band(self, count: int) -> np.ndarray:
        """Quantiles (2, tasks) between which nine in ten lesions of so many random filters leave the accuracy."""
        lost = lesioned(self.exam, random_groups(self.units, count, DRAWS, rng=count))
        return np.quantile(self.whole - lost, [0.05, 0.95], axis=0)

    def compute(self, values: Values) -> np.ndarray:
        """Accuracy (2,) in both tasks with the chosen filters silenced."""
        count = int(values["count"])
        if values["order"] in self.orders:
            units = self.orders[values["order"]][:count]
        else:
            units = np.random.default_rng(int(values["lot"])).permutation(self.units)[:count]
        return self.whole - lesioned(self.exam, [units])[0]

    def figure(self, values: Values) -> str:
        """A bar for each task, the grey band of random lesions, and the whole network as a line; SVG."""
        parts = [text(LEFT, 26, f"{values['count']:g} of {self.units} filters silenced: {values['order']}")]
        bars = zip(TASKS, self.compute(values), self.whole, self.band(int(values["count"])).T)
        for k, (name, now, whole, band) in enumerate(bars):
            parts += _bar(TOP + k * STEP, name, now, whole, band, PALETTE[k])
        return svg(540, 300, *parts, *_scale(TOP + 2 * STEP - 20))

    def describe(self, values: Values) -> str:
        """What the picture shows, in words."""
        now, (low, high) = self.compute(values), self.band(int(values["count"]))
        told = [
            f"{n} {a:.0%} right (random lesions: {lo:.0%} to {hi:.0%})" for n, a, lo, hi in zip(TASKS, now, low, high)
        ]
        return f"{values['count']:g} filters silenced, {values['order']}: {'; '.join(told)}."

    def show(self) -> None:
        controls = (
            Choice("order", "which filters", ORDERS, ORDERS[0]),
            Slider("count", "how many", 0, MOST, 1, 6),
            Slider("lot", "lot", 1, 20, 1, 1),
        )
        for count in range(MOST + 1):
            self.band(count)  # beforehand, so that the slider need not wait
        group = Group("Lesion (the lot counts only when it decides)", controls)
        LiveChart([group], lambda values: (self.figure(values), self.describe(values))).show("lesion-explorer")


def _bar(y: float, name: str, now: float, whole: float, band: np.ndarray, colour: str) -> list[str]:
    low, high = LEFT + LONG * band
    return [
        text(LEFT - 10, y + THICK / 2 + 5, name, "end"),
        f'<rect x="{LEFT}" y="{y}" width="{LONG * now:.1f}" height="{THICK}" fill="{colour}"/>',
        f'<rect x="{low:.1f}" y="{y + THICK + 5}" width="{max(high - low, 2):.1f}" height="9" fill="{QUIET}"/>',
        f'<path d="M{LEFT + LONG * whole:.1f} {y - 6}v{THICK + 12}" stroke="{INK}" stroke-width="2"/>',
        text(LEFT + LONG + 14, y + THICK / 2 + 5, f"{now:.0%}"),
    ]


def _scale(y: float) -> list[str]:
    """The axis below the bars, with the place of guessing, and what the marks mean."""
    ticks = [text(LEFT + LONG * tick / 100, y + 20, f"{tick} %", "middle") for tick in (0, 50, 100)]
    guess = LEFT + LONG / 6
    return [
        f'<path d="M{LEFT} {y}h{LONG}" stroke="{LINE}"/>', *ticks,
        f'<path d="M{guess:.1f} {TOP - 14}V{y}" stroke="{INK}" stroke-dasharray="3 3"/>',
        text(guess, y + 20, "guessing", "middle", 'font-size="12"'),
        text(LEFT, y + 42, "black line: whole network · grey: 9 in 10 random lesions", "start", 'font-size="13"'),
    ]  # fmt: skip


def explore_lesions(exam: Exam, order: np.ndarray) -> None:
    """Show the lesions of an exam's network.

    Parameters
    ----------
    exam : Exam
    order : int array of shape (2, units)
        As `two_tasks.ranking` gives it, found with other pictures than the exam's.
    """
    LesionExplorer(exam, order).show()
