"""Archives of every system, of every age, and of people who mean ill: read, or refused with the reason, and bounded."""

import io
import os
import struct
import tracemalloc
import zipfile
from pathlib import Path
from unicodedata import normalize

import hand_ins
import pytest
from hand_ins import archive, collected, moodle, notebook, placed, roster
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.course import downloads, zipnames
from kit.course.collect import collect
from kit.course.downloads import Download
from kit.course.roster import as_id
from kit.course.times import Zone

UTC = Zone("UTC")
ZOE, JOSE = "Zoë Weiß", "José Núñez"


@pytest.fixture
def course(tmp_path):
    return hand_ins.course(tmp_path / "course")


@pytest.fixture
def files(tmp_path):
    """Read a download."""

    def read(path):
        (tmp_path / "store").mkdir(exist_ok=True)
        return list(Download(tmp_path / "store", UTC).files(path))

    return read


# ---- names


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("known", [False, True])
def test_utf8_without_a_flag(course, form, known):
    if known:
        roster(course, "zw1,Zoë,Weiß,", "jn2,José,Núñez,")
    names = [moodle(normalize(form, name), k) for k, name in enumerate((ZOE, JOSE))]
    _, whose_is = collected(course, dict.fromkeys(names), encoding="utf-8")
    assert set(whose_is) == ({"zw1", "jn2"} if known else {"Zoe_Wei", "Jose_Nunez"})


@pytest.mark.parametrize("page", ["cp437", "cp850", "cp1252", "cp1250", "mac_roman"])
def test_code_pages_of_the_west(course, page):
    """With a roster they are told apart; without, a name is placed where all readings agree, else told."""
    names = {moodle(name, k): None for k, name in enumerate((ZOE, "José Lóz"))}
    roster(course, "zw1,Zoë,Weiß,", "jl2,José,Lóz,")
    out, whose_is = collected(course, names, encoding=page)
    assert set(whose_is) == {"zw1", "jl2"} or (page == "mac_roman" and not whose_is and len(out.unplaced) == 2)


WEST = ("Zoë Weiß", "José Núñez", "François Lefèvre", "Jürgen Müller", "Søren Ødegård", "Inês Conceição")


@pytest.mark.parametrize("page", ["cp437", "cp850", "cp1252"])
def test_a_class_of_the_west_needs_no_roster(course, page):
    names = [name for name in WEST if name == name.encode(page, "ignore").decode(page)]
    out, whose_is = collected(course, {moodle(n, k): None for k, n in enumerate(names)}, encoding=page)
    assert len(names) >= 4 and set(whose_is) == {as_id(name) for name in names} and not out.unplaced


ELSEWHERE = ("Łukasz Kot", "Agnieszka Ślęzak", "Ágnes Kőszegi", "Übel", "Žydrūnas Ilgauskas", "Şule Yıldız", "Sánchez")


@pytest.mark.parametrize("page", ["cp437", "cp850", "cp1252", "cp1250", "cp852", "cp1257", "cp1254"])
@pytest.mark.parametrize("name", [*WEST, *ELSEWHERE])
def test_without_a_roster_no_id_is_invented_from_a_code_page(course, page, name):
    """One name alone: the right id, or none."""
    if name != name.encode(page, "ignore").decode(page) or (page, name) == ("cp1257", ELSEWHERE[1]):
        return  # (Polish, as it is written in the Baltic)
    out, whose_is = collected(course, {moodle(name, 1): None}, encoding=page)
    assert not whose_is or name in str(out).split("does not tell its code page; ")[1]
    assert set(whose_is) <= {as_id(name)} and len(whose_is) + len(out.unplaced) == 1


SCRIPTS = {
    "cp866": ("Иван Петров", "Олег Ли"),
    "cp1251": ("Иван Петров", "Олег Ли"),
    "gbk": ("李明", "王芳"),
    "big5": ("陳大文", "林美"),
    "cp932": ("山田 太郎", "鈴木 表"),
    "euc_kr": ("김민준", "이서연"),
    "cp1253": ("Γιώργος Παππάς", "Μαρία Ελένη"),
    "cp1255": ("דוד לוי", "שרה כהן"),
    "utf-8": ("محمد علي", "فاطمة حسن"),
}


