"""How much an organization may ask of whoever scans what is not known to be theirs; an owner's word is never bounded.

Everybody has to see a wish, so nobody may pile them up until nobody can. Source: docs/decisions/0165.
"""

import json
from uuid import UUID

from django.db.models import QuerySet

from clearinghouse.deconfliction.models import Constraint, Place
from clearinghouse.deconfliction.queries.searching import owned_near
from clearinghouse.deconfliction.rules.awareness import MOST_WISHES, MOST_WISHES_EACH
from clearinghouse.deconfliction.rules.binding import is_within
from clearinghouse.deconfliction.rules.lifecycle import ConstraintState
from clearinghouse.deconfliction.rules.targets.kinds import Target, target_of
from clearinghouse.errors import Conflict


def stated_before(row: Constraint) -> Constraint | None:
    """Return what the same organization has stated word for word, and stands; inside of a write."""
    rows = _standing(row).filter(says=row.says, rate_per_second=row.rate_per_second, why=row.why)
    there = rows.filter(pk__in=_beside(target_of(row.target)))
    return next((one for one in there if _said(one) == _said(row)), None)


def _said(row: Constraint) -> str:
    return json.dumps([row.target, row.techniques, row.times, row.contact], sort_keys=True)


def demand_room(row: Constraint, target: Target) -> None:
    """Return quietly if a constraint is about what is its organization's, or one more wish is not too much.

    Raises:
        Conflict: it is too much.
    """
    owned = owned_near(row.organization_id, target)
    if is_within(target, owned):
        return
    there = _standing(row).filter(pk__in=_beside(target)).values_list("target", flat=True)
    if sum(not is_within(target_of(one), owned) for one in there) >= MOST_WISHES:
        raise Conflict(
            f"this is not known to be your organization's, and it asks {MOST_WISHES} things of whoever scans there "
            "already; withdraw one, or claim what is yours"
        )
    if _standing(row).count() >= MOST_WISHES_EACH:
        raise Conflict(f"your organization asks {MOST_WISHES_EACH} things already; withdraw one, or name a pattern")


def _standing(row: Constraint) -> QuerySet[Constraint]:
    return Constraint.objects.filter(organization=row.organization_id, state=ConstraintState.STANDING)


def _beside(target: Target) -> QuerySet[Place, UUID]:
    """Return the ids of the constraints of the same thing: the same package, host or block of addresses."""
    return Place.objects.filter(of="constraint", cell__in=target.cells.beside).values_list("subject_id", flat=True)
