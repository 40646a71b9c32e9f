"""Guards the migrations: complete, reversible, and without imports of our code."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.cluster import Cluster
from tests.house.sources import SOURCE, shown, tree_of

MIGRATIONS = sorted(SOURCE.glob("clearinghouse/*/migrations/[0-9]*.py"))

THERE_AND_BACK = """
import sys
from pathlib import Path
from clearinghouse.commands.django import start
where = sys.argv[1]
start(where if where.startswith("postgresql:") else Path(where))
from django.apps import apps
from django.core.management import call_command
from django.db import connection
ours = [app for app in apps.get_app_configs() if app.name.startswith("clearinghouse.")]
rooms = [app.label for app in ours if (Path(app.path) / "migrations").is_dir()]
for room in rooms:
    call_command("migrate", room, "zero", verbosity=0)
others = ("django_", "procrastinate_", "auth_")  # Django's and Procrastinate's own
left = {one for one in connection.introspection.table_names() if not one.startswith(others)}
assert not left, left
call_command("migrate", verbosity=0)
"""


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_migration_can_be_taken_back(tmp_path: Path) -> None:
    _there_and_back(str(tmp_path / "one.sqlite3"))


def test_every_migration_can_be_taken_back_on_postgresql(cluster: Cluster) -> None:
    _there_and_back(cluster.create("back"))


def _there_and_back(where: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}  # noqa: TID251 - for a child
    argv = [sys.executable, "-c", THERE_AND_BACK, where]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_migration_imports_our_code() -> None:
    found = []
    for path in MIGRATIONS:
        for node in ast.walk(tree_of(path)):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [f"{shown(path)}: {name}" for name in names if name.startswith("clearinghouse")]
    assert not found
