"""The class as an experiment: who gets nothing. The usual attacks, over the wire."""

import contextlib
import json
import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from types import SimpleNamespace

import pytest
from classroom import Phone, Served, answer
from tornado.httpserver import HTTPServer

from kit.classroom import limits, people
from kit.classroom.limits import TRIES, Pace

PAGES = ("/", "/p", "/i", "/withdraw", "/?code=<script>alert(1)</script>", "/static/taking_part.js")


@pytest.fixture
def served(tmp_path):
    room = Served(tmp_path / "class-1")
    yield room
    room.stop()


ADDRESSES = """/p/event /p/pictures/study /i/state /i/portraits /i/ratings.csv /i/dataset.zip /static/secrets.json
/static/../people.py /static/..%2f..%2fpeople.py /participants.jsonl /class-1/secrets.json //etc/passwd
/p/pictures/..%2f..%2fsecrets /%2e%2e/%2e%2e/etc/passwd /p/event/../../secrets.json"""


@pytest.mark.parametrize("address", ADDRESSES.split())
def test_strangers_get_nothing(served, address):
    for headers in ({}, {"Authorization": "Bearer"}, {"Authorization": "Bearer " + "x" * 22}):
        line = HTTPConnection("127.0.0.1", served.web.base_url.port)
        line.request("GET", address, headers=headers)  # as it is, dots and all
        found = line.getresponse()
        text = found.read().decode()
        assert found.status in (404, 405) and "Traceback" not in text
        assert not any(secret in text for secret in (served.room.join_code, served.room.instructor, "root:"))


@pytest.mark.parametrize("what", ["open", "closed", "over", "forget"])
def test_only_the_instructor_turns_the_door(served, what):
    phone = served.join()
    assert served.web.post(f"/i/{what}", headers=phone.headers, data={"key": phone.key}).status_code == 404
    assert served.room.door == "open" and len(served.room.people) == 1


@pytest.mark.parametrize("key", ["../../secrets", "match-99", "rate-99999", "rate-7", "catch-1", "study-1", "RATE-0"])
def test_no_picture_but_those_of_ones_own_plan(served, key):
    phone = served.join()
    assert served.web.get(f"/p/pictures/{key}", headers=phone.headers).status_code == 404


NONSENSE = (
    b"{",
    b"[]",
    b"\xff\xfe",
    b"[" * 4000,
    b'{"event": 3, "serial": 0}',
    b'{"event": {}, "serial": 0}',
    b'{"event": "answer", "serial": 0}',
    b'{"event": "match", "number": NaN, "serial": 0}',
    b'{"event": "consent"}',
    *(b'{"event": "consent", "serial": ' + serial + b"}" for serial in (b"{}", b"true", b"1e999", b"9" * 4000)),
)


@pytest.mark.parametrize("body", NONSENSE, ids=range(len(NONSENSE)))
def test_what_makes_no_sense_is_refused_in_a_sentence(served, body):
    phone = served.join()
    found = phone.post(body)
    if found.status_code == 200:  # an answer to a panel while none is shown, or to another state
        assert found.json()["serial"] == 0
    else:
        assert found.status_code == 400 and found.text.startswith("This was not understood")
    assert phone.event()["serial"] == 0


@pytest.mark.parametrize(
    "change",
    [
        *({"place": place} for place in (6, -1, True, "0", None)),
        *({"rating": rating} for rating in (7, "3", True)),
        *({"rt_choice_ms": time} for time in ("x", float("nan"))),
    ],
)
def test_answers_that_cannot_be_change_nothing(served, change):
    phone = served.join()
    panel = phone.until("panel")
    assert phone.post(json.dumps({**answer(panel), **change, "serial": panel["serial"]})).status_code == 400
    assert phone.event()["serial"] == panel["serial"]


def test_nothing_but_the_answer_is_stored(served):
    phone = served.join()
    panel = phone.until("panel")
    phone.event(
        **answer(panel) | {"by": "AAAA"},
        serial=panel["serial"],
        seq=-5,
        at="1970",
        note="A" * 1000,
        by_the_way={"name": "Zoe"},
    )
    kept = "".join(path.read_text() for path in served.folder.rglob("*") if path.is_file())
    assert "AAAA" not in kept and "Zoe" not in kept and "1970" not in kept
    assert not any(word in kept for word in ("127.0.0.1", "python-httpx", "Mozilla"))


def test_one_cannot_answer_for_another(served):
    one, two = served.join(), served.join()
    panel = one.until("panel")
    for forged in (two.key, one.key[:-1] + "a", served.room.people.find(one.key).code, people.hashed(one.key)):
        phone = Phone(served.web, forged)
        found = phone.post(json.dumps({**answer(panel), "serial": panel["serial"], "code": one.key}))
        assert found.status_code == 404 or found.json()["serial"] == 0
    assert one.event()["serial"] == panel["serial"]


def test_what_is_too_long_is_refused(served):
    phone = served.join()
    for length in (10_000, 10_000_000):
        try:
            assert phone.post(b"x" * length).status_code in (400, 413)
        except Exception as closed:  # the connection was closed: as good
            assert "httpx" in type(closed).__module__
    assert phone.event()["serial"] == 0


