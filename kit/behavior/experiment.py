"""The experiment of Daube et al. (2021) for one participant, as a state machine without a clock, a disk or a screen.

A participant learns a face they have never met (*study*, then a matching test until it is known), practises,
and then, panel after panel, chooses the face of six that is most similar to the one remembered and rates
how similar it is. Some panels come twice (*retest*), some hold the remembered face itself (*catch*).

An event goes in, the next `State` comes out; `State.display` says what to show. The same design and the same
events lead to the same state, so a participant resumes by replaying what was stored.

>>> state = State(Procedure("Mei", rate=60))
>>> state.display.kind
'consent'
>>> state.after({"event": "consent"}).display.kind
'study'
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import cached_property, reduce
from statistics import median

import numpy as np
import pandas as pd

from kit.faces.stimuli import PANEL, TRIALS

from .observers import Observer
from .protocol import (
    CRITERION,
    MOST_MATCHES,
    PHASES,
    PRACTICE,
    WINDOW,
    Match,
    Panel,
    Procedure,
    matches,
    panel_faces,
    plan,
)
from .ratings import COLUMNS

LONG_STRETCH = 40  # panels after which a break is offered in any case
TIRED, AT_LEAST = 1.6, 16  # a break is offered when choices take 1.6 times as long as at first, after 16 panels
RECENT = 8  # panels whose times are compared
EVENTS = ("consent", "studied", "look", "match", "answer", "rested", "stop", "resume")


@dataclass(frozen=True)
class Answer:
    """A finished panel: the chosen face in the panel's own order, the rating, and times in ms if they are known."""

    phase: str
    trial: int
    choice: int
    rating: int
    rt_choice_ms: float | None = None
    rt_rating_ms: float | None = None

    @property
    def key(self) -> tuple[str, int]:
        return self.phase, self.trial


@dataclass(frozen=True)
class Display:
    """What to show: "consent", "study", "match", "panel", "begin", "break" or "debrief", and its stimulus."""

    kind: str
    stimulus: Match | Panel | None = None


@dataclass(frozen=True)
class State:
    """Where a participant is. `serial` counts the events so far; `last` is the newest."""

    design: Procedure
    consented: bool = False
    looking: bool = True
    right: tuple[bool, ...] = ()
    answers: tuple[Answer, ...] = ()
    rested: tuple[int, ...] = ()
    stopped: bool = False
    serial: int = 0
    last: str = ""

    @property
    def criterion_met(self) -> bool:
        """Whether the face is known: 9 of the last 10 matching tests were right."""
        return sum(self.right[-WINDOW:]) >= CRITERION

    @property
    def learned(self) -> bool:
        """Whether matching is over: known, at the most tests, or rating already (a stored line may be lost)."""
        return self.criterion_met or len(self.right) >= MOST_MATCHES or bool(self.answers)

    @cached_property
    def answered(self) -> frozenset[tuple[str, int]]:
        """Phase and number of the panels that are finished."""
        return frozenset(answer.key for answer in self.answers)

    @cached_property
    def counted(self) -> tuple[Answer, ...]:
        """Answers without practice."""
        return tuple(answer for answer in self.answers if answer.phase != "practice")

    @cached_property
    def display(self) -> Display:
        """What to show now."""
        if self.stopped:
            return Display("debrief")
        if not self.consented:
            return Display("consent")
        if not self.learned:
            return Display("study") if self.looking else Display("match", matches(self.design)[len(self.right)])
        left = [panel for panel in plan(self.design) if (panel.phase, panel.trial) not in self.answered]
        if not left:
            return Display("debrief")
        if not self.rested and left[0].phase != "practice":
            return Display("begin")
        return Display("break") if self._break_is_due(len(left)) else Display("panel", left[0])

    def _break_is_due(self, left: int) -> bool:
        since = self.counted[self.rested[-1] :] if self.rested else ()
        # Without the newest answer: so what follows a panel is known before it is answered, and lies ready.
        times = [answer.rt_choice_ms for answer in since[:-1] if answer.rt_choice_ms is not None]
        slower = len(times) >= AT_LEAST and median(times[-RECENT:]) > TIRED * median(times[:RECENT])
        return left > RECENT and (len(since) >= LONG_STRETCH or slower)

    def after(self, event: dict) -> State:
        """The state after an event; the same state if it changes nothing (a panel is answered once).

        Raises
        ------
        ValueError
            If it is no event at all, e.g. a rating of 7.
        """
        event = checked(event)
        changes = getattr(self, f"_{event['event']}")(event)
        return replace(self, serial=self.serial + 1, last=event["event"], **changes) if changes else self

    def _consent(self, _event: dict) -> dict:
        return {} if self.consented else {"consented": True}

    def _studied(self, _event: dict) -> dict:
        return {"looking": False} if self.looking else {}

    def _look(self, _event: dict) -> dict:
        return {"looking": True} if self.display.kind == "match" else {}

    def _match(self, event: dict) -> dict:
        if event["number"] != len(self.right) or self.learned:
            return {}
        return {"right": (*self.right, event["same"] == matches(self.design)[event["number"]].same)}

    def _answer(self, event: dict) -> dict:
        if event["view"] not in (None, self.design.view):
            raise ValueError(f"its view is {event['view']!r}, and this session shows {self.design.view!r} faces")
        answer = Answer(**{name: event[name] for name in Answer.__dataclass_fields__})
        return {} if answer.key in self.answered else {"answers": (*self.answers, answer)}

    def _rested(self, _event: dict) -> dict:
        return {"rested": (*self.rested, len(self.counted))} if len(self.counted) not in self.rested else {}

    def _stop(self, _event: dict) -> dict:
        return {} if self.stopped else {"stopped": True}

    def _resume(self, _event: dict) -> dict:
        return {"stopped": False} if self.stopped else {}


