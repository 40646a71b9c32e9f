"""The API's operations about cases: one case, joins, answers, responses, dates and fixes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, File, Form, Router, Schema, Status
from ninja.decorators import decorate_view
from ninja.files import UploadedFile

from clearinghouse.cases import actions, responding
from clearinghouse.cases.models import Case
from clearinghouse.cases.queries.cases import case_for, join_for
from clearinghouse.cases.queries.due import the_artefacts, waiting_for_a_case
from clearinghouse.cases.queries.table import embargo_for, response_for
from clearinghouse.cases.rules.responses import ResponseSaid
from clearinghouse.cases.shown import CaseShown, case_shown
from clearinghouse.cases.tasks import new_id
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.given import Given
from clearinghouse.edges.idempotency import idempotent
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.edges.rest import demand_current, tag
from clearinghouse.errors import NotFound
from clearinghouse.findings.queries import finding_by_id, progress_of, reads_all, submission_for
from clearinghouse.permissions.rules import Actor
from clearinghouse.records import note_reading
from clearinghouse.validation.api import Verdict, verdict_of

router = Router(tags=["cases"])


class Settled(Schema):
    """Whether all that a submission became is done."""

    settled: bool


class ReasonGiven(Given):
    """The reason for an act; it is kept with it."""

    why: str = Field(min_length=1, max_length=4000)


class AnswerGiven(ReasonGiven):
    """An answer to a question about a finding."""

    yes: bool


class ResponseGiven(Given):
    """What a party says of a case."""

    said: ResponseSaid
    why: str = Field("", max_length=4000)
    reference: str = Field("", max_length=500)


class EndGiven(Given):
    """Until when silence is proposed."""

    ends_at: datetime
    why: str = Field("", max_length=4000)


class FixGiven(Given):
    """What is said beside a fix."""

    base: str = Field("", max_length=200, description="The release that it was made for; empty: that of each report.")


@router.get("/cases/{case}", response={200: CaseShown} | REFUSALS, operation_id="case", summary="Show a case")
@door("cases:case:read")
def case(request: HttpRequest, response: HttpResponse, case: str) -> CaseShown:
    """Return a case by its id, its key, a report in it (finder/id), or a CVE, with all that explains it."""
    actor = actor_of(request)
    found, at = case_for(actor, case), timezone.now()
    note_reading(found, actor=actor, at=at)
    shown = case_shown(actor, found, at=at)
    tag(response, shown)
    return shown


@router.post(
    "/cases/{case}/joins/{finding_id}/undo",
    response={200: CaseShown} | REFUSALS,
    operation_id="undo_join",
    summary="Take a report out of a case for good",
)
@decorate_view(idempotent)
@door("cases:join:undo")
def undo_join(
    request: HttpRequest, response: HttpResponse, case: str, finding_id: UUID, body: ReasonGiven
) -> CaseShown:
    """Take a report out of a case for good, and return the case it is in now; send the case's ETag in If-Match."""
    actor = actor_of(request)
    with transaction.atomic():
        found = _current(request, actor, case)
        row = join_for(actor, found, finding_by_id(actor, finding_id).key)
        moved = actions.undo_join(
            row, why=body.why, artefacts=the_artefacts(), new_id=new_id, actor=actor, at=timezone.now()
        )
        return _tagged(response, actor, moved)


@router.post(
    "/findings/{finding_id}/answer",
    response={200: Verdict} | REFUSALS,
    operation_id="answer_question",
    summary="Answer what is asked about a finding",
)
@decorate_view(idempotent)
@door("validation:answer:give")
def answer_question(request: HttpRequest, response: HttpResponse, finding_id: UUID, body: AnswerGiven) -> Verdict:
    """Answer, as the person who signed in, what is asked about a finding; send the verdict's ETag in If-Match."""
    actor = actor_of(request)
    with transaction.atomic():
        finding = finding_by_id(actor, finding_id)
        demand_current(request, verdict_of(finding))
        actions.answer_question(
            finding,
            yes=body.yes,
            why=body.why,
            by=actor.name,
            artefacts=the_artefacts(),
            new_id=new_id,
            actor=actor,
            at=timezone.now(),
        )
        shown = verdict_of(finding_by_id(actor, finding_id))
    tag(response, shown)
    return shown


