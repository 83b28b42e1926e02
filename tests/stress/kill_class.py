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

from tornado.netutil import bind_sockets

from kit.classroom.experiment import Experiment
from kit.classroom.people import People
from kit.classroom.room import Classroom
from kit.classroom.server import serve

PEOPLE = 10
LONGEST = 0.8  # seconds that a child lives after it has begun to listen
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
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                break
            except OSError:
                time.sleep(0.01)
        signal.setitimer(signal.ITIMER_REAL, self.rng.uniform(0.001, LONGEST))

    def kill(self) -> None:
        os.kill(self.number, signal.SIGKILL)

    def bury(self) -> None:
        """After it has been killed: begin again."""
        os.waitpid(self.number, 0)
        self.kills += 1
        self.begin()

    def ask(self, method: str, address: str, body: str, headers: dict) -> tuple[int, dict, bytes]:
        """A request that is sent until it is answered."""
        while True:
            line = HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                line.request(method, address, body, headers)
                found = line.getresponse()
                return found.status, dict(found.getheaders()), found.read()
            except (OSError, HTTPException):
                self.bury()
            finally:
                line.close()


class Taker:
    """A participant, and what was acknowledged."""

    def __init__(self, server: Killed):
        self.server, self.acknowledged = server, {}
        server.ask("GET", "/", "", {})  # it is there
        code = json.loads((server.folder / "secrets.json").read_text())["join"]
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        status, headers, _ = server.ask("POST", "/", f"code={code}", form)
        assert status == 303, status
        self.key = headers["Location"].partition("#")[2]
        self.screen = self.send({})

    def send(self, message: dict) -> dict:
        headers = {"Authorization": f"Bearer {self.key}"}
        status, _, body = self.server.ask("POST", "/p/event", json.dumps(message), headers)
        while status == 429:  # this one asks more often than people do
            time.sleep(1)
            status, _, body = self.server.ask("POST", "/p/event", json.dumps(message), headers)
        assert status == 200, body
        return json.loads(body)

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
    """Answers on the disk, and how many acknowledged ones are not there, or other ones, or twice."""
    people, kept, gone = People(folder, EXPERIMENT), 0, 0
    for taker in takers:
        answers = people.session(people.find(taker.key)).state.answers
        found = {f"{one.phase}-{one.trial}": one.rating for one in answers}
        kept += len(answers)
        gone += sum(found.get(key) != rating for key, rating in taker.acknowledged.items()) + len(answers) - len(found)
    return kept, gone


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=100, help="kills (default 100)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (default 0)")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")  # of torn lines, which are wanted here
    rng, begin = random.Random(chosen.seed), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        server = Killed(Path(folder), rng)
        takers = [Taker(server) for _ in range(PEOPLE)]
        while server.kills < chosen.n:
            rng.choice(takers).step(rng)
        signal.setitimer(signal.ITIMER_REAL, 0)
        server.kill()
        os.waitpid(server.number, 0)
        kept, gone = lost(Path(folder), takers)
    told = sum(len(taker.acknowledged) for taker in takers)
    print(f"{server.kills} kills, {told} acknowledged answers, {kept} on the disk, {time.perf_counter() - begin:.0f} s")
    print(f"lost: {gone}")
    return gone > 0


if __name__ == "__main__":
    sys.exit(main())
