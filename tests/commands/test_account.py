"""Tests of clearinghouse/commands/account.py, on a file of its own."""

import os
import subprocess
import sys
from pathlib import Path

import clearinghouse

SOURCE = Path(clearinghouse.__file__).parents[1]
SIGN_UP = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from clearinghouse.commands.django import start
start(Path(sys.argv[1]))
from clearinghouse.parties.actions import accept_invitation, invite_first_administrator
at = datetime.now(UTC)
accept_invitation(
    invite_first_administrator(at=at), email=sys.argv[2], name="Ann", password="a long and unlikely sentence", at=at
)
"""
CLOSE = "from clearinghouse.commands.main import main; main()"


def test_the_only_administrator_who_cannot_sign_in_is_helped_where_the_server_stands(tmp_path: Path) -> None:
    file = str(tmp_path / "one.sqlite3")

    def run(*argv: str) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}  # noqa: TID251 - for a child
        environment = {**kept, "PYTHONPATH": str(SOURCE), "CLEARINGHOUSE_HOME": str(tmp_path / "home")}
        return subprocess.run([sys.executable, "-c", *argv], env=environment, capture_output=True, text=True)  # noqa: PLW1510

    nowhere = tmp_path / "mistyped.sqlite3"
    missing = run(CLOSE, "account", "close", "ann@office.example", "--database", str(nowhere))
    assert missing.returncode == 3 and "no database at" in missing.stderr and not nowhere.exists()
    assert run(SIGN_UP, file, "ann@office.example").returncode == 0
    unknown = run(CLOSE, "account", "close", "bob@office.example", "--database", file)
    assert unknown.returncode == 3 and "nobody with an open account signs in as bob@office.example" in unknown.stderr
    closed = run(CLOSE, "account", "close", "ann@office.example", "--database", file)
    assert closed.returncode == 0 and "serve` prints a link for the next one" in closed.stdout
    assert run(SIGN_UP, file, "ann@office.example").returncode == 0, "the next one signs up, at the same address"
