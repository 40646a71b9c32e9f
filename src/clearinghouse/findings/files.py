"""Files of the store while rows begin or cease to name them.

A file that nothing names any more is removed. Whoever hands in the same bytes at that moment finds it there, and their
row cannot be seen yet. So writers look again in the transaction of the row, and no remover looks while one of them
does: on PostgreSQL by a lock that writers share, on SQLite because a transaction that writes has the file to itself.
"""

from collections.abc import Mapping
from typing import Final

from django.db import connection

from clearinghouse.artefacts import Artefacts

_FILES: Final = 0x636C6561_66696C65
"""The advisory lock on which files are named."""


def hold_files(files: Mapping[str, bytes], artefacts: Artefacts) -> None:
    """See to it that files which were kept before stay, for rows of this transaction name them; call it first in it.

    Args:
        files: the bytes of each by its digest.
        artefacts: where they were kept.
    """
    _lock("pg_advisory_xact_lock_shared")
    for digest, data in files.items():
        if not artefacts.has(digest):
            artefacts.put(data)


def hold_writers() -> None:
    """Wait until every writer has committed, and let none begin before this transaction has ended."""
    _lock("pg_advisory_xact_lock")


def _lock(function: str) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("files stay, or go, in a transaction")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [_FILES])
