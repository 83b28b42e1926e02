"""Blanks answer in a sentence: right, a mistake by its name, what is wanted; never a traceback, never silence."""

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell

from kit.teaching import blank
from kit.teaching.blanks import in_words
from kit.teaching.verdicts import verdict


def said(given, right, mistakes=None, **more) -> str:
    return verdict(given, right, (mistakes or {}).items(), "Think again.", **more)


@pytest.mark.parametrize(
    "given, right",
    [
        (0.16667, 1 / 6),
        (np.float32(0.5), 0.5),
        (torch.tensor(0.5, requires_grad=True), 0.5),
        ([1, 2], np.array([1.0, 2.0])),
        (np.bool_(True), True),
        ("shape", "shape"),
        (3, 3.0),
        (0.0, 0),
        (np.zeros(3), np.zeros(3)),
    ],
)
def test_right_answers_are_right_in_whatever_dress(given, right):
    assert said(given, right) == "right."


@pytest.mark.parametrize(
    "given, right, words",
    [
        (..., 1, "still blank. Think again."),
        ([1, ...], [1, 2], "still blank. Think again."),
        ((..., [..., 1]), 1, "still blank. Think again."),
        (2, 1, "not yet, it is 2. Think again."),
        (1.01, 1, "not yet, it is 1.01. Think again."),
        ("one", 1, "not yet, one number is wanted, this is the text 'one'. Think again."),
        (None, 1, "not yet, one number is wanted, this is of type NoneType. Think again."),
        ([1, 2], 1, "not yet, one number is wanted, this is an array of shape (2,). Think again."),
        ([[1], [2, 3]], 1, "not yet, one number is wanted, this is of type list. Think again."),
        (np.nan, 1, "not yet, it holds nan or infinity. Think again."),
        (
            np.ones((3, 2)),
            np.ones((2, 3)),
            "not yet, an array of shape (2, 3) is wanted, this is an array of shape (3, 2). Think again.",
        ),
        ([1, 3], [1, 2], "not yet, the shape is right, 1 of 2 numbers are not. Think again."),
        (1, True, "not yet, True or False is wanted. Think again."),
        (len, 1, "not yet, one number is wanted, this is a function. Think again."),
        (1j, 1, "not yet, one number is wanted, this is of type complex. Think again."),
        ("ones", np.ones(3), "not yet, an array of shape (3,) is wanted, this is the text 'ones'. Think again."),
        (1, "one", "not yet, the text 'one' is wanted, this is one number. Think again."),
    ],
)
def test_everything_else_gets_a_sentence(given, right, words):
    assert said(given, right) == words


def test_a_likely_mistake_is_called_by_its_name():
    mistakes = {"That is the plain one.": 3, "Divide.": [2, 4]}
    assert said(3.0, 4, mistakes) == "not yet. That is the plain one."
    assert said(np.array([2, 4]), 4, mistakes) == "not yet. Divide."
    assert said(3, 3, mistakes) == "right."  # on these data the mistake makes no difference


def test_functions_are_tried():
    def tried(function):
        wrong = {"That adds once.": lambda a, b: a + b}
        return said(function, lambda a, b: a + 2 * b, wrong, on=[(1, 2), (3, np.ones(2))])

    assert tried(lambda a, b: a + b + b) == "right."
    assert tried(lambda a, b: b + a) == "not yet. That adds once."
    assert tried(lambda a, b: None) == tried(lambda a, b: ...) == "nothing returned yet. Think again."
    assert tried(lambda a, b: 5) == "not yet, an array of shape (2,) is wanted, this is one number. Think again."
    assert tried(7) == "not yet, a function is wanted, this is one number. Think again."
    assert tried(lambda a: a).startswith("not yet. It stops: TypeError: ")
    assert tried(lambda a, b: a / 0).startswith("not yet. It stops: ZeroDivisionError: division by zero")


def test_trying_a_function_leaves_the_data_alone():
    numbers = np.ones(3)

    def careless(x):
        x[:] = 0
        return x

    said(careless, lambda x: 2 * x, on=[(numbers,)])
    assert numbers.sum() == 3


@pytest.fixture
def run(capsys):
    """Run a cell as a notebook does; what it shows, and whether it went well."""
    shell = InteractiveShell(colors="nocolor")
    in_words(shell)

    def run(cell):
        good = shell.run_cell(cell, store_history=True).success
        return capsys.readouterr().out.strip(), good

    return run


