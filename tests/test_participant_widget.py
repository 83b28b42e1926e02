"""Taking part, in the widget: what Python sends, and whole sessions in a real Chromium by keyboard and by mouse."""

import errno
import io
import json
import os
import signal

import nbformat
import numpy as np
import pytest
from PIL import Image

from kit.behavior import session
from kit.behavior.experiment import Display, Match, Panel
from kit.behavior.protocol import Procedure, matches, plan
from kit.behavior.session import Session, my_ratings, open_session
from kit.widgets import participant
from kit.widgets.participant import AHEAD, TakingPart, participate

browser = pytest.mark.browser
DESIGN = Procedure("Mei", rate=12, retest=2, catch=1)
CODE = """
import os
from pathlib import Path
from kit import widgets
from kit.behavior.protocol import Procedure
from kit.behavior.session import open_session
folder = Path(os.environ["KIT_STUDENT_DIR"])
folder.mkdir(exist_ok=True)
(folder / "pid").write_text(str(os.getpid()))
session = open_session(Procedure("Mei", rate=12, retest=2, catch=1))
widgets.participate(session)
"""
# As long as a file says so, the disk does not come to an end; or it refuses.
SLOW = """
import time
real = session._records._write
def write(line):
    while (folder / "slow").exists():
        time.sleep(0.05)
    real(line)
session._records._write = write
"""
FULL = """
import errno
real = session._records._write
def write(line):
    if (folder / "full").exists():
        raise OSError(errno.ENOSPC, "No space left on device")
    real(line)
session._records._write = write
"""
READY = """kind => {
    const body = document.querySelector(".tk-participant .tk-body");
    return body && (!kind || body.dataset.kind === kind) && performance.now() > +body.dataset.ready
        && !body.matches(".tk-sent");
}"""
MOVED_ON = """done => {
    const body = document.querySelector(".tk-participant .tk-body");
    return body.dataset.kind !== "panel" || body.querySelector("progress").value !== done;
}"""


# ---- without a browser


def blank(_design: Procedure, display: Display) -> np.ndarray:
    """As many pictures as a display has, drawn in no time."""
    return np.zeros((1 if isinstance(display.stimulus, Match) else 6, 300, 300, 3), np.uint8)


@pytest.fixture
def taking(tmp_path, monkeypatch) -> TakingPart:
    monkeypatch.setenv("KIT_STUDENT_DIR", str(tmp_path))
    monkeypatch.setattr(participant, "pictures", blank)
    yield TakingPart(open_session(DESIGN))
    for held in list(session._open.values()):
        held.close()
    session._open.clear()


def say(taking: TakingPart, **message) -> None:
    taking._heard(taking, {"serial": taking.screen["serial"], **message}, [])


def respond(taking: TakingPart, varied: bool = False) -> None:
    """Do what is asked, knowing the face."""
    state = taking._session.state
    shown = state.display.stimulus
    if isinstance(shown, Panel):
        given = {"place": state.serial % 6, "rating": 1 + state.serial % 6} if varied else {"place": 2, "rating": 4}
        say(taking, event="answer", **given, rt_choice_ms=900.0, rt_rating_ms=None)
    elif isinstance(shown, Match):
        say(taking, event="match", number=shown.number, same=shown.same)
    else:
        say(taking, event=taking.screen["buttons"][0][0])


def test_a_whole_session_through_the_widgets_messages(taking):
    kinds = []
    while taking.screen["kind"] != "debrief":
        kinds.append(taking.screen["kind"])
        assert not taking.screen["problem"]
        respond(taking)
    assert list(dict.fromkeys(kinds)) == ["consent", "study", "match", "panel", "begin"]
    table = taking._session.table()
    orders = {(p.phase, p.trial): p.order for p in plan(DESIGN)}
    assert all(orders[row.phase, row.trial][2] == row.choice for row in table.itertuples())
    assert table.rt_choice_ms.eq(900).all() and table.rt_rating_ms.isna().all()


def test_pictures_of_the_next_panels_are_sent_once_and_in_time(taking):
    sent = []
    taking.observe(lambda change: sent.append(change.new), "pictures")
    say(taking, missing="")
    assert sent[0]["key"] == "study" and len(sent[0]["jpegs"]) == 6
    while taking.screen["kind"] != "debrief":
        assert taking.screen["key"] in {"", *(one["key"] for one in sent)}
        respond(taking)
    keys = [one["key"] for one in sent]
    assert len(keys) == len(set(keys)) and set(keys) >= {f"{p.phase}-{p.trial}" for p in plan(DESIGN)}
    assert Image.open(io.BytesIO(sent[-1]["jpegs"][5])).size == (300, 300)
    say(taking, missing="")


