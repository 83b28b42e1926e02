"""A class for the course of `small_course`: honest, clumsy and hostile students, and the points that each deserves.

`STUDENTS` maps a name to the change that the student makes to a notebook with right answers, and to the points of the
three tests (`test-total` of 3, `hidden-total` of 3, `test-double` of 2); None where nothing can be graded.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from small_course import NAME, answered, cell

TEXT_CANARY, DATA_CANARY = "canary-of-the-hidden-test", 123454321
HIDDEN = f"""# The weighted sum of inputs that you do not know
### BEGIN HIDDEN TESTS
from kit.teaching import grading

x = [*grading.rng("{TEXT_CANARY}").normal(size=3).tolist(), {DATA_CANARY}.0]
grading.score(
    grading.case(3, "several inputs", lambda: total(x, [1.0, 2.0, 3.0, 0.0], 0.5), x[0] + 2 * x[1] + 3 * x[2] + 0.5,
                 seconds=2), hidden=True)
### END HIDDEN TESTS"""
DOUBLE = """# Twice as much
from kit.teaching import grading

grading.score(grading.case(2, "twice three", lambda: double(3.0), 6.0, seconds=2))"""
CELLS = {"hidden-total": ("code", HIDDEN), "test-double": ("code", DOUBLE)}
Change = Callable[[NotebookNode], None]
FULL = (3, 3, 2)


def says(name: str, source: str) -> Change:
    """Answers a cell with another text."""

    def change(notebook: NotebookNode) -> None:
        cell(notebook, name).source = source

    return change


def adds(source: str, after: str = "title") -> Change:
    """Puts a cell of the student's own behind another one; the default is the first place."""

    def change(notebook: NotebookNode) -> None:
        notebook.cells.insert(notebook.cells.index(cell(notebook, after)) + 1, nbformat.v4.new_code_cell(source))

    return change


def both(*changes: Change) -> Change:
    """Several changes."""

    def change(notebook: NotebookNode) -> None:
        for each in changes:
            each(notebook)

    return change


def nothing(notebook: NotebookNode) -> None:
    """Hands in right answers."""


def deletes(*names: str) -> Change:
    """Deletes cells."""

    def change(notebook: NotebookNode) -> None:
        notebook.cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") not in names]

    return change


def copies(notebook: NotebookNode) -> None:
    """Copies an answer and a test, metadata and all, as an older notebook editor does."""
    for name in ("total", "test-total"):
        original = cell(notebook, name)
        notebook.cells.insert(notebook.cells.index(original), nbformat.from_dict(original.copy()))


def retypes(notebook: NotebookNode) -> None:
    """Turns a test into text and an answer's points into a thousand."""
    test = cell(notebook, "test-total")
    test.cell_type = "markdown"
    del test["outputs"], test["execution_count"]
    marks = cell(notebook, "test-double").metadata.nbgrader
    marks.points, marks.grade, marks.solution = 1000, False, True
    notebook.cells.append(nbformat.v4.new_code_cell("1000.0", metadata={"nbgrader": marks | {"grade_id": "bonus"}}))


BLANK = "def {}:\n    # YOUR CODE HERE\n    raise NotImplementedError()"
WRONG_TOTAL = "def total(inputs, weights, bias):\n    return 0.0"
WRONG_DOUBLE = "def double(x):\n    return x"

