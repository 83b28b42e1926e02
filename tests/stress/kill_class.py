"""Kill the server of a class at any moment, again and again, and count acknowledged answers that are gone.

    python tests/stress/kill_class.py --n 100

A child serves an experiment. Ten participants answer one after the other, as fast as it goes; at a random moment the
child is killed (SIGKILL), and the next one goes on with the same folder. Whoever got no acknowledgement sends the same
answer again. In the end every acknowledged answer must be on the disk, once. The last line of the output is `lost: `
and a number.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
import warnings
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from load_class import learned
from tornado.netutil import bind_sockets

from kit.classroom.experiment import Experiment
from kit.classroom.people import People
from kit.classroom.room import Classroom
from kit.classroom.server import serve

PEOPLE, NEW = 10, 2  # of whom so many come in by the door; the others know the face already
LONGEST = 0.8  # seconds that a child lives after it has answered
EARLY = 0.2  # share of children that are killed earlier, perhaps while they read the folder
EXPERIMENT = Experiment(trials=600)


def child(folder: Path, port: int) -> int:
    """A process that serves; its number."""
    number = os.fork()
    if number == 0:
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            asyncio.run(listen(folder, port))
        finally:
            os._exit(1)
    return number


async def listen(folder: Path, port: int) -> None:
    sockets = bind_sockets(port, "127.0.0.1")
    serve(Classroom(folder, EXPERIMENT), sockets)
    await asyncio.Event().wait()


class Killed:
    """A server that is killed at random moments and begun again."""

    def __init__(self, folder: Path, rng: random.Random):
        self.folder, self.rng, self.kills = folder, rng, 0
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        signal.signal(signal.SIGALRM, lambda *_: self.kill())
        self.number = None
        self.begin()

    def begin(self) -> None:
        self.number = child(self.folder, self.port)
        if self.rng.random() < EARLY:
            signal.setitimer(signal.ITIMER_REAL, self.rng.uniform(0.001, LONGEST))
            return
        while not self.answers():
            time.sleep(0.01)
        signal.setitimer(signal.ITIMER_REAL, self.rng.uniform(0.001, LONGEST))

    def answers(self) -> bool:
        line = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            line.request("GET", "/")
            return line.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            line.close()

    def kill(self) -> None:
        os.kill(self.number, signal.SIGKILL)

    def ask(self, method: str, address: str, body: str, headers: dict) -> tuple[int, dict, bytes]:
        """A request that is sent until it is answered."""
        while True:
            line = HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                line.request(method, address, body, headers)
                found = line.getresponse()
                return found.status, dict(found.getheaders()), found.read()
            except (OSError, HTTPException):
                if os.waitpid(self.number, os.WNOHANG) == (0, 0):
                    time.sleep(0.01)  # it is not there yet
                else:
                    self.kills += 1
                    self.begin()
            finally:
                line.close()


class Taker:
    """A participant, and what was acknowledged."""

    def __init__(self, server: Killed, key: str = ""):
        self.server, self.acknowledged, self.serial = server, {}, 0
        self.key = key or self.come_in()
        self.screen = self.send({})

    def come_in(self) -> str:
        """By the door."""
        self.server.ask("GET", "/", "", {})  # it is there
        code = json.loads((self.server.folder / "secrets.json").read_text())["join"]
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        status, headers, _ = self.server.ask("POST", "/", f"code={code}", form)
        assert status == 303, status
        return headers["Location"].partition("#")[2]

    def send(self, message: dict) -> dict:
        headers = {"Authorization": f"Bearer {self.key}"}
        status, _, body = self.server.ask("POST", "/p/event", json.dumps(message), headers)
        while status == 429:  # this one asks more often than people do
            time.sleep(1)
            status, _, body = self.server.ask("POST", "/p/event", json.dumps(message), headers)
        assert status == 200, body
        screen = json.loads(body)
        self.serial = max(self.serial, screen["serial"])
        return screen

    def step(self, rng: random.Random) -> None:
        """Do what is asked."""
        now = self.screen
        if now["kind"] == "panel":
            event = {"event": "answer", "place": rng.randrange(6), "rating": rng.randint(1, 6)}
        elif now["kind"] == "match":
            event = {"event": "match", "number": now["done"], "same": rng.random() < 0.5}
        else:
            event = {"event": now["buttons"][0][0]}
        self.screen = self.send({**event, "serial": now["serial"]})
        if now["kind"] == "panel" and self.screen["serial"] > now["serial"]:
            self.acknowledged[now["key"]] = event["rating"]


def lost(folder: Path, takers: list[Taker]) -> tuple[int, int]:
    """Events on the disk, and how many acknowledged ones are not there, or other ones, or twice."""
    people, kept, gone = People(folder, EXPERIMENT), 0, 0
    for taker in takers:
        state = people.session(people.find(taker.key)).state
        found = {f"{one.phase}-{one.trial}": one.rating for one in state.answers}
        kept += state.serial
        gone += sum(found.get(key) != rating for key, rating in taker.acknowledged.items())
        gone += max(0, taker.serial - state.serial) + len(state.answers) - len(found)
    people.close()
    return kept, gone


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=100, help="kills (default 100)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (default 0)")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")  # of torn lines, which are wanted here
    rng, begin = random.Random(chosen.seed), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        keys = learned(Path(folder), PEOPLE - NEW, EXPERIMENT)
        server = Killed(Path(folder), rng)
        takers = [Taker(server, key) for key in keys] + [Taker(server) for _ in range(NEW)]
        while server.kills < chosen.n:
            rng.choice(takers).step(rng)
        signal.setitimer(signal.ITIMER_REAL, 0)
        server.kill()
        os.waitpid(server.number, 0)
        kept, gone = lost(Path(folder), takers)
    told = sum(len(taker.acknowledged) for taker in takers)
    print(f"{server.kills} kills, {told} acknowledged answers, {kept} events on the disk, ", end="")
    print(f"{time.perf_counter() - begin:.0f} s")
    print(f"lost: {gone}")
    return gone > 0 or told < chosen.n  # with hardly an answer nothing was tried


if __name__ == "__main__":
    sys.exit(main())
