"""Reads of the engine: how much waits, who works, what was given up."""

from dataclasses import dataclass

from django.db import connection

from clearinghouse.work.models import Failure


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """How the background work stands; the queue and the workers are those of PostgreSQL (0 on a file)."""

    waiting: int
    running: int
    workers: int
    failures: int


def engine_status(*, silent_seconds: float = 30.0) -> EngineStatus:
    """Return how the work stands; a worker that was silent for longer does not count."""
    failures = Failure.objects.count()
    if connection.vendor != "postgresql":
        return EngineStatus(0, 0, 0, failures)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing'), "
            "(SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)) "
            "FROM procrastinate_jobs",
            [silent_seconds],
        )
        waiting, running, workers = cursor.fetchone()
    return EngineStatus(waiting, running, workers, failures)
