"""A real JupyterLab in a real Chromium, driven by a test.

`Server` runs one JupyterLab with folders, settings and a student's folder of its own; `Browser` opens
notebooks there. Nothing here waits for a time to pass: every wait is for something to be seen.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
QUIET = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
SCRIPTS = Path(__file__).with_name("lab.js")


def missing() -> str:
    """Why no browser test can run here, with the remedy; empty if they can."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "playwright is not installed: pip install -c constraints.txt -e '.[lab,test]'"
    if chromium() is None:
        return "no Chromium found: apt-get install chromium, or set KIT_CHROMIUM to the program"
    return ""


def chromium() -> str | None:
    """The system's Chromium or Chrome."""
    chosen = os.environ.get("KIT_CHROMIUM")
    return next(filter(None, map(shutil.which, [chosen] if chosen else NAMES)), None)


class Server:
    """JupyterLab on a free port, with all its folders below `folder`."""

    def __init__(self, folder: Path):
        self.folder, self.token = folder, secrets.token_hex(16)
        self.root, self.student = folder / "notebooks", folder / "student"
        self.root.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with open(folder / "lab.log", "w") as log:
            self.process = subprocess.Popen(self._command(), env=self._environment(), stdout=log, stderr=log)
        self._wait()

    def _command(self) -> list[str]:
        port = self.url.rpartition(":")[2]
        return [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
            *(f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={self.root}"),
            *(f"--IdentityProvider.token={self.token}", "--LabApp.expose_app_in_browser=True"),
        ]

    def _environment(self) -> dict[str, str]:
        settings = self.folder / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(QUIET))
        folders = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
            "KIT_STUDENT_DIR": "student",
        }
        environment = {key: value for key, value in os.environ.items() if key != "KIT_HEADLESS"}
        return environment | {name: str(self.folder / place) for name, place in folders.items()}

    def _wait(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            try:
                self.ask("GET", "status")
                return
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise RuntimeError("JupyterLab did not start:\n" + (self.folder / "lab.log").read_text()[-2000:])

    def ask(self, method: str, what: str):
        """Call the server's REST interface."""
        request = urllib.request.Request(f"{self.url}/api/{what}", method=method)
        request.add_header("Authorization", f"token {self.token}")
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or "null")

    def end_kernels(self) -> None:
        """End all kernels, as at the end of a day."""
        for session in self.ask("GET", "sessions"):
            self.ask("DELETE", f"sessions/{session['id']}")

    def tidy(self) -> None:
        """Make ready for the next test, which old comms, answers, notebooks and themes would disturb."""
        self.end_kernels()
        shutil.rmtree(self.student, ignore_errors=True)
        for left in (*self.root.glob("*.ipynb"), *self.folder.glob("settings/**/themes.*")):
            left.unlink()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Browser:
    """A Chromium of its own for one test."""

    def __init__(self, server: Server, pictures: Path):
        from playwright.sync_api import sync_playwright

        self.server, self.pictures = server, pictures
        self._playwright = sync_playwright().start()
        self._launch()

    def _launch(self, *more: str) -> None:
        flags = [*FLAGS, *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []), *more]
        profile = self.server.folder / "profile"  # kept between tests: JupyterLab loads from its cache
        self._chromium = self._playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium(), args=flags, viewport={"width": 1200, "height": 900}
        )

    def restart(self, *more: str) -> None:
        """Start Chromium anew, with more flags."""
        self._chromium.close()
        self._launch(*more)

    def open(self, notebook: nbformat.NotebookNode | Path) -> "Notebook":
        """Put a copy of a notebook on the server, open it and wait for its kernel."""
        if isinstance(notebook, Path):
            notebook = nbformat.read(notebook, as_version=4)
        notebook.metadata.setdefault("kernelspec", KERNEL)  # else JupyterLab asks for one
        path = self.server.root / f"{secrets.token_hex(4)}.ipynb"
        nbformat.write(notebook, path)
        return self.reopen(path)

    def reopen(self, path: Path) -> "Notebook":
        """Open a notebook that is on the server already, in a fresh page."""
        page = self.page()
        address = f"{self.server.url}/lab/workspaces/{secrets.token_hex(4)}/tree/{path.name}"
        opened = Notebook(page, path, self.pictures)
        page.goto(f"{address}?reset&token={self.server.token}")
        page.wait_for_function("window.jupyterapp?.shell.currentWidget?.context", timeout=60_000)
        page.add_script_tag(path=SCRIPTS)
        page.evaluate("lab.ready()")
        return opened

    def page(self):
        """A fresh page, playwright's."""
        return self._chromium.new_page()

    def close(self) -> None:
        self._chromium.close()
        self._playwright.stop()


class Notebook:
    """A notebook open in JupyterLab. `page` is playwright's, for whatever is not here."""

    def __init__(self, page, path: Path, pictures: Path):
        self.page, self.path, self.pictures = page, path, pictures
        self.errors: list[str] = []
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note)

    def _note(self, message) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def run_all(self, seconds: float = 90) -> None:
        """Run every cell; fail unless each got an execution count and none an error."""
        self.page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells') && null")
        self.page.wait_for_function("lab.finished()", timeout=seconds * 1000)
        failures = self.page.evaluate("lab.failures()")
        assert not failures, "\n".join(failures)

    def widget(self, name: str):
        """Locator of a widget by its `tk-` class ("check" or "key-06-light", for example)."""
        return self.page.locator(f".tk-{name}").first

    def focus(self, control) -> None:
        """Put the keyboard's focus on a control (a locator)."""
        control.focus()
        control.and_(self.page.locator(":focus")).wait_for()

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, on whatever has the focus."""
        for key in keys:
            self.page.keyboard.press(key)

    def each_key_changes(self, picture: str, control, keys: list[str]) -> list[float]:
        """Press keys on a control: each must change a picture, within ten seconds.

        Parameters
        ----------
        picture : CSS selector of the `<img>` or `<canvas>` that has to change.
        control : locator of what gets the keys.

        Returns
        -------
        list of the milliseconds from each key to the painted change: for benchmarks, no test asks for them
        """
        self.focus(control)
        times = []
        for key in keys:
            self.page.evaluate("picture => lab.arm(picture)", picture)
            self.page.keyboard.press(key)
            times.append(self.page.evaluate("lab.elapsed"))
        return times

    def theme(self, name: str) -> None:
        """Switch to the "light" or the "dark" theme."""
        self.page.evaluate("name => lab.theme(name)", THEMES[name])
        self.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=THEMES[name])
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def faint(self, selector: str) -> list[str]:
        """Texts inside an element whose contrast with what is behind them is below WCAG AA."""
        return self.page.evaluate("selector => lab.faint(selector)", selector)

    def screenshot(self, name: str, part=None) -> Path:
        """Save a picture of a part of the page (a locator), or of the whole page."""
        path = self.pictures / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        (part or self.page).screenshot(path=path)
        return path

    def save(self) -> nbformat.NotebookNode:
        """Save in JupyterLab and read what it wrote."""
        self.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
        return nbformat.read(self.path, as_version=4)
