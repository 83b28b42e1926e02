"""A student's process at arm's length: run a cell, keep the names for a test, ask, and end what goes too far."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import nbformat
import psutil
from nbformat import NotebookNode

from kit.teaching.answers import Failed

from . import sandbox
from .judge import Snapshot
from .sandbox import MB, Limits
from .wire import GRACE, Channel, Refused

START = 60.0
"""Seconds that a process may need to start on a loaded machine."""
PATIENCE = 5.0
"""Seconds after which a process that should have answered is taken for lost."""
MOST_RECEIVED = 200 * MB


class Gone(Failed):
    """The student's process, or what was left of its time, is gone: nothing more can be asked."""


class Student:
    """The sandboxed process of one hand-in.

    Parameters
    ----------
    given : folder with the hand-in's files.
    n_tests : how many snapshots will be taken.
    limits : what it may use.
    private : folders to keep out of reach.

    Raises
    ------
    RuntimeError
        If the process does not start.
    """

    def __init__(self, given: Path, n_tests: int, limits: Limits, private: tuple[Path, ...] = ()):
        pairs = [socket.socketpair() for _ in range(n_tests + 1)]
        self.limits, self._end, self._count = limits, time.monotonic() + limits.notebook, 0
        self._channels = [Channel(ours) for ours, _ in pairs]
        self._done: list[str] = []
        self._checked, self._lost = 0.0, {}
        with tempfile.TemporaryFile() as complaints:
            self.process = sandbox.start(given, [theirs for _, theirs in pairs], limits, private, complaints)
            for _, theirs in pairs:
                theirs.close()
            self._wait(complaints)

    def __enter__(self) -> Student:
        return self

    def __exit__(self, *_) -> None:
        self._kill()
        for channel in self._channels:
            channel.socket.close()

    def _wait(self, complaints: IO) -> None:
        """Until the process is ready; it has met nothing of the student's yet."""
        try:
            self._channels[0].receive(START)
        except (TimeoutError, EOFError, OSError, Refused):
            self._kill()
            complaints.seek(0)
            said = complaints.read()[-300:].decode(errors="replace").strip()
            raise RuntimeError(
                f"the sandbox did not start ({said or 'no answer'}); this is not the student's fault"
            ) from None

    def _kill(self) -> None:
        """End everything inside; in a sandbox, its end does."""
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            family = psutil.Process(self.process.pid).children(recursive=True)
            os.killpg(self.process.pid, signal.SIGKILL)
            for member in family:
                with contextlib.suppress(psutil.Error):
                    member.kill()
        self.process.wait()

    def _end_with(self, kind: str, message: str) -> Gone:
        """End everything, and remember why."""
        self._kill()
        return self._lose([*range(len(self._channels))], kind, message)

    def _lose(self, numbers: list[int], kind: str, message: str) -> Gone:
        """Nothing comes from these channels any more."""
        gone = Gone(kind, f"{message}; nothing after that could be run")
        self._lost |= {number: self._lost.get(number, gone) for number in numbers}
        return gone

    @property
    def trouble(self) -> list[str]:
        """Why nothing more could be asked, if so."""
        return sorted({gone.words(hidden=False) for gone in self._lost.values()})

    def run(self, source: str) -> list[NotebookNode]:
        """Run a cell in the notebook's process; its outputs, among them why it failed."""
        outputs: list[dict] = []
        seconds = min(self.limits.cell, self._end - time.monotonic())
        if seconds <= 0:
            return [_error("TimeoutError", "not run: the time for this notebook is over")]
        try:
            self._notebook("run", {"source": source, "seconds": seconds}, seconds, outputs)
        except Failed as failure:
            words = failure.words(hidden=False).replace("your code", "this cell", 1)
            return [*_tidy(outputs), _error(failure.kind, words)]
        self._done.append(source)
        return list(_tidy(outputs))

    def snapshot(self, number: int) -> Snapshot:
        """Keep the names as they are now, for one test cell; numbers begin at 1."""
        try:
            self._notebook("snapshot", {"number": number}, PATIENCE)
        except Failed as failure:
            return Snapshot(functools.partial(_refuse, failure))
        return Snapshot(functools.partial(self.ask, number))

    def _notebook(self, what: str, about: dict, seconds: float, outputs: list | None = None) -> None:
        """Ask the notebook's process. Should it end, a new one does again what went well before."""
        try:
            self.ask(0, what, about, seconds, outputs)
        except Gone:
            raise
        except Failed:
            for source in self._done:
                with contextlib.suppress(Failed):
                    self.ask(0, "run", {"source": source, "seconds": self.limits.cell}, self.limits.cell)
            raise

    def ask(self, number: int, what: str, about: dict, seconds: float, outputs: list | None = None) -> Any:
        """Ask the process on a channel and wait for its answer; raises `Failed`."""
        if number in self._lost:
            raise self._lost[number]
        self._count += 1
        channel, start = self._channels[number], time.monotonic()
        end = start + seconds + GRACE + PATIENCE
        try:
            channel.send({"ask": what, "id": self._count, "about": about})
            while True:
                message = channel.receive(end - time.monotonic(), self._watch)
                if "output" in message and outputs is not None:
                    outputs.append(message["output"])
                elif "died" in message:
                    raise _ended(message["died"], time.monotonic() - start >= seconds)
                elif message.get("id") == self._count:
                    return message.get("answer")
        except TimeoutError:
            raise self._lose([number], "TimeoutError", "it did not stop when asked") from None
        except (EOFError, OSError, Refused):
            raise self._lose([number], "Crash", "its process is gone, or speaks nonsense") from None

    def _watch(self) -> None:
        """End a hand-in that takes too much memory or too many processes."""
        if time.monotonic() - self._checked < 0.5:
            return
        if sum(channel.received for channel in self._channels) > MOST_RECEIVED:
            raise self._end_with("MemoryError", "it shows too much")
        self._checked = time.monotonic()
        family, used = _family(self.process.pid)
        if family > 2 * self.limits.processes or used > self.limits.memory * MB:
            raise self._end_with("MemoryError", f"it used {used / MB:.0f} MB in {family} processes")


