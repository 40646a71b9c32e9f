"""Starts Django for a command: points at the database, loads the rooms, and brings the tables up to date."""

import fcntl
import hashlib
import os
import sqlite3
from pathlib import Path

DATABASE_IN_OUTPUT = Path("state") / "clearinghouse.sqlite3"
"""Where the output folder of a clearing keeps its database."""


def start(database: Path | None = None, *, must_exist: bool = False) -> Path:
    """Load Django on ``database`` (else the one of the settings), its tables up to date, and return the file.

    Quick when nothing is to be migrated: the file itself remembers which migrations it has seen.

    Args:
        database: an SQLite file, or the output folder of a clearing.
        must_exist: whether to refuse instead of making an empty database.

    Raises:
        NotFound: the database must exist and does not.
    """
    from clearinghouse.config import settings
    from clearinghouse.errors import NotFound

    if database is not None:
        settings.choose_database(database / DATABASE_IN_OUTPUT if database.is_dir() else database)
    file = Path(settings.DATABASES["default"]["NAME"])
    if must_exist and not file.is_file():
        raise NotFound(f"there is no database at {file}; name one with --database, or clear some reports first")
    file.parent.mkdir(parents=True, exist_ok=True)

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings.__name__)
    import django

    django.setup()
    _migrate(file)
    return file


def _migrate(file: Path) -> None:
    """Run the migrations unless the file has seen exactly these; one process at a time."""
    mark = _mark_of_migrations()
    if _mark_of(file) == mark:
        return
    from django.core.management import call_command
    from django.db import connection

    with file.with_name(f"{file.name}.migrating").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if _mark_of(file) == mark:
            return
        call_command("migrate", verbosity=0, interactive=False)
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA user_version = {mark:d}")


def _mark_of_migrations() -> int:
    """Return a number that names the set of migrations this programme carries (31 bits of a hash, never 0)."""
    from django.apps import apps

    names = sorted(
        f"{app.label}.{found.stem}"
        for app in apps.get_app_configs()
        for found in (Path(app.path) / "migrations").glob("[0-9]*.py")
    )
    return int.from_bytes(hashlib.sha256("\n".join(names).encode()).digest()[:4]) >> 1 | 1


def _mark_of(file: Path) -> int:
    """Return the mark that the file carries; 0 for a new one."""
    if not file.exists():
        return 0
    with sqlite3.connect(file, timeout=20) as connection:
        (mark,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return int(mark)