HONEST = {
    "perfect": (nothing, FULL),
    "alternative": (
        says(
            "total", "import numpy as np\ndef total(i, w, b):\n    return np.asarray(i) @ np.asarray(w) + np.float32(b)"
        ),
        FULL,
    ),
    "partly": (says("total", "def total(i, w, b):\n    return i[0] * w[0] + b if i else b"), (3, 0, 2)),
    "half": (says("double", WRONG_DOUBLE), (3, 3, 0)),
    "blank": (
        both(says("total", BLANK.format("total(i, w, b)")), says("double", BLANK.format("double(x)"))),
        (0, 0, 0),
    ),
    "syntax": (says("total", "def total(inputs:\n    return"), (0, 0, 2)),
    "uses-a-value": (both(adds("factor = 2"), says("double", "def double(x):\n    return factor * x")), FULL),
    "draws": (adds("import matplotlib.pyplot as plt\nplt.plot([1, 2]);", after="total"), FULL),
}
CLUMSY = {
    "copied-cell": (copies, FULL),
    "deleted-test": (deletes("hidden-total", "test-double"), FULL),
    "edited-test": (both(says("double", WRONG_DOUBLE), says("test-double", "# Twice as much\n2.0")), (3, 3, 0)),
    "retyped": (retypes, FULL),
    "infinite-loop": (says("double", "def double(x):\n    while True:\n        pass"), (3, 3, 0)),
    "stubborn-loop": (
        says(
            "double",
            "def double(x):\n    while 1:\n        try:\n            sum(range(9))\n        except:\n            pass",
        ),
        (3, 3, 0),
    ),
    "sleeps": (adds("import time\ntime.sleep(1e6)"), FULL),
    "huge-output": (adds("for i in range(400_000):\n    print('x' * 100)"), FULL),
    "huge-picture": (adds("from IPython.display import HTML\nHTML('x' * 50_000_000)"), FULL),
    "kernel-kill": (adds("import os\nos._exit(0)", after="total"), FULL),
    "kill-in-a-call": (says("double", "import os\ndef double(x):\n    os._exit(1)"), (3, 3, 0)),
    "stderr-noise": (
        says(
            "total",
            "import sys, warnings\ndef total(i, w, b):\n    warnings.warn('hm')\n    print('so', file=sys.stderr)\n"
            "    return sum(x * y for x, y in zip(i, w)) + b",
        ),
        FULL,
    ),
    "memory-hog": (adds("hog = bytearray(10**12)"), FULL),
    "hard-coded": (says("total", "def total(i, w, b):\n    return {0: 2.0, 1: 7.0}.get(len(i), 42.0)"), (3, 0, 2)),
}
SNOOP = """
import glob, os, subprocess
print(str(In), str(globals())[:10_000], dict(os.environ))
for path in [*glob.glob("../**", recursive=True), *glob.glob("/proc/[0-9]*/environ"),
             *glob.glob("/proc/[0-9]*/cmdline"),
             "../../../source/sums/sums.ipynb", "../../../gradebook.db", "COURSE/source/sums/sums.ipynb",
             "COURSE/gradebook.db", "COURSE/submitted/perfect/sums/sums.ipynb"]:
    try:
        print(path, open(path, "rb").read()[:100_000].decode(errors="replace"))
    except OSError:
        pass
print("found", subprocess.run("ls -R COURSE /home /work; find / -name gradebook.db", shell=True, capture_output=True))
"""
KEEP = """
def total(inputs, weights, bias):
    LEAKED.append(inputs)
    for place in ("/tmp/leak", "/dev/shm/leak", "leak"):
        open(place, "a").write(str(inputs))
    raise ValueError(str(inputs))
LEAKED = []"""
READ = """
import glob, time
def double(x):
    raise ValueError("".join(open(p).read() for p in ("/tmp/leak", "/dev/shm/leak", "leak")))
time.sleep(0.3)
print(LEAKED, [open(p).read() for p in ("/tmp/leak", "/dev/shm/leak", "leak") if glob.glob(p)])"""
FORGE = """
import os
def double(x):
    for fd in range(3, 60):
        try:
            os.write(fd, b"\\0\\0\\0\\5hello" * 10)
        except OSError:
            pass
    return 0"""
SPILL = """
for path in ("COURSE/gradebook.db", "COURSE/owned", "KIT/owned", "/owned", "/usr/owned"):
    try:
        open(path, "a").write("owned")
        print("OW" + "NED", path)
    except OSError as error:
        print(error)"""
