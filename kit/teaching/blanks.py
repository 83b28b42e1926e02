"""Blanks in code that answer as a tutor would: right, a likely mistake by its name, or what kind of thing is wanted.

A cell that has a blank (it holds the mark `# <-`) never ends in a traceback: one sentence says which line stopped, and
why.
"""

from __future__ import annotations

import linecache
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from . import texts

MARK = "# <-"  # in a line that the student changes


def blank(key: str, given: Any) -> bool:
    """Say in one sentence what became of a blank.

    Parameters
    ----------
    key : str
        Number of the lesson and name of what the student wrote, such as "08-viae_loss"; its right answer, likely
        mistakes and hint are in the lesson's `questions/08.md` (`kit.teaching.texts`).
    given : object
        What the student wrote; ``...`` (or a function that returns it, or None) is still blank.

    Returns
    -------
    bool
        Whether it is right.
    """
    from .verdicts import RIGHT, verdict  # loads numpy

    known, names = texts.blank(key), sys._getframe(1).f_globals
    mistakes = ((words, eval(code, names)) for words, code in known.mistakes.items())  # each only if it is needed
    stands = verdict(given, eval(known.right, names), mistakes, known.hint, eval(known.on, names))
    print(f"{key[3:]}: {stands}")
    return stands == RIGHT


def stopped(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> str:
    """Where a cell with a blank stopped, and why: a sentence without a traceback."""
    place = _own_line(trace)
    why = f"{kind.__name__}: {error}".rstrip(": ")
    if "ellipsis" in str(error).lower():
        why = "a part of it is still blank (...)"
    return f"Line {place[0]} stops, `{place[1]}`: {why}" if place else f"It stops: {why}"


def _own_line(trace: TracebackType | None) -> tuple[int, str] | None:
    """Number and text of the last line of a cell with a blank that was being run."""
    found = None
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if MARK in "".join(linecache.getlines(name)) and not Path(name).exists():  # a cell is no file
            found = trace.tb_lineno, linecache.getline(name, trace.tb_lineno).strip()
        trace = trace.tb_next
    return found


def in_words(shell: Any) -> None:
    """From now on, errors in a notebook's cells with a blank come as a sentence; all others as they were."""

    def shown(shell: Any, kind: type, error: BaseException, trace: TracebackType, tb_offset: int | None = None) -> None:
        if isinstance(error, SyntaxError):
            words = unreadable(error)
        else:
            words = stopped(kind, error, trace) if _own_line(trace) else ""
        if words:
            shell._showtraceback(kind, error, [words])
        elif isinstance(error, SyntaxError):
            shell.showsyntaxerror()
        else:
            lines = shell.InteractiveTB.structured_traceback(kind, error, trace, tb_offset=tb_offset)
            shell._showtraceback(kind, error, lines)

    shell.set_custom_exc((Exception,), shown)


def unreadable(error: SyntaxError) -> str:
    """What is no Python in a cell with a blank, in a sentence; nothing for other cells."""
    if MARK not in "".join(linecache.getlines(error.filename or "")):
        return ""
    why = "a bracket or a quotation mark is not closed" if "incomplete" in str(error.msg) else error.msg
    return f"Line {error.lineno} is not Python yet, `{(error.text or '').strip()}`: {why}"
