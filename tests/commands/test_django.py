"""Tests of clearinghouse/commands/django.py, each start in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import clearinghouse
from tests.cluster import Cluster

SOURCE = Path(clearinghouse.__file__).parents[1]
START = """
import sys
from pathlib import Path
from clearinghouse.commands.django import start
where = sys.argv[1] if sys.argv[1].startswith("postgresql:") else Path(sys.argv[1])
file = start(where, must_exist=len(sys.argv) > 2)
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


def test_a_new_postgresql_gets_its_tables_and_the_next_start_is_quick(cluster: Cluster) -> None:
    url = cluster.create("fresh")
    assert _start(url).communicate()[0] == f"{url} 0 True\n"
    assert _start(url).communicate()[0] == f"{url} 0 False\n"


def test_two_processes_may_start_on_a_new_postgresql_at_once(cluster: Cluster) -> None:
    url = cluster.create("both")
    both = [_start(url) for _ in range(2)]
    ends = [one.communicate() for one in both]
    assert [one.returncode for one in both] == [0, 0], ends


def test_a_role_that_may_not_change_tables_is_told_who_may(cluster: Cluster) -> None:
    cluster.create("poor")
    cluster.execute("CREATE ROLE poor LOGIN")
    _, said = _start(cluster.url("poor", user="poor")).communicate()
    assert "Conflict" in said and "database prepare" in said


def test_a_postgresql_that_does_not_answer_is_named(tmp_path: Path) -> None:
    _, said = _start(f"postgresql://nobody@/none?host={tmp_path}").communicate()
    assert "Unavailable" in said and "PostgreSQL does not answer" in said
