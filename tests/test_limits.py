"""Limits on what a hand-in may take, send and show: each is kept whatever a student does, and told when reached."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("nbgrader", reason="pip install 'shared-features[grade]'")

from kit.course import remote, sandbox
from kit.course.grade import Job, grade
from kit.course.judge import run_test
from kit.course.remote import Student
from kit.course.restore import Master
from kit.course.sandbox import Limits, isolation
from kit.course.wire import Channel
from kit.teaching import doctor as doctor_of_notebooks
from kit.teaching import grading
from kit.teaching.answers import Failed

needs_walls = pytest.mark.skipif(not isolation(), reason=isolation().words())
pytestmark = [needs_walls, pytest.mark.slow]
DEAF = "import time\nfrom kit.course import wire\nwire.Channel.receive = lambda *a, **k: time.sleep(1e6)"
NONSENSE = """
import struct
from kit.course import wire
def send(self, message, *_):
    if self.is_own() and 'answer' in message:
        text = {}
        self.socket.sendall(struct.pack('>I', len(text)) + text)
wire.Channel.send = send
def f(): return 1"""
AFRESH = "import os\nos.register_at_fork(after_in_parent=lambda: os._exit(0))\nimport time\ntime.sleep(1.5)"
BOMB = """
import os, time
for _ in range(150):
    try:
        if os.fork() == 0:
            os.setsid()
            if os.fork():
                os._exit(0)
            time.sleep(1e6)
    except OSError:
        break"""


@pytest.fixture
def student(tmp_path):
    """Begins the process of a hand-in without files, with small limits."""
    begun = []
    (given := tmp_path / "given").mkdir()
    given.chmod(0o755)
    tmp_path.chmod(0o755)

    def begin(n_tests=1, **limits):
        begun.append(Student(given, n_tests, replace(Limits(cell=2, notebook=20), **limits)))
        return begun[-1]

    yield begin
    for each in begun:
        each.__exit__()


def shown(outputs):
    return " ".join(str(output.get("evalue", output.get("text", ""))) for output in outputs)


def test_a_receiver_that_sleeps_does_not_hold_up_the_sender(student):
    """S3: a cell larger than the socket's buffer, and nobody who reads it."""
    hand_in = student()
    hand_in.run(DEAF)
    assert "did not stop when asked" in shown(hand_in.run("#" * 3_000_000))
    assert any("did not stop when asked" in words for words in hand_in.trouble)


def test_arguments_are_sent_in_time_or_not_at_all(student):
    hand_in = student()
    hand_in.run(DEAF + "\ndef f(x): return 1")
    snapshot = hand_in.snapshot(1)
    with pytest.raises(Failed):
        snapshot.call("f", ("x" * 5_000_000,), {})


