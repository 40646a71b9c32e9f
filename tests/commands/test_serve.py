"""Tests of clearinghouse/commands/serve.py: a real server process, asked over loopback."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
import pytest

import clearinghouse
from clearinghouse.commands.serve import listen
from tests.cluster import Cluster

SOURCE = Path(clearinghouse.__file__).parents[1]
COMMAND = [sys.executable, "-c", "from clearinghouse.commands.main import main; main()"]
PASSWORD = "a long and unlikely sentence"

pytestmark = [pytest.mark.server, pytest.mark.enable_socket]


class Served:
    """A server that runs, and what it said while it started."""

    def __init__(self, process: "subprocess.Popen[str]", log: IO[str]) -> None:
        self.process, self._log = process, log
        self.said = ""
        assert process.stdout is not None
        for line in process.stdout:
            self.said += line
            if line.startswith("serving "):
                break
        else:
            raise AssertionError(self.said + self.logged())
        found = re.search(r"^serving (\S+)", line)
        assert found is not None
        self.url = found[1]

    def logged(self) -> str:
        """Return what it wrote on stderr until now."""
        self._log.seek(0)
        return self._log.read()

    @property
    def link(self) -> str | None:
        """The link with which the first administrator signs up."""
        found = re.search(r"\S+/join/\S+", self.said)
        return found[0] if found else None


@contextmanager
def serving(database: str, *options: str) -> Iterator[Served]:
    argv = [*COMMAND, "serve", "--database", database, "--port", "0", *options]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}  # noqa: TID251 - for a child
    with (
        tempfile.TemporaryFile("a+", encoding="utf-8") as log,  # a pipe that nobody reads would fill up
        subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            yield Served(process, log)
        finally:
            process.terminate()
            process.wait(30)


def _journey(database: str) -> None:
    """Sign up with the printed link, sign in again, and be told who one is; then start again, without a link."""
    with (
        serving(database, "--office", "CERT Example") as server,
        httpx.Client(base_url=server.url, follow_redirects=True) as browser,
    ):
        front = browser.get("/")
        assert (
            front.status_code == 200
            and "Sign in" in front.text
            and "'none'" in front.headers["content-security-policy"]
        )
        assert browser.get("/api/v1/whoami").status_code == 401
        assert server.link is not None
        page = browser.get(server.link)
        assert "invited to CERT Example as administrator" in " ".join(page.text.split())
        form = {"name": "Ada", "email": "ada@people.example", "password": PASSWORD, **_token_in(page.text)}
        joined = browser.post(server.link, data=form, headers={"Referer": server.link})
        assert joined.status_code == 200 and "Ada" in joined.text
        told = browser.get("/api/v1/whoami").json()
        assert told["roles"] == ["administrator"] and told["email"] == "ada@people.example"
        assert httpx.get(server.link).status_code == 404
    assert server.process.returncode == 0
    with (
        serving(database, "--jobs", "0", "--office", "Too late") as server,
        httpx.Client(base_url=server.url, follow_redirects=True) as browser,
    ):
        assert server.link is None
        form = {"login": "ada@people.example", "password": PASSWORD, **_token_in(browser.get("/sign-in").text)}
        assert "Ada" in browser.post("/sign-in", data=form, headers={"Referer": server.url}).text
        assert browser.get("/api/v1/whoami").json()["name"] == "Ada"
        account = browser.get("/account").text
        assert "CERT Example" in account and "Too late" not in account


def _token_in(page: str) -> dict[str, str]:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found is not None
    return {"csrfmiddlewaretoken": found[1]}


def test_the_first_administrator_signs_up_on_a_new_file(tmp_path: Path) -> None:
    _journey(str(tmp_path / "state" / "one.sqlite3"))


def test_the_first_administrator_signs_up_on_a_new_postgresql(cluster: Cluster) -> None:
    _journey(cluster.create("served"))


def test_a_request_for_another_host_is_refused(tmp_path: Path) -> None:
    with serving(str(tmp_path / "one.sqlite3"), "--jobs", "0") as server:
        assert httpx.get(server.url, headers={"Host": "elsewhere.example"}).status_code == 400


def test_no_secret_of_a_link_stands_in_the_log(tmp_path: Path) -> None:
    with serving(str(tmp_path / "one.sqlite3"), "--jobs", "0") as server:
        assert httpx.get(f"{server.url}/join/a-secret-that-does-not-hold").status_code == 404
        said = server.logged()
    assert "join/<str:secret>" in said and "a-secret-that-does-not-hold" not in said


def test_each_request_has_its_line_and_no_address_stands_in_it(tmp_path: Path) -> None:
    with serving(str(tmp_path / "one.sqlite3"), "--jobs", "0") as server:
        httpx.get(f"{server.url}/sign-in?next=/a-secret", headers={"X-Request-ID": "of-the-proxy-7"})
        httpx.get(f"{server.url}/nothing/a-secret", headers={"X-Request-ID": "forged\tline"})
        httpx.get(f"{server.url}/api/v1/whoami")
        logged = server.logged()
    lines = [json.loads(line) for line in logged.splitlines() if not line.startswith("making ")]
    asked = [one for one in lines if one["message"] == "request"]
    assert [(one["method"], one["route"], one["status"]) for one in asked] == [
        ("GET", "sign-in", 200),
        ("GET", "none of ours", 404),
        ("GET", "api/v1/whoami", 401),
    ]
    assert asked[0]["request_id"] == "of-the-proxy-7" and "forged" not in asked[1]["request_id"]
    assert len({one["request_id"] for one in asked}) == 3 and all(0 < one["seconds"] < 60 for one in asked)
    assert "a-secret" not in logged


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with serving(str(tmp_path / "one.sqlite3"), "--jobs", "0") as server:
        port = server.url.rpartition(":")[2]
        argv = [*COMMAND, "serve", "--database", str(tmp_path / "two.sqlite3")]
        environment = {**os.environ, "PYTHONPATH": str(SOURCE)}  # noqa: TID251 - for a child
        done = subprocess.run([*argv, "--port", port], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 3 and f"port {port}" in done.stderr


def test_an_interrupt_ends_it_in_peace(tmp_path: Path) -> None:
    with serving(str(tmp_path / "one.sqlite3"), "--jobs", "1") as server:
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(30) == 0


def test_no_part_of_an_answer_waits_for_the_acknowledgement_of_the_one_before() -> None:
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
