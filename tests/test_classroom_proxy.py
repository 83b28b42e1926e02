"""The configuration of docs/experiment.md, word for word: the class behind nginx with HTTPS."""

import re
import shutil
import socket
import subprocess
from pathlib import Path

import httpx
import pytest
from classroom import Phone, Served
from test_classroom_commands import Terminal

PAGE = Path(__file__).resolve().parents[1] / "docs" / "experiment.md"
MAIN = """daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}
http {{ access_log {folder}/access.log; client_body_temp_path {folder}/1; proxy_temp_path {folder}/2;
fastcgi_temp_path {folder}/3; uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
{site} }}"""


@pytest.fixture
def proxied(tmp_path):
    """nginx with the page's configuration before a server of the class; the class and the address."""
    if not (shutil.which("nginx") and shutil.which("openssl")):
        pytest.skip("needs nginx and openssl: apt-get install nginx openssl")
    terminal = Terminal("--out", str(tmp_path / "class-1"), "--trials", "6", "--base-url", "https://faces.example.org")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    subject = [
        "-subj",
        "/CN=faces.example.org",
        "-days",
        "2",
        "-keyout",
        str(tmp_path / "key"),
        "-out",
        str(tmp_path / "cert"),
    ]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject], check=True, capture_output=True
    )
    site = re.search(r"```nginx\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]
    for said, here in {
        "listen 443": f"listen 127.0.0.1:{port}", "127.0.0.1:8765": f"127.0.0.1:{terminal.port}",
        "/etc/letsencrypt/live/faces.example.org/fullchain.pem": str(tmp_path / "cert"),
        "/etc/letsencrypt/live/faces.example.org/privkey.pem": str(tmp_path / "key"),
    }.items():  # fmt: skip
        assert said in site
        site = site.replace(said, here)
    (tmp_path / "nginx.conf").write_text(MAIN.format(folder=tmp_path, site=site))
    nginx = subprocess.Popen(["nginx", "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)])
    web = httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=False, timeout=60)
    try:
        yield terminal, _answering(web), tmp_path
    finally:
        nginx.terminate()
        nginx.wait(20)
        terminal.stop()


def _answering(web: httpx.Client) -> httpx.Client:
    for _ in range(200):
        try:
            web.get("/")
            return web
        except httpx.TransportError:
            continue
    raise AssertionError("nginx does not answer")


def test_the_class_behind_nginx(proxied):
    terminal, web, folder = proxied
    found = web.post("/", data={"code": terminal.code})
    assert found.status_code == 303 and found.headers["location"].startswith("/p#")
    phone = Phone(web, found.headers["location"].partition("#")[2])
    assert phone.take_part()[-1]["finished"] and len(phone.pictures("study")) == 6
    for _ in range(40):
        guessed = web.post("/", data={"code": "wrong"})
    assert guessed.status_code == 429
    assert terminal.web.post("/", data={"code": "wrong"}, headers={"X-Real-IP": "192.0.2.1"}).status_code == 403, (
        "wrong codes count for who typed them, not for the proxy"
    )
    assert not (folder / "access.log").exists() or not (folder / "access.log").read_text()


def test_the_room_is_the_same_without_a_proxy(tmp_path):
    """Nobody is whom they say they are unless a proxy was announced."""
    served = Served(tmp_path / "class-1")
    try:
        for number in range(31):
            found = served.web.post("/", data={"code": "wrong"}, headers={"X-Real-IP": f"192.0.2.{number}"})
        assert found.status_code == 429
    finally:
        served.stop()
