"""What can be seen in an assignment's cells without running them: lost, changed, copied, blank."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .doctor import Finding
from .notebook import missing_pictures, same_text

if TYPE_CHECKING:
    from nbformat import NotebookNode

STATED = re.compile(r"\*\*Points:\*\* (\d+(?:\.\d+)?)")
STUBS = ("raise NotImplementedError", "YOUR ANSWER HERE")
BULKY = 1_000_000


def findings(notebook: NotebookNode, release: NotebookNode | None) -> list[Finding]:
    """All that can be told without running a cell."""
    if not any(grade_id(cell) for cell in notebook.cells):
        what = "no cell of this notebook belongs to an assignment"
        return [Finding("", what, "copy your answers into the notebook that was handed out, and hand that one in")]
    return [
        *_duplicates(notebook, release),
        *_missing(notebook, release),
        *_changed(notebook, release),
        *_moved(notebook, release),
        *_blank(notebook),
        *_bulky(notebook),
        *_pictures(notebook),
    ]


# ---- what a cell is


def grade_id(cell: NotebookNode) -> str:
    """The name by which a cell is graded; empty for a student's own cells."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def is_answer(cell: NotebookNode) -> bool:
    """A cell for a student's answer."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_locked(cell: NotebookNode) -> bool:
    """A cell of the assignment that students leave as it is."""
    return bool(grade_id(cell)) and not is_answer(cell)


def is_own(cell: NotebookNode) -> bool:
    """A cell whose text is a student's."""
    return not is_locked(cell)


def is_blank(cell: NotebookNode) -> bool:
    """An answer that nothing was written into."""
    text = cell.source.strip()
    return not is_locked(cell) and (any(stub in text for stub in STUBS) or (is_answer(cell) and not text))


def place(notebook: NotebookNode, number: int) -> str:
    """A cell as a person finds it: its number, counted from 1, and its first words."""
    lines = [line.strip(" #*") for line in notebook.cells[number].source.splitlines() if line.strip(" #*")]
    start = (lines or ["empty"])[0]
    return f"cell {number + 1} “{start[:48] + ('…' if len(start) > 48 else '')}”"


def by_id(notebook: NotebookNode) -> dict[str, list[int]]:
    """For each grade id, the positions of its cells."""
    out: dict[str, list[int]] = {}
    for number, cell in enumerate(notebook.cells):
        if grade_id(cell):
            out.setdefault(grade_id(cell), []).append(number)
    return out


def original(notebook: NotebookNode, copies: list[int], release: NotebookNode | None) -> int | None:
    """Which of several cells of one grade id to keep; None if only the student can know."""
    cells = notebook.cells
    if is_locked(cells[copies[0]]):
        return next((c for c in copies if not is_changed(cells[c], release)), copies[0])
    answered = [c for c in copies if not is_blank(cells[c])] or copies[:1]
    return answered[0] if len({cells[c].source for c in answered}) == 1 else None


def is_changed(cell: NotebookNode, release: NotebookNode | None) -> bool:
    """Whether a locked cell, or the type of any cell, differs from what was handed out.

    Told from the released notebook or, without it, from nbgrader's checksum if nbgrader is installed.
    """
    if cell.cell_type != cell.metadata.nbgrader.get("cell_type", cell.cell_type):
        return True
    if is_answer(cell):
        return False
    then = released_cell(release, grade_id(cell))
    if then is not None:
        points = [each.metadata.nbgrader.get("points") for each in (cell, then)]
        return not same_text(cell.source, then.source) or points[0] != points[1]
    checksum = cell.metadata.nbgrader.get("checksum")
    return bool(checksum) and not {*checksums_of(cell)} & {checksum, None}


def checksums_of(cell: NotebookNode) -> Iterator[str | None]:
    """nbgrader's checksums of a cell, as it is and without blanks at its ends; None without nbgrader."""
    try:
        from nbgrader.utils import compute_checksum
    except ImportError:
        yield None
        return
    bare = "\n".join(line.rstrip() for line in cell.source.rstrip().split("\n"))
    for text in (cell.source, bare, f"{bare}\n"):
        yield compute_checksum(type(cell)(cell | {"source": text}))


def released_cell(release: NotebookNode | None, wanted: str) -> NotebookNode | None:
    """The cell of a grade id in the released notebook."""
    cells = release.cells if release else []
    return next((cell for cell in cells if grade_id(cell) == wanted), None)


# ---- the findings