def replay(design: Procedure, events: Iterable[dict]) -> State:
    """The state after all these events."""
    return reduce(State.after, events, State(design))


def table(state: State) -> pd.DataFrame:
    """The answers that count as a table of ratings (columns: `kit.behavior.ratings`), in the order given."""
    design = state.design
    rows = pd.DataFrame([asdict(answer) for answer in state.counted], columns=list(Answer.__dataclass_fields__))
    same = {"observer": design.observer, "identity": design.identity, "seed": design.seed, "view": design.view}
    rows = rows.assign(**same, components="{}+{}".format(*design.components))
    return rows.astype({"rt_choice_ms": float, "rt_rating_ms": float})[list(COLUMNS)]


def simulate(design: Procedure, observer: Observer, rng: int | np.random.Generator) -> State:
    """A whole session by a **simulated** observer, who is assumed to know the face.

    Choices and ratings are the observer's; response times are log-normal noise (median 1.8 s and .7 s) and
    have nothing to do with the faces.
    """
    rng, panels = np.random.default_rng(rng), plan(design)
    rated = observer.rate(panel_faces(design, panels), rng)[["choice", "rating"]].to_numpy().tolist()
    times = rng.lognormal(np.log([1800, 700]), 0.35, (len(panels), 2)).tolist()
    answers = {panel: (*answer, *time) for panel, answer, time in zip(panels, rated, times)}
    state = State(design)
    while state.display.kind != "debrief":
        state = state.after(_simulated_event(state.display, answers))
    return state


def _simulated_event(display: Display, answers: dict[Panel, tuple]) -> dict:
    shown = display.stimulus
    if isinstance(shown, Panel):
        names = ("choice", "rating", "rt_choice_ms", "rt_rating_ms")
        return {"event": "answer", "phase": shown.phase, "trial": shown.trial} | dict(zip(names, answers[shown]))
    if isinstance(shown, Match):
        return {"event": "match", "number": shown.number, "same": shown.same}
    return {"event": {"consent": "consent", "study": "studied"}.get(display.kind, "rested")}


def checked(event: dict) -> dict:
    """An event with the fields that count, of the right kinds. Raises ValueError with what is wrong."""
    kind = event.get("event")
    if kind not in EVENTS:
        raise ValueError(f"an event must be one of {', '.join(EVENTS)}; got {kind!r}")
    if kind == "match":
        return {"event": kind, "number": _whole(event, "number", 0, MOST_MATCHES - 1), "same": bool(event.get("same"))}
    if kind != "answer":
        return {"event": kind}
    if event.get("phase") not in PHASES:
        raise ValueError(f"phase must be one of {', '.join(PHASES)}; got {event.get('phase')!r}")
    return {
        "event": kind,
        "phase": event["phase"],
        "trial": _whole(event, "trial", 0, 2 * TRIALS + PRACTICE),
        "choice": _whole(event, "choice", 0, PANEL - 1),
        "rating": _whole(event, "rating", 1, 6),
        "view": event.get("view"),
        "rt_choice_ms": _time(event.get("rt_choice_ms")),
        "rt_rating_ms": _time(event.get("rt_rating_ms")),
    }


def _whole(event: dict, name: str, low: int, high: int) -> int:
    value = event.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} must be a whole number from {low} to {high}; got {value!r}")
    return value


def _time(value: float | None) -> float | None:
    """Milliseconds, or None for a time that cannot be (a page that slept, a clock that was set)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 3_600_000:
        return None
    return round(float(value), 1)
