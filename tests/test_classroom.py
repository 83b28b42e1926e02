"""The class as an experiment, over the wire: joining, answering, going on, withdrawing, and who gets nothing."""

import asyncio
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tornado.ioloop import IOLoop

from kit.behavior import ratings
from kit.behavior.session import ENDING
from kit.classroom.experiment import Experiment
from kit.classroom.people import People
from kit.classroom.server import TRIES, Classroom, serve

SMALL = Experiment(trials=6)


class Served:
    """A classroom in a thread of its own."""

    def __init__(self, folder, experiment=SMALL):
        self.folder, self.experiment, self.ready = folder, experiment, threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        assert self.ready.wait(20)
        self.web = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)

    def _run(self):
        asyncio.run(self._serve())

    async def _serve(self):
        self.room = Classroom(self.folder, self.experiment)
        server = serve(self.room, 0)
        self.port = next(iter(server._sockets.values())).getsockname()[1]
        self.loop, self.over = IOLoop.current(), asyncio.Event()
        self.ready.set()
        await self.over.wait()
        server.stop()
        await server.close_all_connections()
        self.room.people.close()

    def stop(self):
        self.loop.add_callback(self.over.set)
        self.thread.join(10)

    def join(self) -> tuple[str, str]:
        """Address and withdrawal code of a new participant."""
        answer = self.web.post("/", data={"code": self.room.join_code})
        assert answer.status_code == 303, answer.text
        address, _, withdrawal = answer.headers["location"].partition("#")
        return address, withdrawal

    def event(self, address, **message):
        return self.web.post(f"{address}/event", content=json.dumps(message))


@pytest.fixture
def served(tmp_path):
    room = Served(tmp_path / "class-1")
    yield room
    room.stop()


def answer(screen) -> dict:
    """What somebody who always takes the first face does."""
    if screen["kind"] == "match":
        return {"event": "match", "number": screen["done"], "same": True, "rt_ms": 900.0}
    if screen["kind"] == "panel":
        return {"event": "answer", "place": 0, "rating": 3, "rt_choice_ms": 1500.0, "rt_rating_ms": 600.0}
    return {"event": screen["buttons"][0][0]}


def take_part(served, address, steps=200) -> list[dict]:
    """All screens until the end."""
    screens = [served.event(address).json()]
    while screens[-1]["kind"] != "debrief" and len(screens) < steps:
        now = screens[-1]
        screens.append(served.event(address, **answer(now), serial=now["serial"]).json())
    return screens


def test_a_participant_goes_from_the_door_to_the_end(served):
    address, withdrawal = served.join()
    assert served.web.get(address).status_code == 200 and len(withdrawal) == 10
    screens = take_part(served, address)
    kinds = [screen["kind"] for screen in screens]
    assert kinds[0] == "consent" and kinds[-1] == "debrief" and kinds.count("panel") == 3 + 7
    assert "deleted" in " ".join(screens[0]["text"]) and "session.export" not in str(screens)
    assert re.search(r"<strong>[01] of 1</strong>", " ".join(screens[-1]["text"]))
    assert len(served.room.people.ratings()) == 7


def test_pictures_are_those_of_the_panel_in_its_places(served):
    address, _ = served.join()
    for screen in take_part(served, address, steps=30):
        for key, names in screen["pictures"].items():
            assert len(names) == {"st": 6, "ma": 1}.get(key[:2], 6)
        names = screen["pictures"].get(screen["key"], [])
        for name in names[:2]:
            found = served.web.get(f"{address}/picture/{name}.jpg")
            assert found.status_code == 200 and found.content[:2] == b"\xff\xd8"


def test_an_answer_sent_twice_or_late_is_stored_once(served):
    address, _ = served.join()
    screens = take_part(served, address, steps=50)
    panel = next(screen for screen in screens if screen["kind"] == "panel")
    before = served.event(address).json()
    for _ in range(3):
        again = served.event(address, **answer(panel), serial=panel["serial"])
        assert again.status_code == 200 and again.json()["serial"] == before["serial"]


def test_after_a_restart_everybody_goes_on(served):
    address, _ = served.join()
    before = take_part(served, address, steps=50)[-1]
    served.stop()
    again = Served(served.folder)
    try:
        assert again.event(address).json()["serial"] == before["serial"]
        assert take_part(again, address)[-1]["kind"] == "debrief"
    finally:
        again.stop()


