"""What a graded class looks like: a table on the screen, and one of reasons for each assignment."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from kit.files import harmless
from kit.files.harmless import number

from .grade import Graded


def table(results: list[Graded]) -> str:
    """The summary that is printed."""
    width = max([len(result.student) for result in results], default=7)
    lines = []
    for result in sorted(results, key=lambda each: (each.assignment, each.student)):
        score = "no points" if result.error else f"{number(result.points)} of {number(result.most)}"
        words = "; ".join([result.error] if result.error else [*result.attention, *result.notes])
        lines.append(harmless.line(f"{result.assignment}  {result.student:{width}}  {score:>12}  {words}".rstrip()))
    return "\n".join(lines)


def write_table(folder: Path, results: list[Graded]) -> list[Path]:
    """One CSV file of all reasons an assignment, in a folder."""
    paths = []
    for name in sorted({result.assignment for result in results}):
        path = folder / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
            rows = csv.writer(file)
            rows.writerow(["student", "test", "points", "most", "reasons", "attention", "isolated"])
            for result in sorted(results, key=lambda each: each.student):
                if result.assignment == name:
                    rows.writerows(map(harmless.row, _rows(result)))
        paths.append(path)
    return paths


def _rows(result: Graded) -> Iterator[list]:
    attention = "; ".join([result.error, *result.attention, *result.notes]).strip("; ")
    isolated = "yes" if result.isolated else "NOT ISOLATED"
    for score in result.scores:
        reasons = " | ".join(score["reasons"])
        yield [result.student, score["test"], score["points"], score["most"], reasons, attention, isolated]
    if not result.scores:
        yield [result.student, "", "", "", "", attention, isolated]
