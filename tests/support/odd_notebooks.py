"""Notebooks that are odd in their structure: what other programs, accidents and strangers make of a hand-in."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st

LEAVES = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    LEAVES, lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=4), some, max_size=3)
)
TEXTS = st.sampled_from(
    [
        *("\0", "\ud800", "x\r\ny\r\n", "\t", "\u2028", "\x1b[31mred", "a\\", 3 * "'", "def f(:", "'\\d'", "?x"),
        *("%time 1", "!ls", "get_ipython().x", "lambda: (yield)", "((((" * 60, "-" * 3000 + "1", "x = [" * 250),
        *("![p](attachment:gone.png)", "[x](javascript:y)", "$\\href{a}{b}$", "<b><i>", "print('" + "é" * 50 + "')"),
        *("open('a\\0b.csv')", "open('" + "x" * 300 + ".csv')", "raise NotImplementedError", "**Points:** 99"),
        *("=== BEGIN MARK SCHEME ===", "### BEGIN HIDDEN TESTS", "x??"),
    ]
)
CELLS = st.sampled_from(
    [
        {"cell_type": "markdown", "source": "my notes"},
        {"cell_type": "code", "source": ["1\n", "2"]},
        {"cell_type": "heading", "level": 2, "source": "Old"},
        {"cell_type": "code", "input": "1", "language": "python", "outputs": [{"output_type": "pyout", "text": "1"}]},
        {"cell_type": "raw", "source": "x", "metadata": {"format": 5}},
        {"cell_type": "code", "source": "1", "outputs": [{"output_type": "stream", "text": ["a", "b"]}]},
        {"cell_type": "code", "outputs": [{"output_type": "display_data", "data": {"text/html": ["<b>"]}}]},
        {"cell_type": "code", "source": "1", "outputs": [{"output_type": "error", "ename": "E", "evalue": "x"}]},
        {"cell_type": "markdown", "source": "![p](attachment:p.png)", "attachments": {"p.png": {"image/png": "AA=="}}},
        {"cell_type": "markdown", "source": "x", "attachments": []},
        {"cell_type": "widget", "source": ""},
        {},
    ]
)


def _places(node: Any, path: tuple = ()) -> list[tuple]:
    """The ways to all parts of a JSON value."""
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(place for key, part in parts for place in _places(part, (*path, key)))]


def _holder(node: Any, path: tuple) -> Any:
    for key in path[:-1]:
        node = node[key]
    return node


@st.composite
def contents(draw, notebook: dict) -> bytes:
    """The bytes of a notebook after a few changes at random places, in one of several encodings."""
    made = copy.deepcopy(notebook)
    for _ in range(draw(st.integers(1, 5))):
        if places := _places(made)[1:]:
            _change(draw, made, draw(st.sampled_from(places)))
    text = json.dumps(made, ensure_ascii=draw(st.booleans()))
    encoding = draw(st.sampled_from(["utf-8"] * 7 + ["utf-8-sig", "utf-16", "utf-32-le"]))
    content = text.encode(encoding, "replace" if "\ud800" in text else "surrogatepass")
    return content[: len(content) // 2] if draw(st.integers(0, 19)) == 7 else content


def _change(draw, notebook: dict, place: tuple) -> None:
    holder, key = _holder(notebook, place), place[-1]
    if not isinstance(holder, dict | list):
        return
    what = draw(st.sampled_from(["drop", "value", "text", "twice", "cell", "listed", "wrapped", "minor"]))
    if what == "drop":
        del holder[key]
    elif what == "value":
        holder[key] = draw(VALUES)
    elif what == "text":
        holder[key] = draw(TEXTS)
    elif what == "twice" and isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[key]))
    elif what == "cell" and isinstance(notebook.get("cells"), list):
        notebook["cells"].insert(0, copy.deepcopy(draw(CELLS)))
    elif what == "listed" and isinstance(holder[key], str):
        holder[key] = holder[key].replace("\n", "\r\n").splitlines(keepends=True)
    elif what == "wrapped":
        holder[key] = [holder[key]]
    elif what == "minor":
        notebook["nbformat_minor"] = draw(st.sampled_from([0, 2, 4, 5, 9, -1, None, "5"]))
