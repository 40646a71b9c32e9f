"""Calls, their keys, when to try again, and when to stop; pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clearinghouse.errors import ClearinghouseError, Conflict, Unavailable

LONGEST_WAIT_SECONDS = 300
MOST_IDLE_RUNS = 3
"""A call that is due again after so many runs, while nothing else became done for the first time, is given up."""


@dataclass(frozen=True, slots=True)
class Call:
    """One task with its arguments (plain data)."""

    task: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def text(self) -> str:
        """The arguments as one canonical text."""
        return json.dumps([list(self.args), dict(self.kwargs)], sort_keys=True, separators=(",", ":"))

    def key(self, pattern: str | None = None) -> str:
        """Return what makes this call the same as another: ``pattern`` filled with the arguments, else all of it."""
        return f"{self.task} {self.text}" if pattern is None else pattern.format(*self.args, **self.kwargs)


@dataclass(frozen=True, slots=True)
class Failed:
    """A call that was given up, and why."""

    call: Call
    error: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is."""

    done: int
    failed: int
    waiting: int
    running: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain came to: how many calls were done, and which were given up."""

    done: int
    failed: tuple[Failed, ...]


def worth_another_try(error: BaseException) -> bool:
    """Say whether the same call may end otherwise later: a fault or something missing outside may, a refusal not."""
    return not isinstance(error, ClearinghouseError) or isinstance(error, Unavailable | Conflict)


def wait_seconds(attempts: int, *, backoff_seconds: float) -> float:
    """Return how long to wait after so many failed attempts (1 or more): doubled each time, up to a limit."""
    return min(backoff_seconds * 2.0 ** min(attempts - 1, 30), LONGEST_WAIT_SECONDS)


class IdleRuns:
    """Notices calls that run and run and stay due, so that the work as a whole ends.

    A call is *news* when it ends well for the first time. A call that ended is not idle as long as there was news since
    its last end (joining is due again because another finding was judged); news are finite, so idle runs are too.
    """

    def __init__(self) -> None:
        self._ended: set[str] = set()
        self._news_at_end: dict[str, int] = {}
        self._idle: dict[str, int] = {}

    @property
    def remembered(self) -> int:
        """How many keys it knows."""
        return len(self._ended)

    def ended(self, key: str) -> None:
        """Take note that the call with this key ended well."""
        if self._news_at_end.get(key) == len(self._ended):
            self._idle[key] = self._idle.get(key, 0) + 1
        else:
            self._idle[key] = 1
        self._ended.add(key)
        self._news_at_end[key] = len(self._ended)

    def given_up(self, key: str) -> bool:
        """Say whether the call with this key, due once more, has had all the runs it gets."""
        return self._idle.get(key, 0) >= MOST_IDLE_RUNS and self._news_at_end.get(key) == len(self._ended)
