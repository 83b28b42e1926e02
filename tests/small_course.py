"""A course of one small assignment, made anew in a folder of its own: what tests hand out, break and grade."""

import os
import re
import shutil
import sys
from pathlib import Path

import nbformat

# Whoever tries a case by hand has `tests` alone on the path.
sys.path.append(str(Path(__file__).with_name("support")))
from assignment_source import ANSWER, SOURCE, clean, kind  # noqa: E402

NAME = "sums"
CONFIG = "nbgrader_config.py"
TITLE = """# Assignment: sums
**You will** add. **You need** lessons 01. **Minutes:** 60. **Points:** 12"""
TOTAL = """def total(inputs, weights, bias):
    ### BEGIN SOLUTION
    return sum(i * w for i, w in zip(inputs, weights)) + bias
    ### END SOLUTION"""
TEST_TOTAL = """# The weighted sum
from kit.teaching import grading

grading.score(
    grading.case(1, "the sum of no inputs is the bias", lambda: total([], [], 2.0), 2.0),
    grading.case(2, "a weight multiplies its input", lambda: total([3.0], [2.0], 1.0), 7.0),
)"""
HIDDEN = """# The weighted sum of inputs that you do not know
### BEGIN HIDDEN TESTS
from kit.teaching import grading

x = grading.rng("sums/hidden").normal(size=3).tolist()
grading.score(
    grading.case(3, "several inputs", lambda: total(x, [1.0, 2.0, 3.0], 0.5),
                 x[0] + 2 * x[1] + 3 * x[2] + 0.5), hidden=True)
### END HIDDEN TESTS"""
DOUBLE = """def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION"""
TEST_DOUBLE = """# Twice as much
from kit.teaching import grading

grading.score(grading.case(2, "twice three", lambda: double(3.0), 6.0))"""
TASK = """## Explain (4 points)
Why does a perceptron need a bias? Two sentences.

=== BEGIN MARK SCHEME ===
2 points: without it, the line goes through the origin. 2 points: an example where it must not.
=== END MARK SCHEME ==="""
WORDS = """### BEGIN SOLUTION
Without a bias the line passes through the origin, and two clouds on one side of it cannot be parted.
### END SOLUTION"""
CELLS = {
    "title": ("markdown", TITLE),
    "total": ("code", TOTAL),
    "test-total": ("code", TEST_TOTAL),
    "hidden-total": ("code", HIDDEN),
    "double": ("code", DOUBLE),
    "test-double": ("code", TEST_DOUBLE),
    "task-bias": ("markdown", TASK),
    "answer-bias": ("markdown", WORDS),
}
RIGHT = {
    "total": "def total(inputs, weights, bias):\n    return sum(i * w for i, w in zip(inputs, weights)) + bias",
    "double": "def double(x):\n    return x + x",
    "answer-bias": "Without it every line goes through the origin; OR cannot be learned then.",
}


def write(root: Path) -> None:
    """Write the course, as its author has it, with the settings of our own."""
    source = root / "source" / NAME / f"{NAME}.ipynb"
    source.parent.mkdir(parents=True)
    shutil.copy(SOURCE.parent / CONFIG, root)
    notebook = nbformat.v4.new_notebook()
    for name, (type_, text) in CELLS.items():
        new = nbformat.v4.new_code_cell if type_ == "code" else nbformat.v4.new_markdown_cell
        notebook.cells.append(new(text, id=name))
    nbformat.write(notebook, source)
    clean(source)


def reference(source: Path) -> dict[str, str]:
    """The answers in an assignment's source, by the ids of their cells."""
    fence = re.compile(r"[ \t]*### (BEGIN|END) SOLUTION\n?")
    cells = nbformat.read(source, as_version=4).cells
    return {cell.id: fence.sub("", cell.source) for cell in cells if kind(cell) == ANSWER}


def api(root: Path):
    """nbgrader with the settings of a course."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config.loader import PyFileConfigLoader

    # nbgrader calls `alembic`, which lies beside the interpreter.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return NbGraderAPI(config=PyFileConfigLoader(CONFIG, path=str(root)).load_config())


def make(root: Path) -> Path:
    """Write the course and release its assignment; the path of the released notebook."""
    write(root)
    released = api(root).generate_assignment(NAME)
    assert released["success"], released["log"]
    return root / "release" / NAME / f"{NAME}.ipynb"


def cell(notebook: nbformat.NotebookNode, name: str) -> nbformat.NotebookNode:
    """The cell of an id."""
    return next(c for c in notebook.cells if name in (c.id, c.metadata.get("nbgrader", {}).get("grade_id")))


def answered(released: Path, **answers: str) -> nbformat.NotebookNode:
    """The released notebook with right answers, or with others (`answer_bias="..."`)."""
    notebook = nbformat.read(released, as_version=4)
    for name, text in (RIGHT | {name.replace("_", "-"): text for name, text in answers.items()}).items():
        cell(notebook, name).source = text
    return notebook
