"""Every read of what those at the table of a case have said, agreed and handed in."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from clearinghouse.cases.models import Case, Embargo, Fix, Join, Response
from clearinghouse.cases.queries.cases import findings_in
from clearinghouse.cases.rules.lifecycle import ResponseState
from clearinghouse.cases.rules.responses import ResponseSaid
from clearinghouse.errors import NotFound
from clearinghouse.permissions.rules import Actor
from clearinghouse.sight.asking import beyond_sight


def said_of(case: Case) -> tuple[ResponseSaid, ...]:
    """Return what stands of the responses to a case."""
    standing = Response.objects.filter(case=case, state=ResponseState.STANDING).order_by("created_at", "pk")
    return tuple(ResponseSaid(one) for one in standing.values_list("said", flat=True))


def responses_for(actor: Actor, case: Case) -> QuerySet[Response]:
    """Return the responses to a case that the actor may read, the latest first."""
    found: QuerySet[Response] = Response.objects.visible_to(actor)
    return found.filter(case=case).order_by("-created_at", "pk")


def response_for(actor: Actor, case: Case, response: UUID) -> Response:
    """Return one response to a case.

    Raises:
        NotFound: there is none, or none that the actor may know of.
    """
    found = responses_for(actor, case).filter(pk=response).first()
    if found is None:
        raise NotFound("no such response")
    return found


def embargo_for(actor: Actor, case: Case) -> Embargo | None:
    """Return what is agreed or proposed about a date, if the actor may read it; None: nothing is."""
    found: Embargo | None = Embargo.objects.visible_to(actor).filter(case=case).first()
    return found


def fixes_for(actor: Actor, case: Case) -> QuerySet[Fix]:
    """Return the fixes handed in for a case that the actor may read, the latest first."""
    found: QuerySet[Fix] = Fix.objects.visible_to(actor)
    return found.filter(case=case).order_by("-created_at", "pk")


@beyond_sight()
def first_reported_at(case: Case) -> datetime:
    """Return when the first report of a case came in."""
    return min((one.received_at for one in findings_in(case)), default=case.created_at)


def shows_its_reports(case: Case, actor: Actor) -> bool:
    """Say whether the actor's seat lets them see the reports of a case, not only that there is one."""
    found: QuerySet[Join] = Join.objects.visible_to(actor)
    return found.filter(case=case, ended_at=None).exists()
