"""Tests of ``clearinghouse conformance`` and ``clearinghouse intent``: a real server on loopback, real programs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from clearinghouse.deconfliction.rules.interchange import claim, opt_out
from clearinghouse_client.conformance.suite import CHECKS
from tests.commands.test_serve import COMMAND, SOURCE, serving
from tests.parties.makers import NOON

OWNED = "203.0.113.0/24"
_WORLD = """
import sys
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from clearinghouse.commands.django import start
start(sys.argv[1], serving=True)
from clearinghouse.deconfliction.actions.owners import claim_ownership, verify_ownership
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text
from clearinghouse.parties import actions
from clearinghouse.parties.models import Organization
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.sight.asking import asking_as
from clearinghouse.parties.rules import CLEARINGHOUSE
now = datetime.now(UTC)
staff = Actor(uuid4(), "staff", frozenset({Role.ADMINISTRATOR}), second_factor=True)
with asking_as(CLEARINGHOUSE):
    for role in ("finder", "maintainer", "operator"):
        home = Organization.objects.create(name=role, created_at=now)
        _, secret = actions.make_invitation(home, Role(role), email=f"{role}@x.example", actor=staff, at=now)
        password = "a long and unlikely sentence"
        person = actions.accept_invitation(secret, email=f"{role}@x.example", name="N", password=password, at=now)
        actor = actor_for_person(person)
        scopes, ends = ["deconfliction", "parties"], now + timedelta(days=1)
        print(actions.issue_token("t", scopes=scopes, expires_at=ends, actor=actor, at=now)[1])
    claimed = claim_ownership(
        home, target_from_text(sys.argv[2]), criticality=4, evidence="e", actor=actor, at=now
    )
    verify_ownership(
        claimed, why="w", actor=Actor(uuid4(), "c", frozenset({Role.COORDINATOR}), second_factor=True), at=now
    )
"""

pytestmark = [pytest.mark.server, pytest.mark.enable_socket]


def tokens_of(database: Path) -> list[str]:
    """Return tokens of a finder, a maintainer and an operator who owns a block, in a new database."""
    done = run_python("-c", _WORLD, str(database), OWNED)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-3:]


def run_python(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), **more}  # noqa: TID251 - for a child
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False)


def run_command(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return run_python(*COMMAND[1:], *arguments, **more)


def test_a_real_server_keeps_every_rule_and_tells_programs_whom_they_meet(tmp_path: Path) -> None:
    database = tmp_path / "one.sqlite3"
    finder, maintainer, owner = tokens_of(database)
    with serving(str(database), "--jobs", "0") as server:
        place = ("--server", server.url)
        done = run_command(
            *("conformance", "deconfliction", *place, "--other", maintainer, "--owner", owner, "--owned", OWNED),
            CLEARINGHOUSE_TOKEN=finder,
        )
        assert done.returncode == 0, done.stdout
        assert f"{len(CHECKS)} passed, 0 failed, 0 skipped" in done.stdout

        scan = ("--target", "pkg:pypi/pyyaml", "--technique", "fuzzing", "--contact", "mailto:a@b.example")
        first = run_command("intent", "announce", *scan, *place, CLEARINGHOUSE_TOKEN=finder)
        assert first.returncode == 0, first.stderr
        name = first.stdout.strip()
        refused = run_command("intent", "announce", *scan, *place, CLEARINGHOUSE_TOKEN=maintainer)
        assert refused.returncode == 3 and name in refused.stderr and "mailto:a@b.example" in refused.stderr
        again = next(line for line in refused.stderr.splitlines() if line.startswith("  clearinghouse intent announce"))
        repeated = subprocess.run(
            ["/bin/sh", "-c", again.replace("clearinghouse", '"$@"', 1), "sh", *COMMAND],
            env={**os.environ, "PYTHONPATH": str(SOURCE), "CLEARINGHOUSE_TOKEN": maintainer},  # noqa: TID251 - the same
            capture_output=True,
            text=True,
            check=False,
        )
        assert repeated.returncode == 0, repeated.stderr
        met = json.loads(run_command("intent", "check", *scan, *place, "--json", CLEARINGHOUSE_TOKEN=owner).stdout)[
            "met"
        ]
        assert {one["id"] for one in met} == {name, repeated.stdout.strip()}
        shown = run_command("intent", "show", name, *place, CLEARINGHOUSE_TOKEN=maintainer)
        assert name in shown.stdout and "pkg:pypi/pyyaml" in shown.stdout
        ended = run_command("intent", "end", name, *place, CLEARINGHOUSE_TOKEN=finder)
        assert "ended" in ended.stdout
        feed = tmp_path / "feed.jsonl"
        wish = opt_out("https://git.example/a/b", requested_at=NOON)
        feed.write_bytes(b"\n".join([wish.dump(), b"{cut off", b"[]", claim("a" * 64, contact="c").dump()]))
        brought = run_command("interchange", "import", str(feed), "--json", *place, CLEARINGHOUSE_TOKEN=maintainer)
        assert brought.returncode == 3, brought.stderr
        became = [(one["file"], one["outcome"]) for one in json.loads(brought.stdout)]
        lines = [f"feed.jsonl:{number}" for number in range(1, 5)]
        assert became == list(zip(lines, ["kept", "refused", "refused", "kept"], strict=True))
        large = wish.plain() | {"predicate": {"padding": "x" * 400_000}}
        too_large = b'{"padding": "' + b"x" * 2_000_000 + b'"}'
        feed.write_bytes(b"\n".join([*[json.dumps(large).encode()] * 4, too_large, wish.dump()]))
        brought = run_command("interchange", "import", str(feed), "--json", *place, CLEARINGHOUSE_TOKEN=maintainer)
        assert brought.returncode == 3, brought.stderr
        assert [one["outcome"] for one in json.loads(brought.stdout)] == [*["refused"] * 5, "known"]
        stated = ("constraint", "state", "do-not-scan", "https://git.example/c/d", *place)
        assert run_command(*stated, CLEARINGHOUSE_TOKEN=maintainer).returncode == 0
        given = run_command("interchange", "export", "--kind", "optout", *place, CLEARINGHOUSE_TOKEN=finder)
        assert json.loads(given.stdout)["predicate"]["repository"] == "https://git.example/c/d", given.stderr
        routes = run_command("interchange", "export", "--kind", "route", *place, CLEARINGHOUSE_TOKEN=finder)
        assert (routes.returncode, routes.stdout) == (0, ""), routes.stderr
        claims = ("interchange", "export", "--kind", "claim", "--contact", "c", "--salt-file", str(feed), *place)
        assert run_command(*claims, CLEARINGHOUSE_TOKEN=finder).returncode == 2

        others = run_command("intent", "end", name, *place, CLEARINGHOUSE_TOKEN=maintainer)
        assert others.returncode == 3 and "refused" in others.stderr