def test_the_instructor_sees_codes_and_takes_the_table_away(served, tmp_path):
    address, _ = served.join()
    take_part(served, address)
    desk = f"/i/{served.room.instructor}"
    state = served.web.get(f"{desk}/state").json()
    (row,) = state["people"]
    assert (
        row["answered"] == row["total"] == 7
        and row["at"] == "debrief"
        and set(row["code"]) <= set("abcdefghjkmnpqrstuvwxyz23456789")
    )
    (tmp_path / "all.csv").write_text(served.web.get(f"{desk}/ratings.csv").text, encoding="utf-8")
    assert len(ratings.read(tmp_path / "all.csv")) == 7
    assert not served.web.post(f"{desk}/close").json()["open"]
    assert served.web.post("/", data={"code": served.room.join_code}).status_code == 409
    assert served.event(address).status_code == 200, "who is in stays in"


def test_who_withdraws_is_gone_from_the_disk(served):
    address, withdrawal = served.join()
    take_part(served, address, steps=15)
    code = next(iter(served.room.people)).code
    assert list((served.folder / "sessions").glob(f"{code}*{ENDING}"))
    assert served.web.post("/withdraw", data={"code": "wrong"}).status_code == 404
    assert served.web.post("/withdraw", data={"code": withdrawal.upper() + " "}).status_code == 200
    assert not list((served.folder / "sessions").glob(f"{code}*{ENDING}")) and served.event(address).status_code == 404
    assert len(People(served.folder, SMALL)) == 0, "also after a restart"


def test_conditions_are_given_out_in_balance(tmp_path):
    people = People(tmp_path, Experiment(identities=("Mei", "Leo"), views=("frontal", "turned"), trials=6))
    tokens = [people.join()[0] for _ in range(8)]
    found = [(people.find(token).identity, people.find(token).view) for token in tokens]
    assert all(found.count(condition) == 2 for condition in people.experiment.conditions)


@pytest.mark.parametrize(
    "address",
    ["/p/short", "/p/" + "x" * 22, "/p/" + "x" * 22 + "/event", "/static/../people.py", "/static/secrets.json",
     "/i/" + "x" * 22, "/i/" + "x" * 22 + "/ratings.csv", "/participants.jsonl", "/p/%2e%2e/%2e%2e/secrets.json"],
)  # fmt: skip
def test_strangers_get_nothing(served, address):
    answer = served.web.get(address)
    assert (
        answer.status_code in (404, 405) and "Traceback" not in answer.text and served.room.join_code not in answer.text
    )


@pytest.mark.parametrize(
    "key", ["../../secrets", "match_same_1e9_0", "rate-99999", "catch-1", "study-1", "match_other-99_0_0"]
)
def test_no_picture_but_those_of_the_experiment(served, key):
    address, _ = served.join()
    assert served.web.get(f"{address}/picture/{key}/0.jpg").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"event": "answer"}',
        b'{"event": 3, "serial": 0}',
        b'{"event": "consent", "serial": {}}',
        b"\xff\xfe",
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(served, body):
    address, _ = served.join()
    answer = served.web.post(f"{address}/event", content=body)
    assert answer.status_code == 400 and answer.text.startswith("This was not understood")
    assert served.event(address).json()["serial"] == 0


def test_what_is_too_long_is_refused(served):
    address, _ = served.join()
    try:
        assert served.web.post(f"{address}/event", content=b"x" * 10_000).status_code in (400, 413)
    except httpx.HTTPError:
        pass  # the connection was closed: as good
    assert served.event(address).status_code == 200


def test_join_codes_cannot_be_guessed_at_this_rate(served):
    codes = [served.web.post("/", data={"code": f"no{n}"}).status_code for n in range(TRIES + 3)]
    assert codes[0] == 403 and codes[-1] == 429


def test_pages_allow_no_foreign_or_inline_script(served):
    address, _ = served.join()
    for page in ("/", address, f"/i/{served.room.instructor}", "/?code=<script>alert(1)</script>"):
        answer = served.web.get(page)
        assert "script-src 'self'" in answer.headers["content-security-policy"] and "set-cookie" not in answer.headers
        assert "<script>" not in answer.text and "server" not in answer.headers


def test_two_at_once_do_not_mix(served):
    addresses = [served.join()[0] for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(lambda address: take_part(served, address)[-1]["kind"], addresses))
    assert ends == ["debrief"] * 4 and len(served.room.people.ratings()) == 28


def test_secrets_and_tokens_are_not_readable_by_others(served):
    address, withdrawal = served.join()
    assert (served.folder / "secrets.json").stat().st_mode & 0o077 == 0
    kept = (served.folder / "participants.jsonl").read_text(encoding="utf-8")
    assert address.rpartition("/")[2] not in kept and withdrawal not in kept


def test_another_experiments_folder_is_refused(tmp_path):
    Classroom(tmp_path, SMALL)
    with pytest.raises(ValueError, match="holds another experiment: its trials is 6, not 60"):
        Classroom(tmp_path, Experiment())
    (tmp_path / "experiment.json").write_text("{")
    with pytest.raises(ValueError, match="is damaged"):
        Classroom(tmp_path, SMALL)
