"""A worker on PostgreSQL: any number of processes, on any number of machines, take calls from one queue.

Procrastinate fetches and finishes; around it stand a sweep of what the rows say is due, the ledger's sequencer, and a
reaper that puts back what dead workers were doing. Settling is idempotent, so that a call may run twice without harm.
A worker that loses PostgreSQL is built anew: what it was doing is put back under its old number.
"""

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import DatabaseError, close_old_connections, connections
from django.utils import timezone
from procrastinate import App
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import JobContext
from procrastinate.jobs import DeleteJobCondition
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from clearinghouse.ledger.sequence import Filling, sequence
from clearinghouse.work import reaper
from clearinghouse.work.failures import forget_failure, keep_failure, told
from clearinghouse.work.queue import QUEUE, put
from clearinghouse.work.rules import Call, wait_seconds, worth_another_try
from clearinghouse.work.run import run_call
from clearinghouse.work.sweeping import Sweep
from clearinghouse.work.task import KNOWN, STEADY

_log = logging.getLogger(__name__)

SWEEP_SECONDS = 2.0
EAGER_SWEEP_SECONDS = 0.2
"""After a call ended, new work may be due at once."""
STEADY_SECONDS = 0.25
GRACE_SECONDS = 20.0
POLL_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 10.0
_STILL_RUNNING = 75
"""Exit code of a worker that was told to stop and left calls running; they are put back (EX_TEMPFAIL)."""


class WorkerProcess:
    """One worker and what lives beside it."""

    def __init__(self, *, concurrency: int, grace_seconds: float = GRACE_SECONDS) -> None:
        self.concurrency, self.grace_seconds = concurrency, grace_seconds
        self.sweep = Sweep()
        self._stop = threading.Event()
        self._worker: Worker | None = None
        self._ended: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self) -> None:
        """Work until ``stop()``, or SIGTERM or SIGINT where this is the main thread."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self.stop())
        pause = 0.5
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                asyncio.run(self._live())
            except (ConnectorException, DatabaseError, OSError) as error:
                _log.warning("the worker lost PostgreSQL (%s); beginning anew", error)
            connections.close_all()
            pause = 0.5 if time.monotonic() - began > _LONGEST_PAUSE_SECONDS else min(pause * 2, _LONGEST_PAUSE_SECONDS)
            self._stop.wait(pause)

    def stop(self) -> None:
        """Take no more calls and end when those that run have ended, or after the grace at the latest."""
        if self._stop.is_set():
            return
        self._stop.set()
        if self.grace_seconds:
            watch = threading.Timer(self.grace_seconds, os._exit, [_STILL_RUNNING])
            watch.daemon = True
            watch.start()
        if self._worker is not None:
            self._worker.stop()  # type: ignore[no-untyped-call]

    async def _live(self) -> None:
        """Be one worker of Procrastinate, from its registration to its end."""
        app = an_app()
        for name in KNOWN:
            app.task(name=name, queue=QUEUE, pass_context=True)(partial(self._run, name))
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        with ThreadPoolExecutor(self.concurrency + 4, thread_name_prefix="work") as threads:
            self._loop.set_default_executor(threads)
            async with app.open_async():
                worker = self._worker = Worker(
                    app,
                    queues=[QUEUE],
                    concurrency=self.concurrency,
                    fetch_job_polling_interval=POLL_SECONDS,
                    update_heartbeat_interval=reaper.HEARTBEAT_SECONDS,
                    stalled_worker_timeout=reaper.STALLED_SECONDS,
                    delete_jobs=DeleteJobCondition.ALWAYS,  # what went wrong is kept as a Failure
                    install_signal_handlers=False,
                )
                steps: list[Callable[[], int]] = [sequence, Filling(), *STEADY]
                beside = [
                    asyncio.create_task(one)
                    for one in (
                        self._sweep_on(worker),
                        *(self._go_on(step, worker) for step in steps),
                        reaper.reap_on(worker),
                    )
                ]
                _log.info("takes calls", extra={"count": self.concurrency})
                if self._stop.is_set():
                    worker.stop()  # type: ignore[no-untyped-call]
                try:
                    await worker.run()  # type: ignore[no-untyped-call]
                finally:
                    for one in beside:
                        one.cancel()
                    await asyncio.gather(*beside, return_exceptions=True)

    def _run(
        self, name: str, context: JobContext, *, args: list[Any], kwargs: dict[str, Any], attempts: int = 0
    ) -> None:
        """Run one call in a thread and keep how it ended; another try is another row of the queue."""
        call, tried = Call(name, tuple(args), kwargs), attempts + 1
        declared = KNOWN[name]
        key = call.key(declared.dedup)
        try:
            run_call(call, tried)
        except BaseException as error:  # noqa: BLE001 - whatever a task raises must not end the worker
            if tried < declared.attempts and worth_another_try(error):
                delay = timedelta(seconds=wait_seconds(tried, backoff_seconds=declared.backoff_seconds))
                at = timezone.now() + delay  # noqa: TID251 - the engine is where time passes
                put(call, priority=context.job.priority, at=at, attempts=tried)
                return
            keep_failure(call, key, told(error), attempts=tried)
            _log.warning("%s was given up after %d attempts: %s", name, tried, error)
        else:
            forget_failure(key)
        finally:
            close_old_connections()
            self._note_end()

    def _note_end(self) -> None:
        loop, ended = self._loop, self._ended
        if loop is not None and ended is not None and not loop.is_closed():
            loop.call_soon_threadsafe(ended.set)

    async def _sweep_on(self, worker: Worker) -> None:
        """Sweep every two seconds, and soon after calls ended."""
        ended = self._ended
        while ended is not None:
            ended.clear()
            await _in_thread(self.sweep, worker)
            try:
                async with asyncio.timeout(SWEEP_SECONDS):
                    await ended.wait()
                await asyncio.sleep(EAGER_SWEEP_SECONDS)
            except TimeoutError:
                continue

    async def _go_on(self, step: Callable[[], int], worker: Worker) -> None:
        """Do a steady step again and again: the ledger's sequencer, and what rooms have registered."""
        while True:
            if not await _in_thread(step, worker):
                await asyncio.sleep(STEADY_SECONDS)


async def _in_thread(step: Callable[[], int], worker: Worker) -> int:
    """Do a step in a thread; where its database fails, stop the worker, which is then built anew."""
    try:
        return await asyncio.to_thread(_with_connection, step)
    except DatabaseError as error:
        _log.warning("%s failed: %s", getattr(step, "__name__", type(step).__name__), error)
        worker.stop()  # type: ignore[no-untyped-call]
        await asyncio.sleep(POLL_SECONDS)
        return 0


def _with_connection(step: Callable[[], int]) -> int:
    try:
        return step()
    finally:
        close_old_connections()


def an_app() -> App:
    """Return an app of Procrastinate over a lean pool: two round trips a job, prepared statements.

    Its commits need not be flushed: a lost mark that a job is done only runs an idempotent call again. A dead
    connection is not checked for; it ends the worker, which is built anew.
    """
    parameters = {**connector_params("default"), "prepare_threshold": 3}
    parameters["options"] = f"{parameters.get('options', '')} -c synchronous_commit=off".strip()
    connector = PsycopgConnector(
        kwargs=parameters,
        configure=_autocommit,
        min_size=2,
        max_size=4,
        pool_factory=lambda **settings: AsyncConnectionPool(**{**settings, "check": None}),
    )
    return App(connector=connector)


async def _autocommit(connection: AsyncConnection[Any]) -> None:
    await connection.set_autocommit(True)  # not among the parameters: the listener gives it itself
