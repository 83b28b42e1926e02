"""What a student's cell shows, as a notebook's outputs: IPython without a kernel around it."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterator

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from .wire import Refused

MOST_TEXT, MOST_DATA = 2**20, 2**23
"""Characters of text, and of pictures and the like, that one cell may show."""


class Outputs:
    """Where outputs go while a cell runs; nowhere at other times. What is too much is cut."""

    def __init__(self):
        self._send, self._text, self._data = None, 0, 0

    @contextlib.contextmanager
    def on(self, send: Callable[[dict], None]) -> Iterator[None]:
        """Pass outputs on to `send` in this block."""
        self._send, self._text, self._data = send, 0, 0
        try:
            yield
        finally:
            self._send = None

    def put_text(self, name: str, text: str) -> None:
        """Show text on "stdout" or "stderr"."""
        if self._send is None or self._text >= MOST_TEXT:
            return
        text = text.encode(errors="replace").decode()  # half a surrogate pair could be sent nowhere
        self._text += len(text)
        if self._text >= MOST_TEXT:
            text = text[: max(0, len(text) - self._text + MOST_TEXT)] + "\n... Output cut: it is too long ...\n"
        self._send({"output_type": "stream", "name": name, "text": text})

    def put(self, output: dict) -> None:
        """Show anything else, if it fits."""
        if self._send is None:
            return
        self._data += len(repr(output))
        if self._data < MOST_DATA:
            with contextlib.suppress(Refused):
                self._send(output)
                return
        self.put_text("stderr", "... Output left out: too large, or no text ...\n")


class _Text(io.TextIOBase):
    """A `sys.stdout` that writes on the screen."""

    def __init__(self, screen: Outputs, name: str):
        self._screen, self._name = screen, name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._screen.put_text(self._name, str(text))
        return len(text)


class _Hook(DisplayHook):
    """Shows the value of a cell's last line."""

    def write_output_prompt(self):
        pass

    def finish_displayhook(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        count = self.shell.execution_count
        self.shell.screen.put(
            {
                "output_type": "execute_result",
                "data": _texts(format_dict),
                "metadata": md_dict or {},
                "execution_count": count,
            }
        )


class _Publisher(DisplayPublisher):
    """Shows what `display` is given."""

    def publish(self, data, metadata=None, *args, update=False, **kwargs):
        if not update:
            self.shell.screen.put({"output_type": "display_data", "data": _texts(data), "metadata": metadata or {}})

    def clear_output(self, wait=False):
        pass


def _texts(data: dict) -> dict:
    """The parts that are text: JSON has no bytes."""
    return {mime: part for mime, part in data.items() if isinstance(part, str | list | dict)}


class _Shell(InteractiveShell):
    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    screen: Outputs = Outputs()

    def _showtraceback(self, etype, evalue, stb):
        error = {"output_type": "error", "ename": etype.__name__, "evalue": str(evalue), "traceback": list(stb)}
        self.screen.put(error)


def shell_on(screen: Outputs) -> InteractiveShell:
    """An IPython shell that shows everything on a screen, and keeps no history on the disk."""
    _Shell.screen = screen
    shell = _Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    sys.stdout, sys.stderr = _Text(screen, "stdout"), _Text(screen, "stderr")
    return shell
