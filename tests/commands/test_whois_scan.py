"""Tests of ``clearinghouse whois-scan`` and ``scan-lists``: offline, on a database, and at a server."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from clearinghouse.commands.whois_scan import whois_scan
from clearinghouse.deconfliction.rules.scan_list import told_to_members, write_list
from clearinghouse.signing.keys import public_path, save_key
from tests.commands.test_elsewhere import a_coordinators_token
from tests.commands.test_serve import COMMAND, SOURCE, serving
from tests.deconfliction.rules.test_requests import a_request
from tests.deconfliction.rules.test_scan_list import a_head, a_list, some_scans
from tests.deconfliction.rules.test_warrants import HOUSE, OTHER
from tests.deconfliction.scans import NOON

AT = "2026-11-23T12:00:00Z"
_SCAN = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from clearinghouse.commands.django import start
start(Path(sys.argv[1]))
from clearinghouse.deconfliction.actions.intents import announce_intent, end_intent
from clearinghouse.deconfliction.actions.owners import claim_ownership, give_authorisation, verify_ownership
from clearinghouse.deconfliction.models import Intent
from clearinghouse.deconfliction.rules.announcing import Announcement
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.parties.actions import local_actor
from clearinghouse.parties.models import Organization
from clearinghouse.permissions.rules import Actor, Role
from uuid import uuid4
now = datetime.now(UTC)
block = target_from_text("198.51.100.0/24")
home = Organization.objects.filter(name="lab").first() or Organization.objects.create(name="lab", created_at=now)
actor = Actor(uuid4(), "Ada", frozenset({Role.FINDER, Role.OPERATOR}), home.pk)
office = Actor(uuid4(), "Cy", frozenset({Role.COORDINATOR}), home.pk, second_factor=True, asks_at=now)
if sys.argv[2] == "announce":
    window = Window(now, now + timedelta(hours=1))
    claimed = claim_ownership(home, block, criticality=3, evidence="a record", actor=actor, at=now)
    verify_ownership(claimed, why="looked at it", actor=office, at=now)
    give_authorisation(home, home, (block,), window, actor=actor, at=now)
    said = Announcement("active-network-scanning", (block,), window,
                        "mailto:ada@lab.example", sources=("192.0.2.0/28",))
    print(announce_intent(said, actor=actor, at=now).intent.public_id)
else:
    end_intent(Intent.objects.get(), actor=actor, at=now)
"""


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., Result]:
    """Return what asks with the key of the house, remembering in a file of the test's own."""
    (tmp_path / "house.pub").write_bytes(HOUSE.public.pem())
    (tmp_path / "other.pub").write_bytes(OTHER.public.pem())

    def ask(*argv: str, key: str = "house.pub", at: str = AT) -> Result:
        usual = ["--key", str(tmp_path / key), "--seen", str(tmp_path / "seen.json"), "--at", at, "--json"]
        return CliRunner().invoke(whois_scan, [*argv, *usual])

    return ask


def written(folder: Path, name: str, data: bytes) -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)


def test_a_list_answers_offline_and_says_what_it_is(tmp_path: Path, asked: Callable[..., Result]) -> None:
    path = written(tmp_path, "members.scans", a_list([told_to_members(one) for one in some_scans()]))
    said = json.loads(asked("203.0.113.7", "--list", path).stdout)
    assert (said["standing"], said["stale"], said["lists"][0]["scans"]) == ("registered", [], 3)
    assert said["scans"][0]["targets"] is None
    assert "can be forged" in said["basis"]
    assert json.loads(asked("192.0.2.99", "--list", path, at="2026-11-23T18:00Z").stdout)["stale"]


def test_a_list_of_another_clearinghouse_a_changed_one_and_an_old_one_are_refused(
    tmp_path: Path, asked: Callable[..., Result]
) -> None:
    data = a_list(some_scans())
    path = written(tmp_path, "members.scans", data)
    assert asked("203.0.113.7", "--list", path, key="other.pub").exit_code == 3
    assert asked("203.0.113.7", "--list", path).exit_code == 0
    changed = written(tmp_path, "changed.scans", data[:-1] + bytes([data[-1] ^ 1]))
    assert asked("203.0.113.7", "--list", changed).exit_code == 3
    old = written(tmp_path, "old.scans", a_list(some_scans(), number=6))
    done = asked("203.0.113.7", "--list", old)
    assert done.exit_code == 3 and "old list" in done.stderr
    assert asked("203.0.113.7", "--list", str(tmp_path / "none")).exit_code == 3


def test_a_request_is_checked_with_the_key_alone_and_known_when_it_comes_again(
    tmp_path: Path, asked: Callable[..., Result]
) -> None:
    path = written(tmp_path, "request", a_request())
    first = json.loads(asked("--request", path).stdout)
    assert (first["standing"], first["shown_before_at"], first["revision"]) == ("registered", None, 3)
    assert "only the clearinghouse or a list" in first["remark"]
    assert json.loads(asked("--request", path).stdout)["shown_before_at"]
    elsewhere = json.loads(asked("192.0.2.99", "--request", path).stdout)
    assert (elsewhere["standing"], elsewhere["scans"][0]["misses"][0]["why"]) == ("outside", "source")


