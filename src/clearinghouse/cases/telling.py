"""Whom of those around a case is told what; each hears of it only as long as they may read it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q

from clearinghouse.cases.models import Case, Join, Participant
from clearinghouse.cases.rules.seats import SeatState, Tier
from clearinghouse.ledger.rules import Subject
from clearinghouse.notices.rules import Happened, To
from clearinghouse.notices.telling import Telling, tell, tell_all
from clearinghouse.parties.models import Request
from clearinghouse.sight.asking import beyond_sight

ALL_TIERS: Final = tuple(Tier)
FOR_FIXES: Final = (Tier.ALL, Tier.NEEDED, Tier.FIX)
FOR_PROOFS: Final = (Tier.ALL, Tier.NEEDED)


def tell_table(event: Happened, case: Case, about: Subject, *, tiers: Iterable[Tier] = ALL_TIERS, at: datetime) -> None:
    """Tell those at work here, and everybody who sits in a case at one of these tiers.

    Nobody else is told, not even what they would not hear: what is told must leave no trace with whoever may not know.
    """
    tell(event, about, to=_table(case, tiers, at), name=case.public_id, at=at)


def tell_joined(joins: Sequence[Join], *, at: datetime) -> None:
    """Tell that findings were joined to others: also their finders, but only who sits in the case and so may know."""
    tables: dict[UUID, To] = {}
    for one in joins:
        if one.case_id not in tables:
            tables[one.case_id] = _table(one.case, FOR_PROOFS, at)
    tell_all((Telling(Happened.FINDING_JOINED, one, tables[one.case_id], one.case.public_id) for one in joins), at=at)


@beyond_sight()  # who sits there, and nothing of it is shown
def _table(case: Case, tiers: Iterable[Tier], at: datetime) -> To:
    seats = Participant.objects.filter(Q(until_at=None) | Q(until_at__gt=at), case=case, state=SeatState.SEATED)
    return _parties(seats.filter(tier__in=list(tiers)).select_related("invitation"))


def tell_request(request: Request, case: Case, *, at: datetime) -> None:
    """Tell those at work here that something about a case waits for a second person."""
    tell(Happened.REQUEST_MADE, request, to=To(office=True), name=case.public_id, at=at)


def tell_seat(event: Happened, seat: Participant, *, at: datetime) -> None:
    """Tell whoever has, or had, a seat in a case, and those at work here."""
    tell(event, seat, to=_parties([seat]), name=seat.case.public_id if event is Happened.SEAT_GIVEN else "", at=at)


def _parties(seats: Iterable[Participant]) -> To:
    organizations: set[UUID | None] = set()
    people: set[UUID | None] = set()
    for one in seats:
        organizations.add(one.organization_id)
        people |= {one.person_id, None if one.invitation is None else one.invitation.accepted_by_id}
    return To(
        office=True,
        organizations=frozenset(one for one in organizations if one is not None),
        people=frozenset(one for one in people if one is not None),
    )
