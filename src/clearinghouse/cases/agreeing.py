"""Agreeing to what another person asks for about a case: the request itself says what, and its digest binds it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clearinghouse.cases import marking, seating
from clearinghouse.cases.models import Case
from clearinghouse.cases.queries.cases import cases_for
from clearinghouse.errors import Malformed, NotFound, StepRefused
from clearinghouse.parties.models import Organization, Person, Request
from clearinghouse.parties.second_person import request_for, requests_waiting
from clearinghouse.permissions.rules import Actor
from clearinghouse.standards.tlp import Tlp, audience


@dataclass(frozen=True, slots=True)
class Agreed:
    """What agreeing came to."""

    says: str
    secret: str | None = None
    """Of the link for whoever was invited; it is kept nowhere."""


def request_about(actor: Actor, case: Case, request_id: UUID) -> Request:
    """Return a request about this case that the actor may read.

    Raises:
        NotFound: there is none.
    """
    found = request_for(actor, request_id)
    if found.subject_id != str(case.pk) or found.verb not in (marking.VERB, seating.VERB):
        raise NotFound("no such request")
    return found


def waiting_for(actor: Actor) -> list[tuple[Case, Request]]:
    """Return what waits for a second person about the cases that the actor may read, the oldest first."""
    waiting = list(requests_waiting(actor).filter(verb__in=(marking.VERB, seating.VERB)))
    about = [UUID(one.subject_id) for one in waiting]
    cases = {str(one.pk): one for one in cases_for(actor).filter(pk__in=about)}
    return [(cases[one.subject_id], one) for one in waiting if one.subject_id in cases]


def needs_organization(request: Request) -> bool:
    """Say whether somebody who has no account is invited, so that whoever agrees has to name for whom they act."""
    return bool(request.content) and request.verb == seating.VERB and isinstance(seating.seat_asked(request).party, str)


def says_of(request: Request) -> str:
    """Return in one sentence what is asked for."""
    if not request.content:
        return "What was asked for is kept no longer."
    if request.verb == marking.VERB:
        label = Tlp(request.content["to"])
        return f"Lower the marking from TLP:{request.content['from']} to TLP:{label}: for {audience(label)}."
    seat = seating.seat_asked(request)
    until = "" if seat.until_at is None else f", until {seat.until_at:%-d %B %Y}"
    marked = f" in a case that is TLP:{request.content['marking']}" if "marking" in request.content else ""
    return f"Give {_named(seat.party)} a seat as {seat.part} (tier {seat.tier}){until}{marked}."


def _named(party: Person | Organization | str) -> str:
    if isinstance(party, Person):
        return f"{party.name} ({party.email})"
    return f"everybody who acts for {party.name}" if isinstance(party, Organization) else party


def agree(case: Case, request: Request, *, organization: str = "", actor: Actor, at: datetime) -> Agreed:
    """Agree to what another person asks for about a case, and do it.

    Args:
        case: which.
        request: what is asked.
        organization: for whom somebody who is invited will act; a new one is founded.
        actor: the other person.
        at: now.

    Raises:
        NotPermitted: the actor asked for it, or may not.
        Conflict: something it rests on has changed since; the request is void then.
        Malformed: somebody is invited, and no organization is named.
        StepRefused: what was asked for is kept no longer.
    """
    if not request.content:
        raise StepRefused("what was asked for is kept no longer; ask for it anew")
    if request.verb == marking.VERB:
        label = Tlp(request.content["to"])
        marking.lower_marking(case, label, request, actor=actor, at=at)
        return Agreed(f"The case is TLP:{label} now.")
    seat = seating.seat_asked(request)
    if isinstance(seat.party, str) and not organization.strip():
        raise Malformed("name the organization that whoever is invited will act for")
    _, secret = seating.give_seat(case, seat, request, organization=organization.strip(), actor=actor, at=at)
    return Agreed(f"{_named(seat.party)} has a seat now.", secret)
