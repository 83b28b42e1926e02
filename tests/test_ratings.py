"""Tables of ratings: what labs send is read whole or refused with the line and the remedy."""

import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kit import faces
from kit.behavior import ratings
from kit.behavior.observers import special
from kit.faces import stimuli
from kit.study import panels

HEADER = "observer,identity,phase,trial,choice,rating,seed,components,rt_choice_ms,rt_rating_ms"
ROW = "a,Ada,rate,0,1,3,5,8+8,1200.5,800"
SHORT = "observer,identity,trial,choice,rating\na,Ada,0,1,3\na,Ada,1,5,6\n"
GOOD = f"{HEADER}\n{ROW}\na,Ada,rate,1,0,6,5,8+8,,\n"


def row(**changes) -> str:
    """A file with a good trial on line 2 and a changed one on line 3."""
    cells = dict(zip(HEADER.split(","), ["a", "Ada", "rate", "1", "0", "6", "5", "8+8", "1000", "700"]))
    return f"{HEADER}\n{ROW}\n{','.join((cells | changes).values())}\n"


def swapped(old: str, new: str, text: str = SHORT) -> str:
    return text.replace(old, new)


# Read whole: what the file is -> its bytes.
CLEAN = {
    "plain": GOOD,
    "required columns only": SHORT,
    "UTF-8 with BOM": b"\xef\xbb\xbf" + SHORT.encode(),
    "UTF-16, little end first, BOM": SHORT.encode("utf-16"),
    "UTF-16, big end first, BOM": b"\xfe\xff" + SHORT.encode("utf-16-be"),
    "UTF-16 without BOM": SHORT.encode("utf-16-le"),
    "UTF-16 big end without BOM": SHORT.encode("utf-16-be"),
    "semicolons": swapped(",", ";"),
    "semicolons and decimal commas": swapped(",", ";", GOOD).replace("1200.5", "1200,5"),
    "tabs": swapped(",", "\t"),
    "CRLF": swapped("\n", "\r\n"),
    "CR": swapped("\n", "\r"),
    "no end of line at the end": SHORT.rstrip(),
    "blank lines": swapped("\n", "\n\n"),
    "blank lines first": "\n\n" + SHORT,
    "rows of delimiters only": SHORT + ",,,,\n,,,,\n",
    "everything quoted": "\n".join(",".join(f'"{c}"' for c in line.split(",")) for line in SHORT.split()),
    "spaces round cells": swapped(",", " , "),
    "header in capitals": swapped("observer,identity", "OBSERVER,Identity"),
    "header with spaces": swapped("rt_choice_ms", " RT choice ms ", GOOD),
    "other order of columns": "rating,choice,trial,identity,observer\n3,1,0,Ada,a\n6,5,1,Ada,a\n",
    "whole numbers as 3.0": "observer,identity,trial,choice,rating\na,Ada,0.0,1.0,3.0\na,Ada,1.0,5.0,6.00\n",
    "whole numbers as 3,0": "observer;identity;trial;choice;rating\na;Ada;0;1,0;3,0\na;Ada;1;5,0;6,0\n",
    "identity in small letters": swapped("Ada", "ada"),
    "empty optional cells": row(phase="", seed="5", rt_choice_ms="", rt_rating_ms="NA"),
    "components with spaces": row(components="8 + 8"),
    "sep= line of spreadsheets": "sep=;\n" + swapped(",", ";"),
    "plus sign": swapped("Ada,1,5,6", "Ada,+1,5,6"),
    "observers by number": swapped("a,Ada", "7,Ada"),
    "retests repeat": f"{HEADER}\n{ROW}\n" + "a,Ada,retest,0,1,3,5,8+8,,\n" * 3,
    "same trial of another seed": row(trial="0", seed="6"),
    "same trial of another identity": row(trial="0", identity="Kofi"),
}

