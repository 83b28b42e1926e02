"""Plain data between processes that do not trust each other (kit.course.wire)."""

import json
import math
import socket
import threading
import time

import numpy as np
import pytest

from kit.course.wire import Channel, Refused, dumps, loads


def same(a, b):
    """Equal in value and kind, all the way down; nan is nan."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return [*a] == [*b] and all(same(a[key], b[key]) for key in a)
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    return a == b or (a != a and b != b)


def some_data(rng, depth=3):
    """Random data, nested."""
    numbers = [
        0,
        -7,
        2**80,
        0.1,
        -0.0,
        math.nan,
        math.inf,
        -math.inf,
        2 - 3j,
        True,
        False,
        None,
        "",
        "ä \n\0 ∑ 🙂",
        "~",
    ]
    dtype = rng.choice(["?", "i1", "u2", "i8", "f2", "f4", "f8", "c8", "c16", "U3"])
    shape = tuple(rng.integers(0, 4, rng.integers(0, 4)))
    array = rng.integers(-3, 99, shape).astype(dtype)
    leaves = [*numbers, array, array.T, np.float64(0.1), np.int16(-3), np.bool_(True)]
    kind = rng.integers(4) if depth else 0
    parts = [some_data(rng, depth - 1) for _ in range(rng.integers(4))] if kind else []
    keys = [1, "one", 2.5, None, (1, 2)]
    return [leaves[rng.integers(len(leaves))], parts, tuple(parts), dict(zip(keys, parts))][kind]


def test_data_come_out_as_they_went_in():
    rng = np.random.default_rng(0)
    for _ in range(3000):
        data = some_data(rng)
        assert same(data, loads(dumps(data))), data


def test_numbers_keep_their_kind():
    for value in (math.nan, -math.inf, 2**80, 1j, np.float32(0.1), np.int8(-1), "\0", (1, [2, {3: (4,)}])):
        assert same(value, loads(dumps(value)))
    for dtype in ("?", "u1", "i8", "f2", "f8", "c16", "U5"):
        array = np.arange(6).reshape(2, 3).astype(dtype)
        assert same(array, loads(dumps(array))) and same(np.asfortranarray(array), loads(dumps(array)))


def test_big_endian_arrays_keep_their_values():
    assert loads(dumps(np.arange(3, dtype=">f8"))).tolist() == [0, 1, 2]


def test_arrays_can_be_changed_by_who_gets_them():
    array = loads(dumps(np.zeros(3)))
    array += 1
    assert array.tolist() == [1, 1, 1]


class Liar(float):
    pass


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (object(), "object"),
        (print, "builtin_function"),
        ({1, 2}, "set"),
        (b"bytes", "bytes"),
        (Liar(1), "Liar"),
        (np.array([object()]), "array of object"),
        (np.datetime64("2026-01-01"), "datetime64"),
        ([1, (2, {"a": lambda: 3})], "function"),
    ],
)
def test_what_is_not_data_is_refused_by_name(data, word):
    with pytest.raises(Refused, match=word):
        dumps(data)


def test_too_much_too_deep_or_endless_is_refused():
    with pytest.raises(Refused, match="at most 1 MB"):
        dumps(np.zeros(10**6), limit=2**20)
    deep = []
    deep.append(deep)
    with pytest.raises(Refused, match="nested too deep"):
        dumps(deep)


def test_too_many_parts_are_refused_on_both_sides_before_they_take_memory():
    with pytest.raises(Refused, match="it has 1,000,003 parts; at most 1,000,000"):
        dumps([0] * 1_000_003)
    with pytest.raises(Refused):
        loads(b"[" + b"[]," * 10_000_000 + b"[]]")
    assert loads(dumps("," * 2_000_000)) == "," * 2_000_000, "those inside a text are no parts"


def test_keys_of_one_hash_keep_nobody_busy():
    many = {"~": "dict", "parts": [[number * (2**61 - 1), 0] for number in range(5000)]}
    with pytest.raises(Refused, match="the same hash"):
        loads(json.dumps(many).encode())
    usual = {**dict.fromkeys(range(5000), 0), float("nan"): 1, "a": 2, (1, 2): 3}
    assert len(loads(dumps(usual))) == len(usual)


def test_half_a_character_is_refused_where_it_is_sent():
    for data in ("\ud800", ["\ud800"], {"\ud800": 1}, np.str_("\ud800")):
        with pytest.raises(Refused):
            dumps(data)


HOSTILE = [
    b"",
    b"\xff\xfe",
    b"[1, 2",
    b"{}",
    b'{"~": "code", "parts": "1"}',
    b'{"~": ["array"]}',
    b'{"~": "array", "dtype": "O", "shape": [1], "bytes": "AAAAAAAAAAA="}',
    b'{"~": "array", "dtype": "f8", "shape": [99999999999], "bytes": ""}',
    b'{"~": "array", "dtype": "f8", "shape": [-1, 0], "bytes": ""}',
    b'{"~": "array", "dtype": "f8,O", "shape": [1], "bytes": "AAAAAAAAAAA="}',
    b'{"~": "array", "dtype": "f8", "shape": [1], "bytes": "?"}',
    b'{"~": "array", "dtype": "f8", "shape": "3", "bytes": "AAAAAAAAAAA="}',
    b'{"~": "dict", "parts": [[[1], 2]]}',
    b'{"~": "dict", "parts": [1]}',
    b'{"~": "complex", "parts": ["a", 1]}',
    b'"\\ud800"',
    b"[" * 10**5,
    b"9" * 10**5,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_any_other_text_is_refused_and_nothing_else_happens(text):
    with pytest.raises(Refused):
        loads(text)


def test_random_damage_never_does_more_than_be_refused():
    rng, text = np.random.default_rng(0), dumps({"a": [np.arange(5), 1j, (None, "x")], 3: np.float32(2)})
    for _ in range(2000):
        damaged = bytearray(text)
        for place in rng.integers(len(text), size=3):
            damaged[place] = rng.integers(256)
        try:
            loads(bytes(damaged))
        except Refused:
            continue


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    yield Channel(ours), Channel(theirs), theirs
    ours.close()
    theirs.close()


def test_messages_arrive_whole(ends):
    ours, theirs, _ = ends
    big = {"image": np.arange(10**6)}
    threading.Thread(target=ours.send, args=(big,)).start()
    assert theirs.receive(5)["image"].sum() == big["image"].sum()


def test_who_does_not_read_holds_nobody_up(ends):
    ours, theirs, _ = ends
    watched = []
    with pytest.raises(TimeoutError):
        ours.send({"source": "#" * 3_000_000}, 0.5, lambda: watched.append(1))
    assert watched
    theirs.socket.close()
    with pytest.raises(OSError):
        ours.send({"source": "#" * 3_000_000}, 5)


def test_an_alarm_waits_for_the_end_of_a_message(ends):
    """A cell is stopped while it shows something large: what it shows next must still be understood."""
    from kit.course.student import ends_in

    ours, theirs, _ = ends
    got = []

    def read_late():
        time.sleep(0.6)
        got.extend([theirs.receive(20), theirs.receive(20)])

    reader = threading.Thread(target=read_late)
    reader.start()
    with pytest.raises(TimeoutError), ends_in(0.2, ours):
        ours.send({"output": "x" * 5_000_000})
        time.sleep(5)
    ours.send({"answer": 1})
    reader.join()
    assert len(got[0]["output"]) == 5_000_000 and got[1] == {"answer": 1}


def test_a_socket_of_any_number_can_be_waited_for():
    """`select` knows the first 1024 only; a server has more open."""
    import os
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2000:
        pytest.skip("this system allows few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (2000, hard))
    one, other = socket.socketpair()
    high = os.dup2(one.fileno(), 1500)
    with socket.socket(fileno=high) as end, one, other:
        Channel(end).send({"a": 1}, 5)
        assert Channel(other).receive(5) == {"a": 1}
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_silence_nonsense_and_an_end_are_told_apart(ends):
    ours, _, socket_of_theirs = ends
    with pytest.raises(TimeoutError):
        ours.receive(0.1)
    socket_of_theirs.sendall(b"\0\0\0\3abc")
    with pytest.raises(Refused):
        ours.receive(1)
    text = json.dumps([1]).encode()
    socket_of_theirs.sendall(len(text).to_bytes(4, "big") + text)
    with pytest.raises(Refused, match="not a message"):
        ours.receive(1)
    socket_of_theirs.sendall(b"\xff\xff\xff\xff")
    with pytest.raises(Refused, match="allowed length"):
        ours.receive(1)
    socket_of_theirs.close()
    with pytest.raises(EOFError):
        ours.receive(1)
