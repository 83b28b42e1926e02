"""What the doctor calls fine the grader grades, and neither stumbles, whatever the form of a notebook.

`KIT_FUZZ=500` tries more notebooks, `KIT_FUZZ_STORE=1` also puts each into a gradebook (about a second each).
"""

import contextlib
import io
import json
import os
import shutil
import warnings
from pathlib import Path

import nbformat
import odd_notebooks
import pytest
import small_course
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from small_course import RIGHT, answered, cell

pytest.importorskip("nbgrader", reason="pip install 'shared-features[grade]'")

from nbconvert.exporters import HTMLExporter

from kit.course import autograde, execute, grade
from kit.course.collect import collect
from kit.course.judge import Snapshot
from kit.course.sandbox import Limits
from kit.teaching import doctor_run
from kit.teaching import notebook as reader
from kit.teaching.doctor import examine

PAGES = HTMLExporter(template_name="classic")  # one: its templates take a second to compile
EXAMPLES, STORE = int(os.environ.get("KIT_FUZZ", 100)), "KIT_FUZZ_STORE" in os.environ


class Obliging:
    """Stands in for the sandboxed process of a hand-in whose functions are right: form is tried here, not walls."""

    trouble = []

    def __init__(self, *_):
        pass

    def __enter__(self):
        self.names = {}
        exec("\n".join(text for text in RIGHT.values() if text.startswith("def")), self.names)
        return self

    def __exit__(self, *_):
        pass

    def run(self, source):
        return [nbformat.v4.new_output("stream", text="ran")]

    def snapshot(self, number):
        return Snapshot(self.ask)

    def ask(self, what, about, seconds):
        if what == "look":
            return {name: {"function": True} for name in about["names"] if name in self.names}
        return {"data": self.names[about["name"]](*about["args"])}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    small_course.make(root)
    return root


@pytest.fixture(scope="module")
def released(course):
    return course / "release" / "sums" / "sums.ipynb"


@pytest.fixture(scope="module")
def right(released):
    return json.loads(nbformat.writes(answered(released)))


@pytest.fixture
def obliging(monkeypatch):
    monkeypatch.setattr(execute, "Student", Obliging)
    monkeypatch.setattr(doctor_run, "run", ran_well)


def ran_well(notebook, *_):
    return {n: doctor_run.Ran(printed="ran") for n, each in enumerate(notebook.cells) if each.cell_type == "code"}


def hand_in(course, content):
    """The file of a student, in the course's folder."""
    path = course / "submitted" / "ada" / "sums" / "sums.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def graded(course):
    """What the grader makes of it, the gradebook aside."""
    known = autograde.Course.at(course)
    (job,) = autograde.jobs(known, [("sums", "ada")], Limits())
    with contextlib.redirect_stderr(io.StringIO()) as said:
        result = grade.grade(job)
    assert said.getvalue() == ""
    if STORE and not result.error:
        autograde._save(known, result)
        assert result.points == 8.0, result
    return result


def examined(path, **options):
    """Whether the doctor finds that it can be graded, and the words; other errors than two come out."""
    try:
        found = examine(path, **options)
    except (ValueError, OSError) as error:
        return None, str(error)
    return found, str(found)


def on_odd_notebooks(examples):
    """Run a test on so many notebooks of odd structure, always the same."""
    usual = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}
    return lambda test: settings(max_examples=examples, **usual)(given(data=st.data())(test))


@on_odd_notebooks(EXAMPLES)
def test_odd_notebooks_get_sentences_and_the_same_from_both(course, released, right, data):
    same_from_both(course, released, right, data)


@pytest.mark.slow
@on_odd_notebooks(500)
def test_five_hundred_others_too(course, released, right, data):
    same_from_both(course, released, right, data)


