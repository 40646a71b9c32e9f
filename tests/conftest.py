"""What every test stands on: a test database in a file (threads share it) and triggers that let a test clean up."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.backends.sqlite3.operations import DatabaseOperations
from hypothesis import HealthCheck, settings

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")  # tests are never timed: a busy machine fails none


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,  # noqa: ARG001 - pytest-django's order
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Keep the test database in a file of this run: an in-memory one cannot be shared by threads."""
    from django.conf import settings as configured

    folder: Path = tmp_path_factory.mktemp("database")
    configured.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(folder / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def _flush_passes_triggers() -> Iterator[None]:
    """Let Django empty the tables after a transactional test: the append-only triggers step aside for that alone."""
    real = DatabaseOperations.execute_sql_flush

    def flushed(self: DatabaseOperations, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
        real(self, sql_list)
        with self.connection.cursor() as cursor:
            for _, sql in triggers:
                cursor.execute(sql)

    DatabaseOperations.execute_sql_flush = flushed  # type: ignore[method-assign,assignment]
    yield
    DatabaseOperations.execute_sql_flush = real  # type: ignore[method-assign]
