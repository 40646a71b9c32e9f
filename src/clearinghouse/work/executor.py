"""The in-process engine: calls wait in a heap of this process, threads do them; one engine at a time per database file.

Here time passes: the engine waits for back-off with the monotonic clock.
Source: docs/decisions/0004.
"""

import heapq
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import chain

from django.db import close_old_connections, connections

from clearinghouse.work.failures import STILL_DUE, forget_failure, is_resting, keep_failure, told
from clearinghouse.work.rules import Call, Drained, Failed, IdleRuns, Progress, wait_seconds, worth_another_try
from clearinghouse.work.run import run_call
from clearinghouse.work.task import KNOWN, calls_due
from clearinghouse.work.turns import in_turn

SWEEP_SECONDS = 2.0
type Resting = Callable[[], AbstractSet[str]]


@dataclass(order=True, slots=True)
class _Waiting:
    """A call in one of the heaps; ``rank``: (-priority, number) when ready, (moment, number) when deferred."""

    rank: tuple[float, int]
    call: Call = field(compare=False)
    key: str = field(compare=False)
    attempts: int = field(compare=False)
    priority: int = field(compare=False)
    share: str = field(compare=False)
    pressed: bool = field(compare=False)


class Executor:
    """Waiting calls and the threads that do them; every method is safe from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._ready: list[_Waiting] = []
        self._deferred: list[_Waiting] = []
        self._waiting_keys: set[str] = set()
        self._running: dict[str, _Waiting] = {}
        self._busy: set[str] = set()
        self._just_ended: set[str] = set()
        self._stopping = False
        self._idle_threads = 0
        self._version = 0
        self._resting: Resting = frozenset
        self._begin()

    def _begin(self) -> None:
        """Forget what an earlier drain counted; what waits, waits on."""
        self._done = 0
        self._failed: dict[str, Failed] = {}
        self._idle = IdleRuns()
        self._stale = True
        self._swept_at = 0.0

    def put(
        self,
        call: Call,
        *,
        delay_seconds: float = 0.0,
        attempts: int = 0,
        priority: int | None = None,
        share: str = "",
        pressed: bool = False,
    ) -> bool:
        """Let ``call`` wait for a thread, unless its twin waits already; return whether it was taken."""
        declared = KNOWN[call.task]
        key = call.key(declared.dedup)
        with self._changed:
            if key in self._waiting_keys:
                return False
            self._waiting_keys.add(key)
            number = next(self._numbers)
            rank = declared.priority if priority is None else priority
            waiting = _Waiting((-rank, number), call, key, attempts, rank, share, pressed)
            if delay_seconds > 0:
                waiting.rank = (time.monotonic() + delay_seconds, number)
                heapq.heappush(self._deferred, waiting)
            else:
                heapq.heappush(self._ready, waiting)
            self._changed.notify_all()
            return True

    def sweep(self) -> None:
        """Ask the rows what is due and let it wait; leave out what waits, runs, or was given up in this drain.

        Also left out is what ended while the rows were asked: the answer may be older than the end..
        """
        with self._changed:
            self._just_ended.clear()
        resting = self._resting()
        due = [one for one in calls_due() if not is_resting(one.key, resting)]
        with self._changed:
            known = (self._waiting_keys, self._running, self._failed, self._just_ended)
            new = [one for one in due if not any(one.key in keys for keys in known)]
            here = list(chain(self._ready, self._deferred, self._running.values()))
        busy, pressing = Counter(one.share for one in here), Counter(one.share for one in here if one.pressed)
        for one in in_turn(new, busy=busy, pressing=pressing):
            with self._changed:
                stuck = self._idle.given_up(one.key)
            if stuck:
                self._give_up(one.call, one.key, STILL_DUE, attempts=0)
            else:
                self.put(one.call, priority=one.priority, share=one.share, pressed=one.pressed)

    def progress(self) -> Progress:
        """Return how far the work is."""
        with self._changed:
            waiting = len(self._ready) + len(self._deferred)
            return Progress(self._done, len(self._failed), waiting, tuple(one.call for one in self._running.values()))

    def conduct(self, *, jobs: int, resting: Resting = frozenset) -> Generator[Progress]:
        """Run ``jobs`` threads until nothing is due and nothing waits; yield progress whenever something changed.

        ``resting`` is asked at each sweep which keys to leave alone, because they were given up a short while ago.
        """
        with self._changed:
            self._stopping = False
            self._begin()
            self._resting = resting
        threads = [threading.Thread(target=self._serve, name=f"work-{number}", daemon=True) for number in range(jobs)]
        for thread in threads:
            thread.start()
        try:
            while self._sweep_or_end():
                yield self.progress()
                self._wait_for_change()
            yield self.progress()
        finally:
            with self._changed:
                self._stopping = True
                self._changed.notify_all()
        for thread in threads:
            thread.join()

    def wait_for_work(self, limit_seconds: float) -> None:
        """Return when a call waits, at the latest after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._deferred, limit_seconds)

    def wait_for_end(self, limit_seconds: float) -> bool:
        """Return when no call runs any more, at the latest after so many seconds; say whether none does."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, limit_seconds)

    def outcome(self) -> Drained:
        """Return what the last ``conduct()`` came to."""
        with self._changed:
            return Drained(self._done, tuple(self._failed.values()))

    def _sweep_or_end(self) -> bool:
        """Sweep where that can find something new; return whether anything is left to do."""
        with self._changed:
            wanted = self._sweep_wanted()
            self._swept_at = time.monotonic() if wanted else self._swept_at
            self._stale = self._stale and not wanted
        if wanted:
            self.sweep()
        with self._changed:
            return bool(self._stale or self._ready or self._deferred or self._running)

    def _sweep_wanted(self) -> bool:
        """Say whether rows may have changed and a thread has nothing to take, or the last sweep is long ago."""
        overdue = time.monotonic() - self._swept_at >= SWEEP_SECONDS
        return overdue or (self._stale and (self._idle_threads > 0 or not self._ready))

    def _wait_for_change(self) -> None:
        """Wait until a call began or ended, or a sweep is wanted."""
        with self._changed:
            seen = self._version
            until = self._swept_at + SWEEP_SECONDS
            while self._version == seen and not self._sweep_wanted():
                self._changed.wait(max(until - time.monotonic(), 0.01))

    def _serve(self) -> None:
        """Take calls and do them until told to stop: the life of one thread."""
        try:
            while (taken := self._take()) is not None:
                self._do(taken)
                close_old_connections()
        finally:
            connections.close_all()

    def _take(self) -> _Waiting | None:
        """Return the next call that may run now, waiting for one; None when told to stop."""
        with self._changed:
            while not self._stopping:
                now = time.monotonic()
                while self._deferred and self._deferred[0].rank[0] <= now:
                    late = heapq.heappop(self._deferred)
                    late.rank = (-late.priority, late.rank[1])
                    heapq.heappush(self._ready, late)
                taken = self._pop_free()
                if taken is not None:
                    self._note_change()
                    return taken
                self._idle_threads += 1
                self._changed.notify_all()
                self._changed.wait(self._deferred[0].rank[0] - now if self._deferred else None)
                self._idle_threads -= 1
            return None

    def _pop_free(self) -> _Waiting | None:
        """Take the first ready call whose twin is not running and whose serial key is free, and mark both busy."""
        passed: list[_Waiting] = []
        found = None
        while self._ready and found is None:
            candidate = heapq.heappop(self._ready)
            serial = _serial_key(candidate.call)
            if candidate.key in self._running or serial in self._busy:
                passed.append(candidate)
            else:
                found = candidate
        for candidate in passed:
            heapq.heappush(self._ready, candidate)
        if found is not None:
            self._waiting_keys.discard(found.key)
            self._running[found.key] = found
            if (serial := _serial_key(found.call)) is not None:
                self._busy.add(serial)
        return found

    def _do(self, taken: _Waiting) -> None:
        """Run one call and settle how it ended; only then is its key free again."""
        attempts = taken.attempts + 1
        try:
            run_call(taken.call, attempts)
        except BaseException as error:  # noqa: BLE001 - whatever a task raises must not end the thread
            declared = KNOWN[taken.call.task]
            if attempts < declared.attempts and worth_another_try(error):
                delay = wait_seconds(attempts, backoff_seconds=declared.backoff_seconds)
                self.put(
                    taken.call,
                    delay_seconds=delay,
                    attempts=attempts,
                    priority=taken.priority,
                    share=taken.share,
                    pressed=taken.pressed,
                )
            else:
                self._give_up(taken.call, taken.key, told(error), attempts=attempts)
        else:
            with self._changed:
                self._done += 1
                self._idle.ended(taken.key)
            forget_failure(taken.key)
        finally:
            self._release(taken)

    def _release(self, taken: _Waiting) -> None:
        """Mark a call as no longer running."""
        with self._changed:
            self._running.pop(taken.key, None)
            self._just_ended.add(taken.key)
            self._busy.discard(_serial_key(taken.call) or "")
            self._stale = True
            self._note_change()

    def _note_change(self) -> None:
        """Wake everybody who waits; called with the lock held."""
        self._version += 1
        self._changed.notify_all()

    def _give_up(self, call: Call, key: str, error: str, *, attempts: int) -> None:
        """Keep the failure as a row, and do not start this call again in this drain."""
        with self._changed:
            self._failed[key] = Failed(call, error, attempts)
            self._note_change()
        keep_failure(call, key, error, attempts=attempts)


def _serial_key(call: Call) -> str | None:
    pattern = KNOWN[call.task].serial
    return None if pattern is None else call.key(pattern)


_executors: dict[str, Executor] = {}
_making = threading.Lock()


def executor_for(alias: str) -> Executor:
    """Return the one executor of a task backend; Django makes a backend object per thread, and all of them share it."""
    with _making:
        return _executors.setdefault(alias, Executor())
