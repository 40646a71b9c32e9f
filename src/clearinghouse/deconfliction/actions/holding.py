"""What makes writers of one cell follow each other, and an answer wait until what it says is on the disk.

On PostgreSQL a writer takes the advisory locks of its cells, in the order of their numbers, and commits without
waiting for the disk, so that the next one does not wait for it either. Then, outside of the locks and before anybody is
answered, an empty transaction is committed that does wait: the log is one sequence, so what came before it is on the
disk too, and so is everything that this writer has seen. On SQLite a transaction that writes has the file to itself.

Whoever signs, mails or publishes what another process has just written flushes first, for it may not be on the disk.
Source: docs/decisions/0151.
"""

from typing import Final

from django.db import connection, transaction

from clearinghouse.deconfliction.rules.cells import Locks

_NUMBERS: Final = 65_536
_EVERYTHING: Final = -1
"""Held together with all others by whoever takes few locks, and alone by whoever would take too many."""
_MOST: Final = 64
_HOLD: Final = "SELECT deconfliction_hold(%s::integer[], %s::boolean[])"
_FLUSH: Final = "SELECT pg_logical_emit_message(true, 'clearinghouse', '')"


def hold(locks: Locks) -> None:
    """Wait until no other writer of these cells is at work, and keep them away until the transaction ends.

    Raises:
        RuntimeError: there is no transaction; a mistake in the program.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("cells are held inside a transaction")
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [*in_order(locks)])
    transaction.on_commit(flush)


def in_order(locks: Locks) -> tuple[list[int], list[bool]]:
    """Return the numbers of the locks in the order in which everybody takes them, and which are held alone."""
    numbers = {one % _NUMBERS: False for one in locks.together} | {one % _NUMBERS: True for one in locks.alone}
    numbers = {_EVERYTHING: True} if len(numbers) > _MOST else {_EVERYTHING: False, **numbers}
    ordered = sorted(numbers.items())
    return [number for number, _ in ordered], [alone for _, alone in ordered]


def flush() -> None:
    """Wait until everything that was committed before is on the disk.

    What it raises means that nobody knows whether the write will survive: not that it failed.
    """
    if connection.vendor == "postgresql":
        with connection.wrap_database_errors:
            connection.connection.execute(_FLUSH)