@pytest.mark.parametrize("page", SCRIPTS)
def test_other_scripts_with_a_roster(course, page):
    one, two = SCRIPTS[page]
    roster(course, *(f"{i},{','.join([*name.split(), ''][:2])}," for i, name in (("p1", one), ("p2", two))))
    paths = {"p1": moodle(one, 1), "p2": moodle(two, 2)}
    out, whose_is = collected(course, dict.fromkeys(paths.values()), encoding=page)
    assert whose_is == paths and out.placed == paths, "and shown as they are written"


def test_other_scripts_without_one_are_told(course):
    out, whose_is = collected(course, {moodle(name, 1): None for names in SCRIPTS.values() for name in names})
    assert not whose_is and all("roster.csv" in why for why in out.unplaced.values())


def test_the_name_that_info_zip_adds_counts(files, tmp_path):
    name = moodle(ZOE, 1)
    told = moodle("Zo\x80 We\x80", 1)
    stored = told.encode("latin-1")
    extra = struct.pack("<HHBL", 0x7075, 5 + len(name.encode()), 1, zipfile.crc32(stored)) + name.encode()
    archive(tmp_path / "d.zip", {told: "x"}, encoding="latin-1", extra=extra)
    assert [file.path for file in files(tmp_path / "d.zip")] == [name]


def test_a_name_in_no_known_code_page_is_told(course):
    out, whose_is = collected(course, {moodle("\x01\x98\xff\xfe\xb0", 1): None}, encoding="latin-1")
    assert not whose_is and "unknown code page" in str(out)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0/\\"), min_size=1), min_size=1, max_size=4))
def test_every_utf8_name_comes_back_with_or_without_the_flag(names):
    for encoding in ("utf-8", None):
        held = io.BytesIO()
        archive(held, {f"{k}{name}": "" for k, name in enumerate(names)}, encoding=encoding)
        read = zipnames.spelled(zipfile.ZipFile(held).infolist())
        assert read == [(normalize("NFC", f"{k}{name}"),) for k, name in enumerate(names)]


PAGES = ("cp437", "cp850", "cp1252", "cp1250", "cp866", "cp1251", "cp932", "gb18030", "big5", "cp949")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PAGES), st.sampled_from([ZOE, JOSE, "Иван Петров", "李明", "山田 太郎", "Łukasz Żak"]))
def test_the_true_name_is_among_the_readings(page, name):
    try:
        name.encode(page)
    except UnicodeEncodeError:
        return
    held = io.BytesIO()
    archive(held, {moodle(name, 1): ""}, encoding=page)
    (readings,) = zipnames.spelled(zipfile.ZipFile(held).infolist())
    assert moodle(name, 1) in readings


# ---- bounds


def bomb(size: int) -> bytes:
    held = io.BytesIO()
    archive(held, {"sums.ipynb": b"0" * size})
    return held.getvalue()


def lying(data: bytes, stated: int) -> bytes:
    """The archive of one member, which states another size, in both places."""
    data = bytearray(data)
    struct.pack_into("<L", data, 22, stated)
    struct.pack_into("<L", data, data.rindex(b"PK\x01\x02") + 24, stated)
    return bytes(data)


