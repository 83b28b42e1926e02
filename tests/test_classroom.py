"""The class as an experiment, over the wire: joining, answering, going on, withdrawing, ending, and what is left."""

import asyncio
import errno
import io
import json
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from classroom import SMALL, Phone, Served, answer, unpacked
from PIL import Image

from kit import faces
from kit.__main__ import main
from kit.behavior import ratings, screens
from kit.behavior.protocol import Procedure, plan
from kit.behavior.session import ENDING
from kit.classroom import export, people, portraits
from kit.classroom.experiment import Experiment
from kit.classroom.panels import Album, displayed
from kit.classroom.people import LETTERS, People
from kit.classroom.room import Classroom
from kit.faces import stimuli
from kit.faces.pictures import encoded


@pytest.fixture
def served(tmp_path):
    room = Served(tmp_path / "class-1")
    yield room
    room.stop()


# ---- participants


def test_a_participant_goes_from_the_door_to_the_end(served):
    phone = served.join()
    assert served.web.get("/p").status_code == 200 and len(phone.key) == 12
    screens = phone.take_part()
    kinds = [screen["kind"] for screen in screens]
    assert kinds[0] == "consent" and kinds[-1] == "debrief" and kinds.count("panel") == 3 + 7
    assert "deleted" in " ".join(screens[0]["text"]) and "session.export" not in str(screens)
    assert "of 1</strong>" in " ".join(screens[-1]["text"]) and screens[-1]["finished"]
    assert len(export.everything(served.room.people)) == 7


def test_who_says_no_leaves_nothing(served):
    phone = served.join()
    assert [event for event, _ in phone.event()["buttons"]] == ["consent", "decline"]
    assert "Nothing of you is stored" in phone.event(event="decline")["declined"]
    assert phone.post("{}").status_code == 404 and len(served.room.people) == 0
    assert (served.folder / people.LIST).read_text() == ""
    agreed = served.join()
    agreed.event(event="consent", serial=0)
    assert agreed.post('{"event": "decline", "serial": 1}').status_code == 400, "later it is withdrawing"


def test_pictures_are_those_of_the_panel_in_ones_own_places(served):
    one, two = served.join(), served.join()
    panel = next(
        p for p in plan(served.room.people.session(served.room.people.find(one.key)).design) if p.phase == "rate"
    )
    found = one.pictures(f"rate-{panel.trial}")
    series = stimuli.trials(stimuli.identities(faces.load())["Mei"], 12, 0, (8, 8))
    drawn = series.take([panel.trial]).render(300)
    for place, jpeg in enumerate(found):
        shown = _pixels(jpeg)
        apart = [np.abs(shown - face).mean() for face in drawn]
        assert np.argmin(apart) == panel.order[place] and min(apart) < 4
    assert len(one.pictures("study")) == 6 and len(one.pictures("match-0")) == 1
    assert sum(map(len, one.pictures("study"))) + sum(map(len, found)) < 300_000
    assert two.web.get(f"/p/pictures/rate-{panel.trial}", headers=two.headers).status_code == 404, "another's panel"


@pytest.mark.parametrize("view", ["frontal", "turned"])
def test_an_album_draws_what_the_lesson_draws(view):
    """To the last bit of the sums in the renderer; and what two people share is drawn once."""
    album, designs = Album(), [Procedure("Mei", code, rate=12, catch=1, first=24, view=view) for code in ("a", "b")]
    try:
        for design in designs:
            keys = {"study", "match-0", "match-7"} | {f"{panel.phase}-{panel.trial}" for panel in plan(design)}
            for key in keys if design is designs[0] else {"study", "rate-24"}:
                shown = screens.pictures(design, displayed(design, key))
                for jpeg, image in zip(unpacked(asyncio.run(album.packed(design, key))), shown, strict=True):
                    assert np.abs(_pixels(jpeg) - _pixels(encoded(image))).mean() < 0.01, key
            drawn = len(album)
        assert drawn == 1 + 2 + 3 + 12 + 1, "retests and the second person's are there already"
    finally:
        album.close()


