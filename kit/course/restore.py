"""A hand-in put in order: every locked cell as the instructor wrote it, whatever a student did to it.

nbgrader's own preprocessors run after this and find nothing left to mend.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat import NotebookNode

from kit.teaching.notebook import same_text

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

MOST_NOTES = 20
PYTHON = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python"},
}


@dataclass(frozen=True)
class Master:
    """A cell of the instructor's notebook, as nbgrader's gradebook keeps it (hidden tests included)."""

    name: str
    cell_type: str
    source: str
    checksum: str
    locked: bool
    grade: bool
    solution: bool
    task: bool
    points: float

    @property
    def is_test(self) -> bool:
        """Whether the cell is run to give points."""
        return self.grade and not self.solution and self.cell_type == "code"

    def metadata(self) -> dict[str, Any]:
        """What nbgrader wants to find in the cell."""
        out = {
            "grade": self.grade,
            "grade_id": self.name,
            "locked": self.locked,
            "schema_version": 3,
            "solution": self.solution,
            "task": self.task,
            "checksum": self.checksum,
            "cell_type": self.cell_type,
        }
        return out | ({"points": self.points} if self.grade or self.task else {})

    def cell(self) -> NotebookNode:
        """The cell, new."""
        new = nbformat.v4.new_code_cell if self.cell_type == "code" else nbformat.v4.new_markdown_cell
        return new(self.source, metadata={"nbgrader": self.metadata()})


def masters(gradebook: Gradebook, notebook: str, assignment: str) -> list[Master]:
    """The instructor's cells of a notebook, in their order.

    Parameters
    ----------
    gradebook : an open `nbgrader.api.Gradebook`.
    notebook, assignment : their names.
    """
    book = gradebook.find_notebook(notebook, assignment)
    grades = {cell.name: cell for cell in book.grade_cells}
    tasks = {cell.name: cell for cell in book.task_cells}
    solutions = {cell.name for cell in book.solution_cells}
    return [
        Master(
            name=cell.name,
            cell_type=cell.cell_type,
            source=cell.source,
            checksum=cell.checksum,
            locked=bool(cell.locked),
            grade=cell.name in grades,
            solution=cell.name in solutions,
            task=cell.name in tasks,
            points=float((grades | tasks)[cell.name].max_score) if cell.name in grades | tasks else 0.0,
        )
        for cell in book.source_cells
    ]


def restore(notebook: NotebookNode, originals: list[Master]) -> list[str]:
    """Put a hand-in in order, in place; what had to be mended, in words.

    Copies of a cell lose their role (the last one keeps it, as in nbgrader), locked cells get back their text, kind
    and points, and those that were deleted come back after the cell they followed. A deleted answer does not come
    back: its stub could undo what was written elsewhere.
    """
    mended = [*_roles(notebook.cells, {master.name: master for master in originals})]
    notebook.metadata, notebook.nbformat_minor, before = NotebookNode(PYTHON), 5, None
    for cell in notebook.cells:
        cell.id = nbformat.v4.nbbase.random_cell_id()  # copied ids would not be valid
        marks = {key: value for key, value in cell.metadata.items() if key == "nbgrader"}
        cell.metadata = NotebookNode(marks)  # the rest is for the student's screen, and could hide things on ours
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    for master in originals:
        place = _place(notebook.cells, master.name)
        if place is None and (master.locked or master.grade or master.task):
            after = -1 if before is None else _place(notebook.cells, before)
            notebook.cells.insert(after + 1, master.cell())
            mended.append(f"{master.name!r} was deleted and is back")
        elif place is None:
            continue
        before = master.name
    return mended if len(mended) <= MOST_NOTES else [*mended[:MOST_NOTES], f"{len(mended) - MOST_NOTES} things more"]


def _roles(cells: list[NotebookNode], originals: dict[str, Master]) -> Iterator[str]:
    """Give each known cell, from the last on, its role and, if locked, its text."""
    seen = set()
    for index in reversed(range(len(cells))):
        marks = cells[index].metadata.pop("nbgrader", None)
        name = marks.get("grade_id") if isinstance(marks, dict) else None
        if not marks or not isinstance(name, str):
            continue
        if name in seen or name not in originals:
            yield f"{name[:60]!r} is {'there more than once' if name in seen else 'no cell of this assignment'}"
            continue
        seen.add(name)
        master, text = originals[name], cells[index].source
        kept = text if master.solution else master.source
        if not same_text(text, kept) and not _hides(master.source, text):
            yield f"{name!r} was edited and has its own text again"
        if cells[index].cell_type != master.cell_type:
            yield f"{name!r} was a {cells[index].cell_type} cell and is a {master.cell_type} cell again"
        pictures = cells[index].get("attachments")
        cells[index] = master.cell()
        cells[index].source = kept
        if pictures and master.cell_type == "markdown":
            cells[index].attachments = pictures


def _hides(source: str, released: str) -> bool:
    """Whether a released text is the source without its hidden tests and mark scheme."""
    lines = {line.rstrip() for line in source.splitlines()}
    return all(line.rstrip() in lines for line in released.splitlines() if line.strip()) and (
        "BEGIN HIDDEN TESTS" in source or "BEGIN MARK SCHEME" in source
    )


def _place(cells: list[NotebookNode], name: str) -> int | None:
    for index, cell in enumerate(cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == name:
            return index
    return None
