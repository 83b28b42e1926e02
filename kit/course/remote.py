"""A student's process at arm's length: run a cell, keep the names for a test, ask, and end what goes too far."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import nbformat
import psutil
from nbformat import NotebookNode

from kit.teaching import notebook
from kit.teaching.answers import Failed

from . import sandbox
from .judge import Snapshot
from .sandbox import MB, Limits
from .wire import GRACE, Channel, Refused

START = 120.0
"""Seconds that a process may need to start on a loaded machine."""
PATIENCE = 5.0
"""Seconds after which a process that should have answered is taken for lost."""
MOST_RECEIVED, MOST_OUTPUTS, MOST_WORDS = 200 * MB, 2000, 30
"""Bytes that a hand-in may send; outputs of a cell that are kept; sentences of trouble."""
FOR_TESTS = 0.2
"""Share of a notebook's time that its cells cannot use up: the tests of what ran are asked all the same."""


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
        self.limits, self._count = limits, 0
        self._channels = [Channel(ours) for ours, _ in pairs]
        self._done: list[str] = []
        self._told: dict[str, None] = {}
        self._members: set[psutil.Process] = set()
        self._checked, self._lost = 0.0, {}
        self._open = contextlib.ExitStack()
        for ours, _ in pairs:
            self._open.callback(ours.close)
        try:
            user = self._open.enter_context(sandbox.own_user())
            complaints = self._open.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
            with contextlib.ExitStack() as theirs:  # closed here, the end of the process is seen at once
                ends = [theirs.enter_context(end) for _, end in pairs]
                self.process = sandbox.start(given, ends, limits, private, complaints, user)
            self._wait(complaints)
        except BaseException:
            self._open.close()
            raise
        start = time.monotonic()
        self._end, self._cells_end = start + limits.notebook, start + (1 - FOR_TESTS) * limits.notebook

    def __enter__(self) -> Student:
        return self

    def __exit__(self, *_) -> None:
        self._kill()
        self._open.close()

    def _wait(self, complaints: IO) -> None:
        """Until the process is ready; it has met nothing of the student's yet."""
        try:
            self._channels[0].receive(START)
        except (TimeoutError, EOFError, OSError, Refused):
            self._kill()
            complaints.seek(max(0, complaints.seek(0, os.SEEK_END) - 300))
            said = complaints.read().decode(errors="replace").strip()
            raise RuntimeError(
                f"the sandbox did not start ({said or 'no answer'}); this is not the student's fault"
            ) from None

    def _kill(self) -> None:
        """End everything inside; in a sandbox, its end does, without one, all who were ever seen are looked up."""
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            self._members |= {*psutil.Process(self.process.pid).children(recursive=True)}
            os.killpg(self.process.pid, signal.SIGKILL)
        for member in self._members:
            with contextlib.suppress(psutil.Error):
                member.kill()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._tell("its process could not be ended; look for it with `ps`")

    def _tell(self, what: str) -> None:
        """Remember something that an instructor should know."""
        if len(self._told) < MOST_WORDS:
            self._told[what] = None
        elif what not in self._told:
            self._told["and more of this kind"] = None

    def _over(self) -> Gone:
        """The time of the hand-in is over, for its tests too."""
        return self._end_with("TimeoutError", f"its time, {self.limits.notebook / 60:.3g} minutes, was over")

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
        """Which limits were reached, which processes ended, and why nothing more could be asked."""
        lost = {gone.words(hidden=False).replace("your code", "its code", 1) for gone in self._lost.values()}
        return [*self._told, *sorted(lost)]

    def run(self, source: str) -> list[NotebookNode]:
        """Run a cell in the notebook's process; its outputs, among them why it failed."""
        outputs: list[dict] = []
        start = time.monotonic()
        seconds = min(self.limits.cell, self._cells_end - start)
        if seconds <= 0:
            self._tell_end_of_cells()
            return [_error("TimeoutError", "not run: the time for this notebook is over")]
        try:
            self._notebook("run", {"source": source, "seconds": seconds}, seconds, outputs)
        except Failed as failure:
            words = failure.words(hidden=False).replace("your code", "this cell", 1)
            return [*_tidy(outputs), _error(failure.kind, words)]
        if time.monotonic() - start >= seconds:
            self._tell(f"a cell was stopped after {seconds:.3g} seconds ({_first_words(source)})")
        self._done.append(source)
        return list(_tidy(outputs))

    def _tell_end_of_cells(self) -> None:
        share = (1 - FOR_TESTS) * self.limits.notebook / 60
        self._tell(f"the time for its cells, {share:.3g} minutes, was over; those that were left were not run")

    def snapshot(self, number: int) -> Snapshot:
        """Keep the names as they are now, for one test cell; numbers begin at 1."""
        try:
            if self._notebook("snapshot", {"number": number}, PATIENCE) is not True:
                raise Failed("Crash", "no process could be made for a test")
        except Failed as failure:
            self._tell(f"test {number} of the notebook found no names: {failure.words(hidden=False)}")
            return Snapshot(functools.partial(_refuse, failure))
        return Snapshot(functools.partial(self.ask, number))

    def _notebook(self, what: str, about: dict, seconds: float, outputs: list | None = None) -> Any:
        """Ask the notebook's process. Should it end, a new one does again what went well before."""
        try:
            return self.ask(0, what, about, seconds, outputs)
        except Gone:
            raise
        except Failed as failure:
            self._tell(f"its process ended and was begun again: {failure.message}")
            self._run_again()
            raise

    def _run_again(self) -> None:
        for source in self._done:
            seconds = min(self.limits.cell, self._cells_end - time.monotonic())
            if seconds <= 0:
                self._tell_end_of_cells()
                return
            with contextlib.suppress(Failed):
                self.ask(0, "run", {"source": source, "seconds": seconds}, seconds)

    def ask(self, number: int, what: str, about: dict, seconds: float, outputs: list | None = None) -> Any:
        """Ask the process on a channel and wait for its answer; raises `Failed`."""
        if number in self._lost:
            raise self._lost[number]
        self._count += 1
        channel, start = self._channels[number], time.monotonic()
        end = min(start + seconds + GRACE + PATIENCE, self._end)
        try:
            channel.send({"ask": what, "id": self._count, "about": about}, end - start, self._watch)
            while True:
                message = channel.receive(end - time.monotonic(), self._watch)
                if "output" in message and outputs is not None:
                    self._note_output(message["output"], outputs)
                elif "died" in message:
                    raise _ended(message["died"], time.monotonic() - start >= seconds)
                elif type(of := message.get("id")) is int and of == self._count:  # an array has no one answer
                    return message.get("answer")
        except TimeoutError:
            if time.monotonic() >= self._end:
                raise self._over() from None
            raise self._lose([number], "TimeoutError", "it did not stop when asked") from None
        except (EOFError, OSError, Refused):
            raise self._lose([number], "Crash", "its process is gone, or speaks nonsense") from None

    def _note_output(self, output: Any, outputs: list[dict]) -> None:
        if len(outputs) < MOST_OUTPUTS:
            outputs.append(output)
        else:
            self._tell(f"a cell shows more than {MOST_OUTPUTS:,} things; the others are left out")

    def _watch(self) -> None:
        """End a hand-in that takes too much time, memory or processes, or sends too much."""
        if sum(channel.received for channel in self._channels) > MOST_RECEIVED:
            raise self._end_with("MemoryError", f"it shows more than {MOST_RECEIVED // MB} MB")
        if time.monotonic() - self._checked < 0.5:
            return
        self._checked = time.monotonic()
        members = _members(self.process.pid)
        used = _used(members)
        if not sandbox.isolation() and len(self._members) < 10_000:
            self._members |= {*members}
        if len(members) >= self.limits.processes:
            self._tell(f"it ran {len(members)} processes; {self.limits.processes} are allowed")
        if len(members) > 2 * self.limits.processes or used > self.limits.memory * MB:
            raise self._end_with("MemoryError", f"it used {used / MB:.0f} MB in {len(members)} processes")


