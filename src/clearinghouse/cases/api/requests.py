"""The API's operations about seats and markings of cases, and the two people that they need."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from ninja.decorators import decorate_view

from clearinghouse.cases.agreeing import agree, request_about, says_of, waiting_for
from clearinghouse.cases.consulting import ask_about_case
from clearinghouse.cases.marking import ask_lower_marking, raise_marking
from clearinghouse.cases.models import Case, Marking, Participant
from clearinghouse.cases.queries.cases import case_for
from clearinghouse.cases.queries.marks import markings_for
from clearinghouse.cases.rules.marking import Turn
from clearinghouse.cases.rules.seats import Part, Tier
from clearinghouse.cases.seating import (
    Seat,
    ask_seat,
    leave_seat,
    participant_for,
    participants_of,
    remove_participant,
)
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.given import Given
from clearinghouse.edges.idempotency import idempotent
from clearinghouse.edges.paging import Page, Paging, page_of
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.errors import Malformed
from clearinghouse.parties.models import Organization, Person, Request
from clearinghouse.parties.queries import organization_for, person_for, person_with_email
from clearinghouse.parties.second_person import refuse_request, requests_about, withdraw_request
from clearinghouse.parties.shown import ConsultationShown, consultation_shown
from clearinghouse.permissions.rules import Actor
from clearinghouse.standards.tlp import Tlp, audience

router = Router(tags=["cases"])


class SeatShown(Schema):
    """A seat in a case."""

    id: UUID
    part: Part
    tier: int
    until_at: datetime | None
    state: str
    person: UUID | None
    organization: UUID | None
    invited: str | None = Field(description="The e-mail address of somebody who was invited.")


class SeatWanted(Given):
    """A seat that is wanted: for one of a person, an organization as a whole, or somebody who is to be invited."""

    person: UUID | None = None
    organization: UUID | None = None
    email: str | None = Field(None, max_length=254, description="Of somebody with an account, or to be invited.")
    part: Part
    tier: Tier
    until_at: datetime | None = None
    why: str = Field("", max_length=4000)


class RequestShown(Schema):
    """What one person asks for and another has to agree to."""

    id: UUID
    verb: str
    says: str
    why: str
    state: str
    requested_by: UUID
    created_at: datetime


class RequestWaiting(RequestShown):
    """The same in a list over all cases."""

    case: str = Field(description="The public id of the case that it is about.")


class AgreedTo(Schema):
    """What agreeing came to."""

    says: str
    address: str | None = Field(description="With which somebody who is invited signs up; shown this once.")


class Agreeing(Given):
    """What agreeing needs besides."""

    organization: str = Field("", max_length=200, description="For whom somebody who is invited will act.")


class MarkingChange(Schema):
    """That a marking was changed."""

    turn: Turn
    label: Tlp
    why: str
    by: UUID
    at: datetime


class MarkingShown(Schema):
    """How far a case may be told."""

    label: Tlp
    audience: str
    changes: list[MarkingChange] = Field(description="The latest first.")


class MarkingWanted(Given):
    """A marking that is wanted."""

    label: Tlp
    why: str = Field(min_length=1, max_length=4000)


class QuestionAsked(Given):
    """What an organization is asked about a case."""

    organization: str = Field(min_length=1, max_length=200, description="Its name.")
    question: str = Field(min_length=1, max_length=20_000)
    due_at: datetime


class Reason(Given):
    """Why."""

    why: str = Field("", max_length=4000)


@router.get(
    "/cases/{case}/seats", response={200: Page[SeatShown]} | REFUSALS, operation_id="seats", summary="List seats"
)
@door("cases:participant:read")
def seats(request: HttpRequest, case: str, paging: Query[Paging]) -> Page[SeatShown]:
    """Return who sits in a case, as far as one may see it."""
    actor = actor_of(request)
    rows = participants_of(case_for(actor, case), actor)
    return page_of(rows, paging, show=_seat)


@router.post(
    "/cases/{case}/seats",
    response={202: RequestShown} | REFUSALS,
    operation_id="ask_seat",
    summary="Ask for a seat to be given",
)
@decorate_view(idempotent)
@door("cases:participant:seat")
def ask(request: HttpRequest, case: str, body: SeatWanted) -> Status[RequestShown]:
    """Ask for a seat; it is given when another person agrees."""
    actor = actor_of(request)
    found = case_for(actor, case)
    seat = Seat(_party(actor, body), body.part, body.tier, body.until_at)
    return Status(202, _request(ask_seat(found, seat, actor=actor, at=timezone.now(), why=body.why)))


@router.delete(
    "/cases/{case}/seats/{participant}",
    response={204: None} | REFUSALS,
    operation_id="remove_seat",
    summary="Take a seat away",
)
@door("cases:participant:remove")
def remove(request: HttpRequest, case: str, participant: UUID, reason: Query[Reason]) -> Status[None]:
    """Take a seat away; what it let see is gone at the next request."""
    actor = actor_of(request)
    found = participant_for(actor, case_for(actor, case), participant)
    remove_participant(found, actor=actor, at=timezone.now(), why=reason.why)
    return Status(204, None)


@router.post(
    "/cases/{case}/seats/{participant}/leave",
    response={204: None} | REFUSALS,
    operation_id="leave_seat",
    summary="Leave a seat",
)
@door("cases:participant:leave")
def leave(request: HttpRequest, case: str, participant: UUID) -> Status[None]:
    """Leave a seat of one's own, or of one's organization."""
    actor = actor_of(request)
    leave_seat(participant_for(actor, case_for(actor, case), participant), actor=actor, at=timezone.now())
    return Status(204, None)


@router.get(
    "/requests",
    response={200: Page[RequestWaiting]} | REFUSALS,
    operation_id="requests",
    summary="List what waits for another person, of every case",
)
@door("parties:request:read")
def all_requests(request: HttpRequest, paging: Query[Paging]) -> Page[RequestWaiting]:
    """Return what was asked for about any case that one may read and waits for another person, the oldest first."""
    rows = waiting_for(actor_of(request))
    return page_of(rows, paging, name=lambda one: str(one[1].pk), show=_waiting)


@router.get(
    "/cases/{case}/requests",
    response={200: Page[RequestShown]} | REFUSALS,
    operation_id="case_requests",
    summary="List what waits for another person",
)
@door("parties:request:read")
def requests(request: HttpRequest, case: str, paging: Query[Paging]) -> Page[RequestShown]:
    """Return what was asked for about a case and waits for another person."""
    actor = actor_of(request)
    rows = requests_about(case_for(actor, case), actor)
    return page_of(rows, paging, show=_request)


@router.post(
    "/cases/{case}/requests/{asked}/agree",
    response={200: AgreedTo} | REFUSALS,
    operation_id="agree",
    summary="Agree to what another person asks for",
)
@door("parties:request:approve")
def agree_to(request: HttpRequest, case: str, asked: UUID, body: Agreeing) -> AgreedTo:
    """Agree to exactly what another person asks for, and do it; no token can."""
    actor = actor_of(request)
    found = case_for(actor, case)
    wanted = request_about(actor, found, asked)
    done = agree(found, wanted, organization=body.organization, actor=actor, at=timezone.now())
    return AgreedTo(says=done.says, address=done.secret and f"{settings.CLEARINGHOUSE_URL}/join/{done.secret}")


@router.post(
    "/cases/{case}/requests/{asked}/refuse",
    response={200: RequestShown} | REFUSALS,
    operation_id="refuse_request",
    summary="Say no to what another person asks for",
)
@door("parties:request:refuse")
def refuse(request: HttpRequest, case: str, asked: UUID, body: Reason) -> RequestShown:
    """Say no; nothing is done."""
    actor = actor_of(request)
    wanted = request_about(actor, case_for(actor, case), asked)
    refuse_request(wanted, actor=actor, at=timezone.now(), why=body.why)
    return _request(wanted)


@router.post(
    "/cases/{case}/requests/{asked}/withdraw",
    response={200: RequestShown} | REFUSALS,
    operation_id="withdraw_request",
    summary="Take back what one asked for",
)
@door("parties:request:withdraw")
def withdraw(request: HttpRequest, case: str, asked: UUID) -> RequestShown:
    """Take it back; nothing is done."""
    actor = actor_of(request)
    wanted = request_about(actor, case_for(actor, case), asked)
    withdraw_request(wanted, actor=actor, at=timezone.now())
    return _request(wanted)


@router.get(
    "/cases/{case}/marking",
    response={200: MarkingShown} | REFUSALS,
    operation_id="marking",
    summary="Say how far a case may be told",
)
@door("cases:marking:read")
def marking(request: HttpRequest, case: str) -> MarkingShown:
    """Return the marking of a case, for whom that is, and what people decided about it."""
    actor = actor_of(request)
    found = case_for(actor, case)
    label = Tlp(found.tlp)
    return MarkingShown(
        label=label, audience=audience(label), changes=[_change(one) for one in markings_for(actor, found)]
    )


@router.post(
    "/cases/{case}/marking/raise",
    response={200: MarkingShown} | REFUSALS,
    operation_id="raise_marking",
    summary="Narrow the audience of a case",
)
@door("cases:marking:raise")
def narrow(request: HttpRequest, case: str, body: MarkingWanted) -> MarkingShown:
    """Narrow the audience of a case at once."""
    actor = actor_of(request)
    raise_marking(case_for(actor, case), body.label, actor=actor, at=timezone.now(), why=body.why)
    return marking(request, case)


@router.post(
    "/cases/{case}/marking/lower",
    response={202: RequestShown} | REFUSALS,
    operation_id="ask_lower_marking",
    summary="Ask for a wider audience of a case",
)
@decorate_view(idempotent)
@door("cases:marking:lower")
def widen(request: HttpRequest, case: str, body: MarkingWanted) -> Status[RequestShown]:
    """Ask for a wider audience; it is given when another person agrees."""
    actor = actor_of(request)
    found = case_for(actor, case)
    return Status(202, _request(ask_lower_marking(found, body.label, actor=actor, at=timezone.now(), why=body.why)))


@router.post(
    "/cases/{case}/consultations",
    response={201: ConsultationShown} | REFUSALS,
    operation_id="ask_about_case",
    summary="Ask an organization for its view on a case",
)
@decorate_view(idempotent)
@door("parties:consultation:ask")
def consult(request: HttpRequest, case: str, body: QuestionAsked) -> Status[ConsultationShown]:
    """Ask an organization for its view on a case, as far as the marking of the case lets it be told."""
    actor = actor_of(request)
    made = ask_about_case(
        case_for(actor, case), body.organization, body.question, due_at=body.due_at, actor=actor, at=timezone.now()
    )
    return Status(201, consultation_shown(made))


def _party(actor: Actor, said: SeatWanted) -> Person | Organization | str:
    """Return who is to have a seat.

    Raises:
        Malformed: nobody, or more than one, is named.
        NotFound: there is no such person or organization.
    """
    if sum(one is not None for one in (said.person, said.organization, said.email)) != 1:
        raise Malformed("name one of person, organization and email")
    if said.person is not None:
        return person_for(actor, said.person)
    if said.organization is not None:
        return organization_for(actor, said.organization)
    email = str(said.email)
    return person_with_email(actor, email) or email


def _seat(one: Participant) -> SeatShown:
    invitation = one.invitation
    return SeatShown(
        id=one.pk,
        part=Part(one.part),
        tier=one.tier,
        until_at=one.until_at,
        state=one.state,
        person=one.person_id if invitation is None else invitation.accepted_by_id,
        organization=one.organization_id,
        invited=None if invitation is None else invitation.email,
    )


def _waiting(one: tuple[Case, Request]) -> RequestWaiting:
    case, asked = one
    return RequestWaiting(**_request(asked).model_dump(), case=case.public_id)


def _request(one: Request) -> RequestShown:
    return RequestShown(
        id=one.pk,
        verb=one.verb,
        says=says_of(one),
        why=one.why,
        state=one.state,
        requested_by=one.requested_by,
        created_at=one.created_at,
    )


def _change(one: Marking) -> MarkingChange:
    return MarkingChange(turn=Turn(one.turn), label=Tlp(one.label), why=one.why, by=one.by, at=one.created_at)
