"""A hand-in executed apart from its tests, and the files that it may see."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from .disarm import disarm
from .judge import Snapshot, run_test
from .remote import Student
from .sandbox import MB, Limits

MOST_FILES, MOST_BYTES = 1000, 200 * MB


def execute(notebook: NotebookNode, given: Path, limits: Limits, private: tuple[Path, ...] = ()) -> list[str]:
    """Run a restored hand-in, in place: its cells in the sandbox, then its tests here.

    The tests come last, each on the names as they were at its place, and the hidden ones after all others: what a
    student's code learns from their data cannot get into anything that is shown.

    Parameters
    ----------
    notebook : as `restore` leaves it.
    given : folder of the files that lie beside it.
    limits, private : see `kit.course.sandbox`.

    Returns
    -------
    list of str
        What an instructor should look at.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    tests = [cell for cell in code if _is_test(cell)]
    snapshots: dict[str, Snapshot] = {}
    with Student(given, len(tests), limits, private) as student:
        for cell in code:
            if _is_test(cell):
                snapshots[cell.id] = student.snapshot(len(snapshots) + 1)
            else:
                cell.outputs = student.run(cell.source)
        complaints = disarm(notebook) + [_test(cell, snapshots[cell.id]) for cell in sorted(tests, key=_is_hidden)]
        return [complaint for complaint in complaints if complaint] + student.trouble


def _is_test(cell: NotebookNode) -> bool:
    marks = cell.metadata.get("nbgrader", {})
    return bool(marks.get("grade")) and not marks.get("solution")


def _is_hidden(cell: NotebookNode) -> bool:
    return "BEGIN HIDDEN TESTS" in cell.source


def _test(cell: NotebookNode, snapshot: Snapshot) -> str:
    name = cell.metadata.nbgrader.grade_id
    outputs, complaint = run_test(cell.source, snapshot, name)
    cell.outputs = [nbformat.from_dict(output) for output in outputs]
    return complaint and f"the test {name!r} stopped: {complaint}"


def files_of(folder: Path, handed_in: bool = True) -> Iterator[Path]:
    """The files of a folder, in a fixed order.

    Raises
    ------
    ValueError
        If there is too much, or a link in what was handed in (nbgrader would copy what it leads to, the gradebook
        say); an instructor's links are left out.
    """
    count = size = 0
    for above, folders, names in os.walk(folder):
        folders.sort()
        for name in (".", *folders, *sorted(names)):
            path = Path(above, name)
            if path.is_symlink() and handed_in:
                raise ValueError(f"{path.name!r} is a link, which could lead anywhere; ask for the file itself")
            if path.is_symlink() or not path.is_file():
                continue
            count, size = count + 1, size + path.stat().st_size
            if count > MOST_FILES or size > MOST_BYTES:
                raise ValueError(f"more than {MOST_FILES} files or {MOST_BYTES // MB} MB are in {folder}")
            yield path


def gather(into: Path, *folders: Path) -> None:
    """Copy the files of folders, later ones over earlier ones.

    No notebooks (one of them holds the hidden tests), and no links (they could lead anywhere).

    Raises
    ------
    ValueError
        If they are too many or too large.
    """
    into.mkdir(parents=True)
    for folder in folders:
        for path in files_of(folder, handed_in=False):
            if path.suffix != ".ipynb":
                target = into / path.relative_to(folder)
                _make_room(target, into)
                shutil.copyfile(path, target)
                target.chmod(0o644)
    for above, *_ in os.walk(into):
        os.chmod(above, 0o755)  # whatever the instructor's umask: another user reads it


def _make_room(target: Path, into: Path) -> None:
    """Take away what stands in a file's way: one that is called like a folder above it, or a folder called like it."""
    for above in reversed(target.relative_to(into).parents[:-1]):
        if (into / above).is_file():
            (into / above).unlink()
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        shutil.rmtree(target)
    target.unlink(missing_ok=True)


def refuse_links(folder: Path) -> None:
    """Raise ValueError if a hand-in holds a link, or too much."""
    for _ in files_of(folder):
        pass
