"""An assignment, run once from the top in a fresh kernel, against what its saved outputs promise."""

from __future__ import annotations

import ast
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from subprocess import DEVNULL
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from .answers import MEANING
from .doctor import Finding
from .doctor_cells import grade_id, is_blank, is_locked, place
from .doctor_code import syntax_error, tree

if TYPE_CHECKING:
    from nbformat import NotebookNode

LIMIT = 1_000_000  # bytes that a cell may print
# Over files: a port that is free when it is chosen may be another's when the kernel wants it. Windows has ports only.
TRANSPORT = "ipc" if os.name == "posix" else "tcp"
TIME, OUTPUT, DIED, LATE, SKIPPED = "time", "output", "died", "late", "skipped"
ADDRESS = re.compile(r"0x[0-9a-f]+|\x1b\[[\d;]*m")


@dataclass
class Ran:
    """What a cell did: the text it showed, the error it ended with, and why it was stopped."""

    printed: str = ""
    result: str = ""
    error: tuple[str, str] | None = None
    line: int | None = None
    stopped: str = ""
    size: int = field(default=0, repr=False)

    @property
    def text(self) -> str:
        """All that it showed, without what differs from run to run anyway."""
        return ADDRESS.sub("", self.printed + self.result).strip()


def findings(notebook: NotebookNode, folder: Path, seconds: float, together: float) -> tuple[list[Finding], list[str]]:
    """What a fresh run shows, and the points of the visible tests in it; `together` are the seconds for all cells."""
    ran = run(notebook, folder, seconds, together)
    told = [_finding(notebook, number, ran[number], seconds, together) for number in ran]
    return [*filter(None, told), *_differences(notebook, ran)], _points(notebook, ran)


def saved(cell: NotebookNode) -> Ran:
    """What the saved outputs of a cell say that it did."""
    out = Ran()
    for output in cell.get("outputs", []):
        _note(out, output.output_type, output)
    return out


# ---- running


def run(notebook: NotebookNode, folder: Path, seconds: float, together: float) -> dict[int, Ran]:
    """Run the code cells in order in a kernel of their own. A cell that fails does not end the run."""
    end = time.monotonic() + together
    numbers = [n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    out: dict[int, Ran] = {}
    with _kernel(folder) as (manager, client):
        for number in numbers:
            if any(ran.stopped in (DIED, LATE) for ran in out.values()):
                out[number] = Ran(stopped=SKIPPED)
            elif time.monotonic() > end:
                out[number] = Ran(stopped=LATE)
            else:
                out[number] = _run(manager, client, notebook.cells[number], seconds)
    return out


@contextmanager
def _kernel(folder: Path) -> Iterator:
    from jupyter_client.manager import KernelManager

    # As when it is graded: nobody answers forms, and a doctor inside the notebook keeps quiet.
    environment = os.environ | {"NBGRADER_EXECUTION": "validate", "KIT_HEADLESS": "1"}
    with TemporaryDirectory(prefix="kit-", ignore_cleanup_errors=True) as sockets:
        manager = KernelManager(connection_file=f"{sockets}/kernel.json", transport=TRANSPORT)
        try:
            manager.start_kernel(cwd=str(folder), env=environment, stdout=DEVNULL, stderr=DEVNULL)
            client = manager.client()
            client.start_channels()
            client.wait_for_ready(timeout=60)
        except (RuntimeError, KeyError) as error:  # it does not answer; there is none
            if manager.has_kernel:
                manager.shutdown_kernel(now=True)
            raise OSError(f"no Python could be started to run the cells ({error}); try again, or --no-run") from None
        try:
            yield manager, client
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def _run(manager, client, cell: NotebookNode, seconds: float) -> Ran:
    """Run one cell; stop it when its time is over, or when it prints without end."""
    ran, end = Ran(), time.monotonic() + seconds
    asked = client.execute(cell.source, allow_stdin=False, stop_on_error=False)
    while True:
        try:
            message = client.get_iopub_msg(timeout=0.5)
        except Empty:
            message = None
        if message and message["parent_header"].get("msg_id") == asked:
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return ran
            _note(ran, message["msg_type"], message["content"])
        if not manager.is_alive():
            ran.stopped = DIED
            return ran
        if not ran.stopped and (time.monotonic() > end or ran.size > LIMIT):
            ran.stopped, end = OUTPUT if ran.size > LIMIT else TIME, time.monotonic() + 5
            manager.interrupt_kernel()
        elif ran.stopped and time.monotonic() > end:  # it does not listen
            _restart(manager, client)
            return ran


def _restart(manager, client) -> None:
    try:
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=60)
    except RuntimeError as error:
        raise OSError(f"Python did not start again after a cell that did not stop ({error}); try again") from None


def _note(ran: Ran, kind: str, content: dict) -> None:
    """Take down an output; what is shown beyond the limit is counted only."""
    text = content.get("text", "") or content.get("data", {}).get("text/plain", "") or ""
    ran.size += len(text)
    if kind == "stream" and ran.size <= LIMIT:
        ran.printed += text
    elif kind == "execute_result":
        ran.result = text
    elif kind == "error" and not ran.stopped:
        trace = ADDRESS.sub("", "\n".join(content["traceback"]))
        lines = re.findall(r"Cell In\[\d+\], line (\d+)", trace)
        ran.error, ran.line = (content["ename"], content["evalue"]), int(lines[-1]) if lines else None


# ---- what it means