def same_from_both(course, released, right, data):
    """Doctor and grader both read a notebook, or both refuse it in a sentence; what they make of it is whole."""
    content = data.draw(odd_notebooks.contents(right))
    path, alone = hand_in(course, content), data.draw(st.booleans())
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("error")
        patch.setattr(execute, "Student", Obliging)
        patch.setattr(doctor_run, "run", ran_well)
        options = {} if alone else {"release": released}
        found, said = examined(path, fix=True, **options)
        assert "Traceback" not in said and said.isprintable() or "\n" in said
        result = graded(course)
        event("read" if found else "refused")
        assert bool(found) == (not result.error), (said, result.error)
        assert found or ("is not a notebook any more" in said and "ask for a new one" in result.error)
        if found:
            (text,) = result.notebooks.values()
            made = nbformat.reads(text, as_version=4)
            nbformat.validate(made)
            PAGES.from_notebook_node(made)
            if found.copy:
                reader.read(found.copy)
                found.copy.unlink()


def harmless_changes():
    """Faults of form that cost nothing, each with its change."""

    def codes(n):
        return [each for each in n["cells"] if each["cell_type"] == "code"]

    def drop(*keys):
        return lambda n: [each.pop(key, None) for each in n["cells"] for key in keys]

    def crlf(n):
        for each in n["cells"]:
            each["source"] = "".join(each["source"]).replace("\n", "\r\n")

    def blanks(n):
        for each in n["cells"]:
            each["source"] = "".join(each["source"]).replace("\n", "  \n") + "\n\n"

    def as_lines(n):
        for each in n["cells"]:
            each["source"] = "".join(each["source"]).splitlines(keepends=True)

    return {
        "no outputs": drop("outputs"),
        "no counts": drop("execution_count"),
        "neither, nor ids": drop("outputs", "execution_count", "id"),
        "outputs without names": lambda n: [
            each.update(outputs=[{"output_type": "stream", "text": "ran"}, {"output_type": "execute_result"}])
            for each in codes(n)
        ],
        "outputs null": lambda n: [each.update(outputs=None) for each in codes(n)],
        "outputs of markdown": lambda n: [each.update(outputs=[], execution_count=None) for each in n["cells"]],
        "a note without metadata": lambda n: n["cells"].append({"cell_type": "markdown", "source": "note"}),
        "no minor number": lambda n: n.pop("nbformat_minor"),
        "an older minor number": lambda n: n.update(nbformat_minor=2),
        "a future one": lambda n: n.update(nbformat_minor=9),
        "no metadata": lambda n: n.pop("metadata"),
        "odd kernelspec": lambda n: n.update(metadata={"kernelspec": {"name": "python3"}, "language_info": 3}),
        "windows' line ends": crlf,
        "blanks at ends": blanks,
        "same ids": lambda n: [each.update(id="a") for each in n["cells"]],
        "odd ids": lambda n: [each.update(id="ä ö" * 40) for each in n["cells"]],
        "sources as lines": as_lines,
        "attachments of nothing": lambda n: [each.update(attachments={}) for each in n["cells"]],
        "sheets": lambda n: n.update(worksheets=[{"cells": n.pop("cells")}], nbformat=3, nbformat_minor=0),
    }


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("name", harmless_changes())
def test_harmless_faults_of_form_cost_nothing_and_are_no_changes(course, released, right, obliging, name, alone):
    made = json.loads(json.dumps(right))
    harmless_changes()[name](made)
    path = hand_in(course, json.dumps(made).encode())
    found, said = examined(path, **({} if alone else {"release": released}))
    assert found.healthy and not found.findings, said
    result = graded(course)
    assert result.error == "" and result.notes == [] and result.attention == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_of_other_editors_are_read(course, right, obliging, encoding):
    path = hand_in(course, json.dumps(right, ensure_ascii=False).encode(encoding))
    assert examined(path)[0].healthy and graded(course).error == ""


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "damaged in line 1"),
        (b"\x89PNG\r\n", "not text in UTF-8"),
        (b'{"cells": [', "damaged in line 1"),
        (b"[]", "no notebook"),
        (b"{}", "no list of cells"),
        (b'{"cells": [1]}', "cell 1 is neither code nor markdown nor raw"),
        (b'{"cells": [{"cell_type": "code", "source": 5}]}', "cell 1 holds something else than text"),
        (b'{"cells": [' + b"[]," * 1_100_000 + b"[]]}", "2,200,003 parts"),
        (b'{"cells": ' + b"[" * 100_000, "nested more than 200 deep"),
        (b'{"cells": [%s]}' % b",".join([b'{"cell_type": "raw", "source": ""}'] * 2001), "it has 2001 cells"),
        (b'{"cells": [], "x": "' + b"x" * reader.MOST_BYTES + b'"}', "more than 50 MB; clear its outputs"),
    ],
    ids=range(11),
)
def test_what_is_no_notebook_is_named_by_both_in_the_same_words(course, obliging, content, why):
    path = hand_in(course, content)
    found, said = examined(path)
    result = graded(course)
    assert found is None and why in said and why in result.error
    assert "Open an older version" in said and "ask for a new one" in result.error


