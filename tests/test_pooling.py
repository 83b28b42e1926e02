"""Pooling a class: nobody's name, every good file, and a word about each bad one."""

import numpy as np
import pandas as pd
import pytest

from kit.__main__ import main
from kit.behavior import pooling, ratings

PEOPLE = ["Zoë", "Ben", "Ann", "=cmd"]


def session(name: str, identity: str = "Ada", n: int = 12, rating=None) -> pd.DataFrame:
    rng = np.random.default_rng(PEOPLE.index(name) if name in PEOPLE else 99)
    table = {
        "observer": name, "identity": identity, "trial": np.arange(n), "choice": rng.integers(0, 6, n),
        "rating": rng.integers(1, 7, n) if rating is None else rating, "rt_choice_ms": rng.uniform(500, 3000, n),
    }  # fmt: skip
    return ratings.validate(pd.DataFrame(table))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "class"
    for name in PEOPLE:
        ratings.write(session(name), folder / f"{name.strip('=')}.csv")
    return folder


def test_the_class_is_there_and_no_name(folder, tmp_path, capsys):
    out = tmp_path / "class.csv"
    assert main(["pool", str(folder), "-o", str(out)]) == 0
    assert "4 observers, 48 trials of 4 files" in capsys.readouterr().out
    text, table = out.read_text(), ratings.read(out)
    assert not [name for name in [*PEOPLE, "cmd"] if name in text]
    assert sorted(table["observer"].unique()) == [f"observer {k:02d}" for k in range(1, 5)]
    assert (table["rt_choice_ms"] % 10 == 0).all()
    answers = {tuple(rows.sort_values("trial")["rating"]) for _, rows in table.groupby("observer")}
    assert answers == {tuple(session(name)["rating"]) for name in PEOPLE}, "nothing but names and times was changed"


def label_of(table: pd.DataFrame, name: str) -> str:
    """The label of a person, whom the test knows by the answers."""
    same = [o for o, rows in table.groupby("observer") if rows["rating"].tolist() == session(name)["rating"].tolist()]
    return same[0]


def test_the_numbers_depend_on_the_secret_alone(folder):
    def order(salt):
        table = pooling.pool(folder, salt).table
        return [label_of(table, name) for name in PEOPLE]

    assert order("s") == order("s")
    assert len({tuple(order(str(k))) for k in range(12)}) > 4, "the numbers say nothing about names or files"
    assert len({tuple(order(None)) for _ in range(12)}) > 4, "without one they are drawn"


def test_bad_files_are_named_and_the_others_pooled(folder, tmp_path, capsys):
    (folder / "broken.csv").write_text("observer,identity,trial,choice,rating\nx,Ada,0,1,7\n")
    (folder / "sheet.CSV").write_bytes(b"PK\x03\x04xxxx")
    (folder / "notes.txt").write_text("not a table")
    out = tmp_path / "class.csv"
    assert main(["pool", str(folder), "-o", str(out)]) == 1
    told = capsys.readouterr()
    assert "refused broken.csv\n  broken.csv: 1 problem in 1 row\n  line 2: rating is 7" in told.err
    assert "refused sheet.CSV" in told.err and "Excel" in told.err and "notes.txt" not in told.err
    assert "4 observers" in told.out and len(ratings.read(out)) == 48


def test_one_person_in_two_files_is_one_observer_and_said_so(folder, tmp_path, capsys):
    ratings.write(session("Ben", "Kofi"), folder / "again.csv")
    assert main(["pool", str(folder), "-o", str(tmp_path / "c.csv")]) == 0
    told = capsys.readouterr().out
    assert "4 observers, 60 trials of 5 files" in told
    assert "'Ben' is in Ben.csv, again.csv: taken as one person" in told


def test_two_people_of_one_name_are_not_mixed_up(folder, tmp_path, capsys):
    ratings.write(session("Ben", rating=3), folder / "ben2.csv")
    assert main(["pool", str(folder), "-o", str(tmp_path / "c.csv")]) == 1
    told = capsys.readouterr()
    assert "refused ben2.csv" in told.err and "Ben.csv, line 2 and ben2.csv, line 2" in told.err
    assert "4 observers, 48 trials" in told.out


def test_a_pool_in_the_folder_is_not_pooled_again(folder, capsys):
    out = folder / "class.csv"
    assert [main(["pool", str(folder), "-o", str(out)]) for _ in range(2)] == [0, 0]
    assert capsys.readouterr().out.count("4 observers, 48 trials of 4 files") == 2


def test_nothing_to_pool_is_an_error(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["pool", str(tmp_path / "empty")]) == 2
    assert "holds no CSV file" in capsys.readouterr().err
    assert main(["pool", str(tmp_path / "none")]) == 2
    (tmp_path / "empty" / "a.csv").write_text("")
    assert main(["pool", str(tmp_path / "empty"), "-o", str(tmp_path / "c.csv")]) == 2
    assert "no file could be used" in capsys.readouterr().err and not (tmp_path / "c.csv").exists()
