"""What the pages of participants say."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from kit.behavior.experiment import State
from kit.behavior.screens import Screen, minutes
from kit.teaching.markup import inline

from . import export
from .experiment import Experiment

__all__ = ["adapted", "door", "inline", "no_source", "over", "page", "withdrawal"]

LEARNING = 4  # minutes to learn the face and to practise
NOBODY = "Nobody has this code. It stands on the page of your own, below the faces."
NOT_SAVED = "it could not be saved. Keep this page open and tell the person who runs this; then try again"
DECLINED = "That is all right. Nothing of you is stored, and you can close this page."
ERRORS = {
    400: "This was not understood. Reload the page: you go on where you were.",
    403: "This join code is not right. Look at the wall again.",
    404: "There is nothing here. Look at the address, or join again with the code on the wall.",
    405: "This cannot be asked like that.",
    409: "The door is closed: nobody new can come in now. Ask the person who runs this.",
    413: "This is too long.",
    429: "Too many tries. Wait a minute.",
    500: "Something went wrong here, not with you. Reload the page: every answer that was confirmed is stored.",
    507: "This could not be saved: the disk is full. Tell the person who runs this, then try again.",
}
PARTICIPANT = (
    '<main id="experiment" class="tk tk-participant"><noscript>This page needs JavaScript.</noscript></main>'
    '<footer id="own"></footer>'
)
INSTRUCTOR = '<main id="class"><noscript>This page needs JavaScript.</noscript></main>'
STYLES = ("panel.css", "participant.css", "page.css")
FIELD = 'autocomplete="off" autocapitalize="none" spellcheck="false" required'


def page(title: str, body: str, script: str = "") -> str:
    """A whole page; everything it needs comes from this server."""
    loaded = f'<script type="module" src="/static/{script}"></script>' if script else ""
    styles = "".join(f'<link rel="stylesheet" href="/static/{name}">' for name in STYLES)
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, '
        f'initial-scale=1"><link rel="icon" href="data:,"><title>{escape(title)}</title>{styles}{loaded}</head>'
        f"<body>{body}</body></html>"
    )


def door(code: str, source: str = "", note: str = "") -> str:
    """Where one comes in, with a join code, or comes back, with one's own."""
    return f"""<main class="tk tk-door"><h1>Take part</h1>{_alert(note)}
        <p id="known" hidden><a class="button" href="/p">Go on where you were</a></p>
        <form method="post" action="/"><label for="code">The code on the wall</label>
        <p><input id="code" name="code" value="{escape(code)}" {FIELD}>
        <input type="hidden" name="id" value="{escape(source)}"> <button type="submit">Join</button></p></form>
        <details><summary>Coming back?</summary>
        <p>Open the page where you were: it goes on from there. On another device, type your own code:</p>
        <form method="post" action="/again"><label for="key">Your own code</label>
        <p><input id="key" name="key" {FIELD}> <button>Go on</button></p></form></details>
        <p><a href="/withdraw">Have your answers deleted</a></p></main>"""


def no_source() -> str:
    """For those who come by the wrong address."""
    return (
        '<main class="tk tk-door"><h1>Take part</h1><p role="alert">This address lacks the number that the platform '
        "gives you (?id=…). Open the study from the platform again; if that does not help, tell those who run it.</p>"
        "</main>"
    )


def withdrawal(gone: bool | None = None) -> str:
    """Where one has one's answers deleted."""
    if gone:
        told = '<p role="status">Everything that belonged to this code is deleted.</p>'
        return f'<main class="tk tk-door"><h1>Deleted</h1>{told}</main>'
    return f"""<main class="tk tk-door"><h1>Have your answers deleted</h1>{_alert(NOBODY if gone is False else "")}
        <p>All that was stored under your code is deleted at once, for good. What has been passed on already in a
        table of all cannot be found in it again.</p>
        <form method="post" action="/withdraw"><label for="key">Your own code</label>
        <p><input id="key" name="key" {FIELD}> <button>Delete my answers</button></p></form></main>"""


def adapted(shown: Screen, state: State, experiment: Experiment) -> Screen:
    """The lesson's words where they hold for a class; consent, the beginning and the end are other ones."""
    design, kind = state.design, state.display.kind
    if kind == "consent":
        about = minutes(design) + LEARNING
        text = experiment.consent.strip().replace("{trials}", str(design.rate)).replace("{minutes}", str(about))
        return replace(shown, text=tuple(text.split("\n\n")), buttons=(*shown.buttons, ("decline", "No, thank you")))
    if kind == "begin":
        return replace(shown, text=(shown.text[0], "Each answer is stored before the next one is taken."))
    if kind == "debrief" and not state.stopped:
        return replace(shown, text=(*shown.text[:1], own_reliability(state)))
    if kind == "debrief":
        return replace(shown, text=("Everything so far is stored. You can go on now, or later from the same page.",))
    return shown


def over(state: State) -> Screen:
    """The end for those who are not through."""
    text = ("The experiment is over. Thank you: what you answered is stored.", own_reliability(state))
    return Screen("That is all", text, (), "", len(state.counted), state.design.total)


def own_reliability(state: State) -> str:
    """How often a participant chose the same face again."""
    again = export.repeated(state)
    if not again:
        return "No panel came twice, so nobody can say how reliable you were."
    return (
        f"In **{sum(again)} of {len(again)}** panel{'s' * (len(again) > 1)} that came twice you chose the same face "
        "again; guessing: 1 in 6. "
        "A few panels say little about a person: they are there for the class as a whole."
    )


def _alert(note: str) -> str:
    return f'<p role="alert" class="note">{escape(note)}</p>' if note else ""
