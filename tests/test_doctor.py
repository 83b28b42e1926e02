"""The doctor: break an assignment in each way, and read what a student is told."""

import re
import shutil
import sys

import nbformat
import pytest
import small_course
from assignment_source import SOURCE
from nbformat.v4 import new_code_cell, new_output
from small_course import answered, cell

from kit.__main__ import main
from kit.teaching import doctor
from kit.teaching.doctor import examine

pytest.importorskip("nbgrader", reason="pip install 'shared-features[grade]'")


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    return small_course.make(tmp_path_factory.mktemp("course"))


@pytest.fixture
def student(tmp_path, released):
    """Saves a notebook as a student's and looks over it; with the released file to hand unless `alone`."""

    def look(notebook, alone=False, name="sums.ipynb", **options):
        path = tmp_path / name
        nbformat.write(notebook, path)
        given = {} if alone else {"release": released}
        return examine(path, **{"run": False, "seconds": 3} | given | options)

    look.folder = tmp_path
    return look


def words(examination, n=1):
    """The text of the findings, of which there must be n."""
    text = str(examination)
    assert len(examination.findings) == n, text
    return text


def position(notebook, name):
    return notebook.cells.index(cell(notebook, name))


def copied(notebook, name):
    """A copy as JupyterLab makes it: with nbgrader's metadata, and an id of its own."""
    return nbformat.from_dict(cell(notebook, name) | {"id": f"{name}-again"})


def fixed(examination):
    return nbformat.read(examination.copy, as_version=4)


def test_good_work_is_told_so_with_its_points(student, released):
    found = student(answered(released), run=True)
    assert found.healthy and not found.findings
    text = str(found)
    assert "Nothing stands in the way" in text and "3 of 3  cell 3 “The weighted sum”" in text
    assert "tests are run after you hand in" in text and "a person grades it" in text


def test_reasons_of_visible_tests_are_repeated(student, released):
    wrong = answered(released, total="def total(inputs, weights, bias):\n    return bias")
    text = str(student(wrong, run=True))
    assert "1 of 3  cell 3" in text and "✗ 0 of 2: a weight multiplies its input" in text


@pytest.mark.parametrize("alone", [False, True])
def test_a_copied_cell(student, released, alone):
    notebook = answered(released)
    notebook.cells.insert(3, copied(notebook, "test-total"))
    found = student(notebook, alone, fix=True)
    assert "cells 3 and 4 are copies of one graded cell, and only the last of them counts" in words(found)
    assert "delete cell 4" in words(found)
    assert "nbgrader" not in fixed(found).cells[3].metadata and fixed(found).cells[3].source
    assert not examine(found.copy, run=False).findings[1:], "only the name of the copy is left to mend"


def test_an_answer_in_a_copy_is_kept(student, released):
    """The student left the cell alone and wrote into a copy above it: nbgrader would count the blank one."""
    notebook = answered(released)
    notebook.cells.insert(1, copied(notebook, "total"))
    blank = cell(nbformat.read(released, as_version=4), "total").source
    notebook.cells[2].source = blank
    mended = fixed(student(notebook, fix=True))
    assert cell(mended, "total").source == small_course.RIGHT["total"] and mended.cells[2].source == blank


def test_two_different_answers_are_the_students_to_choose(student, released):
    notebook = answered(released)
    notebook.cells.insert(1, copied(notebook, "double"))
    notebook.cells[1].source = "def double(x):\n    return 3 * x"
    found = student(notebook, fix=True)
    assert "delete the one that shall not count" in str(found) and found.copy is None


@pytest.mark.parametrize("name", ["test-double", "total", "task-bias"])
def test_a_deleted_cell(student, released, name):
    notebook = answered(released)
    del notebook.cells[position(notebook, name)]
    found = student(notebook, fix=True)
    text = str(found)
    assert "is gone" in text and "copy it from the notebook that was handed out" in text
    ids = [c.metadata.get("nbgrader", {}).get("grade_id") for c in fixed(found).cells]
    before = [c.metadata.get("nbgrader", {}).get("grade_id") for c in nbformat.read(released, as_version=4).cells]
    assert ids == before


