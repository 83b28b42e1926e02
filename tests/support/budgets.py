"""What each lesson costs, measured: `python tests/support/budgets.py` runs all lessons and writes lessons/BUDGETS.md.

With names of lessons it measures these and keeps the other rows. Measure on a machine that does little else: its clock
then says what a student waits. Where the processors' seconds are fewer than the clock's, they count.
The test suite measures too, but only compares; it never writes this file.
"""

import math
import os
import re
import sys
import tempfile
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path

from execute import execute
from lesson import Lesson

FOLDER = Path(__file__).resolve().parents[2] / "lessons"
TABLE = FOLDER / "BUDGETS.md"
SECONDS, MEGABYTES, KILOBYTES = 90, 1500, 6000
HEAD = f"""# What each lesson costs

Measured by `make budgets` with nobody answering; at most {SECONDS} seconds and {MEGABYTES:,} MB (the kernel and its \
workers), on two cores without a GPU.

| lesson | student, minutes | runs in, s | processors, s | memory, MB | notebook, kB | with outputs, kB | measured |
|---|---:|---:|---:|---:|---:|---:|---|
"""
ROW = re.compile(r"\| \[.*?\]\((.+?)\) \|((?: \d+ \|){6}) (\S+) on (\d+) cores \|")


@dataclass(frozen=True)
class Budget:
    """One row: minutes as the lesson states them, the rest as measured."""

    minutes: int
    clock: int
    processors: int
    megabytes: int
    kilobytes: int
    executed: int
    day: str
    cores: int

    @property
    def seconds(self) -> int:
        return min(self.clock, self.processors)


def read(table: Path = TABLE) -> dict[str, Budget]:
    """Rows of the table by the lesson's file name."""
    rows = ROW.findall(table.read_text(encoding="utf-8")) if table.exists() else []
    return {name: Budget(*map(int, re.findall(r"\d+", row)), day, int(cores)) for name, row, day, cores in rows}


def measure(path: Path) -> Budget:
    """Run a lesson and measure."""
    with tempfile.TemporaryDirectory() as folder:
        run = execute(path, student=Path(folder) / "student", seconds=2 * SECONDS)
    minutes = (Lesson.read(path).stated or (0,))[0]
    sizes = (round(path.stat().st_size / 1e3), round(run.size / 1e3))
    measured = map(math.ceil, (run.clock, run.processors, run.megabytes))
    return Budget(minutes, *measured, *sizes, date.today().isoformat(), os.cpu_count())


def write(rows: dict[str, Budget], table: Path = TABLE) -> None:
    """Write the table of the lessons that are beside it."""
    lines = []
    for path in sorted(table.parent.glob("*.ipynb")):
        if row := rows.get(path.name):
            numbers = " | ".join(map(str, astuple(row)[:6]))
            lines.append(f"| [{Lesson.read(path).title}]({path.name}) | {numbers} | {row.day} on {row.cores} cores |")
    table.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")


def complaints(path: Path, row: Budget | None) -> list[str]:
    """What is wrong with a lesson's row: missing, out of date, above a limit, or not what the header says."""
    remedy = f"run: python tests/support/budgets.py lessons/{path.name}"
    if row is None:
        return [f"no row in BUDGETS.md; {remedy}"]
    if abs(row.kilobytes - path.stat().st_size / 1e3) > 1 + 0.05 * row.kilobytes:
        return [f"the lesson has changed since it was measured; {remedy}"]
    measured = {
        "s": (row.seconds, SECONDS),
        "MB": (row.megabytes, MEGABYTES),
        "kB of outputs": (row.executed, KILOBYTES),
    }
    found = [f"{value} {unit}, at most {most}" for unit, (value, most) in measured.items() if value > most]
    minutes, seconds, megabytes = Lesson.read(path).stated or (0, 0, 0)
    if row.minutes != minutes or row.seconds > max(2 * seconds, 10) or row.megabytes > 1.25 * megabytes:
        found.append(f"the header says {minutes} minutes, {seconds} s and {megabytes} MB, measured was {row}")
    return found


if __name__ == "__main__":
    rows = read()
    for lesson in map(Path, sys.argv[1:] or sorted(FOLDER.glob("*.ipynb"))):
        rows[lesson.name] = measure(lesson)
        print(lesson.name, rows[lesson.name], flush=True)
        write(rows)
