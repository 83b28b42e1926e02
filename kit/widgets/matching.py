"""The matching game: which of four faces wears the same texture, or has the same shape, as the sample?

The four are seen from another side and under another light, so that pixels alone do not give the answer
away; one of them is a lure that shares the *other* part with the sample.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from kit.faces import Faces, concat, load
from kit.faces.pictures import encoded
from kit.teaching.markup import fold, heading, inline
from kit.teaching.shell import Shell

from .live_picture import data_url

SIZE = 232
CROP = (slice(12, 184), slice(30, 202))  # rows and columns of the picture that hold every head
LETTERS = "ABCD"
KINDS = ("texture", "shape")
OTHER = {"texture": "shape", "shape": "texture"}
STRENGTH = 1.2  # caricatured a little: with six rounds the parts should be clear to see
AGES, ANCESTRIES = (22, 55), ("african", "asian", "caucasian")
LOOK_AT = {
    "texture": "brows, lips, freckles and the tone of the skin stay; outline, nose and jaw do not tell",
    "shape": "outline, jaw, nose and the distances between features stay; brows, lips and skin do not tell",
}
STYLE = Path(__file__).with_name("matching.css")


@dataclass(frozen=True)
class Round:
    """One question: the sample, four faces, and which of them share texture or shape with it."""

    kind: str
    sample: Faces
    options: Faces
    answer: int
    lure: int


@dataclass(frozen=True)
class MatchingGame:
    """The rounds, the places chosen so far, and whether the last choice is still being looked at."""

    rounds: tuple[Round, ...]
    chosen: tuple[int, ...] = ()
    looking: bool = False

    @property
    def over(self) -> bool:
        return len(self.chosen) == len(self.rounds) and not self.looking

    @property
    def number(self) -> int:
        """Place of the round on show."""
        return len(self.chosen) - self.looking

    def act(self, message: dict) -> MatchingGame:
        """Choose a face (`row` is its place), go on to the next round, or play again."""
        if message["action"] == "again":
            return MatchingGame(self.rounds)
        if message["action"] == "next":
            return replace(self, looking=False)
        if self.looking or self.over or message.get("row") not in tuple("0123"):
            return self
        return replace(self, chosen=(*self.chosen, int(message["row"])), looking=True)

    def score(self, kind: str) -> tuple[int, int]:
        """How many rounds of a kind were right, and how many were played."""
        played = [(r.answer == c) for r, c in zip(self.rounds, self.chosen) if r.kind == kind]
        return sum(played), len(played)

    def lured(self) -> int:
        """How often the lure was chosen."""
        return sum(r.lure == c for r, c in zip(self.rounds, self.chosen))

    # ---- what it looks like

    def live(self) -> str:
        style = f"<style>{STYLE.read_text(encoding='utf-8')}</style>"
        return style + (self._end() if self.over else self._round())

    def _round(self) -> str:
        shown = self.rounds[self.number]
        pictures = image(shown)
        options = "".join(self._option(k, jpeg) for k, jpeg in enumerate(pictures[1:]))
        right = sum(r.answer == c for r, c in zip(self.rounds, self.chosen))
        count = f"Round {self.number + 1} of {len(self.rounds)}, {right} right so far"
        return (
            f"{heading(count, question(shown))}"
            f'<div class="tk-board"><figure><img alt="The sample" src="{data_url(pictures[0])}">'
            f"<figcaption>the sample</figcaption></figure>"
            f'<div class="tk-options" role="group" aria-label="Four faces">{options}</div></div>{self._feedback()}'
        )

    def _option(self, place: int, jpeg: bytes) -> str:
        mark, state = self._mark(place), " disabled" if self.looking else ""
        focus = " data-focus" if place == 0 and self.chosen and not self.looking else ""
        words = f"Face {LETTERS[place]}{', ' + mark if mark else ''}"
        return (
            f'<div data-row="{place}"><button type="button" data-action="choose" data-id="face-{place}"'
            f'{state}{focus} aria-label="{words}" class="{"tk-marked" if mark else ""}">'
            f'<img alt="" src="{data_url(jpeg)}"><span>{LETTERS[place]} {mark}</span></button></div>'
        )

    def _mark(self, place: int) -> str:
        if not self.looking:
            return ""
        if place == self.rounds[self.number].answer:
            return f"✓ same {self.rounds[self.number].kind}"
        return "✗ your choice" if place == self.chosen[-1] else ""

    def _feedback(self) -> str:
        if not self.looking:
            return ""
        verdict = "tk-right" if self.chosen[-1] == self.rounds[self.number].answer else "tk-wrong"
        last = len(self.chosen) == len(self.rounds)
        return (
            f'<div class="{verdict}"><p>{inline(self.status())}</p></div>'
            f'<button type="button" data-action="next" data-id="next" data-focus>'
            f"{'See how you did' if last else 'Next round'}</button>"
        )

    def _end(self) -> str:
        return (
            f'{heading("The game is over", "How you did")}<p class="tk-result">{inline(self.status())}</p>'
            '<button type="button" data-action="again" data-id="again" data-focus>Play the same rounds again</button>'
        )

    def status(self) -> str:
        if self.over:
            parts = [f"{k}: {self.score(k)[0]} of {self.score(k)[1]} right" for k in KINDS if self.score(k)[1]]
            return f"{'; '.join(parts)}. You took the lure {self.lured()} times. Guessing finds one in four."
        return reason(self.rounds[self.number], self.chosen[-1]) if self.looking else ""

    def static(self) -> str:
        shown = self.rounds[0]
        pictures, names = image(shown), ("sample", *LETTERS)
        images = "".join(
            f'<figure style="display:inline-block;margin:.3em"><img alt="{name}" src="{data_url(jpeg)}">'
            f"<figcaption>{name}</figcaption></figure>"
            for name, jpeg in zip(names, pictures)
        )
        answer = fold("Answer", f"<p>{inline(reason(shown, shown.answer))}</p>")
        return f"{heading('Matching game, first round', question(shown))}<div>{images}</div>{answer}"


def question(shown: Round) -> str:
    """What a round asks."""
    verb = "wears the same **texture** as" if shown.kind == "texture" else "has the same **shape** as"
    return f"Which face {verb} the sample?"


def reason(shown: Round, choice: int) -> str:
    """Why a choice is right or wrong."""
    kind, right = shown.kind, LETTERS[shown.answer]
    if choice == shown.answer:
        return f"✓ Right: {right} has the sample's {kind} and another {OTHER[kind]}. What helps: {LOOK_AT[kind]}."
    if choice == shown.lure:
        has = f"{LETTERS[choice]} is the lure: it has the sample's {OTHER[kind]}, but another {kind}"
    else:
        has = f"{LETTERS[choice]} shares neither shape nor texture with the sample"
    return f"✗ Not this one: {has}. It was {right}. What helps: {LOOK_AT[kind]}."


def compute(rounds: int = 6, rng: int | np.random.Generator | None = None) -> MatchingGame:
    """A game whose rounds ask for texture and shape in turn."""
    rng = np.random.default_rng(rng)
    return MatchingGame(tuple(_round(KINDS[k % 2], rng) for k in range(rounds)))


def _round(kind: str, rng: np.random.Generator) -> Round:
    sex, age = rng.choice(["female", "male"]), rng.uniform(*AGES)
    people = load().sample(5, sex, age, ANCESTRIES[rng.integers(3)], rng=rng).caricature(STRENGTH)
    sample, first, second, third, fourth = people
    same_texture, same_shape = first.with_texture(sample), second.with_shape(sample)
    target, lure = (same_texture, same_shape) if kind == "texture" else (same_shape, same_texture)
    order = rng.permutation(4)
    options = concat([target, lure, third, fourth])[np.argsort(order)]
    return Round(kind, sample, options, int(order[0]), int(order[1]))


@lru_cache(maxsize=16)
def image(shown: Round) -> tuple[bytes, ...]:
    """JPEGs of the sample, from the front, and of the four, turned and lit from the side."""
    sample = shown.sample.render(SIZE, light=(0, 30))
    options = shown.options.render(SIZE, yaw=20, light=(35, 30))
    return tuple(encoded(picture[CROP]) for picture in (*sample, *options))


def matching_game(rounds: int = 6, rng: int | None = 0) -> None:
    """Play: find the face that shares texture, or shape, with the sample.

    Parameters
    ----------
    rounds : how many; they ask for texture and shape in turn.
    rng : seed; another one makes another game.
    """
    Shell(compute(rounds, rng), "matching-game", "matching-game")
