"""What the pages say."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

from kit.behavior.experiment import State
from kit.behavior.screens import Screen, minutes
from kit.classroom.experiment import Experiment

if TYPE_CHECKING:
    from kit.classroom.server import Classroom

ERRORS = {
    400: "This was not understood. Reload the page: you go on where you were.",
    403: "This join code is not right. Look at the wall again.",
    404: "There is nothing here. Look at the address, or join again with the code on the wall.",
    405: "This cannot be asked like that.",
    409: "The experiment is closed. Ask the person who runs it.",
    413: "This is too long.",
    429: "Too many tries. Wait a minute.",
    500: "Something went wrong here, not with you. Reload the page: every answer that was confirmed is stored.",
}
PARTICIPANT = '<main id="experiment" class="tk tk-participant"><noscript>This page needs JavaScript.</noscript></main>'
INSTRUCTOR = '<main id="class"><noscript>This page needs JavaScript.</noscript></main>'


def page(title: str, body: str, script: str = "") -> str:
    """A whole page; everything it needs comes from this server."""
    loaded = f'<script type="module" src="/static/{script}"></script>' if script else ""
    styles = "".join(
        f'<link rel="stylesheet" href="/static/{name}">' for name in ("panel.css", "participant.css", "page.css")
    )
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, '
        f'initial-scale=1"><title>{escape(title)}</title>{styles}{loaded}</head><body>{body}</body></html>'
    )


def door(code: str, wrong: bool = False) -> str:
    note = '<p role="alert">This join code is not right. Look at the wall again.</p>' if wrong else ""
    return (
        f'<main><h1>Take part</h1>{note}<form method="post" action="/"><label>Join code <input name="code" '
        f'value="{escape(code[:20])}" autocomplete="off" autocapitalize="none" spellcheck="false" required></label> '
        "<button>Join</button></form><p>Coming back? Use the address that you were given, or your browser's history.</p>"
        '<p><a href="/withdraw">Have your answers deleted</a></p></main>'
    )


def withdrawal(gone: bool | None = None) -> str:
    note = {
        None: "",
        True: '<p role="status">Everything that belonged to this code is deleted.</p>',
        False: '<p role="alert">Nobody has this code. It stood on your last page.</p>',
    }[gone]
    return (
        f'<main><h1>Have your answers deleted</h1>{note}<form method="post" action="/withdraw"><label>Code for withdrawing '
        '<input name="code" autocomplete="off" autocapitalize="none" spellcheck="false" required></label> '
        "<button>Delete my answers</button></form></main>"
    )


def adapted(shown: Screen, state: State, experiment: Experiment) -> Screen:
    """The lesson's words where they hold for a class; consent, the beginning and the end are other ones."""
    design, kind = state.design, state.display.kind
    if kind == "consent":
        text = experiment.consent.replace("{trials}", str(design.rate)).replace("{minutes}", str(minutes(design) + 4))
        return replace(shown, text=tuple(text.split("\n\n")))
    if kind == "begin":
        return replace(shown, text=(shown.text[0], "Each answer is stored before the next one is taken."))
    if kind == "debrief" and not state.stopped:
        return replace(shown, text=(*shown.text[:1], own_reliability(state)))
    if kind == "debrief":
        return replace(shown, text=("Everything so far is stored. You can go on now, or later from the same page.",))
    return shown


def own_reliability(state: State) -> str:
    """How often a participant chose the same face again."""
    again = repeated(state)
    if not again:
        return "No panel came twice, so nobody can say how reliable you were."
    return f"You chose the same face again in **{sum(again)} of {len(again)}** panels that came twice; guessing gets 1 in 6."


def repeated(state: State) -> list[bool]:
    """For each panel that came twice, whether the same face was chosen."""
    first = {answer.trial: answer.choice for answer in state.counted if answer.phase == "rate"}
    again = {answer.trial: answer.choice for answer in state.counted if answer.phase == "retest"}
    return [first[trial] == choice for trial, choice in again.items() if trial in first]


def trouble(error: Exception) -> str:
    """What a participant has to do when the disk or another program does not take an answer."""
    return "it could not be saved. Keep this page open and tell the person who runs this; then try again"


def overview(room: Classroom) -> dict[str, Any]:
    """What the instructor sees: codes only."""
    people = {person.code: person for person in room.people}
    rows = [
        _row(person.code, person.identity, person.view, room.people.session(person).state) for person in people.values()
    ]
    return {"open": room.open, "code": room.join_code, "people": rows, "ratings": sum(row["answered"] for row in rows)}


def _row(code: str, identity: str, view: str, state: State) -> dict[str, Any]:
    again = repeated(state)
    return {
        "code": code, "identity": identity, "view": view, "at": state.display.kind, "answered": len(state.counted),
        "total": state.design.total, "same": sum(again), "again": len(again),
    }  # fmt: skip
