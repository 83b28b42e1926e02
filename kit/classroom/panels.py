"""Pictures of displays, drawn once for all participants of a condition and kept as JPEG in memory.

Participants of a condition who see the same panel see it in places of their own, and a browser asks for a display by
the name that its own plan has for it. All pictures of a display travel in one message: for each its length in four
bytes, then the JPEG.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import zip_longest

from kit.behavior.experiment import Display
from kit.behavior.protocol import Match, Panel, Procedure, matches, plan
from kit.behavior.screens import pictures
from kit.faces.pictures import encoded
from kit.faces.stimuli import PANEL

MATCH = re.compile(r"match-(\d{1,2})")
KEPT = 4096  # displays; six pictures of 12 kB each
Shown = tuple[Procedure, Display]


class Album:
    """Pictures of displays, drawn one display at a time in a thread of their own."""

    def __init__(self) -> None:
        self._drawn: dict[Shown, tuple[bytes, ...]] = {}
        self._pen = ThreadPoolExecutor(1, "pen")

    def __len__(self) -> int:
        return len(self._drawn)

    async def packed(self, design: Procedure, key: str) -> bytes:
        """The pictures of a participant's display, in the participant's places. Raises ValueError for no display."""
        display = displayed(design, key)
        found = await self._get(common(design, display))
        order = display.stimulus.order if isinstance(display.stimulus, Panel) else range(len(found))
        return b"".join(len(found[place]).to_bytes(4, "big") + found[place] for place in order)

    async def draw_ahead(self, designs: Sequence[Procedure]) -> None:
        """Draw what participants with these designs will need, a display at a time; what all see first comes first."""
        for panels in zip_longest(*map(plan, designs)):
            for design, panel in zip(designs, panels):
                if panel:
                    await self._get(common(design, Display("panel", panel)))

    def close(self) -> None:
        """Stop drawing."""
        self._pen.shutdown(wait=False, cancel_futures=True)

    async def _get(self, shown: Shown) -> tuple[bytes, ...]:
        if shown not in self._drawn:
            self._drawn[shown] = await asyncio.get_running_loop().run_in_executor(self._pen, self._draw, shown)
            while len(self._drawn) > KEPT:
                del self._drawn[next(iter(self._drawn))]
        return self._drawn[shown]

    def _draw(self, shown: Shown) -> tuple[bytes, ...]:
        found = self._drawn.get(shown)  # somebody else may have asked before
        return found or tuple(encoded(image) for image in pictures(*shown))


def displayed(design: Procedure, key: str) -> Display:
    """The display that a participant's plan calls so. Raises ValueError if it has none."""
    if key == "study":
        return Display("study")
    match = MATCH.fullmatch(key)
    if match and int(match[1]) < len(matches(design)):
        return Display("match", matches(design)[int(match[1])])
    for panel in plan(design):
        if key == f"{panel.phase}-{panel.trial}":
            return Display("panel", panel)
    raise ValueError(f"there is no display {key!r}")


def common(design: Procedure, display: Display) -> Shown:
    """The same for all participants who see these faces: without a code, a place, a number that does not matter."""
    shown = display.stimulus
    if isinstance(shown, Panel):
        phase = "rate" if shown.phase == "retest" else shown.phase
        display = Display("panel", Panel(phase, shown.trial, tuple(range(PANEL))))
    if isinstance(shown, Match) and shown.same:
        display = Display("match", replace(shown, number=0))
    view = design.view if isinstance(shown, Panel) else "frontal"
    return replace(design, observer="anybody", first=0, view=view), display
