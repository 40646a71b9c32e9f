"""Writing in the ledger: inside the transaction of the act itself, or not at all."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from clearinghouse.ledger import rows
from clearinghouse.ledger.models import Entry, Event, Outbox
from clearinghouse.ledger.rules import SALT_BYTES, Deed, Subject, leaf_of
from clearinghouse.ledger.tree import grow, leaf_hash, split_hashes
from clearinghouse.permissions.rules import Actor


def record(
    verb: str, *, subject: Subject, actor: Actor, at: datetime, details: Mapping[str, Any] | None = None
) -> Event:
    """Write down that ``actor`` did ``verb`` to ``subject``, in the caller's transaction.

    Raises:
        Malformed: ``details`` holds more than plain data, ids and times, or ``at`` has no timezone.
        RuntimeError: there is no transaction, so the act and its entry could come apart; a mistake in the program.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{verb} must be recorded in the transaction of the act itself")
    subject_id = str(subject.pk)
    last = rows.last_act(subject.kind, subject_id)
    deed = Deed(
        id=uuid4(),
        verb=verb,
        kind=subject.kind,
        subject=subject_id,
        actor=actor.id,
        at=at,
        details=details or {},
        number=0 if last is None else last[0] + 1,
        previous="" if last is None else _hash_of(*last[1:]),
    )
    body, salt = deed.canonical(), secrets.token_bytes(SALT_BYTES)
    leaf = leaf_of(body, salt)
    if rows.has_outbox():
        rows.write_act_and_leaf(deed, body, salt, leaf)
    else:
        rows.write_act(deed, body, salt)
        _grow([(deed.id, leaf)])
    return Event(
        id=deed.id,
        verb=deed.verb,
        kind=deed.kind,
        subject=deed.subject,
        number=deed.number,
        actor=deed.actor,
        at=at,
        body=body,
        salt=salt,
    )


def first_act(
    verb: str, *, subject: Subject, actor: Actor, at: datetime, details: Mapping[str, Any] | None = None
) -> tuple[Deed, bytes, bytes, bytes]:
    """Return the first act on something that is only about to be: what was done, its text, its salt and its leaf.

    For a room whose one statement on PostgreSQL writes the row, the act and the leaf in the outbox together.

    Raises:
        Malformed: ``details`` holds more than plain data, ids and times, or ``at`` has no timezone.
    """
    deed = Deed(
        id=uuid4(),
        verb=verb,
        kind=subject.kind,
        subject=str(subject.pk),
        actor=actor.id,
        at=at,
        details=details or {},
        number=0,
        previous="",
    )
    body, salt = deed.canonical(), secrets.token_bytes(SALT_BYTES)
    return deed, body, salt, leaf_of(body, salt)


def _hash_of(event_id: UUID, body: bytes | None, salt: bytes | None) -> str:
    """Return the hash of the leaf of the act before; the leaf stays when its matter is erased."""
    if body is None or salt is None:
        waiting = Outbox.objects.filter(event_id=event_id).values_list("leaf", flat=True).first()
        return leaf_hash(bytes(waiting or Entry.objects.get(event_id=event_id).leaf)).hex()
    return leaf_hash(leaf_of(body, salt)).hex()


def append(leaves: Iterable[tuple[UUID, bytes]]) -> int:
    """Add (event id, leaf) pairs to the tree, in order, and return the new size; a pair already there is left out.

    For the sequencer, which empties the outbox of PostgreSQL in batches; on SQLite, where a transaction has the file to
    itself, an act is given its place at once. Either way one transaction holds everything it writes.

    Raises:
        RuntimeError: there is no transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("leaves are appended inside a transaction")
    wanted = dict(leaves)
    known = set(Entry.objects.filter(event_id__in=wanted).values_list("event_id", flat=True))
    return _grow([(event_id, leaf) for event_id, leaf in wanted.items() if event_id not in known])


def _grow(leaves: Iterable[tuple[UUID, bytes]]) -> int:
    """Add new leaves to the tree and return its size."""
    size, joined = rows.head()
    frontier = split_hashes(joined)
    entries: list[tuple[int, UUID, bytes]] = []
    nodes: list[tuple[int, int, bytes]] = []
    for event_id, leaf in leaves:
        frontier, made = grow(size, frontier, leaf)
        entries.append((size, event_id, leaf))
        nodes.extend(made)
        size += 1
    rows.write_growth(entries, nodes, size, b"".join(frontier))
    return size


def erase_matter(subjects: Iterable[tuple[str, str]]) -> int:
    """Destroy matter and salts of all acts on these (kind, id) pairs; return how many acts that were.

    The leaves stay in the tree, so that every proof goes on holding; what they commit to nobody can know any more.
    The caller writes down that it was done, in the same transaction.

    Raises:
        RuntimeError: there is no transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("matter is erased inside the transaction that says so")
    erased = 0
    for kind, subject in subjects:
        erased += Event.objects.filter(kind=kind, subject=subject, body__isnull=False).update(body=None, salt=None)
    return erased
