"""Controls beside a picture that answers while they move.

The browser asks for a picture only when the last one has come, always with the newest values, so
dragging never queues. Controls are native HTML, like those of `kit.teaching`: labelled, reachable by
keyboard, legible in both themes.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from kit import teaching
from kit.faces.pictures import encoded
from kit.javascript import bundled

Values = dict[str, Any]
Draw = Callable[[Values], tuple[np.ndarray, str]]
# Paper of a chart or drawing: on a dark page its negative, hues kept (as teaching/panel.css does with other charts).
SHEET = """
.tk-sheet { position: relative; width: fit-content; max-width: 100%; clip-path: inset(1px round 4px); }
.tk-sheet img { display: block; max-width: 100%; height: auto; }
.tk-paper { position: absolute; inset: 0; pointer-events: none; }
[data-jp-theme-light="false"] .tk-paper { backdrop-filter: invert(1) hue-rotate(180deg); }
"""
STYLE = (Path(teaching.__file__).with_name("panel.css"), Path(__file__).with_name("live_picture.css"))


@dataclass(frozen=True)
class Slider:
    """A number from `low` to `high`; `digits` and `unit` say how it is written beside the slider."""

    name: str
    label: str
    low: float
    high: float
    step: float
    value: float
    unit: str = ""
    digits: int = 0
    kind: str = "slider"


@dataclass(frozen=True)
class Choice:
    """One of several names."""

    name: str
    label: str
    options: tuple[str, ...]
    value: str
    kind: str = "choice"


@dataclass(frozen=True)
class Switch:
    """On or off."""

    name: str
    label: str
    value: bool
    kind: str = "switch"


@dataclass(frozen=True)
class Group:
    """Controls under one title."""

    title: str
    controls: tuple[Slider | Choice | Switch, ...]


class LivePicture(anywidget.AnyWidget):
    """A picture, a sentence below it, and controls on its right.

    Parameters
    ----------
    groups : the controls.
    draw : from the values of all controls, by name, to a picture (h, w, 3) and the sentence that describes it.
    """

    media = "image/jpeg"
    _esm = bundled(Path(__file__).with_name("live_picture.js"))
    _css = "\n".join(path.read_text(encoding="utf-8") for path in STYLE) + SHEET
    groups = traitlets.List().tag(sync=True)
    frame = traitlets.Dict().tag(sync=True)

    def __init__(self, groups: list[Group], draw: Draw, **traits: Any):
        self._draw = draw
        shown = {"groups": [asdict(group) for group in groups], "frame": self._drawn(start(groups), 0)}
        super().__init__(**shown, **traits)
        self.on_msg(self._heard)

    def _drawn(self, values: Values, serial: int) -> dict[str, Any]:
        image, words = self._draw(values)
        sent = {"picture": self.encode(image), "paper": self.paper(image), "media": self.media}
        return {**sent, "words": words, "serial": serial}

    def encode(self, image: np.ndarray) -> bytes:
        """A picture as the bytes of a file."""
        return encoded(image)

    def paper(self, image: np.ndarray) -> str:
        """Where a dark page shows its negative, as a `clip-path` of CSS: nowhere on a face."""
        return ""

    def _heard(self, _widget: Any, message: dict, _buffers: list) -> None:
        try:
            self.frame = self._drawn(message["values"], message["serial"])
        except Exception as error:
            # The browser waits for an answer before it asks again, so it gets one.
            words = f"This picture could not be drawn: {error}"
            self.frame = {**self.frame, "words": words, "serial": message["serial"]}
            raise

    def show(self, name: str) -> None:
        """Show it with the class `tk-<name>`, above a picture that stays when the kernel is gone."""
        self.add_class(f"tk-{name}")
        frame = self.frame
        left = left_behind(frame["picture"], frame["words"], self.media, frame["paper"])
        teaching.show(self, left, self.living(name))

    def living(self, name: str) -> dict[str, Any] | None:
        """What a page without Python needs to be as alive as here; None if only Python draws the picture."""
        return None


def start(groups: list[Group]) -> Values:
    """The values that the controls begin with."""
    return {control.name: control.value for group in groups for control in group.controls}


def data_url(picture: bytes, media: str = "image/jpeg") -> str:
    """An address that carries the picture itself."""
    return f"data:{media};base64,{b64encode(picture).decode()}"


def left_behind(picture: bytes, words: str, media: str = "image/jpeg", paper: str = "") -> str:
    """HTML of one picture and its sentence, for a page without a kernel; `paper` as `LivePicture.paper` says."""
    image = f'<img alt="{escape(words)}" src="{data_url(picture, media)}">'
    if paper:
        over = f'<span class="tk-paper" style="clip-path:{paper}"></span>'
        image = f'<style>{SHEET}</style><div class="tk-sheet">{image}{over}</div>'
    return (
        f'<figure style="margin:.3em 0">{image}<figcaption>{escape(words)} '
        "(Run this cell in a live notebook, and sliders change the picture.)</figcaption></figure>"
    )
