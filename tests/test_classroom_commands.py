"""`python -m kit experiment`: what the terminal says, what it refuses, and what it leaves when it is stopped."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from classroom import Phone

from kit.__main__ import main
from kit.behavior import ratings
from kit.classroom import commands

HERE = Path(__file__).resolve().parents[1]


class Terminal:
    """The command in a process of its own."""

    def __init__(self, *arguments: str):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "kit", "experiment", "--port", str(self.port), *arguments]
        environment = os.environ | {"PYTHONPATH": str(HERE), "PYTHONIOENCODING": "utf-8"}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                                        env=environment, start_new_session=True)  # fmt: skip
        self.said = ""
        while "Ctrl-C" not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line
        self.web = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=120)

    @property
    def code(self) -> str:
        return re.search(r"join code: (\w+)", self.said)[1]

    def join(self) -> Phone:
        found = self.web.post("/", data={"code": self.code})
        return Phone(self.web, found.headers["location"].partition("#")[2])

    def stop(self, how=signal.SIGINT) -> str:
        self.process.send_signal(how)
        rest, _ = self.process.communicate(timeout=120)
        return rest


@pytest.fixture
def begun(tmp_path):
    terminals = []

    def begin(*arguments: str) -> Terminal:
        terminals.append(Terminal("--out", str(tmp_path / "class-1"), "--trials", "6", *arguments))
        return terminals[-1]

    yield begin
    for one in terminals:
        one.process.kill()
        one.process.communicate()


def test_from_the_command_to_the_table_over_a_kill(begun, tmp_path):
    terminal = begun("--identity", "Leo")
    assert re.search("[█▀▄]{10}", terminal.said), "a code for cameras"
    assert f"http://127.0.0.1:{terminal.port}" in terminal.said and "--host 0.0.0.0" in terminal.said
    phone = terminal.join()
    before = phone.until("panel")
    assert before["person"] == "Leo"
    terminal.stop(signal.SIGKILL)
    again = begun("--identity", "Leo")
    assert again.code == terminal.code and terminal.said.split("/i#")[1][:22] in again.said
    phone.web = again.web
    assert phone.event()["serial"] == before["serial"] and phone.take_part()[-1]["finished"]
    rest = again.stop()
    assert again.process.returncode == 0 and "everything is in" in rest and "the same command goes on" in rest
    assert "Traceback" not in rest and len(ratings.read(tmp_path / "class-1" / "ratings.csv")) == 7


def test_for_a_room_it_says_who_can_come_in(begun):
    terminal = begun("--host", "0.0.0.0")
    assert "Everybody in this network" in terminal.said and "not encrypted" in terminal.said
    assert "0.0.0.0" not in terminal.said, "nobody finds a computer under that address"


def test_a_computer_in_no_network_is_told_what_to_do(tmp_path, capsys, monkeypatch):
    def nowhere(*_):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(commands.socket.socket, "connect", nowhere)
    monkeypatch.setattr(commands.socket, "gethostbyname_ex", lambda _: ("me", [], ["127.0.1.1", "192.168.137.1"]))
    assert commands._reached_at("0.0.0.0") == "192.168.137.1", "a hotspot of one's own"
    monkeypatch.setattr(commands.socket, "gethostbyname_ex", nowhere)
    assert main(["experiment", "--out", str(tmp_path / "class-1"), "--host", "0.0.0.0", "--port", "0"]) == 2
    assert "--base-url http://192.168.1.20:8765" in capsys.readouterr().err and not (tmp_path / "class-1").exists()


def test_behind_a_proxy_it_names_the_proxys_address(begun):
    terminal = begun("--base-url", "https://faces.example.org/", "--participants", "url")
    assert "https://faces.example.org/?code=" in terminal.said and "&id=" in terminal.said
    assert "https://faces.example.org/i#" in terminal.said and "not encrypted" not in terminal.said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--trials", "0"], "trials must be 1 to 1800, 60 for a class; got 0"),
        (["--identity", "Bob"], "identity must be one of Ada, Mei, Leo, Kofi; got 'Bob'"),
        (["--view", "back"], "view must be one of frontal, turned"),
        (["--host", "192.0.2.7"], "this computer is not called '192.0.2.7'"),
        (["--port", "99999"], "choose one from 1025 to 65535"),
        (["--consent", "nowhere.txt"], "nowhere.txt"),
    ],
)
def test_bad_arguments_end_with_a_sentence(tmp_path, capsys, arguments, told):
    assert main(["experiment", "--out", str(tmp_path / "class-1"), *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and told in error and not (tmp_path / "class-1").exists()


def test_a_port_in_use_is_told_with_the_remedy(tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["experiment", "--out", str(tmp_path), "--port", str(port)]) == 2
    assert f"port {port} is taken" in (error := capsys.readouterr().err) and f"--port {port + 1}" in error


def test_a_folder_of_another_experiment_is_told(begun, tmp_path, capsys):
    begun().stop(signal.SIGTERM)
    assert main(["experiment", "--out", str(tmp_path / "class-1"), "--trials", "7", "--port", "0"]) == 2
    assert "its trials is 6, not 7" in capsys.readouterr().err
