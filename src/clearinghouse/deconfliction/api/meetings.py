"""The API's operation about who has met which confidential scan."""

from django.http import HttpRequest
from ninja import Field, Query, Router

from clearinghouse.deconfliction.queries.intents import meetings_for
from clearinghouse.deconfliction.shown_meetings import MeetingShown, meeting_shown
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.paging import Page, Paging, page_of
from clearinghouse.edges.problems import REFUSALS

router = Router(tags=["deconfliction"])


class MeetingsWanted(Paging):
    """Which meetings are wanted."""

    intent: str = Field("", max_length=20, description="Of this confidential scan alone.")


@router.get(
    "/meetings",
    response={200: Page[MeetingShown]} | REFUSALS,
    operation_id="meetings",
    summary="List who met confidential scans",
)
@door("deconfliction:meeting:read")
def meetings(request: HttpRequest, wanted: Query[MeetingsWanted]) -> Page[MeetingShown]:
    """Return who met which confidential scan, the latest first: the office all of it, others what they have met."""
    return page_of(meetings_for(actor_of(request), intent=wanted.intent), wanted, show=meeting_shown)