def test_a_page_that_was_reloaded_gets_its_pictures_again(taking):
    for _ in range(12):
        respond(taking)
    taking.pictures = {}
    say(taking, missing=taking.screen["key"])
    assert taking.pictures["key"] == taking.screen["key"]


def test_what_follows_a_panel_is_known_before_it_is_answered(taking):
    foreseen = 0
    while taking.screen["kind"] != "debrief":
        guess = taking.screen["next"]
        respond(taking)
        if guess:
            foreseen += 1
            assert guess == {name: taking.screen[name] for name in guess}
    assert foreseen == DESIGN.total - 1 and AHEAD > 1


def test_an_answer_that_cannot_be_stored_is_said_and_can_be_sent_again(taking, monkeypatch):
    for _ in range(12):
        respond(taking)
    before = taking.screen

    def full(_line):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(taking._session._records, "_write", full)
        respond(taking)
    assert "No space left" in taking.screen["problem"] and taking.screen["serial"] == before["serial"]
    respond(taking)
    assert not taking.screen["problem"] and taking.screen["serial"] == before["serial"] + 1


def test_every_message_gets_a_reply_also_when_nothing_changes(taking):
    replies = [taking.screen["reply"]]
    for message in ({"event": "rested"}, {"event": "match", "number": 3, "same": True}, {"event": "dance"}):
        say(taking, **message)
        replies.append(taking.screen["reply"])
    assert len(set(replies)) == 4 and "an event must be one of" in taking.screen["problem"]


def test_without_a_front_end_words_remain_and_nothing_is_stored(taking, tmp_path, capsys):
    participate(taking._session)
    assert "Mei, the face to learn" in capsys.readouterr().out and not list(tmp_path.iterdir())


# ---- in a browser


class Taker:
    """Somebody at the widget."""

    def __init__(self, notebook, design: Procedure = DESIGN):
        self.notebook, self.page, self.design = notebook, notebook.page, design
        self.widget = notebook.widget("participant")
        self.widget.wait_for()

    def ready(self, kind: str = "") -> None:
        self.page.wait_for_function(READY, arg=kind)

    @property
    def kind(self) -> str:
        return self.widget.locator(".tk-body").get_attribute("data-kind")

    @property
    def done(self) -> int:
        return int(self.widget.locator("progress").evaluate("bar => bar.value"))

    def settled(self, done: int) -> None:
        """Wait until so many panels are stored and the next thing can be answered."""
        script = "n => document.querySelector('.tk-participant progress').value === n"
        self.page.wait_for_function(script, arg=done)
        self.ready()

    def learn_by_keyboard(self) -> None:
        self.notebook.focus(self.widget.get_by_role("button", name="I agree, begin"))
        for kind in ("consent", "study"):
            self.ready(kind)
            self.notebook.press("Enter")
        for test in matches(self.design)[:9]:
            self.settled(test.number) if self.kind == "match" else self.ready("match")
            self.notebook.press("y" if test.same else "n")
        self.ready("panel")

    def rate_by_keyboard(self, keys: str, watch: bool = False) -> float | None:
        """Choose and rate; if asked for, wait for the next panel, and tell how many milliseconds that took."""
        self.ready("panel")
        self.notebook.press(keys[0])
        self.widget.locator(".tk-rating").wait_for()
        self.ready("panel")
        if watch:
            self.page.evaluate("lab.arm('.tk-participant .tk-face img')")
        self.notebook.press(keys[1])
        return self.page.evaluate("lab.elapsed") if watch else None

    def practise(self) -> None:
        for k in range(3):
            self.settled(k)
            self.rate_by_keyboard("16")
        self.ready("begin")

    def rate_on(self, n: int) -> list[float]:
        """Answer n panels by keyboard, over breaks; milliseconds from key to the next panel."""
        times = []
        for _ in range(n):
            if self.kind in ("begin", "break"):
                self.ready()
                self.notebook.press("Enter")
            self.ready("panel")
            done = self.done
            last = done == self.design.total - 1
            times.append(self.rate_by_keyboard(f"{1 + done % 6}{1 + done * 5 % 6}", watch=not last))
            if not last:
                self.settled(done + 1)
        return [ms for ms in times if ms is not None]


def notebook(*more: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in (CODE, *more)])