def test_what_all_see_first_is_drawn_first():
    album, designs = Album(), [Procedure("Mei", rate=6, first=first) for first in (0, 6)]
    drawn = []
    album._draw = lambda shown: drawn.append(shown[1].stimulus.trial) or (b"",)
    asyncio.run(album.draw_ahead(designs))
    album.close()
    rated = [trial for trial in drawn if trial < 1800]
    assert drawn[:3] == [1800, 1801, 1802] and sorted(rated) == list(range(12))
    assert rated[:4] == [0, 6, 1, 7], "the second panel of everybody comes after the first of everybody"


def _pixels(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(jpeg)), float)


def test_what_is_stored_is_the_face_that_stood_there(served):
    phone = served.join()
    session = served.room.people.session(served.room.people.find(phone.key))
    orders = {f"{panel.phase}-{panel.trial}": panel.order for panel in plan(session.design)}
    for screen in phone.take_part()[:-1]:
        if screen["kind"] == "panel":
            place, rating = (answer(screen)[name] for name in ("place", "rating"))
            (stored,) = [one for one in session.state.answers if f"{one.phase}-{one.trial}" == screen["key"]]
            assert (stored.choice, stored.rating) == (orders[screen["key"]][place], rating)
            assert (stored.rt_choice_ms, stored.rt_rating_ms) == (1500, 600)


def test_pictures_that_come_next_are_named_before_they_are_asked_for(served):
    phone, named = served.join(), set()
    for screen in phone.take_part():
        assert not screen["key"] or screen["key"] in named | set(screen["pictures"])
        if screen["kind"] == "panel" and screen["done"]:
            assert screen["key"] in named, "known one display earlier"
        named |= set(screen["pictures"])


def test_an_answer_sent_twice_or_late_is_stored_once(served):
    phone = served.join()
    panel = phone.until("panel")
    after = phone.event(**answer(panel), serial=panel["serial"])
    for late in ({"place": 5}, {"rating": 6}):
        again = phone.event(**answer(panel) | late, serial=panel["serial"])
        assert again["serial"] == after["serial"] == panel["serial"] + 1
    (session,) = served.folder.glob(f"sessions/*{ENDING}")
    assert session.read_text().count('"event": "answer"') == 1


def test_after_a_restart_everybody_goes_on(served):
    phone = served.join()
    before = phone.until("panel")
    served.stop()
    again = Served(served.folder)
    try:
        phone.web = again.web
        assert phone.event()["serial"] == before["serial"]
        assert phone.take_part()[-1]["finished"]
    finally:
        again.stop()


def test_ones_own_code_goes_on_elsewhere_however_it_is_typed(served):
    phone = served.join()
    typed = f" {phone.key[:4].upper()}-{phone.key[4:8]} {phone.key[8:]}"
    assert served.web.post("/again", data={"key": typed}).headers["location"] == f"/p#{phone.key}"
    wrong = served.web.post("/again", data={"key": "abcdabcdabcd"})
    assert wrong.status_code == 404 and "Nobody has this code" in wrong.text


def test_who_withdraws_is_gone_from_the_disk_and_from_the_tables(served):
    stays, goes = served.join(), served.join()
    for phone in (stays, goes):
        phone.take_part()
    served.room.export()
    written = ratings.read(served.folder / "ratings.csv")
    assert set(written["observer"]) == {"observer 01", "observer 02"} and not written["rt_choice_ms"].mod(10).any()
    code = served.room.people.find(goes.key).code
    assert served.web.post("/withdraw", data={"key": "wrong"}).status_code == 404
    assert served.web.post("/withdraw", data={"key": goes.key.upper()}).status_code == 200
    left = [path.read_text() for path in served.folder.rglob("*") if path.is_file()]
    assert not any(code in text for text in left) and not list(served.folder.rglob(f"{code}*"))
    assert goes.post("{}").status_code == 404 and len(ratings.read(served.folder / "ratings.csv")) == 7
    served.web.post("/withdraw", data={"key": stays.key})
    assert not (served.folder / "ratings.csv").exists() and not (served.folder / "dataset").exists()
    served.stop()
    assert len(People(served.folder, SMALL)) == 0, "also after a restart"


