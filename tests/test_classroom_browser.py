"""The class as an experiment in a real Chromium: a touch phone from the code on the wall to the end, and the desk."""

import os
import random
import re
from pathlib import Path

import pytest
from classroom import SMALL, Served
from lab import FLAGS, SCRIPTS, chromium, missing

from kit.classroom import export
from kit.classroom.experiment import Experiment

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
LAPTOP = {"viewport": {"width": 1280, "height": 800}}
READY = """() => {
    const body = document.querySelector(".tk-participant .tk-body");
    return body && performance.now() > +body.dataset.ready && !body.matches(".tk-sent")
        && !/Loading/.test(body.textContent);
}"""
WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
WHOLE = """() => {
    const svg = document.querySelector(".code svg"), all = svg.getBoundingClientRect();
    const dark = [...svg.querySelectorAll("path")].at(-1).getBoundingClientRect();
    return all.width > 150 && dark.right < all.right && dark.bottom < all.bottom && dark.left > all.left;
}"""
SMALLEST = """() => [...document.querySelectorAll("button, a.button, input:not([type=hidden]):not([type=checkbox])")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }))
    .map((one) => [one.textContent || one.name, one.getBoundingClientRect()])
    .filter(([, box]) => box.height < 44 || box.width < 40).map(([name]) => name)"""


@pytest.fixture(scope="module")
def browser():
    if reason := missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = [*FLAGS, *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])]
        found = playwright.chromium.launch(executable_path=chromium(), args=flags)
        yield found
        found.close()


@pytest.fixture
def served(tmp_path):
    room = Served(tmp_path / "class-1")
    yield room
    room.stop()


class Device:
    """A device of its own, with its page."""

    def __init__(self, browser, pictures: Path, **about):
        self.context, self.pictures, self.touch = browser.new_context(**about), pictures, about.get("has_touch")
        self.errors: list[str] = []
        self.rng, self.served = random.Random(0), None
        self.page = self.open()

    def open(self):
        page = self.context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        return page

    def come_in(self, served) -> None:
        """From the code on the wall to one's own page."""
        self.served = served
        self.page.goto(served.room.link)
        self.press("Join")
        self.page.get_by_role("button", name="I agree, begin").wait_for()

    def press(self, name: str) -> None:
        one = self.page.get_by_role("button", name=name, exact=True)
        one.tap() if self.touch else one.click()

    def ready(self) -> None:
        self.page.wait_for_function(READY)

    @property
    def kind(self) -> str:
        return self.page.locator(".tk-body").get_attribute("data-kind")

    @property
    def key(self) -> str:
        return self.page.url.partition("#")[2]

    def step(self) -> str:
        """Do what is asked; what it was."""
        self.ready()
        kind, stage = self.kind, self.page.locator(".tk-stage")
        if kind == "panel":
            for part in (".tk-face", ".tk-scale button:not(.tk-again)"):
                self.ready()
                one = stage.locator(part).nth(self.rng.randrange(6))
                one.tap() if self.touch else one.click()
        elif kind != "debrief":
            one = stage.locator("button").nth(int(kind == "match" and not self.is_the_person()))
            one.tap() if self.touch else one.click()
        if kind == "match":
            self.page.wait_for_function("() => !document.querySelector('.tk-sent')")
        return kind

    def is_the_person(self) -> bool:
        """What somebody who has learned the face sees in a matching test; yes where the answer is not at hand."""
        if self.served is None:
            return True
        people = self.served.room.people
        return people.session(people.find(self.key)).state.display.stimulus.same

    def until(self, kind: str) -> None:
        for _ in range(400):
            self.ready()
            if self.kind == kind:
                return
            self.step()
        raise AssertionError(f"{kind} never came")

    def rated(self, served) -> int:
        """How many panels are stored."""
        return len(served.room.people.session(served.room.people.find(self.key)).state.answers)

    def faint(self) -> list[str]:
        """Texts whose contrast with what is behind them is too low."""
        self.page.evaluate(SCRIPTS.read_text(encoding="utf-8"))
        return self.page.evaluate("() => lab.faint('body')")

    def shot(self, name: str) -> None:
        self.page.screenshot(path=self.pictures / f"class-{name}.png", full_page=not self.touch)