# Refused: what the file is -> its bytes and the words that its reader needs.
BROKEN = {
    "empty": ("", ["bad.csv is empty", "export"]),
    "blank": ("\n \n\n", ["is empty"]),
    "header only": (HEADER + "\n", ["no trial below"]),
    "no header": ("a,Ada,0,1,3\n", ["first line is no header", "observer, identity", "comma, semicolon or tab"]),
    "other table": ("name,age\nx,3\n", ["is no header", "'name,age'"]),
    "pipes as delimiters": (swapped(",", "|"), ["is no header", "comma, semicolon or tab"]),
    "binary junk": (bytes(range(1, 256)) * 9, ["control characters", "export it again"]),
    "NUL bytes": (swapped("Ada,1", "A\x00da,1"), ["line 3", "NUL"]),
    "UTF-16 cut in the middle": (SHORT.encode("utf-16")[:-1], ["NUL"]),
    "Excel": (b"PK\x03\x04" + b"x" * 100, ["Excel", "CSV"]),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1" + b"x" * 100, ["old Excel"]),
    "PDF": (b"%PDF-1.7 ...", ["PDF", "CSV"]),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, ["picture"]),
    "compressed": (b"\x1f\x8b\x08" + b"\x00" * 50, ["compressed"]),
    "JSON lines": ('{"observer": "a", "rating": 3}\n', ["JSON", "export it first"]),
    "JSON list": ('[{"rating": 3}]', ["JSON"]),
    "web page": ("<!DOCTYPE html><html>", ["web page"]),
    "missing column": (swapped("rating", "score"), ["'rating' is missing", "required are"]),
    "misspelt column": (swapped("rating", "rateing"), ["'rating' is missing", "'rateing'"]),
    "column twice": (swapped("trial", "rating"), ["'rating' is there 2 times", "keep one"]),
    "column twice, other case": (swapped("trial", "Rating "), ["'rating' is there 2 times"]),
    "rating 7": (row(rating="7"), ["bad.csv: 1 problem", "line 3: rating is 7", "1 to 6"]),
    "rating 0": (row(rating="0"), ["line 3: rating is 0"]),
    "rating -1": (row(rating="-1"), ["line 3: rating is -1"]),
    "rating 3.5": (row(rating="3.5"), ["line 3: rating is 3.5", "whole number"]),
    "rating empty": (row(rating=""), ["line 3: rating is empty"]),
    "rating nan": (row(rating="nan"), ["line 3: rating is nan"]),
    "rating inf": (row(rating="inf"), ["line 3: rating is inf"]),
    "rating huge": (row(rating="9" * 400), ["line 3: rating is 9999"]),
    "rating 1e300": (row(rating="1e300"), ["line 3: rating is 1e300"]),
    "rating in words": (row(rating="very"), ["line 3: rating is very"]),
    "rating true": (row(rating="True"), ["line 3: rating is True"]),
    "rating in other digits": (row(rating="٣"), ["line 3: rating is ٣"]),
    "rating with underscore": (row(rating="0_3"), ["line 3: rating is 0_3"]),
    "choice 6": (row(choice="6"), ["line 3: choice is 6", "count from 1"]),
    "choice -1": (row(choice="-1"), ["line 3: choice is -1"]),
    "trial -2": (row(trial="-2"), ["line 3: trial is -2"]),
    "trial 1.5": (row(trial="1.5"), ["line 3: trial is 1.5"]),
    "trial with thousands": (row(trial='"1,000"'), ["line 3: trial is 1,000"]),
    "trial out of reach": (row(trial="20000"), ["line 3: trial is 20000", "19999"]),
    "seed negative": (row(seed="-5"), ["line 3: seed is -5"]),
    "seed rounded by a spreadsheet": (row(seed="1.2E+15"), ["line 3: seed is 1.2E+15"]),
    "stranger": (row(identity="Eve"), ["line 3: identity is Eve", "Ada, Mei, Leo, Kofi"]),
    "no identity": (row(identity=""), ["line 3: identity is empty"]),
    "unknown phase": (row(phase="practise"), ["line 3: phase is practise", "rate, retest, catch"]),
    "no observer": (row(observer="  "), ["line 3: observer is empty", "a name or number"]),
    "endless name": (row(observer="x" * 101), ["line 3: observer is xxx", "100 letters"]),
    "components as a date": (row(components="8. Aug"), ["line 3: components is 8. Aug", '"8+8"']),
    "too many components": (row(components="61+50"), ["line 3: components is 61+50", "60+50"]),
    "no components": (row(components="0+0"), ["line 3: components is 0+0"]),
    "negative time": (row(rt_choice_ms="-20"), ["line 3: rt_choice_ms is -20", "milliseconds"]),
    "infinite time": (row(rt_choice_ms="inf"), ["line 3: rt_choice_ms is inf"]),
    "time in words": (row(rt_rating_ms="fast"), ["line 3: rt_rating_ms is fast"]),
    "decimal comma in a comma file": (row(rt_rating_ms='"1,5"'), ["line 3: rt_rating_ms is 1,5"]),
    "formula as rating": (row(rating="=1+1"), ["line 3: rating is =1+1", "formula", "paste its value"]),
    "formula as observer": (row(observer="=HYPERLINK(1)"), ["line 3: observer is =HYPERLINK(1)", "formula"]),
    "command as observer": (row(observer="+cmd|' /C calc'!A0"), ["line 3: observer", "formula"]),
    "at sign as observer": (row(observer="@SUM(A1)"), ["line 3: observer", "formula"]),
    "minus as observer": (row(observer="-2+3"), ["line 3: observer", "formula"]),
    "a cell missing": (GOOD + "a,Ada,rate,2,0,3\n", ["line 4: has 6 cells, the header has 10"]),
    "a cell too many": (GOOD + "a,Ada,rate,2,0,3,5,8+8,1,1,9\n", ["line 4: has 11 cells"]),
    "a half line at the end": (GOOD + "a,A", ["line 4: has 2 cells"]),
    "quote never closed": (GOOD + '"a,Ada,rate,2,0,3,5,8+8,1,1\n', ["line 4", "quotation marks"]),
    "text after a quote": (GOOD + '"a"b,Ada,rate,2,0,3,5,8+8,1,1\n', ["line 4", "quotation marks"]),
    "endless cell": (GOOD + "x" * 200_000 + "\n", ["line 4", "endless"]),
    "a trial twice": (row(trial="0"), ["line 3: line 2 holds the same trial", "keep one"]),
    "a trial twice, other answer": (row(trial="0", rating="1"), ["line 3: line 2 holds the same trial"]),
    "lines after blank ones": (row(rating="8").replace("\n", "\n\n\n"), ["line 7: rating is 8"]),
    "lines after a cell of two lines": (
        f"{HEADER}\n" + ROW.replace("a,Ada", '"a\nb",Ada') + "\n" + ROW.replace(",3,", ",9,"), ["line 4: rating is 9"],
    ),
    "wrong in UTF-16": (row(rating="7").encode("utf-16"), ["line 3: rating is 7"]),
}  # fmt: skip


