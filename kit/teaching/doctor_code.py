"""What can be seen in a student's code without running it: what is not Python, and files that will be missing."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .doctor import Finding
from .doctor_cells import is_own, place

if TYPE_CHECKING:
    from nbformat import NotebookNode

READERS = {"open", "read_csv", "read_table", "read_excel", "load", "loadtxt", "genfromtxt", "imread", "read"}
SYNTAX = {
    "expected ':'": "a colon is missing at the end of this line",
    "was never closed": "close this bracket",
    "unmatched": "this closing bracket has no partner: take it away, or open one before it",
    "does not match": "the brackets, or the spaces at the lines' starts, do not match: compare with the lines above",
    "indent": "move the line: what belongs to a `def`, `for` or `if` starts four spaces further right",
    "unterminated": "close the quotation mark",
    "Maybe you meant '=='": "`=` gives a name, `==` compares",
    "forgot a comma": "a comma is missing between two values",
    "invalid character": "type this sign anew: it was copied from a text (a curly quotation mark, a long dash)",
    "invalid non-printable": "delete the invisible sign, and type the line anew",
    "'return' outside function": "move the `return` four spaces right, into its function",
}


def findings(notebook: NotebookNode, folder: Path, handed_out: Path | None) -> list[Finding]:
    """What is not Python, and files that are opened and will be missing.

    Parameters
    ----------
    folder : where the notebook lies.
    handed_out : the folder of the released notebook, if it is known.
    """
    return [*_syntax(notebook), *_files(notebook, folder, handed_out)]


def _syntax(notebook: NotebookNode) -> Iterator[Finding]:
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not (error := syntax_error(cell.source)):
            continue
        lines = cell.source.splitlines()
        line = lines[error.lineno - 1].strip() if error.lineno and error.lineno <= len(lines) else ""
        remedy = next((r for message, r in SYNTAX.items() if message in (error.msg or "")), None)
        what = f"line {error.lineno} is not Python: `{line[:200]}`" if error.lineno else "this is not Python"
        yield Finding(
            place(notebook, number),
            f"{what} ({error.msg}); nothing in this cell can be run",
            remedy or "compare this line, and the end of the line above it, with an example that works",
        )


def syntax_error(source: str) -> SyntaxError | None:
    """What is not Python in a cell; lines for IPython, such as `%time`, are allowed."""
    try:
        tree(source)
    except SyntaxError as error:
        return error
    return None


def tree(source: str) -> ast.Module:
    """A cell's code, taken apart; raises SyntaxError if it is not Python."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            python = TransformerManager().transform_cell(source)
            compile(python, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
            return ast.parse(python)
    except SyntaxError:
        raise
    except ValueError:
        raise SyntaxError("invalid non-printable character U+0000") from None
    except (RecursionError, MemoryError, OverflowError):
        raise SyntaxError("it is nested too deep") from None


def _files(notebook: NotebookNode, folder: Path, handed_out: Path | None) -> Iterator[Finding]:
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and is_own(cell) and not syntax_error(cell.source):
            for name in _opened(cell.source):
                if fault := _file_fault(name, folder, handed_out):
                    yield Finding(place(notebook, number), *fault)


def _file_fault(name: str, folder: Path, handed_out: Path | None) -> tuple[str, str] | None:
    beside = "put the file beside the notebook, open it by its name alone, and hand it in too"
    if "://" in name:
        return f"it reads {name}, and there is no network where it is graded", beside
    if re.match(r"[/~\\]|[A-Za-z]:", name) or ".." in Path(name).parts:
        return f"it opens {name!r}, a place that exists on your computer only", beside
    if not _exists(folder / name):
        return f"it opens {name!r}, and there is no such file beside the notebook", beside
    if handed_out and not _exists(handed_out / name):
        return f"it opens {name!r}, which is not a part of the assignment", "hand this file in too"
    return None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _opened(source: str) -> Iterator[str]:
    """Names of files, written out in a cell, that it opens for reading."""
    for node in ast.walk(tree(source)):
        if not isinstance(node, ast.Call):
            continue
        called, arguments = getattr(node.func, "id", getattr(node.func, "attr", "")), node.args
        if called in ("read_text", "read_bytes") and isinstance(node.func.value, ast.Call):
            called, arguments = "open", node.func.value.args  # Path("notes.txt").read_text()
        texts = [a.value if isinstance(a, ast.Constant) and isinstance(a.value, str) else "" for a in arguments]
        modes = [k.value.value for k in node.keywords if k.arg == "mode" and isinstance(k.value, ast.Constant)]
        writes = called == "open" and set("".join([*texts[1:2], *modes])) & set("wax")
        if called in READERS and texts and Path(texts[0]).suffix and not writes:
            yield texts[0]
