"""The instructor's path: hand-ins out of a platform's download, grades into a platform's table."""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
import small_course
import solutions.perceptron
from assignment_source import SOURCE
from small_course import answered

from kit.__main__ import main
from kit.course import grades
from kit.course.collect import collect
from kit.course.names import whose

pytest.importorskip("nbgrader", reason="pip install 'shared-features[grade]'")
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of nbgrader's
MOODLE = "Ada Lovelace_123456_assignsubmission_file_sums.ipynb"
CANVAS = "lovelaceada_LATE_12345_67890_sums-1.ipynb"


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    return small_course.make(tmp_path_factory.mktemp("course"))


@pytest.fixture
def course(tmp_path, released):
    """A fresh copy of the course."""
    return shutil.copytree(released.parents[2], tmp_path / "course")


def text(released, **answers):
    return nbformat.writes(answered(released, **answers))


def archive(path, members, when=(2026, 11, 20, 12, 0, 0)):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name, when), content)
    return path


def submitted(course, student):
    return course / "submitted" / student / "sums" / "sums.ipynb"


@pytest.mark.parametrize(
    ("path", "name", "platform", "number", "late", "attempt"),
    [
        (MOODLE, "Ada Lovelace", "Moodle", "123456", False, 0),
        ("Ada Lovelace_123456_assignsubmission_file/sums.ipynb", "Ada Lovelace", "Moodle", "123456", False, 0),
        ("Ada Lovelace_123456_assignsubmission_file_/x/sums.ipynb", "Ada Lovelace", "Moodle", "123456", False, 0),
        ("Ada de_la Rue_9_assignsubmission_file_sums.ipynb", "Ada de_la Rue", "Moodle", "9", False, 0),
        (CANVAS, "lovelaceada", "Canvas", "12345", True, 1),
        ("lovelaceada_12345_67890_sums.ipynb", "lovelaceada", "Canvas", "12345", False, 0),
        ("ada_sums.ipynb", "ada", "plain", "", False, 0),
        ("ada/sums.ipynb", "ada", "plain", "", False, 0),
        ("submitted/ada/sums/sums (1).ipynb", "ada", "plain", "", False, 0),
    ],
)
def test_names_of_files(path, name, platform, number, late, attempt):
    told = whose(path, "sums")
    assert (told.name, told.platform, told.number, told.late) == (name, platform, number, late)
    assert told.stem == "sums" and told.attempt == attempt


def test_a_file_without_a_name_is_nobodys():
    assert whose("sums.ipynb", "sums") is None


def test_a_download_of_moodle(course, released, tmp_path, capsys):
    inner = io.BytesIO()
    archive(inner, {"sums.ipynb": text(released), "mine.csv": "1,2"})
    download = archive(
        tmp_path / "d.zip",
        {
            MOODLE: text(released),
            "Grace Hopper_77_assignsubmission_file_/sums.ipynb": text(released, double="x"),
            "Émilie du Châtelet_8_assignsubmission_file_work.zip": inner.getvalue(),
            "__MACOSX/._sums.ipynb": b"\0",
        },
    )
    assert main(["collect", str(download), "--assignment", "sums", "--course", str(course)]) == 0
    assert "3 hand-ins placed" in capsys.readouterr().out
    assert sorted(p.name for p in course.glob("submitted/*")) == ["Ada_Lovelace", "Emilie_du_Chatelet", "Grace_Hopper"]
    assert submitted(course, "Ada_Lovelace").read_text() == text(released)
    assert submitted(course, "Emilie_du_Chatelet").with_name("mine.csv").read_text() == "1,2"
    stamp = submitted(course, "Grace_Hopper").with_name("timestamp.txt").read_text()
    assert stamp.strip() == "2026-11-20 12:00:00"


