"""What a student's code returns, as plain data, and how it differs from what was asked for."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

MEANING = {
    "NotImplementedError": "it is not written yet",
    "NameError": "it uses a name that does not exist (a typing error, or a cell that was not run)",
    "TypeError": "it got, or used, a value of the wrong kind (a wrong number of arguments, or None?)",
    "ValueError": "two shapes do not fit, or a value is outside what an operation takes",
    "IndexError": "it asks for a position that the array does not have",
    "KeyError": "it asks for an entry that the dictionary does not have",
    "AttributeError": "it asks an object for something that it does not have",
    "ZeroDivisionError": "it divides by zero",
    "RecursionError": "it calls itself without end",
    "MemoryError": "it needs more memory than allowed",
    "TimeoutError": "it did not end in time (an endless loop?)",
    "SystemExit": "it tries to end Python",
    "Crash": "it ends Python itself, or takes more than is allowed",
}


class Failed(Exception):
    """A student's code did not return data: the kind of its error, and where in the cell."""

    def __init__(self, kind: str, message: str = "", line: int | None = None):
        super().__init__(message)
        self.kind, self.message, self.line = kind, message, line

    def words(self, hidden: bool) -> str:
        """What went wrong; of a hidden case always the same, since kind, message and line could hold its data."""
        if hidden:
            return "your code stopped with an error, or did not end in time"
        known = self.kind in MEANING
        where = f" in line {self.line} of its cell" if self.line else ""
        said = f": {self.message.splitlines()[0][:200]}" if self.message else ""
        return f"your code stopped with {self.kind if known else 'an error'}{where}{said}" + (
            f"; {MEANING[self.kind]}" if known else ""
        )


def plain(answer: Any) -> Any:
    """An answer as plain data: numbers, texts, None, arrays, and lists and dictionaries of them.

    An object that only claims to equal everything does not pass.

    Raises
    ------
    Failed
        If something in it is not data.
    """
    if answer is None or type(answer) in (bool, int, float, complex, str):
        return answer
    if isinstance(answer, np.bool_ | np.str_ | numbers.Number):
        return answer.item() if hasattr(answer, "item") else float(answer)
    if type(answer) in (list, tuple):
        return [plain(a) for a in answer]
    if type(answer) is dict:
        return {str(k): plain(v) for k, v in answer.items()}
    if type(answer).__module__.startswith("torch") and hasattr(answer, "detach"):
        answer = answer.detach().cpu().numpy()
    if type(answer) is np.ndarray and answer.dtype.kind in "biufcU":
        return answer.tolist() if answer.dtype.kind == "U" else answer
    kind = type(answer).__name__
    raise Failed("TypeError", f"the answer is a {kind}, not a number, a text, an array or a list of them")


def difference(answer: Any, expected: Any, tolerance: float = 1e-6) -> str:
    """How an answer differs from the expected one, in words without values; empty when it does not."""
    if isinstance(expected, dict):
        return _dictionaries(answer, expected, tolerance)
    if isinstance(expected, str | None):
        return "" if type(answer) is type(expected) and answer == expected else "it is not the expected answer"
    if answer is None:
        return "it returns nothing (is `return` missing?)"
    if _ragged(expected):
        return _sequences(answer, expected, tolerance)
    return _arrays(answer, np.asarray(expected), tolerance)


def _ragged(values: Any) -> bool:
    """A list whose parts are not numbers, or have different shapes."""
    if not isinstance(values, list):
        return False
    shapes = {np.shape(v) if not isinstance(v, list) else ("list", len(v)) for v in values}
    return len(shapes) > 1 or any(isinstance(v, np.ndarray | list | dict | str | None) for v in values)


def _dictionaries(answer: Any, expected: dict, tolerance: float) -> str:
    if not isinstance(answer, dict) or set(answer) != set(expected):
        return f"it must be a dictionary with the entries {', '.join(sorted(expected))}"
    wrong = [key for key in sorted(expected) if difference(answer[key], expected[key], tolerance)]
    return f"the entry {wrong[0]!r}: {difference(answer[wrong[0]], expected[wrong[0]], tolerance)}" if wrong else ""


def _sequences(answer: Any, expected: list, tolerance: float) -> str:
    parted = isinstance(answer, list) or (isinstance(answer, np.ndarray) and answer.ndim > 0)
    if not parted or len(answer) != len(expected):
        return f"it must have {len(expected)} parts"
    for i, (a, e) in enumerate(zip(answer, expected)):
        if reason := difference(a, e, tolerance):
            return f"part {i + 1}: {reason}"
    return ""


def _arrays(answer: Any, expected: np.ndarray, tolerance: float) -> str:
    try:
        answer = np.asarray(answer)
        numeric = answer.dtype.kind in "biufc"
    except ValueError:
        return "its parts have different lengths"
    if not numeric:
        return "it is not a number or an array of numbers"
    if answer.shape != expected.shape:
        return f"it has the shape {answer.shape} where {expected.shape} is asked for"
    if np.isnan(answer).any() and not np.isnan(expected).any():
        return "it holds nan (0/0, or the log of a negative number?)"
    near = np.isclose(answer, expected, rtol=tolerance, atol=tolerance, equal_nan=True)
    if near.all():
        return ""
    return "the value is not right" if near.size == 1 else f"{(~near).sum()} of {near.size} values are not right"
