"""The API's operations about leaving: everything given back, and on wish erased. A token can do neither."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Router

from clearinghouse.cases import leaving
from clearinghouse.cases.queries.due import the_artefacts
from clearinghouse.cases.tasks import new_id
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.downloads import download
from clearinghouse.edges.given import Given
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.parties.queries import organization_for

router = Router(tags=["parties"])


class Leaving(Given):
    """How one leaves."""

    erase: bool = Field(description="Whether everything that was handed in is erased.")


@router.get(
    "/organizations/{organization_id}/archive",
    response={200: bytes} | REFUSALS,
    operation_id="what_is_ours",
    summary="Download everything that one's organization handed in",
)
@door("parties:organization:leave")
def archive(request: HttpRequest, organization_id: UUID) -> HttpResponse:
    """Return a ZIP archive of all that was handed in and what became of it; needs a second factor and no token."""
    actor = actor_of(request)
    home = organization_for(actor, organization_id)
    data = leaving.what_is_ours(home, artefacts=the_artefacts(), actor=actor)
    return download(data, name="what-is-yours.zip", content_type="application/zip")


@router.post(
    "/organizations/{organization_id}/leave",
    response={200: bytes} | REFUSALS,
    operation_id="leave",
    summary="Leave with one's organization",
)
@door("parties:organization:leave")
def leave(request: HttpRequest, organization_id: UUID, body: Leaving) -> HttpResponse:
    """Leave for everybody of the organization, and return the archive; needs a second factor and no token."""
    actor = actor_of(request)
    home = organization_for(actor, organization_id)
    given_back = leaving.leave(
        home, erase=body.erase, artefacts=the_artefacts(), new_id=new_id, actor=actor, at=timezone.now()
    )
    return download(given_back, name="what-is-yours.zip", content_type="application/zip")