def _refuse(failure: Failed, *_) -> None:
    raise failure


def _error(kind: str, words: str) -> NotebookNode:
    return nbformat.from_dict({"output_type": "error", "ename": kind, "evalue": words, "traceback": [words]})


def _first_words(source: str) -> str:
    return " ".join(re.sub(r"[^\x20-\x7e]", " ", source).split())[:40]


def _tidy(outputs: list[Any]) -> Iterator[NotebookNode]:
    """Outputs as a notebook stores them: texts that follow each other joined, what is malformed left out."""
    sound = [output for output in map(notebook.output, outputs) if output]
    for kind, group in itertools.groupby(sound, lambda each: each.get("name") or id(each)):
        first, *others = group
        if kind in ("stdout", "stderr"):
            first["text"] = "".join([first["text"], *(part["text"] for part in others)])
        yield nbformat.from_dict(first)


def _members(pid: int) -> list[psutil.Process]:
    """The processes below one."""
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).children(recursive=True)
    return []


def _used(members: list[psutil.Process]) -> int:
    """The bytes of memory that processes use together."""
    if sum(_memory(member, "rss") for member in members) < 2**30:
        return 0  # shared pages counted many times, and still little
    return sum(_memory(member, "pss") for member in members[:200])


def _memory(process: psutil.Process, kind: str) -> int:
    with contextlib.suppress(psutil.Error):
        return getattr(process.memory_full_info() if kind == "pss" else process.memory_info(), kind, 0)
    return 0


def _ended(code: Any, late: bool) -> Failed:
    """Why a process that should have gone on ended."""
    code = code if isinstance(code, int) and abs(code) < 1000 else 0
    if late or code == -signal.SIGXCPU:
        return Failed("TimeoutError", "it did not stop when its time was over")
    return Failed("Crash", f"Python was ended (exit code {code})" if code >= 0 else f"Python crashed (signal {-code})")
