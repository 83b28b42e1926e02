"""Whose a file is: placed rightly, or told with the reason; never one person's in another's place."""

import json
import os
from unicodedata import normalize

import hand_ins
import pytest
from hand_ins import collected, moodle, notebook, placed, roster
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.__main__ import main
from kit.course.collect import collect
from kit.course.downloads import File, Stage
from kit.course.names import by_platform, whose
from kit.course.roster import Person as P
from kit.course.roster import as_id, called, find, read_roster, words
from kit.course.students import Known, identified

ADA, GRACE = "Ada Lovelace", "Grace Hopper"
PEOPLE = ("ada,Ada,Lovelace,12345", "grace,Grace,Hopper,")


@pytest.fixture
def course(tmp_path):
    return hand_ins.course(tmp_path / "course")


# ---- the platform's own, outermost name


@pytest.mark.parametrize(
    "path",
    [
        moodle(ADA, 1, moodle(GRACE, 124)),
        f"{ADA}_1_assignsubmission_file_/{moodle(GRACE, 124)}",
        f"{ADA}_1_assignsubmission_file_/{GRACE}_124_assignsubmission_file_/sums.ipynb",
        f"{ADA}_1_assignsubmission_file_/week_1_2_sums.ipynb",
        f"{ADA}_1_assignsubmission_file_/hoppergrace_23456_34567_sums.ipynb",
        f"{ADA}_1_assignsubmission_file_/grace/sums.ipynb",
    ],
)
@pytest.mark.parametrize("known", [(), PEOPLE])
def test_what_ada_writes_into_her_names_does_not_make_it_anothers(course, path, known):
    if known:
        roster(course, *known)
    out, whose_is = collected(course, {path: None, moodle(GRACE, 124): None})
    ada, grace = ("ada", "grace") if known else ("Ada_Lovelace", "Grace_Hopper")
    assert whose_is == {ada: path, grace: moodle(GRACE, 124)} and not out.unplaced


def test_in_canvas_too(course):
    path = f"lovelaceada_12345_67890_{moodle(GRACE, 124)}"
    assert collected(course, {path: None})[1] == {"lovelaceada_12345": path}


@pytest.mark.parametrize(
    "path",
    ["week_1_2_sums.ipynb", "ada/week_1_2_sums.ipynb", "ada/hw_2026_1120_sums.ipynb"]
    + ["homework_2026_11_sums.ipynb", "sums_2026_11_20.ipynb", "lab_2026_1120_sums.ipynb"],
)
def test_a_file_called_like_canvas_would_is_no_student(course, path):
    out, whose_is = collected(course, {path: None})
    assert not whose_is and path in out.unplaced


def test_a_short_number_of_canvas_counts_beside_a_long_one_or_in_the_roster(course):
    members = {"lovelaceada_12345_67890_sums.ipynb": None, "hoppergrace_2_3_sums.ipynb": None}
    assert set(collected(course, members)[1]) == {"lovelaceada_12345", "hoppergrace_2"}
    roster(course, "ada,Ada,Lovelace,1")
    assert "ada" in collected(course, {"lovelaceada_1_2_sums.ipynb": None})[1]


@pytest.mark.parametrize(
    "path",
    ["anon_Ab1cD_67890_sums.ipynb", "Participant_77_assignsubmission_file_sums.ipynb"]
    + [f"HW_ada_{word}_2026-11-20-23-30-00_sums.ipynb" for word in ("attempt", "Versuch", "tentative")],
)
def test_where_a_platform_hides_or_buries_the_name_nobody_is_invented(course, path):
    out, whose_is = collected(course, {path: None})
    assert not whose_is and path in out.unplaced


def test_a_class_of_one_name_is_a_platform_that_hides_names(course):
    out, whose_is = collected(course, {moodle("Teilnehmer", k): None for k in range(3)})
    assert not whose_is and "let the platform show the names" in str(out)


def test_folders_of_other_platforms(course):
    sakai = "sums/Lovelace, Ada(ada01)/Submission attachment(s)/sums.ipynb"
    brightspace = "12345-67890 - Grace Hopper - Nov 20, 2026 1130 PM/sums.ipynb"
    assert collected(course, {sakai: None, brightspace: None})[1] == {"ada01": sakai, "Grace_Hopper": brightspace}


# ---- folders above and below the student


