"""Who sits in a case: given by a coordinator and another person, left at will, taken away at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from clearinghouse.cases.models import Case, Participant
from clearinghouse.cases.queries.marks import audience_of, marking_of
from clearinghouse.cases.rules.marking import recipient_of
from clearinghouse.cases.rules.seats import ROLE_OF_PART, SEAT, Part, SeatState, SeatStep, Tier, check_seat
from clearinghouse.cases.telling import tell_request, tell_seat
from clearinghouse.errors import Conflict, Malformed, NotFound, StepRefused
from clearinghouse.ledger.actions import record
from clearinghouse.notices.rules import Happened
from clearinghouse.parties.actions import check_address, found_organization, make_invitation
from clearinghouse.parties.models import Invitation, Organization, Person, Request
from clearinghouse.parties.queries import organization_named
from clearinghouse.parties.rules import RequestState
from clearinghouse.parties.second_person import approve_request, ask_second_person, use_agreement
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.records import advance
from clearinghouse.sight.asking import beyond_sight
from clearinghouse.standards.tlp import audience, may_be_told

VERB = "cases:participant:seat"


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat that is to be given: to a person, to an organization, or to whoever takes up an invitation."""

    party: Person | Organization | str
    """A person, everybody who acts for an organization, or the e-mail address of somebody who is to be invited."""
    part: Part
    tier: Tier
    until_at: datetime | None = None

    def content(self) -> dict[str, Any]:
        """Return the seat as plain data."""
        named = self.party.lower() if isinstance(self.party, str) else f"{self.party.kind} {self.party.pk}"
        until = None if self.until_at is None else self.until_at.isoformat()
        return {"party": named, "part": self.part.value, "tier": int(self.tier), "until": until}


def seat_asked(request: Request) -> Seat:
    """Return the seat that a request asks for, as it was asked.

    Raises:
        NotFound: the person or organization is not there any more.
        StepRefused: the request asks for something else.
    """
    if request.verb != VERB:
        raise StepRefused("this request asks for something else")
    said = request.content
    until = None if said["until"] is None else datetime.fromisoformat(said["until"])
    return Seat(_party(said["party"]), Part(said["part"]), Tier(said["tier"]), until)


def _party(named: str) -> Person | Organization | str:
    kind, _, key = named.partition(" ")
    kinds: dict[str, type[Person | Organization]] = {"person": Person, "organization": Organization}
    if kind not in kinds:
        return named
    found = kinds[kind].objects.filter(pk=UUID(key)).first()
    if found is None:
        raise NotFound("whoever was to have this seat is not here any more")
    return found


@transaction.atomic
def ask_seat(case: Case, seat: Seat, *, actor: Actor, at: datetime, why: str) -> Request:
    """Ask for a seat to be given; another person has to agree.

    Raises:
        NotFound, NotPermitted: the actor may not give seats.
        Malformed: such a seat cannot be given.
        Conflict: exactly this was asked for already, or the party sits there.
    """
    _check(case, seat, at=at)
    request = ask_second_person(VERB, _Seats(case), _content(case, seat), actor=actor, at=at, why=why)
    tell_request(request, case, at=at)
    return request


def _content(case: Case, seat: Seat) -> dict[str, Any]:
    """Return what two people agree on: the seat, and what it opens: these reports, told this far."""
    return {**seat.content(), **audience_of(case)}


def give_seat(
    case: Case,
    seat: Seat,
    request: Request,
    *,
    organization: Organization | str | None = None,
    actor: Actor,
    at: datetime,
) -> tuple[Participant, str | None]:
    """Agree to a seat that another person asked for, and give it; return it with the secret of an invitation, if any.

    Args:
        case: in which.
        seat: exactly what was asked for.
        request: what was asked.
        organization: for whom somebody who is invited will act; by its name, it is founded if there is none.
        actor: the other person.
        at: now.

    Raises:
        NotPermitted: the actor asked for it, or may not.
        Conflict: it is not what was asked for, the case has changed since, or the party sits there by now.
        Malformed: somebody is to be invited, and no organization is named.
    """
    _check(case, seat, at=at)
    if request.state != RequestState.APPROVED:  # agreed before, and then something stood in the way
        approve_request(request, _Seats(case), _content(case, seat), actor=actor, at=at)
    with transaction.atomic():
        use_agreement(VERB, _Seats(case), _content(case, seat), actor=actor, at=at)
        return _seat(case, seat, organization, actor=actor, at=at)


