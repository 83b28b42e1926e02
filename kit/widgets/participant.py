"""Take part in the experiment: panels that are there at once, no answer before the last one is on the disk.

**When the next panel appears.** Words and pictures of the next panel lie ready in the browser, which paints
them at the key press, but takes no answer to them until Python says that the last one is on the disk: a
message there and back and one fsync, far shorter than anybody needs to look at six faces. Painting only
after that word would be simpler; on a busy or distant machine every panel would then come late and by a
varying time. If the disk refuses, the new panel is hidden again and the answer stays to be sent once more;
a key pressed while waiting counts for nothing, and that panel's response time is left unknown.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from kit import teaching
from kit.behavior.experiment import Display, State
from kit.behavior.protocol import Panel
from kit.behavior.screens import PLACES, SCALE, foreseen, picture_key, pictures, screen, upcoming
from kit.behavior.session import Session, SessionError
from kit.faces.pictures import encoded, sheet
from kit.files.records import spoken
from kit.javascript import bundled
from kit.teaching.markup import inline

from .live_picture import data_url

AHEAD = 5  # panels whose pictures lie ready in the browser
INVITED = "Run this cell in a live notebook to take part; your answers stay on your own computer."
STYLE = (Path(teaching.__file__).with_name("panel.css"), Path(__file__).with_name("participant.css"))


class TakingPart(anywidget.AnyWidget):
    """The experiment in a cell.

    Parameters
    ----------
    session : Session
    """

    _esm = bundled(Path(__file__).with_name("participant.js"))
    _css = "\n".join(path.read_text(encoding="utf-8") for path in STYLE)
    screen = traitlets.Dict().tag(sync=True)
    pictures = traitlets.Dict().tag(sync=True)

    def __init__(self, session: Session):
        self._session, self._sent, self._replies = session, set(), 0
        super().__init__(screen=self._words(""))
        self.on_msg(self._heard)

    def _words(self, problem: str) -> dict[str, Any]:
        """The screen as the browser paints it, with the next one if it is known; `reply` makes it new."""
        self._replies += 1
        state = self._session.state
        after = foreseen(state)
        return self._painted(state) | {
            "next": after and self._painted(after), "problem": problem, "reply": self._replies,
            "person": state.design.identity, "places": PLACES, "scale": SCALE,
        }  # fmt: skip

    def _painted(self, state: State) -> dict[str, Any]:
        words = asdict(screen(state, f" ({spoken(self._session.path)})"))
        words["text"] = [inline(paragraph) for paragraph in words["text"]]
        return words | {"kind": state.display.kind, "key": picture_key(state.display), "serial": state.serial}

    def _heard(self, _widget: Any, message: dict, _buffers: list) -> None:
        problem = ""
        if "event" in message:
            try:
                self._session.submit(self._event(message), message["serial"])
            except (OSError, ValueError, SessionError) as error:
                problem = str(error)
        self.screen = self._words(problem)
        self._send_pictures(again=message.get("missing"))

    def _event(self, message: dict) -> dict:
        """The engine's event: which face stood at the chosen place, which test was answered."""
        shown = self._session.state.display.stimulus
        if message["event"] == "answer" and isinstance(shown, Panel):
            message = message | {"phase": shown.phase, "trial": shown.trial, "choice": shown.order[message["place"]]}
        return {name: value for name, value in message.items() if name != "serial"}

    def _send_pictures(self, again: str | None) -> None:
        """Send what the browser will need soon, and what it says it lacks."""
        self._sent.discard(again)
        for display in upcoming(self._session.state, AHEAD):
            key = picture_key(display)
            if key and key not in self._sent:
                images = pictures(self._session.design, display)
                self.pictures = {"key": key, "jpegs": [encoded(image) for image in images]}
                self._sent.add(key)

    def show(self) -> None:
        """Show it, above words and a picture that stay when the kernel is gone."""
        self.add_class("tk-participant")
        design = self._session.design
        words = f"{design.identity}, the face to learn, from three sides and in three lights."
        views = data_url(encoded(sheet(pictures(design, Display("study"))[:, ::2, ::2], 6)))
        teaching.show(self, f'<p><img alt="{words}" src="{views}"></p><p>{words} {INVITED}</p>')


def participate(session: Session) -> None:
    """Take part, or go on where you stopped.

    Parameters
    ----------
    session : Session
        From `kit.behavior.session.open_session`.

    Examples
    --------
    >>> participate(open_session(Design("Mei")))       # doctest: +SKIP
    """
    TakingPart(session).show()
