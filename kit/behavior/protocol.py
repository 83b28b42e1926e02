"""What one participant is shown: the design, the panels in their order, the matching tests, the faces of each.

Everything follows from the design: the same design gives the same plan on every machine.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kit import faces
from kit.faces import Faces, stimuli
from kit.faces.stimuli import IDENTITIES, PANEL, TRIALS, Trials
from kit.faces.views import FRONTAL, checked_view

PRACTICE = 3
CRITERION, WINDOW, MOST_MATCHES = 9, 10, 40  # known after 9 of the last 10 right; never more than 40 tests
FIRST_EXTRA = TRIALS  # practice and catch trials take panels from here on, beyond those that are analysed
RATE, CHOSEN = "rate", "chosen"
PHASES = ("practice", RATE, "retest", "catch", CHOSEN)
MATCH_YAWS, MATCH_LAMPS = (-35.0, -15.0, 0.0, 15.0, 35.0), (-40.0, 0.0, 40.0)  # degrees
STRANGERS = 1907  # seed of the strangers in matching tests


@dataclass(frozen=True)
class Procedure:
    """What one participant is asked.

    Parameters
    ----------
    identity : str
        Whom to learn, a name of `kit.faces.stimuli.IDENTITIES`.
    observer : str
        A code, not a name: up to 32 letters, digits, - and _. It also decides where faces stand and when
        panels come again, so that two participants who see the same panels do not share their arrangement.
    seed : int
        Of the panels.
    components : (shape, texture)
        So many leading components vary.
    rate, retest, catch : int
        Numbers of panels: analysed, shown again, holding the identity itself. By default a sixth of the
        rated panels comes again, and there is a catch trial for every fifteen.
    view : "frontal" or "turned"
        How the faces of panels are shown: from the front, or each at a random view and lamp. Learning the
        face is the same in both.
    first : int
        Number of the first rated panel: people who begin at different ones share a long series among them.
    chosen : tuple of panels, six numbers of faces each
        Panels that were put together from the faces of the series (`kit.study.controversial`): shown in the place of
        the random ones, none of them twice. Their answers have a phase of their own, "chosen".
    """

    identity: str
    observer: str = "me"
    seed: int = 0
    components: tuple[int, int] = (8, 8)
    rate: int = 120
    retest: int | None = None
    catch: int | None = None
    view: str = FRONTAL
    first: int = 0
    chosen: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        self._take_chosen()
        if self.identity not in IDENTITIES:
            raise ValueError(f"identity must be one of {', '.join(IDENTITIES)}; got {self.identity!r}")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", self.observer):
            raise ValueError(f"observer must be a code of 1 to 32 letters, digits, - or _; got {self.observer!r}")
        checked_view(self.view)
        if not 1 <= self.rate <= TRIALS:
            raise ValueError(f"rate must be 1 to {TRIALS} panels; got {self.rate}")
        if not 0 <= self.first <= TRIALS - self.rate:
            raise ValueError(
                f"first must be 0 to {TRIALS - self.rate} ({TRIALS} less the rated panels); got {self.first}"
            )
        for name, share in (("retest", 6), ("catch", 15)):
            if getattr(self, name) is None:
                object.__setattr__(self, name, self.rate // share)
        if not 0 <= self.retest <= self.rate // 2:
            raise ValueError(f"retest must be 0 to {self.rate // 2}, half of the rated panels; got {self.retest}")
        if not 0 <= self.catch <= self.rate:
            raise ValueError(f"catch must be 0 to {self.rate}, the rated panels; got {self.catch}")
        object.__setattr__(self, "components", tuple(self.components))

    def _take_chosen(self) -> None:
        """As many rated panels as were chosen, from the first, and no retests; refuses what is no panel."""
        chosen = tuple(tuple(int(face) for face in panel) for panel in self.chosen)
        if wrong := [panel for panel in chosen if len(set(panel)) != PANEL or min(panel) < 0]:
            raise ValueError(f"a chosen panel is six different numbers of faces, from 0; got {wrong[0]}")
        object.__setattr__(self, "chosen", chosen)
        if chosen:
            object.__setattr__(self, "rate", len(chosen))
            object.__setattr__(self, "retest", 0)
            object.__setattr__(self, "first", 0)  # chosen panels are numbered from 0

    @property
    def rated(self) -> str:
        """Phase of the panels that are analysed: "rate" of random ones, "chosen" of chosen ones."""
        return CHOSEN if self.chosen else RATE

    @property
    def total(self) -> int:
        """Panels that count, without practice."""
        return self.rate + self.retest + self.catch


@dataclass(frozen=True)
class Panel:
    """Six faces to choose from: `order[place]` is the face of `stimuli.Trials.panel(trial)` at a place.

    `phase` is "practice", "rate", "retest", "catch" or "chosen"; the last shows the faces `design.chosen[trial]`. In a
    catch trial, and in the first practice panel, the identity itself stands for face 0, so that choice 0 is right.
    """

    phase: str
    trial: int
    order: tuple[int, ...]

    @property
    def holds_target(self) -> bool:
        return self.phase == "catch" or (self.phase, self.trial) == ("practice", FIRST_EXTRA)


@dataclass(frozen=True)
class Match:
    """One matching test: is this the person? `number` also picks the stranger; angles in degrees."""

    number: int
    same: bool
    yaw: float
    lamp: float


def _arrangement(design: Procedure, what: str) -> np.random.Generator:
    return np.random.default_rng([design.seed, *(zlib.crc32(text.encode()) for text in (design.observer, what))])


def _orders(n: int, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """n orders of six faces; within each six of them, every face stands at every place once (Latin squares)."""
    out: list[tuple[int, ...]] = []
    while len(out) < n:
        rows, columns, faces = (rng.permutation(PANEL) for _ in range(3))
        out += [tuple(faces[(row + columns) % PANEL].tolist()) for row in rows]
    return out[:n]


def _one_of_each(numbers: np.ndarray, parts: int, rng: np.random.Generator) -> list[int]:
    """One number at random from each of so many equal stretches."""
    return [int(rng.choice(part)) for part in np.array_split(numbers, parts)] if parts else []


@lru_cache(maxsize=1024)  # a lecture hall at once
def plan(design: Procedure) -> tuple[Panel, ...]:
    """All panels in the order of their showing.

    Rated panels come in the order of their numbers. A panel of the first half comes again in the second,
    about half a session later; catch trials are spread over all of it.
    """
    rng = _arrangement(design, "plan")
    half, rated = design.rate // 2, design.first + np.arange(design.rate)
    again = zip(_one_of_each(rated[half:], design.retest, rng), _one_of_each(rated[:half], design.retest, rng))
    caught = zip(_one_of_each(rated, design.catch, rng), range(FIRST_EXTRA + PRACTICE, TRIALS * 2 + PRACTICE))
    extras = [(after, "retest", trial) for after, trial in again] + [(after, "catch", trial) for after, trial in caught]
    shown = [("practice", FIRST_EXTRA + k) for k in range(PRACTICE)]
    for trial in rated.tolist():
        shown += [(design.rated, trial), *((phase, number) for after, phase, number in extras if after == trial)]
    orders = {phase: iter(_orders(len(shown), rng)) for phase in ("practice", design.rated, "retest", "catch")}
    return tuple(Panel(phase, trial, next(orders[phase])) for phase, trial in shown)


@lru_cache(maxsize=1024)
def matches(design: Procedure) -> tuple[Match, ...]:
    """All matching tests; of each ten, five show the person."""
    rng = _arrangement(design, "matches")
    same = np.concatenate([rng.permutation(np.arange(WINDOW) < WINDOW // 2) for _ in range(MOST_MATCHES // WINDOW)])
    yaws, lamps = rng.choice(MATCH_YAWS, MOST_MATCHES), rng.choice(MATCH_LAMPS, MOST_MATCHES)
    return tuple(Match(k, bool(same[k]), float(yaws[k]), float(lamps[k])) for k in range(MOST_MATCHES))


def target(design: Procedure) -> Faces:
    """The identity to learn."""
    return stimuli.identities(faces.load())[design.identity]


@lru_cache(maxsize=4)
def _series(design: Procedure) -> Trials:
    of_series = [panel.trial for panel in plan(design) if panel.phase != CHOSEN]
    last = max([*of_series, *(face // PANEL for panel in design.chosen for face in panel)])
    return stimuli.trials(target(design), last + 1, design.seed, design.components, design.view)


def panel_faces(design: Procedure, panels: Sequence[Panel]) -> Trials:
    """The faces of these panels, as they are shown, in the panels' own order (not as they are placed)."""
    whole = _series(design)
    rows = np.concatenate([_faces_of(design, panel) for panel in panels])
    series = Trials(whole.target, whole.faces[rows], whole.views[rows])
    shape, texture = series.faces.shape.copy(), series.faces.texture.copy()
    itself = [PANEL * k for k, panel in enumerate(panels) if panel.holds_target]
    shape[itself], texture[itself] = series.target.shape, series.target.texture
    return Trials(series.target, series.faces.changed(shape=shape, texture=texture), series.views)


def _faces_of(design: Procedure, panel: Panel) -> np.ndarray:
    """Which faces of the series a panel shows."""
    return np.array(design.chosen[panel.trial]) if panel.phase == CHOSEN else PANEL * panel.trial + np.arange(PANEL)


def match_face(design: Procedure, match: Match) -> Faces:
    """The person, or a stranger of the same sex, age and ancestry."""
    person = target(design)
    return person if match.same else person.model.sample(1, like=person, rng=[STRANGERS, design.seed, match.number])
