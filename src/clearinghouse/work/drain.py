"""Does all the work there is, then returns: the engine of a command."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.tasks import DEFAULT_TASK_BACKEND_ALIAS

from clearinghouse.errors import Conflict, NotPossible
from clearinghouse.work.executor import executor_for
from clearinghouse.work.rules import Drained, Progress


def drain(*, jobs: int = 1, on_progress: Callable[[Progress], None] | None = None) -> Drained:
    """Do what is due and what waits, with ``jobs`` threads, until there is nothing left; say what failed.

    A call that raises is tried again as its task says, then kept as a ``Failure`` and left alone for this drain; the
    others go on. ``on_progress`` is called in the caller's thread.

    Raises:
        Conflict: another process works on this database.
        NotPossible: the database is no file; on PostgreSQL, workers do the work.
    """
    if connection.vendor != "sqlite":
        raise NotPossible("this process cannot work alone on PostgreSQL; start `clearinghouse worker` there")
    with only_engine(Path(settings.DATABASES["default"]["NAME"])):
        executor = executor_for(DEFAULT_TASK_BACKEND_ALIAS)
        for progress in executor.conduct(jobs=jobs):
            if on_progress is not None:
                on_progress(progress)
        return executor.outcome()


@contextmanager
def only_engine(database: Path) -> Iterator[None]:
    """Hold the database file's engine lock; the kernel frees it when this process ends, however it ends.

    Raises:
        Conflict: another process holds it.
    """
    with database.with_name(f"{database.name}.engine").open("w") as turn:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(f"another process works on {database}; wait for it or stop it") from None
        yield
