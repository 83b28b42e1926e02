"""The experiment over the network: participants by a key of their own, the instructor by a secret one.

One thread takes requests. Each answer is on the disk before it is acknowledged; pictures, portraits and the disk have
threads of their own. Nothing that a browser sends reaches a path, and no header, address or agent is stored or logged.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from socket import socket

from tornado.web import Application, HTTPError

from kit import teaching, widgets
from kit.javascript import bundled

from . import desk, limits, pages
from .handlers import Handler, Missing
from .room import Classroom

MOST_BYTES = 4096  # of what a browser may send
WEB = Path(__file__).parent / "web"
STATIC = {
    **{path.name: path for path in WEB.iterdir()},
    "participant.js": Path(widgets.__file__).parent / "participant.js",
    "participant.css": Path(widgets.__file__).parent / "participant.css",
    "panel.css": Path(teaching.__file__).parent / "panel.css",
}
KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


class Static(Handler):
    """Scripts and styles, by their names in a list."""

    def get(self, name: str) -> None:
        """The file."""
        if name not in STATIC:
            raise HTTPError(404)
        self.set_header("Content-Type", KINDS[STATIC[name].suffix])
        path = STATIC[name]
        self.finish(bundled(path) if path.suffix == ".js" else path.read_bytes())


def application(room: Classroom) -> Application:
    """All addresses of an experiment."""
    routes = {
        "/": pages.Join,
        "/again": pages.Again,
        "/withdraw": pages.Withdraw,
        "/p": pages.ExperimentPage,
        "/p/event": pages.Event,
        r"/p/pictures/([a-z0-9-]{1,20})": pages.DisplayPictures,
        "/i": desk.Desk,
        "/i/state": desk.Overview,
        "/i/(open|closed|over)": desk.Door,
        "/i/portraits": desk.Seen,
        r"/i/ratings\.csv": desk.Table,
        r"/i/dataset\.zip": desk.Dataset,
        "/i/forget": desk.Forget,
        r"/static/([a-z_.]+)": Static,
    }
    share = {"room": room}
    return Application(
        [(address, handler, share) for address, handler in routes.items()],
        default_handler_class=Missing,
        log_function=lambda handler: None,
    )


def serve(room: Classroom, sockets: Sequence[socket], behind: bool = False) -> limits.BoundedServer:
    """Answer what comes.

    Parameters
    ----------
    room : Classroom
    sockets : sequence of socket
        That listen, as of `tornado.netutil.bind_sockets`.
    behind : bool
        Whether a proxy on this machine passes requests on; it then says whose they are (X-Real-IP).
    """
    logging.getLogger("tornado.general").setLevel(logging.CRITICAL)  # its warnings name addresses
    limits.allow_many_sockets()
    server = limits.BoundedServer(
        application(room), xheaders=behind, max_body_size=MOST_BYTES, max_header_size=8192,
        idle_connection_timeout=limits.PATIENCE, body_timeout=limits.PATIENCE,
    )  # fmt: skip
    server.add_sockets(sockets)
    return server