def test_an_answer_on_its_way_does_not_bring_back_who_withdrew(served, monkeypatch):
    phone = served.join()
    panel = phone.until("panel")
    records = served.room.people.session(served.room.people.find(phone.key))._records
    write, begun = records._write, threading.Event()
    monkeypatch.setattr(records, "_write", lambda line: (begun.set(), time.sleep(1), write(line)))
    message = json.dumps(answer(panel) | {"serial": panel["serial"]})
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(phone.post, message)
        assert begun.wait(20)
        gone = pool.submit(served.web.post, "/withdraw", data={"key": phone.key})
        time.sleep(0.2)
        late = pool.submit(phone.post, message)
        assert [one.result().status_code for one in (first, gone, late)] == [200, 200, 404]
    assert not list(served.folder.glob("sessions/*")) and len(served.room.people) == 0


def test_two_at_once_do_not_mix(served):
    phones = [served.join() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda phone: phone.take_part()[-1]["finished"], phones))
    table = export.everything(served.room.people)
    assert table["observer"].value_counts().eq(7).all() and len(table) == 28


def test_a_full_disk_is_told_and_nothing_is_dropped(served, monkeypatch):
    phone = served.join()
    panel = phone.until("panel")
    session = served.room.people.session(served.room.people.find(phone.key))

    def full(_line):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(session._records, "_write", full)
        disk.setattr(served.room.people._records, "_write", full)
        found = phone.event(**answer(panel), serial=panel["serial"])
        assert found["serial"] == panel["serial"] and "Keep this page open" in found["problem"]
        assert "No space left" in served.desk("state").json()["trouble"]
        refused = served.web.post("/", data={"code": served.room.join_code})
        assert refused.status_code == 507 and "disk is full" in refused.text and len(served.room.people) == 1
    found = phone.event(**answer(panel), serial=panel["serial"])
    assert found["serial"] == panel["serial"] + 1 and not found["problem"]
    assert not served.desk("state").json()["trouble"]


def test_times_that_cannot_be_are_unknown(served):
    """A clock that jumps, a phone that slept for two hours."""
    phone = served.join()
    panel = phone.until("panel")
    while panel["key"].startswith("practice"):
        panel = phone.event(**answer(panel), serial=panel["serial"])
        panel = panel if panel["kind"] == "panel" else phone.until("panel")
    phone.event(**answer(panel) | {"rt_choice_ms": -40.0, "rt_rating_ms": 7.2e6}, serial=panel["serial"])
    (row,) = export.everything(served.room.people).itertuples()
    assert np.isnan(row.rt_choice_ms) and np.isnan(row.rt_rating_ms)


# ---- the instructor


def test_the_instructor_sees_codes_and_takes_the_table_away(served, tmp_path):
    phone = served.join()
    phone.take_part()
    state = served.desk("state").json()
    (row,) = state["people"]
    assert row["answered"] == row["total"] == 7 and row["at"] == "has finished" and set(row["code"]) <= set(LETTERS)
    assert state["finished"] == 1 and "Of 1 repeated panel," in state["words"] and state["qr"].startswith("<svg")
    (tmp_path / "all.csv").write_text(served.desk("ratings.csv").text, encoding="utf-8")
    table = ratings.read(tmp_path / "all.csv")
    assert len(table) == 7 and set(table["observer"]) == {"observer 01"} and row["code"] not in table.to_csv()