def test_canvas_tells_who_is_late_and_which_attempt_is_the_last(course, released, tmp_path):
    old = CANVAS.replace("-1", "").replace("67890", "99999")
    members = {CANVAS: text(released), old: text(released, double="0"), "hoppergrace_2_3_sums.ipynb": text(released)}
    out = collect(archive(tmp_path / "d.zip", members), "sums", course)
    assert submitted(course, "lovelaceada_12345").read_text() == text(released)
    assert out.late == {"lovelaceada_12345"} and "(1 late)" in str(out)
    assert "handed in a newer one" in out.unplaced[old]
    with open(course / "collected.csv", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert rows["lovelaceada_12345"]["late"] == "True" and rows["hoppergrace_2"]["late"] == "False"
    assert rows["lovelaceada_12345"]["lms_user_id"] == "12345"


def test_a_folder_of_plain_files(course, released, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "ada_sums.ipynb").write_text(text(released))
    (folder / "link_sums.ipynb").symlink_to("/etc/hostname")
    out = collect(folder, "sums", course)
    assert set(out.placed) == {"ada"} and submitted(course, "ada").exists()


def test_what_cannot_be_placed_is_told_with_the_reason(course, released, tmp_path, capsys):
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    members = {
        "ada/sums.ipynb": text(released),
        "sums.ipynb": text(released),
        "grace/sums.ipynb": '{"cells": [',
        "lise/sums.ipynb": nbformat.writes(other),
        "mary/notes.pdf": "x",
        "emmy/work.zip": b"PK damaged",
    }
    download = archive(tmp_path / "d.zip", members)
    assert main(["collect", str(download), "--assignment", "sums", "--course", str(course)]) == 1
    said = capsys.readouterr().out
    assert "1 hand-ins placed" in said and "NOT placed" in said
    for reason in (
        "sums.ipynb\n    its name does not say whose it is",
        "grace/sums.ipynb\n    it is not a notebook (damaged",
        "lise/sums.ipynb\n    its cells are not those of the assignment",
        "emmy/work\n    it is a damaged zip file",
    ):
        assert reason in said


def test_paths_that_leave_the_folder_write_nothing(course, released, tmp_path):
    members = {
        "../../evil/sums.ipynb": text(released),
        "/etc/ada_sums.ipynb": text(released),
        "..\\..\\evil\\sums.ipynb": text(released),
        "../.._1_assignsubmission_file_sums.ipynb": text(released),
        ".._1_assignsubmission_file_sums.ipynb": text(released),
    }
    before = {p for p in tmp_path.rglob("*") if "course" not in p.parts}
    out = collect(archive(tmp_path / "d.zip", members), "sums", course)
    assert {p for p in tmp_path.rglob("*") if "course" not in p.parts} - before == {tmp_path / "d.zip"}
    assert sum("its path leaves its folder" in why for why in out.unplaced.values()) == 3
    assert all(p.parent == course / "submitted" for p in course.glob("submitted/*")) and "ada" not in os.listdir("/etc")
    assert "no folder can be named after '..'" in str(out)


def test_a_zip_bomb_is_refused(course, tmp_path, released):
    download = archive(tmp_path / "d.zip", {"ada/sums.ipynb": b"0" * 60_000_000, "eve/sums.ipynb": text(released)})
    out = collect(download, "sums", course)
    assert set(out.placed) == {"eve"} and "it has 57 MB, more than 50" in out.unplaced["ada/sums.ipynb"]


def test_an_older_file_never_takes_the_place_of_a_newer_one(course, released, tmp_path):
    new, old = text(released), text(released, double="old")
    collect(archive(tmp_path / "new.zip", {"ada/sums.ipynb": new}, (2026, 11, 21, 9, 0, 0)), "sums", course)
    again = archive(tmp_path / "old.zip", {"ada/sums.ipynb": old}, (2026, 11, 20, 9, 0, 0))
    out = collect(again, "sums", course)
    assert submitted(course, "ada").read_text() == new and not out.placed
    assert "is not older than ada/sums.ipynb" in out.kept["ada"]
    out = collect(tmp_path / "new.zip", "sums", course)
    assert out.kept == {"ada": "the same is there already"}
    collect(again, "sums", course, force=True)
    assert submitted(course, "ada").read_text() == old
    assert (course / "replaced/ada/sums/1/sums.ipynb").read_text() == new, "what was replaced is kept"


def test_two_people_of_one_name_are_kept_apart(course, released, tmp_path):
    members = {
        "Ada Lovelace_1_assignsubmission_file_sums.ipynb": text(released),
        "Ada Lovelace_2_assignsubmission_file_sums.ipynb": text(released, double="x"),
    }
    download = archive(tmp_path / "d.zip", members)
    out = collect(download, "sums", course)
    assert set(out.placed) == {"Ada_Lovelace_1", "Ada_Lovelace_2"}
    (course / "roster.csv").write_text("id,first_name,last_name\nal1,Ada,Lovelace\n")
    out = collect(download, "sums", course)
    assert not out.placed and all("2 people of the download are called so" in why for why in out.unplaced.values())


def test_a_roster_gives_the_ids(course, released, tmp_path):
    roster = "id,first_name,last_name,email,lms_user_id\nal1,Ada,Lovelace,ada@x.org,12345\ngh2,Grace,Hopper,,\n"
    (course / "roster.csv").write_text("\ufeff" + roster)
    members = {
        CANVAS: text(released),
        "Grace Hopper_77_assignsubmission_file_sums.ipynb": text(released),
        "Grase Hopper_78_assignsubmission_file_sums.ipynb": text(released),
    }
    out = collect(archive(tmp_path / "d.zip", members), "sums", course)
    assert set(out.placed) == {"al1", "gh2"}
    assert "nobody in the roster is called Grase Hopper; is it gh2?" in str(out)
    (course / "roster.csv").write_text("id,first_name\nal1,Ada\nal1,Eve\n")
    with pytest.raises(ValueError, match=r"roster.csv, line 2: the id 'al1' is empty, there twice"):
        collect(tmp_path / "d.zip", "sums", course)


def test_mistaken_calls_end_with_a_sentence(course, tmp_path, capsys):
    assert main(["collect", str(tmp_path / "no.zip"), "--assignment", "sums", "--course", str(course)]) == 2
    assert main(["collect", str(tmp_path), "--assignment", "sum", "--course", str(course)]) == 2
    assert main(["grades", "--course", str(tmp_path), "--out", str(tmp_path / "g.csv")]) == 2
    said = capsys.readouterr().err
    assert "there is no " in said and "has no assignment 'sum'; it has sums" in said and "no gradebook.db yet" in said


# ---- grades


@pytest.fixture
def graded(course, released, tmp_path):
    """Ada is right, late and waits for a person; Grace got half and is complete; Eve handed nothing in."""
    from nbgrader.api import Gradebook

    members = {
        CANVAS: text(released),
        "hoppergrace_2_3_sums.ipynb": text(released, total="def total(*_):\n    return 2"),
    }
    collect(archive(tmp_path / "d.zip", members), "sums", course)
    for student in ("lovelaceada_12345", "hoppergrace_2"):
        result = small_course.api(course).autograde("sums", student)
        assert result["success"], result["log"]
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_student("eve", first_name="=Eve", last_name="Curie")
        gradebook.update_or_create_student("lovelaceada_12345", first_name="Ada", last_name="Lovelace", email="a@x.org")
        task = gradebook.find_grade("task-bias", "sums", "sums", "hoppergrace_2")
        task.manual_score, task.needs_manual_grade = 2.5, False
        gradebook.db.commit()
    return course


def table(path):
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))


