"""The blanks of the lessons: a right answer to each, the likely mistakes, and what lesson must say to them.

`lesson_03.CELLS` lists the cells of lesson 03 that have a blank, in order; a cell is a list of
`t(fill, ..., says=pattern)`. What is filled in takes the place of the right-hand side of the lines with the mark
`# <-`, in order; of a line `...` it takes the whole place. Fewer fills than lines leave the last ones as they are.
"""

import importlib
import re
from dataclasses import dataclass
from pathlib import Path

from lesson import Lesson

MARK = "# <-"
GARBAGE = ("'nonsense'", "None", "np.zeros((2, 7, 3))", "no_such_name", "np.nan")


@dataclass(frozen=True)
class Try:
    """What somebody fills in, and a pattern of what they must read."""

    fills: tuple[str, ...]
    says: str


def t(*fills: str, says: str) -> Try:
    return Try(fills, says)


def fill(source: str, fills: tuple[str, ...]) -> str:
    """The source of a cell with its blanks filled."""
    left, out = list(fills), []
    for line in source.split("\n"):
        if MARK in line and left:
            line = _filled(line, left.pop(0))
        out.append(line)
    if left:
        raise ValueError(f"{len(fills)} fills for {len(fills) - len(left)} blanks in:\n{source}")
    return "\n".join(out)


def _filled(line: str, wanted: str) -> str:
    code, mark, rest = line.partition(MARK)
    start = re.match(r"(\s*)(return |[^=]*?[^=<>!]=\s(?!=))?", code)
    indent, head = start[1], start[2] or ""
    comma = "," if code.rstrip().endswith(",") else ""
    lines = wanted.split("\n")
    return "\n".join([indent + head + lines[0] + comma, *(indent + one for one in lines[1:])]) + f"  {mark}{rest}"


def cells(path: Path) -> dict[int, str]:
    """Sources of the cells of a lesson that have a blank, by place."""
    found = ((cell.number - 1, cell.node.source) for cell in Lesson.read(path).code)
    return {place: source for place, source in found if MARK in source}


def garbage(source: str) -> list[str]:
    """The cell with each of its blanks filled with what nobody wants."""
    marked = [line.strip() for line in source.split("\n") if MARK in line]
    returned = "def " in source
    kinds = GARBAGE[:2] if "oing on" in source else GARBAGE  # such a cell does all the work of a right answer each time
    return [
        fill(source, tuple(f"return {wrong}" if returned and line.startswith("...") else wrong for line in marked))
        for wrong in kinds
    ]


def known(path: Path) -> list[list[Try]]:
    """What is known of the blanks of a lesson."""
    return importlib.import_module(f"blanks.lesson_{path.name[:2]}").CELLS


def tries(path: Path) -> dict[int, dict[str, str]]:
    """For each cell with a blank, by place: sources to try, and the pattern of what each must say; "" for garbage."""
    out = {}
    for (place, source), answers in zip(cells(path).items(), known(path), strict=True):
        out[place] = dict.fromkeys(garbage(source), "") | {fill(source, one.fills): one.says for one in answers}
    return out


def complaints(path: Path, answers: dict[tuple[int, str], str]) -> list[str]:
    """What is wrong with what the cells said (`execute.Run.answers`)."""
    faults = []
    for place, sources in tries(path).items():
        for source, says in sources.items():
            said = answers[place, source]
            marked = "; ".join(line.strip() for line in source.split("\n") if MARK in line)
            if "Traceback" in said or not said:
                faults.append(f"cell {place + 1} ends in {said or 'silence'} with {marked}")
            elif says and not re.search(says, said):
                faults.append(f"cell {place + 1} says {said!r}, not {says!r}, with {marked}")
            elif not says and "right." in said:
                faults.append(f"cell {place + 1} calls garbage right: {said!r} with {marked}")
    return faults
