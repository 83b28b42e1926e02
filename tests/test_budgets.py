"""The table of what lessons cost: read, written, and compared with the lessons."""

from dataclasses import replace

import nbformat
import pytest
from budgets import Budget, complaints, measure, read, write
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HEADER = "# 06 · Small\n\n**Minutes:** 20 (runs in 5 s, 400 MB)"
ROW = Budget(20, 5, 5, 400, 1, 20, "2026-01-31", 2)


@pytest.fixture
def path(tmp_path):
    """A small lesson."""
    cells = [new_markdown_cell(HEADER), new_code_cell("held = bytearray(150_000_000)\nprint(len(held))")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "06_small.ipynb")
    return tmp_path / "06_small.ipynb"


def test_the_table_comes_back_as_it_was_written(path):
    table = path.with_name("BUDGETS.md")
    write({path.name: ROW, "07_gone.ipynb": ROW}, table)
    assert read(table) == {path.name: ROW}
    assert "[06 · Small](06_small.ipynb) | 20 | 5 | 5 | 400 |" in table.read_text()
    assert read(path.with_name("none.md")) == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"clock": 200, "processors": 91}, "91 s, at most 90"),
        ({"megabytes": 1501}, "1501 MB, at most 1500"),
        ({"executed": 6001}, "6001 kB of outputs"),
        ({"minutes": 45}, "the header says 20 minutes"),
        ({"clock": 11, "processors": 12}, "the header says 20 minutes, 5 s"),
        ({"megabytes": 501}, "and 400 MB"),
        ({"kilobytes": 9}, "since it was measured; run: python tests/support/budgets.py lessons/06_small.ipynb"),
    ],
)
def test_what_is_out_of_bounds_is_said(path, change, said):
    assert complaints(path, ROW) == []
    assert said in "\n".join(complaints(path, replace(ROW, **change)))
    assert "no row" in complaints(path, None)[0]


def test_on_a_busy_machine_the_processors_count(path):
    assert complaints(path, replace(ROW, clock=200)) == []


def test_a_lesson_is_measured(path):
    row = measure(path)
    assert row.clock > 0 and row.processors > 0
    assert row.minutes == 20 and 170 < row.megabytes < 600 and row.seconds > 0 and row.executed >= row.kilobytes
