"""One table of ratings in every dialect of spreadsheets: read as it was meant, or refused."""

import unicodedata
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.behavior import ratings
from kit.behavior._delimited import visible

HEAD = "observer,identity,trial,choice,rating,rt_choice_ms"
FAST = settings(max_examples=40, deadline=None, derandomize=True)
UNSEEN = ["", "\u200b", "\ufeff", "\u200f", "\u2060", "\u00ad", "\ufe0f"]


def read(tmp_path, text: str, encoding: str = "utf-8") -> pd.DataFrame:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode(encoding))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ratings.read(path)


def number(value: float, decimal: str, group: str) -> str:
    """A number as a spreadsheet of some country writes it, with two decimals."""
    whole, rest = f"{value:,.2f}".split(".")
    return whole.replace(",", group) + decimal + rest


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("dialects")


names = st.text(st.characters(codec="cp1252", exclude_categories=["C", "Z", "P", "S"]), min_size=1, max_size=12)
dialects = st.tuples(
    st.sampled_from([(",", ".", ""), (";", ",", "."), (";", ",", ""), ("\t", ",", "."), ("\t", ".", ","),
                     (";", ".", ""), (";", ",", "\u00a0"), (";", ",", "\u202f"), (";", ".", "'"),
                     ("\t", ".", "\u2019")]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)  # fmt: skip
times = st.lists(st.integers(0, 9_000_000).map(lambda n: n / 100), min_size=2, max_size=6)


@FAST
@given(names, dialects, times, st.sampled_from(["NFC", "NFD"]), st.sampled_from(UNSEEN))
def test_any_dialect_gives_the_same_table(folder, name, dialect, times, form, unseen):
    (delimiter, decimal, group), encoding, end = dialect
    who = unicodedata.normalize(form, name)
    rows = [(who + unseen, "Mei", str(k), "4", "3", number(t, decimal, group)) for k, t in enumerate(times)]
    text = end.join([HEAD.replace(",", delimiter), *(delimiter.join(row) for row in rows), ""])
    table = read(folder, text, encoding)
    assert table["observer"].unique().tolist() == [visible(name).strip()]
    assert np.allclose(table["rt_choice_ms"], times) and table["trial"].tolist() == list(range(len(times)))


@FAST
@given(names)
def test_windows_files_keep_their_letters(folder, name):
    name = "é" + unicodedata.normalize("NFC", name) + "é"  # never UTF-8 by accident
    table = read(folder, f"{HEAD}\n{name},Mei,0,4,3,\n", "cp1252")
    assert table["observer"].tolist() == [name]


@FAST
@given(st.text(min_size=1, max_size=40))
def test_a_spelling_is_stable_and_says_what_was_seen(text):
    once = visible(text)
    assert visible(once) == once and visible(unicodedata.normalize("NFD", once)) == once
    if text.isascii():
        assert once == text


@FAST
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_odd_names_are_kept_or_refused_and_come_back_from_a_file(folder, name):
    table = pd.DataFrame({"observer": [name], "identity": "Mei", "trial": 0, "choice": 4, "rating": 3})
    try:
        valid = ratings.validate(table)
    except ValueError as error:
        assert "observer is" in str(error)
        return
    back = ratings.read(ratings.write(valid, folder / "odd.csv"))
    assert back["observer"].tolist() == valid["observer"].tolist()


GERMAN = "observer;identity;trial;choice;rating;rt_choice_ms\n"


@pytest.mark.parametrize(
    ("cells", "right"),
    [
        (["1.234,5", "980,25"], [1234.5, 980.25]),
        (["1.234", "655,5"], [1234, 655.5]),
        (["1.234", "1.234.567"], [1234, 1234567]),
        (["1.234", "655.5"], [1.234, 655.5]),
        (["1234.567", "980.410"], [1234.567, 980.41]),
        (["1,234", "655.5"], [1234, 655.5]),
        (["0,123", "1,234"], [0.123, 1.234]),
        (["1.234", "980"], None),
        (["1,234", "980"], None),
        (["1.23.4", "980,5"], None),
        (["12.34,5", "980,5"], None),
    ],
)
def test_thousands_are_told_from_decimals_or_refused(tmp_path, cells, right):
    text = GERMAN + "".join(f"a;Mei;{k};4;3;{cell}\n" for k, cell in enumerate(cells))
    if right is None:
        with pytest.raises(ValueError, match="line 2: rt_choice_ms is 1"):
            read(tmp_path, text)
    else:
        assert read(tmp_path, text)["rt_choice_ms"].tolist() == right


def test_whole_numbers_with_thousands_points_are_not_cut(tmp_path):
    rows = [f"a;Mei;{trial};4;3;{ms}\n" for trial, ms in (("999", "655,5"), ("1.000", "980,25"), ("1.001", "1.234,5"))]
    table = read(tmp_path, GERMAN + "".join(rows))
    assert table["trial"].tolist() == [999, 1000, 1001] and table["rt_choice_ms"].tolist() == [655.5, 980.25, 1234.5]
    with pytest.raises(ValueError, match="trial is 1.000, which may be a thousand or a decimal"):
        read(tmp_path, GERMAN + "a;Mei;999;4;3;655\na;Mei;1.000;4;3;980\n")
    assert read(tmp_path, HEAD + "\na,Mei,1.000,4.000,3.000,655.250\n")["trial"].tolist() == [1], "printed with %.3f"


def test_numbers_for_names_keep_one_name():
    whole = pd.DataFrame({"observer": [1, 2], "identity": "Mei", "trial": 0, "choice": 4, "rating": 3})
    both = ratings.merge([whole, whole.assign(observer=[1.0, 2.0], trial=1)])
    assert sorted(both["observer"].unique()) == ["1", "2"]


def test_a_name_of_which_a_letter_was_lost_is_refused(tmp_path):
    with pytest.raises(ValueError, match="none of them lost"):
        read(tmp_path, f"{HEAD}\nZo\ufffd,Mei,0,4,3,\n")
