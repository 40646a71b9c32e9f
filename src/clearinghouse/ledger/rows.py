"""The few statements that every act goes through, written by hand: the cost of an act is their number.

Everything else reads and writes the ledger through its models. Source: docs/decisions/0102.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection

from clearinghouse.ledger.rules import Deed

_LAST = "SELECT number, id, body, salt FROM ledger_event WHERE kind = %s AND subject = %s ORDER BY number DESC LIMIT 1"
_LAST_ALONE = "SELECT number, id, body, salt FROM ledger_last(%s, %s)"
"""The same under a lock on the subject, held to the end of the transaction; see migration 0003."""
_EVENT = (
    "INSERT INTO ledger_event (id, verb, kind, subject, number, actor, at, body, salt) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_EVENT_AND_OUTBOX = (
    "WITH act AS (INSERT INTO ledger_event (id, verb, kind, subject, number, actor, at, body, salt) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)) INSERT INTO ledger_outbox (event_id, leaf) VALUES (%s, %s)"
)
_HEAD = "SELECT size, frontier FROM ledger_head WHERE id = 1"
_NEW_HEAD = "INSERT INTO ledger_head (id, size, frontier) VALUES (1, 0, %s)"
_ENTRY = "INSERT INTO ledger_entry (seq, event_id, leaf) VALUES (%s, %s, %s)"
_NODE = 'INSERT INTO ledger_node (level, "index", hash) VALUES (%s, %s, %s)'
_GROWN = "UPDATE ledger_head SET size = %s, frontier = %s WHERE id = 1"


def last_act(kind: str, subject: str) -> tuple[int, UUID, bytes | None, bytes | None] | None:
    """Return number, id, text and salt of the last act on a subject; on PostgreSQL nobody else acts on it meanwhile."""
    found = _one(_LAST_ALONE if has_outbox() else _LAST, (kind, subject))
    if found is None:
        return None
    number, event_id, body, salt = found
    return number, _as_uuid(event_id), _as_bytes(body), _as_bytes(salt)


def write_act(deed: Deed, body: bytes, salt: bytes) -> None:
    """Write an act that is given its place in the same transaction."""
    _do(_EVENT, _event_of(deed, body, salt))


def write_act_and_leaf(deed: Deed, body: bytes, salt: bytes, leaf: bytes) -> None:
    """Write an act, and its leaf into the outbox."""
    _do(_EVENT_AND_OUTBOX, (*_event_of(deed, body, salt), deed.id, leaf))


def head() -> tuple[int, bytes]:
    """Return size and frontier of the tree; nobody else changes them before this transaction ends.

    SQLite's transactions are alone from their start, and PostgreSQL's sequencer holds a lock of its own.
    """
    found = _one(_HEAD, ())
    if found is None:
        _do(_NEW_HEAD, (b"",))
        return 0, b""
    return found[0], bytes(found[1])


def write_growth(
    entries: Sequence[tuple[int, UUID, bytes]], nodes: Sequence[tuple[int, int, bytes]], size: int, frontier: bytes
) -> None:
    """Write new entries, the subtrees that they completed, and the new head."""
    _do_all(_ENTRY, [(seq, _uuid(event_id), leaf) for seq, event_id, leaf in entries])
    _do_all(_NODE, nodes)
    _do(_GROWN, (size, frontier))


def has_outbox() -> bool:
    """Say whether acts wait for a sequencer here, or are given their places at once."""
    return connection.vendor == "postgresql"


def _event_of(deed: Deed, body: bytes, salt: bytes) -> tuple[Any, ...]:
    at: Any = deed.at if has_outbox() else connection.ops.adapt_datetimefield_value(deed.at)
    return (
        _uuid(deed.id),
        deed.verb,
        deed.kind,
        deed.subject,
        deed.number,
        _uuid(deed.actor),
        at,
        body,
        salt,
    )


def _uuid(value: UUID) -> UUID | str:
    return value if has_outbox() else value.hex


def _as_uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _as_bytes(value: Any) -> bytes | None:  # noqa: ANN401 - memoryview or bytes, as the driver has it
    return None if value is None else bytes(value)


def _one(statement: str, values: Sequence[Any]) -> Any:  # noqa: ANN401 - a row
    return _done(statement, values).fetchone()


def _do(statement: str, values: Sequence[Any]) -> None:
    _done(statement, values)


def _done(statement: str, values: Sequence[Any]) -> Any:  # noqa: ANN401 - the driver's cursor
    """Run a statement on the driver's own cursor; what it raises becomes Django's."""
    with connection.wrap_database_errors:
        if has_outbox():
            return _psycopg().execute(statement, values, prepare=True)
        return connection.connection.execute(_sqlite(statement), values)


def _do_all(statement: str, rows: Iterable[Sequence[Any]]) -> None:
    with connection.wrap_database_errors:
        if has_outbox():
            _psycopg().executemany(statement, rows)
        else:
            connection.connection.executemany(_sqlite(statement), rows)


def _psycopg() -> Any:  # noqa: ANN401 - psycopg is there on PostgreSQL only
    """Return a cursor that prepares its statements on the server; Django's own writes values into their text."""
    from psycopg import Cursor

    return Cursor(connection.connection)


@cache
def _sqlite(statement: str) -> str:
    """Return a statement with SQLite's marks for values."""
    return statement.replace("%s", "?")
