"""Starts Django for a command: points at the database, loads the rooms, and brings the tables up to date."""

import fcntl
import hashlib
import os
import sqlite3
from pathlib import Path

from clearinghouse.commands.databases import POSTGRESQL

DATABASE_IN_OUTPUT = Path("state") / "clearinghouse.sqlite3"
"""Where the output folder of a clearing keeps its database."""
_MIGRATING = 0x636C6561_72696E67
"""The advisory lock of whoever brings a PostgreSQL up to date: the first eight letters of our name."""


def start(database: str | Path | None = None, *, must_exist: bool = False) -> str:
    """Load Django on ``database`` (else the one of the settings), its tables up to date, and return its name.

    Quick when nothing is to be migrated: an SQLite file itself remembers which migrations it has seen.

    Args:
        database: an SQLite file, the output folder of a clearing, or ``postgresql://…``.
        must_exist: whether to refuse instead of making an empty database.

    Raises:
        NotFound: the database must exist and does not.
        Unavailable: PostgreSQL does not answer.
        Conflict: the tables are not up to date, and this role of PostgreSQL may not change them.
    """
    from clearinghouse.config import settings

    if isinstance(database, Path):
        settings.choose_database(database / DATABASE_IN_OUTPUT if database.is_dir() else database)
    elif database is not None:
        settings.choose_database(database)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings.__name__)
    if settings.CLEARINGHOUSE_DATABASE.startswith(POSTGRESQL):
        _start_on_postgresql()
    else:
        _start_on_file(Path(settings.CLEARINGHOUSE_DATABASE), must_exist=must_exist)
    return settings.CLEARINGHOUSE_DATABASE


def _start_on_file(file: Path, *, must_exist: bool) -> None:
    import django

    from clearinghouse.errors import NotFound

    if must_exist and not file.is_file():
        raise NotFound(f"there is no database at {file}; name one with --database, or clear some reports first")
    file.parent.mkdir(parents=True, exist_ok=True)
    django.setup()
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


def _start_on_postgresql() -> None:
    """Load Django and run the migrations that are missing, where this role may; one process at a time."""
    import django
    from django.db import OperationalError, connection

    from clearinghouse.errors import Conflict, Unavailable

    django.setup()
    try:
        if not _missing_migrations():
            return
    except OperationalError as error:
        raise Unavailable(f"PostgreSQL does not answer: {error}") from None
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_schema_privilege(current_schema(), 'CREATE')")
        (may_change,) = cursor.fetchone()
        if not may_change:
            raise Conflict(
                "the tables are not up to date, and this role may not change them; "
                "run `clearinghouse database prepare` with the address of the owner's role"
            )
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])
        try:
            if _missing_migrations():
                from django.core.management import call_command

                call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATING])


def _missing_migrations() -> set[str]:
    """Return the names of the migrations that this programme carries and the database has not seen."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return set(_migrations())
        cursor.execute("SELECT app || '.' || name FROM django_migrations")
        return set(_migrations()) - {name for (name,) in cursor.fetchall()}


def _migrations() -> list[str]:
    """Return the name of every migration this programme carries."""
    from django.apps import apps

    return sorted(
        f"{app.label}.{found.stem}"
        for app in apps.get_app_configs()
        for found in (Path(app.path) / "migrations").glob("[0-9]*.py")
    )


def _mark_of_migrations() -> int:
    """Return a number that names the set of migrations this programme carries (31 bits of a hash, never 0)."""
    return int.from_bytes(hashlib.sha256("\n".join(_migrations()).encode()).digest()[:4]) >> 1 | 1


def _mark_of(file: Path) -> int:
    """Return the mark that the file carries; 0 for a new one."""
    if not file.exists():
        return 0
    with sqlite3.connect(file, timeout=20) as connection:
        (mark,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return int(mark)