def _finding(notebook: NotebookNode, number: int, ran: Ran, seconds: float, together: float) -> Finding | None:
    where, cell = place(notebook, number), notebook.cells[number]
    if ran.stopped == LATE:
        what = f"the cells above took {together / 60:g} minutes together; this one and those below would not be run"
        return Finding(where, what, "take out what takes long and is not asked for, or let it work on less")
    if ran.stopped == DIED:
        return Finding(where, "it ends Python itself; no cell below it is run", "take `exit`, `quit` or `os._exit` out")
    if ran.stopped == OUTPUT:
        return Finding(where, "it prints without end", "look for a loop that does not end; print at most a page")
    if ran.stopped == TIME:
        what = f"it did not end within {seconds:g} seconds and was stopped"
        return Finding(
            where, what, "is there a `while` whose condition never becomes false? Try a smaller example first"
        )
    allowed = "raises-exception" in cell.metadata.get("tags", [])
    if ran.error is None or allowed or syntax_error(cell.source) or (is_blank(cell) and _is_stub(ran)):
        return None
    return _error(notebook, number, ran)


def _is_stub(ran: Ran) -> bool:
    return ran.error is not None and ran.error[0] == "NotImplementedError"


def _error(notebook: NotebookNode, number: int, ran: Ran) -> Finding:
    kind, message = ran.error
    looked_right = bool(saved(notebook.cells[number]).text) and saved(notebook.cells[number]).error is None
    line = f" in line {ran.line}" if ran.line else ""
    what = f"run fresh, it stops{line} with {kind}: {(message.splitlines() or [''])[0][:200]}"
    if looked_right:
        what += ". Its saved output looks right, but comes from an older state of your kernel"
    remedy = _remedy(notebook, number, kind, message)
    return Finding(place(notebook, number), what, remedy)


def _remedy(notebook: NotebookNode, number: int, kind: str, message: str) -> str:
    if kind == "StdinNotImplementedError":
        return "nobody answers `input()` when it is graded: write the value into the cell"
    if kind == "FileNotFoundError":
        return "put the file beside the notebook, open it by its name alone, and hand it in too"
    if kind == "ModuleNotFoundError":
        return "use only what the assignment imports; the machine that grades has nothing else"
    if found := re.match(r"name '(\w+)' is not defined", message):
        return _name_remedy(notebook, number, found.group(1))
    start = f"{MEANING[kind]}; " if kind in MEANING else ""
    return f"{start}choose Kernel > Restart Kernel and Run All Cells to see it yourself"


def _name_remedy(notebook: NotebookNode, number: int, name: str) -> str:
    defining = [
        n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code" and name in _defined(cell.source)
    ]
    later = [n for n in defining if n > number]
    if later:
        return f"`{name}` is defined further down, in {place(notebook, later[0])}: move that cell up, above this one"
    if defining:
        return f"`{name}` is defined in {place(notebook, defining[0])}, which does not run: mend that one first"
    return (
        f"no cell defines `{name}`: it was deleted or renamed. Write the line that defines it again, or mend the name"
    )


def _defined(source: str) -> set[str]:
    """Names that a cell defines at its top level."""
    try:
        body = tree(source).body
    except SyntaxError:
        return set()
    out = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            out |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            out |= {
                (a.asname or a.name).split(".")[0]
                for n in ast.walk(node)
                for a in getattr(n, "names", [])
                if isinstance(n, ast.Import | ast.ImportFrom)
            }
    return out


def _differences(notebook: NotebookNode, ran: dict[int, Ran]) -> Iterator[Finding]:
    """Cells whose saved output is not what a fresh run shows."""
    others = []
    for number, fresh in ran.items():
        before = saved(notebook.cells[number])
        if fresh.error or fresh.stopped or not before.text or before.error or before.text == fresh.text:
            continue
        if is_locked(notebook.cells[number]) and _value(before) != _value(fresh):
            what = f"you saw {before.result} points here, run fresh it gives {fresh.result}"
            yield Finding(
                place(notebook, number), what, "choose Kernel > Restart Kernel and Run All Cells, and mend what fails"
            )
        elif not is_locked(notebook.cells[number]):
            others.append(str(number + 1))
    if others:
        what = f"run fresh, something else is shown than is saved, in cell {', '.join(others)}"
        remedy = (
            "random numbers without a seed? Otherwise cells were run in another order: Restart Kernel and Run All Cells"
        )
        yield Finding("", what, remedy, costs=False)


def _value(ran: Ran) -> float | None:
    try:
        return float(ran.result)
    except ValueError:
        return None


def _points(notebook: NotebookNode, ran: dict[int, Ran]) -> list[str]:
    """A line for each graded cell."""
    lines = []
    for number, cell in enumerate(notebook.cells):
        points = cell.metadata.get("nbgrader", {}).get("points")
        if not grade_id(cell) or points is None:
            continue
        where = place(notebook, number)
        if cell.cell_type != "code":
            lines.append(f"  … of {points:g}  {where}: a person grades it")
        elif not (syntax_error(cell.source) or tree(cell.source).body):
            lines.append(f"  … of {points:g}  {where}: its tests are run after you hand in")
        else:
            value = _value(ran[number]) if number in ran else None
            shown = f"{value or 0:3g}" if (value or 0) <= points else "  ?"  # the cell was changed
            lines.append(f"{shown} of {points:g}  {where}")
            lines += [f"        {line}" for line in ran[number].printed.splitlines() if line.startswith("✗")]
    return lines
