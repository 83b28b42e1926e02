"""Names and texts of strangers, in a table or a terminal: they may say what they like, and do nothing."""

from __future__ import annotations

import math
import re
import sys
import unicodedata
from collections.abc import Iterable
from typing import TextIO

DECIMALS = 5
"""Of a number in a table; Moodle keeps as many."""
#: Before these a spreadsheet takes a cell for a formula; a semicolon begins a new cell where Windows separates by it.
FORMULA = re.compile(r"(^|;)(?=\s*'*[=+\-@\uff1d\uff0b\uff0d\uff20])")
COMMANDS = ("Cc", "Cs", "Zl", "Zp")
JOINERS = "\u200c\u200d"  # letters of Persian and Hindi need them


def cell(value: object) -> str:
    """A cell of a table: a number stays one, and a text is never a formula, whatever it begins with."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value)
    return "" if value is None else FORMULA.sub(r"\1'", _escaped(str(value), COMMANDS))


def row(values: Iterable) -> list[str]:
    """A row of a table, each of its cells by `cell`."""
    return [cell(value) for value in values]


def number(value: float) -> str:
    """A number with at most five decimals and no zeros behind; nothing where it is none."""
    if not math.isfinite(value):
        return ""
    text = f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def line(text: object) -> str:
    """A text within one line of a terminal: what would move, colour, break or turn round the line is written out."""
    return _escaped(str(text), (*COMMANDS, "Cf"))


def say(text: object, file: TextIO | None = None) -> None:
    """Print lines, in letters that this terminal has."""
    file = file or sys.stdout
    encoding = getattr(file, "encoding", None) or "utf-8"
    lines = "\n".join(line(part) for part in str(text).split("\n"))
    print(lines.encode(encoding, "backslashreplace").decode(encoding), file=file)


def _escaped(text: str, kinds: tuple[str, ...]) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(repr(c)[1:-1] if unicodedata.category(c) in kinds and c not in JOINERS else c for c in text)
