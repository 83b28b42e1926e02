"""Imports run one way, and `import kit` is light."""

import ast
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

KIT = Path(__file__).resolve().parents[1] / "kit"
ORDER = [
    "files",
    "faces",
    "networks",
    "behavior",
    "analysis",
    "brain",
    "plots",
    "study",
    "teaching",
    "widgets",
    "classroom",
    "course",
]
FORBIDDEN = {"analysis": ["faces", "networks", "behavior"], "brain": ["study"], "faces": ["networks"]}
HEAVY = ("torch", "plotly", "numba", "scipy", "sklearn", "pandas", "ipywidgets")

WAITING = {  # stated when the networks are retrained
    "networks/batches.py",
    "networks/dataset.py",
    "networks/pixels.py",
}

# A shape is a bracket of axes such as (n,), (n_trials, 3), (2 m, d) or (..., size, size), or a phrase such as "any
# shape". One axis at least is a number, "...", one letter, n_something or alone, which (rows, columns) and (Lee, 1999)
# are not, and no name stands before the bracket, as in f(x, y).
WORD = r"(?:\.\.\.|[1-9]\d*(?: [a-z]\b)?|[a-z]\w*(?:\[\d\])?|[A-Z]+)"
AXIS = rf"{WORD}(?: (?:\*\*|[-+*/]|or) {WORD})*"
AXES = rf"\({AXIS}(?:,|(?:, {AXIS})+)\)"
SHAPE = re.compile(rf"(?<!\w)(?=\([^()]*(?:\d|\.\.\.|\b[a-z]\b|\bn_|,\))){AXES}|\b(?:any|one|same) shape\b")


def imported(path: Path, text: str | None = None) -> set[str]:
    """Rooms of the kit (folders, and modules in its hall) that a module imports, anywhere in it."""
    out = set()
    for node in ast.walk(ast.parse(path.read_text() if text is None else text)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            above = path.relative_to(KIT.parent).parts[: -node.level] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            names = [f"{module}.{a.name}" for a in node.names]
        out |= {n.split(".")[1] for n in names if n.startswith("kit.")}
    return out


def test_each_room_has_its_place_in_the_order():
    assert {path.parent.name for path in KIT.glob("*/__init__.py")} == set(ORDER)


@pytest.mark.parametrize("room", ORDER)
def test_imports_run_left_to_right(room):
    later = set(ORDER[ORDER.index(room) + 1 :]) | set(FORBIDDEN.get(room, []))
    modules = list((KIT / room).rglob("*.py"))
    assert modules, f"there is no room {room}"
    wrong = {str(p.relative_to(KIT)): sorted(imported(p) & later) for p in modules}
    assert not {p: names for p, names in wrong.items() if names}


def test_imports_are_relative_inside_a_room_and_absolute_across():
    wrong = []
    for path in KIT.rglob("*.py"):
        inside = path.relative_to(KIT).parts
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                own = f"{node.module}.".startswith(f"kit.{inside[0]}.")
                if own or node.level >= len(inside):
                    wrong.append(f"{path.relative_to(KIT)}:{node.lineno} {ast.unparse(node)}")
    assert not wrong


def test_the_hall_imports_no_room():
    """What every room may use stands on nothing: lazy imports, the compiler; the command line is above all."""
    for path in KIT.glob("*.py"):
        name = path.stem
        if name not in ("__main__", "__init__"):
            assert not imported(path) & set(ORDER), path.name


def test_imports_of_every_form_are_seen():
    inside = KIT / "faces/mixing.py"
    for text in ("from ..widgets import penalty", "from kit.widgets import penalty", "import kit.widgets.penalty",
                 "from .. import widgets"):  # fmt: skip
        assert imported(inside, text) == {"widgets"}, text
    assert imported(KIT / "blas.py", "from kit.course import names") == {"course"}
    assert imported(inside, "from .model import FaceModel") == {"faces"}


def test_importing_the_kit_loads_nothing_heavy():
    code = f"import sys, kit; print([m for m in {HEAVY} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_importing_faces_waits_with_the_compiler():
    code = "import sys, kit.faces; print('numba' in sys.modules, 'torch' in sys.modules, 'plotly' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False"] * 3


def test_functions_and_modules_stay_short():
    long_modules, long_functions = [], []
    for path in KIT.rglob("*.py"):
        text = path.read_text()
        if len(text.splitlines()) > 300:
            long_modules.append(f"{path.relative_to(KIT)}: {len(text.splitlines())}")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
                if body[-1].end_lineno - body[0].lineno + 1 > 50:
                    long_functions.append(f"{path.relative_to(KIT)}:{node.lineno} {node.name}")
    assert not long_modules and not long_functions


def test_public_functions_are_documented():
    bare = []
    for path in KIT.rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and path.name != "__main__.py" and not ast.get_docstring(node):
                bare.append(f"{path.relative_to(KIT)}:{node.lineno} {node.name}")
    assert not bare


def test_no_two_classes_have_one_name():
    homes: dict[str, list[str]] = {}
    for path in KIT.rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(str(path.relative_to(KIT)))
    assert not {name: places for name, places in homes.items() if len(places) > 1}