def test_a_deleted_test_is_noticed_without_the_released_file(student, released):
    notebook = answered(released)
    del notebook.cells[position(notebook, "test-double")]
    text = words(student(notebook, alone=True))
    assert "the title promises 12 points, but the cells bring 10: a graded cell was deleted" in text


def test_the_released_file_is_found_in_the_course_folder(released):
    notebook = answered(released)
    del notebook.cells[position(notebook, "test-double")]
    work = released.parents[2] / "mine" / "sums.ipynb"
    work.parent.mkdir()
    nbformat.write(notebook, work)
    assert "a cell of the assignment is gone (“Twice as much”)" in str(examine(work, run=False))


def test_an_answer_turned_into_text(student, released):
    notebook = answered(released)
    at = position(notebook, "double")
    old = notebook.cells[at]
    notebook.cells[at] = nbformat.v4.new_markdown_cell(old.source, id=old.id, metadata=old.metadata)
    found = student(notebook, alone=True, fix=True)
    assert "this cell became markdown; it was handed out as code" in words(found)
    assert "choose “Code” in the toolbar's menu" in words(found)
    assert fixed(found).cells[at].cell_type == "code" and fixed(found).cells[at].source == old.source


@pytest.mark.parametrize("alone", [False, True])
def test_an_edited_test(student, released, alone):
    notebook = answered(released)
    cell(notebook, "test-double").source = "2"
    found = student(notebook, alone, fix=True)
    assert "cell 6 “2”: this cell belongs to the assignment and was changed" in words(found)
    assert (found.copy is None) == alone
    if found.copy:
        mended = fixed(found)
        assert cell(mended, "test-double").source == cell(nbformat.read(released, 4), "test-double").source
        assert mended.cells[position(mended, "test-double") + 1].source.endswith("2"), "nothing is thrown away"


def test_more_points_for_the_same_test(student, released):
    notebook = answered(released)
    cell(notebook, "test-double").metadata.nbgrader.points = 200
    assert "was changed" in str(student(notebook, alone=True))


def test_a_moved_test(student, released):
    notebook = answered(released)
    notebook.cells.append(notebook.cells.pop(position(notebook, "total")))
    text = words(student(notebook))
    assert "stood further up" in text and "order of the notebook" in text


@pytest.mark.parametrize(
    ("source", "line", "remedy"),
    [
        ("def double(x)\n    return 2 * x", "line 1 is not Python: `def double(x)`", "a colon is missing"),
        ("def double(x):\nreturn 2 * x", "line 2", "four spaces further right"),
        ("def double(x):\n    return (2 * x", "line 2", "close this bracket"),
        ("def double(x):\n    return 2 x", "line 2", "compare this line"),
        ("def double(x):\n    if x = 2:\n        return 4", "line 2", "`=` gives a name"),
        ("def double(x):\n    return “2”", "line 2", "type this sign anew"),
        ("return 2", "line 1", "into its function"),
    ],
)
def test_what_is_not_python(student, released, source, line, remedy):
    text = words(student(answered(released, double=source)))
    assert line in text and remedy in text and "nothing in this cell can be run" in text


def test_lines_for_ipython_are_allowed(student, released):
    assert not student(answered(released, double="%time 1\ndef double(x):\n    return 2 * x")).findings


def test_blank_answers(student, released):
    text = words(student(nbformat.read(released, as_version=4), run=True), n=3)
    assert text.count("this answer is blank") == 3 and "0 of 3  cell 3" in text
    assert "in place of the line `raise NotImplementedError()`" in text and "in place of “YOUR ANSWER HERE”" in text
    assert "3 of these cost points" in text


def test_a_deleted_explanation(student, released):
    notebook = answered(released)
    del notebook.cells[position(notebook, "answer-bias")]
    assert "no answer follows this task" in words(student(notebook))