TREES = {
    "Canvas's": ["week1/lovelaceada_12345_67890_sums.ipynb", "week1/hoppergrace_23456_67891_sums.ipynb"],
    "a folder inside each": ["ada/notebooks/sums.ipynb", "grace/notebooks/sums.ipynb"],
    "a folder around all": ["week1/ada/sums.ipynb", "week1/grace/sums.ipynb"],
    "both": ["week1/ada/nb/sums.ipynb", "week1/grace/sums.ipynb"],
    "files in a folder": ["week1/ada_sums.ipynb", "week1/grace_sums.ipynb"],
    "the system of Windows": ["ada\\nb\\sums.ipynb", "grace\\nb\\sums.ipynb"],
}


@pytest.mark.parametrize("paths", TREES.values(), ids=TREES)
def test_with_a_roster_folders_around_and_inside_do_no_harm(course, paths):
    roster(course, *PEOPLE)
    assert collected(course, dict.fromkeys(paths))[1] == dict(zip(("ada", "grace"), paths))


@pytest.mark.parametrize("paths", [*TREES.values(), ["ada/v1/sums.ipynb", "ada/v2/sums.ipynb"]])
def test_without_one_nobody_is_guessed(course, paths):
    out, whose_is = collected(course, dict.fromkeys(paths))
    assert not whose_is and set(out.unplaced) == set(paths)
    assert all("A roster.csv tells" in why for why in out.unplaced.values())


LURES = (
    *("Grase Hopper/ada/sums.ipynb", "Grase Hopper/ada_sums.ipynb", "ada/grace_sums.ipynb"),
    *("ada/hoppergrace_23456_67891_sums.ipynb", "Adda/hoppergrace_23456_67891_sums.ipynb"),
)


@pytest.mark.parametrize("path", LURES)
def test_a_name_further_in_is_not_taken_for_the_owner(course, path):
    roster(course, *PEOPLE)
    out, whose_is = collected(course, {path: None})
    assert not whose_is and path in out.unplaced


def test_a_folder_of_somebody_else_around_is_a_conflict(course):
    roster(course, *PEOPLE)
    path = f"ada/{moodle(GRACE, 1)}"
    out, whose_is = collected(course, {path: None})
    assert not whose_is and "several people of the roster: ada, grace" in out.unplaced[path]


# ---- two people, or one twice


@pytest.mark.parametrize("names", [("Иван Li", "Олег Li"), ("Zoë", "Zoe")])
def test_two_names_are_never_one_student(course, names):
    paths = [f"{name}/sums.ipynb" for name in names]
    out, whose_is = collected(course, dict.fromkeys(paths))
    assert not whose_is and set(out.unplaced) == set(paths)


def test_names_that_differ_in_capitals_only(course):
    out, whose_is = collected(course, {"Ada/sums.ipynb": None, "ada/sums.ipynb": None})
    assert not whose_is and len(out.unplaced) == 2
    collected(course, {"ada/sums.ipynb": None})
    out, whose_is = collected(course, {"Ada/sums.ipynb": None})
    assert whose_is == {"ada": "ada/sums.ipynb"} and "Only capitals differ" in str(out)


@pytest.mark.parametrize("known", [(), PEOPLE])
def test_one_person_from_two_sources_is_told_and_nobody_replaced(course, known):
    if known:
        roster(course, *known)
    first = moodle(ADA, 5)
    collected(course, {first: None})
    out, whose_is = collected(course, {first: None, "Ada Lovelace/sums.ipynb": None, moodle(GRACE, 6): None})
    assert sorted(whose_is.values()) == [first, moodle(GRACE, 6)]
    members = {first: notebook(course, "new"), "Ada Lovelace/sums.ipynb": None}
    out, again = collected(course, members, when=(2026, 11, 22, 0, 0, 0), force=True)
    assert again == whose_is and set(out.unplaced) == set(members)


def test_a_namesake_in_a_later_download_replaces_nobody(course):
    collected(course, {moodle(ADA, 1): None})
    out, whose_is = collected(course, {moodle(ADA, 2): None}, when=(2026, 11, 22, 0, 0, 0))
    assert whose_is == {"Ada_Lovelace": moodle(ADA, 1)} and "somebody else of this name?" in str(out)
    out, whose_is = collected(course, {moodle(ADA, 1): None, moodle(ADA, 2): None})
    assert whose_is == {"Ada_Lovelace": moodle(ADA, 1), "Ada_Lovelace_2": moodle(ADA, 2)}, "the first keeps her id"