@pytest.fixture
def device(browser, tmp_path):
    """Devices; `KIT_SCREENSHOTS` names a folder that keeps their pictures."""
    pictures, opened = Path(os.environ.get("KIT_SCREENSHOTS", tmp_path)), []
    pictures.mkdir(parents=True, exist_ok=True)

    def take(**about) -> Device:
        opened.append(Device(browser, pictures, **about))
        return opened[-1]

    yield take
    for one in opened:
        one.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_whole_session_on_a_phone(served, device, theme):
    phone = device(**PHONE, color_scheme=theme)
    loaded = []
    phone.page.on("response", lambda found: loaded.append(int(found.headers.get("content-length", 0))))
    phone.served = served
    phone.page.goto(served.room.link)
    phone.shot(f"phone-door-{theme}")
    phone.press("Join")
    seen = {}
    while (kind := _kind(phone)) != "debrief":
        if kind not in seen:
            seen[kind] = True
            phone.shot(f"phone-{kind}-{theme}")
            assert phone.page.evaluate(WIDE) <= 0, f"{kind}: nothing is wider than the phone"
            assert not phone.page.evaluate(SMALLEST), f"{kind}: large enough for a thumb"
            assert not phone.faint()
            if kind == "panel":
                assert sum(loaded) < 3_000_000, "before the first panel"
                text = phone.page.locator(".tk-participant").inner_text()
                assert "(P)" not in text and "(Esc)" not in text, "no keys where there are none"
        phone.step()
    assert list(seen) == ["consent", "study", "match", "panel", "begin"]
    phone.page.get_by_text("that came twice you chose the same face again").wait_for()
    phone.shot(f"phone-thanks-{theme}")
    own = phone.page.locator("#own").inner_text()
    assert re.sub("-", "", re.search(r"([a-z2-9]{4}-){2}[a-z2-9]{4}", own)[0]) == phone.key
    table = export.everything(served.room.people)
    assert (
        len(table) == 7
        and table["rt_choice_ms"].notna().all()
        and export.participants(served.room.people)["touch"].eq(10).all()
    )
    assert not phone.errors


def _kind(phone: Device) -> str:
    phone.page.locator(".tk-body").wait_for()
    phone.ready()
    return phone.kind


def test_a_laptop_takes_keys(served, device):
    laptop = device(**LAPTOP)
    laptop.come_in(served)
    laptop.until("panel")
    laptop.shot("laptop-panel")
    assert "Pause (P)" in laptop.page.locator(".tk-participant").inner_text()
    laptop.page.locator(".tk-body").focus()
    for key in "35":
        laptop.ready()
        laptop.page.keyboard.press(key)
    laptop.page.wait_for_function("() => /Practice 2/.test(document.body.innerText)")
    events = export._events(served.room.people, served.room.people.find(laptop.key))
    assert events[-1]["by"] == "keyboard" and events[-1]["rating"] == 5 and not laptop.errors


def test_a_reload_in_the_middle_and_the_code_on_the_wall_again(served, device):
    phone = device(**PHONE)
    phone.come_in(served)
    phone.until("begin")
    phone.step()
    phone.step()
    phone.ready()
    before = phone.page.locator(".tk-text").inner_text()
    assert before == "Panel 2 of 7"
    phone.page.reload()
    phone.page.get_by_text(before, exact=True).wait_for()
    phone.page.goto(served.room.link)
    phone.page.get_by_role("link", name="Go on where you were").tap()
    phone.page.get_by_text(before, exact=True).wait_for()
    phone.until("debrief")
    assert len(served.room.people) == 1 and len(export.everything(served.room.people)) == 7


