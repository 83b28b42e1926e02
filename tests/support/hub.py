"""A JupyterHub with accounts of its own on loopback, in a file system in which only it sees those accounts.

bubblewrap gives the hub another `/etc/passwd`, `/home` and `/srv`: nothing is added to the machine, and when the hub
ends, so do all processes that it started.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "docs" / "jupyterhub" / "jupyterhub_config.py"
FIRST = 20_001
TEST = """
c = get_config()
load_subconfig({config!r})
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.ConfigurableHTTPProxy.command = [{command!r}]
c.JupyterHub.authenticator_class = "dummy"  # loopback, and for a minute: never where others can reach it
c.DummyAuthenticator.password = {token!r}
c.JupyterHub.services = [{{"name": "test", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [{{"name": "test", "services": ["test"],
                            "scopes": ["admin:users", "admin:servers", "access:servers"]}}]
"""


def missing() -> str:
    """Why no hub can be tested here, with the remedy; empty if it can."""
    try:
        import jupyterhub  # noqa: F401
        import nbgrader  # noqa: F401
    except ImportError:
        return "JupyterHub is not installed: pip install -c constraints.txt -e '.[lab,grade,hub]'"
    if proxy() is None:
        return "JupyterHub's proxy is not installed: npm install -g --prefix .venv configurable-http-proxy"
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "a hub that starts servers for several people must run as root (in a container, for example)"
    if shutil.which("bwrap") is None:
        return "bubblewrap keeps the hub's accounts apart from the machine's: apt-get install bubblewrap"
    return ""


def proxy() -> str | None:
    """The program configurable-http-proxy, on the path or beside the interpreter."""
    name = "configurable-http-proxy"
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


class Hub:
    """A running hub with an account for each of `people`; `folder` holds their homes and `/srv`."""

    def __init__(self, folder: Path, people: list[str]):
        self.folder, self.token, self.people = folder, secrets.token_hex(16), people
        self._accounts()
        ports = [_free_port() for _ in range(3)]
        self.url = f"http://127.0.0.1:{ports[0]}"
        config = folder / "srv" / "jupyterhub_config.py"
        names = dict(zip(("port", "hub", "proxy"), ports)) | {"config": str(CONFIG), "command": proxy()}
        config.write_text(TEST.format(token=self.token, **names))
        with open(folder / "hub.log", "w") as log:
            self.process = subprocess.Popen(
                [*self._sandbox(), *(sys.executable, "-m", "jupyterhub", "-f", "/srv/jupyterhub_config.py")],
                **{"stdout": log, "stderr": log, "env": self._environment()},
            )
        self._wait()

    def home(self, name: str) -> Path:
        """A person's home, as it is called outside the hub."""
        return self.folder / "home" / name

    def own(self, name: str) -> None:
        """Give all that lies in a person's home to that person, and to nobody else."""
        number = FIRST + self.people.index(name)
        for path in [self.home(name), *self.home(name).rglob("*")]:
            os.chown(path, number, number)
        self.home(name).chmod(0o700)

    def _accounts(self) -> None:
        rows = [f"{n}:x:{FIRST + i}:{FIRST + i}::/home/{n}:/bin/bash\n" for i, n in enumerate(self.people)]
        groups = [f"{n}:x:{FIRST + i}:\n" for i, n in enumerate(self.people)]
        (self.folder / "passwd").write_text(Path("/etc/passwd").read_text() + "".join(rows))
        (self.folder / "group").write_text(Path("/etc/group").read_text() + "".join(groups))
        exchange = self.folder / "srv" / "exchange"
        exchange.mkdir(parents=True)
        exchange.chmod(0o777)  # as docs/jupyterhub.md says
        for name in self.people:
            self.home(name).mkdir(parents=True)
            self.own(name)

    def _sandbox(self) -> list[str]:
        places = {"passwd": "/etc/passwd", "group": "/etc/group", "home": "/home", "srv": "/srv"}
        binds = [word for a, b in places.items() for word in ("--bind", str(self.folder / a), b)]
        start = ["bwrap", "--dev-bind", "/", "/", *_reachable(), *binds, "--chdir", "/srv"]
        return [*start, *("--unshare-pid", "--proc", "/proc", "--die-with-parent", "--cap-add", "ALL", "--")]

    def _environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("KIT_", "JUPYTER", "XDG_"))}
        return kept | {"PATH": path, "KIT_EXCHANGE": "/srv/exchange", "HOME": "/srv"}

    def _wait(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            try:
                self.ask("GET", "/hub/api/")
                return
            except OSError:
                time.sleep(0.2)
        self.stop()
        raise RuntimeError("JupyterHub did not start:\n" + self.log())

    def log(self) -> str:
        """The last words of the hub and of the servers that it started."""
        return (self.folder / "hub.log").read_text()[-6000:]

    def ask(self, method: str, what: str, form: dict | None = None, content: object = None):
        """Call the hub, or a person's server (`/user/NAME/...`); the answer as data, or as text."""
        body = urllib.parse.urlencode(form).encode() if form else json.dumps(content).encode() if content else None
        request = urllib.request.Request(self.url + what, method=method, data=body)
        request.add_header("Authorization", f"token {self.token}")
        with urllib.request.urlopen(request, timeout=120) as answer:
            text = answer.read().decode()
        try:
            return json.loads(text or "null")
        except ValueError:
            return text

    def status(self, what: str) -> int:
        """The HTTP status of a page."""
        try:
            self.ask("GET", what)
            return 200
        except urllib.error.HTTPError as error:
            return error.code

    def run(self, name: str, code: str) -> str:
        """What code prints in a kernel of a person's server."""
        import websocket  # a dependency of jupyter_server

        kernel = self.ask("POST", f"/user/{name}/api/kernels", content={"name": "python3"})["id"]
        address = f"{self.url.replace('http', 'ws')}/user/{name}/api/kernels/{kernel}/channels"
        channel = websocket.create_connection(address, 60, header=[f"Authorization: token {self.token}"])
        about = {"msg_id": "1", "session": "test", "username": "", "msg_type": "execute_request", "version": "5.3"}
        content = {"code": code, "silent": False, "allow_stdin": False}
        whole = {"header": about, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        channel.send(json.dumps(whole))
        printed = ""
        while True:
            message = json.loads(channel.recv())
            if message["parent_header"].get("msg_id") != "1":
                continue
            printed += message["content"].get("text", "") if message["msg_type"] == "stream" else ""
            if message["content"].get("execution_state") == "idle":
                channel.close()
                return printed.strip()

    def start(self, name: str, seconds: float = 90) -> None:
        """Start a person's server and wait until it answers."""
        self.ask("POST", f"/hub/api/users/{name}")
        self.ask("POST", f"/hub/api/users/{name}/server")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.ask("GET", f"/hub/api/users/{name}")["servers"].get("", {}).get("ready"):
                return
            time.sleep(0.2)
        raise RuntimeError(f"the server of {name} did not start:\n{self.log()}")

    def stop(self) -> None:
        """End the hub and everything that it started."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def _reachable() -> list[str]:
    """Where the interpreter lies in a folder that only root may enter: that folder, empty but for the interpreter."""
    base = Path(sys.base_prefix).resolve()
    closed = [folder for folder in base.parents if not folder.stat().st_mode & 0o001]
    if not closed:
        return []
    between = [folder for folder in reversed(base.parents) if closed[-1] in folder.parents]
    doors = [word for folder in between for word in ("--perms", "0755", "--dir", str(folder))]
    return ["--tmpfs", str(closed[-1]), *doors, "--ro-bind", str(base), str(base)]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
