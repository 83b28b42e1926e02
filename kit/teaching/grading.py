"""Points with reasons: what the test cells of an assignment call.

A test cell lists cases and ends with their points, which nbgrader reads as partial credit::

    from kit.teaching import grading
    grading.score(
        grading.case(1, "the sum of no inputs is the bias", lambda: total([], [], 2.0), 2.0),
        grading.case(2, "a weight multiplies its input", lambda: total([3.0], [2.0], 1.0), 7.0,
                     mistakes={"the bias is missing": 6.0}),
    )

Whatever a student's code prints, warns, raises or loops over stays inside its case. A *hidden* case says what it is
about and, in sentences that its author wrote, which mistake it saw; nothing that a student's code could choose.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import signal
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .answers import Failed, difference, plain

SECONDS = 10.0
FORM = "it does not have the form that is asked for"
WRONG = "it is not right"
"""All that a hidden case says of how an answer differs from the right one."""


@dataclass(frozen=True)
class Case:
    """One thing a solution must do, and the points it brings."""

    points: float
    aim: str
    answer: Callable[[], Any]
    expected: Any
    tolerance: float = 1e-6
    mistakes: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = SECONDS


def case(
    points: float,
    aim: str,
    answer: Callable[[], Any],
    expected: Any,
    *,
    tolerance: float = 1e-6,
    mistakes: Mapping[str, Any] | None = None,
    seconds: float = SECONDS,
) -> Case:
    """One thing a solution must do.

    Parameters
    ----------
    points : given when the answer is right.
    aim : what is asked, in words that a student may read ("zero counts as positive").
    answer : called without arguments; calls the student's code and returns data: numbers, texts, arrays, tensors,
        or lists, tuples and dictionaries of them.
    expected : the right answer, or a function that takes the answer as data and returns True, or the reason why not.
    tolerance : absolute and relative difference allowed between numbers.
    mistakes : for typical mistakes, a sentence about the mistake and the answer (or a function of it) that it leads to.
    seconds : the answer is stopped after this time (on systems with alarms, or when graded apart).
    """
    return Case(float(points), aim, answer, expected, tolerance, dict(mistakes or {}), seconds)


def score(*cases: Case, hidden: bool = False) -> float:
    """Run the cases, print one line with a reason for each, and return the sum of the points.

    Parameters
    ----------
    *cases : made by `case`.
    hidden : the cases are hidden tests: a reason is then one of the sentences written in them, or a fixed one. Kinds of
        errors, lines, shapes and counts are not told, since a student's code could put the data into them.
    """
    total = 0.0
    for each in cases:
        reason = _judge(each, hidden)
        total += 0.0 if reason else each.points
        mark = f"✗ 0 of {each.points:g}" if reason else f"✓ {each.points:g} of {each.points:g}"
        print(f"{mark}: {each.aim}" + (f" — {reason}" if reason else ""))
    return round(total, 6)


def _judge(each: Case, hidden: bool) -> str:
    """Why a case fails; empty when it does not."""
    try:
        answer = plain(_call(each.answer, each.seconds))
    except Failed as failure:
        return failure.words(hidden)
    except LookupError:  # the test takes an answer apart that has other parts
        return FORM
    right = _verdict(answer, each.expected, each.tolerance)
    if right is True:
        return ""
    for sentence, wrong in each.mistakes.items():
        if _verdict(answer, wrong, each.tolerance) is True:
            return sentence
    return right if callable(each.expected) or not hidden else WRONG


def _verdict(answer: Any, expected: Any, tolerance: float) -> bool | str:
    """True, or how the answer differs from what is expected, without the values."""
    try:
        if not callable(expected):
            return difference(answer, plain(expected), tolerance) or True
        said = expected(answer)
        return said if isinstance(said, str) else bool(said) or "it is not what is asked for"
    except Exception:  # a judge that cannot read an answer says that its form is wrong
        return FORM


# ---- a student's code, kept in its case


def _call(answer: Callable[[], Any], seconds: float) -> Any:
    """The answer, with what it prints and warns swallowed; raises `Failed`."""
    try:
        with _quiet(), _alarm(seconds):
            return answer()
    except Failed:
        raise
    except (Exception, SystemExit) as error:
        line = _line(error)
        if line is None and isinstance(error, LookupError):
            raise
        raise Failed(type(error).__name__, str(error), line) from None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Neither prints nor warnings: nbgrader takes a word on stderr for a failure."""
    nowhere = io.StringIO()
    with (
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        np.errstate(all="ignore"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


def _line(error: BaseException) -> int | None:
    """The last line inside a notebook's cell, other than the test's, that an error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [f for f in frames if "ipykernel_" in f.filename or f.filename.startswith("<cell")]
    return next((f.lineno for f in reversed(inside) if f.filename != inside[0].filename), None)  # the first is the test


_END: ContextVar[float | None] = ContextVar("end of the case's time", default=None)


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise TimeoutError when the time is over, where the system can; `waiting` knows it everywhere."""
    case = _END.set(time.monotonic() + seconds)
    before = signal.signal(signal.SIGALRM, _ring) if _has_alarms() else None
    try:
        _set_alarm(seconds)
        yield
    finally:
        _set_alarm(0)
        _END.reset(case)
        if before is not None:
            signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def waiting(otherwise: float) -> Iterator[float]:
    """The seconds that a case has left (or another number outside of one), for who keeps to them and is not disturbed.

    Raises
    ------
    TimeoutError
        If none are left.
    """
    end = _END.get()
    left = otherwise if end is None else end - time.monotonic()
    if left <= 0:
        _ring()
    if end is not None:
        _set_alarm(0)
    try:
        yield left
    finally:
        if end is not None:
            _set_alarm(max(end - time.monotonic(), 0.05))


def _ring(*_) -> None:
    raise TimeoutError("no answer in the time of this case")


def _has_alarms() -> bool:
    """Not on Windows, and in the main thread only."""
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def _set_alarm(seconds: float) -> None:
    if _has_alarms():
        signal.setitimer(signal.ITIMER_REAL, seconds)


# ---- data that nobody can know beforehand


def rng(name: str) -> np.random.Generator:
    """Random numbers of a hidden test: the same for a whole course, different from course to course.

    They follow from the instructor's secret: the variable `KIT_SECRET_SEED`, or the first line of the file that
    `KIT_SECRET_FILE` names, or of `~/.shared-features-secret`; without any, the word "practice". So a solution that
    only remembers the answers of the public repository fails.
    """
    digest = hashlib.sha256(f"{secret()}/{name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "little"))


def secret() -> str:
    """The instructor's secret seed, or "practice"."""
    if value := os.environ.get("KIT_SECRET_SEED", "").strip():
        return value
    path = Path(os.environ.get("KIT_SECRET_FILE") or "~/.shared-features-secret").expanduser()
    try:
        return path.read_text(encoding="utf-8").splitlines()[0].strip() or "practice"
    except (OSError, IndexError):
        if "KIT_SECRET_FILE" in os.environ:
            raise OSError(f"KIT_SECRET_FILE names {path}, which cannot be read or is empty") from None
        return "practice"
