"""Reads everything again: the tree from its leaves, each leaf from its event, each subject's chain from its acts."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched
from typing import Any
from uuid import UUID

from clearinghouse.ledger.models import Entry, Event, Head, Node, Outbox
from clearinghouse.ledger.rules import is_filling, leaf_of
from clearinghouse.ledger.tree import grow, leaf_hash, root_of, split_hashes

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Audit:
    """What a full reading showed."""

    size: int
    root: bytes
    faults: tuple[str, ...]


def audit(*, most_faults: int = 100) -> Audit:
    """Read the whole ledger and return its size, its root and what is wrong with it (at most so many faults)."""
    reading = _Reading()
    faults: list[str] = []
    try:
        for fault in reading.faults():
            faults.append(fault)
            if len(faults) >= most_faults:
                faults.append(f"reading stopped after {most_faults} faults")
                break
    except (ValueError, TypeError, KeyError) as error:
        faults.append(f"what stands near entry {reading.size} cannot be read at all: {error}")
    return Audit(reading.size, root_of(reading.frontier), tuple(faults))


class _Reading:
    """One pass over all entries, in order."""

    def __init__(self) -> None:
        self.size = 0
        self.frontier: tuple[bytes, ...] = ()
        self._chains: dict[tuple[str, str], tuple[int, str]] = {}

    def faults(self) -> Iterator[str]:
        """Yield every fault, in the order of the entries, then those of the whole."""
        nodes = 0
        rows = Entry.objects.order_by("seq").values_list("seq", "event_id", "leaf").iterator(chunk_size=_BATCH)
        for batch in batched(rows, _BATCH):
            events = Event.objects.in_bulk([event_id for _, event_id, _ in batch])
            made: dict[tuple[int, int], bytes] = {}
            for seq, event_id, leaf in batch:
                if seq != self.size:
                    yield f"entry {self.size} is missing; {seq} stands in its place"
                self.frontier, completed = grow(self.size, self.frontier, bytes(leaf))
                made |= {(level, index): found for level, index, found in completed}
                yield from self._faults_of(seq, event_id, bytes(leaf), events.get(event_id))
                self.size += 1
            nodes += len(made)
            yield from _faults_of_nodes(made)
        if Node.objects.count() != nodes:
            yield f"{Node.objects.count()} subtrees are kept, {nodes} belong to the entries"
        head = Head.objects.first() or Head(size=0, frontier=b"")
        if head.size != self.size or split_hashes(bytes(head.frontier)) != self.frontier:
            yield f"the head states {head.size} entries or a frontier that these {self.size} entries do not have"
        placed, waiting = Entry.objects.values("event_id"), Outbox.objects.values("event_id")
        for event in Event.objects.exclude(pk__in=placed).exclude(pk__in=waiting).iterator(chunk_size=_BATCH):
            yield f"event {event.pk} ({event.verb}) has no entry"

    def _faults_of(self, seq: int, event_id: UUID, leaf: bytes, event: Event | None) -> Iterator[str]:
        if event is None:
            if not is_filling(event_id, seq):
                yield f"entry {seq} has no event {event_id}"
            return
        subject = (event.kind, event.subject)
        number, previous = self._chains.get(subject, (0, ""))
        self._chains[subject] = (number + 1, leaf_hash(leaf).hex())
        if event.number != number:
            yield f"entry {seq} is act {event.number} on {event.kind} {event.subject}; {number} is next"
        if event.body is None or event.salt is None:
            return  # erased: the commitment stays, the matter is gone
        body = bytes(event.body)
        if leaf_of(body, bytes(event.salt)) != leaf:
            yield f"entry {seq} does not commit to event {event_id}"
        elif (told := _told(event)) != (read := _read(body)):
            different = ", ".join(name for name in told if told[name] != read.get(name))
            yield f"entry {seq}: event {event_id} says otherwise in its columns than in its text ({different})"
        elif json.loads(body)["previous"] != previous:
            yield f"entry {seq} does not follow the act before on {event.kind} {event.subject}"


def _faults_of_nodes(made: dict[tuple[int, int], bytes]) -> Iterator[str]:
    """Yield a fault for each subtree that is missing or has another hash than its leaves give it."""
    kept: dict[tuple[int, int], bytes] = {}
    for level in {level for level, _ in made}:
        indexes = [index for other, index in made if other == level]
        rows = Node.objects.filter(level=level, index__range=(min(indexes), max(indexes)))
        kept |= {(level, index): bytes(found) for index, found in rows.values_list("index", "hash")}
    for place, found in made.items():
        if kept.get(place) != found:
            yield f"subtree {place[1]} of level {place[0]} is {'wrong' if place in kept else 'missing'}"


def _told(event: Event) -> dict[str, Any]:
    """Return what the columns of an event say."""
    return {
        "id": str(event.pk),
        "verb": event.verb,
        "kind": event.kind,
        "subject": event.subject,
        "number": event.number,
        "actor": str(event.actor),
        "at": event.at.isoformat(timespec="microseconds"),
    }


def _read(body: bytes) -> dict[str, Any]:
    """Return what the text of an event says about the same."""
    facts = json.loads(body)
    return {name: facts[name] for name in ("id", "verb", "kind", "subject", "number", "actor", "at")}
