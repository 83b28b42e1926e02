"""Run a lesson from top to bottom and measure what it costs."""

import os
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from lesson import Cell
from nbclient import NotebookClient
from traitlets.config import Config

PICTURES = ("image/png", "image/jpeg", "image/svg+xml", "application/vnd.plotly.v1+json")


@dataclass(frozen=True)
class Run:
    """An executed notebook, its seconds by the clock and of processors, and the most megabytes that it held.

    Processors and memory are those of the kernel and its workers. Answers: what a cell said to each way of filling its
    blanks, by the cell's place and source.
    """

    notebook: nbformat.NotebookNode
    clock: float
    processors: float
    megabytes: float
    answers: dict[tuple[int, str], str]

    @property
    def seconds(self) -> float:
        """What it takes on a machine that does nothing else: on a busy one the clock says more than was worked."""
        return min(self.clock, self.processors)

    @property
    def size(self) -> int:
        """Bytes of the notebook with its outputs."""
        return len(nbformat.writes(self.notebook).encode())


def execute(path: Path, student: Path, seconds: int = 90, tries: Mapping[int, Sequence[str]] | None = None) -> Run:
    """Run a notebook in its own folder, nobody answering.

    Parameters
    ----------
    student : folder that must stay empty: a run that nobody answers stores nothing; the kernel's files lie beside it.
    seconds : most a single cell may take.
    tries : other sources for some cells, by the cell's place; the cell itself runs before and after them.

    Raises
    ------
    nbclient.exceptions.CellExecutionError, nbclient.exceptions.CellTimeoutError
    """
    client = NotebookClient(
        nbformat.read(path, as_version=4),
        timeout=seconds,
        kernel_name="python3",
        store_widget_state=False,
        config=over_files(student.parent),
        resources={"metadata": {"path": str(path.parent)}},
    )
    environment = os.environ | {"KIT_HEADLESS": "1", "KIT_STUDENT_DIR": str(student)}
    answers = {}
    start = time.perf_counter()
    with client.setup_kernel(env=environment), _memory(client.km.provisioner.pid) as most:
        for number, cell in enumerate(client.nb.cells):
            client.execute_cell(cell, number)
            for source in (tries or {}).get(number, ()):
                answers[number, source] = _answer(client, source, number)
            if number in (tries or {}):
                client.execute_cell(cell, number)
        clock = time.perf_counter() - start
        processors = _processors(psutil.Process(client.km.provisioner.pid))
    return Run(client.nb, clock, processors, most[0] / 1e6, answers)


def over_files(folder: Path) -> Config:
    """A kernel that talks over files: a port that is free when it is chosen may be another's when it is wanted."""
    way = {"transport": "ipc", "connection_file": str(folder / "kernel.json"), "ip": str(folder / "k")}
    return Config({"KernelManager": way if os.name == "posix" else {}})


def _answer(client: NotebookClient, source: str, number: int) -> str:
    """Everything that the source of a cell shows in words, errors too, without bars of progress."""
    tried = nbformat.v4.new_code_cell(source, metadata={"tags": ["raises-exception"]})
    client.execute_cell(tried, number)
    return re.sub(r"\n+", "\n", "\n".join(_words(output) for output in tried.outputs if not _is_bar(output))).strip()


def _is_bar(output: nbformat.NotebookNode) -> bool:
    """Whether an output is a bar of progress, in letters or as a widget."""
    return output.get("name") == "stderr" or "application/vnd.jupyter.widget-view+json" in output.get("data", {})


def _words(output: nbformat.NotebookNode) -> str:
    """What an output says: its text, an error, or what stands beside a picture."""
    data = output.get("data", {})
    return output.get("text") or "\n".join(output.get("traceback", ())) or data.get("text/plain") or "".join(data)


@contextmanager
def _memory(pid: int) -> Iterator[list[int]]:
    """The most memory that a process and its children held, in bytes, looked at ten times a second."""
    most, done, process = [0], threading.Event(), psutil.Process(pid)

    def look() -> None:
        ended = False
        while not ended:
            ended = done.wait(0.1)
            most[0] = max(most[0], _resident(process))  # also at the end: a short lesson is over in no time

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def _processors(process: psutil.Process) -> float:
    """Seconds that processors worked for a process and its children, those that have ended too."""
    ended = process.cpu_times().children_user + process.cpu_times().children_system
    running = (one.cpu_times() for one in [process, *process.children(recursive=True)])
    return ended + sum(times.user + times.system for times in running)


def _resident(process: psutil.Process) -> int:
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def wordless(notebook: nbformat.NotebookNode) -> list[str]:
    """Code cells of an executed notebook that show a figure without words beside it."""
    cells = [Cell(number, node) for number, node in enumerate(notebook.cells, 1)]
    faults = []
    for cell, following in zip(cells, [*cells[1:], None], strict=True):
        shown = cell.is_code and any(_is_figure(output) for output in cell.node.outputs)
        told = cell.keys("reveal") or "alt=" in cell.node.source or (following and not following.is_code)
        if shown and not told:
            faults.append(f"the figure of cell {cell.number} has neither alt text nor a sentence after it")
    return faults


def _is_figure(output: nbformat.NotebookNode) -> bool:
    data = output.get("data", {})
    html = data.get("text/html", "")
    images = html.count("<img") > html.count('alt="') - html.count('alt=""')
    return any(kind in data for kind in PICTURES) or images or "<svg" in html or "<canvas" in html
