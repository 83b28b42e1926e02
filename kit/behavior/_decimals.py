"""Is 1.234 a thousand or a little more than one? What all numbers of a file together say about it."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: By decimal mark: numbers that can only be meant so.
CERTAIN = {
    ".": re.compile(r"[+-]?(\d{1,3}((,\d{3})+\.\d+|(,\d{3}){2,})|(0|\d{4,})?\.\d+|\d+\.(\d{1,2}|\d{4,})?)"),
    ",": re.compile(r"[+-]?(\d{1,3}((\.\d{3})+,\d+|(\.\d{3}){2,})|(0|\d{4,})?,\d+|\d+,(\d{1,2}|\d{4,})?)"),
}
#: By decimal mark: numbers with their thousands in groups.
GROUPED = {
    ".": re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?"),
    ",": re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d*)?"),
}
OTHER = {".": ",", ",": "."}
SPACED = re.compile(r"(?<=\d)[ '\u2019](?=\d{3}(\D|$))")  # as in 1 234,5 and 1'234.5


def decimal_mark(cells: Iterable[str], delimiter: str) -> str:
    """The decimal mark, "." or ",", of a file with these numbers; "" where they leave it open.

    Where commas separate cells they hardly are decimal ones: without a sign of them, such a file has points.
    """
    found = set().union(*(_certain(SPACED.sub("", cell)) for cell in cells))
    if len(found) == 1:
        return found.pop()
    return "." if delimiter == "," else ""


def in_python(cell: str, mark: str) -> str:
    """A number as Python writes it; what is no number stays as it is."""
    cell = SPACED.sub("", cell)
    mark = mark or "".join(_certain(cell))
    if mark and GROUPED[mark].fullmatch(cell):
        cell = cell.replace(OTHER[mark], "")
    return cell.replace(",", ".") if mark == "," and "." not in cell else cell


def ambiguous(cell: str, mark: str) -> bool:
    """Whether a number may be a thousand times as large: nothing in the file settles its mark."""
    return not mark and not _certain(cell) and any(form.fullmatch(cell) for form in GROUPED.values())


def _certain(cell: str) -> set[str]:
    return {mark for mark, form in CERTAIN.items() if form.fullmatch(cell)}
