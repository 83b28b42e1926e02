"""Every lesson has the form that `notebooks.py` and `prose.py` describe, and runs from top to bottom."""

from pathlib import Path

import blanks
import budgets
import pytest
from execute import execute, wordless
from lesson import Lesson
from notebooks import lint

FOLDER = Path(__file__).resolve().parents[1] / "lessons"
LESSONS = sorted(FOLDER.glob("*.ipynb"))
STUCK = 5 * budgets.SECONDS  # a cell that takes longer hangs; how fast lessons are, `budgets.py` measures in quiet


def test_there_are_lessons():
    assert LESSONS, f"no lesson in {FOLDER}"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_form(path):
    complaints = lint(path)
    assert not complaints, "\n".join([path.name, *complaints])


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_table_of_budgets_is_up_to_date_and_within_the_limits(path):
    faults = budgets.complaints(path, budgets.read().get(path.name))
    assert not faults, "\n".join([path.name, *faults])


@pytest.mark.parametrize("path", LESSONS[:-1], ids=lambda path: path.stem)
def test_the_next_lesson_is_there(path):
    following = LESSONS[LESSONS.index(path) + 1]
    text = "\n".join(cell.node.source for part, cells in Lesson.read(path).parts if part == "Next" for cell in cells)
    assert f"{following.name[:2]} · " in text, f"'Next' sends the student past {following.name}"


@pytest.mark.slow
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_runs_from_top_to_bottom_within_its_memory_and_blanks_answer(path, tmp_path):
    run = execute(path, student=tmp_path / "student", seconds=STUCK, tries=blanks.tries(path))
    print(f"{path.name}: {run.clock:.0f} s ({run.processors:.0f} of processors), {run.megabytes:.0f} MB")
    assert run.megabytes <= budgets.MEGABYTES, run.megabytes
    stated = Lesson.read(path).stated
    assert run.megabytes <= 1.25 * stated[2], f"the header says {stated[2]} MB, it was {run.megabytes:.0f}"
    faults = blanks.complaints(path, run.answers)
    assert not faults, "\n".join([path.name, *faults])
    assert not wordless(run.notebook), "\n".join(wordless(run.notebook))
    assert not (tmp_path / "student").exists(), "a run without a student stored answers"
