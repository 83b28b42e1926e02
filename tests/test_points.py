"""What a case says of an answer: points for what is right, a reason without values for what is not."""

import numpy as np
import pytest
import torch

from kit.teaching import grading


def named(value) -> str:
    """A test's name, the same in every process."""
    return getattr(value, "__name__", str(value)[:30])


def told(capsys, answer, expected, hidden=False, **more):
    """Points and the reason of one case."""
    points = grading.score(grading.case(1, "this", answer, expected, **more), hidden=hidden)
    line = capsys.readouterr().out.strip()
    return points, line.partition(" — ")[2]


RIGHT = [
    (3, 3), (3, 3.0), (True, True), ("a", "a"), (None, None), ([1, 2], np.array([1.0, 2.0])), ((1, 2), [1, 2]),
    (torch.ones(2), np.ones(2)), ([np.ones(2), 3], (np.ones(2), 3)), ({"a": 1}, {"a": 1.0}),
    ([np.ones(2), np.ones((2, 2))], [np.ones(2), np.ones((2, 2))]), (np.array(["a", "b"]), ["a", "b"]),
    (5, lambda got: got > 4), (np.nan, np.nan),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "expected"), RIGHT, ids=named)
def test_right_answers_of_every_form(capsys, answer, expected):
    assert told(capsys, lambda: answer, expected) == (1.0, "")


WRONG = [
    (None, 2.0, "it returns nothing (is `return` missing?)"),
    ([1, 3], [1, 2], "1 of 2 values are not right"),
    (np.ones(3), np.ones((3, 1)), "it has the shape (3,) where (3, 1) is asked for"),
    ([np.nan, 1], [0, 1], "it holds nan"),
    ([np.ones(5), 3.0], [np.zeros(5), 3.0], "part 1: 5 of 5 values"),
    ([np.ones(2), np.ones(3)], np.ones((2, 3)), "its parts have different lengths"),
    (3.0, [np.zeros(5), 3.0], "it must have 2 parts"),
    (np.float64(3), [np.zeros(5), 3.0], "it must have 2 parts"),
    ("three", 3, "it is not a number"),
    ({"a": 1, "b": 2}, {"a": 1, "b": 3}, "the entry 'b': the value is not right"),
    ({"a": 1}, {"b": 1}, "a dictionary with the entries b"),
    (7, lambda got: got < 5 or "it is too large", "it is too large"),
    (7, lambda got: got[0], "the form that is asked for"),
    (type("Yes", (), {"__eq__": lambda self, other: True})(), 1, "the answer is a Yes"),
]


@pytest.mark.parametrize(("answer", "expected", "reason"), WRONG, ids=named)
def test_wrong_answers_get_a_reason(capsys, answer, expected, reason):
    points, said = told(capsys, lambda: answer, expected)
    assert points == 0 and reason in said


def test_a_typical_mistake_is_named(capsys):
    assert told(capsys, lambda: 6.0, 7.0, mistakes={"the bias is missing": 6.0}) == (0.0, "the bias is missing")


def test_an_error_is_explained_and_a_hidden_one_tells_no_data(capsys):
    def secret():
        raise ValueError("the secret is 42")

    assert "ValueError: the secret is 42; two shapes do not fit" in told(capsys, secret, 1)[1]
    assert told(capsys, secret, 1, hidden=True)[1] == "your code stopped with an error, or did not end in time"


def raising(kind, line):
    """Code whose error comes from a line of its own choice."""
    names = {}
    exec(compile("\n" * line + f"def f(): raise {kind}('x')", "<cell a>", "exec"), names)
    return names["f"]


def endless():
    while True:
        pass


class Named:
    pass


TELLTALES = {
    "kinds": [raising(kind, 3) for kind in ("TypeError", "ValueError", "ZeroDivisionError", "SystemExit", "Warning")],
    "lines": [raising("ValueError", line) for line in (1, 1064, 9999)],
    "names": [lambda: type("Data1064", (), {})(), lambda: Named, lambda: {1064}],
    "time": [endless, raising("ValueError", 1)],
    "shapes": [lambda: np.zeros(1064), lambda: np.zeros((2, 3)), lambda: [1, [2, 3]]],
    "counts": [lambda: [0, 2, 3], lambda: [0, 0, 3], lambda: [0, 0, 0]],
    "values": [lambda: [np.nan] * 3, lambda: None, lambda: "text", lambda: [10**400] * 3, lambda: {"a": 1064}],
}


@pytest.mark.parametrize("name", TELLTALES)
def test_what_a_hidden_case_says_is_not_for_a_students_code_to_choose(capsys, name):
    """Whatever the code does with the hidden data, the reason is the same: it cannot carry them out."""
    said = {told(capsys, code, np.array([1, 2, 3]), hidden=True, seconds=0.2)[1] for code in TELLTALES[name]}
    (only,) = said
    assert not any(word in only for word in ("1064", "Error", "line", "shape", "of 3"))


def test_a_hidden_case_names_the_mistakes_that_its_author_wrote(capsys):
    mistakes = {"the bias is missing": 6.0}
    assert told(capsys, lambda: 6.0, 7.0, mistakes=mistakes, hidden=True)[1] == "the bias is missing"
    assert told(capsys, lambda: 7, lambda got: got < 5 or "it is too large", hidden=True)[1] == "it is too large"


def test_a_large_or_odd_answer_costs_its_case_only(capsys):
    deep = []
    for _ in range(190):
        deep = [deep]
    for answer in (deep, [10**400, 1], {"a": [None]}, [[1], [2, 3]], "\0"):
        assert told(capsys, lambda answer=answer: answer, np.ones(3))[0] == 0


def test_prints_warnings_and_endless_loops_stay_in_their_case(capsys):
    def noisy():
        import sys
        import warnings

        print("noise", file=sys.stderr)
        warnings.warn("noise", stacklevel=1)
        return 1

    def endless():
        while True:
            pass

    score = grading.score(
        grading.case(1, "noisy", noisy, 1),
        grading.case(1, "endless", endless, 1, seconds=0.2),
        grading.case(1, "c", int, 0),
    )
    shown = capsys.readouterr()
    assert score == 2 and shown.err == "" and "noise" not in shown.out and "TimeoutError" in shown.out


def test_secret_numbers_repeat_within_a_course_and_differ_between_courses(monkeypatch, tmp_path):
    def draw(name):
        return grading.rng(name).normal()

    monkeypatch.delenv("KIT_SECRET_FILE", raising=False)
    monkeypatch.setenv("KIT_SECRET_SEED", "autumn")
    autumn = draw("a/b")
    assert draw("a/b") == autumn != draw("a/c")
    monkeypatch.delenv("KIT_SECRET_SEED")
    (tmp_path / "secret").write_text("autumn\n")
    monkeypatch.setenv("KIT_SECRET_FILE", str(tmp_path / "secret"))
    assert draw("a/b") == autumn
    monkeypatch.setenv("KIT_SECRET_FILE", str(tmp_path / "nothing"))
    with pytest.raises(OSError, match="KIT_SECRET_FILE names"):
        draw("a/b")