def test_cells_run_out_of_order(student, released):
    """`scale` was defined below and run first; the saved output looks right."""
    notebook = answered(released)
    shown = [new_output("execute_result", {"text/plain": "6.0"}, execution_count=4)]
    notebook.cells.insert(1, new_code_cell("scale * 3.0", outputs=shown, execution_count=4))
    notebook.cells.append(new_code_cell("scale = 2.0", execution_count=3))
    text = words(student(notebook, run=True))
    assert "stops in line 1 with NameError: name 'scale' is not defined" in text
    assert "Its saved output looks right, but comes from an older state" in text
    assert "`scale` is defined further down, in cell 10 “scale = 2.0”: move that cell up" in text


def test_a_name_whose_cell_was_deleted(student, released):
    notebook = answered(released)
    notebook.cells.insert(1, new_code_cell("print(scale)"))
    assert "no cell defines `scale`: it was deleted or renamed" in words(student(notebook, run=True))


def test_points_that_an_older_kernel_gave(student, released):
    notebook = answered(released, double="def double(x):\n    return 3 * x")
    shown = [new_output("execute_result", {"text/plain": "2.0"}, execution_count=4)]
    cell(notebook, "test-double").outputs = shown
    assert "you saw 2.0 points here, run fresh it gives 0.0" in words(student(notebook, run=True))


def test_results_that_change(student, released):
    notebook = answered(released)
    shown = [new_output("stream", name="stdout", text="0.123\n")]
    notebook.cells.insert(1, new_code_cell("import random\nprint(random.random())", outputs=shown))
    found = student(notebook, run=True)
    assert "something else is shown than is saved, in cell 2" in words(found) and "without a seed" in words(found)
    assert found.healthy


def test_endless_loops_and_endless_output_are_stopped(student, released):
    notebook = answered(released)
    notebook.cells.insert(1, new_code_cell("while True:\n    pass"))
    notebook.cells.insert(2, new_code_cell("while True:\n    print('x' * 1000)"))
    text = words(student(notebook, run=True), n=2)
    assert "did not end within 3 seconds" in text and "whose condition never becomes false" in text
    assert "it prints without end" in text and "2 of 2  cell 8" in text, "the cells below are run all the same"


def test_a_cell_that_does_not_listen_is_ended(student, released):
    notebook = answered(released)
    deaf = "while True:\n    try:\n        while True: pass\n    except KeyboardInterrupt:\n        pass"
    notebook.cells.append(new_code_cell(deaf))
    assert "did not end within 1 seconds" in words(student(notebook, run=True, seconds=1))


def test_a_cell_that_ends_python(student, released):
    notebook = answered(released)
    notebook.cells.insert(1, new_code_cell("import os\nos._exit(0)"))
    text = words(student(notebook, run=True))
    assert "ends Python itself" in text and "0 of 3" in text


def test_questions_at_the_keyboard(student, released):
    notebook = answered(released)
    notebook.cells.insert(1, new_code_cell("n = input('how many? ')"))
    assert "nobody answers `input()` when it is graded" in words(student(notebook, run=True))


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import pandas as pd\nt = pd.read_csv('ratings.csv')", "there is no such file beside the notebook"),
        ("t = open('/home/ada/x.txt').read()", "a place that exists on your computer only"),
        ("import numpy as np\nt = np.load('../data/x.npy')", "a place that exists on your computer only"),
        ("from pathlib import Path\nt = Path('C:/x.txt').read_text()", "a place that exists on your computer only"),
        ("import pandas as pd\nt = pd.read_csv('https://x.org/a.csv')", "no network where it is graded"),
        ("t = open('own.txt').read()", "not a part of the assignment"),
    ],
)
def test_files_that_will_be_missing(student, released, source, what):
    (student.folder / "own.txt").write_text("mine")
    notebook = answered(released)
    notebook.cells.insert(1, new_code_cell(source))
    assert what in words(student(notebook))


def test_files_that_are_written_or_loaded_by_name_of_a_network_are_fine(student, released):
    notebook = answered(released)
    notebook.cells.insert(1, new_code_cell("open('out.txt', 'w').write('x')\nlambda networks: networks.load('viae')"))
    assert not student(notebook).findings