def _duplicates(notebook: NotebookNode, release: NotebookNode | None) -> Iterator[Finding]:
    for copies in by_id(notebook).values():
        if len(copies) == 1:
            continue
        keep = original(notebook, copies, release)
        numbers = " and ".join(str(c + 1) for c in copies)
        what = f"cells {numbers} are copies of one graded cell, and only the last of them counts"
        if keep is None:
            remedy = "both hold an answer: delete the one that shall not count"
        else:
            others = " and ".join(f"cell {c + 1}" for c in copies if c != keep)
            remedy = f"delete {others}; for notes of your own make a new cell with the + button instead of copying"
        yield Finding(place(notebook, copies[-1]), what, remedy, fix=keep is not None)


def _missing(notebook: NotebookNode, release: NotebookNode | None) -> Iterator[Finding]:
    if release is None:
        yield from _missing_points(notebook)
        return
    present = by_id(notebook)
    for number, cell in enumerate(release.cells):
        if grade_id(cell) and grade_id(cell) not in present:
            kind = "the cell for an answer" if is_answer(cell) else "a cell of the assignment"
            what = f"{kind} is gone ({place(release, number).partition(' ')[2].partition(' ')[2]})"
            yield Finding("", what, "copy it from the notebook that was handed out", fix=True)


def _missing_points(notebook: NotebookNode) -> Iterator[Finding]:
    stated = STATED.search("\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown"))
    worth = {grade_id(c): float(c.metadata.nbgrader.get("points") or 0) for c in notebook.cells if grade_id(c)}
    if stated and abs(sum(worth.values()) - float(stated.group(1))) > 1e-9:
        yield Finding(
            "",
            f"the title promises {stated.group(1)} points, but the cells bring {sum(worth.values()):g}: "
            "a graded cell was deleted or changed",
            "fetch the assignment again under another name and copy your answers into it; or put the file that was "
            "handed out beside your folder as release/NAME/NAME.ipynb, and ask again with `fix`",
        )


def _changed(notebook: NotebookNode, release: NotebookNode | None) -> Iterator[Finding]:
    for number, cell in enumerate(notebook.cells):
        meta = cell.metadata.get("nbgrader", {})
        where, intended = place(notebook, number), meta.get("cell_type", cell.cell_type)
        if not grade_id(cell) or not is_changed(cell, release):
            continue
        if cell.cell_type != intended:
            what = f"this cell became {cell.cell_type}; it was handed out as {intended}"
            yield Finding(where, what, f"click it and choose “{intended.title()}” in the toolbar's menu", fix=True)
        else:
            what = "this cell belongs to the assignment and was changed; your changes will be undone before grading"
            remedy = "move what you wrote into the answer cell above it, or into a cell of your own"
            yield Finding(where, what, remedy, fix=released_cell(release, grade_id(cell)) is not None)
    if release is None and any(is_locked(c) and None in checksums_of(c) for c in notebook.cells):
        what = "whether cells of the assignment were changed could not be checked"
        yield Finding("", what, "install nbgrader: pip install 'shared-features[grade]'", costs=False)


def _moved(notebook: NotebookNode, release: NotebookNode | None) -> Iterator[Finding]:
    """Cells of the assignment in another order than they were handed out."""
    order = [grade_id(cell) for cell in release.cells if grade_id(cell)] if release else []
    present = [(order.index(name), copies[0]) for name, copies in by_id(notebook).items() if name in order]
    for (before, _), (after, number) in zip(present, present[1:]):
        if after < before:
            what = "this cell stood further up when it was handed out"
            yield Finding(place(notebook, number), what, "drag it back: tests are run in the order of the notebook")


def _blank(notebook: NotebookNode) -> Iterator[Finding]:
    for number, (cell, following) in enumerate(zip(notebook.cells, [*notebook.cells[1:], None])):
        if is_blank(cell):
            where = "the line `raise NotImplementedError()`" if cell.cell_type == "code" else "“YOUR ANSWER HERE”"
            yield Finding(place(notebook, number), "this answer is blank", f"write your answer in place of {where}")
        if cell.metadata.get("nbgrader", {}).get("task") and (following is None or is_locked(following)):
            what = "no answer follows this task"
            yield Finding(place(notebook, number), what, "write it into a new markdown cell right below the task")


def _bulky(notebook: NotebookNode) -> Iterator[Finding]:
    for number, cell in enumerate(notebook.cells):
        size = sum(len(str(output)) for output in cell.get("outputs", []))
        if size > BULKY:
            what = f"its saved output holds {size / 1e6:.0f} MB"
            remedy = "print less, run the cell again, and save; very large hand-ins are refused by many systems"
            yield Finding(place(notebook, number), what, remedy, costs=False, fix=True)


def _pictures(notebook: NotebookNode) -> Iterator[Finding]:
    for number, cell in enumerate(notebook.cells):
        for name in missing_pictures(cell):
            what = f"the picture {name!r} is not in this notebook: nobody who grades will see it"
            remedy = "text was copied from another notebook without it: copy the picture itself, and paste it here"
            yield Finding(place(notebook, number), what, remedy)
