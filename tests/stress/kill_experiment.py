"""Kill a kernel in the middle of writing, again and again, and count finished trials that are gone.

    python tests/stress/kill_experiment.py --n 1000

A child takes part in an experiment at full speed and reports every trial whose answer was accepted. It is
killed (SIGKILL) at a random moment; every third time a torn line is added, as a power cut leaves one. The
next child goes on with the same file. The last line of the output is `lost: ` and a number.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

from kit.behavior.experiment import Match, Panel, State
from kit.behavior.protocol import Procedure
from kit.behavior.session import Session

DESIGN = Procedure("Leo", rate=600, retest=100, catch=20)
LONGEST = 0.03  # seconds that a child lives after its first trial


def answer(state: State, rng: random.Random) -> dict:
    """A random event that fits what is shown."""
    shown = state.display.stimulus
    if isinstance(shown, Panel):
        times = {"rt_choice_ms": rng.uniform(300, 3000), "rt_rating_ms": rng.uniform(200, 2000)}
        given = {"choice": rng.randrange(6), "rating": rng.randint(1, 6)}
        return {"event": "answer", "phase": shown.phase, "trial": shown.trial, **given, **times}
    if isinstance(shown, Match):
        return {"event": "match", "number": shown.number, "same": shown.same}
    return {"event": {"consent": "consent", "study": "studied"}.get(state.display.kind, "rested")}


def take_part(path: Path, pipe: int, seed: int) -> None:
    """Answer until killed; report each finished trial once its answer was accepted."""
    rng, session = random.Random(seed), Session(DESIGN, path)
    while session.state.display.kind != "debrief":
        state = session.submit(answer(session.state, rng), session.state.serial)
        if state.last == "answer":
            os.write(pipe, repr(state.answers[-1]).encode() + b"\n")


def kill_one(path: Path, rng: random.Random) -> set[str]:
    """Let a child take part, kill it, and return the trials it reported."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            take_part(path, writing, rng.getrandbits(32))
        finally:
            os._exit(0)
    os.close(writing)
    told = os.read(reading, 1)  # the first trial, or the end
    time.sleep(rng.uniform(0, LONGEST))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while part := os.read(reading, 1 << 16):
        told += part
    os.close(reading)
    return set(told.decode().splitlines())


def tear(path: Path, rng: random.Random) -> None:
    """Add the beginning of a line, as a power cut leaves it."""
    line = path.read_bytes().splitlines()[-1]
    with open(path, "ab") as file:
        file.write(line[: rng.randrange(1, len(line))])


def run(n: int, folder: Path, seed: int) -> tuple[int, int]:
    """Trials that were accepted, and how many of them are gone, after n kills."""
    rng, accepted, finished, lost, path = random.Random(seed), set(), 0, 0, folder / "a.session.jsonl"
    for number in range(n):
        accepted |= kill_one(path, rng)
        if number % 3 == 0:
            tear(path, rng)
        session = Session(DESIGN, path)
        kept = list(map(repr, session.state.answers))
        lost += len(accepted - set(kept)) + len(kept) - len(set(kept))
        over = session.state.display.kind == "debrief"
        session.close()
        if over or number == n - 1:
            finished, accepted = finished + len(kept), set()
            path.unlink()
    return finished, lost


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=1000, help="kills (default 1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (default 0)")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")  # of torn lines, which are wanted here
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        finished, lost = run(chosen.n, Path(folder), chosen.seed)
    print(f"{chosen.n} kills, {finished} finished trials on the disk, {time.perf_counter() - begin:.0f} s")
    print(f"lost: {lost}")
    return lost > 0


if __name__ == "__main__":
    sys.exit(main())
