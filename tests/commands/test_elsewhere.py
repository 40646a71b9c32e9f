"""Tests of ``clear --server``: a real server on loopback, its engine, and the same index as on this machine."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

import clearinghouse
from clearinghouse_client.reports import Reports
from clearinghouse_client.session import Session
from tests.commands.test_serve import COMMAND, SOURCE, serving

REPORTS = Path(clearinghouse.__file__).parents[2] / "examples" / "reports"
_TOKEN = """
import sys
from datetime import UTC, datetime, timedelta
from clearinghouse.commands.django import start
start(sys.argv[1], serving=True)
from clearinghouse.parties import actions
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.permissions.rules import Actor, Role
from uuid import uuid4
now = datetime.now(UTC)
staff = Actor(uuid4(), "staff", frozenset({Role.ADMINISTRATOR}), second_factor=True)
from clearinghouse.parties.models import Organization
home = Organization.objects.create(name="office", created_at=now)
_, secret = actions.make_invitation(home, Role.COORDINATOR, email="c@office.example", actor=staff, at=now)
password = "a long and unlikely sentence"
person = actions.accept_invitation(secret, email="c@office.example", name="Co", password=password, at=now)
actor = actor_for_person(person, second_factor=True)
token = actions.issue_token("t", scopes=sys.argv[2:], expires_at=now + timedelta(days=1), actor=actor, at=now)[1]
print(token)
"""

pytestmark = [pytest.mark.server, pytest.mark.enable_socket]


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(SOURCE), **more}  # noqa: TID251 - for a child


def a_coordinators_token(database: Path, *scopes: str) -> str:
    """Return a token of a coordinator of a new database."""
    argv = [sys.executable, "-c", _TOKEN, str(database), *scopes]
    done = subprocess.run(argv, env=_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


def _clear(*arguments: str, token: str = "") -> "subprocess.CompletedProcess[str]":
    argv = [*COMMAND, "clear", *arguments]
    environment = _environment(CLEARINGHOUSE_TOKEN=token)
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)


class _Proxy(ThreadingHTTPServer):
    """Hands requests on to a server, and drops the first answer to what is handed in: the line breaks."""

    def __init__(self, behind: str) -> None:
        self.behind, self.handed_in = behind, list[str]()
        super().__init__(("127.0.0.1", 0), _Handing)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handing(BaseHTTPRequestHandler):
    server: _Proxy

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        sent = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection"}}
        said = httpx.request(self.command, f"{self.server.behind}{self.path}", content=body, headers=sent)
        if self.path == "/api/v1/submissions" and self.command == "POST":
            self.server.handed_in.append(self.headers["Idempotency-Key"])
            if len(self.server.handed_in) == 1:
                assert said.status_code == 202  # it is done, and nobody hears of it
                return
        self.send_response(said.status_code)
        self.send_header("Content-Type", said.headers["Content-Type"])
        self.send_header("Content-Length", str(len(said.content)))
        self.end_headers()
        self.wfile.write(said.content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _dropping(behind: str) -> Iterator[_Proxy]:
    with _Proxy(behind) as proxy:
        thread = Thread(target=proxy.serve_forever)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join(30)


def test_an_answer_that_is_lost_is_asked_for_again_and_nothing_is_handed_in_twice(tmp_path: Path) -> None:
    database, report = tmp_path / "server" / "one.sqlite3", str(REPORTS / "finder-c-unknown-key")
    scopes = ("findings", "validation", "cases", "advisories")
    token = a_coordinators_token(database, *scopes)
    with serving(str(database), "--jobs", "1") as server, _dropping(server.url) as proxy:
        first = _clear(report, "--server", proxy.url, "--out", str(tmp_path / "first"), token=token)
        again = _clear(report, "--server", proxy.url, "--out", str(tmp_path / "again"), token=token)
        other = _clear(
            report, "--server", proxy.url, "--out", str(tmp_path / "x"), "--target", "pkg:npm/a@1", token=token
        )
        with Session(server.url, token) as session:
            kept = [one.receipt for one in Reports(session).submissions()]
    receipts = [done.stderr.partition(": ")[2].split()[0] for done in (first, again, other)]
    assert [done.returncode for done in (first, again, other)] == [3, 3, 3], first.stderr  # what it holds is refused
    keys = proxy.handed_in
    assert len(keys) == 4 and keys[0] == keys[1] == keys[2] != keys[3]
    assert receipts[0] == receipts[1] != receipts[2] and set(kept) == set(receipts) and len(kept) == 2


@pytest.mark.index
def test_a_server_ends_with_the_same_index_as_this_machine(tmp_path: Path) -> None:
    reports = [str(REPORTS / name) for name in ("finder-a-cookie-name", "finder-b-cookie-same", "finder-c-unknown-key")]
    database = tmp_path / "server" / "one.sqlite3"
    token = a_coordinators_token(database, "findings", "validation", "cases", "advisories")
    with serving(str(database), "--jobs", "2") as server:
        there = _clear(*reports, "--server", server.url, "--out", str(tmp_path / "there"), token=token)
    here = _clear(*reports, "--out", str(tmp_path / "here"))
    assert here.returncode == there.returncode == 3, there.stderr  # one of the three cannot be taken in
    whole = (tmp_path / "here" / "index.json").read_bytes()
    assert (tmp_path / "there" / "index.json").read_bytes() == whole
    assert b'"case' in whole and "refused" in there.stdout


def test_a_token_that_does_not_hold_is_refused_with_the_reason(tmp_path: Path) -> None:
    with serving(str(tmp_path / "one.sqlite3"), "--jobs", "0") as server:
        report = str(REPORTS / "finder-a-cookie-name")
        done = _clear(report, "--server", server.url, "--out", str(tmp_path / "out"), token="ch_no")
        assert done.returncode == 3 and "sign-in-needed" in done.stderr and not (tmp_path / "out").exists()
        assert _clear(report, "--server", server.url).returncode == 3
    done = _clear(report, "--server", server.url, token="ch_no")
    assert done.returncode == 3 and "does not answer" in done.stderr


def test_a_body_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with serving(str(tmp_path / "one.sqlite3"), "--jobs", "0") as server:
        announced = httpx.post(f"{server.url}/api/v1/tokens", content=b"x" * (2 * 1024 * 1024))
        chunks = (b"x" * 65536 for _ in range(40))
        counted = httpx.post(f"{server.url}/api/v1/tokens", content=chunks)
        for answer in (announced, counted):
            assert answer.status_code == 413 and answer.json()["code"] == "too-large"
        assert httpx.get(server.url).status_code == 200