def written(tmp_path, content: str | bytes):
    path = tmp_path / "bad.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_there_are_many_malformed_files():
    assert len(BROKEN) >= 60 and len(CLEAN) >= 30


@pytest.mark.parametrize("what", CLEAN)
def test_a_clean_file_is_read_whole(tmp_path, what):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = ratings.read(written(tmp_path, CLEAN[what]))
    assert list(table.columns) == list(ratings.COLUMNS) and len(table) in (2, 4)
    assert table["rating"].iloc[0] == 3 and table["choice"].iloc[0] == 1 and table["identity"].iloc[0] == "Ada"
    assert [table[name].dtype for name in ("trial", "choice", "rating", "seed")] == ["int64"] * 4
    assert [table[name].dtype for name in ("rt_choice_ms", "rt_rating_ms")] == ["float64"] * 2
    assert set(table["phase"]) <= {"rate", "retest"} and set(table["components"]) <= {"8+8", "60+50"}


@pytest.mark.parametrize("what", BROKEN)
def test_a_malformed_file_is_refused_with_its_line_and_the_remedy(tmp_path, what):
    content, words = BROKEN[what]
    with pytest.raises(ValueError) as caught:
        ratings.read(written(tmp_path, content))
    message = str(caught.value)
    assert all(word in message for word in ["bad.csv", *words]), message
    assert len(message) < 1500 and "Traceback" not in message


def test_times_and_defaults_are_as_documented(tmp_path):
    table = ratings.read(written(tmp_path, CLEAN["semicolons and decimal commas"]))
    assert table["rt_choice_ms"].iloc[0] == 1200.5 and np.isnan(table["rt_choice_ms"].iloc[1])
    plain = ratings.read(written(tmp_path, SHORT))
    assert plain["phase"].tolist() == ["rate"] * 2 and plain["seed"].tolist() == [0, 0]
    assert plain["components"].tolist() == ["60+50"] * 2 and plain["rt_rating_ms"].isna().all()


