"""`python -m kit experiment`: a class or a laboratory takes part, from the command line."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import io
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kit.files import harmless

if TYPE_CHECKING:
    from .room import Classroom

PORT = 8765
COMING = 30  # participants for whom pictures are drawn before they ask: a class
LOOPBACK = "127.0.0.1"
EVERYWHERE = """Everybody in this network can reach this computer at that address while this runs: they can come in with
the join code, and nothing else. The way is not encrypted: use a network that you trust, or HTTPS
(docs/experiment.md)."""
HERE = """Only this computer can reach it. For the phones of a class, add --host 0.0.0.0"""


def add_experiment(commands: argparse._SubParsersAction) -> None:
    """Add `experiment` to the kit's commands."""
    experiment = commands.add_parser("experiment", help="let a class take part, on their phones")
    experiment.add_argument("--identity", nargs="+", default=["Mei"], help="whom to learn; several in balance")
    experiment.add_argument("--view", nargs="+", default=["frontal"], help="frontal, turned, or both in balance")
    experiment.add_argument("--trials", type=int, default=60, help="rated panels for each participant (default 60)")
    experiment.add_argument("--seed", type=int, default=0, help="of the panels (default 0)")
    experiment.add_argument("--out", type=Path, required=True, help="folder of everything, such as class-1")
    experiment.add_argument("--consent", type=Path, help="text to agree to (default: kit/classroom/consent.txt)")
    experiment.add_argument("--port", type=int, default=PORT, help=f"default {PORT}")
    experiment.add_argument(
        "--host", default=LOOPBACK, help="0.0.0.0 for the phones of a room (default: this computer)"
    )
    experiment.add_argument("--base-url", help="address behind a proxy with HTTPS, such as https://faces.example.org")
    experiment.add_argument(
        "--participants", choices=("code", "url"), default="code",
        help="url: a platform such as Prolific sends them, with ?id=... in the address",
    )  # fmt: skip
    experiment.add_argument(
        "--completion", default="", help="link back to the platform for those who have finished ({id} is theirs)"
    )
    experiment.set_defaults(run=_experiment)


def _experiment(chosen: argparse.Namespace) -> int:
    from .experiment import CONSENT, Experiment
    from .room import Classroom

    consent = chosen.consent.read_text(encoding="utf-8") if chosen.consent else CONSENT
    experiment = Experiment(
        tuple(chosen.identity), tuple(chosen.view), chosen.trials, chosen.seed, consent,
        chosen.participants == "url", chosen.completion,
    )  # fmt: skip
    with _listening(chosen.host, chosen.port) as sockets:
        port = sockets[0].getsockname()[1]
        room = Classroom(chosen.out, experiment, chosen.base_url or f"http://{_reached_at(chosen.host)}:{port}")
        try:
            asyncio.run(_serve(room, sockets, bool(chosen.base_url), chosen.host))
        finally:
            room.close()
            harmless.say(f"\neverything is in {chosen.out}; the same command goes on where everybody was")
    return 0


async def _serve(room, sockets: list[socket.socket], behind: bool, host: str) -> None:
    """Serve until somebody stops it; `behind` a proxy on this machine, if a base address was given."""
    from .server import serve

    stopped = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C interrupts
            asyncio.get_running_loop().add_signal_handler(one, stopped.set)
    serve(room, sockets, behind=behind and host == LOOPBACK)  # else anybody could say that they are another
    print(announced(room, host), flush=True)
    drawing = asyncio.create_task(_draw_ahead(room))
    await stopped.wait()
    drawing.cancel()


async def _draw_ahead(room) -> None:
    """Draw what a class will see, so that nobody waits."""
    experiment = room.experiment
    places = [(*condition, first) for first in experiment.firsts for condition in experiment.conditions]
    await room.album.draw_ahead([experiment.design("anybody", *place) for place in places[:COMING]])


@contextlib.contextmanager
def _listening(host: str, port: int):
    """Sockets at an address, which are closed in the end. Raises ValueError if others have it."""
    from tornado.netutil import bind_sockets

    if not 0 <= port <= 65535:
        raise ValueError(f"there is no port {port}: choose one from 1025 to 65535 with --port")
    try:
        sockets = bind_sockets(port, host)
    except OSError as error:
        raise ValueError(_no_port(host, port, error)) from None
    try:
        yield sockets
    finally:
        for one in sockets:
            one.close()


def _no_port(host: str, port: int, error: OSError) -> str:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"this computer is not called {host!r}: --host takes {LOOPBACK} or 0.0.0.0"
    if error.errno == errno.EADDRINUSE:
        told = "another program uses it (an experiment in another window?)"
        return f"port {port} is taken: {told}. Stop that one, or choose another with --port {port + 1}"
    if error.errno == errno.EACCES:
        return f"port {port} is for administrators: choose one above 1024 with --port"
    return f"cannot listen at port {port} ({error}): choose one from 1025 to 65535 with --port"


def _reached_at(host: str) -> str:
    """Where others find this computer in its network; nothing is sent to find out."""
    if host not in ("0.0.0.0", "::"):
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        return probe.getsockname()[0]
    with contextlib.suppress(OSError):  # a hotspot of one's own leads nowhere else
        own = socket.gethostbyname_ex(socket.gethostname())[2]
        if found := [address for address in own if not address.startswith("127.")]:
            return found[0]
    raise ValueError(
        "this computer's address in its network could not be found out: is it in one? If so, name it, such as "
        "--base-url http://192.168.1.20:8765 (ipconfig on Windows, ifconfig or ip addr elsewhere tell)"
    )


def announced(room: Classroom, host: str) -> str:
    """What the terminal says: the code for cameras, the addresses, and who can reach them."""
    reach = "" if room.address.startswith("https") else HERE if host == LOOPBACK else EVERYWHERE
    return f"""{_qr(room.link)}
Participants:  {room.address}   join code: {room.join_code}
  or at once:  {room.link}
Instructor:    {room.desk}
               (keep this one to yourself: it shows everything, and closes the door)

{reach}
Ctrl-C stops.
"""


def _qr(link: str) -> str:
    """A code for cameras, where the terminal has the letters for it; it stands on the instructor's page, too."""
    import segno

    picture = io.StringIO()
    segno.make(link, micro=False).terminal(picture, compact=True)
    try:
        picture.getvalue().encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return ""
    return picture.getvalue()
