"""What was covered: counts of findings are told to whose they are, and to others where these are published."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from clearinghouse.deconfliction.models import Coverage
from clearinghouse.deconfliction.queries.places import every_mapping, read_target
from clearinghouse.deconfliction.queries.registered import coverage_for
from clearinghouse.deconfliction.rules.covering import Looked, Piece, last_look
from clearinghouse.deconfliction.rules.mappings import Mappings, sources_of
from clearinghouse.deconfliction.rules.targets.kinds import Target
from clearinghouse.deconfliction.rules.targets.software import Software
from clearinghouse.permissions.rules import Actor
from clearinghouse.sight.asking import beyond_sight

MOST_PIECES: Final = 50_000
"""Entries of coverage that suggestions look at, the latest ones; what only older ones tell counts as unknown."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What one entry tells whoever asks."""

    id: UUID
    is_own: bool
    target: dict[str, Any]
    technique: str
    version: str
    is_complete: bool
    covered_at: datetime
    organization: str
    findings: int | None
    """How many came of it, where they are published or one's own; None: not told, or not known."""
    published: str
    """Where they are."""


def covered_for(actor: Actor, *, target: Target | None = None, most: int = 100) -> tuple[Covered, ...]:
    """Return what was covered, of a target by whatever name or of all, the latest first."""
    rows = coverage_for(actor, target).select_related("organization", "intent")
    return tuple(
        Covered(
            id=row.pk,
            is_own=row.organization_id == actor.organization,
            target=row.target,
            technique=row.technique,
            version=row.version,
            is_complete=row.is_complete,
            covered_at=row.covered_at,
            organization=row.organization.name,
            findings=told_findings(actor, row),
            published=row.published,
        )
        for row in rows[:most]
    )


def told_findings(actor: Actor, row: Coverage) -> int | None:
    """Return how many findings came of what was covered: to its own organization, and to all once published."""
    return row.findings if row.published or row.organization_id == actor.organization else None


def last_looks(actor: Actor, targets: Iterable[Target]) -> dict[Target, Looked]:
    """Return when each of these targets was last looked at, as far as the actor may see what was covered."""
    rows = Coverage.objects.visible_to(actor).order_by("-covered_at", "pk")
    found = Pieces(rows[:MOST_PIECES])
    return {target: last_look(target, *found.near(target)) for target in targets}


class Pieces:
    """What was covered in full, found by what it could be a part of."""

    def __init__(self, rows: QuerySet[Coverage]) -> None:
        self._by_cell: dict[int, set[Piece]] = {}
        for target, is_complete, at in rows.values_list("target", "is_complete", "covered_at"):
            if is_complete:
                piece = Piece(read_target(json.dumps(target, sort_keys=True)), at)
                for one in (piece.area, *sources_of(piece.area, ())):
                    for cell in one.cells.written:
                        self._by_cell.setdefault(cell, set()).add(piece)
        with beyond_sight():  # every participant may read mappings, whatever their token is for
            self._known = every_mapping()

    def near(self, target: Target) -> tuple[set[Piece], Mappings]:
        """Return the pieces that could be some of a target, and the mappings of its package; a pattern has none."""
        mappings = Mappings()
        if isinstance(target, Software) and not target.is_prefix:
            mappings = Mappings(self._known.of_package(target))
        names = (target, *sources_of(target, mappings))
        cells = frozenset().union(*(one.cells.searched for one in names))
        return set().union(*(self._by_cell.get(cell, ()) for cell in cells)), mappings
