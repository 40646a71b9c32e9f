"""What was covered: counts of findings are told to whose they are, and to nobody else."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from clearinghouse.deconfliction.models import Coverage
from clearinghouse.permissions.rules import Actor


@dataclass(frozen=True, slots=True)
class Covered:
    """What one entry tells whoever asks."""

    target: dict[str, Any]
    technique: str
    version: str
    is_complete: bool
    covered_at: datetime
    organization: str
    findings: int | None
    """How many came of it, where it is one's own; None: not told, or not known."""


def covered_for(actor: Actor, *, name: str = "", most: int = 100) -> tuple[Covered, ...]:
    """Return what was covered, of one target or of all, the latest first."""
    rows = Coverage.objects.visible_to(actor).select_related("organization", "intent").order_by("-covered_at", "pk")
    if name:
        rows = rows.filter(target_name=name)
    return tuple(
        Covered(
            target=row.target,
            technique=row.technique,
            version=row.version,
            is_complete=row.is_complete,
            covered_at=row.covered_at,
            organization=row.organization.name,
            findings=row.findings if row.organization_id == actor.organization else None,
        )
        for row in rows[:most]
    )


def last_covered(actor: Actor, names: Collection[str]) -> dict[str, datetime]:
    """Return when each of these targets was last covered in full."""
    rows = Coverage.objects.visible_to(actor).filter(target_name__in=names, is_complete=True)
    return dict(rows.values_list("target_name").annotate(last=Max("covered_at")).values_list("target_name", "last"))