@router.post(
    "/cases/{case}/responses",
    response={201: CaseShown} | REFUSALS,
    operation_id="respond",
    summary="Confirm a case, dispute it, or say that it was known",
)
@decorate_view(idempotent)
@door("cases:response:give")
def respond(request: HttpRequest, response: HttpResponse, case: str, body: ResponseGiven) -> Status[CaseShown]:
    """Say of a case that it is a flaw, that it is none, or that it was known; send the case's ETag in If-Match."""
    actor = actor_of(request)
    with transaction.atomic():
        found = _current(request, actor, case)
        responding.respond(
            found,
            body.said,
            why=body.why,
            reference=body.reference,
            artefacts=the_artefacts(),
            new_id=new_id,
            actor=actor,
            at=timezone.now(),
        )
        return Status(201, _tagged(response, actor, found))


@router.post(
    "/cases/{case}/responses/{response_id}/overrule",
    response={200: CaseShown} | REFUSALS,
    operation_id="overrule_response",
    summary="Decide against what was said of a case",
)
@door("cases:response:overrule")
def overrule(
    request: HttpRequest, response: HttpResponse, case: str, response_id: UUID, body: ReasonGiven
) -> CaseShown:
    """Decide, as a coordinator, against what was said of a case; the reason stays beside it."""
    return _end_response(request, response, case, response_id, body=body, end=responding.overrule_response)


@router.post(
    "/cases/{case}/responses/{response_id}/withdraw",
    response={200: CaseShown} | REFUSALS,
    operation_id="withdraw_response",
    summary="Take back what was said of a case",
)
@door("cases:response:withdraw")
def withdraw(
    request: HttpRequest, response: HttpResponse, case: str, response_id: UUID, body: ReasonGiven
) -> CaseShown:
    """Take back what one said of a case."""
    return _end_response(request, response, case, response_id, body=body, end=responding.withdraw_response)


def _end_response(
    request: HttpRequest,
    response: HttpResponse,
    case: str,
    response_id: UUID,
    *,
    body: ReasonGiven,
    end: Any,  # noqa: ANN401 - two actions of one shape
) -> CaseShown:
    actor = actor_of(request)
    with transaction.atomic():
        found = _current(request, actor, case)
        end(
            response_for(actor, found, response_id),
            why=body.why,
            artefacts=the_artefacts(),
            new_id=new_id,
            actor=actor,
            at=timezone.now(),
        )
        return _tagged(response, actor, found)


@router.post(
    "/cases/{case}/embargo/propose",
    response={200: CaseShown} | REFUSALS,
    operation_id="propose_embargo",
    summary="Propose silence until a day",
)
@door("cases:embargo:propose")
def propose_embargo(request: HttpRequest, response: HttpResponse, case: str, body: EndGiven) -> CaseShown:
    """Propose silence on a case until a day; somebody else accepts or rejects it."""
    actor = actor_of(request)
    with transaction.atomic():
        found = _current(request, actor, case)
        responding.propose_embargo(found, body.ends_at, why=body.why, actor=actor, at=timezone.now())
        return _tagged(response, actor, found)


@router.post(
    "/cases/{case}/embargo/accept",
    response={200: CaseShown} | REFUSALS,
    operation_id="accept_embargo",
    summary="Accept the day that somebody else proposed",
)
@door("cases:embargo:accept")
def accept_embargo(request: HttpRequest, response: HttpResponse, case: str, body: ReasonGiven) -> CaseShown:
    """Accept the day that somebody else proposed."""
    return _end_talk(request, response, case, body, _of_proposal(responding.accept_embargo))


