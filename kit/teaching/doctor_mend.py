"""What of an assignment can be repaired without a guess."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from .doctor_cells import BULKY, by_id, grade_id, is_answer, is_changed, original, released_cell
from .notebook import number_cells

if TYPE_CHECKING:
    from nbformat import NotebookNode


def mend(notebook: NotebookNode, release: NotebookNode | None) -> tuple[NotebookNode, list[str]]:
    """A repaired copy of a notebook, and what was done to it. A student's own words are never taken out."""
    notebook = copy.deepcopy(notebook)
    done = [*_free_copies(notebook, release), *_retype(notebook)]
    if release:
        done += [*_restore(notebook, release), *_insert(notebook, release)]
    done += _empty(notebook)
    number_cells(notebook.cells)  # a cell that is put back may bring the id of another
    return notebook, done


def _free_copies(notebook: NotebookNode, release: NotebookNode | None) -> list[str]:
    """Copies of a graded cell become cells of a student's own."""
    done = []
    for copies in by_id(notebook).values():
        keep = original(notebook, copies, release) if len(copies) > 1 else copies[0]
        for number in copies if keep is not None else []:
            if number != keep:
                for key in ("nbgrader", "deletable", "editable"):
                    notebook.cells[number].metadata.pop(key, None)
                done.append(f"cell {number + 1}, a copy, counts no more")
    return done


def _retype(notebook: NotebookNode) -> list[str]:
    import nbformat

    done = []
    for number, cell in enumerate(notebook.cells):
        intended = cell.metadata.get("nbgrader", {}).get("cell_type", cell.cell_type)
        if grade_id(cell) and cell.cell_type != intended and intended in ("code", "markdown"):
            make = nbformat.v4.new_code_cell if intended == "code" else nbformat.v4.new_markdown_cell
            notebook.cells[number] = make(cell.source, id=cell.get("id"), metadata=cell.metadata)
            done.append(f"cell {number + 1} is {intended} again")
    return done


def _restore(notebook: NotebookNode, release: NotebookNode) -> list[str]:
    """Locked cells as they were handed out; what a student wrote into one follows in a cell of its own."""
    import nbformat

    done = []
    for cell in list(notebook.cells):
        then = released_cell(release, grade_id(cell)) if grade_id(cell) else None
        if then is None or is_answer(then) or not is_changed(cell, release):
            continue
        number = notebook.cells.index(cell)
        written = nbformat.v4.new_raw_cell(f"What stood in the cell above:\n\n{cell.source}")
        notebook.cells[number : number + 1] = [copy.deepcopy(then), written]
        done.append(f"cell {number + 1} is again as it was handed out, and what stood in it follows")
    return done


def _insert(notebook: NotebookNode, release: NotebookNode) -> list[str]:
    """Cells that are gone, each behind the one it followed."""
    done, before = [], 0
    for cell in release.cells:
        if not grade_id(cell):
            continue
        if grade_id(cell) not in (present := by_id(notebook)):
            notebook.cells.insert(before, copy.deepcopy(cell))
            done.append(f"cell {before + 1} is back")
            before += 1
        else:
            before = present[grade_id(cell)][-1] + 1
    return done


def _empty(notebook: NotebookNode) -> list[str]:
    done = []
    for number, cell in enumerate(notebook.cells):
        if sum(len(str(output)) for output in cell.get("outputs", [])) > BULKY:
            cell.outputs, cell.execution_count = [], None
            done.append(f"the output of cell {number + 1} was taken out")
    return done
