"""Hand-in times are instants: in every zone, across the change of clocks, and as nbgrader reads them."""

import os
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import hand_ins
import pytest
from hand_ins import collected, moodle
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.__main__ import main
from kit.course import grades, times
from kit.course.collect import collect
from kit.course.times import Zone, read_stamp, stamp, zone

PLACES = ("Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "America/St_Johns", "UTC")


@pytest.fixture
def machine(monkeypatch):
    """Put this machine into a zone."""

    def move(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def course(tmp_path):
    return hand_ins.course(tmp_path / "course")


def named(name: str) -> Zone:
    return Zone(name, ZoneInfo(name))


def handed_in(course, student="Ada"):
    return (course / "submitted" / student / "sums" / "timestamp.txt").read_text().strip()


# ---- what a clock showed


@pytest.mark.parametrize(
    ("place", "clock", "instant"),
    [
        ("Europe/Berlin", "2026-11-20 23:30", "2026-11-20 22:30"),
        ("Europe/Berlin", "2026-06-20 23:30", "2026-06-20 21:30"),
        ("America/New_York", "2026-11-21 02:00", "2026-11-21 07:00"),
        ("Australia/Sydney", "2026-11-21 09:59", "2026-11-20 22:59"),
        ("Asia/Kolkata", "2026-11-21 04:29", "2026-11-20 22:59"),
        ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30"),  # twice: the first time
        ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29 00:30"),  # never: by the clock of before
        ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:15"),  # half an hour
    ],
)
def test_clocks_of_the_world(machine, place, clock, instant):
    """By the rules of the zone, and by this machine's where it is there."""
    machine(place)
    shown, right = datetime.fromisoformat(clock), datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert named(place).instant(shown) == right == Zone(place).instant(shown)
    doubtful = clock.startswith(("2026-10-25", "2026-03-29", "2026-11-01", "2026-10-04"))
    assert named(place).is_doubtful(shown) == doubtful == Zone(place).is_doubtful(shown)


CLOCKS = st.datetimes(datetime(1981, 1, 1), datetime(2037, 12, 31)).map(lambda t: t.replace(microsecond=0))


@settings(max_examples=120, deadline=None)
@given(CLOCKS, st.sampled_from(PLACES))
def test_there_and_back(clock, place):
    """What the clock shows at the instant is what it showed, or, where there was no such hour, is an hour off."""
    there = named(place)
    instant = there.instant(clock)
    shown = there.clock(instant).replace(tzinfo=None)
    assert shown == clock or (there.is_doubtful(clock) and abs(shown - clock) <= timedelta(hours=1))
    later = [there.clock(instant + timedelta(minutes=m)).replace(tzinfo=None) == clock for m in (30, 60, 120)]
    assert not any(later) or there.is_doubtful(clock)
    assert instant <= clock.replace(tzinfo=ZoneInfo(place)).astimezone(UTC), "never later than it may have been"


@settings(max_examples=120, deadline=None)
@given(CLOCKS, st.sampled_from(PLACES))
def test_nbgrader_reads_the_same_instant(clock, place):
    utils = pytest.importorskip("nbgrader.utils")
    instant = named(place).instant(clock)
    assert utils.parse_utc(stamp(instant)) == instant.replace(tzinfo=None)
    local = named(place).clock(instant)
    for text in (stamp(instant), f"{stamp(instant)}.123456 UTC", f"{local:%Y-%m-%d %H:%M:%S %z}"):
        assert read_stamp(text) == instant
    if not named(place).is_doubtful(clock):
        assert read_stamp(f"{clock:%Y-%m-%d %H:%M:%S} {place}") == instant


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-20", "2026-13-20 12:00:00", "2026-11-20 12:00:00 No/Where"])
def test_what_is_no_timestamp(text):
    assert read_stamp(text) is None


# ---- which zone


def test_the_zone_is_said_and_where_it_comes_from(course, machine):
    machine("Asia/Kolkata")
    out, _ = collected(course, {moodle("Ada", 1): None})
    assert "those of Asia/Kolkata (the zone of this machine; is it the platform's? --zone names another)" in str(out)
    assert handed_in(course) == "2026-11-20 06:30:00"
    with open(course / times.CONFIG, "a") as file:
        file.write('\nc.Collect.zone = "America/New_York"\n')
    out, _ = collected(course, {moodle("Eve", 2): None})
    assert "America/New_York (as nbgrader_config.py says)" in str(out)
    assert handed_in(course, "Eve") == "2026-11-20 17:00:00"
    out, _ = collected(course, {moodle("Mia", 3): None}, zone="Europe/Berlin")
    assert "Europe/Berlin (as --zone says)" in str(out) and handed_in(course, "Mia") == "2026-11-20 11:00:00"


@pytest.mark.parametrize("name", ["Berlin", "Europe", "", "../../etc/passwd", "New York", "+0100", "\0"])
def test_no_zone(course, name, capsys):
    archive = hand_ins.archive(course / "d.zip", {})
    arguments = ["collect", str(archive), "--assignment", "sums", "--course", str(course), "--zone", name]
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert "there is no time zone" in said and ("Berlin" not in name or "is it Europe/Berlin?" in said)


@pytest.mark.parametrize("name", ["GMT+1", "UTC+1", "GMT-5"])
def test_an_offset_is_not_mended_into_its_opposite(course, name):
    with pytest.raises(ValueError, match="no time zone") as told:
        zone(course, name)
    assert "is it" not in str(told.value), "Etc/GMT+1 is west of Greenwich"


@pytest.mark.parametrize("line", ["c.Collect.zone = 1", "1/0", "c.Collect.zone = 'Berlin'", "def"])
def test_settings_that_are_wrong_are_told(course, line):
    (course / times.CONFIG).write_text(f"c = get_config()\n{line}\n")
    with pytest.raises(ValueError, match="nbgrader_config.py|no time zone 'Berlin'"):
        zone(course)


# ---- which of an archive's times


def test_an_instant_in_the_archive_needs_no_zone(course):
    collected(course, {moodle("Ada", 1): None}, extra=hand_ins.unix_time(1_795_000_000), zone="Australia/Sydney")
    assert handed_in(course) == stamp(datetime.fromtimestamp(1_795_000_000, UTC))


def test_what_a_student_packs_does_not_say_when_it_was_handed_in(course, tmp_path):
    """The time is the platform's, not the one in the student's own zip file."""
    early = hand_ins.archive(tmp_path / "w.zip", {"sums.ipynb": hand_ins.notebook(course)}, (2020, 1, 1, 0, 0, 0))
    collected(course, {moodle("Ada", 1, "work.zip"): early.read_bytes()})
    assert handed_in(course) == "2026-11-20 12:00:00"
    (tmp_path / "in").mkdir()
    collected_by_hand = tmp_path / "in" / "moodle.zip"
    hand_ins.archive(collected_by_hand, {moodle("Eve", 2): hand_ins.notebook(course)}, (2026, 11, 19, 12, 0, 0))
    collect(tmp_path / "in", "sums", course)
    assert handed_in(course, "Eve") == "2026-11-19 12:00:00", "the archive that names her is the platform's"


def test_files_on_the_disk_have_instants(course, tmp_path, machine):
    machine("America/New_York")
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "ada_sums.ipynb"
    path.write_text(hand_ins.notebook(course))
    os.utime(path, (1_795_000_000, 1_795_000_000))
    collect(tmp_path / "in", "sums", course, zone="Asia/Kolkata")
    assert handed_in(course, "ada") == stamp(datetime.fromtimestamp(1_795_000_000, UTC))


def test_an_unknown_time_is_not_late_and_replaces_nothing(course):
    out, _ = collected(course, {moodle("Ada", 1): None}, when=(1980, 1, 1, 0, 0, 0))
    assert not (course / "submitted/Ada/sums/timestamp.txt").exists() and "does not tell when" in str(out)
    out, whose_is = collected(course, {moodle("Ada", 1): hand_ins.notebook(course, "x")}, when=(1980, 1, 1, 0, 0, 0))
    assert whose_is == {"Ada": moodle("Ada", 1)} and "it is not known when" in out.kept["Ada"]


def test_a_zone_that_was_wrong_is_corrected(course):
    collected(course, {moodle("Ada", 1): None}, zone="UTC")
    out, _ = collected(course, {moodle("Ada", 1): None}, zone="Europe/Berlin")
    assert "of 20 November 2026 13:00, not of 20 November 2026 12:00; --force" in out.kept["Ada"]
    assert handed_in(course) == "2026-11-20 12:00:00"
    collected(course, {moodle("Ada", 1): None}, zone="Europe/Berlin", force=True)
    assert handed_in(course) == "2026-11-20 11:00:00"
    out, _ = collected(course, {moodle("Ada", 1): None}, zone="Europe/Berlin")
    assert out.kept == {"Ada": "the same is there already"}


def test_an_hour_that_was_there_twice_is_told(course):
    out, _ = collected(course, {moodle("Ada", 1): None}, when=(2026, 10, 25, 2, 30, 0), zone="Europe/Berlin")
    assert handed_in(course) == "2026-10-25 00:30:00" and "clocks were changed in that hour; 00:30 UTC" in str(out)


def test_the_order_of_hand_ins_is_that_of_instants(course):
    """Kept by nbgrader's exchange in a zone of its own; the newer one by the clock is the older one in truth."""
    place = course / "submitted" / "Ada" / "sums"
    place.mkdir(parents=True)
    (place / "sums.ipynb").write_text(hand_ins.notebook(course, "first"))
    (place / "timestamp.txt").write_text("2026-11-20 23:00:00.123456 Australia/Sydney")  # 12:00 UTC
    out, whose_is = collected(course, {moodle("Ada", 1): None}, when=(2026, 11, 20, 7, 30, 0), zone="America/New_York")
    assert whose_is == {"Ada": moodle("Ada", 1)}
    when = (2026, 11, 20, 13, 0, 0)  # the same hour in Berlin is earlier
    out, _ = collected(course, {moodle("Ada", 1): hand_ins.notebook(course, "z")}, when=when, zone="Europe/Berlin")
    assert "what is there (20 November 2026 13:30) is not older" in out.kept["Ada"]


# ---- late


LATE = {  # clock, place, seconds late: it is due on 20 November 2026 at 22:59 UTC
    "in time in Berlin": ((2026, 11, 20, 23, 59, 0), "Europe/Berlin", 0),
    "late in Berlin": ((2026, 11, 21, 0, 0, 0), "Europe/Berlin", 60),
    "in time in New York": ((2026, 11, 20, 17, 59, 0), "America/New_York", 0),
    "late in New York": ((2026, 11, 20, 20, 0, 0), "America/New_York", 7260),
    "in time in Sydney": ((2026, 11, 21, 9, 59, 0), "Australia/Sydney", 0),
    "late in Sydney": ((2026, 11, 21, 10, 59, 0), "Australia/Sydney", 3600),
    "in time in India": ((2026, 11, 21, 4, 29, 0), "Asia/Kolkata", 0),
    "late in India": ((2026, 11, 21, 4, 30, 0), "Asia/Kolkata", 60),
}


def test_who_is_late(course, tmp_path, capsys):
    """From the zip file to the table of grades, in all zones; the due date as the guide says to type it."""
    api = pytest.importorskip("nbgrader.api")
    from nbgrader.utils import parse_utc

    grades._alembic_on_path()
    names = {what: f"S{k}" for k, what in enumerate(LATE)}
    for what, (when, place, _) in LATE.items():
        collected(course, {moodle(names[what], 1): None}, when=when, zone=place)
    with api.Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.add_assignment("sums", duedate=parse_utc("2026-11-20T22:59 +0000"))
        gradebook.add_notebook("sums", "sums")
        for what, name in names.items():
            gradebook.add_student(name)
            gradebook.add_submission("sums", name, timestamp=parse_utc(handed_in(course, name)))
            assert gradebook.find_submission("sums", name).total_seconds_late == LATE[what][2], what
    found = {grade.student.id: grade for grade in grades.read(course, named="Asia/Kolkata")}
    assert {what: found[name].late for what, name in names.items()} == {k: bool(v[2]) for k, v in LATE.items()}
    for place in ("Berlin", "India"):
        grade = found[names[f"in time in {place}"]]
        assert (grade.handed_in, grade.zone) == ("2026-11-21 04:29", "UTC+0530")
    main(["grades", "--course", str(course), "--out", str(tmp_path / "g.csv"), "--zone", "Europe/Berlin"])
    assert "sums: due Friday, 20 November 2026, 23:59 (UTC+0100)" in capsys.readouterr().out
