"""JSON from people and processes that nobody vouches for: bounded in bytes, parts and depth before it is read."""

from __future__ import annotations

import json
import re
from typing import Any

MOST_PARTS = 1_000_000
"""Entries of lists and dictionaries. Each costs a hundred bytes of memory, however few it takes in the text."""
MOST_DEPTH = 200
"""Lists and dictionaries inside each other."""

STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)  # an open one ends with the text: linear
BRACKETS = re.compile(r"[\[\]{}]")


def loads(text: bytes, most_parts: int = MOST_PARTS, most_depth: int = MOST_DEPTH) -> Any:
    """What a JSON text holds, in any of the encodings of Unicode.

    Raises
    ------
    ValueError
        If it is not JSON, or larger than allowed; the message says which.
    """
    try:
        words = text.decode(json.detect_encoding(text))
    except UnicodeDecodeError:
        raise ValueError("it is not text in UTF-8") from None
    check(words, most_parts, most_depth)
    try:
        return json.loads(words)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is damaged in line {error.lineno}: {error.msg}") from None
    except ValueError:
        raise ValueError("it holds a number of thousands of digits") from None


def check(words: str, most_parts: int = MOST_PARTS, most_depth: int = MOST_DEPTH) -> None:
    """Raise ValueError if a JSON text has more parts, or is nested deeper, than allowed."""
    if sum(map(words.count, ",[{")) <= most_parts and sum(map(words.count, "[{")) <= most_depth:
        return  # even with those inside texts: long ones need not be taken out
    bare = STRING.sub("", words)
    if (parts := sum(map(bare.count, ",[{"))) > most_parts:
        raise ValueError(f"it has {parts:,} parts; at most {most_parts:,} are read")
    depth = most = 0
    for bracket in BRACKETS.findall(bare):
        depth += 1 if bracket in "[{" else -1
        most = max(most, depth)
    if most > most_depth:
        raise ValueError(f"its lists and dictionaries are nested more than {most_depth} deep")
