"""Photograph an experiment with a *simulated* class: `python docs/experiment.py` (needs Chromium)."""

import io
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from classroom import Phone, Served, answer  # noqa: E402
from lab import FLAGS, chromium  # noqa: E402

from kit.behavior.demo import classmate  # noqa: E402
from kit.behavior.protocol import Panel, panel_faces, plan  # noqa: E402
from kit.classroom.experiment import Experiment  # noqa: E402

PICTURES = ROOT / "docs" / "pictures" / "experiment"
PEOPLE, TRIALS = 24, 60
MOST = 720  # pixels across
PHONE = {"viewport": {"width": 390, "height": 680}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1000, "height": 1235}}


def rate(served: Served, phone: Phone, rng: np.random.Generator, most: int) -> None:
    """Take part as somebody who looks at nose, mouth and chin, for so many panels."""
    session = served.room.people.session(served.room.people.find(phone.key))
    panels = plan(session.design)
    chosen = (
        classmate(session.design, rng)
        .rate(panel_faces(session.design, panels), rng)[["choice", "rating"]]
        .to_numpy()
        .tolist()
    )
    said = dict(zip(panels, chosen))
    screen = phone.event()
    while screen["kind"] != "debrief" and len(session.state.answers) < most:
        shown, message = session.state.display.stimulus, answer(screen)
        if isinstance(shown, Panel):
            choice, rating = said[shown]
            message |= {"place": shown.order.index(choice), "rating": rating}
        elif screen["kind"] == "match":
            message["same"] = shown.same
        screen = phone.event(**message, serial=screen["serial"])


def photograph(browser, about: dict, address: str, name: str, act) -> None:
    page = browser.new_context(color_scheme="light", **about).new_page()
    page.goto(address)
    act(page)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.thumbnail((MOST, 2 * MOST), Image.LANCZOS)
    picture.save(PICTURES / name, quality=88)
    print(f"{PICTURES / name}: {picture.width} x {picture.height}")


def choose(page) -> None:
    page.locator("[data-kind=panel] .tk-face").nth(4).tap()
    page.locator(".tk-scale button").first.wait_for()


def unfold(page) -> None:
    page.locator("summary").click()
    page.get_by_label("Beside it, the face that was learned").check()
    page.locator(".portraits img").nth(2).wait_for()


def main() -> None:
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder) / "class-1", Experiment(trials=TRIALS))
        phones = [served.join() for _ in range(PEOPLE)]
        for phone in phones:
            rate(served, phone, rng, rng.choice([40, 200], p=[0.3, 0.7]))
        new = served.join()
        rate(served, new, rng, 4)
        with sync_playwright() as playwright:
            flags = [*FLAGS, "--no-sandbox"]
            browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
            photograph(browser, PHONE, f"{served.room.address}/p#{new.key}", "phone.jpg", choose)
            photograph(browser, DESK, f"{served.room.address}/i#{served.room.instructor}", "desk.jpg", unfold)
            browser.close()
        served.stop()


if __name__ == "__main__":
    main()
