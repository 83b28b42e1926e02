"""The face bandit: two women, one of whom pays more often; you choose, and see your prediction error.

A simulated learner (Rescorla-Wagner) goes through your experiences with you: it says what one could have
expected. Coins are drawn once for a seed, so that the same choices bring the same coins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kit.faces import load
from kit.faces.pictures import encoded
from kit.faces.snapshots import snapshots
from kit.networks.basics.reinforcement import rescorla_wagner
from kit.plots.looks import PALETTE
from kit.teaching.markup import heading, inline
from kit.teaching.shell import Shell

from .canvas import Canvas
from .live_picture import data_url

RATE = 0.3  # of the learner that goes along
OFTEN, SELDOM = 0.8, 0.2  # how often the two women pay
SIZE = 180
STYLE = """<style>
.tk-face-bandit .tk-pair { display: flex; gap: 1em; margin: .6em 0; }
.tk-face-bandit .tk-pair button { margin: 0; padding: 6px; text-align: center; }
.tk-face-bandit .tk-pair img { display: block; border-radius: 4px; margin-bottom: .3em; }
</style>"""


@dataclass(frozen=True, eq=False)
class Bandit:
    """All trials, and the choices so far (0 left, 1 right).

    Parameters
    ----------
    pictures : tuple of (left, right) JPEGs
    left : int array of shape (n,)
        Which woman, 0 or 1, stands on the left.
    coins : int array of shape (n, 2)
        What each woman would pay in each trial.
    """

    pictures: tuple[tuple[bytes, bytes], ...]
    left: np.ndarray
    coins: np.ndarray
    chosen: tuple[int, ...] = ()

    @property
    def over(self) -> bool:
        return len(self.chosen) == len(self.left)

    def act(self, message: dict) -> Bandit:
        """Choose the left or the right woman (`row` 0 or 1), or play again."""
        if message["action"] == "again":
            return replace(self, chosen=())
        if self.over or message.get("row") not in ("0", "1"):
            return self
        return replace(self, chosen=(*self.chosen, int(message["row"])))

    @property
    def women(self) -> np.ndarray:
        """Which woman each choice took: 0 or 1."""
        return np.abs(self.left[: len(self.chosen)] - np.array(self.chosen, int))

    @property
    def rewards(self) -> np.ndarray:
        return self.coins[np.arange(len(self.chosen)), self.women]

    @property
    def errors(self) -> np.ndarray:
        """Prediction errors of a learner with the same experiences."""
        return rescorla_wagner(self.women, self.rewards, RATE)[1]

    # ---- what it looks like

    def live(self) -> str:
        return STYLE + (self._end() if self.over else self._trial())

    def _trial(self) -> str:
        number = len(self.chosen)
        count = f"Trial {number + 1} of {len(self.left)}, coins so far: {self.rewards.sum()}"
        buttons = "".join(self._button(side, jpeg) for side, jpeg in enumerate(self.pictures[number]))
        news = f"<p>{inline(self.status())}</p>" if self.chosen else ""
        ask = "Two simulated women, in new pictures each time. One of them pays more often. Whom do you choose?"
        return f'{heading(count, ask)}<div class="tk-pair" role="group" aria-label="Two women">{buttons}</div>{news}'

    def _button(self, side: int, jpeg: bytes) -> str:
        name = ("left", "right")[side]
        focus = " data-focus" if self.chosen and self.chosen[-1] == side else ""
        return (
            f'<div data-row="{side}"><button type="button" data-action="choose" data-id="{name}"{focus} '
            f'aria-label="the woman on the {name}"><img alt="" src="{data_url(jpeg)}">{name}</button></div>'
        )

    def _end(self) -> str:
        return (
            f"{heading('All trials are played', 'What you learned, and how surprised one could be')}"
            f"<p>{inline(self.status())}</p>{self._chart()}"
            '<div><button type="button" data-action="again" data-id="again" data-focus>Play again</button></div>'
        )

    def _chart(self) -> str:
        words = "Prediction error in each trial: " + ", ".join(f"{e:+.2f}" for e in self.errors) + "."
        return f'<img class="tk-chart" alt="{words.replace("-", "−")}" src="{data_url(encoded(chart(self.errors)))}">'

    def status(self) -> str:
        if not self.chosen:
            return ""
        if self.over:
            better = np.mean(self.women == self.coins.sum(axis=0).argmax())
            values = self.errors[-1] * RATE + (self.rewards - self.errors)[-1]
            return (
                f"{self.rewards.sum()} coins in {len(self.left)} trials (simulated); you chose the woman who paid more "
                f"often in {better:.0%} of them. The learner now expects {values:.2f} of the one you chose last."
            )
        got, error = self.rewards[-1], self.errors[-1]
        words = f"**{'1 coin' if got else 'Nothing'}.** A simulated learner in your place expected {got - error:.2f}: "
        return words + f"prediction error {error:+.2f}.".replace("-", "−")

    def static(self) -> str:
        images = "".join(f'<img alt="a woman" src="{data_url(jpeg)}">' for jpeg in self.pictures[0])
        ask = "Which of the two pays more often? (Run this cell in a live notebook to play.)"
        return f"{heading('The face bandit', ask)}<div>{images}</div>"


def chart(errors: np.ndarray) -> np.ndarray:
    """Prediction errors (n,) as bars, blue above zero and orange below, uint8 (190, 560, 3)."""
    canvas, zero, scale = Canvas(560, 190), 100, 70
    canvas.text(280, 14, "prediction error in each trial", 16)
    width = 500 / len(errors)
    for k, error in enumerate(errors):
        x = 50 + k * width
        low, high = sorted((zero, zero - scale * error))
        canvas.frame((x + 2, low, x + width - 2, high), fill=PALETTE[0] if error > 0 else PALETTE[1], width=1)
    canvas.line([(46, zero), (554, zero)], width=1)
    for value in (-1, 0, 1):
        canvas.text(40, zero - scale * value, f"{value:+d}" if value else "0", 14, anchor="rm")
    return canvas.image()


def compute(trials: int = 20, rng: int = 0) -> Bandit:
    """A game: two women of one age and archetype, new views and lamps each time."""
    dice = np.random.default_rng(rng)
    women = load().sample(2, "female", 35, "caucasian", rng=dice)
    views = [snapshots(women[[who]], trials, size=SIZE, rng=dice).images for who in (0, 1)]
    left, good = dice.integers(2, size=trials), dice.integers(2)
    chance = np.where(np.arange(2) == good, OFTEN, SELDOM)
    coins = (dice.random((trials, 2)) < chance).astype(int)
    pairs = tuple((encoded(views[w][k]), encoded(views[1 - w][k])) for k, w in enumerate(left))
    return Bandit(pairs, left, coins)


def face_bandit(trials: int = 20, rng: int = 0) -> None:
    """Play: find out which of two women pays more often.

    Parameters
    ----------
    trials : how many choices.
    rng : seed; another one makes another game.
    """
    Shell(compute(trials, rng), "face-bandit", "face-bandit")
