"""Where a student's code runs: in bubblewrap, with nothing of the instructor's in reach.

Inside: the system and this Python environment, read-only; a copy of the hand-in in a small memory disk that vanishes
with it; no network, no home folder, no other process, an empty environment. Where bubblewrap is missing or the system
forbids it, only the limits on time, memory, processes and output are left; `isolation()` says so and why.

bubblewrap (https://github.com/containers/bubblewrap) builds the walls; started by root, the student's code changes to
a user who owns nothing before it runs.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import kit

MB = 2**20
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime")
ALONE = ["--die-with-parent", "--new-session", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
AS_ROOT = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
AS_USER = ["--unshare-user", "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL"]
FIRST_USER, N_USERS = 61000, 4000


@dataclass(frozen=True)
class Limits:
    """What one hand-in may use.

    Attributes
    ----------
    cell, notebook : seconds for a cell, and for a notebook; the last fifth of these is kept for its tests.
    memory : MB for a process (address space), and for all of them together (what they really use).
    processes : how many at a time.
    disk : MB of files, which vanish afterwards.
    """

    cell: float = 60.0
    notebook: float = 600.0
    memory: int = 4096
    processes: int = 100
    disk: int = 256

    def of_a_process(self) -> dict[str, int]:
        """The limits that the system enforces on each process."""
        return {
            "RLIMIT_AS": self.memory * MB,
            "RLIMIT_CPU": int(self.notebook),
            "RLIMIT_NPROC": self.processes,
            "RLIMIT_FSIZE": self.disk * MB,
            "RLIMIT_CORE": 0,
        }


@dataclass(frozen=True)
class Isolation:
    """How students' code is kept apart: "root", "user" or "none", and the reason for "none"."""

    way: str
    reason: str = ""

    def __bool__(self) -> bool:
        return self.way != "none"

    def words(self) -> str:
        """One line for the screen and the summary."""
        if self:
            return "isolated: bubblewrap (no network, no gradebook, no other hand-in in reach)"
        return (
            f"NOT ISOLATED: {self.reason}. Students' code can read what you can read, hidden tests and gradebook "
            "included, and use the network. Install bubblewrap (apt install bubblewrap), or grade in a container"
        )


@functools.cache
def isolation() -> Isolation:
    """The strongest isolation that works here, found out by trying.

    Raises
    ------
    TimeoutError
        If that takes too long: on a machine that is too busy nobody is graded without walls.
    """
    if os.environ.get("KIT_SANDBOX") == "none":
        return Isolation("none", "KIT_SANDBOX=none asks for it")
    if not sys.platform.startswith("linux"):
        return Isolation("none", "bubblewrap exists for Linux only")
    if not shutil.which("bwrap"):
        return Isolation("none", "the command bwrap (bubblewrap) is not installed")
    complaint = ""
    for way in ("root", "user") if os.geteuid() == 0 else ("user",):
        test = "import os; os.setgid(61000); os.setuid(61000)" if way == "root" else ""
        code = f"{test}\nimport numpy, kit.course.wire, os\nos.fork() or os._exit(0)\nos.wait()"
        tried = _tried([*_walls(way, Path("/usr"), Limits()), *_python("-c", code)])
        if tried.returncode == 0:
            return Isolation(way)
        complaint = (tried.stderr.strip().splitlines() or ["it fails"])[-1][-200:]
    return Isolation("none", f"bubblewrap does not work here ({complaint})")