def test_a_request_that_was_changed_or_is_late_is_refused_with_the_reason(
    tmp_path: Path, asked: Callable[..., Result]
) -> None:
    late = asked("--request", written(tmp_path, "request", a_request()), at="2026-11-23T12:05:00Z")
    assert late.exit_code == 3 and "before the request was seen" in late.stderr
    changed = asked("--request", written(tmp_path, "changed", a_request().replace(b"?q=1", b"?q=2")))
    assert changed.exit_code == 3 and "does not hold" in changed.stderr
    stolen = asked("--request", str(tmp_path / "request"), key="other.pub")
    assert stolen.exit_code == 3 and "names key" in stolen.stderr


def test_a_list_tells_that_the_scan_of_a_request_was_ended(tmp_path: Path, asked: Callable[..., Result]) -> None:
    request = written(tmp_path, "request", a_request())
    ended = [told_to_members(one) for one in some_scans()]
    data = write_list(a_head(), [replace(ended[0], revoked_at=NOON - timedelta(hours=1))], key=HOUSE)
    said = json.loads(asked("--request", request, "--list", written(tmp_path, "m.scans", data)).stdout)
    assert [one["why"] for one in said["scans"][0]["misses"]] == ["revoked"]
    nothing = written(tmp_path, "n.scans", write_list(a_head(number=8), [], key=HOUSE))
    said = json.loads(asked("--request", request, "--list", nothing).stdout)
    assert "do not have this scan" in said["remark"]


@pytest.mark.parametrize(
    "argv",
    [[], ["203.0.113.7", "--at", "noon"], ["203.0.113.7", "--at", "2026-11-23T12:00"], ["203.0.113.7", "--list", "x"]],
)
def test_wrong_usage_is_said(argv: list[str]) -> None:
    assert CliRunner().invoke(whois_scan, argv).exit_code == 2


def test_an_answer_is_told_to_people_without_what_a_terminal_obeys(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(HOUSE.public.pem())
    scans = some_scans()
    path = written(tmp_path, "m.scans", a_list([replace(scans[0], contact="evil\x1b[31m", rate_per_second=1)]))
    argv = ["203.0.113.7", "--list", path, "--key", str(tmp_path / "key"), "--seen", str(tmp_path / "s"), "--at", AT]
    done = CliRunner().invoke(whois_scan, [*argv, "--rate", "9", "--target", "198.51.100.1"])
    assert done.exit_code == 0 and "\x1b" not in done.stdout
    assert "does not fit" in done.stdout and "goes to" in done.stdout


def test_what_was_seen_must_be_readable(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(HOUSE.public.pem())
    path = written(tmp_path, "m.scans", a_list([]))
    (tmp_path / "seen").write_text("{")
    argv = ["203.0.113.7", "--list", path, "--key", str(tmp_path / "key"), "--seen", str(tmp_path / "seen")]
    done = CliRunner().invoke(whois_scan, argv)
    assert done.exit_code == 3 and "begin anew" in done.stderr


def _run(*argv: str, home: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "CLEARINGHOUSE_HOME": str(home), **more}  # noqa: TID251 - for a child
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)


def _said(done: "subprocess.CompletedProcess[str]") -> Any:  # noqa: ANN401 - JSON
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.server
@pytest.mark.enable_socket
def test_database_server_and_list_say_the_same_and_an_end_is_seen_by_every_process_at_once(tmp_path: Path) -> None:
    database, home = tmp_path / "one.sqlite3", tmp_path / "home"
    save_key(HOUSE, tmp_path / "key")
    token = a_coordinators_token(database, "deconfliction")
    name = _run(sys.executable, "-c", _SCAN, str(database), "announce", home=home).stdout.strip()
    assert name.startswith("SCAN-")
    whois = (*COMMAND, "whois-scan", "192.0.2.7", "--json")
    here = (*whois, "--database", str(database))
    assert _said(_run(*here, home=home))["scans"][0]["intent"] == name
    lists = tmp_path / "lists"
    lists_argv = (
        *COMMAND,
        "scan-lists",
        "--database",
        str(database),
        "--to",
        str(lists),
        "--key",
        str(tmp_path / "key"),
    )
    assert "2 lists; 1 scans" in _run(*lists_argv, home=home).stdout
    offline = (*whois, "--list", str(lists / "members.scans"), "--key", str(public_path(tmp_path / "key")))
    assert _said(_run(*offline, home=home))["scans"][0]["intent"] == name
    with serving(str(database), "--jobs", "0") as server:
        there = (*whois, "--server", server.url)
        assert _said(_run(*there, home=home, CLEARINGHOUSE_TOKEN=token))["standing"] == "registered"
        assert _run(sys.executable, "-c", _SCAN, str(database), "end", home=home).returncode == 0
        for argv in (there, here):
            said = _said(_run(*argv, home=home, CLEARINGHOUSE_TOKEN=token))
            assert [one["why"] for one in said["scans"][0]["misses"]] == ["revoked"]
        assert _run(*lists_argv, home=home).returncode == 0
        said = _said(_run(*offline, home=home))
        assert [one["why"] for one in said["scans"][0]["misses"]] == ["revoked"]
        refused = _run(*there, home=home, CLEARINGHOUSE_TOKEN="ch_no")
        assert refused.returncode == 3 and "sign-in-needed" in refused.stderr
