"""docs/experiment.md, followed word by word: the command, two phones from the code on the wall, the end, the report."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from test_classroom_browser import PHONE, browser, device  # noqa: F401

from kit.behavior import ratings

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[1]
PYTHON = ".venv/bin/python"


def commands() -> list[list[str]]:
    """The page's commands of the kit, as they stand there."""
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "docs" / "experiment.md").read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [[sys.executable, *line.split()[1:]] for line in lines if line.startswith(PYTHON)]


@pytest.fixture
def begun(tmp_path):
    """The first command, in a folder of its own, and what the terminal said."""
    command, environment = commands()[0], os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, encoding="utf-8",
                               stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
    said = ""
    while "Ctrl-C" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    yield process, said
    process.kill()
    process.communicate()


def test_two_phones_through_to_the_report(begun, device, tmp_path):  # noqa: F811
    process, said = begun
    link, desk_link = re.search(r"at once: +(\S+)", said)[1], re.search(r"Instructor: +(\S+)", said)[1]
    if re.search(r"//127\.", link):
        pytest.skip("this computer is in no network")
    phones, desk = [device(**PHONE), device(**PHONE)], device(viewport={"width": 1280, "height": 800})
    for one in (*phones, desk):  # tests let browsers reach nothing but this computer, and so it is called here
        one.page.goto(_here(desk_link if one is desk else link))
    for phone in phones:
        phone.press("Join")
        phone.until("debrief")
        phone.page.get_by_text("you chose the same face again").first.wait_for()
    desk.page.get_by_text("2 people, 148 answers, 2 finished").wait_for()
    desk.press("End the experiment")
    desk.page.get_by_text("The experiment is over").wait_for()
    desk.page.get_by_text("Show it").click()
    desk.page.get_by_text("What the class has in mind for Mei").wait_for()
    process.send_signal(signal.SIGINT)
    assert "everything is in class-1" in process.communicate(timeout=120)[0]
    assert len(ratings.read(tmp_path / "class-1" / "ratings.csv")) == 148
    done = subprocess.run(commands()[1], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True,
                          encoding="utf-8")  # fmt: skip
    assert done.returncode == 0 and "compared as a class of 2 people" in done.stdout, done.stderr
    report = (tmp_path / "results" / "report.html").read_text(encoding="utf-8")
    assert "A class of 2 people" in report and "120 rated trials" in report


def _here(address: str) -> str:
    return re.sub(r"//[^:/]+", "//127.0.0.1", address)


def test_the_pages_commands_are_those_that_there_are():
    first, second = commands()
    assert first[1:4] == ["-m", "kit", "experiment"] and second[1:4] == ["-m", "kit", "reproduce"]