def test_a_number_that_comes_again_under_another_name_is_somebody_else(course):
    collected(course, {moodle(ADA, 1): None})
    assert set(collected(course, {moodle(GRACE, 1): None})[1]) == {"Ada_Lovelace", "Grace_Hopper"}


def test_another_number_of_canvas_is_another_person(course):
    roster(course, *PEOPLE)
    out, whose_is = collected(course, {"lovelaceada_99999_10001_sums.ipynb": None})
    assert not whose_is and "has another number of Canvas's" in str(out)


def test_two_at_the_same_time_are_told_and_the_assignments_own_name_is_taken(course):
    paths = [moodle(ADA, 1, file) for file in ("draft.ipynb", "sums.ipynb", "tryout.ipynb")]
    out, whose_is = collected(course, dict.fromkeys(paths))
    assert whose_is == {"Ada_Lovelace": paths[1]}
    assert set(out.unplaced) == {paths[0], paths[2]} and "another one at the same time" in str(out)


def test_a_number_behind_a_name_is_an_attempt_in_canvas_only(course):
    late, early = "ada/sums.ipynb", "ada/sums-1.ipynb"
    hand_ins.archive(course / "a.zip", {early: notebook(course, early)}, (2026, 11, 20, 12, 0, 0))
    (course / "in").mkdir()
    for name, when in ((late, 2_000_000_000), (early, 1_900_000_000)):
        path = course / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(notebook(course, name))
        os.utime(path, (when, when))
    collect(course / "in", "sums", course)
    assert placed(course) == {"ada": late}


# ---- kinds of files


def test_every_file_is_told_and_none_is_left_out_silently(course, capsys):
    kinds = ("html", "py", "rar", "pdf", "docx", "7z")
    others = {moodle(GRACE, k, f"sums.{kind}"): "x" for k, kind in enumerate(kinds)}
    hand_ins.archive(course / "d.zip", {moodle(ADA, 99): notebook(course), **others, "LIESMICH": "x"})
    assert main(["collect", str(course / "d.zip"), "--assignment", "sums", "--course", str(course)]) == 1
    said = capsys.readouterr().out.split("NOT placed:")[1]
    assert all(name in said for name in [*others, "LIESMICH"]) and moodle(ADA, 99) not in said


@pytest.mark.parametrize("file", ["sums.ipynb.json", "sums.ipynb.txt", "sums.ipynb (1).txt", "sums.json", "SUMS.IPYNB"])
def test_a_browsers_ending_is_no_obstacle(course, file):
    assert collected(course, {moodle(ADA, 1, file): None})[1] == {"Ada_Lovelace": moodle(ADA, 1, file)}


def test_what_lies_beside_goes_with_its_owner_only(course):
    members = {
        f"{ADA}_1_assignsubmission_file_/sums.ipynb": None,
        f"{ADA}_1_assignsubmission_file_/data/{moodle(GRACE, 2, 'mine.csv')}": "1",
        f"{ADA}_1_assignsubmission_file_/a.csv": "2",
        moodle(GRACE, 2): None,
        moodle(GRACE, 2, "b.csv"): "3",
        moodle("Emmy Noether", 3, "c.csv"): "4",
        "d.csv": "5",
    }
    out, _ = collected(course, members)
    beside = {str(p.relative_to(course / "submitted")) for p in course.glob("submitted/*/sums/*.csv")}
    assert beside == {"Ada_Lovelace/sums/a.csv", "Grace_Hopper/sums/b.csv"}
    assert [why for path, why in out.unplaced.items() if path.endswith(("c.csv", "d.csv"))] == 2 * [
        "no notebook was placed with it"
    ]
    assert len(out.unplaced) == 3


# ---- what hostile names do


NASTY = "Ada\x1b[31m\x07\nadmin: 100 points\r\u202e=1"


def test_the_terminal_is_not_told_what_to_do(course, capsys):
    hand_ins.archive(course / "d.zip", {moodle(NASTY, 1): notebook(course), f"{NASTY}.pdf": "x"})
    main(["collect", str(course / "d.zip"), "--assignment", "sums", "--course", str(course)])
    main(["collect", str(course / "d.zip"), "--assignment", NASTY, "--course", str(course)])
    said = "".join(capsys.readouterr())
    assert r"\x1b[31m\x07\nadmin" in said
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(said) and "\nadmin" not in said