def _refuse(failure: Failed, *_) -> None:
    raise failure


def _error(kind: str, words: str) -> NotebookNode:
    return nbformat.from_dict({"output_type": "error", "ename": kind, "evalue": words, "traceback": [words]})


def _tidy(outputs: list[dict]) -> Iterator[NotebookNode]:
    """Outputs as a notebook stores them: texts that follow each other joined, what is malformed left out."""
    for kind, group in itertools.groupby(outputs, lambda each: str(each.get("name", id(each)))):
        each = list(group)
        if kind in ("stdout", "stderr"):
            each = [{**each[0], "text": "".join(str(part.get("text", "")) for part in each)}]
        for output in map(nbformat.from_dict, each):
            with contextlib.suppress(nbformat.ValidationError):
                nbformat.validate(output, ref="output", version=4)
                yield output


def _family(pid: int) -> tuple[int, int]:
    """Number of processes below one, and the bytes of memory that they use together."""
    with contextlib.suppress(psutil.Error):
        members = psutil.Process(pid).children(recursive=True)
        if sum(_memory(member, "rss") for member in members) < 2**30:
            return len(members), 0  # shared pages counted many times, and still little
        return len(members), sum(_memory(member, "pss") for member in members[:200])
    return 0, 0


def _memory(process: psutil.Process, kind: str) -> int:
    with contextlib.suppress(psutil.Error):
        return getattr(process.memory_full_info() if kind == "pss" else process.memory_info(), kind, 0)
    return 0


def _ended(code: int, late: bool) -> Failed:
    """Why a process that should have gone on ended."""
    if late or code == -signal.SIGXCPU:
        return Failed("TimeoutError", "it did not stop when its time was over")
    return Failed("Crash", f"Python was ended (exit code {code})" if code >= 0 else f"Python crashed (signal {-code})")
