"""Puts back into the queue what a dead worker was doing; every worker does it, one at a time.

A worker says every few seconds that it lives; who has been silent for longer than ``STALLED_SECONDS`` is dead. So is a
job that its own worker does not know of any more, because it could not tell the database that it was done.
"""

import asyncio
import json
from typing import Any

from django.db import IntegrityError, close_old_connections, connection, transaction
from procrastinate.jobs import Job, Status
from procrastinate.worker import Worker

from clearinghouse.work.failures import keep_failure
from clearinghouse.work.rules import Call
from clearinghouse.work.task import KNOWN

HEARTBEAT_SECONDS = 5.0
STALLED_SECONDS = 30.0
REAP_SECONDS = 10.0
MOST_DEATHS = 10
"""A call that so many workers died of is given up."""
POISON = "every worker that ran it died; it is given up"
REAPING = 0x636C6561_72656170
"""The advisory lock of whoever reaps."""


async def reap_on(worker: Worker) -> None:
    """Reap every few seconds, for as long as the worker lives."""
    strangers: frozenset[int] = frozenset()
    while True:
        await asyncio.sleep(REAP_SECONDS)
        known = {context.job.id for context in worker._running_jobs.values()}  # noqa: SLF001 - it has no public name
        strangers = await asyncio.to_thread(_reap, worker.worker_id, frozenset(known), strangers)


def _reap(worker_id: int | None, known: frozenset[int | None], strangers: frozenset[int]) -> frozenset[int]:
    """Reap, and return the jobs that are said to be this worker's and that it does not know of.

    What is so at two looks is lost: that it was done could not be told. At one look it may have been fetched just now.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = %s", [worker_id])
            now = frozenset(number for (number,) in cursor.fetchall()) - known
        reap(strangers & now)
        return now - strangers
    finally:
        close_old_connections()


def reap(lost: frozenset[int] = frozenset(), *, stalled_seconds: float | None = None) -> int:
    """Put back what dead workers were doing, and the jobs ``lost``; return how many there were.

    All in one transaction under an advisory lock: otherwise another reaper might put back what a live worker has just
    taken up again.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [REAPING])
        if not cursor.fetchone()[0]:
            return 0
        silent = STALLED_SECONDS if stalled_seconds is None else stalled_seconds
        cursor.execute(
            "SELECT id, status, task_name, priority, lock, queueing_lock, args, scheduled_at, queue_name, attempts, "
            "worker_id FROM procrastinate_jobs job WHERE status = 'doing' AND (id = ANY(%s) OR NOT EXISTS ("
            "SELECT FROM procrastinate_workers WHERE id = job.worker_id AND "
            "last_heartbeat >= now() - make_interval(secs => %s))) FOR UPDATE SKIP LOCKED",
            [list(lost), silent],
        )
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        for row in rows:
            _put_back(Job.from_row({**row, "args": json.loads(row["args"])}))
        cursor.execute("SELECT procrastinate_prune_stalled_workers_v1(%s)", [silent])
    return len(rows)


def _put_back(job: Job) -> None:
    if job.attempts >= MOST_DEATHS:
        declared = KNOWN.get(job.task_name)
        said: dict[str, Any] = dict(job.task_kwargs)
        call = Call(job.task_name, tuple(said["args"]), said["kwargs"])
        keep_failure(call, call.key(declared.dedup if declared else None), POISON, attempts=job.attempts)
        _finish(job)
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [job.id])
    except IntegrityError:  # its twin waits already
        _finish(job)


def _finish(job: Job) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_finish_job_v1(%s, %s, true)", [job.id, Status.ABORTED.value])
