"""What to say of an answer to a blank: right, a likely mistake by its name, or what kind of thing is wanted."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from .blanks import stopped

NEAR = 1e-3  # relative: an answer that was rounded to four digits is right
LONG = 60  # most letters of a value that is shown
RIGHT = "right."


def verdict(given: Any, right: Any, mistakes: Iterable[tuple[str, Any]], hint: str, on: Sequence = ()) -> str:
    """What to say of an answer.

    Parameters
    ----------
    given : object
    right : number, str, bool, array of any shape, or function
    mistakes : iterable of (str, object)
        What to say to a likely mistake, and the value (or function) that it leads to. Those that come out as `right`
        does are passed over.
    hint : str
        For those who have not begun, and for whatever is wrong in a way that nobody foresaw.
    on : sequence of tuples
        For functions: the arguments to try them with.
    """
    if _is_blank(given):
        return f"still blank. {hint}"
    if callable(right):
        return _of_function(given, right, mistakes, hint, on)
    if _same(given, right):
        return RIGHT
    for words, value in mistakes:
        if _same(given, value):
            return f"not yet. {words}"
    return f"not yet, {_wanted(given, right)}. {hint}"


def _is_blank(value: Any) -> bool:
    return value is ... or (isinstance(value, (list, tuple)) and any(map(_is_blank, value)))


def _of_function(given: Any, right: Callable, mistakes: Iterable[tuple[str, Callable]], hint: str, on: Sequence) -> str:
    if not callable(given):
        return f"not yet, a function is wanted, this is {_kind(given)}. {hint}"

    def answers(function: Callable) -> list:
        return [function(*copy.deepcopy(arguments)) for arguments in on]

    try:
        found = answers(given)
    except Exception as error:
        return f"not yet. {stopped(type(error), error, error.__traceback__)}."
    if any(value is None or value is ... for value in found):
        return f"nothing returned yet. {hint}"
    wanted = answers(right)
    if all(map(_same, found, wanted)):
        return RIGHT
    for words, wrong in mistakes:
        if all(map(_same, found, answers(wrong))):
            return f"not yet. {words}"
    wrong = next(_wanted(f, w) for f, w in zip(found, wanted, strict=True) if not _same(f, w))
    return f"not yet, {wrong}. {hint}"


def _same(given: Any, right: Any) -> bool:
    """Whether two values are equal, numbers but for rounding; of any types."""
    if isinstance(right, str) or isinstance(given, str):
        return isinstance(given, str) and isinstance(right, str) and given == right
    given, right = _array(given), _array(right)
    if given is None or right is None or given.shape != right.shape:
        return False
    if right.dtype == bool:
        return given.dtype == bool and bool(np.array_equal(given, right))
    scale = float(np.abs(right).max(initial=0.0))
    return bool(np.allclose(given, right, rtol=NEAR, atol=NEAR * min(scale, 1.0) * 1e-3))


def _array(value: Any) -> np.ndarray | None:
    """A value as an array of numbers; None if it is none."""
    if hasattr(value, "detach"):  # of torch
        value = value.detach().cpu()
    try:
        found = np.asarray(value)
    except ValueError:  # rows of different lengths
        return None
    if found.dtype.kind not in "biuf":
        return None
    return found if found.dtype == bool else found.astype(float)


def _wanted(given: Any, right: Any) -> str:
    """What is wanted, and what this is."""
    found, wanted = _array(given), _array(right)
    if found is None or wanted is None:
        return f"{_kind(right)} is wanted, this is {_kind(given)}"
    if found.shape != wanted.shape:
        return f"{_shape(wanted)} is wanted, this is {_shape(found)}"
    if wanted.dtype == bool and found.dtype != bool:
        return "True or False is wanted, these are numbers" if wanted.ndim else "True or False is wanted"
    if not np.isfinite(found).all():
        return "it holds nan or infinity"
    return f"it is {_short(given)}" if found.ndim == 0 else f"the shape is right, {_share_wrong(found, wanted)} not"


def _share_wrong(found: np.ndarray, wanted: np.ndarray) -> str:
    wrong = int(np.sum(~np.isclose(found, wanted, rtol=NEAR, atol=1e-6)))
    return "the numbers are" if wrong == wanted.size else f"{wrong} of {wanted.size} numbers are"


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return f"the text {_short(value)}"
    if callable(value):
        return "a function"
    found = _array(value)
    return _shape(found) if found is not None else f"of type {type(value).__name__}"


def _shape(value: np.ndarray) -> str:
    if value.ndim == 0:
        return "True or False" if value.dtype == bool else "one number"
    return "an array of shape " + str(value.shape)


def _short(value: Any) -> str:
    text = f"{float(value):.4g}" if np.ndim(value) == 0 and not isinstance(value, (str, bool)) else repr(value)
    return text if len(text) <= LONG else text[: LONG - 1] + "…"
