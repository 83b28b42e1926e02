"""Shape without texture, texture without shape: how much of a person is left?"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from kit.faces import Faces, load
from kit.faces.stimuli import identities
from kit.files import data
from kit.javascript import bundled
from kit.plots.signs import minus

from .live_head import VIEW, LiveHead, image, numbers, view_words
from .live_picture import Group, Slider, Values, start

PERSON = "Leo"
CONTROLS = (
    Slider("shape", "his shape", 0, 150, 5, 100, " %"),
    Slider("texture", "his texture", 0, 150, 5, 100, " %"),
)
START = start([Group("", CONTROLS)])
AT_FIRST = start([VIEW]) | START
FIRST = "first_face.jpg"  # the picture at the start, drawn beforehand: see data/build/first_face.py


@cache
def _person() -> Faces:
    return identities(load())[PERSON]


def compute(values: Values) -> Faces:
    """The person with so much of his own shape and texture; the rest is the average of his sex, age and ancestry."""
    v, person = START | values, _person()
    return person.changed(shape=v["shape"] / 100 * person.shape, texture=v["texture"] / 100 * person.texture)


def describe(values: Values) -> str:
    """What the picture shows, in one sentence."""
    v = START | values
    parts = f"{PERSON} with {v['shape']:g} % of his shape and {v['texture']:g} % of his texture"
    return minus(f"{parts}; {view_words(values)}.")


class TwoHalves(LiveHead):
    """Two sliders and a head."""

    _esm = bundled(Path(__file__).with_name("two_halves.js"))

    def __init__(self):
        facts = {"name": PERSON, **numbers(_person())}
        groups = [Group(f"How much of {PERSON}", CONTROLS)]
        super().__init__(groups, lambda values: (image(compute(values), values), describe(values)), START, facts)

    def _drawn(self, values: Values, serial: int) -> dict[str, Any]:
        if AT_FIRST | values != AT_FIRST:
            return super()._drawn(values, serial)
        picture = data.verified(FIRST).read_bytes()  # the first cell waits for neither renderer nor textures
        return {"picture": picture, "paper": "", "media": self.media, "words": describe(values), "serial": serial}


def shape_or_texture() -> None:
    """Show a person with as much of his shape, and of his texture, as two sliders say."""
    TwoHalves().show("two-halves")