def takes_arrays(annotation: ast.expr | None) -> bool:
    """Whether an annotation names arrays or tensors, other than those of a function that is passed."""
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value).endswith("Callable"):
        return False
    if isinstance(annotation, ast.Name | ast.Attribute):
        return ast.unparse(annotation).split(".")[-1] in ("ndarray", "Tensor")
    return annotation is not None and any(map(takes_arrays, ast.iter_child_nodes(annotation)))


def public_functions(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, str]]:
    """Top-level functions and methods, but for passes through a network, and the docstring of a method's class."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    for owner in (tree, *classes):
        above = "" if owner is tree else ast.get_docstring(owner) or ""
        for node in owner.body:
            function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            if function and not node.name.startswith("_") and node.name not in ("forward", "backward"):
                yield node, above


def without_shapes(text: str) -> list[tuple[int, str]]:
    """Line and name of each public function that takes arrays and says nowhere of what shape."""
    out = []
    for node, above in public_functions(ast.parse(text)):
        given = node.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        said = f"{ast.get_docstring(node) or ''}\n{above}"
        if any(takes_arrays(one.annotation) for one in every if one) and not SHAPE.search(said):
            out.append((node.lineno, node.name))
    return out


def test_public_functions_that_take_arrays_state_their_shapes():
    silent = []
    for path in KIT.rglob("*.py"):
        if not path.name.startswith("_") and str(path.relative_to(KIT)) not in WAITING:
            silent += [f"{path.relative_to(KIT)}:{line} {name}" for line, name in without_shapes(path.read_text())]
    assert not silent, "\n".join(sorted(silent))


def untyped(text: str) -> list[tuple[int, str]]:
    """Line and name of each public function that leaves a type open: of what it takes, or of what it returns."""
    out = []
    for node, _ in public_functions(ast.parse(text)):
        given = node.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        named = [one for one in every if one and one.arg not in ("self", "cls", "_")]
        if node.returns is None or any(one.annotation is None for one in named):
            out.append((node.lineno, node.name))
    return out


def test_public_functions_state_the_types_of_what_they_take_and_return():
    silent = []
    for path in KIT.rglob("*.py"):
        if not path.name.startswith("_"):
            silent += [f"{path.relative_to(KIT)}:{line} {name}" for line, name in untyped(path.read_text())]
    assert not silent, "\n".join(sorted(silent))
    for code in ("def f(a) -> int: 1", "def f(a: int): 1", "def f(*a) -> int: 1", "class A:\n  def f(self): 1"):
        assert len(untyped(code)) == 1, code
    assert not untyped("def _f(a): 1\nclass A:\n  def f(self, a: int) -> int: 1")


SHAPED = (
    "(n,)", "(n_trials, n_features)", "(..., size, size)", "(n or 1, h, w, 3)", "(2 m, d)", "(sizes[0], rank, n)",
    "(n_penalties ** n_bands, ...)", "uint8 (n, SIZE, SIZE, 3)", "of any shape",
)  # fmt: skip
UNSHAPED = (
    "", "shape and texture", "f(x, y)", "(rows, columns)", "(Lee, 1999)", "U(1 - v, 1 + v)", "rows (0, 1)",
    "n (n - 1) / 2", "another face's shape", "(right, if it is a choice)", "([1, 2], 3)",
)  # fmt: skip
NOT_ASKED = (
    "def f(g: Callable[[np.ndarray], float]): 1", "def _f(x: Tensor): 1", "def forward(x: Tensor): 1",
    "def f():\n    def g(x: Tensor): 1", 'class A:\n    """Of (n,)."""\n    def f(self, x: Tensor): 1',
)  # fmt: skip


def test_docstrings_with_and_without_shapes_are_told_apart():
    for text in SHAPED + UNSHAPED:
        code = f'def f(a: int, *, x: list[np.ndarray]):\n    """Sum. {text}"""'
        assert without_shapes(code) == ([] if text in SHAPED else [(1, "f")]), text
    assert without_shapes("class A:\n    def f(self, x: torch.Tensor): 1") == [(2, "f")]
    for code in NOT_ASKED:
        assert without_shapes(code) == [], code


def test_importing_the_widgets_waits_with_what_they_need():
    code = f"import sys; from kit import widgets; print([m for m in {HEAVY} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_first_cell_of_the_first_lesson_loads_little():
    """Whoever starts should not wait: the browser draws, and the picture that stays was drawn beforehand."""
    lesson = json.loads((KIT.parent / "lessons" / "00_start_here.ipynb").read_text(encoding="utf-8"))
    first = next("".join(cell["source"]) for cell in lesson["cells"] if cell["cell_type"] == "code")
    code = f"{first}\nimport sys; print([m for m in {HEAVY} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "['ipywidgets']"


@pytest.mark.parametrize("package", ["networks", "study", "teaching", "widgets"])
def test_names_of_a_lazy_package_are_there_and_hidden_by_no_module(package):
    """Once a module is imported under a public name, the package would give the module for it."""
    room = importlib.import_module(f"kit.{package}")
    homes = getattr(room, "_HOMES", {})
    hidden = set(homes) & {path.stem for path in (KIT / package).glob("*.py")}
    assert not hidden and all(getattr(room, name) is not None for name in homes)
