"""Names of strangers in tables and terminals: harmless, and numbers stay numbers."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.course import summary
from kit.course.grade import Graded
from kit.files.harmless import cell, line, number, row, say

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
MANY = settings(max_examples=200, deadline=None)


STARTS = ("=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\r", "\t", "\ufeff=", "＝", "'=", "\x00=")


@pytest.mark.parametrize("start", STARTS)
def test_no_text_is_a_formula(start):
    made = cell(f"{start}1+1")
    assert made[0] not in f"{SIGNS}\t\r\n\0" and not made.lstrip().startswith(tuple(SIGNS))


def test_a_semicolon_begins_no_formula_either():
    """A comma-separated table opened where Windows separates by semicolons."""
    assert cell("Ada;=1+1; -2;x") == "Ada;'=1+1;' -2;x" or "; '-2" in cell("Ada;=1+1; -2;x")


@pytest.mark.parametrize(
    ("value", "text"),
    [(-2, "-2"), (-2.5, "-2.5"), (0.1 + 0.2, "0.3"), (1 / 3, "0.33333"), (2 / 3, "0.66667"), (1234567.25, "1234567.25")]
    + [(-0.0000001, "0"), (1e-9, "0"), (100.0, "100"), (1e15, "1000000000000000")]
    + [(float("nan"), ""), (float("inf"), "")],
)
def test_numbers_stay_numbers(value, text):
    assert cell(value) == text == number(value)


def test_texts_that_look_like_numbers_stay_as_they_are():
    assert row(["001", "1e3", "NA", "", None, True]) == ["001", "1e3", "NA", "", "", "True"]


@MANY
@given(st.text())
def test_any_text_is_one_harmless_cell(text):
    made = io.StringIO()
    csv.writer(made).writerow(row([text, "next"]))
    assert len(made.getvalue().splitlines()) <= 1 or not text
    for delimiter in ",;\t":
        for cells in csv.reader(io.StringIO(made.getvalue()), delimiter=delimiter):
            assert not any(each.lstrip(" '\"").startswith(tuple(SIGNS)) and "'" not in each for each in cells)
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in cell(text))


@MANY
@given(st.text())
def test_any_text_is_one_line_of_a_terminal(text):
    shown = line(text)
    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown)
    assert not any(unicodedata.category(c) == "Cf" and c not in "\u200c\u200d" for c in shown)
    if text.isascii() and text.isprintable():
        assert shown == text


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_a_terminal_of_any_letters(encoding):
    screen = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    say("李明 \udcff \x1b[2J\nnext", screen)
    screen.flush()
    said = screen.buffer.getvalue().decode(encoding)
    assert said.endswith("next\n") and "\x1b" not in said and len(said.splitlines()) == 2


def test_the_table_of_reasons_and_the_summary(tmp_path):
    """What a hand-in may bring into both: a folder's name, an error, a reason."""
    graded = Graded("=1+1\x1b[2J", "sums", notes=["@x\nadmin: all is well"])
    graded.scores = [{"test": "t", "points": -1.5, "most": 2.0, "reasons": ["=cmd|' /C calc'!A0", "\x07"]}]
    (path,) = summary.write_table(tmp_path, [graded])
    _, (student, test, points, most, reasons, attention, _) = csv.reader(path.open(encoding="utf-8"))
    assert (test, points, most) == ("t", "-1.5", "2")
    assert student[0] == reasons[0] == attention[0] == "'" and "\x07" not in reasons
    assert len(summary.table([graded]).splitlines()) == 1 and "\x1b" not in summary.table([graded])
