"""The form of an assignment, and what a set of answers scores in it without a kernel.

An author writes plain cells with readable ids; what nbgrader needs to know follows from their text:

- A code cell with `### BEGIN SOLUTION` ... `### END SOLUTION` is a student's answer; the stub that students get is
  `raise NotImplementedError`.
- A code cell that calls `grading.score(` is a test. Its points are the sum of its cases' points, written as numbers.
  Its first line is a comment that tells a student what is tested. With `hidden=True`, everything below that comment
  stands between `### BEGIN HIDDEN TESTS` and `### END HIDDEN TESTS`. A test cell imports what it uses, defines nothing
  that a later cell needs, and gives a student's functions data only (arrays, numbers, texts, lists; no functions).
- A markdown cell with `=== BEGIN MARK SCHEME ===` ... `=== END MARK SCHEME ===` is a task that a person grades; its
  heading ends with `(4 points)`. The next cell, markdown with `### BEGIN SOLUTION`, takes the answer. nbgrader knows
  nothing of that cell (it would want points of its own), so students may write on in further cells; the course sets
  `c.ClearSolutions.enforce_metadata = False`, else it would refuse the model answer there.
- All other cells are locked. Ids (jupytext: `# %% id="total"`) are the grade ids.

`python tests/support/assignment_source.py assignments/source/x/x.ipynb` writes the metadata and prints what is left to
mend.
"""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

SOURCE = Path(__file__).resolve().parents[2] / "assignments" / "source"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
METADATA = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
SOLUTION = re.compile(r"([ \t]*)### BEGIN SOLUTION.*?### END SOLUTION", re.DOTALL)
HEADING = re.compile(r"^#+ .*\((\d+(?:\.\d+)?) points?\)\s*$", re.MULTILINE)
PARTS = ("**You will**", "**You need** lessons", "**Minutes:**", "**Points:**")
TASK, TEST, ANSWER, TEXT = "task", "test", "answer", "text"


def kind(cell: NotebookNode) -> str:
    """What a cell is for: a task, a test, an answer, or text and code to read."""
    if "BEGIN MARK SCHEME" in cell.source:
        return TASK
    if cell.cell_type == "code" and "grading.score(" in cell.source:
        return TEST
    return ANSWER if "### BEGIN SOLUTION" in cell.source else TEXT


def points(cell: NotebookNode) -> float:
    """The most that a cell can bring."""
    if kind(cell) == TASK:
        stated = HEADING.search(cell.source)
        return float(stated.group(1)) if stated else 0.0
    return sum(_case_points(cell)) if kind(cell) == TEST else 0.0


def _case_points(cell: NotebookNode) -> Iterator[float]:
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "grading.case":
            yield float(ast.literal_eval(node.args[0]))


def metadata(cell: NotebookNode) -> dict:
    """What nbgrader wants to know of a cell; nothing of the text that a person grades."""
    what = kind(cell)
    if what == ANSWER and cell.cell_type == "markdown":
        return {}
    out = {
        "grade": what == TEST,
        "grade_id": cell.id,
        "locked": what != ANSWER,
        "schema_version": 3,
        "solution": what == ANSWER,
        "task": what == TASK,
    }
    return out | ({"points": points(cell)} if what in (TEST, TASK) else {})


def _wrapped(cell: NotebookNode) -> dict:
    return {"nbgrader": metadata(cell)} if metadata(cell) else {}


