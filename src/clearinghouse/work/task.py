"""How a room declares a step that runs in the background, and where to read off the rows which calls are due."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.tasks import Task

from clearinghouse.work.rules import Call
from clearinghouse.work.turns import Due, Turn

type DueQuery = Callable[[], Iterable[Any]]
"""Returns one item per call that is due: an id, a text, a number, or a tuple of them (``()`` for a call without any);
or a ``Turn``, which also says for whom it is, about what, and how it presses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineTask(Task):  # type: ignore[type-arg]  # not generic when it runs
    """A task of ``django.tasks`` that also says how it may overlap, and how often it is tried.

    ``dedup`` and ``serial`` are patterns over the arguments (``"judge:{0}"``): at most one of a key waits,
    at most one runs.
    """

    dedup: str | None = None
    serial: str | None = None
    attempts: int = 3
    backoff_seconds: float = 2.0

    def __post_init__(self) -> None:
        """Check the task against its backend and remember it by its path."""
        Task.__post_init__(self)  # a bare super() breaks with slots
        KNOWN.setdefault(self.module_path, self)


KNOWN: dict[str, EngineTask] = {}
_DUE: dict[str, tuple[EngineTask, DueQuery]] = {}
STEADY: list[Callable[[], int]] = []


def task[**P, R](
    *,
    dedup: str | None = None,
    serial: str | None = None,
    attempts: int = 3,
    backoff_seconds: float = 2.0,
    priority: int = 0,
) -> Callable[[Callable[P, R]], "Task[P, R]"]:
    """Return a decorator that makes a module's function a background task; it must be safe to repeat.

    Args:
        dedup: pattern over the arguments; of calls with the same key at most one waits (default: path and arguments).
        serial: pattern over the arguments; of calls with the same key at most one runs.
        attempts: how often it is tried in all before it is given up.
        backoff_seconds: wait before the second attempt; doubled each time.
        priority: -100 to 100; higher runs first.
    """

    def declared(function: Callable[P, R]) -> "Task[P, R]":
        return EngineTask(
            func=function,
            dedup=dedup,
            serial=serial,
            attempts=attempts,
            backoff_seconds=backoff_seconds,
            priority=priority,
        )

    return declared


def due(step: "Task[Any, Any]", query: DueQuery) -> None:
    """Register ``query`` as the answer to "which calls of ``step`` are due?"; asked again whenever work has ended."""
    if not isinstance(step, EngineTask):
        raise TypeError(f"{step!r} was not declared with clearinghouse.work.task.task")
    _DUE[step.module_path] = (step, query)


def steadily(step: Callable[[], int]) -> None:
    """Register a short step that workers on PostgreSQL do again and again; it says how much it did, 0 for nothing.

    It must be safe to do at the same time elsewhere: whoever is second does nothing.
    """
    STEADY.append(step)


def calls_due() -> Iterator[Due]:
    """Yield every call that is due now, read off the rows."""
    for step, query in list(_DUE.values()):
        for item in query():
            turn = item if isinstance(item, Turn) else Turn(item if isinstance(item, tuple) else (item,))
            call = Call(step.module_path, tuple(str(arg) if isinstance(arg, UUID) else arg for arg in turn.args))
            yield Due(call, call.key(step.dedup), step.priority, turn)
