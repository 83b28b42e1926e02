"""A head that the browser draws, with its sentence and controls: it follows the hand while Python is busy or far away.

Where the browser has no WebGL2, Python draws it, as `LivePicture` does. Each widget of this kind says twice what its
controls mean: in Python (`compute`, `describe`) and in the JavaScript module of the same name; tests hold the two
together.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np
import traitlets
from IPython import get_ipython

from kit.faces import Faces, web
from kit.javascript import bundled
from kit.teaching.shell import headless

from .live_picture import Draw, Group, LivePicture, Slider, Switch, Values, start

SIZE = 300  # pixels: the largest picture that needs no finer mesh
VIEW = Group("View and light", (
    Slider("yaw", "turn", -60, 60, 1, 0, "°"),
    Slider("pitch", "nod", -30, 30, 1, 0, "°"),
    Slider("azimuth", "lamp left – right", -80, 80, 1, 0, "°"),
    Slider("elevation", "lamp low – high", -30, 80, 1, 30, "°"),
    Switch("cap", "swim cap", True),
))  # fmt: skip


def image(face: Faces, values: Values) -> np.ndarray:
    """A face as the controls of view and light show it, (300, 300, 3)."""
    v = start([VIEW]) | values
    return face.render(SIZE, v["yaw"], v["pitch"], (v["azimuth"], v["elevation"]), v["cap"])[0]


def numbers(face: Faces) -> dict[str, Any]:
    """One face as the browser takes it, for JSON."""
    row = {name: float(getattr(face, name)[0]) for name in ("sex", "age")}
    return row | {name: getattr(face, name)[0].tolist() for name in ("ancestry", "shape", "texture", "expression")}


def view_words(values: Values) -> str:
    """How a head is turned and lit, in words."""
    v = start([VIEW]) | values
    across, up = (f"{v[name]:+g}°" if v[name] else "0°" for name in ("azimuth", "elevation"))
    lamp = f"lamp at {across} across and {up} up"
    cap = [] if v["cap"] else ["no cap"]
    return ", ".join([turn_words(v) or "seen from the front", lamp, *cap])


def turn_words(values: Values) -> str:
    """How a head is turned, in words; empty from the front."""
    v = start([VIEW]) | values
    turn = [f"turned {abs(v['yaw']):g}° {'right' if v['yaw'] > 0 else 'left'}"] if v["yaw"] else []
    nod = [f"nodding {abs(v['pitch']):g}° {'up' if v['pitch'] > 0 else 'down'}"] if v["pitch"] else []
    return ", ".join(turn + nod)


class ModelFile(ipywidgets.Widget):
    """The face model's file on the page: once, however many widgets show its faces."""

    file = traitlets.Bytes().tag(sync=True)


@cache
def _model_file() -> ModelFile:
    return ModelFile(file=web.model_file())


def studio() -> dict[str, Any]:
    """What the browser needs to draw: the model's file, by its widget, the constants, and a key to share by."""
    if _model_file.cache_info().currsize and _model_file().comm is None:
        _model_file.cache_clear()  # somebody closed all widgets
    constants, file = web.constants(), _model_file()
    same = file.file + json.dumps(constants).encode() + bundled(web.HERE / "stage.js").encode()
    key = hashlib.sha256(same).hexdigest()
    return {"key": key, "constants": constants, "file": f"IPY_MODEL_{file.model_id}"}


class LiveHead(LivePicture):
    """A head to turn, a lamp to move, a sentence, and controls.

    Parameters
    ----------
    groups : the controls on show.
    draw : as in `LivePicture`: what Python shows where the browser cannot.
    values : what all controls say at the start, also those that are not on show.
    facts : what the module in JavaScript needs beside the values, for JSON.
    """

    _css = LivePicture._css + Path(__file__).with_name("live_head.css").read_text(encoding="utf-8")
    start = traitlets.Dict().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    view = traitlets.Dict().tag(sync=True)
    facts = traitlets.Dict().tag(sync=True)
    studio = traitlets.Dict().tag(sync=True)
    afterwards = traitlets.Dict().tag(sync=True)

    def __init__(self, groups: list[Group], draw: Draw, values: Values, facts: dict[str, Any]):
        values = start([VIEW]) | values
        self._name, self._cell = "head", None  # what it is called, and the cell that shows it
        limits = {c.name: {"low": c.low, "high": c.high, "value": values[c.name]} for c in VIEW.controls[:4]}
        super().__init__(groups, draw, start=values, values=values, view=limits, facts=facts)
        self.observe(self._follow, "values")
        self._follow()

    def _follow(self, _change: Any = None) -> None:
        self.afterwards = self.later(self.values)

    def later(self, values: Values) -> dict[str, Any]:
        """What only Python can say, and says when it has time: {"of": the values that it is true of, "words": ...}."""
        return {}

    def show(self, name: str) -> None:
        """Show it with the class `tk-<name>`, above a picture that stays when the kernel is gone."""
        if not headless():
            self.studio = studio()
        self._name, self._cell = name, _cell()
        self.add_class("tk-live-head")
        super().show(name)

    def living(self, name: str) -> dict[str, Any]:
        """The name of the widget, and the state that it starts with."""
        state = {name: getattr(self, name) for name in ("groups", "start", "values", "view", "facts", "afterwards")}
        return {"widget": name, "state": state}

    def _ipython_display_(self) -> None:
        """Nothing at the end of the cell that has shown it already; in another cell, the widget once more."""
        if self._cell != _cell():
            self.frame = self._drawn(self.values, 0)  # what is left behind there is the face of now
            self.show(self._name)


def _cell() -> int | None:
    """The number of the cell that is running; None outside a notebook."""
    ipython = get_ipython()
    return ipython.execution_count if ipython else None