def test_an_error_in_a_cell_with_a_blank_is_one_sentence(run):
    words, good = run("a = 1\nb = np.mean(a)  # <- your turn")
    assert words == "Line 2 stops, `b = np.mean(a)  # <- your turn`: NameError: name 'np' is not defined" and not good


def test_a_blank_in_the_middle_of_a_line_is_called_blank(run):
    assert run("a = 2 * ...  # <- your turn")[0].endswith("a part of it is still blank (...)")


def test_what_is_no_python_is_said_in_a_sentence(run):
    words, good = run("a = 1\nb = (a + 1  # <- your turn")
    assert (
        words == "Line 2 is not Python yet, `b = (a + 1  # <- your turn`: a bracket or a quotation mark is not closed"
    )
    assert not good
    assert "Traceback" not in run("b = = 3  # <- your turn")[0]
    assert "SyntaxError" in run("b = = 3")[0], "elsewhere as always"


def test_mistakes_are_evaluated_when_they_are_needed(beside, capsys):
    beside("## Blank 08-x\nHint: Think.\n- Right: `1`\n- `1 / 0`: Costly.\n")
    assert blank("08-x", 1) and not blank("08-x", ...)
    with pytest.raises(ZeroDivisionError):
        blank("08-x", 2)


def test_errors_elsewhere_keep_their_traceback(run):
    words, good = run("def f():\n    return 1 / 0\nf()")
    assert "Traceback" in words and words.endswith("division by zero") and not good


def test_the_line_of_the_students_function_is_named(run):
    run("def mine(x):\n    ...  # <- your turn\n    return x / 0")
    assert run("mine(1)")[0] == "Line 3 stops, `return x / 0`: ZeroDivisionError: division by zero"


def test_a_shell_goes_on_after_an_error(run):
    run("1 / 0  # <-")
    assert run("print(6 * 7)") == ("42", True)


# ---- texts beside the lesson


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """Write questions/08.md beside the notebook that is being run."""

    def write(text):
        (tmp_path / "questions").mkdir(exist_ok=True)
        (tmp_path / "questions/08.md").write_text(text, encoding="utf-8")

    monkeypatch.chdir(tmp_path)
    return write


GOOD = """# Questions

## Blank 08-sum
Hint: Add them.
- Right: `numbers.sum()`
- `numbers.mean()`: That is the mean: add, do not divide.

## Blank 08-twice
On: `[(1,), (2.5,)]`
Hint: Two of them.
- Right: `lambda x: 2 * x`
"""


def test_a_blank_is_judged_by_what_stands_beside_the_lesson(beside, capsys, monkeypatch):
    beside(GOOD)
    monkeypatch.setitem(globals(), "numbers", np.array([1, 2, 6]))
    assert blank("08-sum", 9) and not blank("08-sum", 3.0) and not blank("08-sum", ...)
    assert blank("08-twice", lambda x: x + x)
    assert capsys.readouterr().out.splitlines() == [
        "sum: right.",
        "sum: not yet. That is the mean: add, do not divide.",
        "sum: still blank. Add them.",
        "twice: right.",
    ]


def test_a_text_that_was_edited_is_read_again(beside, capsys):
    beside(GOOD)
    blank("08-twice", ...)
    beside(GOOD.replace("Two of them.", "Deux fois, s'il vous plaît."))
    blank("08-twice", ...)
    assert "Deux fois, s'il vous plaît." in capsys.readouterr().out


@pytest.mark.parametrize(
    "text, complaint",
    [
        (GOOD.replace("08-sum", "08-total"), "has no 'Blank 08-sum'; it has 08-total, 08-twice"),
        (GOOD.replace("Hint: Add them.\n", ""), "line 3: Blank 08-sum needs a line 'Hint: ...'"),
        (
            GOOD.replace("- Right: `numbers", "- Rihgt: `numbers"),
            "line 3: Blank 08-sum needs '- Right: `code`' or '- `code`: words' in place of '- Rihgt: ",
        ),
        (
            GOOD.replace("`: That is the mean", "` That is the mean"),
            "needs '- Right: `code`' or '- `code`: words' in place of '- `numbers.mean",
        ),
    ],
)
def test_a_slip_in_the_texts_is_named_with_its_line(beside, text, complaint):
    beside(text)
    with pytest.raises(ValueError, match=complaint):
        blank("08-sum", 9)


def test_a_lesson_without_its_texts_says_what_to_do(beside):
    with pytest.raises(
        ValueError, match=r"no questions/99.md beside the lesson: copy the folder lessons/questions there"
    ):
        blank("99-sum", 9)
