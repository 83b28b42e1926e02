"""The student's side: a process that runs the cells of one notebook, and answers calls by name.

`kit.course.sandbox` starts it; nothing of the instructor's is within its reach. It imports what it needs before the
first cell of a student runs. A student who bends it harms only the own score, because points are given elsewhere.

Three kinds of process follow from `keep`, which forks one that serves and, when that dies, the next from the same
state: the notebook's, and, for each test cell, one that stands still where the test stands in the notebook (a
`snapshot`). So a test sees the names as they are at its place, is not harmed by what comes later, and nothing that
a call learns can get back into the notebook.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import shutil
import signal
import socket
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kit.teaching.answers import Failed, plain

from .screen import Outputs, shell_on
from .wire import GRACE, LIMIT, Channel, Refused, dumps


def main(settings: dict) -> None:
    """Serve the notebook's cells on the first channel and a test's calls on each of the others."""
    if settings["user"] is not None:
        _become(settings["user"])
    shutil.copytree(settings["given"], "work")
    os.chdir("work")
    for number, folder in enumerate(settings["compiled"]):
        for file in Path(f"/compiled/{number}").iterdir():
            shutil.copy2(file, folder)  # numba compares dates
    _limit(settings["limits"])
    channels = [Channel(socket.socket(fileno=fd)) for fd in settings["channels"]]
    screen = Outputs()
    notebook = Notebook(shell_on(screen), screen, channels)
    sys.path.insert(0, "")
    channels[0].send({"ready": True})
    os.dup2(_NOWHERE, 2)
    keep(notebook, channels[0])


def _become(user: int) -> None:
    """From root, which the sandbox needs, to a user who owns nothing."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def _limit(limits: dict[str, int]) -> None:
    """What one process may use; the kernel of the system enforces it."""
    import resource

    for name, most in limits.items():
        hard = resource.getrlimit(getattr(resource, name))[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError):  # macOS does not know all of them
            resource.setrlimit(getattr(resource, name), (most, most))
    with contextlib.suppress(OSError):  # if memory runs out, this process goes first
        Path("/proc/self/oom_score_adj").write_text("1000")


def keep(notebook: Notebook, channel: Channel) -> None:
    """Fork a process that serves; when it dies, tell, and fork the next. Ends with the channel."""
    while True:
        pid = os.fork()
        if pid == 0:
            channel.own()
            with contextlib.suppress(EOFError, OSError, Refused):
                notebook.serve(channel)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        channel.own()
        try:
            channel.send({"died": os.waitstatus_to_exitcode(status)})
        except OSError:
            return


class Notebook:
    """The names that the cells have made so far, and what may be asked of them."""

    def __init__(self, shell, screen: Outputs, channels: list[Channel]):
        self.shell, self.screen, self.channels = shell, screen, channels

    def serve(self, channel: Channel) -> None:
        """Answer requests until the channel closes."""
        asks = {"run": self.run, "snapshot": self.snapshot, "look": self.look, "call": self.call}
        while True:
            request = channel.receive()
            answer = asks[request["ask"]](channel, **request["about"])
            if not channel.is_own():  # a fork of the student's that came out of its cell
                os._exit(0)
            channel.send({"id": request["id"], "answer": answer})  # bounded by `call` and `look`

    def run(self, channel: Channel, source: str, seconds: float) -> None:
        """Run a cell; what it shows is sent as it comes."""
        with self.screen.on(lambda output: channel.send({"output": output})), ends_in(seconds, channel):
            self.shell.run_cell(source, store_history=True)

    def snapshot(self, channel: Channel, number: int) -> bool:
        """Leave a process behind that answers calls on channel `number`, from the names as they are now."""
        try:
            child = os.fork()
        except OSError:  # too many processes of the student's are running
            return False
        if child == 0:
            for other in self.channels:
                if other is not self.channels[number]:
                    other.socket.close()
            keep(self, self.channels[number])
            os._exit(0)
        return True

    def look(self, channel: Channel, names: list[str]) -> dict:
        """What each name is: a function, data, or something else. Names that do not exist are left out."""
        out, left = {}, LIMIT
        for name in names:
            if name in self.shell.user_ns:
                out[name], size = _seen(self.shell.user_ns[name], left)
                left -= size
        return out

    def call(self, channel: Channel, name: str, args: list, kwargs: dict, seconds: float) -> dict:
        """Call a function of the student's; its answer as data, or how it failed."""
        try:
            with ends_in(seconds), np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                answer = plain(self.shell.user_ns[name](*args, **kwargs))
                dumps(answer)
                return {"data": answer}
        except Failed as failure:
            return {"failed": [failure.kind, failure.message, None]}
        except Refused as refusal:
            return {"failed": ["ValueError", f"the answer cannot be passed on: {refusal}", None]}
        except BaseException as error:
            return {"failed": _told(error)}


def _seen(value, limit: int) -> tuple[dict, int]:
    """What a value is, and the bytes that it takes."""
    if callable(value):
        return {"function": True}, 0
    try:
        data = plain(value)
        return {"data": data}, len(dumps(data, limit))
    except Exception:
        return {"other": type(value).__name__}, 0


def _told(error: BaseException) -> list:
    """Kind, message, and line in its cell of an error."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename.startswith("<ipython-input")]
    try:
        message = str(error)[:500].encode(errors="replace").decode()
    except Exception:
        message = ""
    return [type(error).__name__[:100], message, lines[-1] if lines else None]


@contextlib.contextmanager
def ends_in(seconds: float, channel: Channel | None = None) -> Iterator[None]:
    """Raise TimeoutError when the time is over, not within a message; end the process if that does not help."""

    def ring(*_):
        if channel and channel.sending:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            return
        raise TimeoutError(f"no answer within {seconds:.3g} s")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=_NOWHERE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()


_NOWHERE = os.open(os.devnull, os.O_WRONLY)

if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
