"""Searching the index for whoever asks: what meets a target, by whatever name, and what is known to be whose.

It is the search that writers make, so whoever is told that nobody is on something meets nobody there. It holds what has
ended too, in no window. What is found is ids; what of them may be seen is for the rows' own query to say.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from heapq import nlargest
from itertools import batched
from typing import Final
from uuid import UUID

from django.db.models import Model, QuerySet

from clearinghouse.deconfliction.models import Coverage, Ownership, Place
from clearinghouse.deconfliction.queries.places import mappings_of, names_of, near, read_target, searched_by
from clearinghouse.deconfliction.rules import binding
from clearinghouse.deconfliction.rules.lifecycle import OwnershipState
from clearinghouse.deconfliction.rules.mappings import meets_by
from clearinghouse.deconfliction.rules.targets.kinds import Target, target_of
from clearinghouse.deconfliction.rules.windows import ALWAYS, Window
from clearinghouse.errors import Conflict
from clearinghouse.sight.asking import beyond_sight

MOST_FOUND: Final = 20_000
"""Rows that one search gives to whoever may see them all."""
_AT_ONCE: Final = 10_000


def those_meeting[R: Model](
    rows: QuerySet[R], targets: Iterable[Target], *, of: str, window: Window | None = None
) -> QuerySet[R]:
    """Return those of some rows that meet one of these targets, by itself or under another name of the same code.

    Args:
        rows: all that whoever asks may see.
        targets: which.
        of: what the rows are in the index: intent or constraint.
        window: only what stands at some time of it; None: whatever is or was announced.

    Raises:
        Conflict: they are more than one search gives.
    """
    found = sorted(_found(tuple(targets), of=of, window=window))
    if len(found) > MOST_FOUND:  # what whoever asks may not see is not counted
        found = [pk for some in _each(rows, found) for pk in some.values_list("pk", flat=True)]
    if len(found) > MOST_FOUND:
        raise Conflict(f"more than {MOST_FOUND} meet this; name less of it")
    return rows.filter(pk__in=found)


def covered_meeting(rows: QuerySet[Coverage], target: Target) -> QuerySet[Coverage]:
    """Return what was covered of a target, by itself or under another name: of very much, the latest.

    Nobody decides by it whether to scan, and what was covered is never over: so very much of it is no reason to refuse.

    Args:
        rows: all that whoever asks may see.
        target: of which.
    """
    found = sorted(_found((target,), of="coverage", window=None))
    if len(found) > MOST_FOUND:
        seen = (one for some in _each(rows, found) for one in some.values_list("covered_at", "pk"))
        found = [pk for _, pk in nlargest(MOST_FOUND, seen)]
    return rows.filter(pk__in=found)


def _each[R: Model](rows: QuerySet[R], found: Sequence[UUID]) -> Iterator[QuerySet[R]]:
    """Yield those of some rows that have one of these ids, some at a time, in no order."""
    return (rows.filter(pk__in=some).order_by() for some in batched(found, _AT_ONCE))


def _found(targets: tuple[Target, ...], *, of: str, window: Window | None) -> set[UUID]:
    found: set[UUID] = set()
    with beyond_sight():
        known = mappings_of(targets)
        by_cell: dict[int, set[Target]] = defaultdict(set)
        for target in targets:
            for cell in searched_by(names_of((target,), known)):
                by_cell[cell].add(target)
        entries = Place.objects.filter(of=of)
        if window is not None:
            entries = entries.filter(ends_at__gt=window.starts_at, starts_at__lt=window.ends_at)
        meeting: dict[tuple[int, str], bool] = {}
        for cells in batched(by_cell, _AT_ONCE):
            wide = entries.filter(cell__in=cells).values_list("cell", "subject_id", "target")
            for cell, subject, text in wide.iterator():
                if subject in found:
                    continue
                if (cell, text) not in meeting:  # the same is scanned again and again
                    meeting[cell, text] = any(meets_by(one, read_target(text), known) for one in by_cell[cell])
                if meeting[cell, text]:
                    found.add(subject)
    return found


def owned_near(organization: UUID, target: Target) -> list[Target]:
    """Return what is known to be an organization's near a target; for actions, beyond sight."""
    found = near((target,), ALWAYS, of=("ownership",), is_bounded=False)
    rows = Ownership.objects.filter(
        pk__in={one.subject_id for one in found}, organization=organization, state=OwnershipState.VERIFIED
    )
    return [target_of(one) for one in rows.values_list("target", flat=True)]


def owns_whole(organization: UUID, target: Target) -> bool:
    """Say whether all of a target is known to be an organization's; for actions, beyond sight."""
    return binding.is_within(target, owned_near(organization, target))
