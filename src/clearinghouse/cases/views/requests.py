"""Acts about a case that need two people: asking for a seat or a wider marking, and agreeing to it."""

from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from clearinghouse.cases.agreeing import agree, needs_organization, request_about, says_of
from clearinghouse.cases.consulting import ask_about_case
from clearinghouse.cases.forms import AgreeForm, ConsultForm, MarkingForm, ReasonForm, SeatForm
from clearinghouse.cases.marking import ask_lower_marking, raise_marking
from clearinghouse.cases.models import Case
from clearinghouse.cases.queries.cases import case_for
from clearinghouse.cases.rules.seats import TIER_OF_PART, Part
from clearinghouse.cases.seating import Seat, ask_seat, leave_seat, participant_for, remove_participant
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.portal import cleaned
from clearinghouse.errors import Malformed
from clearinghouse.parties.models import Organization, Person
from clearinghouse.parties.queries import organization_named, person_with_email
from clearinghouse.parties.second_person import refuse_request, withdraw_request
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import the_table
from clearinghouse.standards.tlp import Tlp, is_narrower


def _asked(request: HttpRequest, case: Case) -> HttpResponse:
    messages.success(request, "It is asked for. It is done when another coordinator agrees, on this page.")
    return redirect("case", name=case.public_id)


def _party(actor: Actor, said: dict[str, Any]) -> Person | Organization | str:
    """Return who is to have a seat: an organization as a whole, somebody with an account, or whoever is to be invited.

    Raises:
        Malformed: nobody or two are named, or there is no such organization.
    """
    email, name = said["email"], said["whole"]
    if bool(email) == bool(name):
        raise Malformed("name either one e-mail address or one organization")
    if name:
        found = organization_named(actor, name)
        if found is None:
            raise Malformed(f"there is no organization {name!r}; write its name as it stands there, or invite a person")
        return found
    return person_with_email(actor, email) or email


@door("cases:participant:seat")
@require_POST
def ask_for_seat(request: HttpRequest, name: str) -> HttpResponse:
    """Ask for a seat; another person agrees."""
    actor = actor_of(request)
    case, said = case_for(actor, name), cleaned(SeatForm(request.POST))
    part, until = Part(said["part"]), said["until_on"]
    until_at = until and datetime.combine(until, time(), tzinfo=UTC)
    seat = Seat(_party(actor, said), part, TIER_OF_PART[part], until_at)
    ask_seat(case, seat, actor=actor, at=timezone.now(), why=said["why"])
    return _asked(request, case)


@door("parties:request:approve")
@require_http_methods(["GET", "HEAD", "POST"])
def agree_to(request: HttpRequest, name: str, asked: UUID) -> HttpResponse:
    """Show what another person asks for about a case, and agree to exactly that."""
    actor = actor_of(request)
    case = case_for(actor, name)
    wanted = request_about(actor, case, asked)
    told = {
        "case": case,
        "wanted": wanted,
        "says": says_of(wanted),
        "who": Person.objects.filter(pk=wanted.requested_by).first(),
        "form": AgreeForm() if needs_organization(wanted) else None,
        "may_agree": the_table().decide(actor, "parties:request:approve", wanted).allowed,
    }
    if request.method != "POST":
        return render(request, "cases/request.html", told)
    organization = cleaned(AgreeForm(request.POST))["organization"] if told["form"] else ""
    done = agree(case, wanted, organization=organization, actor=actor, at=timezone.now())
    if done.secret is None:
        messages.success(request, done.says)
        return redirect("case", name=case.public_id)
    link = request.build_absolute_uri(f"/join/{done.secret}")
    return render(request, "cases/request.html", {"case": case, "done": done.says, "link": link})


@door("parties:request:refuse")
@require_POST
def refuse(request: HttpRequest, name: str, asked: UUID) -> HttpResponse:
    """Say no to what another person asks for about a case."""
    actor = actor_of(request)
    case, why = case_for(actor, name), cleaned(ReasonForm(request.POST))["why"]
    refuse_request(request_about(actor, case, asked), actor=actor, at=timezone.now(), why=why)
    messages.success(request, "You refused it; nothing is done.")
    return redirect("case", name=case.public_id)


@door("parties:request:withdraw")
@require_POST
def withdraw(request: HttpRequest, name: str, asked: UUID) -> HttpResponse:
    """Take back what one asked for about a case."""
    actor = actor_of(request)
    case = case_for(actor, name)
    withdraw_request(request_about(actor, case, asked), actor=actor, at=timezone.now())
    messages.success(request, "It is taken back; nothing is done.")
    return redirect("case", name=case.public_id)


@door("cases:participant:remove")
@require_POST
def remove_seat(request: HttpRequest, name: str, participant: UUID) -> HttpResponse:
    """Take a seat away."""
    actor = actor_of(request)
    case, why = case_for(actor, name), cleaned(ReasonForm(request.POST))["why"]
    remove_participant(participant_for(actor, case, participant), actor=actor, at=timezone.now(), why=why)
    messages.success(request, "The seat is taken away; what it let see is gone at the next request.")
    return redirect("case", name=case.public_id)


@door("cases:participant:leave")
@require_POST
def leave(request: HttpRequest, name: str, participant: UUID) -> HttpResponse:
    """Leave a seat of one's own, or of one's organization."""
    actor = actor_of(request)
    case = case_for(actor, name)
    leave_seat(participant_for(actor, case, participant), actor=actor, at=timezone.now())
    messages.success(request, f"You have left {case.public_id}; it shows you nothing any more.")
    return redirect("front")


@door("cases:marking:raise")
@require_POST
def mark(request: HttpRequest, name: str) -> HttpResponse:
    """Narrow the audience of a case at once, or ask for a wider one."""
    actor, at = actor_of(request), timezone.now()
    case, said = case_for(actor, name), cleaned(MarkingForm(request.POST))
    label, why = Tlp(said["label"]), said["why"]
    if not why.strip():
        raise Malformed("a marking is changed for a reason; say which")
    if is_narrower(label, Tlp(case.tlp)):
        raise_marking(case, label, actor=actor, at=at, why=why)
        messages.success(request, f"The case is TLP:{label} now; whoever that shuts out sees nothing of it any more.")
        return redirect("case", name=case.public_id)
    ask_lower_marking(case, label, actor=actor, at=at, why=why)
    return _asked(request, case)


@door("parties:consultation:ask")
@require_POST
def consult(request: HttpRequest, name: str) -> HttpResponse:
    """Ask an organization for its view on a case."""
    actor = actor_of(request)
    case, said = case_for(actor, name), cleaned(ConsultForm(request.POST))
    due_at = datetime.combine(said["due_on"], time(23, 59, 59), tzinfo=UTC)
    ask_about_case(case, said["organization"], said["question"], due_at=due_at, actor=actor, at=timezone.now())
    messages.success(request, "They are asked; the answer, or silence, will stand here.")
    return redirect("case", name=case.public_id)