SCRIPT = "Look: <img src=x onerror=SCRIPT_RAN()><script>SCRIPT_RAN()</script> *that* is **why**."
SCRIPTS = f"""
from IPython.display import HTML, SVG, Javascript, Markdown, display
display(HTML({SCRIPT!r} + "<table><tr><td>kept</td></tr></table>"), Markdown({SCRIPT!r}), Javascript("SCRIPT_RAN()"))
display({{"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' onload='SCRIPT_RAN()'></svg>"}}, raw=True)
"""
HOSTILE = {
    "reads-hidden-tests": (adds(SNOOP, after="test-double"), FULL),
    "keeps-arguments": (both(says("total", KEEP), says("double", READ)), (0, 0, 0)),
    "showtraceback": (
        both(adds("get_ipython().showtraceback = lambda *a, **k: None"), says("total", "raise ValueError")),
        (0, 0, 2),
    ),
    "equal-to-all": (
        both(
            says(
                "total",
                "class Yes(float):\n    __eq__ = lambda s, o: True\n    __sub__ = __rsub__ = lambda s, *o: s\n"
                "    __le__ = __lt__ = __eq__\ndef total(*a):\n    return Yes(1)",
            ),
            says("double", "class All:\n    __eq__ = lambda s, o: True\ndouble = lambda x: All()"),
        ),
        (0, 0, 0),
    ),
    "patches-grading": (
        both(
            adds(
                "from kit.teaching import grading, answers\ngrading.score = lambda *a, **k: 3.0\n"
                "answers.difference = lambda *a: ''"
            ),
            says("total", WRONG_TOTAL),
        ),
        (0, 0, 2),
    ),
    "patches-numpy": (
        both(
            adds(
                "import numpy as np, builtins\nnp.isclose = lambda *a, **k: np.array(True)\n"
                "builtins.abs = lambda x: 0\nbuiltins.print = lambda *a, **k: None\nnp.asarray = None"
            ),
            says("total", WRONG_TOTAL),
        ),
        (0, 0, 2),
    ),
    "patches-json": (
        adds("import json\njson.dumps = lambda *a, **k: '3.0'\njson.loads = lambda *a, **k: 3.0", after="test-total"),
        (3, 0, 0),
    ),
    "shadows": (
        both(adds("def float(x):\n    return 0\ndef grading():\n    pass\nsum = None"), says("total", WRONG_TOTAL)),
        (0, 0, 2),
    ),
    "writes-to-the-wire": (says("double", FORGE), (3, 3, 0)),
    "fork-bomb": (adds("import os\nwhile True:\n    os.fork()", after="test-double"), FULL),
    "network": (
        adds("import socket\nprint('REA' + 'CHED', socket.create_connection(('127.0.0.1', PORT), 3))", after="total"),
        FULL,
    ),
    "writes-outside": (adds(SPILL), FULL),
    "shows-scripts": (both(adds(SCRIPTS), says("answer-bias", SCRIPT)), FULL),
    "stops-itself": (adds("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", after="test-double"), FULL),
}
LOST = {
    "corrupt": (b'{"cells": [{"cell_type": "code", "source": ', None),
    "not-a-notebook": (b"\x89PNG\r\n", None),
    "odd-notebook": (b'{"cells": [1, {}], "metadata": [], "nbformat": 4, "nbformat_minor": 5}', None),
    "nothing-handed-in": (None, None),
    "link": (nothing, None),
}
STUDENTS = HONEST | CLUMSY | HOSTILE | LOST


def hand_in(released: Path, course: Path, names: list[str], words: dict[str, str]) -> None:
    """Write the hand-ins of students; `words` are replaced in what they add."""
    for name in names:
        what, _ = STUDENTS[name]
        folder = course / "submitted" / name / NAME
        folder.mkdir(parents=True)
        if what is None:
            continue
        if name == "link":
            (folder / "leak.db").symlink_to(course / "gradebook.db")
        if isinstance(what, bytes):
            (folder / f"{NAME}.ipynb").write_bytes(what)
            continue
        notebook = answered(released)
        what(notebook)
        text = nbformat.writes(notebook)
        for word, value in words.items():
            text = text.replace(word, value)
        (folder / f"{NAME}.ipynb").write_text(text, encoding="utf-8")