def zipped(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    archive(held, members)
    return held.getvalue()


def peak(action) -> float:
    """The most memory that Python held meanwhile, in MB."""
    tracemalloc.start()
    action()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 2**20


def test_a_small_archive_takes_no_big_memory(course, tmp_path):
    """0.3 MB of zip that become 270 MB, in four files and in one student's zip file."""
    members = {moodle(f"Ada {k}", k, "notes.txt"): b"0" * (45 * 2**20) for k in range(4)}
    members[moodle("Eve", 9, "work.zip")] = zipped({f"{k}.txt": b"0" * (45 * 2**20) for k in range(2)})
    download = archive(tmp_path / "d.zip", {**members, moodle("Grace Hopper", 1): notebook(course)})
    assert os.path.getsize(download) < 500_000
    assert peak(lambda: collect(download, "sums", course)) < 120
    assert set(placed(course)) == {"Grace_Hopper"}
    assert not list(course.glob(".collect*")), "nothing is left behind"


def test_a_notebook_of_very_many_values_is_not_parsed(course):
    out = None

    def gather():
        nonlocal out
        out, _ = collected(course, {moodle("Ada", 1): b"[" + b"[]," * (15 * 2**20)})

    assert peak(gather) < 150 and "endless" in str(out)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packers_without_a_bound_are_not_started(course, tmp_path, method):
    """A few hundred bytes of bzip2 become 100 MB in one step, whatever is asked for."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as file:
        file.writestr(moodle("Ada", 1), bytes(100 * 2**20))
    (tmp_path / "d.zip").write_bytes(lying(held.getvalue(), 10))
    assert peak(lambda: collect(tmp_path / "d.zip", "sums", course)) < 20
    assert not placed(course)


@pytest.mark.parametrize("stated", [10, 60 * 2**20, 2**32 - 2])
def test_sizes_that_are_lies(course, tmp_path, stated):
    path = tmp_path / "d.zip"
    path.write_bytes(lying(zipped({moodle("Ada", 1): notebook(course).encode()}), stated))
    out = collect(path, "sums", course)
    assert not out.placed and ("cannot be unpacked" in str(out) or "more than 50" in str(out) or "damaged" in str(out))


def test_one_students_bomb_costs_nobody_else(course, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "LARGEST", 2**20)
    monkeypatch.setattr(downloads, "INSIDE_IN_ALL", 3 * 2**20)
    monkeypatch.setattr(downloads, "MEMBERS_INSIDE", 10)
    bombs = {
        moodle("Big", 1, "one.zip"): bomb(2**20 + 1),
        moodle("Heavy", 2, "many.zip"): zipped({f"{k}.txt": b"0" * 2**20 for k in range(5)}),
        moodle("Wide", 3, "wide.zip"): zipped({f"{k}.txt": b"" for k in range(11)}),
        moodle("Deep", 4, "deep.zip"): zipped({"a.zip": zipped({"b.zip": b""})}),
        moodle("Torn", 5, "torn.zip"): zipped({"sums.ipynb": b"x" * 999})[:-40],
    }
    honest = moodle("Zoe", 9, "fine.zip"), moodle("Grace Hopper", 10)
    inside = zipped({"sums.ipynb": notebook(course).encode()})
    members = {**bombs, honest[0]: inside, honest[1]: notebook(course)}
    out = collect(archive(tmp_path / "d.zip", members), "sums", course)
    assert set(placed(course)) == {"Zoe", "Grace_Hopper"}
    said = str(out)
    for reason in (
        "more than 1 (an endless output?",
        "too much to unpack",
        "it holds 11 files, more than 10",
        "it is a zip file in a zip file in a zip file",
        "it is a damaged zip file",
    ):
        assert reason in said, reason


def test_the_download_as_a_whole_has_a_limit_too(course, monkeypatch):
    monkeypatch.setattr(downloads, "MEMBERS", 3)
    monkeypatch.setattr(downloads, "IN_ALL", 2**20)
    out, whose_is = collected(course, {moodle(f"A{k}", k): None for k in range(4)})
    assert not whose_is and "it holds 4 files, more than 3" in str(out)
    out, whose_is = collected(course, {moodle("A", 1): b"0" * 2**20, moodle("B", 2): None})
    assert not whose_is and "too much to unpack" in out.unplaced[moodle("B", 2)]
    folder = course / "in"
    for k in range(5):
        (folder / f"a{k}").mkdir(parents=True)
        (folder / f"a{k}" / "x.txt").write_text("x")
    assert "more than 3 files; collect it in parts" in str(collect(folder, "sums", course))


def test_a_list_of_files_that_fills_the_memory_is_not_read(files, tmp_path):
    data = bytearray(zipped({"a.ipynb": b"x"}))
    end = data.rindex(b"PK\x05\x06")
    struct.pack_into("<L", data, end + 12, 2**31)
    (tmp_path / "d.zip").write_bytes(data)
    (file,) = files(tmp_path / "d.zip")
    assert "its list of files has 2048 MB" in file.refused
    wide = io.BytesIO()
    with zipfile.ZipFile(wide, "w") as made:
        for k in range(30_000):
            made.writestr(f"{k}", "")
    (tmp_path / "e.zip").write_bytes(wide.getvalue())
    (file,) = files(tmp_path / "e.zip")
    assert "it holds" in file.refused or "its list of files" in file.refused


def test_members_that_share_their_bytes_are_counted_each(files, tmp_path, monkeypatch):
    """A bomb of overlapping members: a directory that names one member many times."""
    monkeypatch.setattr(downloads, "IN_ALL", 2**20)
    data = zipped({"a.txt": b"0" * 2**19})
    start, end = data.rindex(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    entry, n = data[start:end], 100
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, n, n, n * len(entry), start, 0)
    (tmp_path / "d.zip").write_bytes(data[:start] + entry * n + tail)
    read = files(tmp_path / "d.zip")
    assert sum(not file.refused for file in read) <= 2
    assert sum(path.stat().st_size for path in (tmp_path / "store").iterdir()) <= 2**20 + 1


def test_encrypted_and_strangely_packed_members_are_told(course, tmp_path):
    data = bytearray(zipped({moodle("Ada", 1): notebook(course).encode()}))
    entry = data.rindex(b"PK\x01\x02")
    for flags, method, word in ((1, 8, "encrypted"), (0, 99, "compression"), (0, 14, "compression")):
        struct.pack_into("<HH", data, 6, flags, method)
        struct.pack_into("<HH", data, entry + 8, flags, method)
        (tmp_path / "d.zip").write_bytes(data)
        out = collect(tmp_path / "d.zip", "sums", course)
        assert not out.placed and word in str(out)


def test_a_path_that_leaves_in_any_reading_is_refused(course, tmp_path):
    for name in ("../x/sums.ipynb", "a/..\\..\\sums.ipynb", "x/" * 600 + "sums.ipynb"):
        out, whose_is = collected(course, {name: None})
        assert not whose_is and len(out.unplaced) == 1


# ---- folders on the disk


def test_what_lies_in_a_folder_and_is_no_file_is_told(course, tmp_path):
    folder = tmp_path / "in"
    (folder / "ada").mkdir(parents=True)
    (folder / "ada" / "sums.ipynb").write_text(notebook(course))
    (folder / "linked").symlink_to("/etc")
    (folder / "grace_sums.ipynb").symlink_to("/etc/hostname")
    os.mkfifo(folder / "eve_sums.ipynb")
    (folder / os.fsdecode(b"\xff\xfe.ipynb")).write_text("x")
    out = collect(folder, "sums", course)
    assert set(out.placed) == {"ada"}
    assert [out.unplaced[name] for name in ("linked", "grace_sums.ipynb", "eve_sums.ipynb")] == [
        "it is a link",
        "it is a link",
        "it is no ordinary file",
    ]
    assert "\udcff" not in str(out) and len(out.unplaced) == 4


# ---- anything at all


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=400), st.data())
def test_damaged_archives_never_stop_the_others(tmp_path_factory, noise, data):
    """Bytes cut, added and changed anywhere in an archive inside the download."""
    root = tmp_path_factory.mktemp("any")
    good = zipped({"sums.ipynb": b"{}", "ü.txt": b"x" * 200})
    at = data.draw(st.integers(0, len(good)))
    until = data.draw(st.integers(at, len(good)))
    bad = good[:at] + noise + good[until:]
    outer = archive(root / "d.zip", {moodle("Eve", 1, "w.zip"): bad, moodle("Ada", 2): "x"})
    (root / "store").mkdir()
    read = list(Download(root / "store", UTC).files(outer))
    assert [file.path for file in read if not file.refused][-1] == moodle("Ada", 2)
    (root / "e.zip").write_bytes(bad)
    for file in Download(root / "store", UTC).files(Path(root / "e.zip")):
        assert file.refused or file.stored.stat().st_size <= downloads.LARGEST
