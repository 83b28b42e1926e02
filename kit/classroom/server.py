"""The experiment over the network: participants by an address of their own, the instructor by a secret one.

One process, one thread for answers: each is on the disk before it is acknowledged. Pictures are drawn in another
thread and then kept. Nothing that a browser sends reaches a path, and no header, address or agent is stored.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError, RequestHandler

from kit import teaching, widgets
from kit.behavior.experiment import State
from kit.behavior.protocol import Panel
from kit.behavior.screens import PLACES, SCALE, foreseen, picture_key, screen, upcoming
from kit.behavior.session import SessionError
from kit.classroom import panels, wording
from kit.classroom.experiment import Experiment, begun
from kit.classroom.people import People, Person, word
from kit.networks.files import atomic
from kit.teaching.markup import inline

AHEAD = 5  # panels whose pictures a browser fetches before they are needed
MOST_BYTES = 4096  # of what a browser may send
TRIES, PER = 30, 60.0  # join codes that one address may try in so many seconds
WEB = Path(__file__).parent / "web"
STATIC = {
    "door.js": WEB / "door.js",
    "instructor.js": WEB / "instructor.js",
    "page.css": WEB / "page.css",
    "participant.js": Path(widgets.__file__).parent / "participant.js",
    "participant.css": Path(widgets.__file__).parent / "participant.css",
    "panel.css": Path(teaching.__file__).parent / "panel.css",
}
KINDS = {".js": "text/javascript", ".css": "text/css"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Classroom:
    """An experiment that is open, with its participants and its secrets.

    Parameters
    ----------
    folder : Path
        Where everything is kept; one server at a time uses it.
    experiment : Experiment
    """

    def __init__(self, folder: Path, experiment: Experiment):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.experiment = begun(folder, experiment)
        self.people = People(folder, self.experiment)
        self.open = True
        self.drawing = ThreadPoolExecutor(1, "drawing")
        kept = _secrets(folder)
        self.join_code, self.instructor = kept["join"], kept["instructor"]
        self.tries: dict[str, list[float]] = {}

    def application(self) -> Application:
        share = {"room": self}
        return Application(
            [
                (r"/", Join, share),
                (r"/p/([\w-]{22})", Page, share),
                (r"/p/([\w-]{22})/event", Event, share),
                (r"/p/([\w-]{22})/picture/([\w.-]{1,40})/(\d)\.jpg", Picture, share),
                (r"/withdraw", Withdraw, share),
                (r"/i/([\w-]{22})", Instructor, share),
                (r"/i/([\w-]{22})/(state|open|close|ratings\.csv)", Control, share),
                (r"/static/([a-z.]+)", Static),
            ],
            default_handler_class=Missing,
            log_function=lambda handler: None,  # addresses hold secrets
        )

    def may_try(self, address: str) -> bool:
        """Whether an address has tries left; what is kept is forgotten after a minute."""
        now = asyncio.get_running_loop().time()
        recent = [time for time in self.tries.get(address, []) if now - time < PER]
        self.tries = {a: times for a, times in self.tries.items() if times and now - times[-1] < PER}
        self.tries[address] = [*recent, now]
        return len(recent) < TRIES


def _secrets(folder: Path) -> dict[str, str]:
    """The join code and the instructor's token, made once; only the owner of the folder may read them."""
    path = folder / "secrets.json"
    if not path.exists():
        with atomic(path) as file:
            file.write(json.dumps({"join": word(6), "instructor": secrets.token_urlsafe(16)}).encode())
        path.chmod(0o600)
    return json.loads(path.read_text(encoding="utf-8"))


def serve(room: Classroom, port: int, host: str = "127.0.0.1") -> HTTPServer:
    """Listen. Raises OSError if the port is taken."""
    server = HTTPServer(room.application(), max_body_size=MOST_BYTES, max_header_size=8192, idle_connection_timeout=60,
                        body_timeout=10)  # fmt: skip
    server.listen(port, host)
    return server


