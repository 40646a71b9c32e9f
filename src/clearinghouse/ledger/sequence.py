"""The sequencer of PostgreSQL: gives the acts that wait in the outbox their places in the tree.

Acts commit side by side and leave their leaves in the outbox; one sequencer at a time, in whichever worker, takes them
from there and appends them, in one transaction: each leaf gets exactly one place, whenever anybody is killed.
"""

from uuid import UUID

from django.db import connection, transaction

from clearinghouse.ledger.actions import append
from clearinghouse.ledger.rows import has_outbox

BATCH = 500
SEQUENCING = 0x636C6561_73657175
"""The advisory lock of whoever sequences."""
_TAKE = """
DELETE FROM ledger_outbox WHERE id IN (
    SELECT id FROM ledger_outbox ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING id, event_id, leaf
"""


def sequence(*, most: int = BATCH) -> int:
    """Give at most so many waiting acts their places; return how many: 0 when none waits or another one sequences.

    An act on a subject commits before the next on it can begin, so the order of the outbox keeps every subject's chain.
    """
    if not has_outbox():
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEQUENCING])
        if not cursor.fetchone()[0]:
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
