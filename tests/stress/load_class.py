"""A lecture hall at once: simulated participants answer the server of a class, and none waits or is lost.

    python tests/stress/load_class.py --people 300 --seconds 60

The command `kit experiment` runs in a process of its own, on loopback. All participants have learned the face. They
open their pages at the same moment, then each answers a panel every 1.5 seconds and fetches the pictures that its page
would fetch; the instructor's page looks on. Told are the times from sending
an answer to its acknowledgement, the server's largest memory, and how many acknowledged answers are not on the disk
after the server was killed. Fails above 100 ms at the 95th percentile, above 600 MB, or if anything is lost.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from kit.behavior.experiment import Display
from kit.behavior.protocol import Match, Panel
from kit.behavior.session import my_ratings
from kit.classroom.experiment import Experiment
from kit.classroom.people import People

EVERY = 1.5  # seconds from one answer of a participant to the next
SLOWEST, LARGEST = 100, 600  # milliseconds, megabytes


class Line:
    """One connection that stays open, as a browser's."""

    def __init__(self, port: int):
        self.port, self.reader, self.writer = port, None, None

    async def ask(self, *asked, **headers: str) -> tuple[int, dict, bytes]:
        """A request; once more, if the server has closed a line that was quiet for long."""
        try:
            return await self._ask(*asked, **headers)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.writer = None
            return await self._ask(*asked, **headers)

    async def _ask(self, method: str, address: str, body: bytes = b"", **headers: str) -> tuple[int, dict, bytes]:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"{method} {address} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{told}\r\n"
        self.writer.write(head.encode() + body)
        first, *rest = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        found = dict(line.split(": ", 1) for line in rest if ": " in line)
        content = await self.reader.readexactly(int(found.get("Content-Length", 0)))
        return int(first.split()[1]), found, content


def learned(folder: Path, number: int, experiment: Experiment) -> list[str]:
    """Keys of so many participants who are in, know the face, have practised, and see their first panel."""
    people, keys = People(folder, experiment), []
    for _ in range(number):
        keys.append(people.join())
        session = people.session(people.find(keys[-1]))
        while not session.state.rested:
            session.submit(_known(session.state.display), session.state.serial)
    people.close()
    return keys


def _known(display: Display) -> dict:
    shown = display.stimulus
    if isinstance(shown, Match):
        return {"event": "match", "number": shown.number, "same": shown.same}
    if isinstance(shown, Panel):
        return {"event": "answer", "phase": shown.phase, "trial": shown.trial, "choice": 0, "rating": 6}
    return {"event": {"consent": "consent", "study": "studied"}.get(display.kind, "rested")}


class Person:
    """A simulated participant."""

    def __init__(self, port: int, key: str, rng: random.Random):
        self.line, self.rng, self.secret = Line(port), rng, {"Authorization": f"Bearer {key}"}
        self.times, self.acknowledged, self.fetched, self.late = [], 0, set(), 0

    async def come_in(self) -> None:
        self.screen = await self.send({})
        await self.fetch()

    def answer(self) -> dict:
        if self.screen["kind"] == "break":
            return {"event": "rested", "serial": self.screen["serial"]}
        times = {"rt_choice_ms": 900.0, "rt_rating_ms": 600.0, "by": "touch"}
        event = {"event": "answer", "place": self.rng.randrange(6), "rating": self.rng.randint(1, 6), **times}
        return {**event, "serial": self.screen["serial"]}

    async def send(self, message: dict) -> dict:
        status, _, content = await self.line.ask("POST", "/p/event", json.dumps(message).encode(), **self.secret)
        assert status == 200, content
        return json.loads(content)

    async def fetch(self) -> None:
        """Pictures that have not been fetched, the nearest first."""
        for name in self.screen["pictures"]:
            if name not in self.fetched:
                self.fetched.add(name)
                self.late += name == self.screen["key"]
                status, _, _ = await self.line.ask("GET", f"/p/pictures/{name}", **self.secret)
                assert status == 200

    async def rate(self, end: float) -> None:
        self.late = 0
        await asyncio.sleep(self.rng.uniform(0, EVERY))
        while time.perf_counter() < end and self.screen["kind"] in ("panel", "break"):
            begin, counts = time.perf_counter(), self.screen["kind"] == "panel"
            self.screen = await self.send(self.answer())
            self.times.append(1000 * (time.perf_counter() - begin))
            self.acknowledged += counts
            await self.fetch()
            await asyncio.sleep(max(0, EVERY - (time.perf_counter() - begin)))


async def look_on(port: int, secret: str, end: float) -> None:
    """What the instructor's page asks, the portraits included."""
    line, version, headers = Line(port), 0, {"Authorization": f"Bearer {secret}"}
    while time.perf_counter() < end:
        _, _, content = await line.ask("GET", "/i/state", **headers)
        if json.loads(content)["version"] != version:
            _, _, content = await line.ask("GET", "/i/portraits", **headers)
            version = json.loads(content)["version"]
        await asyncio.sleep(2)
    print(f"the portrait was drawn {version} times")


async def hall(port: int, keys: list[str], secret: str, seconds: float) -> list[Person]:
    people = [Person(port, key, random.Random(seed)) for seed, key in enumerate(keys)]
    begin = time.perf_counter()
    await asyncio.gather(*(person.come_in() for person in people))
    print(f"{len(people)} pages opened at once in {time.perf_counter() - begin:.1f} s", flush=True)
    end = time.perf_counter() + seconds
    await asyncio.gather(look_on(port, secret, end), *(person.rate(end) for person in people))
    return people


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--before", type=float, default=150, help="seconds before they come, in which panels are drawn")
    chosen = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        keys = learned(Path(folder), chosen.people, Experiment(trials=chosen.trials))
        command = [sys.executable, "-m", "kit", "experiment", "--out", folder, "--port", str(port)]
        command += ["--trials", str(chosen.trials)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8", start_new_session=True,
                                  env=os.environ | {"PYTHONIOENCODING": "utf-8"})  # fmt: skip
        said = ""
        while "Ctrl-C" not in said:
            said += server.stdout.readline()
        time.sleep(chosen.before)
        used = sum(psutil.Process(server.pid).cpu_times()[:2])
        secret = json.loads((Path(folder) / "secrets.json").read_text())["instructor"]
        try:
            people = asyncio.run(hall(port, keys, secret, chosen.seconds))
            memory = psutil.Process(server.pid).memory_info().rss / 1e6
            used = sum(psutil.Process(server.pid).cpu_times()[:2]) - used
        finally:
            server.send_signal(signal.SIGKILL)
            server.wait()
        kept = len(my_ratings(Path(folder) / "sessions"))
    told = sum(person.acknowledged for person in people)
    times = np.concatenate([person.times for person in people])
    middle, late, worst = np.percentile(times, [50, 95, 100])
    print(f"{told} answers in {chosen.seconds:.0f} s: median {middle:.0f} ms, 95 % {late:.0f} ms, worst {worst:.0f} ms")
    print(f"panels whose pictures were not there yet: {sum(person.late for person in people)}")
    print(f"server: {memory:.0f} MB, {used:.0f} s of a processor; others on this machine: {os.getloadavg()[0]:.0f}")
    print(f"lost: {told - kept}")
    return not (late <= SLOWEST and memory <= LARGEST and kept == told)


if __name__ == "__main__":
    sys.exit(main())
