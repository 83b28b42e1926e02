"""Participants: the door, their own page, what they did, the pictures, and withdrawing."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from tornado.web import HTTPError

from kit.behavior.experiment import State
from kit.behavior.protocol import Panel
from kit.behavior.screens import PLACES, SCALE, foreseen, picture_key, screen, upcoming
from kit.behavior.session import SessionError

from . import export, wording
from .handlers import Handler, same
from .people import SOURCE, Participant, PeopleError, plain
from .room import Classroom

AHEAD = 5  # panels whose pictures a browser fetches before they are needed
#: What an event may hold, besides what it is called; nothing else is stored.
FIELDS = {"number": int, "same": bool, "rating": int, "rt_ms": float, "rt_choice_ms": float, "rt_rating_ms": float}
WAYS = ("touch", "mouse", "pen", "keyboard")  # how an answer was given


class Join(Handler):
    """The door: a join code in, an address of one's own out."""

    def get(self) -> None:
        """The form, filled in by the code on the wall."""
        recruited = self.room.experiment.recruited
        source = self.get_query_argument("id", "")[:80] if recruited else ""
        if recruited and not SOURCE.fullmatch(source):
            self.set_status(400)
            return self.page("Take part", wording.no_source())
        self.page("Take part", wording.door(self.get_query_argument("code", "")[:20], source), "door.js")

    def post(self) -> None:
        """Let somebody in."""
        self.may_guess()
        source = self.typed("id") if self.room.experiment.recruited else ""
        if not same(plain(self.typed("code")), self.room.join_code):
            self.guessed()
            self.set_status(403)
            return self.page("Take part", wording.door("", source, wording.ERRORS[403]), "door.js")
        if self.room.door != "open":
            raise HTTPError(409)
        if self.room.experiment.recruited and not SOURCE.fullmatch(source):
            raise HTTPError(400)
        try:
            key = self.room.people.join(source)
        except PeopleError as error:
            self.set_status(409)
            return self.page("Take part", wording.door(self.room.join_code, source, str(error)), "door.js")
        except OSError as error:
            self.room.trouble = str(error)
            raise HTTPError(507) from None
        self.redirect(f"/p#{key}", status=303)


class Again(Handler):
    """Going on, on another device or after a browser forgot."""

    def post(self) -> None:
        """One's own code in, one's own address out."""
        self.may_guess()
        key = plain(self.typed("key"))
        if self.room.people.find(key) is None:
            self.guessed()
            self.set_status(404)
            return self.page("Take part", wording.door("", "", wording.NOBODY), "door.js")
        self.redirect(f"/p#{key}", status=303)


class ExperimentPage(Handler):
    """A participant's page; who they are stands behind the # and comes with what the page asks."""

    def get(self) -> None:
        """The same for everybody."""
        self.page("Faces", wording.PARTICIPANT, "taking_part.js")


class Event(Handler):
    """What a participant did; the answer comes when it is on the disk."""

    async def post(self) -> None:
        """Take it, and say what to show."""
        person = self.person()
        state = self.room.people.session(person).state
        message, problem = _message(self.request.body), ""
        if message.get("event") == "decline" and state.display.kind == "consent":
            await self.room.forget(person)
            return self.finish({"declined": wording.DECLINED})
        if "event" in message and self.room.door != "over":
            event, serial = _event(state, message), message.get("serial")
            if type(serial) is not int:
                raise HTTPError(400)
            try:
                state = await self.room.answer(person, event, serial)
            except (OSError, SessionError):
                problem = wording.NOT_SAVED
            except LookupError:
                raise HTTPError(404) from None
            except ValueError:
                raise HTTPError(400) from None
        self.finish(_words(self.room, person, state, problem))


class DisplayPictures(Handler):
    """All pictures of one display, in the participant's places."""

    async def get(self, key: str) -> None:
        """Their bytes, one after the other."""
        design = self.room.people.session(self.person()).design
        try:
            found = await self.room.album.packed(design, key)
        except ValueError:
            raise HTTPError(404) from None
        self.set_header("Content-Type", "application/octet-stream")
        self.finish(found)


class Withdraw(Handler):
    """The right to be forgotten."""

    def get(self) -> None:
        """The form."""
        self.page("Withdraw", wording.withdrawal())

    async def post(self) -> None:
        """Delete all that belongs to a code."""
        self.may_guess()
        found = self.room.people.find(self.typed("key"))
        if found is None:
            self.guessed()
            self.set_status(404)
        else:
            await self.room.forget(found)
        self.page("Withdraw", wording.withdrawal(found is not None))


def _message(body: bytes) -> dict:
    try:
        message = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise HTTPError(400) from None
    if not isinstance(message, dict):
        raise HTTPError(400)
    return message


def _event(state: State, message: dict) -> dict:
    """The engine's event, of known fields only: which face stood at the chosen place. Raises HTTPError for nonsense."""
    event = {"event": message["event"]}
    for name, kind in FIELDS.items():
        value = message.get(name)
        if value is not None:
            if kind is float and type(value) is int:
                value = float(value)
            if type(value) is not kind:
                raise HTTPError(400)
            event[name] = value
    if message.get("by") in WAYS:
        event["by"] = message["by"]
    shown, place = state.display.stimulus, message.get("place")
    if event["event"] == "answer" and isinstance(shown, Panel):
        if type(place) is not int or not 0 <= place < len(shown.order):
            raise HTTPError(400)
        event |= {"phase": shown.phase, "trial": shown.trial, "choice": shown.order[place]}
    return event


def _words(room: Classroom, person: Participant, state: State, problem: str) -> dict[str, Any]:
    """What the browser paints, and the displays whose pictures it will need."""
    over = room.door == "over" and not export.finished(state)
    after = None if over else foreseen(state)
    coming = [] if over else [picture_key(one) for one in upcoming(state, AHEAD)]
    return _painted(room, state) | {
        "next": after and _painted(room, after), "problem": problem, "person": state.design.identity,
        "places": PLACES, "scale": SCALE, "pictures": [key for key in dict.fromkeys(coming) if key],
        "finished": export.finished(state),
        "completion": room.experiment.completion.replace("{id}", person.source) if export.finished(state) else "",
    }  # fmt: skip


def _painted(room: Classroom, state: State) -> dict[str, Any]:
    over = room.door == "over" and not export.finished(state)
    shown = wording.over(state) if over else wording.adapted(screen(state), state, room.experiment)
    words = asdict(shown) | {"kind": state.display.kind, "key": picture_key(state.display), "serial": state.serial}
    if over:
        words |= {"kind": "debrief", "key": ""}
    return words | {"text": [wording.inline(paragraph) for paragraph in shown.text]}
