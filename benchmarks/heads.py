"""How fast a head answers to a key that the browser draws, and one that Python draws, in the same JupyterLab.

    python benchmarks/heads.py [--quick]

The rig is that of the tests: a real Chromium, here with software WebGL, and `each_key_changes`, which measures from
the key to the painted change. Three times: at rest, while the kernel sleeps, and with 200 ms (there and back) between
page and server. What Python draws has to wait for the sleeping kernel, so it is not measured there. Beside it: how long
after the widget's code has come the first face stands there, and what ten heads add to the page's memory.
Goals: median 34 ms and 95th percentile 50 ms at rest and 20 % more at the most otherwise, at least four times as fast
as Python's pictures where the way is long, first face within 700 ms, ten heads within 150 MB.
"""

import argparse
import socket
import sys
import tempfile
import time
from pathlib import Path
from queue import Queue
from threading import Thread

import numpy as np
from nbformat.v4 import new_code_cell, new_notebook

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from lab import Browser, Server

WAY = 0.1  # seconds, one way
SLEEP = """() => { jupyterapp.shell.currentWidget.sessionContext.session.kernel
    .requestExecute({ code: "import time; time.sleep(10)" }); }"""
BROWSERS = "from kit import widgets\nexplorer = widgets.explore_faces('design', 'view')"
PYTHONS = """
from kit.widgets import face_explorer as kind
from kit.widgets.live_picture import LivePicture
draw = lambda v: (kind.image(kind.compute(v), v), kind.describe(v))
LivePicture([kind.GROUPS["design"], kind.GROUPS["view"]], draw).show("from-python")"""
IDLE = "jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
TEN = "from kit import widgets\nfor _ in range(10):\n    widgets.explore_faces('design')"
ALIVE = "heads => document.querySelectorAll('.tk-face-explorer canvas').length === heads"
WATCH = """() => {
    window.came = {};
    new MutationObserver(() => {
        for (const kind of ["img", "canvas"]) {
            if (document.querySelector(`.tk-face-explorer ${kind}.tk-picture`)) came[kind] ??= performance.now();
        }
    }).observe(document.body, { childList: true, subtree: true });
}"""


class Way:
    """A way to a port of this machine that takes `seconds` in each direction."""

    def __init__(self, port: int):
        self._far, self.seconds = port, 0.0
        self._ear = socket.create_server(("127.0.0.1", 0))
        self.port = self._ear.getsockname()[1]
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            near, _ = self._ear.accept()
            far = socket.create_connection(("127.0.0.1", self._far))
            for source, target in ((near, far), (far, near)):
                line: Queue = Queue()
                Thread(target=self._take, args=(source, line), daemon=True).start()
                Thread(target=_deliver, args=(line, target), daemon=True).start()

    def _take(self, source: socket.socket, line: Queue) -> None:
        data = b"more"
        while data:
            try:
                data = source.recv(1 << 16)
            except OSError:
                data = b""
            line.put((time.monotonic() + self.seconds, data))


def _deliver(line: Queue, target: socket.socket) -> None:
    data = b"more"
    while data:
        due, data = line.get()
        time.sleep(max(0.0, due - time.monotonic()))
        try:
            target.sendall(data) if data else target.shutdown(socket.SHUT_WR)
        except OSError:
            return


def spread(times: list[float]) -> str:
    """Median and 95th percentile."""
    return " | ".join(f"{value:.0f}" for value in np.percentile(times, [50, 95]))


def measure(lab: Browser, way: Way, rounds: int) -> list[tuple[str, list[float]]]:
    """Milliseconds from key to painted face: what was measured, and the times."""
    keys = (["ArrowRight"] * 10 + ["ArrowLeft"] * 10) * rounds  # there and back: no slider reaches its end
    notebook = lab.open(new_notebook(cells=[new_code_cell(BROWSERS), new_code_cell(PYTHONS)]))
    notebook.run_all()
    notebook.page.locator(".tk-face-explorer canvas").wait_for()
    notebook.page.locator(".tk-from-python img").wait_for()

    def times(widget: str, control: str = "yaw") -> list[float]:
        shown = notebook.widget(widget)
        shown.scroll_into_view_if_needed()
        return notebook.each_key_changes(f".tk-{widget} .tk-picture", shown.locator(f"input[name={control}]"), keys)

    times("face-explorer"), times("from-python")  # what is compiled at the first time
    found = [(f"browser, {name}", times("face-explorer", name)) for name in ("yaw", "age", "sex")]
    found += [("Python, yaw", times("from-python")), ("Python, age", times("from-python", "age"))]
    notebook.page.evaluate(SLEEP)
    found.append(("browser, yaw, kernel asleep", times("face-explorer")))
    notebook.page.wait_for_function(IDLE, timeout=30_000)
    way.seconds = WAY
    found.append(("browser, yaw, 200 ms away", times("face-explorer")))
    found.append(("Python, yaw, 200 ms away", times("from-python")))
    way.seconds = 0
    assert not notebook.errors, notebook.errors
    return found


def first_face(lab: Browser) -> float:
    """Milliseconds from Python's picture, which comes with the widget's code, to the head that lives."""
    notebook = lab.open(new_notebook(cells=[new_code_cell(BROWSERS)]))
    notebook.page.evaluate(WATCH)
    notebook.run_all()
    notebook.page.locator(".tk-face-explorer canvas").wait_for()
    came = notebook.page.evaluate("came")
    return came["canvas"] - came["img"]


def megabytes(lab: Browser, source: str) -> float:
    """What the page of a notebook holds in memory once its cell has run."""
    notebook = lab.open(new_notebook(cells=[new_code_cell(source)]))
    notebook.run_all()
    notebook.page.wait_for_function(ALIVE, arg=source.count("range(10)") * 10)
    session = notebook.page.context.new_cdp_session(notebook.page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")
    notebook.page.close()
    return (used["usedSize"] + used.get("backingStorageSize", 0)) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer keys")
    rounds = 1 if parser.parse_args().quick else 3
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        way = Way(int(server.url.rpartition(":")[2]))
        server.url = f"http://127.0.0.1:{way.port}"
        lab = Browser(server, Path(folder))
        first = first_face(lab)
        heads = megabytes(lab, TEN) - megabytes(lab, "1")
        found = measure(lab, way, rounds)
        lab.close()
        server.stop()
    print("| key to painted face | median, ms | 95 %, ms |\n|---|---:|---:|")
    for name, times in found:
        print(f"| {name} | {spread(times)} |")
    print(f"\nFirst face {first:.0f} ms after the widget's code; ten heads hold {heads:.0f} MB of the page's memory.")


if __name__ == "__main__":
    main()
