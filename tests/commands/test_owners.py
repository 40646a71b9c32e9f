"""Tests of ``ownership``, ``authorisation``, ``availability`` and ``coverage map``: on this machine and at a server."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.commands.test_conformance import OWNED, run_command, run_python, tokens_of
from tests.commands.test_serve import serving

type Run = Callable[..., CompletedProcess[str]]

URL = "https://git.example/org/project"
BLOCK = "198.51.100.0/24"
_OTHERS = """
import sys
from datetime import UTC, datetime
from uuid import uuid4
from clearinghouse.commands.django import start
start(sys.argv[1])
from clearinghouse.deconfliction.actions.owners import claim_ownership
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text
from clearinghouse.parties.models import Organization
from clearinghouse.permissions.rules import Actor, Role
now = datetime.now(UTC)
home = Organization.objects.create(name="upstream", created_at=now)
owner = Actor(uuid4(), "owner", frozenset({Role.MAINTAINER}), home.pk, second_factor=True)
for name in ("verified", "refused"):
    made = claim_ownership(
        home, target_from_text(f"pkg:npm/{name}"), criticality=5, evidence="a file", actor=owner, at=now
    )
    print(made.pk)
print(home.pk)
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database that is made for this module."""
    file: Path = tmp_path_factory.mktemp("owners") / "one.sqlite3"
    done = run_command("database", "prepare", "--database", str(file))
    assert done.returncode == 0, done.stderr
    return file


@pytest.fixture
def on(database: Path) -> Run:
    return lambda *words: run_command(*words, "--database", str(database))


def _done(done: CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _refused(done: CompletedProcess[str]) -> str:
    assert done.returncode == 3, done.stdout
    return done.stderr


def test_what_is_claimed_is_listed_and_taken_back_and_nobody_decides_on_their_own_claim(on: Run) -> None:
    name = _done(on("ownership", "claim", BLOCK, "--criticality", "4", "--evidence", "a record"))
    listed = _done(on("ownership", "list", "--state", "claimed"))
    assert f"{name}  claimed  {BLOCK}" in listed and "shown by: a record" in listed
    assert "who asked for it cannot also grant it" in _refused(on("ownership", "verify", name, "--why", "looked"))
    assert "refused" in _refused(on("ownership", "refuse", name, "--why", "no"))
    assert f"{name}  ended" in _done(on("ownership", "end", name))
    assert "no such ownership" in _refused(on("ownership", "end", "not-an-id"))
    assert on("ownership", "claim", BLOCK, "--criticality", "9", "--evidence", "x").returncode == 2
    assert "192.0.2.0/33" in _refused(on("ownership", "claim", "192.0.2.0/33", "--criticality", "1", "--evidence", "x"))


def test_whoever_holds_the_database_looks_into_what_others_claim(on: Run, database: Path) -> None:
    verified, refused, _ = _done(run_python("-c", _OTHERS, str(database))).split()
    said = json.loads(_done(on("ownership", "verify", verified, "--why", "looked at the file", "--json")))
    assert (said["state"], said["decided_why"]) == ("verified", "looked at the file")
    assert f"{refused}  refused" in _done(on("ownership", "refuse", refused, "--why", "no file is there"))
    assert "refused" in _refused(on("ownership", "verify", refused, "--why", "after all"))


def test_another_is_authorised_and_it_is_taken_back(on: Run) -> None:
    _done(on("ownership", "claim", "203.0.113.0/24", "--criticality", "1", "--evidence", "e"))
    home = json.loads(_done(on("ownership", "list", "--json")))[0]["organization"]
    name = _done(on("authorisation", "give", home, "--target", BLOCK, "--until", "+48h", "--rate", "5"))
    listed = _done(on("authorisation", "list"))
    assert name in listed and "at most 5 a second" in listed and BLOCK in listed
    assert f"{name}  withdrawn" in _done(on("authorisation", "withdraw", name, "--why", "over"))
    assert name not in on("authorisation", "list").stdout and name in _done(on("authorisation", "list", "--withdrawn"))
    assert "no such" in _refused(on("authorisation", "withdraw", "AUTH-0000000000"))
    assert "'ada' is no organization's id" in _refused(
        on("authorisation", "give", "ada", "--target", BLOCK, "--until", "+1h")
    )
    assert "a year at most" in _refused(on("authorisation", "give", home, "--target", BLOCK, "--until", "+9000h"))


def test_whoever_does_not_answer_says_so_and_is_in_nobodys_way(on: Run) -> None:
    empty = on("availability", "list")
    assert empty.returncode == 0 and "everybody answers" in empty.stderr
    assert " down since " in _done(on("availability", "say", "down", "--why", "on holiday"))
    assert "on holiday" in _done(on("availability", "list"))
    (said,) = json.loads(_done(on("availability", "list", "--json")))
    assert said["answering"] == "down"
    assert " normal since " in _done(on("availability", "say", "normal", "--organization", said["organization"]))
    assert "no such organization" in _refused(on("availability", "say", "down", "--organization", "nobody"))
    assert on("availability", "say", "asleep").returncode == 2


def test_a_mapping_is_listed_with_its_id_and_taken_back_by_it(on: Run) -> None:
    mapped = _done(on("coverage", "map", "pkg:pypi/mapped", URL, "--folder", "src"))
    name, _, said = mapped.partition("  ")
    assert said == f"pkg:pypi/mapped is built from {URL} src"
    for of in ("pkg:pypi/mapped", URL):
        assert _done(on("coverage", "map", "--of", of)) == mapped
    assert on("coverage", "map", "--of", "pkg:pypi/another").stdout == ""
    assert "name a package" in _refused(on("coverage", "map", "--of", "192.0.2.1"))
    assert _done(on("coverage", "unmap", name, "--why", "moved")) == f"{mapped}: withdrawn"
    assert on("coverage", "map", "--of", URL).stdout == ""
    assert "refused" in _refused(on("coverage", "unmap", name))
    assert "no such mapping" in _refused(on("coverage", "unmap", "pkg:pypi/mapped"))


@pytest.mark.server
@pytest.mark.enable_socket
def test_the_same_commands_work_at_a_server_and_no_token_verifies_a_claim(tmp_path: Path) -> None:
    database = tmp_path / "one.sqlite3"
    finder, maintainer, owner = tokens_of(database)
    with serving(str(database), "--jobs", "0") as server:

        def on(token: str, *words: str) -> CompletedProcess[str]:
            return run_command(*words, "--server", server.url, CLEARINGHOUSE_TOKEN=token)

        name = _done(on(maintainer, "ownership", "claim", "pkg:npm/x", "--criticality", "2", "--evidence", "e"))
        assert "no token can verify" in _refused(on(maintainer, "ownership", "verify", name, "--why", "mine"))
        assert "404" in _refused(on(owner, "ownership", "end", name))
        assert f"{name}  ended" in _done(on(maintainer, "ownership", "end", name))
        (shown,) = json.loads(_done(on(finder, "ownership", "list", "--json")))
        assert (shown["target"]["block"], shown["evidence"]) == (OWNED, "")

        (said,) = json.loads(f"[{_done(on(finder, 'availability', 'say', 'down', '--json'))}]")
        assert said["organization"] in _done(on(maintainer, "availability", "list"))
        others = on(maintainer, "availability", "say", "normal", "--organization", said["organization"])
        assert "refused" in _refused(others)

        word = ("authorisation", "give", said["organization"], "--target", OWNED, "--until", "+4h")
        assert "refused" in _refused(on(finder, *word))
        given = _done(on(owner, *word))
        assert given in _done(on(finder, "authorisation", "list"))
        assert given not in on(maintainer, "authorisation", "list").stdout
        assert f"{given}  withdrawn" in _done(on(owner, "authorisation", "withdraw", given))

        mapped = _done(on(finder, "coverage", "map", "pkg:npm/x", URL)).partition("  ")[0]
        assert mapped in _done(on(maintainer, "coverage", "map", "--of", "pkg:npm/x"))
        assert "403" in _refused(on(maintainer, "coverage", "unmap", mapped))
        assert "withdrawn" in _done(on(finder, "coverage", "unmap", mapped))
