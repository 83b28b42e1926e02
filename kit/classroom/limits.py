"""What a stranger can take: tries a minute, requests a minute, open sockets, patience with slow clients."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream

TRIES = 30  # wrong codes from one address in a minute
REQUESTS = 600  # of one participant in a minute
SOCKETS = 1500  # open at a time
SOCKETS_EACH = 100  # from one address, unless it is this computer's own
PATIENCE = 30  # seconds for the head of a request, and between two
OWN = ("127.0.0.1", "::1")


class Pace:
    """How often somebody did something in the running minute; kept in memory, and forgotten after it."""

    def __init__(self, most: int):
        self.most, self._minute, self._counts = most, 0, Counter()

    def count(self, who: str) -> None:
        """Once more."""
        self._turn()
        self._counts[who] += 1

    def over(self, who: str) -> bool:
        """Whether it was as often as is allowed."""
        self._turn()
        return self._counts[who] >= self.most

    def _turn(self) -> None:
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._counts = minute, Counter()


class BoundedServer(HTTPServer):
    """An HTTP server with a bound on its open sockets, and on those from one address."""

    def initialize(self, *arguments: Any, **named: Any) -> None:
        """As tornado's."""
        super().initialize(*arguments, **named)
        self._open: Counter = Counter()

    def handle_stream(self, stream: IOStream, address: tuple) -> None:
        """Serve a connection, or close it at once if there are too many."""
        each = SOCKETS if address[0] in OWN else SOCKETS_EACH
        if self._open.total() >= SOCKETS or self._open[address[0]] >= each:
            stream.close()
            return
        self._open[address[0]] += 1
        super().handle_stream(stream, address)

    def on_close(self, server_conn: Any) -> None:
        """Count it out."""
        super().on_close(server_conn)
        host = server_conn.context.address[0]
        self._open[host] -= 1
        if not self._open[host]:
            del self._open[host]


def allow_many_sockets() -> None:
    """Ask the system for as many open files as sockets may be open (some allow 256 unless they are asked)."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * SOCKETS if hard == resource.RLIM_INFINITY else min(4 * SOCKETS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