def test_a_second_tab_takes_nothing_twice(served, device):
    phone = device(**PHONE)
    phone.come_in(served)
    phone.until("panel")
    first, second = phone.page, phone.open()
    second.goto(first.url)
    phone.page = second
    phone.step()
    phone.ready()
    phone.page = first  # still shows the first practice panel
    first.bring_to_front()  # browsers let pages behind others sleep
    phone.step()
    first.get_by_text("Practice 2 of 3", exact=True).wait_for()
    assert phone.rated(served) == 1
    phone.until("debrief")
    assert phone.rated(served) == 10


def test_two_people_at_once_and_the_desk_sees_them(browser, device, tmp_path):
    served = Served(tmp_path / "class-1", Experiment(trials=30))
    try:
        desk, phone, tablet = (
            device(**LAPTOP, color_scheme="dark"),
            device(**PHONE),
            device(viewport={"width": 820, "height": 1180}, has_touch=True),
        )
        desk.page.goto(served.room.desk)
        desk.page.get_by_text("0 people, 0 answers").wait_for()
        assert "#" not in desk.page.url and served.room.instructor not in desk.page.url, "the wall shows no secret"
        assert desk.page.get_by_text(served.room.join_code, exact=True).is_visible()
        assert desk.page.evaluate(WHOLE), "a camera sees all of the code"
        for one in (phone, tablet):
            one.come_in(served)
            one.until("begin")
        desk.page.get_by_text("2 people, 0 answers").wait_for()
        desk.page.get_by_role("cell", name="is about to begin").first.wait_for()
        for _ in range(20):
            phone.step()
            tablet.step()
        tablet.shot("tablet-panel")
        desk.page.get_by_text("Show it").click()
        desk.page.get_by_text("What the class has in mind for Mei").wait_for()
        assert desk.page.locator("figure img").count() == 2 and "r = " not in desk.page.inner_text("body")
        desk.page.get_by_label("Beside it, the face that was learned").check()
        desk.page.get_by_text("Mei's own side of the average").wait_for()
        desk.shot("desk")
        assert not desk.faint()
        with desk.page.expect_download() as table:
            desk.press("Table of all, anonymous (CSV)")
        assert "observer 02" in Path(table.value.path()).read_text()
        desk.page.reload()
        desk.page.get_by_text("2 people").first.wait_for()
        desk.press("End the experiment")
        desk.page.get_by_text("The experiment is over").wait_for()
        phone.step()
        phone.page.get_by_text("That is all", exact=True).first.wait_for()
        phone.shot("phone-over")
        assert not desk.errors and not phone.errors and not tablet.errors
    finally:
        served.stop()


def test_a_server_that_is_away_loses_nothing(served, device):
    phone = device(**PHONE)
    phone.come_in(served)
    phone.until("panel")
    phone.context.set_offline(True)
    phone.step()
    phone.page.get_by_text("Not saved yet: no connection").wait_for()
    phone.shot("phone-offline")
    phone.context.set_offline(False)
    phone.page.get_by_text("Practice 2 of 3", exact=True).wait_for()
    assert phone.rated(served) == 1


def test_no_is_no_and_withdrawing_works_from_the_page(served, device):
    phone = device(**PHONE)
    phone.come_in(served)
    phone.press("No, thank you")
    phone.page.get_by_text("Nothing of you is stored").wait_for()
    phone.shot("phone-no")
    assert len(served.room.people) == 0
    phone.page.get_by_role("link", name="To the door").tap()
    phone.page.get_by_label("The code on the wall").fill(served.room.join_code.upper())
    assert not phone.page.get_by_role("link", name="Go on where you were").is_visible()
    phone.press("Join")
    phone.until("study")
    key = phone.key
    phone.page.goto(served.room.address + "/withdraw")
    phone.page.get_by_label("Your own code").fill(key)
    phone.press("Delete my answers")
    phone.page.get_by_text("Everything that belonged to this code is deleted").wait_for()
    assert len(served.room.people) == 0 and SMALL.trials == 6
