"""A lecture hall at once: simulated participants answer the server of a class, and none waits or is lost.

    python tests/stress/load_class.py --people 300 --seconds 60

The command `kit experiment` runs in a process of its own, on loopback. Each participant comes in, learns, and then
answers a panel every 1.5 seconds, and fetches the pictures that its page would fetch. Told are the times from sending
an answer to its acknowledgement, the server's largest memory, and how many acknowledged answers are not on the disk
after the server was killed. Fails above 100 ms at the 95th percentile, above 600 MB, or if anything is lost.
"""

import argparse
import asyncio
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from kit.behavior.session import my_ratings

EVERY = 1.5  # seconds from one answer of a participant to the next
SLOWEST, LARGEST = 100, 600  # milliseconds, megabytes


class Line:
    """One connection that stays open, as a browser's."""

    def __init__(self, port: int):
        self.port, self.reader, self.writer = port, None, None

    async def ask(self, method: str, address: str, body: bytes = b"", **headers: str) -> tuple[int, dict, bytes]:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"{method} {address} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{told}\r\n"
        self.writer.write(head.encode() + body)
        first, *rest = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        found = dict(line.split(": ", 1) for line in rest if ": " in line)
        content = await self.reader.readexactly(int(found.get("Content-Length", 0)))
        return int(first.split()[1]), found, content


class Person:
    """A simulated participant."""

    def __init__(self, port: int, code: str, rng: random.Random):
        self.line, self.code, self.rng = Line(port), code, rng
        self.times, self.acknowledged, self.fetched, self.late = [], 0, set(), 0

    async def come_in(self) -> None:
        form = f"code={self.code}".encode()
        _, headers, _ = await self.line.ask("POST", "/", form, **{"Content-Type": "application/x-www-form-urlencoded"})
        self.secret = {"Authorization": "Bearer " + headers["Location"].partition("#")[2]}
        self.screen = await self.send({})
        while self.screen["kind"] != "panel" or self.screen["key"].startswith("practice"):
            self.screen = await self.send(self.answer())
            await self.fetch()

    def answer(self) -> dict:
        now = self.screen
        if now["kind"] == "panel":
            times = {"rt_choice_ms": 900.0, "rt_rating_ms": 600.0, "by": "touch"}
            event = {"event": "answer", "place": self.rng.randrange(6), "rating": self.rng.randint(1, 6), **times}
        elif now["kind"] == "match":
            event = {"event": "match", "number": now["done"], "same": self.rng.random() < 0.5}
        else:
            event = {"event": now["buttons"][0][0]}
        return {**event, "serial": now["serial"]}

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


async def hall(port: int, code: str, number: int, seconds: float) -> list[Person]:
    people = [Person(port, code, random.Random(seed)) for seed in range(number)]
    begin = time.perf_counter()
    for some in range(0, number, 30):  # a class after the other comes in
        await asyncio.gather(*(person.come_in() for person in people[some : some + 30]))
    print(f"{number} people came in and learned in {time.perf_counter() - begin:.0f} s", flush=True)
    end = time.perf_counter() + seconds
    await asyncio.gather(*(person.rate(end) for person in people))
    return people


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--trials", type=int, default=60)
    chosen = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "kit", "experiment", "--out", folder, "--port", str(port)]
        command += ["--trials", str(chosen.trials)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8", start_new_session=True,
                                  env=os.environ | {"PYTHONIOENCODING": "utf-8"})  # fmt: skip
        said = ""
        while "Ctrl-C" not in said:
            said += server.stdout.readline()
        code = re.search(r"join code: (\w+)", said)[1]
        people = asyncio.run(hall(port, code, chosen.people, chosen.seconds))
        memory = psutil.Process(server.pid).memory_info().rss / 1e6
        server.send_signal(signal.SIGKILL)
        server.wait()
        kept = len(my_ratings(Path(folder) / "sessions"))
    told = sum(person.acknowledged for person in people)
    times = np.concatenate([person.times for person in people])
    middle, late, worst = np.percentile(times, [50, 95, 100])
    print(f"{told} answers in {chosen.seconds:.0f} s: median {middle:.0f} ms, 95 % {late:.0f} ms, worst {worst:.0f} ms")
    print(f"panels whose pictures were not there yet: {sum(person.late for person in people)}")
    print(f"server: {memory:.0f} MB")
    print(f"lost: {told - kept}")
    return not (late <= SLOWEST and memory <= LARGEST and kept == told)


if __name__ == "__main__":
    sys.exit(main())