def test_the_index_is_the_line_in_the_file(tmp_path):
    table = ratings.read(written(tmp_path, CLEAN["blank lines"]))
    assert table.index.name == "line" and table.index.tolist() == [3, 5]
    table.loc[5, "rating"] = 9
    with pytest.raises(ValueError, match="line 5: rating is 9"):
        ratings.validate(table)


def test_latin_1_is_read_with_a_warning(tmp_path):
    with pytest.warns(UserWarning, match="not UTF-8.*Latin-1"):
        table = ratings.read(written(tmp_path, swapped("a,Ada", "Zoë,Ada").encode("latin-1")))
    assert table["observer"].tolist() == ["Zoë", "Zoë"]


def test_further_columns_are_ignored_and_named(tmp_path):
    text = "mood," + SHORT.replace("\na", "\nfine,a")
    with pytest.warns(UserWarning, match="ignored the columns 'mood'"):
        table = ratings.read(written(tmp_path, text))
    assert len(table) == 2 and "mood" not in table


def test_all_problems_are_counted_and_ten_are_told(tmp_path):
    rows = "".join(f"a,Ada,{k},9,{7 + k % 2}\n" for k in range(20))
    with pytest.raises(ValueError) as caught:
        ratings.read(written(tmp_path, "observer,identity,trial,choice,rating\n" + rows))
    lines = str(caught.value).split("\n")
    assert lines[0] == "bad.csv: 40 problems in 20 rows" and lines[-1].strip() == "... and 30 more" and len(lines) == 12
    assert [line.split(":")[0].strip() for line in lines[1:5]] == ["line 2", "line 2", "line 3", "line 3"]


def test_what_is_no_file_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist: check the name"):
        ratings.read(tmp_path / "none.csv")
    with pytest.raises(IsADirectoryError, match="is a folder.*pool"):
        ratings.read(tmp_path)


def test_a_file_that_may_not_be_read_is_told(tmp_path, monkeypatch):
    path = written(tmp_path, SHORT)

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "read_bytes", refuse)  # chmod does not stop an administrator
    with pytest.raises(PermissionError, match="may not be read: change its permissions"):
        ratings.read(path)


def test_a_file_too_large_to_be_ratings_is_refused_unread(tmp_path):
    path = tmp_path / "big.csv"
    with open(path, "wb") as file:
        file.truncate(101_000_000)  # sparse: takes no room
    with pytest.raises(ValueError, match="101 MB, more than 100.*split"):
        ratings.read(path)


