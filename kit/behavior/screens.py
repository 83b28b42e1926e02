"""What each display of the experiment says and shows, for any front end: words, buttons, pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import islice

import numpy as np

from kit.faces.views import FRAME, FRONTAL, TURNED

from .experiment import Display, State
from .protocol import (
    CRITERION,
    MOST_MATCHES,
    PRACTICE,
    WINDOW,
    Match,
    Panel,
    Procedure,
    match_face,
    matches,
    panel_faces,
    plan,
    target,
)

SIZE = 300  # pixels: the largest picture that needs no finer mesh
STUDY = ((-35, 0), (0, 0), (35, 0), (-15, -40), (0, 40), (15, 40))  # yaw and lamp, degrees
SECONDS = 4.2  # a panel, all in
SCALE = ("not at all", "very")  # what the ends of the scale of ratings mean
SHOWN = {
    FRONTAL: "",
    TURNED: " Every face is turned and lit in a way of its own: judge the person, not the picture.",
}
PLACES = ("top left", "top middle", "top right", "bottom left", "bottom middle", "bottom right")


@dataclass(frozen=True)
class Screen:
    """Words of a display.

    Attributes
    ----------
    title : str
    text : tuple of str
        Paragraphs; `` `code` `` and ``**strong**`` are marked.
    buttons : tuple of (event, label)
    note : str
        What has just happened.
    done, total : int
        Progress; `total` is 0 where there is none.
    """

    title: str
    text: tuple[str, ...] = ()
    buttons: tuple[tuple[str, str], ...] = ()
    note: str = ""
    done: int = 0
    total: int = 0


def screen(state: State, stored: str = "") -> Screen:
    """The words for what is shown now; `stored` says where answers are kept."""
    shown = state.display
    if isinstance(shown.stimulus, Panel):
        return _panel(state, shown.stimulus)
    if isinstance(shown.stimulus, Match):
        return _match(state)
    return _PAGES[shown.kind](state, stored)


def minutes(design: Procedure) -> int:
    """About how long the panels of a session take."""
    return math.ceil(design.total * SECONDS / 60)


def _consent(state: State, stored: str) -> Screen:
    d = state.design
    text = (
        f"You learn the face of {d.identity}, whom you have not met before (about 2 minutes). Then you see six random "
        f"faces at a time, {d.total} times: choose the one most similar to {d.identity}, and rate how similar it is. "
        f"That takes about {minutes(d)} minutes; breaks are offered, and you can stop and go on at any time."
        f"{SHOWN[d.view]}",
        f"**What is stored:** your choices, ratings, response times and when you gave them, under the code "
        f"`{d.observer}`, only on this computer{stored}. Nothing is sent anywhere. `session.export(...)` makes a table "
        "that is yours to share or not; `delete_my_data()` removes everything.",
        "All faces are made by a computer. There are no right answers when you rate. If you would rather not take "
        "part, just read on: the lesson then uses a **simulated** observer.",
    )
    return Screen("Before you begin", text, (("consent", "I agree, begin"),))


def _study(state: State, _stored: str) -> Screen:
    d = state.design
    text = (
        f"This is {d.identity}, from three sides and in three lights. Look as long as you like: what would you know "
        f"{d.identity} by? Then you are tested: one face at a time, is it {d.identity}?",
    )
    return Screen(f"Learn {d.identity}'s face", text, (("studied", "Test me"),))


def _match(state: State) -> Screen:
    name, recent = state.design.identity, state.right[-WINDOW:]
    asked = f"Is this {name}?"
    count = f"{sum(recent)} of your last {len(recent)} right; {CRITERION} of {WINDOW} and you know {name}"
    buttons = (("yes", f"It is {name}"), ("no", "Somebody else"), ("look", f"Show me {name} again"))
    return Screen(asked, (count if recent else f"Right {CRITERION} times in {WINDOW}, and you know {name}.",), buttons,
                  _match_note(state), len(state.right), MOST_MATCHES)  # fmt: skip


def _match_note(state: State) -> str:
    if state.last != "match":
        return ""
    before = matches(state.design)[len(state.right) - 1]
    who = state.design.identity if before.same else f"somebody else, not {state.design.identity}"
    return f"✓ Right, that was {who}." if state.right[-1] else f"✗ No, that was {who}."


def _panel(state: State, panel: Panel) -> Screen:
    name, practice = state.design.identity, sum(a.phase == "practice" for a in state.answers)
    asked = f"Which face is most similar to {name}?"
    if panel.phase == "practice":
        return Screen(asked, (f"Practice {practice + 1} of {PRACTICE}",), (), _practice_note(state), practice, PRACTICE)
    done = len(state.counted)
    return Screen(asked, (f"Panel {done + 1} of {state.design.total}",), (), "", done, state.design.total)


def _practice_note(state: State) -> str:
    """Feedback on how to answer; only the first practice panel has a right answer."""
    name = state.design.identity
    if not state.answers:
        learned = f"You know {name}." if state.criterion_met else _not_known(state)
        return f"{learned} Now practise: choose a face, then rate it from 1 to 6."
    if len(state.answers) > 1:
        return f"There is no right answer here: {name} is not among them. Go by your first impression."
    found, rating = state.answers[0].choice == 0, state.answers[0].rating
    if not found:
        return f"✗ {name} was among them, elsewhere. That happens in some panels; that face deserves a 6."
    return f"✓ That was {name}." + (" A face that is the person deserves a 6." if rating < 6 else " And 6 it is.")


def _not_known(state: State) -> str:
    share = f"{sum(state.right)} of {len(state.right)}"
    return (
        f"You were right in {share} tests, and guessing gets half: {state.design.identity}'s face is not learned "
        "well yet. You may go on; your reliability will show what the ratings are worth."
    )


def _begin(state: State, _stored: str) -> Screen:
    d = state.design
    text = (
        f"From here on it counts: {d.total} panels, about {minutes(d)} minutes. Choose the face most similar to "
        f"{d.identity} as you remember them, then rate it: 1 is {SCALE[0]} similar, 6 is {SCALE[1]} similar. "
        f"**Use the whole scale**, and do not think long.{SHOWN[d.view]}",
        "Each answer is on your disk before the next panel appears. P pauses and hides the faces.",
    )
    return Screen("Now the real thing", text, (("rested", "Begin"),), _practice_note(state), 0, d.total)


def _break(state: State, _stored: str) -> Screen:
    done, total = len(state.counted), state.design.total
    text = ("Look at something far away for some seconds. Everything so far is stored.",)
    return Screen("A break?", text, (("rested", "Go on"), ("stop", "Stop for today")), "", done, total)


def _debrief(state: State, _stored: str) -> Screen:
    d, done = state.design, len(state.counted)
    if state.stopped:
        text = ("Everything so far is stored. You can go on now, or another day: open this cell again.",)
        return Screen("Stopped", text, (("resume", "Go on rating"),), "", done, d.total)
    again = (
        f"In {_panels(d.retest)} you had met the same faces before, in other places; that tells how reliable you are. "
    )
    caught = f"In {_panels(d.catch)} {d.identity} was one of the six: whoever pays attention mostly finds them. "
    text = (
        f"Thank you. {again if d.retest else ''}{caught if d.catch else ''}The faces of all others were random, and "
        "what they have in common is what you looked for.",
        "Now run the cells below.",
    )
    return Screen("Done", text, (), "", done, d.total)


def _panels(n: int) -> str:
    return "1 panel" if n == 1 else f"{n} panels"


_PAGES = {"consent": _consent, "study": _study, "begin": _begin, "break": _break, "debrief": _debrief}


def pictures(design: Procedure, display: Display) -> np.ndarray:
    """What a display shows, uint8 (n, h, w, 3): six faces as they are placed, one to match, six views, or none."""
    shown = display.stimulus
    if isinstance(shown, Panel):
        return panel_faces(design, [shown]).render(SIZE, shown.order)
    if isinstance(shown, Match):
        return match_face(design, shown).render(SIZE, yaw=shown.yaw, light=(shown.lamp, 30), frame=FRAME)
    if display.kind == "study":
        yaw, lamp = np.array(STUDY, float).T
        light = (lamp, np.full(len(lamp), 30))
        return target(design)[[0] * len(yaw)].render(SIZE, yaw=yaw, light=light, frame=FRAME)
    return np.empty((0, SIZE, SIZE, 3), np.uint8)


def picture_key(display: Display) -> str:
    """A name for what a display shows, "" for nothing."""
    shown = display.stimulus
    if isinstance(shown, Panel):
        return f"{shown.phase}-{shown.trial}"
    if isinstance(shown, Match):
        return f"match-{shown.number}"
    return "study" if display.kind == "study" else ""


def foreseen(state: State) -> State | None:
    """The state after any answer to the panel on show, as far as a participant sees it, if a panel follows."""
    panel = state.display.stimulus
    if not isinstance(panel, Panel) or panel.phase == "practice":  # practice comments on the answer
        return None
    after = state.after({"event": "answer", "phase": panel.phase, "trial": panel.trial, "choice": 0, "rating": 1})
    return after if after.display.kind == "panel" else None


def upcoming(state: State, n: int) -> list[Display]:
    """The display of now and the next ones with pictures, as far as they are known."""
    now, d = state.display, state.design
    panels = (Display("panel", p) for p in plan(d) if (p.phase, p.trial) not in state.answered)
    if state.learned:
        return [now, *(shown for shown in islice(panels, n) if shown != now)]
    tests = [Display("match", match) for match in matches(d)[len(state.right) : len(state.right) + n]]
    return [now, Display("study"), *tests, *islice(panels, 2)]