def test_codes_cannot_be_guessed_at_this_rate(served):
    codes = [served.web.post("/", data={"code": f"no{n}"}).status_code for n in range(TRIES + 2)]
    assert codes[0] == 403 and codes[-1] == 429
    assert served.web.post("/", data={"code": served.room.join_code}).status_code == 429, "not even with the right one"
    assert served.web.post("/again", data={"key": "x"}).status_code == 429
    assert served.web.post("/withdraw", data={"key": "x"}).status_code == 429
    assert served.web.post("/p/event", content="{}", headers={"Authorization": "Bearer x"}).status_code == 429
    assert served.desk("state").status_code == 200, "who knows the secret need not guess"


def test_right_codes_do_not_count_as_guesses(served):
    """A lecture hall may come through one address."""
    assert all(served.join() for _ in range(TRIES + 5))


def test_secrets_are_long_enough():
    letters = len(people.LETTERS)
    assert letters**people.KEY > 2**59 and letters**6 / TRIES / 60 / 24 > 20_000, "days to try all join codes"


def test_one_participant_cannot_ask_all_the_time(served, monkeypatch):
    phone = served.join()
    monkeypatch.setattr(served.room.requests, "most", 5)
    codes = [phone.post("{}").status_code for _ in range(7)]
    assert codes[:5] == [200] * 5 and codes[-1] == 429 and served.join().post("{}").status_code == 200


def test_pace_forgets_after_a_minute(monkeypatch):
    pace, now = Pace(2), [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    for _ in range(2):
        assert not pace.over("a")
        pace.count("a")
    assert pace.over("a") and not pace.over("b")
    now[0] += 61
    assert not pace.over("a")


def test_the_experiment_is_full_at_some_point(served, monkeypatch):
    monkeypatch.setattr(people, "MOST", 2)
    served.join(), served.join()
    refused = served.web.post("/", data={"code": served.room.join_code})
    assert refused.status_code == 409 and "experiment is full" in refused.text


@pytest.mark.parametrize("page", PAGES)
def test_pages_allow_no_foreign_or_inline_script_and_set_no_cookie(served, page):
    found = served.web.get(page)
    policy = found.headers["content-security-policy"]
    assert "script-src 'self';" in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert found.headers["referrer-policy"] == "no-referrer" and found.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in found.headers and "server" not in found.headers
    assert "<script>" not in found.text and " onload=" not in found.text


def test_what_is_typed_is_never_a_tag(served):
    for address, form in (
        ("/", {"code": '"><script>x'}),
        ("/again", {"key": "<script>"}),
        ("/withdraw", {"key": "<script>"}),
    ):
        assert "<script>" not in served.web.post(address, data=form).text


def test_secrets_and_keys_are_not_readable_by_others(served):
    phone = served.join()
    assert (served.folder / "secrets.json").stat().st_mode & 0o077 == served.folder.stat().st_mode & 0o077 == 0
    assert phone.key not in "".join(path.read_text() for path in served.folder.rglob("*") if path.is_file())


def test_no_log_names_a_secret_or_an_address(served, caplog, monkeypatch):
    phone = served.join()
    monkeypatch.setattr("kit.classroom.pages._words", lambda *_: 1 / 0)
    with caplog.at_level(logging.DEBUG):
        assert phone.post("{}").status_code == 500
        served.desk("state"), served.web.get("/nowhere")
    assert "ZeroDivisionError" in caplog.text
    told = "".join(record.getMessage() for record in caplog.records if record.name.startswith("tornado"))
    assert not any(word in told for word in (phone.key, served.room.instructor, "127.0.0.1", "Authorization"))


def test_slow_clients_are_dropped_and_sockets_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "PATIENCE", 1)
    monkeypatch.setattr(limits, "SOCKETS", 12)
    served = Served(tmp_path / "class-1")
    try:
        port = served.web.base_url.port
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(30)]
        for one in slow:
            one.settimeout(30)
            with contextlib.suppress(OSError):  # closed already: one too many
                one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")  # and never ends
        with ThreadPoolExecutor(30) as pool:
            assert all(pool.map(_closed, slow))
        assert served.join().event()["kind"] == "consent", "others are served"
    finally:
        served.stop()


def test_one_address_has_fewer_sockets_than_all_but_not_this_computer(monkeypatch):
    monkeypatch.setattr(HTTPServer, "handle_stream", lambda *_: None)
    monkeypatch.setattr(HTTPServer, "on_close", lambda *_: None)
    server, closed = limits.BoundedServer(lambda _: None), []

    def connect(host: str) -> bool:
        closed.clear()
        server.handle_stream(SimpleNamespace(close=lambda: closed.append(host)), (host, 5))
        return not closed

    assert all(connect("192.0.2.9") for _ in range(limits.SOCKETS_EACH)) and not connect("192.0.2.9")
    assert all(connect("127.0.0.1") for _ in range(2 * limits.SOCKETS_EACH)) and connect("192.0.2.8")
    server.on_close(SimpleNamespace(context=SimpleNamespace(address=("192.0.2.9", 5))))
    assert connect("192.0.2.9") and not connect("192.0.2.9")


def _closed(one: socket.socket) -> bool:
    try:
        return one.recv(1) == b""
    except ConnectionError:
        return True
