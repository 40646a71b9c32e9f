"""What is done with a case through the portal: each act is a form that posts here and leads back to the case."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from clearinghouse.cases import actions, responding
from clearinghouse.cases.forms import AnswerForm, EmbargoForm, FixForm, ProposedForm, ReasonForm, ResponseForm
from clearinghouse.cases.models import Case, Embargo
from clearinghouse.cases.queries.cases import case_for, join_for
from clearinghouse.cases.queries.due import the_artefacts
from clearinghouse.cases.queries.table import embargo_for, response_for
from clearinghouse.cases.rules.responses import ResponseSaid
from clearinghouse.cases.tasks import new_id
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.portal import cleaned
from clearinghouse.errors import Malformed, NotFound
from clearinghouse.findings.queries import finding_for
from clearinghouse.permissions.rules import Actor


def _back(request: HttpRequest, case: Case, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("case", name=case.public_id)


@door("cases:response:give")
@require_POST
def respond(request: HttpRequest, name: str) -> HttpResponse:
    """Confirm, dispute, or say that it was known."""
    actor = actor_of(request)
    case, said = case_for(actor, name), cleaned(ResponseForm(request.POST))
    responding.respond(
        case,
        ResponseSaid(said["said"]),
        why=said["why"],
        reference=said["reference"],
        artefacts=the_artefacts(),
        new_id=new_id,
        actor=actor,
        at=timezone.now(),
    )
    return _back(request, case, "What you said stands beside the case now.")


@door("cases:response:withdraw")
@require_POST
def withdraw(request: HttpRequest, name: str, response: UUID) -> HttpResponse:
    """Take back what one said."""
    actor = actor_of(request)
    case, why = case_for(actor, name), cleaned(ReasonForm(request.POST))["why"]
    responding.withdraw_response(
        response_for(actor, case, response),
        why=why,
        artefacts=the_artefacts(),
        new_id=new_id,
        actor=actor,
        at=timezone.now(),
    )
    return _back(request, case, "What was said is withdrawn; it stays in the history.")


@door("cases:response:overrule")
@require_POST
def overrule(request: HttpRequest, name: str, response: UUID) -> HttpResponse:
    """Decide against what somebody said."""
    actor = actor_of(request)
    case, why = case_for(actor, name), cleaned(ReasonForm(request.POST))["why"]
    responding.overrule_response(
        response_for(actor, case, response),
        why=why,
        artefacts=the_artefacts(),
        new_id=new_id,
        actor=actor,
        at=timezone.now(),
    )
    return _back(request, case, "It is overruled; your reason stands beside it.")


@door("cases:embargo:propose")
@require_POST
def propose(request: HttpRequest, name: str) -> HttpResponse:
    """Propose a day until which the case is kept quiet."""
    actor = actor_of(request)
    case, said = case_for(actor, name), cleaned(EmbargoForm(request.POST))
    responding.propose_embargo(case, said["ends_on"], why=said["why"], actor=actor, at=timezone.now())
    return _back(request, case, "The day is proposed; somebody else accepts or rejects it.")


def _embargo(actor: Actor, case: Case) -> Embargo:
    found = embargo_for(actor, case)
    if found is None:
        raise NotFound("nothing is proposed")
    return found


@door("cases:embargo:accept")
@require_POST
def accept(request: HttpRequest, name: str) -> HttpResponse:
    """Accept the day that somebody else proposed."""
    actor = actor_of(request)
    case, proposed = case_for(actor, name), cleaned(ProposedForm(request.POST))["proposed"]
    responding.accept_embargo(_embargo(actor, case), proposed=proposed, actor=actor, at=timezone.now())
    return _back(request, case, "The day is agreed.")


@door("cases:embargo:reject")
@require_POST
def reject(request: HttpRequest, name: str) -> HttpResponse:
    """Reject the proposed day."""
    actor = actor_of(request)
    case, said = case_for(actor, name), cleaned(ProposedForm(request.POST))
    responding.reject_embargo(
        _embargo(actor, case), proposed=said["proposed"], why=said["why"], actor=actor, at=timezone.now()
    )
    return _back(request, case, "The day is rejected; what was agreed before stands.")


@door("cases:embargo:terminate")
@require_POST
def terminate(request: HttpRequest, name: str) -> HttpResponse:
    """End silence before its day."""
    actor = actor_of(request)
    case, why = case_for(actor, name), cleaned(ReasonForm(request.POST))["why"]
    responding.terminate_embargo(_embargo(actor, case), why=why, actor=actor, at=timezone.now())
    return _back(request, case, "Silence is ended.")


@door("cases:fix:hand-in")
@require_POST
def hand_in_fix(request: HttpRequest, name: str) -> HttpResponse:
    """Hand in a patch of one's own; a worker checks it."""
    actor = actor_of(request)
    case, said = case_for(actor, name), cleaned(FixForm(request.POST, request.FILES))
    patch = said["patch"]
    responding.hand_in_fix(
        case,
        patch.read(responding.MOST_BYTES + 1),
        file=patch.name[:200],
        base=said["base"],
        artefacts=the_artefacts(),
        actor=actor,
        at=timezone.now(),
    )
    return _back(request, case, "Your fix is handed in; it is checked against every proof of this case.")


@door("cases:join:undo")
@require_POST
def undo_join(request: HttpRequest, name: str) -> HttpResponse:
    """Take a report out of its case for good."""
    actor = actor_of(request)
    case, why = case_for(actor, name), cleaned(ReasonForm(request.POST))["why"]
    if not why.strip():
        raise Malformed("undoing a join needs a reason; say what sets the reports apart")
    row = join_for(actor, case, request.POST.get("finding", ""))
    other = actions.undo_join(row, why=why, artefacts=the_artefacts(), new_id=new_id, actor=actor, at=timezone.now())
    return _back(request, other, f"The report stands in {other.public_id} now, and stays apart.")


@door("validation:answer:give")
@require_POST
def answer(request: HttpRequest, key: str) -> HttpResponse:
    """Answer, as a person, what is asked about a report."""
    actor = actor_of(request)
    finding, said = finding_for(actor, key), cleaned(AnswerForm(request.POST))
    actions.answer_question(
        finding,
        yes=said["yes"] == "yes",
        why=said["why"],
        by=actor.name,
        artefacts=the_artefacts(),
        new_id=new_id,
        actor=actor,
        at=timezone.now(),
    )
    messages.success(request, "Your answer is recorded with your name; what follows from it is done.")
    return redirect("questions")