def stored(lab) -> list[dict]:
    (path,) = (lab.server.student / "experiment").glob("*.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


@browser
@pytest.mark.slow
def test_a_session_by_keyboard_alone_with_the_kernel_killed_half_way(lab):
    opened = lab.open(notebook())
    opened.run_all(120)
    one = Taker(opened)
    one.learn_by_keyboard()
    one.practise()
    one.rate_on(7)
    answers = [record for record in stored(lab) if record.get("event") == "answer"]
    assert len(answers) == 10 and one.done == 7
    os.kill(int((lab.server.student / "pid").read_text()), signal.SIGKILL)
    opened.page.close()
    lab.server.end_kernels()

    again = lab.reopen(opened.path)
    again.run_all(120)
    two = Taker(again)
    two.settled(7)  # exactly where it stopped
    again.focus(two.widget.locator(".tk-body"))
    two.rate_on(DESIGN.total - 7)
    two.widget.get_by_text("Thank you.").wait_for()
    table = my_ratings(lab.server.student / "experiment")
    assert len(table) == DESIGN.total and stored(lab)[: len(answers)]
    assert [r["rating"] for r in stored(lab) if r.get("event") == "answer"][:10] == [r["rating"] for r in answers]
    assert table.rt_choice_ms.gt(0).mean() > 0.9
    assert not opened.errors and not again.errors


@browser
@pytest.mark.slow
def test_a_session_by_mouse(lab):
    opened = lab.open(notebook())
    opened.run_all(120)
    one = Taker(opened, DESIGN)

    def click(name: str, kind: str = "") -> None:
        one.ready(kind)
        one.widget.get_by_role("button", name=name).click()

    click("I agree, begin")
    click("Test me", "study")
    for test in matches(DESIGN)[:9]:
        one.settled(test.number) if one.kind == "match" else one.ready("match")
        click("It is Mei" if test.same else "Somebody else", "match")
    one.ready("panel")
    for done in [*range(3), *range(DESIGN.total)]:
        if one.kind in ("begin", "break"):
            one.ready()
            one.widget.locator(".tk-buttons button").first.click()
            one.ready("panel")
        one.settled(done)
        click("Face 5, bottom middle", "panel")
        one.widget.locator(".tk-rating").wait_for()
        one.ready()
        one.widget.get_by_role("group", name="How similar").get_by_role("button", name="3", exact=True).click()
        one.page.wait_for_function(MOVED_ON, arg=done)
    one.widget.get_by_text("Thank you.").wait_for()
    table = my_ratings(lab.server.student / "experiment")
    orders = {(p.phase, p.trial): p.order for p in plan(DESIGN)}
    assert len(table) == DESIGN.total and table.rating.eq(3).all()
    assert all(orders[row.phase, row.trial][4] == row.choice for row in table.itertuples())
    assert not opened.errors


def begun(lab, *more: str) -> Taker:
    """A notebook whose session is at its first panel that counts: everything before was done without a browser."""
    lab.server.student.mkdir(exist_ok=True)
    held = Session(DESIGN, lab.server.student / "experiment" / "me-Mei-8+8-0.session.jsonl")
    taking = TakingPart(held)
    while held.state.display.kind != "panel" or not held.state.rested:
        respond(taking)
    held.close()
    opened = lab.open(notebook(*more))
    opened.run_all(120)
    one = Taker(opened)
    one.settled(0)
    opened.focus(one.widget.locator(".tk-body"))
    return one


@browser
@pytest.mark.slow
def test_the_next_panel_is_there_at_once_and_takes_no_answer_before_the_last_is_stored(lab):
    one = begun(lab, SLOW)
    before = len(stored(lab))
    (lab.server.student / "slow").touch()
    one.rate_by_keyboard("34", watch=True)
    assert one.done == 1 and len(stored(lab)) == before
    one.page.wait_for_function("+document.querySelector('.tk-participant .tk-body').dataset.ready < performance.now()")
    one.notebook.press("2")
    assert one.widget.locator("[aria-pressed=true]").count() == 0  # a key while waiting counts for nothing
    (lab.server.student / "slow").unlink()
    one.ready("panel")
    assert len(stored(lab)) == before + 1
    one.rate_by_keyboard("55")
    one.settled(2)
    answers = [r for r in stored(lab) if r.get("event") == "answer"]
    assert answers[-2]["rt_choice_ms"] > 0 and answers[-1]["rt_choice_ms"] is None  # its time cannot be known


@browser
@pytest.mark.slow
def test_a_full_disk_hides_the_panel_and_keeps_the_answer(lab):
    one = begun(lab, FULL)
    (lab.server.student / "full").touch()
    one.rate_by_keyboard("34")
    alert = one.widget.get_by_role("alert")
    alert.get_by_text("No space left on device").wait_for()
    assert not one.widget.locator(".tk-face").first.is_visible()
    again = alert.get_by_role("button", name="Try again")
    again.and_(one.page.locator(":focus")).wait_for()
    one.notebook.press("Enter")
    one.page.wait_for_function("!document.querySelector('.tk-participant .tk-sent')")
    (lab.server.student / "full").unlink()
    one.notebook.screenshot("participant-full-disk", one.widget)
    alert.get_by_role("button", name="Try again").press("Enter")
    one.widget.locator(".tk-face").first.wait_for()
    one.settled(1)
    answers = [r for r in stored(lab) if r.get("event") == "answer"]
    assert (answers[-1]["place"], answers[-1]["rating"]) == (2, 4) and len(answers) == 4


@browser
@pytest.mark.slow
def test_keys_held_down_too_early_or_taken_back(lab):
    one = begun(lab)
    keyboard = one.page.keyboard
    keyboard.down("3")
    for _ in range(5):
        keyboard.down("3")  # repeats
    keyboard.up("3")
    one.widget.locator(".tk-rating").wait_for()
    assert one.done == 0 and len([r for r in stored(lab) if r.get("event") == "answer"]) == 3
    one.ready("panel")
    one.notebook.press("Escape")
    one.page.wait_for_function("!document.querySelector('.tk-participant .tk-rating')")
    assert one.page.evaluate("jupyterapp.shell.currentWidget.content.mode") in ("command", "edit")
    one.ready("panel")
    one.notebook.press("ArrowRight", "ArrowRight", "ArrowDown")  # faces 1, 2, 5
    one.page.locator("[aria-label^='Face 5']:focus-visible").wait_for()
    one.notebook.press("Enter")
    one.widget.locator("[aria-label^='Face 5'][aria-pressed=true]").wait_for()
    one.ready("panel")
    one.page.evaluate("window.was = jupyterapp.shell.currentWidget.content.widgets.length")
    one.notebook.press("a", "b", "d", "d", "x")  # shortcuts of JupyterLab: insert, delete and cut cells
    assert one.page.evaluate("jupyterapp.shell.currentWidget.content.widgets.length === window.was")
    one.notebook.press("6")
    one.settled(1)
    answer = stored(lab)[-1]
    assert (answer["place"], answer["rating"]) == (4, 6) and answer["rt_choice_ms"] > 150


@browser
@pytest.mark.slow
def test_a_pause_hides_the_faces_and_leaves_the_time_unknown(lab):
    one = begun(lab)
    one.notebook.press("p")
    one.widget.get_by_role("button", name="Go on (P)").wait_for()
    assert not one.widget.locator(".tk-face").first.is_visible()
    one.notebook.press("3")
    one.notebook.press("p")
    one.widget.locator(".tk-face").first.wait_for()
    assert one.widget.locator("[aria-pressed=true]").count() == 0
    one.rate_by_keyboard("34")
    one.settled(1)
    assert stored(lab)[-1]["rt_choice_ms"] is None and stored(lab)[-1]["rating"] == 4


@browser
@pytest.mark.slow
def test_it_is_legible_named_and_fits_a_small_screen(lab):
    one = begun(lab)
    assert one.widget.get_by_role("button", name="Face 2, top middle").count() == 1
    assert one.widget.get_by_role("progressbar", name="Progress").count() == 1
    assert "Panel 1 of 15" in one.widget.get_by_role("status").text_content()
    for theme in ("light", "dark"):
        one.notebook.theme(theme)
        one.notebook.screenshot(f"participant-{theme}", one.widget)
        assert one.notebook.faint(".tk-participant") == []
    one.page.set_viewport_size({"width": 520, "height": 800})
    one.page.evaluate("jupyterapp.shell.collapseLeft()")
    boxes = [one.widget.locator(".tk-face").nth(k).bounding_box() for k in range(6)]
    widget = one.widget.bounding_box()
    assert all(box["x"] + box["width"] <= widget["x"] + widget["width"] for box in boxes)
    assert boxes[2]["y"] == boxes[0]["y"] < boxes[3]["y"]  # still two rows of three
    one.notebook.screenshot("participant-small", one.widget)
