"""Pictures of displays, drawn once for all participants of a condition and kept as JPEG in memory.

Participants of a condition see the same faces in places of their own, so a picture is named by what it shows.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache

from kit.behavior.experiment import Display
from kit.behavior.protocol import MATCH_LAMPS, MATCH_YAWS, MOST_MATCHES, Design, Match, Panel, plan
from kit.behavior.screens import picture_key, pictures
from kit.faces.pictures import encoded
from kit.faces.stimuli import PANEL

MATCH = re.compile(r"match_(?:same|other-(\d{1,3}))_(-?\d+)_(-?\d+)")
PANEL_KEY = re.compile(r"(practice|rate|retest|catch)-(\d{1,5})")
KEPT = 4096  # displays; six pictures of 12 kB each
_one_at_a_time = threading.Lock()


def names(design: Design, display: Display) -> list[str]:
    """Names of what a display shows, in the order of its places; none for words alone."""
    shown, key = display.stimulus, picture_key(display)
    if isinstance(shown, Panel):
        return [f"{key}/{face}" for face in shown.order]
    if isinstance(shown, Match):
        who = "same" if shown.same else f"other-{shown.number}"
        return [f"match_{who}_{shown.yaw:g}_{shown.lamp:g}/0"]
    return [f"study/{view}" for view in range(6)] if key else []


def jpeg(design: Design, name: str) -> bytes:
    """A picture by its name. Raises ValueError for names of nothing."""
    key, _, place = name.partition("/")
    found = _drawn(_general(design), key)
    if not place.isdecimal() or int(place) >= len(found):
        raise ValueError(f"there is no picture {name!r}")
    return found[int(place)]


def _general(design: Design) -> Design:
    """The design without its participant, whose code only decides about places and order."""
    return Design(design.identity, "anybody", design.seed, design.components, design.rate, design.retest,
                  design.catch, design.view)  # fmt: skip


@lru_cache(maxsize=KEPT)
def _drawn(design: Design, key: str) -> tuple[bytes, ...]:
    with _one_at_a_time:
        return tuple(encoded(image) for image in pictures(design, _display(design, key)))


def _display(design: Design, key: str) -> Display:
    if key == "study":
        return Display("study")
    match = MATCH.fullmatch(key)
    if match and float(match[2]) in MATCH_YAWS and float(match[3]) in MATCH_LAMPS and int(match[1] or 0) < MOST_MATCHES:
        return Display("match", Match(int(match[1] or 0), match[1] is None, float(match[2]), float(match[3])))
    panel = PANEL_KEY.fullmatch(key)
    if panel:
        phase, trial = "rate" if panel[1] == "retest" else panel[1], int(panel[2])
        if (phase, trial) in {(one.phase, one.trial) for one in plan(design)}:
            return Display("panel", Panel(phase, trial, tuple(range(PANEL))))
    raise ValueError(f"there is no display {key!r}")