def test_the_portrait_is_drawn_again_as_answers_come(tmp_path, monkeypatch):
    monkeypatch.setattr(portraits, "EVERY", 0)
    served = Served(tmp_path / "class-1", Experiment(trials=30))
    try:
        assert served.desk("portraits").json()["portraits"] == [], "nothing to draw yet"
        seen = []
        for _ in range(2):
            served.join().take_part()
            before, end = served.desk("state").json()["version"], time.monotonic() + 60
            while served.desk("state").json()["version"] == before and time.monotonic() < end:
                time.sleep(0.1)
            (found,) = served.desk("portraits").json()["portraits"]
            seen.append(found)
        assert "From 30 answers of 1 person" in seen[0]["words"] and "From 60 answers of 2 people" in seen[1]["words"]
        assert seen[0]["face"] != seen[1]["face"] and all(one["map"].startswith("data:image/jpeg") for one in seen)
        assert "true" not in seen[1] and "comparison" not in seen[1], "only if the instructor says so"
        (told,) = served.desk("portraits?true=1").json()["portraits"]
        assert told["true"].startswith("data:image/jpeg") and "Mei's own" in told["comparison"]
    finally:
        served.stop()


def test_the_door(served):
    phone = served.join()
    panel = phone.until("panel")
    assert served.desk("closed", "POST").json()["door"] == "closed"
    refused = served.web.post("/", data={"code": served.room.join_code})
    assert refused.status_code == 409 and "nobody new" in refused.text
    panel = phone.event(**answer(panel), serial=panel["serial"])
    while not panel["done"] or not panel["key"].startswith("rate"):
        panel = phone.event(**answer(panel), serial=panel["serial"])
    assert served.desk("over", "POST").json()["door"] == "over"
    assert (served.folder / "ratings.csv").exists()
    ended = phone.event(**answer(panel), serial=panel["serial"])
    assert ended["title"] == "That is all" and not ended["buttons"] and not ended["pictures"]
    served.stop()
    again = Served(served.folder)
    try:
        assert again.room.door == "over", "a restart finds it as it was left"
        again.desk("open", "POST")
        phone.web = again.web
        assert phone.event()["serial"] == panel["serial"], "nothing was taken when it was over"
    finally:
        again.stop()


def test_the_instructor_deletes_by_code(served):
    phone = served.join()
    assert served.desk("forget", "POST", data={"key": "nobody"}).status_code == 400
    assert served.desk("forget", "POST", data={"key": phone.key}).json()["people"] == []


def test_a_laboratory_gets_its_dataset(tmp_path):
    experiment = Experiment(
        ("Mei", "Leo"), ("frontal", "turned"), 6, recruited=True, completion="https://example.org/c?id={id}"
    )
    served = Served(tmp_path / "lab", experiment)
    try:
        assert served.web.get("/?code=x").status_code == 400 and "number" in served.web.get("/?code=x").text
        phone = served.join(id="5f3a9c")
        again = served.web.post("/", data={"code": served.room.join_code, "id": "5f3a9c"})
        assert again.status_code == 409 and "takes part already" in again.text, "an id alone lets nobody in"
        assert "/p#" not in again.headers.get("location", "")
        assert [screen["completion"] for screen in phone.take_part()][-2:] == ["", "https://example.org/c?id=5f3a9c"]
        served.join(id="other")
        packed = zipfile.ZipFile(io.BytesIO(served.desk("dataset.zip").content))
        described = json.loads(packed.read("dataset_description.json"))
        assert described["@type"] == "Dataset" and described["@context"] == "https://schema.org/"
        known = {one["name"] for one in described["variableMeasured"]}
        tables = {name: packed.read(name).decode() for name in packed.namelist() if name.startswith("data/")}
        assert set(tables) == {export.DATA, export.PARTICIPANTS} and all(name.endswith("_data.csv") for name in tables)
        for text in tables.values():
            assert set(text.splitlines()[0].split(",")) <= known, "each column is in the dictionary"
        first, second = export.participants(served.room.people).to_dict("records")
        assert (
            first["id"] == "5f3a9c" and first["finished"] and first["touch"] == 10 and first["began"] <= first["last"]
        )
        assert not second["finished"] and second["began"] == "" and not np.array_equal(first["view"], second["view"])
    finally:
        served.stop()