def test_a_huge_saved_output(student, released):
    notebook = answered(released)
    cell(notebook, "double").outputs = [new_output("stream", name="stdout", text="x" * 3_000_000)]
    found = student(notebook, fix=True)
    assert "its saved output holds 3 MB" in words(found) and found.copy.stat().st_size < 20_000


def test_a_copy_of_the_file_has_the_wrong_name(student, released):
    text = words(student(answered(released), name="sums-Copy1.ipynb"))
    assert "what is graded must be called sums.ipynb" in text


def test_a_notebook_of_ones_own(student):
    notebook = nbformat.v4.new_notebook(cells=[new_code_cell("1")])
    assert "no cell of this notebook belongs to an assignment" in words(student(notebook))


def test_fixing_never_touches_the_file_or_an_older_copy(student, released):
    notebook = answered(released)
    del notebook.cells[position(notebook, "test-double")]
    first = student(notebook, fix=True)
    before = first.path.read_bytes(), first.copy.read_bytes()
    second = examine(first.path, fix=True, run=False, release=released)
    assert (first.copy.name, second.copy.name) == ("sums.fixed.ipynb", "sums.fixed-2.ipynb")
    assert (first.path.read_bytes(), first.copy.read_bytes()) == before
    assert "hand the copy in as sums.ipynb" in str(second)


def test_without_nbgrader_the_rest_is_looked_at(student, released, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbgrader.utils", None)
    notebook = answered(released, double="def double(x)\n    return 1")
    text = words(student(notebook, alone=True), n=2)
    assert "pip install 'shared-features[grade]'" in text and "a colon is missing" in text


def test_at_the_command_line(student, released, capsys):
    path = student(answered(released)).path
    assert main(["doctor", str(path), "--no-run"]) == 0
    assert "Nothing stands in the way" in capsys.readouterr().out
    path.write_text('{"cells": [')
    assert main(["doctor", str(path)]) == 2
    assert "sums.ipynb is not a notebook any more" in capsys.readouterr().err
    assert main(["doctor", str(path.with_name("sum.ipynb"))]) == 2
    assert "in that folder is sums.ipynb" in capsys.readouterr().err


def test_inside_a_notebook(student, released, capsys, monkeypatch):
    """JupyterLab tells a kernel the notebook's name; the doctor's own fresh run does not call the doctor again."""
    notebook = answered(released)
    notebook.cells.append(new_code_cell("from kit.teaching import doctor\ndoctor()"))
    path = student(notebook).path
    monkeypatch.chdir(path.parent)
    monkeypatch.setenv("JPY_SESSION_NAME", "course/sums.ipynb")
    doctor(seconds=30)
    assert "Nothing stands in the way" in capsys.readouterr().out
    monkeypatch.delenv("JPY_SESSION_NAME")
    with pytest.raises(ValueError, match="say which notebook"):
        doctor()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(path.stem for path in SOURCE.glob("*/*.ipynb")))
def test_no_false_alarm_on_a_right_hand_in(name, tmp_path):
    """Each of the course's assignments, with its reference answers: nothing to mend, all visible points."""
    shutil.copy(SOURCE.parent / small_course.CONFIG, tmp_path)
    shutil.copytree(SOURCE / name, tmp_path / "source" / name)
    made = small_course.api(tmp_path).generate_assignment(name)
    assert made["success"], made["log"]
    notebook = nbformat.read(tmp_path / "release" / name / f"{name}.ipynb", as_version=4)
    answers = small_course.reference(SOURCE / name / f"{name}.ipynb")
    for each in notebook.cells:
        each.source = answers.get(each.id, each.source)
    nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    found = examine(tmp_path / f"{name}.ipynb")
    assert not found.findings, str(found)
    scores = [re.match(r" *([\d.]+) of ([\d.]+) ", line) for line in found.points]
    assert any(scores) and all(score[1] == score[2] for score in scores if score)