def test_a_name_that_no_terminal_has_is_told_all_the_same(course, monkeypatch):
    import io
    import sys

    screen = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="")
    monkeypatch.setattr(sys, "stdout", screen)
    folder = course / "in"
    (folder / "Zoë").mkdir(parents=True)
    (folder / os.fsdecode(b"\xff_sums.pdf")).write_text("x")
    (folder / "Zoë" / "notes.pdf").write_text("x")
    assert main(["collect", str(folder), "--assignment", "sums", "--course", str(course)]) == 1
    screen.flush()
    assert rb"Zo\xeb/notes.pdf" in screen.buffer.getvalue() and rb"\udcff_sums.pdf" in screen.buffer.getvalue()


def test_the_register_holds_no_formula(course):
    name = '=HYPERLINK("http://evil","click");=1+1'
    out, whose_is = collected(course, {moodle(name, 1): None})
    assert list(whose_is.values()) == [moodle(name, 1)]
    text = (course / "collected.csv").read_text()
    assert "'=HYPERLINK" in text and ";'=1" in text and ",=" not in text and ',"=' not in text


def test_a_register_that_a_spreadsheet_has_saved_is_read_and_continued(course):
    collected(course, {moodle(ADA, 1): None})
    path = course / "collected.csv"
    path.write_text(path.read_text().replace(",", ";").rstrip(), encoding="utf-16")
    path.write_text(path.read_text(encoding="utf-16"))
    collected(course, {moodle(ADA, 1): None, moodle(ADA, 2): None})
    assert set(placed(course)) == {"Ada_Lovelace", "Ada_Lovelace_2"}
    assert len(path.read_text().splitlines()) == 3
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="collected.csv"):
        collected(course, {moodle(ADA, 1): None})


# ---- names, endlessly


LETTERS = st.characters(codec="utf-8", exclude_characters="/\\\0")
NAMES = st.text(LETTERS, min_size=1, max_size=20).filter(lambda name: name.strip(". ") and "_" not in name)
MANY = settings(max_examples=200, deadline=None)


@MANY
@given(NAMES, st.integers(0, 10**9), NAMES, st.integers(0, 10**9))
def test_the_outermost_name_is_read_whatever_stands_inside(name, number, other, number2):
    inside = (moodle(other, number2), f"{other}_{number}_{number2}_sums.ipynb", f"{other}/sums.ipynb")
    folder = moodle(name, number, "")
    for path in (path for each in inside for path in (moodle(name, number, each), f"{folder}/{each}")):
        told = by_platform(path)
        if told.platform != "nobody":
            assert (told.name, told.number) == (name, str(number))


@MANY
@given(NAMES)
def test_an_id_is_the_name_of_one_folder_and_the_same_in_every_normal_form(name):
    made = as_id(name)
    assert {as_id(normalize(form, name)) for form in ("NFC", "NFD")} == {made}
    assert made == as_id(made) and made not in (".", "..") and len(made) <= 100 and made.isascii()
    assert not set(made) & set('/\\:*?"<>|\0') and not made.startswith(("-", "."))


@MANY
@given(NAMES, NAMES)
def test_only_equal_names_are_found_in_the_roster(name, other):
    people = [P("p1", *name.split(" ", 1))]
    found = called(other, people)
    if found:
        turned = people[0].last_name + people[0].first_name
        assert "".join(words(other)) in {"".join(words(name)), "".join(words(turned)), "p1"}
    if words(name) and len(words(name)) > 1:
        assert called(normalize("NFD", name.upper().lower()), people) or normalize("NFC", name.upper().lower()) != name


@MANY
@given(st.lists(st.sampled_from(["ada", "week 1", "Submission attachment(s)", "sums", "x_1_2_sums", ""]), max_size=5))
def test_any_path_is_somebodys_or_nobodys(folders):
    told = whose("/".join([*folders, "sums.ipynb"]), "sums")
    assert told is None or told.refused or told.name in "/".join(folders)