def test_conditions_and_panels_are_given_out_in_balance(tmp_path):
    people = People(tmp_path, Experiment(identities=("Mei", "Leo"), views=("frontal", "turned"), trials=600))
    keys = [people.join() for _ in range(24)]
    found = [people.find(key) for key in keys]
    places = [(one.identity, one.view, one.first) for one in found]
    assert sorted(set(places)) == sorted((*c, f) for c in people.experiment.conditions for f in (0, 600, 1200))
    assert all(places.count(place) == 2 for place in places)
    people.withdraw(found[0])
    again = people.find(people.join())
    assert (again.identity, again.view, again.first) == places[0], "a place that was left is taken first"


def test_together_they_rate_the_whole_series(tmp_path):
    people = People(tmp_path, Experiment(trials=100))
    designs = [people.session(people.find(people.join())).design for _ in range(18)]
    rated = [panel.trial for design in designs for panel in plan(design) if panel.phase == "rate"]
    assert sorted(rated) == list(range(1800))


def test_two_servers_share_nothing_and_their_folders_are_pooled(tmp_path, capsys):
    servers = [Served(tmp_path / name) for name in ("class-1", "class-2")]
    try:
        keys = [server.join().key for server in servers]
        strangers = zip(servers, reversed(keys))
        assert [Phone(server.web, key).post("{}").status_code for server, key in strangers] == [404, 404]
        for server, key in zip(servers, keys):
            Phone(server.web, key).take_part()
        servers[1].join().until("panel")  # has rated nothing that counts
        folders, out = [str(server.folder) for server in servers], tmp_path / "both.csv"
        assert main(["pool", *folders, "-o", str(out)]) == 0
        assert "2 observers, 14 trials of 2 files" in capsys.readouterr().out
        table = ratings.read(out)
        assert table["observer"].value_counts().tolist() == [7, 7] and set(table["observer"]) == {
            "observer 01",
            "observer 02",
        }
        assert main(["pool", folders[0], str(tmp_path), "-o", str(out)]) == 2
        assert "holds no sessions" in capsys.readouterr().err
    finally:
        for server in servers:
            server.stop()


# ---- what cannot be


def test_another_experiments_folder_is_refused(tmp_path):
    Classroom(tmp_path, SMALL).close()
    with pytest.raises(ValueError, match="holds another experiment: its trials is 6, not 60"):
        Classroom(tmp_path, Experiment())
    kept = (tmp_path / "experiment.json").read_text()
    (tmp_path / "experiment.json").write_text(kept.replace('"format": 1', '"format": 9'))
    with pytest.raises(ValueError, match="another version of the kit"):
        Classroom(tmp_path, SMALL)
    (tmp_path / "experiment.json").write_text("{")
    with pytest.raises(ValueError, match="is damaged"):
        Classroom(tmp_path, SMALL)


def test_one_server_at_a_time(tmp_path):
    room = Classroom(tmp_path, SMALL)
    with pytest.raises(ValueError, match="another server uses"):
        Classroom(tmp_path, SMALL)
    room.close()
    Classroom(tmp_path, SMALL).close()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"trials": 0}, "trials must be 1 to 1800"),
        ({"identities": ("Bob",)}, "identity must be one of Ada, Mei, Leo, Kofi"),
        ({"views": ("upside down",)}, "view must be one of"),
        ({"identities": ("Mei", "Mei")}, "none twice"),
        ({"consent": "\n"}, "text of consent is empty"),
        ({"completion": "javascript:alert(1)"}, "must begin with https://"),
    ],
)
def test_experiments_that_cannot_be(change, told):
    with pytest.raises(ValueError, match=told):
        Experiment(**change)


def test_the_server_brings_no_networks():
    """200 MB that a laptop in a lecture hall needs for pictures."""
    code = "import sys; from kit.classroom import server; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
