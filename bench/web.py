"""Web processes of a PostgreSQL that are killed and start anew, and tokens of people who ask them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
LONGEST_START_SECONDS = 120.0
_TOKENS = """
import sys
from datetime import UTC, datetime, timedelta
from dataclasses import replace
from uuid import uuid4
from clearinghouse.commands.django import start
start(sys.argv[1], serving=True)
from clearinghouse.parties import actions
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.sight.asking import asking_as
now = datetime.now(UTC)
staff = Actor(uuid4(), "staff", frozenset({Role.ADMINISTRATOR}), second_factor=True)
with asking_as(CLEARINGHOUSE):
    for number, role in enumerate(sys.argv[3:]):
        home = actions.found_organization(f"{role} {number}", actor=staff, at=now)
        email = f"{role}-{number}@people.example"
        _, secret = actions.make_invitation(home, Role(role), email=email, actor=staff, at=now)
        password = "a long and unlikely sentence"
        person = actions.accept_invitation(secret, email=email, name=email, password=password, at=now)
        actor = replace(actor_for_person(person), second_factor=True)
        ends = now + timedelta(days=1)
        print(actions.issue_token("bench", scopes=[sys.argv[2]], expires_at=ends, actor=actor, at=now)[1])
"""


def tokens(url: str, roles: Sequence[str], *, scope: str) -> list[str]:
    """Return a token for one new person of each role, each of an organization of their own."""
    argv = [sys.executable, "-c", _TOKENS, url, scope, *roles]
    return subprocess.run(argv, check=True, capture_output=True, text=True, cwd=ROOT).stdout.split()[-len(roles) :]


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Web:
    """One web process at one address; whoever kills it starts it again there."""

    def __init__(self, url: str, folder: Path, environment: Mapping[str, str] = {}) -> None:
        self._database, self._errors, self._environment = url, folder / "errors", environment
        self._port = free_port()
        self.address = f"http://127.0.0.1:{self._port}"
        self.process = self.start()

    def start(self) -> "subprocess.Popen[bytes]":
        """Start it; it answers a little later."""
        argv = [str(Path(sys.executable).parent / "clearinghouse"), "serve", "--database", self._database]
        argv += ["--port", str(self._port)]
        # Nobody is asked to wait: the load is what is wanted here.
        ours = {"CLEARINGHOUSE_REQUESTS_A_MINUTE": "0", **self._environment}
        environment = {**os.environ, **ours}  # noqa: TID251 - for a child
        with self._errors.open("ab") as errors:
            self.process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=errors, cwd=ROOT, env=environment)
        return self.process

    def wait(self) -> None:
        """Wait until it answers.

        Raises:
            TimeoutError: it does not, or it has ended.
        """
        until = time.monotonic() + LONGEST_START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if httpx.get(f"{self.address}/", timeout=2).status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                    return
            except httpx.HTTPError:
                time.sleep(0.2)
        raise TimeoutError(f"no web process at {self.address}; see {self._errors}")