OWNERS = {"ada": ("Ada Lovelace", "lovelaceada", 12345), "grace": ("Grace Hopper", "hoppergrace", 23456)}
OWNERS |= {"emmy": ("Emmy Noether", "noetheremmy", 34567)}
FORMS = {
    "Moodle": "{name}_{number}_assignsubmission_file_{inside}",
    "Moodle's folder": "{name}_{number}_assignsubmission_file_/{inside}",
    "Canvas": "{canvas}_{number}_98765_{inside}",
    "Sakai": "sums/{name}({who})/Submission attachment(s)/{inside}",
}
ANY_NAME = st.sampled_from(
    ["sums.ipynb", "grace/sums.ipynb", "ada_sums.ipynb", "hoppergrace_23456_1_sums.ipynb", "week_1_2_sums.ipynb"]
    + ["Emmy Noether_34567_assignsubmission_file_sums.ipynb", "Ada Lovelace/sums.ipynb", "sums (1).ipynb"]
)


@MANY
@given(st.lists(st.tuples(st.sampled_from(sorted(OWNERS)), st.sampled_from(sorted(FORMS)), ANY_NAME), max_size=6))
@pytest.mark.parametrize("known", [True, False])
def test_nobodys_work_ever_lands_with_somebody_else(known, handed_in):
    """Whatever students write inside what the platform wrote: the platform's owner, or nobody."""
    people = [P(who, *name.split(), "", str(number)) for who, (name, _, number) in OWNERS.items()] if known else []
    owners = {}
    for who, form, inside in handed_in:
        name, canvas, number = OWNERS[who]
        if "/" in inside and form in ("Moodle", "Canvas"):
            inside = inside.replace("/", "_")
        owners[FORMS[form].format(name=name, canvas=canvas, number=number, who=who, inside=inside)] = who
    files = [File((path,), (Stage(len(path.split("/")), None),)) for path in owners]
    for hand_in in identified(files, Known("sums", people)):
        right = owners[hand_in.path]
        if hand_in.student:
            assert right in hand_in.student.lower()
        else:
            assert hand_in.refused
    if len({(who, form) for who, form, _ in handed_in}) == len({who for who, *_ in handed_in}):
        placed = identified(files, Known("sums", people))
        assert all(hand_in.student for hand_in in placed), "one source each: all placed"


@pytest.mark.parametrize(
    "date",
    ["Nov 20, 2026 1130 PM", "20 nov. 2026 2330", "20. November 2026 2330", "2026-11-20 2330", "2026年11月20日 2330"],
)
@pytest.mark.parametrize("name", ["Ada Lovelace", "Anne-Marie - Smith"])
def test_the_date_of_brightspace_is_no_part_of_a_name(name, date):
    told = by_platform(f"12345-67890 - {name} - {date}/sums.ipynb")
    assert (told.platform, told.number, told.name) == ("Brightspace", "12345", name)


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\u202e", "\ufeff"])
def test_what_nobody_sees_makes_no_second_person(unseen):
    name = f"Ada Love{unseen}lace"
    assert as_id(name) == as_id(ADA) and words(name) == words(ADA)


# ---- people of the roster


def test_names_are_compared_by_words():
    people = [P("al", "Anna", "Lee"), P("so", "Sean", "O’Brien"), P("am", "Anne-Marie", "Smith"), P("r1", "राम")]
    assert [p.id for p in called("leeanna", people)] == ["al"], "Canvas writes it in one word"
    assert not called("Ann Alee", people), "another person, though the letters are the same"
    assert [p.id for p in called("Sean OBrien", people)] == ["so"] and not called("रम", people)
    assert [p.id for p in called("SMITH, Anne Marie", people)] == ["am"]
    why = find(whose(moodle("Sean OBrian", 1), "sums"), people)
    assert why == "nobody in the roster is called Sean OBrian; is it so?"


TABLE = "id,first_name,last_name,email,lms_user_id\nzs1,Zoë,Šimić,z@x.org,\njn2,José,Núñez,,7\n"
SAVED = {
    "semicolons, UTF-8 with a mark": TABLE.replace(",", ";").encode("utf-8-sig"),
    "tabs, UTF-16": TABLE.replace(",", "\t").encode("utf-16"),
    "a told separator": ("sep=;\n" + TABLE.replace(",", ";")).encode(),
    "capitals and spaces": TABLE.replace("id,first_name,last", " ID ,First Name,LAST", 1).encode(),
    "other columns, other order, Windows' lines": "Notes,last_name,first_name,ID\r\na,Šimić,Zoë,zs1\r\n".encode(),
    "blank lines": TABLE.replace("\n", "\n\n").encode(),
}


