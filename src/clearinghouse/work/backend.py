"""The backend behind ``django.tasks`` on one machine: an enqueued call waits in this process until somebody drains."""

from typing import Any

from django.db import transaction
from django.tasks import Task, TaskResult
from django.tasks.backends.base import BaseTaskBackend
from django.tasks.exceptions import InvalidTask
from django.tasks.signals import task_enqueued
from django.utils import timezone

from clearinghouse.work.rules import Call
from clearinghouse.work.task import EngineTask


class InProcessBackend(BaseTaskBackend):
    """Hands calls to this process's executor once the caller's transaction has committed."""

    task_class = EngineTask
    supports_priority = True
    supports_defer = True

    def enqueue(self, task: "Task[Any, Any]", args: Any, kwargs: Any) -> "TaskResult[Any, Any]":  # noqa: ANN401 - Django's signature
        """Let a call wait after commit; a rolled-back transaction leaves none behind."""
        from clearinghouse.work.executor import executor_for
        from clearinghouse.work.run import result_for

        self.validate_task(task)
        if not isinstance(task, EngineTask):
            raise InvalidTask(f"{task.module_path} was not declared with clearinghouse.work.task.task")
        result = result_for(task, Call(task.module_path, tuple(args), dict(kwargs)))
        call = Call(task.module_path, tuple(result.args), result.kwargs)
        delay = 0.0
        if task.run_after is not None:
            delay = (task.run_after - timezone.now()).total_seconds()  # noqa: TID251 - the engine is where time passes
        transaction.on_commit(lambda: executor_for(self.alias).put(call, delay_seconds=delay))
        task_enqueued.send(sender=type(self), task_result=result)
        return result
