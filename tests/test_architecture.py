"""Imports run one way, and `import kit` is light."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

KIT = Path(__file__).resolve().parents[1] / "kit"
ORDER = ["faces", "networks", "behavior", "analysis", "brain", "plots", "study", "teaching", "widgets", "course"]
FORBIDDEN = {"analysis": ["faces", "networks", "behavior"], "brain": ["study"], "faces": ["networks"]}
HEAVY = ("torch", "plotly", "numba", "scipy", "sklearn", "pandas", "ipywidgets")


def imported(path: Path, text: str | None = None) -> set[str]:
    """Rooms of the kit (folders, and modules in its hall) that a module imports, anywhere in it."""
    out = set()
    for node in ast.walk(ast.parse(path.read_text() if text is None else text)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            above = path.relative_to(KIT.parent).parts[: -node.level] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            names = [f"{module}.{a.name}" for a in node.names]
        out |= {room_of(n.split(".")[1]) for n in names if n.startswith("kit.")}
    return out


def room_of(name: str) -> str:
    """The room in `ORDER` that a folder or a module of the hall belongs to: `plots_brain` to `plots`."""
    return "plots" if name.startswith("plots") else name


def modules_of(room: str) -> list[Path]:
    return [path for path in KIT.rglob("*.py") if room_of(path.relative_to(KIT).parts[0].removesuffix(".py")) == room]


@pytest.mark.parametrize("room", ORDER)
def test_imports_run_left_to_right(room):
    later = set(ORDER[ORDER.index(room) + 1 :]) | set(FORBIDDEN.get(room, []))
    assert modules_of(room), f"there is no room {room}"
    wrong = {str(p.relative_to(KIT)): sorted(imported(p) & later) for p in modules_of(room)}
    assert not {p: names for p, names in wrong.items() if names}


def test_the_hall_imports_no_room():
    """What every room may use stands on nothing: data, records and the like; the command line is above all."""
    for path in KIT.glob("*.py"):
        name = path.stem
        if name not in ("__main__", "__init__") and room_of(name) not in ORDER:
            assert not imported(path) & set(ORDER), path.name


def test_imports_of_every_form_are_seen():
    inside = KIT / "faces/mixing.py"
    for text in ("from ..widgets import penalty", "from kit.widgets import penalty", "import kit.widgets.penalty",
                 "from .. import widgets"):  # fmt: skip
        assert imported(inside, text) == {"widgets"}, text
    assert imported(KIT / "plots_brain.py", "from kit.course import names") == {"course"}
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


def test_importing_the_widgets_waits_with_what_they_need():
    code = f"import sys; from kit import widgets; print([m for m in {HEAVY} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("package", ["networks", "study", "teaching", "widgets"])
def test_names_of_a_lazy_package_are_there_and_hidden_by_no_module(package):
    """Once a module is imported under a public name, the package would give the module for it."""
    room = importlib.import_module(f"kit.{package}")
    homes = getattr(room, "_HOMES", {})
    hidden = set(homes) & {path.stem for path in (KIT / package).glob("*.py")}
    assert not hidden and all(getattr(room, name) is not None for name in homes)