def _tried(command: list[str]) -> subprocess.CompletedProcess:
    try:
        return subprocess.run(
            command, env=_environment(Path("/tmp")), capture_output=True, text=True, errors="replace", timeout=120
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError("a sandbox takes more than two minutes to start: try again with fewer --jobs") from None


@contextlib.contextmanager
def own_user() -> Iterator[int | None]:
    """The number of a user whom no other sandbox of this machine has meanwhile; None where none is needed.

    The system counts processes by user: with one for all, a student's would be taken from the others'. A name among
    the machine's sockets marks who is taken; it vanishes with the process that took it.
    """
    if isolation().way != "root":
        yield None
        return
    first = secrets.randbelow(N_USERS)
    for number in (FIRST_USER + (first + k) % N_USERS for k in range(N_USERS)):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mark:
            try:
                mark.bind(f"\0shared-features-user-{number}")
            except OSError:
                continue
            yield number
            return
    raise RuntimeError(f"{N_USERS} sandboxes are open already")


def start(
    given: Path,
    channels: list[socket.socket],
    limits: Limits,
    private: tuple[Path, ...] = (),
    complaints: IO | None = None,
    user: int | None = None,
) -> subprocess.Popen:
    """Start the student's side, `kit.course.student`.

    Parameters
    ----------
    given : folder with the files of a hand-in; the process gets a copy.
    channels : the student's ends of socket pairs.
    limits : what it may use.
    private : folders that must be out of reach even if they lie inside the Python environment.
    complaints : file for what goes wrong before the first cell.
    user : of `own_user`.

    Killing the process that is returned ends everything inside.
    """
    way = isolation().way
    settings = {
        "given": "/given" if way != "none" else str(given.resolve()),
        "user": user,
        "compiled": [] if way == "none" else [str(folder) for folder in _compiled()],
        "limits": limits.of_a_process(),
        "channels": [end.fileno() for end in channels],
    }
    if way == "none":  # the limit on processes counts all of a person's, not one notebook's
        settings["limits"].pop("RLIMIT_NPROC")
    walls, place = (
        ([], given.resolve().parent) if way == "none" else (_walls(way, given, limits, private), Path("/tmp"))
    )
    return subprocess.Popen(
        [*walls, *_python("-m", "kit.course.student", json.dumps(settings))],
        env=_environment(place / "work"),
        cwd=place if way == "none" else None,
        pass_fds=settings["channels"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=complaints,
        start_new_session=True,
    )


def _python(*arguments: str) -> list[str]:
    return [sys.executable, "-P", *arguments]  # -P: a hand-in's json.py is not Python's


def _walls(way: str, given: Path, limits: Limits, private: tuple[Path, ...] = ()) -> list[str]:
    """The bubblewrap command up to the program: what is visible, in the order in which it is laid down."""
    visible = _visible()
    out = ["bwrap", *ALONE, *(AS_ROOT if way == "root" else AS_USER)]
    out += ["--perms", "1777", "--size", str(limits.disk * MB), "--tmpfs", "/tmp"]  # first: this project may lie there
    for path in [*SYSTEM, *SYSTEM_FILES, *map(str, visible)]:
        out += _bound(path, path)
    for path in [Path("/usr/local/share/nbgrader"), *private]:
        inside = any(path.resolve().is_relative_to(v) for v in [*map(Path, SYSTEM), *visible])
        if inside and path.exists():
            out += ["--tmpfs", str(path.resolve())]
    for number, folder in enumerate(_compiled()):
        out += _bound(str(folder), f"/compiled/{number}")
        out += ["--perms", "1777", "--size", str(64 * MB), "--tmpfs", str(folder)]
    out += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--size", str(64 * MB), "--tmpfs", "/dev/shm"]
    out += ["--ro-bind", str(given.resolve()), "/given", "--remount-ro", "/dev", "--remount-ro", "/"]
    return [*out, "--chdir", "/tmp", "--"]


def _bound(path: str, inside: str) -> list[str]:
    """A path shown read-only; bubblewrap alone would make the folders above it readable by root only."""
    above = [str(parent) for parent in reversed(Path(inside).parents[:-1])]
    return [*(word for parent in above for word in ("--perms", "0755", "--dir", parent)), "--ro-bind-try", path, inside]


@functools.cache
def _visible() -> tuple[Path, ...]:
    """The Python environment, and of this project the package and its data: never the assignments."""
    package = Path(kit.__file__).resolve().parent
    data = os.environ.get("KIT_DATA") or package.parent / "data"
    paths = {Path(sys.prefix), Path(sys.base_prefix), package, Path(data)}
    return tuple(sorted({each for path in paths for each in (path, path.resolve()) if path.is_dir()}))


@functools.cache
def _compiled() -> tuple[Path, ...]:
    """Folders with numba's machine code. It uses only what it could also write: the student's side gets copies."""
    package = Path(kit.__file__).resolve().parent
    return tuple(sorted({path.parent for path in package.rglob("__pycache__/*.nbi")}))


def _environment(home: Path) -> dict[str, str]:
    """All variables that the student's process gets; no secret is among them."""
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
    chosen = {"KIT_DATA": os.environ["KIT_DATA"]} if "KIT_DATA" in os.environ else {}
    return (
        threads
        | chosen
        | {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "PYTHONPATH": str(Path(kit.__file__).resolve().parent.parent),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(home),
            "USER": "student",
            "LANG": "C.UTF-8",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "LOKY_MAX_CPU_COUNT": "1",
            "KIT_STUDENT_DIR": str(home),
            "NBGRADER_EXECUTION": "autograde",
        }
    )
