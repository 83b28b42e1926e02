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


# ---- nobody twice, nobody merged, nothing silently left out


def observers_told(out) -> int:
    return ratings.read(out)["observer"].nunique()


def test_the_last_pool_under_another_name_is_not_pooled(folder, capsys):
    assert main(["pool", str(folder), "-o", str(folder / "week1.csv")]) == 0
    assert main(["pool", str(folder), "-o", str(folder / "week2.csv")]) == 1
    told = capsys.readouterr()
    assert "refused week1.csv" in told.err and "is a pool itself" in told.err
    assert observers_told(folder / "week2.csv") == 4


def test_what_lies_deeper_or_is_another_kind_of_table_is_told(folder, tmp_path, capsys):
    ratings.write(session("Eve"), folder / "late" / "eve.csv")
    (folder / "bob.xlsx").write_bytes(b"PK\x03\x04")
    (folder / "__MACOSX" / "._x").mkdir(parents=True)
    (folder / "._Ann.csv").write_bytes(b"\x00\x05\x16\x07")  # macOS keeps its own notes so
    assert main(["pool", str(folder), "-o", str(tmp_path / "c.csv")]) == 1
    told = capsys.readouterr().err
    assert "refused late/\n  a table is in this sub-folder (eve.csv): move" in told
    assert "refused bob.xlsx\n  is no CSV file: save or export it as CSV" in told and "._Ann" not in told
    assert observers_told(tmp_path / "c.csv") == 4


ZOE = {
    "decomposed": "Zoe\u0308".encode(),
    "Windows-1252": "Zoë".encode("cp1252"),
    "UTF-16": "Zoë".encode("utf-16"),
    "a byte-order mark inside": "Zo\ufeffë".encode(),
    "marks of direction": "\u200eZoë\u200f".encode(),
    "no-break space at the end": "Zoë\u00a0".encode(),
    "zero-width space": "Z\u200boë".encode(),
    "a joiner between Latin letters": "Zo\u200dë".encode(),
    "soft hyphen": "Zo\u00adë".encode(),
}


@pytest.mark.parametrize("how", ZOE)
def test_one_name_in_two_spellings_is_one_person(tmp_path, how):
    head = "observer,identity,trial,choice,rating\n"
    rest = ",Mei,1,0,2\n"
    (tmp_path / "mon.csv").write_text(f"{head}Zoë,Mei,0,4,3\n", encoding="utf-8")
    name = ZOE[how] if how != "UTF-16" else "Zoë".encode()
    content = head.encode() + name + rest.encode()
    (tmp_path / "tue.csv").write_bytes(content.decode().encode("utf-16") if how == "UTF-16" else content)
    pooled = pooling.pool(tmp_path)
    assert pooled.table["observer"].nunique() == 1 and len(pooled.table) == 2 and not pooled.refused
    assert pooled.shared == {"Zoë": ["mon.csv", "tue.csv"]}
    assert pooled.guessed == ({"tue.csv": ["Zoë"]} if how == "Windows-1252" else {})


def test_quotation_marks_and_letters_of_windows_are_kept(tmp_path):
    for name, encoding in (("a.csv", "utf-8"), ("b.csv", "cp1252")):
        text = "observer,identity,trial,choice,rating\n" + "".join(
            f"{who},Mei,{len(name) + (encoding == 'utf-8')},4,3\n" for who in ("O’Brien", "Šárka", "Œuvre")
        )
        (tmp_path / name).write_bytes(text.encode(encoding))
    assert pooling.pool(tmp_path).table["observer"].nunique() == 3


@pytest.mark.parametrize(("who", "encoding"), [("José", "mac_roman"), ("José", "cp850"), ("Иван", "cp1251"),
                                               ("Νίκος", "cp1253"), ("佐藤", "cp932")])  # fmt: skip
def test_a_code_page_that_nobody_can_know_is_refused_with_the_remedy(tmp_path, who, encoding):
    text = f"observer,identity,trial,choice,rating\n{who},Mei,0,4,3\n"
    (tmp_path / "mon.csv").write_text(text, encoding="utf-8")
    (tmp_path / "tue.csv").write_bytes(text.replace("Mei,0", "Mei,1").encode(encoding))
    pooled = pooling.pool(tmp_path)
    assert pooled.table["observer"].nunique() == 1 and "UTF-8" in pooled.refused["tue.csv"]


def test_a_person_under_two_names_is_asked_about(folder, tmp_path, capsys):
    long = session("Ann", "Leo", n=30)
    ratings.write(long, folder / "ann_leo.csv")
    ratings.write(long.assign(observer="p07"), folder / "p07.csv")
    ratings.write(session("Ben", "Mei").assign(observer="ben"), folder / "small.csv")
    assert main(["pool", str(folder), "-o", str(tmp_path / "c.csv")]) == 0
    told = capsys.readouterr().out
    assert "'Ann' and 'p07': they gave the same answers to all 30 trials that both have" in told
    assert (
        "'Ben' and 'ben': their names differ in capitals, or in how a program wrote" in told
        and told.count("If they are one person") == 2
    )


@pytest.mark.parametrize("name", ["JosÃ©", "Ｊｏｓé", "JOSÉ"])
def test_a_name_that_a_program_wrote_otherwise_is_asked_about(tmp_path, name):
    for number, who in enumerate(("José", name)):
        rows = "".join(f"{who},Mei,{trial},{(trial + number) % 6},{1 + number}\n" for trial in range(3))
        (tmp_path / f"{number}.csv").write_text(f"observer,identity,trial,choice,rating\n{rows}", encoding="utf-8")
    assert [{*pair} for pair in pooling.pool(tmp_path).alike] == [{"José", name}]


@pytest.mark.parametrize("name", ["Ben.csv.txt", "Ben.txt", "Ben", "Ben.csv.gz", "Ben.csv.bak"])
def test_ratings_under_another_ending_are_told(folder, tmp_path, name):
    (folder / name).write_text("observer,identity,trial,choice,rating\nBen,Mei,0,1,2\n")
    (folder / "readme.txt").write_text("collected on Monday")
    found = pooling.pool(folder).refused
    assert "no CSV file" in found[name] and "readme.txt" not in found


def test_a_pool_whose_names_got_capitals_is_a_pool(folder):
    (folder / "x.csv").write_text("observer,identity,trial,choice,rating\nObserver 01,Mei,0,1,2\n")
    assert "is a pool itself" in pooling.pool(folder).refused["x.csv"]


def test_names_that_look_different_stay_apart(tmp_path):
    names = ["1", "01", "001", "1e3", "1000", "NA", "nan", "null", "ana", "Ana", "Aña"]
    names += ["علی\u200cرضا", "علیرضا"]  # these look different
    names += ["ﬁx", "fix", "x²", "x2", "A B", "AB"]
    rows = "".join(f"{name},Mei,0,4,3\n" for name in names)
    (tmp_path / "all.csv").write_text("observer,identity,trial,choice,rating\n" + rows, encoding="utf-8")
    pooled = pooling.pool(tmp_path)
    assert sorted(pooled.files["all.csv"]) == sorted(names) and pooled.table["observer"].nunique() == len(names)
