"""Writing in the ledger: inside the transaction of the act itself, or not at all."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from clearinghouse.ledger.models import Entry, Event, Head, Node
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
    last = Event.objects.filter(kind=subject.kind, subject=str(subject.pk)).order_by("-number").first()
    deed = Deed(
        id=uuid4(),
        verb=verb,
        kind=subject.kind,
        subject=str(subject.pk),
        actor=actor.id,
        at=at,
        details=details or {},
        number=last.number + 1 if last else 0,
        previous=_hash_of(last),
    )
    body, salt = deed.canonical(), secrets.token_bytes(SALT_BYTES)
    event = Event.objects.create(
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
    append([(event.id, leaf_of(body, salt))])
    return event


def _hash_of(event: Event | None) -> str:
    """Return the hash of the leaf of the act before; the leaf stays when its matter is erased."""
    if event is None:
        return ""
    if event.body is None or event.salt is None:
        return leaf_hash(bytes(Entry.objects.get(event_id=event.id).leaf)).hex()
    return leaf_hash(leaf_of(bytes(event.body), bytes(event.salt))).hex()


def append(leaves: Iterable[tuple[UUID, bytes]]) -> int:
    """Add (event id, leaf) pairs to the tree, in order, and return the new size; a pair already there is left out.

    Called inline on SQLite, where a transaction has the file to itself; a sequencer that empties an outbox calls it
    with a batch. Either way one transaction holds everything it writes.

    Raises:
        RuntimeError: there is no transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("leaves are appended inside a transaction")
    head, _ = Head.objects.select_for_update().get_or_create(id=1)
    size, frontier = head.size, split_hashes(bytes(head.frontier))
    entries: list[Entry] = []
    nodes: list[Node] = []
    wanted = dict(leaves)
    known = set(Entry.objects.filter(event_id__in=wanted).values_list("event_id", flat=True))
    for event_id, leaf in wanted.items():
        if event_id in known:
            continue
        frontier, made = grow(size, frontier, leaf)
        entries.append(Entry(seq=size, event_id=event_id, leaf=leaf))
        nodes.extend(Node(level=level, index=index, hash=found) for level, index, found in made)
        size += 1
    Entry.objects.bulk_create(entries)
    Node.objects.bulk_create(nodes)
    Head.objects.filter(id=1).update(size=size, frontier=b"".join(frontier))
    return size