@pytest.mark.parametrize("data", SAVED.values(), ids=SAVED)
def test_a_roster_as_spreadsheets_save_it(tmp_path, data):
    (tmp_path / "roster.csv").write_bytes(data)
    zoe, *_ = read_roster(tmp_path / "roster.csv")
    assert (zoe.id, zoe.first_name, zoe.last_name) == ("zs1", "Zoë", "Šimić")


@pytest.mark.filterwarnings("ignore:.*Latin-1")
def test_a_roster_in_the_code_page_of_windows(tmp_path):
    (tmp_path / "roster.csv").write_bytes(TABLE.replace("ć", "c").encode("cp1252"))
    assert read_roster(tmp_path / "roster.csv")[1].last_name == "Núñez"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "roster.csv is empty"),
        (b"PK\x03\x04", "roster.csv is an Excel or zip file: save or export it as CSV"),
        (b"name,mail\n", "no header of a roster.*id, first_name"),
        (b"id,id,first_name\n", "has the column 'id' twice"),
        (b"first_name\nAda\n", "has no column 'id'"),
        (b"id,first_name\na,Ada\nA,Eve\n", "line 2: the id 'a' is .*there twice"),
        (b"id,first_name\n../a,Ada\n", "line 2: the id '../a'"),
        (b"id,lms_user_id\na,7\nb,7\n", "line 2: the lms_user_id '7' is there twice"),
        *(
            (f'id,lms_user_id\na,"{number}"\n'.encode(), "line 2: a spreadsheet has made .* of an lms_user_id")
            for number in ("1.2E+10", "1,2E+10", "12.0", "12,345", "'12345")
        ),
        (b"id,first_name\na,Ada,Lovelace\n", "line 2: 3 cells, but 2 columns"),
        (b'id,first_name\na,"Ada\n', "line 2: the quotation marks"),
    ],
)
def test_mistakes_of_a_roster_are_told_with_file_and_remedy(tmp_path, data, words):
    (tmp_path / "roster.csv").write_bytes(data)
    with pytest.raises(ValueError, match=words):
        read_roster(tmp_path / "roster.csv")


# ---- limits that are told


@pytest.mark.parametrize("again", [".fixed-1", "-1", " (1)", "-Copy1", "_1", "_1_assignsubmission_file", "-x"])
def test_no_name_keeps_the_reader_busy(again):
    """Were there more than one way to read such a name, this test would not end."""
    for name in (f"sums{again * 100}x.ipynb"[:900], f"a_{again * 100}sums.ipynb"[-900:]):
        told = whose(name, "sums") or whose(f"ada/{name}", "sums")
        assert told is None or told.stem is not None
        by_platform(name)


def test_a_student_does_not_write_the_time(course):
    """Where the archive tells none, a file of the student's must not be taken for it."""
    folder = f"{ADA}_1_assignsubmission_file_"
    early = dict.fromkeys((f"{folder}/Timestamp.txt", f"{folder}/timestamp.txt"), "2020-01-01 00:00:00")
    members = {f"{folder}/sums.ipynb": None, **early}
    out, _ = collected(course, members, when=(1980, 1, 1, 0, 0, 0))
    assert [p.name for p in course.glob("submitted/*/*/*")] == ["sums.ipynb"] and len(out.unplaced) == 2


def test_thousands_of_files_of_one_student_are_told_in_few_lines(course):
    members = {f"{ADA}_1_assignsubmission_file_/venv/{k}.py": "" for k in range(900)} | {moodle(GRACE, 2, "x.py"): "x"}
    out, _ = collected(course, members)
    assert len(out.unplaced) == 901 and len(str(out).splitlines()) < 60
    assert "900 files in all" in str(out) and moodle(GRACE, 2, "x.py") in str(out)


def test_a_class_of_hundreds_is_told_apart(course):
    roster(course, *(f"s{k},Given{k},Family{k % 7} {k},{10_000 + k}" for k in range(400)))
    small = json.dumps({**json.loads(notebook(course)), "metadata": {}})
    members = {moodle(f"Given{k} Family{k % 7} {k}", k): small for k in range(0, 400, 2)}
    members |= {moodle(f"Gven{k} Family {k}", k): small for k in range(1, 100, 2)}
    out, whose_is = collected(course, members)
    assert len(whose_is) == 200 and len(out.unplaced) == 50
