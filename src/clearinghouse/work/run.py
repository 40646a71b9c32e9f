"""Runs one call the way ``django.tasks`` describes it: context, signals, result."""

import logging
import time
from traceback import format_exception
from typing import Any

from django.tasks import TaskContext, TaskResult, TaskResultStatus
from django.tasks.base import TaskError
from django.tasks.signals import task_finished, task_started
from django.utils import timezone
from django.utils.crypto import get_random_string

from clearinghouse.work.rules import Call
from clearinghouse.work.task import KNOWN, EngineTask

_log = logging.getLogger(__name__)
_WORKER = "in-process"


def result_for(declared: EngineTask, call: Call) -> "TaskResult[Any, Any]":
    """Return the description of a call that waits, as ``django.tasks`` wants it."""
    return TaskResult(
        task=declared,
        id=get_random_string(32),
        status=TaskResultStatus.READY,
        enqueued_at=timezone.now(),  # noqa: TID251 - the engine is where time passes
        started_at=None,
        last_attempted_at=None,
        finished_at=None,
        args=list(call.args),
        kwargs=dict(call.kwargs),
        backend=declared.backend,
        errors=[],
        worker_ids=[],
    )


def run_call(call: Call, attempts: int) -> None:
    """Run the task with its arguments, and write a line on how it ended; whatever it raises is passed on.

    Args:
        call: what to run.
        attempts: which attempt this is, from 1.
    """
    declared = KNOWN[call.task]
    result = result_for(declared, call)
    result.worker_ids.extend([_WORKER] * attempts)
    _set(result, status=TaskResultStatus.RUNNING, started_at=timezone.now())  # noqa: TID251
    task_started.send(sender=type(declared), task_result=result)
    began = time.monotonic()
    try:
        if declared.takes_context:
            declared.call(TaskContext(task_result=result), *call.args, **call.kwargs)
        else:
            declared.call(*call.args, **call.kwargs)
    except BaseException as error:
        kind = type(error)
        path = f"{kind.__module__}.{kind.__qualname__}"
        result.errors.append(TaskError(exception_class_path=path, traceback="".join(format_exception(error))))
        _set(result, status=TaskResultStatus.FAILED, finished_at=timezone.now())  # noqa: TID251
        raise
    else:
        _set(result, status=TaskResultStatus.SUCCESSFUL, finished_at=timezone.now())  # noqa: TID251
    finally:
        seconds, status = round(time.monotonic() - began, 3), result.status.value.lower()
        _log.info("call", extra={"task": call.task, "attempts": attempts, "seconds": seconds, "status": status})
        task_finished.send(sender=type(declared), task_result=result)


def _set(result: "TaskResult[Any, Any]", **facts: object) -> None:
    for name, value in facts.items():
        object.__setattr__(result, name, value)  # frozen for everyone but the engine