def _seat(
    case: Case, seat: Seat, organization: Organization | str | None, *, actor: Actor, at: datetime
) -> tuple[Participant, str | None]:
    secret: str | None = None
    party: dict[str, Any]
    if isinstance(seat.party, Person):
        party = {"person": seat.party}
    elif isinstance(seat.party, Organization):
        party = {"organization": seat.party}
    else:
        if not organization:
            raise Malformed("name the organization that whoever is invited will act for")
        if isinstance(organization, str):
            named = organization_named(actor, organization)
            organization = named or found_organization(organization, actor=actor, at=at)
        invitation, secret = make_invitation(
            organization, ROLE_OF_PART[seat.part], email=seat.party, actor=actor, at=at
        )
        party = {"invitation": invitation}
    participant = Participant.objects.create(
        case=case,
        part=seat.part,
        tier=seat.tier,
        until_at=seat.until_at,
        invited_by=actor.id,
        state=SEAT.initial,
        created_at=at,
        **party,
    )
    details = {"case": case.public_id, **seat.content()}
    record("cases:participant:seat", subject=participant, actor=actor, at=at, details=details)
    tell_seat(Happened.SEAT_GIVEN, participant, at=at)
    return participant, secret


@dataclass(frozen=True, slots=True)
class _Seats:
    """The seats of a case as what a request is about: bound to the state that the case is in."""

    case: Case
    kind: str = "participant"

    @property
    def pk(self) -> object:
        """The case's own id."""
        return self.case.pk

    @property
    def state(self) -> str:
        """The state that the case is in."""
        return self.case.state


def _check(case: Case, seat: Seat, *, at: datetime) -> None:
    """Refuse a seat that cannot be given, or whose party sits in the case already."""
    tier, label = check_seat(seat.part, seat.tier, seat.until_at, at=at), marking_of(case)
    if not may_be_told(label, recipient_of(tier, whole_organization=isinstance(seat.party, Organization))):
        hint = "seat a person by name, or lower the marking first"
        raise Malformed(f"the case is TLP:{label}, for {audience(label)}; {hint}")
    seated = Participant.objects.filter(case=case, state=SeatState.SEATED)
    if isinstance(seat.party, Person):
        taken = seated.filter(person=seat.party).exists() or seated.filter(invitation__accepted_by=seat.party).exists()
    elif isinstance(seat.party, Organization):
        taken = seated.filter(organization=seat.party).exists()
    else:
        check_address(seat.party)
        taken = seated.filter(invitation__email=seat.party.lower()).exists()
    if taken:
        raise Conflict("this party sits in the case already; take the seat away first to give another")


@transaction.atomic
def leave_seat(participant: Participant, *, actor: Actor, at: datetime) -> None:
    """Leave a case at will; what the seat let see is gone at the next request."""
    demand(actor, "cases:participant:leave", participant)
    _end(participant, SeatStep.LEAVE, actor=actor, at=at)


@transaction.atomic
def remove_participant(participant: Participant, *, actor: Actor, at: datetime, why: str) -> None:
    """Take a seat away; what it let see is gone at the next request, and an invitation to it is worthless."""
    demand(actor, "cases:participant:remove", participant)
    _end(participant, SeatStep.REMOVE, actor=actor, at=at, why=why)


@beyond_sight()  # a seat that has ended is not seen by whoever sat there
def _end(participant: Participant, step: SeatStep, *, actor: Actor, at: datetime, why: str = "") -> None:
    """End a seat; where it was of an invitation that nobody took up, end that too."""
    advance(participant, SEAT, step, actor=actor, at=at, why=why)
    tell_seat(Happened.SEAT_ENDED, participant, at=at)
    invitation = participant.invitation
    if invitation is None:
        return
    if Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None).update(withdrawn_at=at):
        record("parties:invitation:withdraw", subject=invitation, actor=actor, at=at)


def participants_of(case: Case, actor: Actor) -> list[Participant]:
    """Return the seats of a case that the actor may see, those who sit there first."""
    rows = Participant.objects.visible_to(actor).filter(case=case)
    found = rows.select_related("person", "organization", "invitation__accepted_by").order_by("created_at", "pk")
    return sorted(found, key=lambda row: row.state != SeatState.SEATED)


def participant_for(actor: Actor, case: Case, participant_id: UUID) -> Participant:
    """Return a seat in a case that the actor may see.

    Raises:
        NotFound: there is none.
    """
    found = Participant.objects.visible_to(actor).select_related("case").filter(pk=participant_id, case=case).first()
    if found is None:
        raise NotFound("no such participant")
    return found