class Handler(RequestHandler):
    """Headers of all answers, and errors in a sentence."""

    def initialize(self, room: Classroom | None = None) -> None:
        self.room = room

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")

    def write_error(self, status_code: int, **more: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(wording.ERRORS.get(status_code, wording.ERRORS[500]))

    def person(self, token: str) -> Person:
        found = self.room.people.find(token)
        if found is None:
            raise HTTPError(404)
        return found

    def page(self, **parts: str) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(wording.page(**parts))


class Missing(Handler):
    def prepare(self) -> None:
        raise HTTPError(404)


class Join(Handler):
    """The door: a join code in, an address of one's own out."""

    def get(self) -> None:
        self.page(title="Take part", body=wording.door(self.get_query_argument("code", "")))

    def post(self) -> None:
        if not self.room.may_try(self.request.remote_ip):
            raise HTTPError(429)
        code = self.get_body_argument("code", "").strip().lower()
        if not hmac.compare_digest(code.encode(), self.room.join_code.encode()):
            self.set_status(403)
            return self.page(title="Take part", body=wording.door("", wrong=True))
        if not self.room.open:
            raise HTTPError(409)
        token, withdrawal = self.room.people.join()
        self.redirect(f"/p/{token}#{withdrawal}", status=303)


class Page(Handler):
    """A participant's page."""

    def get(self, token: str) -> None:
        self.person(token)
        self.page(title="Faces", body=wording.PARTICIPANT, script="door.js")


class Event(Handler):
    """What a participant did; the answer comes when it is on the disk."""

    def post(self, token: str) -> None:
        person = self.person(token)
        try:
            message = json.loads(self.request.body or b"{}")
            if not isinstance(message, dict):
                raise ValueError
        except ValueError:
            raise HTTPError(400) from None
        session, problem = self.room.people.session(person), ""
        if "event" in message:
            try:
                session.submit(_event(session.state, message), int(message["serial"]))
            except (OSError, SessionError) as error:
                problem = wording.trouble(error)
            except (ValueError, KeyError, TypeError, IndexError):
                raise HTTPError(400) from None
        self.finish(_words(self.room, session.state, problem))


class Picture(Handler):
    async def get(self, token: str, key: str, place: str) -> None:
        design = self.room.people.session(self.person(token)).design
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self.room.drawing, panels.jpeg, design, f"{key}/{place}")
        except ValueError:
            raise HTTPError(404) from None
        self.set_header("Content-Type", "image/jpeg")
        self.set_header("Cache-Control", "private, max-age=3600")
        self.finish(found)


class Withdraw(Handler):
    def get(self) -> None:
        self.page(title="Withdraw", body=wording.withdrawal())

    def post(self) -> None:
        if not self.room.may_try(self.request.remote_ip):
            raise HTTPError(429)
        gone = self.room.people.withdraw(self.get_body_argument("code", ""))
        self.set_status(200 if gone else 404)
        self.page(title="Withdraw", body=wording.withdrawal(gone))


class Secret(Handler):
    """Pages of the instructor; whoever has not the token learns not even that they exist."""

    def check(self, token: str) -> None:
        if not hmac.compare_digest(token.encode(), self.room.instructor.encode()):
            raise HTTPError(404)


class Instructor(Secret):
    def get(self, token: str) -> None:
        self.check(token)
        self.page(title="The class", body=wording.INSTRUCTOR, script="instructor.js")


class Control(Secret):
    def get(self, token: str, what: str) -> None:
        self.check(token)
        if what == "state":
            return self.finish(wording.overview(self.room))
        if what == "ratings.csv":
            self.set_header("Content-Type", "text/csv; charset=utf-8")
            return self.finish(self.room.people.ratings().to_csv(index=False))
        raise HTTPError(405)

    def post(self, token: str, what: str) -> None:
        self.check(token)
        if what not in ("open", "close"):
            raise HTTPError(405)
        self.room.open = what == "open"
        self.finish(wording.overview(self.room))


class Static(Handler):
    def get(self, name: str) -> None:
        if name not in STATIC:
            raise HTTPError(404)
        self.set_header("Content-Type", KINDS[STATIC[name].suffix])
        self.finish(STATIC[name].read_bytes())


def _event(state: State, message: dict) -> dict:
    """The engine's event: which face stood at the chosen place."""
    shown = state.display.stimulus
    if message["event"] == "answer" and isinstance(shown, Panel):
        message = message | {"phase": shown.phase, "trial": shown.trial, "choice": shown.order[message["place"]]}
    return {name: value for name, value in message.items() if name != "serial"}


def _words(room: Classroom, state: State, problem: str) -> dict[str, Any]:
    """What the browser paints, with the names of the pictures that it will need."""
    after = foreseen(state)
    coming = {picture_key(one): panels.names(state.design, one) for one in upcoming(state, AHEAD)}
    return _painted(room, state) | {
        "next": after and _painted(room, after), "problem": problem, "person": state.design.identity,
        "places": PLACES, "scale": SCALE, "pictures": {key: names for key, names in coming.items() if key},
    }  # fmt: skip


def _painted(room: Classroom, state: State) -> dict[str, Any]:
    words = asdict(wording.adapted(screen(state), state, room.experiment))
    words["text"] = [inline(paragraph) for paragraph in words["text"]]
    return words | {"kind": state.display.kind, "key": picture_key(state.display), "serial": state.serial}
