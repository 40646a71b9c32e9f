"""The backend behind ``django.tasks`` on PostgreSQL: an enqueued call is a row of Procrastinate's queue.

The row is written over Django's own connection, so it belongs to the caller's transaction: rolled back, it never was.
Keys of calls are Procrastinate's queueing locks (at most one waits) and locks (at most one runs).
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.tasks import Task, TaskResult
from django.tasks.backends.base import BaseTaskBackend
from django.tasks.exceptions import InvalidTask
from django.tasks.signals import task_enqueued
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

from clearinghouse.work.rules import Call
from clearinghouse.work.task import KNOWN, EngineTask

QUEUE = "clearinghouse"


class QueueBackend(BaseTaskBackend):
    """Hands calls to the workers, wherever they are, once the caller's transaction has committed."""

    task_class = EngineTask
    supports_priority = True
    supports_defer = True

    def enqueue(self, task: "Task[Any, Any]", args: Any, kwargs: Any) -> "TaskResult[Any, Any]":  # noqa: ANN401 - Django's signature
        """Let a call wait; a rolled-back transaction leaves none behind."""
        from clearinghouse.work.run import result_for

        self.validate_task(task)
        if not isinstance(task, EngineTask):
            raise InvalidTask(f"{task.module_path} was not declared with clearinghouse.work.task.task")
        result = result_for(task, Call(task.module_path, tuple(args), dict(kwargs)))
        call = Call(task.module_path, tuple(result.args), result.kwargs)
        put(call, priority=task.priority, at=task.run_after)
        task_enqueued.send(sender=type(self), task_result=result)
        return result


def put(call: Call, *, priority: int, at: datetime | None = None, attempts: int = 0) -> bool:
    """Let a call wait, unless its twin waits already; return whether it was taken.

    Uses a manager of its own over Django's connection: the connector of Procrastinate's shared app is another one
    inside a worker, and would write past the caller's transaction.
    """
    try:
        with transaction.atomic():  # a twin must not spoil the caller's transaction
            JobManager(DjangoConnector()).defer_job(_job_of(call, priority=priority, at=at, attempts=attempts))
    except AlreadyEnqueued:
        return False
    return True


def _job_of(call: Call, *, priority: int, at: datetime | None, attempts: int) -> Job:
    declared = KNOWN[call.task]
    return Job(
        queue=QUEUE,
        task_name=call.task,
        priority=priority,
        lock=None if declared.serial is None else call.key(declared.serial),
        queueing_lock=call.key(declared.dedup),
        task_kwargs={"args": list(call.args), "kwargs": dict(call.kwargs), "attempts": attempts},
        scheduled_at=at,
    )
