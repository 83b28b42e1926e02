"""An experiment with a class, served in a thread, and people who take part over the wire."""

import asyncio
import json
import threading

import httpx
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets

from kit.classroom.experiment import Experiment
from kit.classroom.room import Classroom
from kit.classroom.server import serve

SMALL = Experiment(trials=6)


class Served:
    """A classroom in a thread of its own."""

    def __init__(self, folder, experiment=SMALL):
        self.folder, self.experiment, self.ready = folder, experiment, threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self.thread.start()
        assert self.ready.wait(120)
        self.web = httpx.Client(base_url=self.room.address, timeout=120)

    async def _serve(self):
        sockets = bind_sockets(0, "127.0.0.1")
        self.room = Classroom(self.folder, self.experiment, f"http://127.0.0.1:{sockets[0].getsockname()[1]}")
        server = serve(self.room, sockets)
        self.loop, self.over = IOLoop.current(), asyncio.Event()
        self.ready.set()
        await self.over.wait()
        server.stop()
        await server.close_all_connections()
        self.room.close()

    def stop(self):
        self.loop.add_callback(self.over.set)
        self.thread.join(60)

    def join(self, **fields) -> "Phone":
        """Somebody who has just come in."""
        answer = self.web.post("/", data={"code": self.room.join_code, **fields})
        assert answer.status_code == 303, answer.text
        return Phone(self.web, answer.headers["location"].partition("/p#")[2])

    def desk(self, what: str, method: str = "GET", **more) -> httpx.Response:
        """What the instructor asks."""
        headers = {"Authorization": f"Bearer {self.room.instructor}"}
        return self.web.request(method, f"/i/{what}", headers=headers, **more)


class Phone:
    """What a participant's browser does."""

    def __init__(self, web: httpx.Client, key: str):
        self.web, self.key = web, key
        self.headers = {"Authorization": f"Bearer {key}"}

    def post(self, content: bytes | str) -> httpx.Response:
        return self.web.post("/p/event", content=content, headers=self.headers)

    def event(self, **message) -> dict:
        """Send an event; what to show then."""
        answer = self.post(json.dumps(message))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pictures(self, name: str) -> list[bytes]:
        """The pictures of a display."""
        answer = self.web.get(f"/p/pictures/{name}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return unpacked(answer.content)

    def take_part(self, steps: int = 200) -> list[dict]:
        """All screens until the end."""
        screens = [self.event()]
        while screens[-1]["kind"] != "debrief" and len(screens) < steps:
            screens.append(self.event(**answer(screens[-1]), serial=screens[-1]["serial"]))
        return screens

    def until(self, kind: str) -> dict:
        """Take part until something is shown."""
        screen = self.event()
        while screen["kind"] != kind:
            screen = self.event(**answer(screen), serial=screen["serial"])
        return screen


def unpacked(packed: bytes) -> list[bytes]:
    """The pictures in one message."""
    found = []
    while packed:
        size = int.from_bytes(packed[:4], "big")
        found.append(packed[4 : 4 + size])
        packed = packed[4 + size :]
    return found


def answer(screen: dict) -> dict:
    """What somebody does who takes one face after the other."""
    if screen["kind"] == "match":
        return {"event": "match", "number": screen["done"], "same": True, "rt_ms": 900.0}
    if screen["kind"] == "panel":
        place, rating = screen["serial"] % 6, 1 + screen["serial"] % 6
        return {"event": "answer", "place": place, "rating": rating, "rt_choice_ms": 1500.0, "rt_rating_ms": 600.0,
                "by": "touch"}  # fmt: skip
    return {"event": screen["buttons"][0][0]}
