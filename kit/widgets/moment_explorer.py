"""A moment of simulated EEG: its map on the head, and when else its decoder would work."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kit.brain.eeg import Epochs
from kit.brain.time_resolved import generalise
from kit.plots.images import topography
from kit.plots.looks import INK, LINE, PALETTE, QUIET
from kit.plots.signs import minus

from .canvas import Canvas
from .live_picture import Choice, Group, Slider, Values
from .wide_picture import WidePicture

QUESTIONS = ("who it is", "how broad the face is")
HEAD, WIDTH, HEIGHT = 270, 720, 330
LEFT, RIGHT, TOP, BOTTOM = 350, 704, 56, 274  # of the chart, in pixels
HIGHEST = 0.85


@dataclass(frozen=True, eq=False)
class MomentScene:
    """What the widget shows of a recording.

    Parameters
    ----------
    epochs : Epochs of the kit's 32 sensors
    person : int array of shape (n_trials,)
    structure : array of shape (n_trials,)
    """

    epochs: Epochs
    person: np.ndarray
    structure: np.ndarray

    @cached_property
    def accuracy(self) -> dict[str, np.ndarray]:
        """For both questions, accuracy of the decoder of each moment (rows) at each moment."""
        broad = self.structure > np.median(self.structure)
        return {q: generalise(self.epochs.data, labels) for q, labels in zip(QUESTIONS, (self.person, broad))}

    @cached_property
    def maps(self) -> dict[str, np.ndarray]:
        """For both questions, what differs at each sensor and moment (32, n_times), in microvolts."""
        people = [self.epochs.data[self.person == k].mean(axis=0) for k in range(self.person.max() + 1)]
        z = (self.structure - self.structure.mean()) / self.structure.std()
        slope = np.tensordot(z, self.epochs.data, axes=(0, 0)) / len(z)
        return {QUESTIONS[0]: people[0] - np.mean(people[1:], axis=0), QUESTIONS[1]: slope}

    @property
    def chance(self) -> dict[str, float]:
        """How often guessing is right."""
        return {QUESTIONS[0]: 1 / (self.person.max() + 1), QUESTIONS[1]: 0.5}

    def moment(self, values: Values) -> int:
        """Index of the chosen moment."""
        return int(np.abs(1000 * self.epochs.times - values["moment"]).argmin())

    def drawing(self, values: Values) -> Canvas:
        """The head at this moment, and the two lines."""
        question, at = values["question"], self.moment(values)
        canvas, shown = Canvas(WIDTH, HEIGHT), self.maps[question]
        title = "Ada minus the others, microvolts" if question == QUESTIONS[0] else "microvolts for a broader face"
        most = float(np.abs(shown).max())
        canvas.text(160, 18, title, 16)
        canvas.pixels(topography(shown[:, at], most, HEAD), 25, 38, HEAD)
        canvas.text(160, 318, f"blue -{most:.1f}, grey 0, orange +{most:.1f}", 14)
        self._chart(canvas, question, at)
        return canvas

    def _chart(self, canvas: Canvas, question: str, at: int) -> None:
        ms, grid, chance = 1000 * self.epochs.times, self.accuracy[question], self.chance[question]
        across = LEFT + (ms - ms[0]) / (ms[-1] - ms[0]) * (RIGHT - LEFT)
        for tick in range(-200, 601, 200):
            canvas.text(np.interp(tick, ms, across), BOTTOM + 18, f"{tick}", 14)
        canvas.text((LEFT + RIGHT) / 2, BOTTOM + 42, "ms after the face appears", 14)
        for level in (chance, *(k for k in (0.25, 0.5, 0.75) if k > chance)):
            canvas.line([(LEFT, _down(level)), (RIGHT, _down(level))], INK if level == chance else LINE, 1)
            canvas.text(LEFT - 6, _down(level), f"{level:.0%}", 14, anchor="rm")
        canvas.line([(across[at], TOP), (across[at], BOTTOM)], INK, 1)
        own, here = np.diagonal(grid), grid[at]
        canvas.line(np.column_stack([across, _down(own)]), QUIET, 2)
        canvas.line(np.column_stack([across, _down(here)]), PALETTE[1], 3)
        canvas.line([(LEFT, 18), (LEFT + 24, 18)], QUIET, 2)
        canvas.text(LEFT + 30, 18, "each moment's own decoder", 14, anchor="lm")
        canvas.line([(LEFT, 40), (LEFT + 24, 40)], PALETTE[1], 3)
        canvas.text(LEFT + 30, 40, minus(f"the decoder of {ms[at]:.0f} ms, tested at all"), 14, anchor="lm")

    def describe(self, values: Values) -> str:
        """What the picture shows, in words."""
        at, grid = self.moment(values), self.accuracy[values["question"]]
        ms = 1000 * self.epochs.times
        elsewhere = np.abs(ms - ms[at]) > 100
        best = int(np.where(elsewhere, grid[at], 0).argmax())
        words = (
            f"{self.epochs.origin} EEG at {ms[at]:.0f} ms. A decoder trained here tells {values['question']} in "
            f"{grid[at, at]:.0%} of new trials here, and in at most {grid[at, best]:.0%} at moments more than 100 ms "
            f"away; guessing gives {self.chance[values['question']]:.0%}."
        )
        return minus(words)

    def show(self) -> None:
        controls = (
            Slider("moment", "moment", -200, 600, 10, 100, " ms"),
            Choice("question", "what is told", QUESTIONS, QUESTIONS[0]),
        )
        groups = [Group("Simulated EEG", controls)]
        WidePicture(groups, lambda v: (self.drawing(v), self.describe(v))).show("explore-moments")


def _down(share: float | np.ndarray) -> float | np.ndarray:
    return BOTTOM - np.clip((np.asarray(share) - 0.1) / (HIGHEST - 0.1), 0, 1) * (BOTTOM - TOP)


def explore_moments(epochs: Epochs, person: np.ndarray, structure: np.ndarray) -> None:
    """Choose a moment: see its map on the head, and when its decoder works.

    Parameters
    ----------
    epochs : Epochs of the kit's 32 sensors
    person : int array of shape (n_trials,)
    structure : array of shape (n_trials,)
    """
    MomentScene(epochs, np.asarray(person), np.asarray(structure)).show()
