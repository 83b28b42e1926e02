"""The face that a class has in mind: what its ratings say, drawn again and again while they come.

Choices and ratings of many people round one identity are one reverse correlation. People differ in how strict they
are, which says nothing about faces: each person's ratings count from that person's own mean.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from kit import plots
from kit.analysis.nulls import permutations
from kit.analysis.reverse_correlation import linear_map
from kit.behavior.demo import PARTS
from kit.behavior.experiment import State
from kit.behavior.protocol import Procedure, target
from kit.faces import Faces, stimuli
from kit.faces.stimuli import PANEL, TRIALS
from kit.study import panels
from kit.study.templates import coefficients, surface_map, surface_maps, template

from .experiment import Experiment

LEAST = 30  # answers below which nothing is drawn
STRENGTH = 6  # rating at which the face is drawn: the highest
SHUFFLES = 199
LARGE = 0.25  # share of a part's surface that has to be sure before words speak of it
SIZE = 320
EVERY, SHARE = 4, 0.15  # seconds between two drawings at least; share of the time that drawing may take


@dataclass(frozen=True, eq=False)
class Portrait:
    """What ratings say about the face that people have in mind.

    Attributes
    ----------
    identity : str
    people, answers : int
    face, map, true : uint8 arrays of shape (SIZE, SIZE, 3)
        The face at the highest rating; how points move with the ratings where that is sure (orange outward, blue
        inward, grey not known); the face that was learned.
    sure : float
        Share of the face's points that are beyond chance (p < .05, corrected for all points).
    parts : dict of str to str
        "outward" or "inward" for each part of the face of which a quarter or more is sure.
    likeness, by_chance : float
        Correlation, point by point, of the way in which shape moves with the ratings and the way in which the learned
        face differs from the average; and what it exceeds in 5 of 100 random orders of the ratings.
    """

    identity: str
    people: int
    answers: int
    face: np.ndarray
    map: np.ndarray
    true: np.ndarray
    sure: float
    parts: dict[str, str]
    likeness: float
    by_chance: float

    @property
    def words(self) -> str:
        """What the pictures show, without the face that was learned."""
        told = f"From {self.answers:,} answers of {self.people} {'people' if self.people > 1 else 'person'}: "
        if not self.sure:
            return told + "no point of the face is beyond chance yet, so the face may still be anybody's."
        sure = f"{self.sure:.0%}" if self.sure >= 0.01 else "fewer than 1%"
        parts = ", ".join(f"{part} {way}" for part, way in self.parts.items())
        moves = f"As ratings rise, these move: {parts}. " if parts else ""
        return told + (
            f"{sure} of the face's points are beyond chance (p < .05, corrected). {moves}"
            "Grey is not known, which is not the same as not used."
        )

    @property
    def comparison(self) -> str:
        """Whether it leans towards the face that was learned."""
        leans = f"the preferred shape lies on {self.identity}'s own side of the average"
        found = f"point by point r = {self.likeness:.2f}; random answers exceed {self.by_chance:.2f} in 5 of 100 cases."
        if self.likeness > self.by_chance:
            return f"T{leans[1:]}: {found}"
        return f"Whether {leans} cannot be told yet: {found}"


def portraits(table: pd.DataFrame) -> list[Portrait]:
    """A portrait for each identity in a table of ratings, people together (columns: docs/ratings.md).

    Identities with fewer than 30 answers, or whose ratings do not differ, are left out.
    """
    found: dict[str, list[tuple[str, Faces, np.ndarray, Faces]]] = {}
    for own in panels.answers(table):
        trials = own.series.trials()
        part = (own.observer, trials.faces[own.chosen], own.rating.astype(float), trials.target)
        found.setdefault(own.series.identity, []).append(part)
    drawn = []
    for identity, parts in found.items():
        people, chosen, given, targets = zip(*parts)
        who = np.repeat(people, [len(values) for values in given])
        values = np.concatenate([coefficients(some) for some in chosen])
        drawn.append(portrait(identity, targets[0], values, np.concatenate(given), who))
    return [one for one in drawn if one]


def portrait(identity: str, learned: Faces, chosen: np.ndarray, rating: np.ndarray, who: np.ndarray) -> Portrait | None:
    """The portrait that chosen faces and their ratings draw; nothing if there are too few or all are the same.

    Parameters
    ----------
    identity : str
    learned : Faces of length 1
    chosen : array of shape (n, k + m)
        Shape and texture coefficients of the chosen faces.
    rating : array of shape (n,)
    who : array of shape (n,)
        Who gave each of them.
    """
    own = _from_own_mean(rating, who)
    if len(own) < LEAST or np.ptp(own) == 0:
        return None
    try:
        found = template(chosen, own + rating.mean())
    except (ValueError, RuntimeError):  # a line through so few answers that it has no spread, or does not settle
        return None
    drawn, k = found.at(STRENGTH, learned), learned.shape.shape[1]
    varies = np.flatnonzero(np.ptp(chosen[:, :k], axis=0))
    basis = surface_maps(np.eye(k), learned)
    shuffled = _shuffled(own, who)
    chance = linear_map(chosen[:, varies], basis[varies], own, shuffled)
    certain, way = chance.significant(), found.slope[:k] @ basis
    return Portrait(
        identity, len(np.unique(who)), len(rating), drawn.render(SIZE)[0],
        plots.face_map(learned.caricature(0), np.where(certain, way, 0), np.abs(way).max(), SIZE),
        learned.render(SIZE)[0], float(certain.mean()), _parts(learned, certain, way),
        *leaning(chosen[:, varies], basis[varies], own, shuffled, surface_map(learned)),
    )  # fmt: skip


def leaning(
    chosen: np.ndarray, basis: np.ndarray, rating: np.ndarray, shuffled: np.ndarray, true: np.ndarray
) -> tuple[float, float]:
    """Whether faces (n, k), seen as maps through a basis (k, v), move with ratings (n,) as a map (v,) says.

    Returns
    -------
    float, float
        Their correlation, and what the ratings in random orders (n, m) exceed in 5 % of cases.
    """
    ways = np.column_stack([rating, shuffled]).T @ (chosen - chosen.mean(axis=0)) @ basis
    found = np.corrcoef(true, ways)[0, 1:]
    return float(found[0]), float(np.quantile(found[1:], 0.95))


def _from_own_mean(rating: np.ndarray, who: np.ndarray) -> np.ndarray:
    _, person = np.unique(who, return_inverse=True)
    return rating - (np.bincount(person, rating) / np.bincount(person))[person]


def _shuffled(rating: np.ndarray, who: np.ndarray) -> np.ndarray:
    """Ratings in random order within each person: (n, SHUFFLES)."""
    rng, out = np.random.default_rng(0), np.empty((len(rating), SHUFFLES))
    for person in np.unique(who):
        own = who == person
        out[own] = permutations(rating[own], SHUFFLES, rng)
    return out


def _parts(face: Faces, certain: np.ndarray, way: np.ndarray) -> dict[str, str]:
    told = {}
    for part, names in PARTS.items():
        at = np.any([face.model.regions[name] for name in names], axis=0)
        if certain[at].mean() >= LARGE:
            told[part] = "outward" if way[at & certain].mean() > 0 else "inward"
    return told


class Portraits:
    """The portraits of a running experiment, drawn in a thread of their own when answers have come.

    Attributes
    ----------
    drawn : dict of str to Portrait
        By identity.
    version : int
        Grows whenever they are drawn anew.
    """

    def __init__(self, experiment: Experiment):
        self.experiment, self.drawn, self.version = experiment, {}, 0
        self._hand = ThreadPoolExecutor(1, "portraits")
        self._busy, self._upto, self._begun, self._next = False, 0, 0.0, 0.0

    def refresh(self, states: Iterable[State]) -> None:
        """Begin to draw anew if there are answers that are not in the portraits, and nothing is being drawn."""
        loop, states = asyncio.get_running_loop(), [state for state in states if state.counted]
        count = sum(len(state.counted) for state in states)
        if self._busy or count == self._upto or loop.time() < self._next:
            return
        self._busy, self._upto, self._begun = True, count, loop.time()
        loop.run_in_executor(self._hand, _draw, states).add_done_callback(self._take)

    def close(self) -> None:
        """Stop drawing."""
        self._hand.shutdown(wait=False, cancel_futures=True)

    def _take(self, drawing: asyncio.Future) -> None:
        took = asyncio.get_running_loop().time() - self._begun
        self._busy, self._next = False, self._begun + max(EVERY, took / SHARE)
        self.drawn, self.version = drawing.result(), self.version + 1


def _draw(states: list[State]) -> dict[str, Portrait]:
    """Portraits from where participants are."""
    answers = [
        (state.design, answer.trial, answer.choice, answer.rating)
        for state in states for answer in state.counted if answer.phase == "rate"
    ]  # fmt: skip
    drawn = {}
    for identity in dict.fromkeys(design.identity for design, *_ in answers):
        own = [one for one in answers if one[0].identity == identity]
        design = own[0][0]
        trial, choice, rating = np.array([one[1:] for one in own]).T
        chosen = _series(identity, design.seed, design.components)[PANEL * trial + choice]
        who = np.array([one[0].observer for one in own])
        drawn[identity] = portrait(identity, target(design), chosen, rating.astype(float), who)
    return {identity: one for identity, one in drawn.items() if one}


@lru_cache(maxsize=4)
def _series(identity: str, seed: int, components: tuple[int, int]) -> np.ndarray:
    """Coefficients (6 * TRIALS, k + m) of all faces of a series."""
    return coefficients(stimuli.trials(target(Procedure(identity)), TRIALS, seed, components).faces).astype(np.float32)