@pytest.mark.parametrize(
    "text", ["b'[' + b'[],' * 10_000_000 + b'[]]'", "b'[' * 10_000_000", "b'9' * 10_000_000", "b'{}'", "b''", "b'[1]'"]
)
def test_any_reply_is_survived_in_little_memory(student, text):
    """Thirty megabytes of empty lists took 1.6 GB."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    hand_in = student()
    outputs = hand_in.run(NONSENSE.format(text))
    assert "nonsense" in shown(outputs) + " ".join(hand_in.trouble)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 400  # MB


def test_an_answer_to_no_question_is_left_unread():
    student, (ours, theirs) = object.__new__(remote.Student), socket.socketpair()
    student._channels, student._lost, student._count = [Channel(ours)], {}, 0
    student._end, student._watch = time.monotonic() + 20, lambda: None
    with ours, theirs:
        for of in (np.arange(3), True, 1.0, "1", 7):
            Channel(theirs).send({"id": of, "answer": "forged"})
        Channel(theirs).send({"id": 1, "answer": "own"})
        assert student.ask(0, "look", {}, 5.0) == "own"


def test_a_flood_of_outputs_is_cut_and_told(student):
    hand_in = student(cell=4)
    outputs = hand_in.run("from IPython.display import HTML, display\nfor i in range(3000):\n    display(HTML('x'))")
    assert len(outputs) <= remote.MOST_OUTPUTS and any("are left out" in words for words in hand_in.trouble)


def test_what_one_cell_shows_too_large_is_told_where_it_is_missing(student):
    shows = "from IPython.display import HTML, display\ndisplay(HTML('x' * 20_000_000))\nprint('after')"
    outputs = student().run(shows)
    assert "Output left out" in shown(outputs) and "after" in shown(outputs)


def test_half_a_character_ends_nothing(student):
    hand_in = student()
    assert "before" in shown(hand_in.run("print('before \\ud800')\ndef f(): return '\\ud800'\ndef g(): return 1"))
    snapshot = hand_in.snapshot(1)
    with pytest.raises(Failed, match="cannot be passed on"):
        snapshot.call("f", (), {})
    assert snapshot.call("g", (), {}) == 1 and hand_in.trouble == []


def test_an_answer_of_too_many_parts_costs_its_case_only(student):
    hand_in = student(cell=10, notebook=90)
    hand_in.run("def f(): return [[]] * 1_100_000\ndef g(): return 1\nhuge = [[]] * 1_100_000")
    snapshot = hand_in.snapshot(1)
    with pytest.raises(Failed, match="parts"):
        snapshot.call("f", (), {})
    assert snapshot.call("g", (), {}) == 1
    assert "list" in type(snapshot.namespace("huge")["huge"]).__name__


def test_one_deadline_however_often_the_process_begins_anew(student):
    """S7: a fork that ends its parent at each snapshot made all cells run again each time."""
    hand_in = student(5, notebook=8)
    hand_in.run("import time\ntime.sleep(1.5)")
    hand_in.run(AFRESH)
    for number in range(1, 6):
        hand_in.snapshot(number)
    told = " ".join(hand_in.trouble)
    assert "was over" in told, "three seconds for each beginning, and eight in all"
    assert "its process ended and was begun again" in told and "found no names" in told


def test_processes_that_hide_are_told(student):
    """S7: a bomb that leaves its session takes all places; tests then find nothing, and that is said."""
    hand_in = student(processes=40)
    hand_in.run(BOMB)
    snapshot = hand_in.snapshot(1)
    with pytest.raises(Failed):
        snapshot.namespace("f")
    assert any("process" in words for words in hand_in.trouble), hand_in.trouble


def test_tests_have_a_share_of_the_time_that_cells_cannot_use_up(student):
    hand_in = student(notebook=10, cell=60)
    hand_in.run("def f(): return 1")
    snapshot = hand_in.snapshot(1)
    assert "TimeoutError" in str(hand_in.run("while True: pass"))
    assert "the time for this notebook is over" in shown(hand_in.run("1"))
    assert snapshot.call("f", (), {}) == 1
    assert any("the time for its cells" in words for words in hand_in.trouble)


def test_a_cell_that_is_stopped_is_told(student):
    hand_in = student(cell=1)
    hand_in.run("while True: pass")
    assert any("a cell was stopped after 1 seconds (while True: pass)" in words for words in hand_in.trouble)


def test_calls_end_with_the_hand_ins_time(student):
    hand_in = student(notebook=4, cell=60)
    hand_in.run("def f():\n    while True: pass")
    snapshot = hand_in.snapshot(1)
    run_test("f()\n", snapshot, "t")
    assert any("its time, 0.0667 minutes, was over" in words for words in hand_in.trouble)


def test_the_doctor_knows_the_graders_limits():
    limits = Limits()
    assert limits.cell == doctor_of_notebooks.__globals__["SECONDS"]
    assert (1 - remote.FOR_TESTS) * limits.notebook == pytest.approx(60 * doctor_of_notebooks.__globals__["MINUTES"])


# ---- threads


def job(folder, name, *cells):
    """A hand-in of a test of 1 point and a student's cells."""
    import nbformat

    test = "from kit.teaching import grading\ngrading.score(grading.case(1, 'one', lambda: f(), 1, seconds=2))"
    marks = {"grade": True, "grade_id": "t", "locked": True, "solution": False, "points": 1, "schema_version": 3}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.cells.append(nbformat.v4.new_code_cell(test, metadata={"nbgrader": marks}))
    place, source = folder / name, folder / "source"
    place.mkdir()
    source.mkdir(exist_ok=True)
    nbformat.write(notebook, place / "n.ipynb")
    master = Master("t", "code", test, "", True, True, False, False, 1.0)
    return Job(name, "n", place, source, {"n": [master]}, Limits(cell=5, notebook=40, processes=40), ())


def lines(graded):
    import nbformat

    (text,) = graded.notebooks.values()
    cell = nbformat.reads(text, as_version=4).cells[-1]
    return "".join(output.get("text", "") or output["data"]["text/plain"] for output in cell.outputs)


def test_hand_ins_in_threads_are_apart(tmp_path):
    """S4: one fork bomb cost three honest students their points, reasons were mixed, 2 seconds became 60."""
    good = "def f(): return 1"
    todo = [
        job(tmp_path, "bomb", BOMB, good),
        job(tmp_path, "good", "import time\ntime.sleep(2)", good),
        job(tmp_path, "loop", "def f():\n    while True: pass"),
        job(tmp_path, "other", "def f(): return 2"),
    ]
    with ThreadPoolExecutor(4) as pool:
        bomb, fine, loop, other = pool.map(grade, todo)
    assert fine.error == loop.error == other.error == bomb.error == ""
    assert lines(fine) == "✓ 1 of 1: one\n1.0" and "not right" in lines(other)
    assert "it did not end in time" in lines(loop)
    assert bomb.attention and not fine.attention and not other.attention


def test_each_sandbox_has_a_user_of_its_own():
    if isolation().way != "root":
        pytest.skip("users are taken by root only")
    taken, done = [], threading.Barrier(5)

    def take():
        with sandbox.own_user() as user:
            taken.append(user)
            done.wait(10)

    threads = [threading.Thread(target=take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({*taken}) == 5


def test_a_case_knows_its_time_in_any_thread():
    def ask():
        seconds = []

        def answer():
            with grading.waiting(60) as left:
                seconds.append(left)
            return 1

        grading.score(grading.case(1, "a", answer, 1, seconds=2))
        return seconds[0]

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(ask).result() < 2.01
    assert ask() < 2.01