def test_a_picture_that_was_left_behind_is_told_by_both(course, released, obliging):
    notebook = answered(released, answer_bias="As ![plot](attachment:plot.png) shows.")
    path = hand_in(course, nbformat.writes(notebook).encode())
    found, said = examined(path)
    assert "the picture 'plot.png' is not in this notebook" in said and not found.healthy
    result = graded(course)
    assert result.error == "" and any("'plot.png' is missing" in words for words in result.attention)


def test_a_picture_pasted_into_an_answer_is_kept(course, released, obliging):
    notebook = answered(released, answer_bias="As ![plot](attachment:plot.png) shows.")
    cell(notebook, "answer-bias").attachments = {"plot.png": {"image/png": "iVBORw0KGgo="}}
    hand_in(course, nbformat.writes(notebook).encode())
    result = graded(course)
    (text,) = result.notebooks.values()
    assert result.attention == [] and '"image/png": "iVBORw0KGgo="' in text


def test_what_is_for_the_students_screen_only_hides_nothing_from_the_grader(course, released, obliging):
    notebook = answered(released)
    cell(notebook, "answer-bias").metadata |= {"jupyter": {"source_hidden": True}, "tags": ["remove_cell"]}
    notebook.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    hand_in(course, nbformat.writes(notebook).encode())
    made = nbformat.reads(graded(course).notebooks["sums"], as_version=4)
    assert {*made.metadata} == {"kernelspec", "language_info"}
    assert all({*each.metadata} <= {"nbgrader"} for each in made.cells)


def test_codes_that_move_a_terminal_are_written_out(course, released, obliging):
    notebook = answered(released, double="def double(x)\n    return '\x1b[2J\u202e'")
    _, said = examined(hand_in(course, nbformat.writes(notebook).encode()))
    assert "\x1b" not in said and "\u202e" not in said and "a colon is missing" in said


def test_collect_takes_what_the_doctor_calls_fine(course, right, tmp_path):
    made = json.loads(json.dumps(right))
    made["cells"].append({"cell_type": "markdown", "source": "note"})
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "sums.ipynb").write_text(json.dumps(made))
    copy = shutil.copytree(course, tmp_path / "copy", ignore=shutil.ignore_patterns("submitted"))
    assert set(collect(Path(tmp_path / "ada").parent, "sums", copy).placed) == {"ada"}


@pytest.mark.slow
def test_formgraders_button_reads_them_too(course, right):
    made = json.loads(json.dumps(right))
    harmless_changes()["neither, nor ids"](made)
    made["cells"].append({"cell_type": "markdown", "source": "note"})
    hand_in(course, json.dumps(made).encode())
    known = autograde.Course.at(course)
    result = known.api.autograde("sums", "ada")
    assert result["success"], result["log"]