def clean(path: Path) -> None:
    """Write the metadata of an assignment's cells and take outputs out, in place."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata, notebook.nbformat_minor = nbformat.from_dict(METADATA), 5
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        cell.id = cell.metadata.get("id", cell.id)  # where jupytext puts `# %% id="..."`
        cell.metadata = nbformat.from_dict(_wrapped(cell))
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


# ---- what is wrong with its form


def complaints(path: Path) -> Iterator[str]:
    """What an author has to mend."""
    notebook = nbformat.read(path, as_version=4)
    cells = notebook.cells
    text = "\n".join(cell.source for cell in cells)
    yield from (f"the header lacks {part!r}" for part in PARTS if part not in cells[0].source)
    total = sum(points(cell) for cell in cells)
    if f"**Points:** {total:g}" not in cells[0].source:
        yield f"the header must state '**Points:** {total:g}'"
    minutes = re.search(r"\*\*Minutes:\*\* (\d+)", cells[0].source)
    if not minutes or not 60 <= int(minutes.group(1)) <= 120:
        yield "the header must state 60 to 120 minutes"
    kinds = [kind(cell) for cell in cells]
    for what in (TASK, TEST, ANSWER):
        if what not in kinds:
            yield f"there is no {what} cell"
    if len({cell.id for cell in cells}) < len(cells):
        yield "two cells have the same id"
    if "hidden=True" not in text:
        yield "there is no hidden test"
    if "ipywidgets" in text or "widgets." in text:
        yield "widgets have no place in a notebook that is graded"
    for cell, following in zip(cells, [*cells[1:], None]):
        yield from _cell_complaints(cell, following)


def _cell_complaints(cell: NotebookNode, following: NotebookNode | None) -> Iterator[str]:
    if cell.metadata != _wrapped(cell):
        yield f"{cell.id}: its metadata do not follow from its text; clean the notebook"
    if cell.cell_type == "code" and (cell.outputs or cell.execution_count is not None):
        yield f"{cell.id}: it has outputs or an execution count"
    if not re.fullmatch(r"[a-z][a-z0-9-]*", cell.id):
        yield f"{cell.id}: an id is made of lower case letters, digits and '-'"
    if kind(cell) == TEST:
        yield from _test_complaints(cell)
    if kind(cell) == TASK and (following is None or kind(following) != ANSWER):
        yield f"{cell.id}: a cell for the answer must follow the task"


def _test_complaints(cell: NotebookNode) -> Iterator[str]:
    first, *rest = cell.source.strip().splitlines()
    if not first.startswith("# "):
        yield f"{cell.id}: the first line must be a comment that says what is tested"
    hidden = [line for line in rest if line.strip()]
    fenced = hidden and "### BEGIN HIDDEN TESTS" in hidden[0] and "### END HIDDEN TESTS" in hidden[-1]
    if ("hidden=True" in cell.source) != bool(fenced) or ("grading.rng" in cell.source and not fenced):
        yield f"{cell.id}: all of a hidden test, and only a hidden test, stands between the HIDDEN TESTS marks"


# ---- what answers score


def stub(source: str) -> str:
    """An answer cell as students get it."""
    return SOLUTION.sub(r"\1# YOUR CODE HERE\n\1raise NotImplementedError()", source)


def scores(path: Path, answers: Mapping[str, str] | None = None, blank: bool = False) -> dict[str, float]:
    """Points of every test cell of an assignment.

    Parameters
    ----------
    path : the source notebook, with the reference solution.
    answers : for ids of answer cells, other text to run in their place.
    blank : run the stubs in place of the reference solution.
    """
    answers, names, out = dict(answers or {}), {"__name__": "__main__"}, {}
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    unknown = set(answers) - {cell.id for cell in cells if kind(cell) == ANSWER}
    if unknown:
        raise ValueError(f"{path.name} has no answer cells {sorted(unknown)}")
    for cell in cells:
        source = answers.get(cell.id, stub(cell.source) if blank and kind(cell) == ANSWER else cell.source)
        if kind(cell) == TEST:
            out[cell.id] = _run(source, cell.id, names)
        elif kind(cell) == ANSWER:
            try:
                _run(source, cell.id, names)
            except Exception:  # as nbgrader: the cells below are run all the same
                continue
        else:
            _run(source, cell.id, names)
    return out


def _run(source: str, name: str, names: dict) -> object:
    """Run a cell; the value of its last expression, as a notebook shows it."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, f"<cell {name}>", "exec"), names)
    return eval(compile(ast.Expression(last.value), f"<cell {name}>", "eval"), names) if last else None


if __name__ == "__main__":
    for notebook in map(Path, sys.argv[1:]):
        clean(notebook)
        print(notebook, *(list(complaints(notebook)) or ["fine"]), sep="\n  ")