@router.post(
    "/cases/{case}/embargo/reject",
    response={200: CaseShown} | REFUSALS,
    operation_id="reject_embargo",
    summary="Reject the proposed day",
)
@door("cases:embargo:reject")
def reject_embargo(request: HttpRequest, response: HttpResponse, case: str, body: ReasonGiven) -> CaseShown:
    """Reject the proposed day; what was agreed before stands."""
    return _end_talk(request, response, case, body, _of_proposal(responding.reject_embargo))


@router.post(
    "/cases/{case}/embargo/terminate",
    response={200: CaseShown} | REFUSALS,
    operation_id="terminate_embargo",
    summary="End silence before its day",
)
@door("cases:embargo:terminate")
def terminate_embargo(request: HttpRequest, response: HttpResponse, case: str, body: ReasonGiven) -> CaseShown:
    """End silence before its day, for a reason."""
    return _end_talk(request, response, case, body, responding.terminate_embargo)


def _of_proposal(act: Callable[..., None]) -> Callable[..., None]:
    """Return an act on the day that is proposed in what If-Match names."""
    return lambda embargo, **said: act(embargo, proposed=embargo.proposed_ends_at, **said)


@router.post(
    "/cases/{case}/fixes",
    response={202: CaseShown} | REFUSALS,
    operation_id="hand_in_fix",
    summary="Hand in a fix for a case",
)
@decorate_view(idempotent)
@door("cases:fix:hand-in")
def hand_in_fix(
    request: HttpRequest, response: HttpResponse, case: str, about: Form[FixGiven], patch: File[UploadedFile]
) -> Status[CaseShown]:
    """Hand in a patch of one's own; a worker checks it against every proof in the case, as it checks any.

    No If-Match: a fix takes nothing back that somebody else did. Send an Idempotency-Key.
    """
    actor = actor_of(request)
    found = case_for(actor, case)
    responding.hand_in_fix(
        found,
        patch.read(responding.MOST_BYTES + 1),
        file=(patch.name or "fix.patch")[:200],
        base=about.base,
        artefacts=the_artefacts(),
        actor=actor,
        at=timezone.now(),
    )
    return Status(202, _tagged(response, actor, found))


def _end_talk(
    request: HttpRequest,
    response: HttpResponse,
    case: str,
    body: ReasonGiven,
    act: Callable[..., None],
) -> CaseShown:
    actor = actor_of(request)
    with transaction.atomic():
        found = _current(request, actor, case)
        embargo = embargo_for(actor, found)
        if embargo is None:
            raise NotFound("nothing is proposed or agreed")
        act(embargo, why=body.why, actor=actor, at=timezone.now())
        return _tagged(response, actor, found)


def _current(request: HttpRequest, actor: Actor, name: str) -> Case:
    """Return the case that a change is about, if whoever asks has seen it as it is now."""
    found = case_for(actor, name)
    demand_current(request, case_shown(actor, found, at=timezone.now()))
    return found


def _tagged(response: HttpResponse, actor: Actor, found: Case) -> CaseShown:
    shown = case_shown(actor, case_for(actor, found.public_id), at=timezone.now())
    tag(response, shown)
    return shown


@router.get(
    "/submissions/{receipt}/settled",
    response={200: Settled} | REFUSALS,
    operation_id="settled",
    summary="Say whether nothing more is to be done for a submission",
)
@door("findings:submission:read")
def settled(request: HttpRequest, receipt: str) -> Settled:
    """Say whether a submission was read, its findings judged, and those that were validated put into cases.

    Cases are waited for only where whoever asks reads them all: when a report is joined depends on reports of others.
    """
    actor = actor_of(request)
    found = submission_for(actor, receipt)
    done = progress_of(found) == "done"
    return Settled(settled=done and not (reads_all(actor) and waiting_for_a_case(found.findings.all())))
