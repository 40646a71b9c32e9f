"""The sequencer of PostgreSQL: gives the acts that wait in the outbox their places in the tree.

Acts commit side by side and leave their leaves in the outbox; one sequencer at a time, in whichever worker, takes them
from there and appends them, in one transaction: each leaf gets exactly one place, whenever anybody is killed.
"""

import math
import secrets
import time
from collections.abc import Callable
from uuid import UUID

from django.db import connection, transaction

from clearinghouse.ledger.actions import append
from clearinghouse.ledger.rows import has_outbox, head
from clearinghouse.ledger.rules import BATCH, SALT_BYTES, filling

MOST_AT_ONCE = 500
FILL_SECONDS = 60.0
"""A batch that acts have begun is filled so often, at most."""
SEQUENCING = 0x636C6561_73657175
"""The advisory lock of whoever sequences."""
_TAKE = """
DELETE FROM ledger_outbox WHERE id IN (
    SELECT id FROM ledger_outbox ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING id, event_id, leaf
"""


def sequence(*, most: int = MOST_AT_ONCE) -> int:
    """Give at most so many waiting acts their places; return how many: 0 when none waits or another one sequences.

    An act on a subject commits before the next on it can begin, so the order of the outbox keeps every subject's chain.
    """
    if not has_outbox():
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        if not _is_our_turn():
            return 0
        cursor.execute(_TAKE, [most])
        taken: list[tuple[int, UUID, memoryview]] = sorted(cursor.fetchall(), key=lambda row: row[0])
        if taken:
            append([(event_id, bytes(leaf)) for _, event_id, leaf in taken])
    return len(taken)


def sequence_all() -> int:
    """Give every waiting act its place; return how many there were."""
    count = 0
    while taken := sequence():
        count += taken
    return count


def fill() -> int:
    """Fill the batch that acts have begun; return how many leaves that took; 0 if another one sequences.

    What is published grows by whole batches, and so by each act's batch only once that is filled.
    """
    with transaction.atomic():
        if not _is_our_turn():
            return 0
        size, _ = head()
        missing = -size % BATCH
        if missing:
            append([filling(place, secrets.token_bytes(SALT_BYTES)) for place in range(size, size + missing)])
    return missing


class Filling:
    """A steady step: fills the begun batch once in ``FILL_SECONDS``."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._last = clock, -math.inf

    def __call__(self) -> int:
        """Fill if it is time; return 0, for there is nothing to go on with."""
        if self._clock() - self._last >= FILL_SECONDS and fill():
            self._last = self._clock()
        return 0


def _is_our_turn() -> bool:
    """Say whether nobody else gives places until this transaction ends; on SQLite its transaction is alone anyway."""
    if not has_outbox():
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEQUENCING])
        return bool(cursor.fetchone()[0])
