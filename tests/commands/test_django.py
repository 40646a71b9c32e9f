"""Tests of clearinghouse/commands/django.py, each start in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import clearinghouse

SOURCE = Path(clearinghouse.__file__).parents[1]
START = """
import sys
from pathlib import Path
from clearinghouse.commands.django import start
file = start(Path(sys.argv[1]), must_exist=len(sys.argv) > 2)
from clearinghouse.ledger.models import Entry
print(file, Entry.objects.count(), "django.db.migrations.executor" in sys.modules)
"""


def _start(*argv: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}  # noqa: TID251 - for a child
    return subprocess.Popen(
        [sys.executable, "-c", START, *argv],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_new_database_gets_its_tables_and_the_next_start_is_quick(tmp_path: Path) -> None:
    file = tmp_path / "state" / "one.sqlite3"
    assert _start(str(file)).communicate()[0] == f"{file} 0 True\n"
    assert _start(str(file)).communicate()[0] == f"{file} 0 False\n"


def test_two_processes_may_start_on_a_new_database_at_once(tmp_path: Path) -> None:
    both = [_start(str(tmp_path / "one.sqlite3")) for _ in range(2)]
    ends = [one.communicate() for one in both]
    assert [one.returncode for one in both] == [0, 0], ends


def test_a_database_that_must_exist_is_not_made(tmp_path: Path) -> None:
    _, said = _start(str(tmp_path / "one.sqlite3"), "must-exist").communicate()
    assert "NotFound" in said and not (tmp_path / "one.sqlite3").exists()
