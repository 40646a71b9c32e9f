"""The engine beside a web server on one SQLite file: the same executor as a command's drain, for as long as it serves.

One engine works on a file at a time, whichever process holds its lock; when that one dies, another takes over.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connections
from django.tasks import DEFAULT_TASK_BACKEND_ALIAS

from clearinghouse.errors import Conflict
from clearinghouse.work.drain import only_engine
from clearinghouse.work.executor import SWEEP_SECONDS, executor_for
from clearinghouse.work.failures import resting_keys

_log = logging.getLogger(__name__)
GRACE_SECONDS = 20.0


class Engine:
    """Works in threads of this process until it is stopped."""

    def __init__(self, *, jobs: int) -> None:
        self.jobs = jobs
        self.works = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, name="engine", daemon=True)

    def start(self) -> "Engine":
        """Begin to work, as soon as no other process works on this file."""
        self._thread.start()
        return self

    def stop(self, *, grace_seconds: float = GRACE_SECONDS) -> bool:
        """Take no more calls, wait for those that run; say whether all ended. What did not is due again."""
        self._stop.set()
        ended = executor_for(DEFAULT_TASK_BACKEND_ALIAS).wait_for_end(grace_seconds)
        self._thread.join(SWEEP_SECONDS * 2)
        return ended

    def _live(self) -> None:
        """Wait for the file, then work; a fault of the database is logged and work goes on after a pause."""
        try:
            with ExitStack() as held:
                while not self._stop.is_set() and not self._took(held):
                    self._stop.wait(SWEEP_SECONDS)
                self.works.set()
                while not self._stop.is_set():
                    self._guarded(self._work)
        finally:
            self.works.clear()
            connections.close_all()

    def _took(self, held: ExitStack) -> bool:
        try:
            held.enter_context(only_engine(Path(settings.DATABASES["default"]["NAME"])))
        except Conflict:
            return False
        return True

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except DatabaseError:
            _log.exception("the engine's database failed; trying again")
            connections.close_all()
            self._stop.wait(SWEEP_SECONDS)

    def _work(self) -> None:
        """Do what is due and what waits, then rest until something comes."""
        executor = executor_for(DEFAULT_TASK_BACKEND_ALIAS)
        with closing(executor.conduct(jobs=self.jobs, resting=resting_keys)) as conducting:
            for _ in conducting:
                if self._stop.is_set():
                    return
        executor.wait_for_work(SWEEP_SECONDS)


def start(*, jobs: int = 1) -> Engine:
    """Start the engine of this process and return it; whoever serves stops it in the end."""
    return Engine(jobs=jobs).start()
