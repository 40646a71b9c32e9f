"""What every test stands on: a test database that threads share, and triggers that let a test clean up."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from clearinghouse.commands.database import grants_of_application
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.sight.asking import usually_ask_as
from tests.cluster import Cluster, NoPostgresql, a_cluster, binaries

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")  # tests are never timed: a busy machine fails none

_FIXTURES_OF_THE_DATABASE = {"db", "transactional_db", "empty", "world"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database-only", action="store_true", help="Run only the tests that touch the database.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what does not touch the database, where that is wanted, and what only one database can do."""
    if config.getoption("--database-only"):
        touching = [one for one in items if _touches_the_database(one)]
        config.hook.pytest_deselected(items=[one for one in items if one not in touching])
        items[:] = touching
    for one in items:
        for mark in one.iter_markers("only_on"):
            if connection.vendor != mark.args[0]:
                one.add_marker(pytest.mark.skip(f"only on {mark.args[0]}"))


def _touches_the_database(item: pytest.Item) -> bool:
    names: Sequence[str] = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not _FIXTURES_OF_THE_DATABASE.isdisjoint(names)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,  # noqa: ARG001 - pytest-django's order
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Keep an SQLite test database in a file of this run: an in-memory one cannot be shared by threads.

    On PostgreSQL the tables get an owner as offices have it: no superuser, so that its own functions are held too.
    """
    from django.conf import settings as configured

    if connection.vendor == "sqlite":
        folder: Path = tmp_path_factory.mktemp("database")
        configured.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(folder / "test.sqlite3")
        return
    owner = f"owner_{uuid4().hex}"
    with psycopg.connect(configured.CLEARINGHOUSE_DATABASE, autocommit=True) as superuser:
        superuser.execute(f"CREATE ROLE {owner} CREATEDB")
    connection.settings_dict["OPTIONS"]["options"] = f"-c role={owner}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:  # noqa: ARG001 - pytest-django's own comes first
    """Give the tests, on PostgreSQL, the application's role: what they see, they see through the policies."""
    if connection.vendor != "postgresql":
        yield
        return
    role = f"app_of_{connection.settings_dict['NAME']}"
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute(f"CREATE ROLE {role}")
        cursor.execute("RESET ROLE")
        for statement in grants_of_application(role):
            cursor.execute(statement)
        connection.close()
    connection.settings_dict["OPTIONS"]["options"] = f"-c role={role}"
    yield
    with django_db_blocker.unblock():
        connection.close()
    del connection.settings_dict["OPTIONS"]["options"]  # the test database is its owner's to remove


@pytest.fixture(autouse=True)
def _tests_ask_as_the_programme() -> Iterator[None]:
    """Ask the database as workers do, wherever a test says nothing else; a request asks for whoever sends it."""
    usually_ask_as(CLEARINGHOUSE)
    yield
    usually_ask_as(None)


@pytest.fixture(scope="session", autouse=True)
def _flush_passes_triggers() -> Iterator[None]:
    """Let Django empty the tables after a transactional test: the append-only triggers step aside for that alone."""
    kind: type[BaseDatabaseOperations] = type(connection.ops)
    real: Callable[..., None] = kind.execute_sql_flush

    def flushed(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        with past_the_triggers():
            real(self, sql_list)

    kind.execute_sql_flush = flushed  # type: ignore[method-assign,assignment]
    yield
    kind.execute_sql_flush = real  # type: ignore[method-assign]


@contextmanager
def past_the_triggers() -> Iterator[None]:
    """Let statements through that the append-only triggers refuse, as for somebody with a database tool."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET ROLE NONE")
            cursor.execute("SET session_replication_role = replica")
            yield
            cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute("RESET ROLE")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers: list[tuple[str, str]] = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        for _, sql in triggers:
            cursor.execute(sql)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Return a PostgreSQL of this run, for tests of whole processes; skip where there is none."""
    try:
        binaries()
    except NoPostgresql as missing:
        pytest.skip(str(missing))
    with a_cluster() as made:
        yield made
