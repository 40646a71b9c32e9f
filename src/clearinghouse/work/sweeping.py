"""Puts into the queue on PostgreSQL what the rows say is due: a short queue, so that turns are decided anew each time.

Any number of workers sweep; an advisory lock lets one do so at a time.
"""

import time
from collections import Counter
from dataclasses import dataclass, field

from django.db import connection, transaction

from clearinghouse.work.failures import STILL_DUE, is_resting, keep_failure, resting_keys
from clearinghouse.work.queue import put
from clearinghouse.work.rules import IdleRuns
from clearinghouse.work.task import calls_due
from clearinghouse.work.turns import Placed, in_turn

MOST_WAITING = 64
"""So many calls wait in the queue; the rest waits as rows."""
SWEEPING = 0x636C6561_73776565
"""The advisory lock of whoever sweeps."""
REST_SECONDS = 2.0
"""The rows are asked again after so long; at once only when the queue is half empty."""
_MOST_REMEMBERED = 100_000


@dataclass(slots=True)
class Sweep:
    """The sweeps of one process: it remembers what it put, so that calls that stay due for ever are noticed."""

    idle: IdleRuns = field(default_factory=IdleRuns)
    put: dict[str, Placed] = field(default_factory=dict)
    """What was put and is not known to have ended, by its key."""
    asked_at: float | None = None

    def __call__(self) -> int:
        """Put what is due and neither waits nor runs, as far as there is room; return how many calls were put."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SWEEPING])
            if not cursor.fetchone()[0]:
                return 0
            cursor.execute(
                "SELECT queueing_lock, status = 'todo' FROM procrastinate_jobs "
                "WHERE status IN ('todo', 'doing') AND queueing_lock IS NOT NULL"
            )
            known: dict[str, bool] = dict(cursor.fetchall())
            self._note_ends(known)
            room = MOST_WAITING - sum(known.values())
            rested = self.asked_at is None or time.monotonic() - self.asked_at >= REST_SECONDS
            if room <= 0 or (room < MOST_WAITING // 2 and not rested):
                return 0
            self.asked_at = time.monotonic()
            return self._put_due(known, room)

    def _put_due(self, known: dict[str, bool], room: int) -> int:
        resting = resting_keys()
        due = [one for one in calls_due() if one.key not in known and not is_resting(one.key, resting)]
        here = [one for key, one in self.put.items() if key in known]
        busy, pressing = Counter(one.share for one in here), Counter(one.share for one in here if one.pressed)
        count = 0
        for one in in_turn(due, busy=busy, pressing=pressing)[:room]:
            if self.idle.given_up(one.key):
                keep_failure(one.call, one.key, STILL_DUE, attempts=0)
            elif put(one.call, priority=one.priority):
                self.put[one.key] = one
                count += 1
        return count

    def _note_ends(self, known: dict[str, bool]) -> None:
        """Take note of what neither waits nor runs any more."""
        for key in [one for one in self.put if one not in known]:
            del self.put[key]
            self.idle.ended(key)
        if self.idle.remembered > _MOST_REMEMBERED:
            self.idle = IdleRuns()
