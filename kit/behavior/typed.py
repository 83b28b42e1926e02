"""The experiment where no widget works: pictures in a file, answers typed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from kit.faces.pictures import save, sheet
from kit.files.records import spoken

from .experiment import State
from .protocol import Match, Panel
from .screens import Screen, pictures, screen
from .session import Session

STOP = "stop"


def take_part_by_typing(
    session: Session,
    picture: str | os.PathLike = "panel.png",
    ask: Callable[[str], str] = input,
    say: Callable[[str], None] = print,
) -> None:
    """Take part by typing, with the faces of each panel in a picture file to keep open beside it.

    Times are from question to Return, so they include looking at the other window. Typing `stop` ends; the
    same call goes on.

    Parameters
    ----------
    session : Session
    picture : path of the picture, written anew for every panel.
    ask, say : how to ask and to tell.
    """
    path = Path(picture)
    while session.state.display.kind != "debrief":
        state, words = session.state, screen(session.state, f" ({spoken(session.path)})")
        images = pictures(session.design, state.display)
        seen = f"({save(sheet(images, 3, gap=8), path)})" if len(images) else ""
        say("\n".join(filter(None, ["", words.note, words.title, *words.text, seen])).replace("**", ""))
        event = _answered(state, words, ask)
        if event is None:
            say("Stopped. Everything so far is stored; the same call goes on from here.")
            return
        session.submit(event, state.serial)
    say("\n".join(screen(session.state).text))


def _answered(state: State, words: Screen, ask: Callable[[str], str]) -> dict | None:
    """The event that the participant types, None for stop."""
    shown, begin = state.display.stimulus, time.monotonic()
    if isinstance(shown, Panel):
        place = _choice("Face 1 to 6 (left to right, top row first): ", "123456", ask)
        middle = time.monotonic()
        rating = place and _choice("How similar, 1 (not at all) to 6 (very): ", "123456", ask)
        times = {"rt_choice_ms": 1000 * (middle - begin), "rt_rating_ms": 1000 * (time.monotonic() - middle)}
        answer = {"event": "answer", "phase": shown.phase, "trial": shown.trial, "place": place and int(place) - 1}
        return rating and answer | {"choice": shown.order[int(place) - 1], "rating": int(rating)} | times
    if isinstance(shown, Match):
        told = _choice("y (yes), n (no) or l (look again): ", "ynl", ask)
        if told == "l":
            return {"event": "look"}
        return told and {"event": "match", "number": shown.number, "same": told == "y"}
    event, label = words.buttons[0]
    return None if ask(f"Return for '{label}', or {STOP}: ").strip().lower() == STOP else {"event": event}


def _choice(question: str, allowed: str, ask: Callable[[str], str]) -> str | None:
    """One of the allowed letters, asked for until it comes; None for stop."""
    while (typed := ask(question).strip().lower()) != STOP:
        if len(typed) == 1 and typed in allowed:
            return typed
        question = f"One of {', '.join(allowed)}, or {STOP}: "
    return None