def test_all_that_is_known_in_one_table(graded, tmp_path, capsys):
    out = tmp_path / "new" / "grades.csv"
    assert main(["grades", "--course", str(graded), "--out", str(out)]) == 1, "somebody still has to grade"
    said = capsys.readouterr()
    assert "3 grades" in said.out and "sums: 1 hand-ins still wait for a person" in said.err
    header, *rows = table(out)
    by_id = {row[0]: dict(zip(header, row)) for row in rows}
    ada, grace, eve = by_id["lovelaceada_12345"], by_id["hoppergrace_2"], by_id["eve"]
    assert (ada["auto_score"], ada["manual_score"], ada["score"], ada["max_score"]) == ("8", "0", "8", "12")
    assert (ada["late"], ada["complete"], ada["handed_in"]) == ("yes", "no", "2026-11-20 12:00")
    assert (grace["auto_score"], grace["manual_score"], grace["score"]) == ("3", "2.5", "5.5")
    assert (grace["late"], grace["complete"]) == ("no", "yes")
    assert (eve["handed_in"], eve["score"]) == ("", "0") and eve["first_name"] == "'=Eve", "no formula"


def test_tables_for_platforms_hold_finished_grades_only(graded, tmp_path):
    for name in ("moodle", "canvas"):
        main(["grades", "--course", str(graded), "--out", str(tmp_path / name), "--format", name])
    header, *rows = table(tmp_path / "moodle")
    assert header == ["First name", "Last name", "ID number", "Email address", "sums"]
    assert {row[2]: row[4] for row in rows} == {"lovelaceada_12345": "", "hoppergrace_2": "5.5", "eve": ""}
    header, *rows = table(tmp_path / "canvas")
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "sums"]
    assert ["Lovelace, Ada", "12345", "", "lovelaceada_12345", "", ""] in rows


