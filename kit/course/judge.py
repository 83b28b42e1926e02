"""Test cells, run here in the grader, that reach into a student's process by name.

The names that a test cell uses and does not define are the student's: a function becomes one that passes its
arguments to the student's process as data and returns data; a value is fetched as data. So the text of a test, its
secret data and the gradebook never enter the process in which a student's code runs, and points are given where that
code cannot reach.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import re
import symtable
from collections.abc import Callable
from typing import Any

from kit.teaching import grading
from kit.teaching.answers import Failed

from .wire import Refused, dumps

CALL, PATIENCE = 60.0, 5.0
"""Seconds for a call outside of a case, which would say how long it may take; and for a list of names."""

MOST_SAID = 100_000
"""Characters that a test may say, and that its value may have: it may repeat an answer of any length."""


class Snapshot:
    """The student's names as they were at a test cell; `ask` asks the process that keeps them."""

    def __init__(self, ask: Callable[[str, dict, float], Any]):
        self._ask = ask

    def namespace(self, source: str) -> dict[str, Any]:
        """What a test cell finds: proxies of the student's functions, and the student's values."""
        names = _foreign(source)
        seen = self._ask("look", {"names": names}, PATIENCE)
        if not isinstance(seen, dict) or not all(isinstance(seen.get(name, {}), dict) for name in names):
            raise Failed("Crash", "its process speaks nonsense")
        return {"__name__": "__main__"} | {name: self._stand_in(name, seen[name]) for name in names if name in seen}

    def _stand_in(self, name: str, what: dict) -> Any:
        if "data" in what:
            return what["data"]
        if "function" in what:
            return lambda *args, **kwargs: self.call(name, args, kwargs)
        kind = re.sub(r"\W", "_", str(what.get("other")))[:50] or "thing"
        return type(kind, (), {})()  # refused as an answer, by its name

    def call(self, name: str, args: tuple, kwargs: dict) -> Any:
        """The answer of a student's function, as data.

        Raises
        ------
        Failed
            As the function failed, with its kind of error and its line.
        TypeError
            If an argument is not data: that is a fault of the test.
        """
        try:
            dumps([args, kwargs])
        except Refused as refusal:
            raise TypeError(f"the test gives {name} something else than data: {refusal}") from None
        with grading.waiting(CALL) as seconds:
            about = {"name": name, "args": list(args), "kwargs": kwargs, "seconds": seconds}
            answer = self._ask("call", about, seconds)
        if isinstance(answer, dict) and "data" in answer:
            return answer["data"]
        raise _failed(answer)


def _failed(answer: Any) -> Failed:
    """How a call failed, as the student's process tells it: it may tell anything."""
    told = answer.get("failed") if isinstance(answer, dict) else None
    if not isinstance(told, list) or len(told) != 3 or not all(isinstance(part, str) for part in told[:2]):
        return Failed("Crash", "its process speaks nonsense")
    kind, message, line = told
    return Failed(kind[:100], message[:500], line if type(line) is int and 0 < line < 10_000 else None)


def _foreign(source: str) -> list[str]:
    """Names that a test cell uses and neither it nor Python defines: only these can be the student's."""
    own = {each.get_name() for each in symtable.symtable(source, "test", "exec").get_symbols() if each.is_local()}
    used = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    return sorted(used - own - set(vars(builtins)))


def run_test(source: str, snapshot: Snapshot, name: str) -> tuple[list[dict], str]:
    """Run a test cell in this process.

    Returns
    -------
    outputs : what it printed and its value, as outputs of a notebook's cell (nbgrader reads the points from them).
    complaint : empty, or what went wrong with the test itself, for the instructor's eyes only.
    """
    hidden = "BEGIN HIDDEN TESTS" in source
    printed = io.StringIO()
    try:
        names = snapshot.namespace(source)
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            value = _execute(source, f"<cell {name}>", names)
    except Failed as failure:
        words = f"✗ no points: {failure.words(hidden)}\n"
        return [_stream(printed.getvalue() + words), _result(0.0)], ""
    except Exception as error:
        words = "this test could not be run; your instructor knows\n"
        return [_stream(printed.getvalue() + words), _result(0.0)], f"{type(error).__name__}: {str(error)[:300]}"
    outputs = [_stream(printed.getvalue())] if printed.getvalue() else []
    return outputs + ([_result(value)] if value is not None else []), ""


def _execute(source: str, filename: str, names: dict) -> Any:
    """Run a cell; the value of its last expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, filename, "exec"), names)
    return eval(compile(ast.Expression(last.value), filename, "eval"), names) if last else None


def _stream(text: str) -> dict:
    return {"output_type": "stream", "name": "stdout", "text": text[-MOST_SAID:]}


def _result(value: Any) -> dict:
    data = {"text/plain": repr(value)[:MOST_SAID]}
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": None}
