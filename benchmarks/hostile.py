"""How long the worst texts and names that we know of keep the grader, in seconds of a processor.

    python benchmarks/hostile.py [--quick]

Cleaning a megabyte of a text that repeats what a parser is slow at, showing a page of such outputs, and telling whose a
file is from a name made to be read in many ways. Goal: eight seconds for a text, and one for a name.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from test_disarm import SLOW, displayed, written

from kit.course.disarm import disarm
from kit.course.names import whose


def seconds(work: Callable[[], object]) -> float:
    """Of a processor."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def cleaning(unit: str, size: int) -> float:
    text = unit * (size // len(unit))
    return seconds(lambda: (written(text), displayed(html=text, markdown=text)))


def page() -> float:
    outputs = [new_output("stream", text="\x1b[mx" * 200_000), new_output("error", evalue="x" * 3_000_000)]
    notebook = new_notebook(cells=[new_code_cell("", outputs=outputs)])
    return seconds(lambda: (disarm(notebook), HTMLExporter(template_name="classic").from_notebook_node(notebook)))


def many_cells() -> float:
    return seconds(lambda: disarm(new_notebook(cells=[new_markdown_cell("\\begin{a}" * 1100) for _ in range(200)])))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the text")
    size = 110_000 if parser.parse_args().quick else 1_100_000
    found = {f"text of `{unit.strip()}`": cleaning(unit, size) for unit in SLOW}
    found |= {"a page of colours": page(), "200 cells of formulas": many_cells()}
    again = "_1_assignsubmission_file_"
    found["a name with 36 endings"] = seconds(lambda: whose(f"sums{again * 36}x.ipynb", "sums"))
    print("| what | seconds |\n|---|---:|")
    for what, took in sorted(found.items(), key=lambda row: -row[1]):
        print(f"| {what.replace('|', chr(92) + '|')} | {took:.2f} |".replace("\n", " "))


if __name__ == "__main__":
    main()