def test_what_is_collected_and_not_graded_waits(graded, capsys):
    folder = graded / "submitted" / "eve" / "sums"
    folder.mkdir(parents=True)
    (eve,) = (grade for grade in grades.read(graded) if grade.student.id == "eve")
    folder.rmdir()
    assert eve.handed_in == "yes" and not eve.complete


def test_only_assignments_that_exist(graded):
    assert {g.assignment for g in grades.read(graded, ["sums"])} == {"sums"}
    with pytest.raises(ValueError, match="no assignment 'sum' in .*; it has sums"):
        grades.read(graded, ["sum"])


# ---- the guide


def documented() -> list[str]:
    """The commands of docs/grading.md that are typed in the course's folder, in their order."""
    text = (SOURCE.parents[1] / "docs" / "grading.md").read_text()
    lines = [
        line.split("  #")[0].strip()
        for block in re.findall(r"```\n(.*?)```", text, re.DOTALL)
        for line in block.split("\n")
    ]
    return [line for line in lines if line.startswith(("nbgrader ", "python -"))]


@pytest.mark.slow
def test_the_commands_of_the_guide_take_a_class_from_release_to_grades(tmp_path):
    """Every one of them, as it is printed, with the assignment that it names; the scores are exact."""
    course, home = tmp_path / "course", tmp_path / "home"
    course.mkdir()
    shutil.copy(SOURCE.parent / "nbgrader_config.py", course)
    shutil.copytree(SOURCE / "perceptron", course / "source" / "perceptron")
    (course / "roster.csv").write_text("id,first_name,last_name\nal,Ada,Lovelace\ngh,Grace,Hopper\nen,Emmy,Noether\n")
    (home / "Downloads").mkdir(parents=True)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KIT_SECRET")} | {
        "HOME": str(home),
        "PATH": path,
    }
    commands = documented()
    assert sum("kit collect" in c for c in commands) == 1 and sum("kit grades" in c for c in commands) == 3
    for command in commands:
        if "kit collect" in command:
            archive(home / "Downloads" / "perceptron.zip", class_of_three(course / "release" / "perceptron"))
        ran = subprocess.run(command, shell=True, cwd=course, env=environment, capture_output=True, text=True)
        assert ran.returncode == 0 or "kit grades" in command, f"{command}\n{ran.stdout}\n{ran.stderr}"
    assert len((home / ".shared-features-secret").read_text()) == 33
    header, *rows = table(course / "grades.csv")
    scores = {row[0]: float(row[header.index("score")]) for row in rows}
    assert scores == {"al": 31.0, "gh": 29.0, "en": 0.0}, "right, by heart, blank"
    assert {row[0] for row in table(course / "canvas.csv")[1:]} == {"Lovelace, Ada", "Hopper, Grace", "Noether, Emmy"}
    page = re.sub("<[^>]+>", "", (course / "feedback" / "gh" / "perceptron" / "perceptron.html").read_text())
    assert "it is not right" in page and "grading.rng" not in page and "MARK SCHEME" not in page


def class_of_three(release: Path) -> dict[str, str]:
    """Moodle's names, and a right, a remembered and a blank hand-in."""
    handed_out = nbformat.read(release / "perceptron.ipynb", as_version=4)
    right = small_course.reference(SOURCE / "perceptron" / "perceptron.ipynb")
    by_heart, _ = solutions.perceptron.WRONG["the visible answers by heart"]
    out = {}
    for number, (name, answers) in enumerate(
        {"Ada Lovelace": right, "Grace Hopper": right | by_heart, "Emmy Noether": {}}.items()
    ):
        notebook = nbformat.from_dict(handed_out)
        for cell in notebook.cells:
            cell.source = answers.get(cell.id, cell.source)
        out[f"{name}_{number}_assignsubmission_file_perceptron.ipynb"] = nbformat.writes(notebook)
    return out
