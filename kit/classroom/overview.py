"""What the instructor sees of the participants: codes only."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import segno

from kit.behavior.experiment import State

from . import export
from .people import Participant
from .room import Classroom

PLACES = {
    "consent": "reads the consent", "study": "learns the face", "match": "is tested", "panel": "rates",
    "begin": "is about to begin", "break": "takes a break", "debrief": "stopped",
}  # fmt: skip


def overview(room: Classroom) -> dict[str, Any]:
    """Where everything is, for the instructor's page."""
    rows = [_row(person, room.people.session(person).state) for person in room.people]
    return {
        "door": room.door, "code": room.join_code, "link": room.link, "address": room.address, "qr": qr(room.link),
        "trouble": room.trouble, "people": rows,
        "ratings": sum(row["answered"] for row in rows), "finished": sum(row["finished"] for row in rows),
        "words": reliability(rows), "version": room.portraits.version,
    }  # fmt: skip


@lru_cache(maxsize=4)
def qr(link: str) -> str:
    """A code for cameras, as SVG."""
    return segno.make(link, micro=False).svg_inline(omitsize=True, dark="#000", light="#fff", border=3)


def reliability(rows: list[dict[str, Any]]) -> str:
    """How far these ratings can be trusted, as far as it is known."""
    same, again, found, catches = (sum(row[name] for row in rows) for name in ("same", "again", "found", "catches"))
    if not again:
        return "How reliable the class is will be known once panels have come twice."
    told = f"Of {_counted(again, 'repeated panel')}, the same face was chosen in {same} (guessing: 1 in 6)"
    return told + (
        f"; of {_counted(catches, 'catch trial')}, the learned face was found in {found}." if catches else "."
    )


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"


def _row(person: Participant, state: State) -> dict[str, Any]:
    again, caught = export.repeated(state), export.caught(state)
    finished = export.finished(state)
    practice = state.display.kind == "panel" and not state.counted
    return {
        "code": person.code, "identity": person.identity, "view": person.view, "finished": finished,
        "at": "has finished" if finished else "practises" if practice else PLACES[state.display.kind],
        "answered": len(state.counted), "total": state.design.total, "same": sum(again), "again": len(again),
        "found": sum(caught), "catches": len(caught),
    }  # fmt: skip
