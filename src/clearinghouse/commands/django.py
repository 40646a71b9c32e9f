"""Starts Django for a command: points at the database, loads the rooms, and brings the tables up to date."""

import fcntl
import hashlib
import importlib.util
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clearinghouse.commands.databases import POSTGRESQL

if TYPE_CHECKING:
    from psycopg import Cursor

DATABASE_IN_OUTPUT = Path("state") / "clearinghouse.sqlite3"
"""Where the output folder of a clearing keeps its database."""
_LABELS = {"procrastinate.contrib.django": "procrastinate"}
"""Django's name of an app, where it is not the last part of its path."""
_MIGRATING = 0x636C6561_72696E67
"""The advisory lock of whoever brings a PostgreSQL up to date: the first eight letters of our name."""


def start(
    database: str | Path | None = None, *, must_exist: bool = False, serving: bool = False, done_again: bool = False
) -> str:
    """Load Django on ``database`` (else the one of the settings), its tables up to date, and return its name.

    Quick when nothing is to be migrated: an SQLite file itself remembers which migrations it has seen. What only the
    web needs is loaded by whoever serves, and by whoever migrates.

    Args:
        database: an SQLite file, the output folder of a clearing, or ``postgresql://…``.
        must_exist: whether to refuse instead of making an empty database.
        serving: whether this process serves pages.
        done_again: whether a power cut may lose the last acts, for the same command does them again.

    Raises:
        NotFound: the database must exist and does not.
        Unavailable: PostgreSQL does not answer.
        Conflict: the tables are not up to date, and this role of PostgreSQL may not change them.
    """
    from clearinghouse.config import settings

    if isinstance(database, Path):
        settings.choose_database(
            database / DATABASE_IN_OUTPUT if database.is_dir() else database, done_again=done_again
        )
    elif database is not None:
        settings.choose_database(database)
    if settings.CLEARINGHOUSE_DATABASE.startswith(POSTGRESQL):
        _start_on_postgresql(serving=serving)
    else:
        _start_on_file(Path(settings.CLEARINGHOUSE_DATABASE), must_exist=must_exist, serving=serving)
    from clearinghouse.parties.rules import CLEARINGHOUSE
    from clearinghouse.sight.asking import usually_ask_as

    usually_ask_as(None if serving else CLEARINGHOUSE)  # whoever serves asks for nobody until a request says for whom
    return settings.CLEARINGHOUSE_DATABASE


def _set_up(*, web: bool) -> None:
    """Load Django, with or without what only the web needs."""
    import django

    if web:
        from clearinghouse.config import settings
        from clearinghouse.config import web as of_the_web
        from clearinghouse.config.secret import secret_key

        of_the_web.SECRET_KEY = secret_key(settings.CLEARINGHOUSE_SECRET)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"clearinghouse.config.{'web' if web else 'settings'}")
    django.setup()


def _start_on_file(file: Path, *, must_exist: bool, serving: bool) -> None:
    from clearinghouse.errors import NotFound

    if must_exist and not file.is_file():
        raise NotFound(
            f"there is no database at {file}; name one with --database, "
            "or make one: `clearinghouse database prepare`, or clear some reports"
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    mark = _mark_of_migrations()
    migrated = _mark_of(file) == mark
    _set_up(web=serving or not migrated)
    if migrated:
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


def _start_on_postgresql(*, serving: bool) -> None:
    """Load Django and run the migrations that are missing, where this role may; one process at a time."""
    import psycopg

    from clearinghouse.config import settings
    from clearinghouse.errors import Conflict, Unavailable

    try:
        with psycopg.connect(settings.CLEARINGHOUSE_DATABASE, autocommit=True) as first:
            migrated = not _missing_migrations(first.cursor())
            _set_up(web=serving or not migrated)
            if migrated:
                return
            (may_change,) = first.execute("SELECT has_schema_privilege(current_schema(), 'CREATE')").fetchone() or (0,)
            if not may_change:
                raise Conflict(
                    "the tables are not up to date, and this role may not change them; "
                    "run `clearinghouse database prepare` with the address of the owner's role"
                )
            first.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])  # until this connection closes
            if _missing_migrations(first.cursor()):
                from django.core.management import call_command
                from django.db import connection

                with connection.cursor() as cursor:
                    cursor.execute("SET clearinghouse.owner = 'on'")  # what a migration rewrites, it must see
                    call_command("migrate", verbosity=0, interactive=False)
                    cursor.execute("RESET clearinghouse.owner")
    except psycopg.OperationalError as error:
        raise Unavailable(f"PostgreSQL does not answer: {error}") from None


def _missing_migrations(cursor: "Cursor[tuple[Any, ...]]") -> set[str]:
    """Return the names of the migrations that this programme carries and the database has not seen."""
    (known,) = cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL").fetchone() or (False,)
    if not known:
        return set(_migrations())
    cursor.execute("SELECT app || '.' || name FROM django_migrations")
    return set(_migrations()) - {name for (name,) in cursor.fetchall()}


def _migrations() -> list[str]:
    """Return the name of every migration this programme carries, the web's too; needs no Django that is set up."""
    from clearinghouse.config import settings

    found = []
    for app in (*settings.INSTALLED_APPS, *settings.WEB_APPS):
        spec = importlib.util.find_spec(app)
        folders = spec.submodule_search_locations if spec else None
        if not folders:
            raise ModuleNotFoundError(f"the app {app} is not installed")
        label = _LABELS.get(app, app.rpartition(".")[2])
        found += [f"{label}.{one.stem}" for one in (Path(folders[0]) / "migrations").glob("[0-9]*.py")]
    return sorted(found)


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
