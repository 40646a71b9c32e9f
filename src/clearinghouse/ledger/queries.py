"""Reading the ledger: its head, its proofs."""

from collections.abc import Callable, Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from clearinghouse.errors import Malformed, NotFound
from clearinghouse.ledger import tree
from clearinghouse.ledger.models import Entry, Event, Head, Node
from clearinghouse.ledger.notes import Checkpoint
from clearinghouse.ledger.rules import BATCH, is_filling
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand


def size() -> int:
    """Return how many entries there are."""
    head = Head.objects.first()
    return head.size if head else 0


def subtree(level: int, index: int) -> bytes:
    """Return the hash of one complete subtree."""
    return bytes(Node.objects.values_list("hash", flat=True).get(level=level, index=index))


def _fetched(prove: Callable[[tree.Subtrees], tuple[bytes, ...]]) -> tuple[bytes, ...]:
    """Return what ``prove`` makes of subtrees that are fetched all at once: it is asked first which it needs.

    Raises:
        Node.DoesNotExist: one of them is not there, which no ledger that holds together shows.
    """
    wanted: list[tuple[int, int]] = []

    def noted(level: int, index: int) -> bytes:
        wanted.append((level, index))
        return bytes(tree.HASH_BYTES)

    prove(noted)
    rows = Node.objects.filter(pk__in=wanted).values_list("level", "index", "hash")
    found = {(level, index): bytes(kept) for level, index, kept in rows}
    if len(found) < len(set(wanted)):
        raise Node.DoesNotExist("a subtree of the ledger is missing")
    return prove(lambda level, index: found[level, index])


def root_at(entries: int) -> bytes:
    """Return the root of the tree as it was with so many entries.

    Raises:
        NotFound: it has never been so large.
    """
    if entries > size():
        raise NotFound(f"the ledger has {size()} entries, not {entries}")
    places = tree.frontier_places(entries)
    return _fetched(lambda subtrees: (tree.root_of([subtrees(level, index) for level, index in places]),))[0]


def entry_of(event_or_index: str) -> Entry:
    """Return the entry with this index, or of the event with this id.

    Raises:
        Malformed: it is neither a number nor an id.
        NotFound: there is no such entry.
    """
    if event_or_index.isdecimal():
        found = Entry.objects.filter(seq=int(event_or_index)).first()
    else:
        try:
            found = Entry.objects.filter(event_id=UUID(event_or_index)).first()
        except ValueError:
            raise Malformed(f"{event_or_index!r} is neither an index nor the id of an event") from None
    if found is None:
        raise NotFound(f"the ledger has no entry {event_or_index}")
    return found


def inclusion_proof(index: int, entries: int) -> tuple[bytes, ...]:
    """Return the path from entry ``index`` to the root of the tree with so many entries.

    Raises:
        NotFound: there is no such entry in a tree of that size, or it has never been so large.
    """
    if not index < entries <= size():
        raise NotFound(f"no entry {index} in a tree of {entries}; the ledger has {size()}")
    return _fetched(lambda subtrees: tree.inclusion_proof(index, entries, subtrees))


def consistency_proof(old: int, new: int) -> tuple[bytes, ...]:
    """Return the proof that the tree of ``old`` entries is the beginning of that of ``new``.

    Raises:
        NotFound: not 0 < ``old`` <= ``new`` <= the ledger's size.
    """
    if not 0 < old <= new <= size():
        raise NotFound(f"no proof from {old} to {new} entries; the ledger has {size()}")
    return _fetched(lambda subtrees: tree.consistency_proof(old, new, subtrees))


def checkpoint(*, origin: str | None, whole_batches: bool = False) -> Checkpoint:
    """Return the word of the ledger on itself, now.

    Args:
        origin: the log's name in the world; without one, the first entry's hash names it, for no two logs share that.
        whole_batches: leave out what stands in a batch that is not full yet.

    Raises:
        NotFound: nothing has been recorded yet, or no batch is full.
    """
    entries = size()
    if not entries:
        raise NotFound("nothing is recorded yet, so there is nothing to state")
    if whole_batches and not (entries := entries - entries % BATCH):
        raise NotFound(f"no batch of {BATCH} is full yet; a worker fills it, or `clearinghouse ledger sequence`")
    return Checkpoint(origin or f"clearinghouse.local/{subtree(0, 0).hex()[:16]}", entries, root_at(entries))


def revealed(entry: Entry) -> bytes:
    """Return the salt and the text of the act behind ``entry``: what opens its leaf.

    Raises:
        NotFound: the matter was erased; only the commitment is left. Or nothing ever was behind it.
    """
    if is_filling(entry.event_id, entry.seq):
        raise NotFound(f"entry {entry.seq} only fills a batch; no act is behind it")
    event = Event.objects.get(pk=entry.event_id)
    if event.body is None or event.salt is None:
        raise NotFound(f"the matter of entry {entry.seq} was erased; its commitment alone is left")
    return bytes(event.salt) + bytes(event.body)


def continues(earlier: Checkpoint) -> bool:
    """Say whether the ledger still begins with all that ``earlier`` stated."""
    return earlier.size <= size() and root_at(earlier.size) == earlier.root


def events_for(actor: Actor) -> QuerySet[Event]:
    """Return every act, for whoever may read the ledger.

    Raises:
        NotPermitted: the actor may not.
    """
    demand(actor, "ledger:event:read")
    return Event.objects.all()


def acts_on(subjects: Iterable[tuple[str, str]]) -> QuerySet[Event]:
    """Return the acts on these (kind, id) pairs, the first one first; whoever asks may see the subjects themselves."""
    ids: dict[str, list[str]] = {}
    for kind, subject in subjects:
        ids.setdefault(kind, []).append(subject)
    some = Q(pk__in=())
    for kind, found in ids.items():
        some |= Q(kind=kind, subject__in=found)
    return Event.objects.filter(some).order_by("at", "pk")
