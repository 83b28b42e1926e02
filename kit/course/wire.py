"""Plain data between two processes that do not trust each other: JSON, never pickle.

Numbers (also nan, inf, complex and numpy's), texts, None, lists, tuples, dictionaries and arrays of numbers come out
as they went in. Everything else is refused by name, on both sides: reading runs no code of the sender.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from kit.teaching import bounded

LIMIT, CHUNK = 64 * 2**20, 2**15
TAG = "~"
MOST_OF_A_HASH = 1000
"""Keys of a dictionary: each is compared with all others of its hash."""
GRACE = 3.0
"""Seconds from the polite end of a student's code (an exception) to the hard one."""


class Refused(ValueError):
    """Something that is not data, or too much of it."""


def dumps(data: Any, limit: int = LIMIT) -> bytes:
    """Data as JSON text.

    Raises
    ------
    Refused
        If a part is not data (the message names its kind), or if they are too many, nested too deep, or longer than
        `limit` bytes.
    """
    try:
        words = json.dumps(_pack(data))
        bounded.check(words)
        text = words.encode()
    except RecursionError:
        raise Refused("lists or dictionaries are nested too deep, or contain themselves") from None
    except ValueError as error:  # an integer of thousands of digits, half a surrogate pair
        raise Refused(str(error)) from None
    if len(text) > limit:
        raise Refused(f"the data take {len(text) / 2**20:.0f} MB; at most {limit / 2**20:.0f} MB are passed on")
    return text


def loads(text: bytes) -> Any:
    """The data of a text that `dumps` wrote; arrays are new and writable.

    A text that nobody vouches for takes no more memory than its length and number of parts, both bounded, allow.

    Raises
    ------
    Refused
        If the text is anything else.
    """
    try:
        return _unpack(bounded.loads(text))
    except Refused:
        raise
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise Refused(f"not the text of plain data ({type(error).__name__})") from None


def _pack(data: Any) -> Any:
    kind = type(data)
    if data is None or kind in (bool, int, float):
        return data
    if kind is str:
        data.encode()  # half a surrogate pair could be stored nowhere
        return data
    if kind is list:
        return [_pack(part) for part in data]
    if kind is tuple:
        return {TAG: "tuple", "parts": [_pack(part) for part in data]}
    if kind is dict:
        return {TAG: "dict", "parts": [[_pack(key), _pack(value)] for key, value in data.items()]}
    if kind is complex:
        return {TAG: "complex", "parts": [data.real, data.imag]}
    if kind is np.str_:
        return _pack(str(data))
    if (kind is np.ndarray or isinstance(data, np.generic)) and data.dtype.kind in "biufcU":
        array = np.asarray(data)
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        return {
            TAG: "array" if kind is np.ndarray else "scalar",
            "dtype": little.dtype.str,
            "shape": list(array.shape),
            "bytes": base64.b64encode(little.tobytes()).decode(),
        }
    what = f"an array of {data.dtype}" if kind is np.ndarray else f"a {kind.__name__}"
    raise Refused(f"{what} is not plain data: numbers, texts, None, arrays of numbers, lists and dictionaries of them")


def _unpack(packed: Any) -> Any:
    if isinstance(packed, list):
        return [_unpack(part) for part in packed]
    if isinstance(packed, str):
        packed.encode()
    if not isinstance(packed, dict):
        return packed
    kind = packed[TAG]
    if kind == "tuple":
        return tuple(_unpack(part) for part in packed["parts"])
    if kind == "dict":
        return _dictionary([(_unpack(key), _unpack(value)) for key, value in packed["parts"]])
    if kind == "complex":
        return complex(*map(float, packed["parts"]))
    if kind in ("array", "scalar"):
        array = _array(packed)
        return array if kind == "array" else array[()]
    raise Refused("not the text of plain data (an unknown kind)")


def _dictionary(pairs: list[tuple[Any, Any]]) -> dict:
    """The pairs as a dictionary, unless so many keys were chosen for one hash that this would take hours."""
    hashes = Counter(hash(key) for key, _ in pairs)
    if max(hashes.values(), default=0) > MOST_OF_A_HASH:
        raise Refused(f"more than {MOST_OF_A_HASH} keys of a dictionary have the same hash")
    return dict(pairs)


def _array(packed: dict) -> np.ndarray:
    dtype = np.dtype(str(packed["dtype"]))
    if dtype.kind not in "biufcU":
        raise Refused("not the text of plain data (an array of something else)")
    values = np.frombuffer(base64.b64decode(packed["bytes"]), dtype)
    return values.reshape([int(n) for n in packed["shape"]]).copy()


class Channel:
    """Messages (dictionaries of data) over a socket, each a length and a text."""

    def __init__(self, end: socket.socket):
        self.socket, self._lock, self._owner, self.received = end, threading.Lock(), os.getpid(), 0
        self.sending = False  # an alarm that broke off a message would spoil all that follow

    def own(self) -> None:
        """Let this process speak (after a fork, others are silent)."""
        self._lock, self._owner, self.sending = threading.Lock(), os.getpid(), False

    def is_own(self) -> bool:
        """Whether this process may speak."""
        return os.getpid() == self._owner

    def send(self, message: dict, seconds: float | None = None, watch: Callable[[], None] | None = None) -> None:
        """Send a message, whole, unless another process owns the channel; `seconds` and `watch` as in `receive`.

        Raises
        ------
        TimeoutError, OSError, Refused
            If nobody reads it in time, nobody is there, or it is too large.
        """
        text = dumps(message, 2 * LIMIT)
        if self.is_own():
            with self._lock:
                self.sending = True
                try:
                    self._write(struct.pack(">I", len(text)) + text, _end(seconds), watch)
                finally:
                    self.sending = False

    def receive(self, seconds: float | None = None, watch: Callable[[], None] | None = None) -> dict:
        """The next message; `watch` is called twice a second while waiting.

        Raises
        ------
        TimeoutError, EOFError, Refused
            If it does not come in time, at all, or is not a message.
        """
        end = _end(seconds)
        (length,) = struct.unpack(">I", self._read(4, end, watch))
        if length > 2 * LIMIT:
            raise Refused("a message of more than the allowed length")
        message = loads(self._read(length, end, watch))
        if not isinstance(message, dict):
            raise Refused("not a message")
        return message

    def _write(self, data: bytes, end: float | None, watch: Callable[[], None] | None) -> None:
        left = memoryview(data)
        while left:
            self._wait(select.POLLOUT, end, watch)
            with contextlib.suppress(BlockingIOError):
                left = left[self.socket.send(left[:CHUNK], socket.MSG_DONTWAIT) :]

    def _read(self, n: int, end: float | None, watch: Callable[[], None] | None) -> bytes:
        parts = bytearray()
        while len(parts) < n:
            self._wait(select.POLLIN, end, watch)
            part = self.socket.recv(min(n - len(parts), 2**20))
            if not part:
                raise EOFError
            parts += part
            self.received += len(part)
        return bytes(parts)

    def _wait(self, event: int, end: float | None, watch: Callable[[], None] | None) -> None:
        """Until the socket is ready; raises TimeoutError at the end of the time."""
        ready = select.poll()
        ready.register(self.socket, event)
        while True:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                raise TimeoutError
            if watch:
                watch()
            if ready.poll(500 if left is None else 1000 * min(0.5, left)):
                return


def _end(seconds: float | None) -> float | None:
    return None if seconds is None else time.monotonic() + seconds