def test_a_long_file_is_read_in_reasonable_time(tmp_path):
    n = 60_000
    k = np.arange(n)
    table = pd.DataFrame(
        {"observer": (k // 7200).astype(str), "identity": np.array(list(stimuli.IDENTITIES))[k // 1800 % 4],
         "trial": k % 1800, "choice": k % 6, "rating": 1 + k % 6, "rt_choice_ms": 500.0 + k}
    )  # fmt: skip
    before = os.times().user
    path = ratings.write(table, tmp_path / "long.csv")
    back = ratings.read(path)
    assert os.times().user - before < 10, "a million trials take some twenty seconds"
    assert len(back) == n and np.array_equal(back["rating"], table["rating"])


def test_what_is_written_is_read_again(tmp_path):
    table = ratings.read(written(tmp_path, GOOD))
    names = ["=1+1", "'=x", "@you", "-", 'Zoë, "the" first', "a\nb", "+3"]
    table = pd.concat([table.assign(observer=name) for name in names], ignore_index=True)
    path = ratings.write(table, tmp_path / "new" / "out.csv")
    assert not [line for line in path.read_text().split("\n") if line.startswith(("=", "+", "-", "@"))]
    back = ratings.read(path)
    pd.testing.assert_frame_equal(back.reset_index(drop=True), table)
    assert [p.name for p in path.parent.iterdir()] == ["out.csv"], "nothing half written is left"


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = ratings.write(ratings.read(written(tmp_path, GOOD)), tmp_path / "out.csv")
    before = path.read_bytes()

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        ratings.write(ratings.read(written(tmp_path, SHORT)), path)
    assert path.read_bytes() == before and sorted(p.name for p in tmp_path.iterdir()) == ["bad.csv", "out.csv"]
    with pytest.raises(ValueError, match="row 0: rating is 7"):
        ratings.write(pd.DataFrame({"observer": ["a"], "identity": "Ada", "trial": 0, "choice": 0, "rating": 7}), path)
    assert path.read_bytes() == before


def test_tables_made_in_code_are_validated_too():
    table = special(faces.load())["shape user"].rate(stimuli.trials(faces.load().sample(1, "female"), 5, rng=0), 0)
    with pytest.raises(ValueError, match="'identity' is missing"):
        ratings.validate(table)
    valid = ratings.validate(table.assign(identity="Ada"))
    assert list(valid.columns) == list(ratings.COLUMNS) and valid["observer"].iloc[0] == "shape user"
    with pytest.raises(ValueError, match="survey: 1 problem in 5 rows\n  row 3: rating is nan"):
        ratings.validate(table.assign(identity="Ada", rating=[1.0, 2, 3, np.nan, 4]), "survey")


def test_merge_counts_what_is_there_twice_once(tmp_path):
    first = ratings.read(written(tmp_path, CLEAN["retests repeat"]))
    second = first.assign(observer="b")
    merged = ratings.merge([first, second, first])
    assert len(merged) == len(first) + len(second), "four trials each: three retests of one panel stay"
    later = first[first["phase"] == "retest"].assign(rating=5)
    assert len(ratings.merge([first, later])) == len(first) + len(later), "another retest is not a conflict"


def test_merge_refuses_two_answers_to_one_trial_and_names_both_lines(tmp_path):
    first = ratings.read(written(tmp_path, GOOD))
    second = ratings.read(
        written(tmp_path, row(trial="0", rating="1", observer="b").replace("a,Ada,rate,0,1,3", "a,Ada,rate,0,1,4"))
    )
    with pytest.raises(ValueError, match="x.csv, line 2 and y.csv, line 2\nkeep one of each, or rename"):
        ratings.merge([first, second], ["x.csv", "y.csv"])
    with pytest.raises(ValueError, match="pass one table"):
        ratings.merge([])


def test_panels_give_the_faces_that_were_seen(tmp_path):
    model = faces.load()
    table = pd.DataFrame(
        {"observer": ["b", "a", "a", "a", "a"], "identity": "Mei", "phase": ["rate"] * 4 + ["retest"],
         "trial": [2, 7, 2, 30, 7], "choice": [5, 0, 3, 1, 2], "rating": [1, 2, 6, 4, 3], "seed": 9,
         "components": "8+8"}
    )  # fmt: skip
    rated = {answers.observer: answers for answers in panels.answers(table)}
    series = stimuli.trials(stimuli.identities(model)["Mei"], 31, rng=9, components=(8, 8))
    told = rated["a"].series
    assert set(rated) == {"a", "b"} and (told.components, told.seed, told.length) == ("8+8", 9, 31)
    assert rated["a"].rating.tolist() == [6, 2, 4], "in the order of the panels"
    faces_chosen = told.trials().faces[rated["a"].chosen]
    for k, (trial, choice) in enumerate([(2, 3), (7, 0), (30, 1)]):
        assert rated["a"].trial[k] == trial
        assert np.array_equal(faces_chosen[k].texture, series.panel(trial)[choice].texture)


def test_panels_recover_who_rated_by_what(tmp_path):
    model = faces.load()
    trials = stimuli.trials(stimuli.identities(model)["Leo"], 150, rng=4)
    user = special(model)["shape user"]
    path = ratings.write(
        user.rate(trials, 0).assign(identity="Leo", seed=4).sample(frac=1, random_state=0), tmp_path / "u.csv"
    )
    (rated,) = panels.answers(ratings.read(path))
    again = rated.series.trials()
    nearness = -user.strategy.dissimilarity(again.faces[rated.chosen], again.target)
    assert np.corrcoef(nearness, rated.rating)[0, 1] > 0.5


def test_the_documented_example_is_read(tmp_path):
    page = (Path(__file__).parents[1] / "docs" / "ratings.md").read_text()
    table = ratings.read(written(tmp_path, page.split("```\n")[1]))
    assert table["phase"].tolist() == ["rate", "rate", "catch", "retest"] and set(table["components"]) == {"8+8"}
    assert all(f"`{name}`" in page for name in ratings.COLUMNS), "every column is explained"
