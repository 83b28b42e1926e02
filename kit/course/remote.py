"""The grader's side: a student's process at arm's length, and test cells that reach into it by name.

A test cell runs here, in the grader. The names that it uses and does not define are the student's: a function becomes
one that passes its arguments to the student's process as data and returns data; a value is fetched as data. So the
text of a test, its secret data and the gradebook never enter the process in which a student's code runs, and points
are given where that code cannot reach.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import itertools
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil

from kit.teaching.answers import Failed

from . import sandbox
from .sandbox import MB, Limits
from .student import GRACE
from .wire import Channel, Refused, dumps

CALL = 60.0
"""Seconds for a call where no alarm says how long a case may take."""
PATIENCE = 5.0
"""Seconds after which a process that should have answered is taken for lost."""
MOST_RECEIVED = 200 * MB
NOTHING = "nothing after that could be run"


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
    """

    def __init__(self, given: Path, n_tests: int, limits: Limits, private: tuple[Path, ...] = ()):
        pairs = [socket.socketpair() for _ in range(n_tests + 1)]
        self.limits, self._end, self._count = limits, time.monotonic() + limits.notebook, 0
        self._channels = [Channel(ours) for ours, _ in pairs]
        self.process = sandbox.start(given, [theirs for _, theirs in pairs], limits, private)
        for _, theirs in pairs:
            theirs.close()
        self._done: list[str] = []
        self._checked, self.gone = 0.0, None

    def __enter__(self) -> Student:
        return self

    def __exit__(self, *_) -> None:
        self._kill()
        for channel in self._channels:
            channel.socket.close()

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
        """Kill, and remember why."""
        self._kill()
        self.gone = Gone(kind, message)
        return self.gone

    def run(self, source: str) -> list[dict]:
        """Run a cell in the notebook's process; its outputs. Should the cell end the process, the others are redone.

        Raises
        ------
        Gone
            When the hand-in's time is over.
        """
        try:
            outputs = self._run(source)
        except Gone:
            raise
        except Failed as failure:
            for cell in self._done:
                with contextlib.suppress(Failed):
                    self._run(cell)
            words = failure.words(hidden=False).replace("your code", "this cell", 1)
            return [{"output_type": "error", "ename": failure.kind, "evalue": words, "traceback": [words]}]
        self._done.append(source)
        return list(_tidy(outputs))

    def _run(self, source: str) -> list[dict]:
        outputs: list[dict] = []
        seconds = self.limits.cell
        self.ask(0, "run", {"source": source, "seconds": seconds}, seconds, outputs)
        return outputs

    def snapshot(self, number: int) -> Snapshot:
        """Keep the names as they are now, for one test cell; numbers begin at 1."""
        with contextlib.suppress(Failed):  # then its calls fail, with words
            self.ask(0, "snapshot", {"number": number}, PATIENCE)
        return Snapshot(self, number)

    def ask(self, number: int, what: str, about: dict, seconds: float, outputs: list | None = None) -> Any:
        """Ask the process on a channel and wait for its answer; raises `Failed`."""
        if self.gone:
            raise self.gone
        self._count += 1
        channel, start = self._channels[number], time.monotonic()
        end = min(start + seconds + GRACE + PATIENCE, self._end)
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
            raise self._end_with("TimeoutError", f"it was stopped by force; {NOTHING}") from None
        except (EOFError, OSError, Refused):
            raise self._end_with("Crash", f"its process is gone; {NOTHING}") from None

    def _watch(self) -> None:
        """End a hand-in that takes too much memory or too many processes."""
        if time.monotonic() - self._checked < 0.5:
            return
        if sum(channel.received for channel in self._channels) > MOST_RECEIVED:
            raise self._end_with("MemoryError", f"it shows too much; {NOTHING}")
        self._checked = time.monotonic()
        family, used = _family(self.process.pid)
        if family > 2 * self.limits.processes or used > self.limits.memory * MB:
            raise self._end_with("MemoryError", f"it used {used / MB:.0f} MB in {family} processes; {NOTHING}")


def _tidy(outputs: list[dict]) -> Iterator[dict]:
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


class Snapshot:
    """The student's names as they were at a test cell."""

    def __init__(self, student: Student, number: int):
        self._student, self._number = student, number

    def namespace(self, source: str) -> dict[str, Any]:
        """What a test cell finds: proxies of the student's functions, and the student's values."""
        tree = ast.parse(source)
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - set(vars(builtins))
        seen = self._student.ask(self._number, "look", {"names": sorted(names)}, PATIENCE)
        return {"__name__": "__main__"} | {name: self._stand_in(name, what) for name, what in seen.items()}

    def _stand_in(self, name: str, what: dict) -> Any:
        if "data" in what:
            return what["data"]
        if "function" in what:
            return lambda *args, **kwargs: self.call(name, args, kwargs)
        return type(str(what.get("other"))[:50], (), {})()  # refused as an answer, by its name

    def call(self, name: str, args: tuple, kwargs: dict) -> Any:
        """The answer of a student's function, as data.

        Raises
        ------
        Failed
            As the function failed, with its kind of error and its line.
        TypeError
            If an argument is not data: that is a fault of the test.
        """
        try:
            dumps([args, kwargs])
        except Refused as refusal:
            raise TypeError(f"the test gives {name} something else than data: {refusal}") from None
        with _own_time() as seconds:
            about = {"name": name, "args": list(args), "kwargs": kwargs, "seconds": seconds}
            answer = self._student.ask(self._number, "call", about, seconds)
        if "data" in answer:
            return answer["data"]
        kind, message, line = answer["failed"]
        raise Failed(str(kind), str(message), line if isinstance(line, int) else None)


@contextlib.contextmanager
def _own_time() -> Iterator[float]:
    """The seconds that a case has left; its alarm is silent meanwhile, since the student's process has its own."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield CALL
        return
    left, start = signal.setitimer(signal.ITIMER_REAL, 0)[0], time.monotonic()
    try:
        yield left or CALL
    finally:
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - start), 0.05))


def run_test(source: str, snapshot: Snapshot, name: str) -> tuple[list[dict], str]:
    """Run a test cell in this process.

    Returns
    -------
    outputs : what it printed and its value, as outputs of a notebook's cell (nbgrader reads the points from them).
    complaint : empty, or what went wrong with the test itself, for the instructor's eyes only.
    """
    printed = io.StringIO()
    try:
        names = snapshot.namespace(source)
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            value = _execute(source, f"<cell {name}>", names)
    except Failed as failure:
        words = f"✗ no points: {failure.words(hidden=True)}\n"
        return [_stream(printed.getvalue() + words), _result(0.0)], ""
    except Exception as error:
        words = "this test could not be run; your instructor knows\n"
        return [_stream(printed.getvalue() + words), _result(0.0)], f"{type(error).__name__}: {error}"
    outputs = [_stream(printed.getvalue())] if printed.getvalue() else []
    return outputs + ([_result(value)] if value is not None else []), ""


def _execute(source: str, filename: str, names: dict) -> Any:
    """Run a cell; the value of its last expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, filename, "exec"), names)
    return eval(compile(ast.Expression(last.value), filename, "eval"), names) if last else None


def _stream(text: str) -> dict:
    return {"output_type": "stream", "name": "stdout", "text": text}


def _result(value: Any) -> dict:
    data = {"text/plain": repr(value)}
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": None}
