"""The API's operations about the queue: the cases in the order of work, and the views of it that one saved."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from clearinghouse.cases.agreeing import waiting_for
from clearinghouse.cases.models import SavedView
from clearinghouse.cases.queries.order import places_for
from clearinghouse.cases.queries.queue import fits, saved_view_for, saved_views_for
from clearinghouse.cases.rules.policy import Band
from clearinghouse.cases.rules.queue import LONGEST_NAME, LONGEST_PACKAGE, LONGEST_WORDS, Filters, View
from clearinghouse.cases.saving import delete_view, save_view
from clearinghouse.cases.shown import CaseLine, case_lines
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.given import Given
from clearinghouse.edges.pages import page_of_list
from clearinghouse.edges.paging import Page, Paging, page_of
from clearinghouse.edges.problems import REFUSALS

router = Router(tags=["cases"])


class Queue(Paging):
    """Which cases are wanted."""

    q: str = Field(
        "", max_length=LONGEST_WORDS, description="Words, each in the case's id, package, titles, names or finders."
    )
    view: View = View.ALL
    band: Band | None = None
    package: str = Field("", max_length=LONGEST_PACKAGE, description="purl without version.")
    state: str = Field("", max_length=40)


class SavedViewWanted(Given):
    """What is to be kept under a name; it takes the place of what one kept under it before."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    q: str = Field("", max_length=LONGEST_WORDS)
    view: View = View.ALL
    band: Band | None = None
    package: str = Field("", max_length=LONGEST_PACKAGE, description="purl without version; empty: every one.")
    state: Literal["", "open", "to-confirm"] = ""


class SavedViewShown(Schema):
    """A view that was saved; what it wants is what the queue takes in its query."""

    id: UUID
    name: str
    q: str
    view: View
    band: Band | None
    package: str
    state: str
    created_at: datetime


@router.get("/cases", response={200: Page[CaseLine]} | REFUSALS, operation_id="cases", summary="Show the queue")
@door("cases:case:read")
def cases(request: HttpRequest, queue: Query[Queue]) -> Page[CaseLine]:
    """Return the cases in the order of work, each with why it stands there."""
    actor, at = actor_of(request), timezone.now()
    wanted = Filters(queue.q, queue.view, queue.band or "", queue.package, queue.state)
    waiting = {one.public_id for one, _ in waiting_for(actor)} if queue.view is View.SECOND_PERSON else set[str]()
    found = [one for one in places_for(actor, at=at) if fits(one, wanted, at=at, waiting=waiting)]
    page = page_of_list(found, name=lambda one: one.case.public_id, cursor=queue.cursor or None, limit=queue.limit)
    return Page(items=case_lines(actor, page.rows, at=at), next=page.after)


@router.get(
    "/views", response={200: Page[SavedViewShown]} | REFUSALS, operation_id="saved_views", summary="List saved views"
)
@door("cases:saved-view:read")
def saved_views(request: HttpRequest, paging: Query[Paging]) -> Page[SavedViewShown]:
    """Return the views of the queue that one saved, by name."""
    return page_of(saved_views_for(actor_of(request)), paging, show=_view)


@router.post("/views", response={201: SavedViewShown} | REFUSALS, operation_id="save_view", summary="Save a view")
@door("cases:saved-view:save")
def save(request: HttpRequest, body: SavedViewWanted) -> Status[SavedViewShown]:
    """Keep filters of the queue under a name; sent again it is the same view, so it may be."""
    wanted = Filters(body.q, body.view, body.band or "", body.package, body.state)
    return Status(201, _view(save_view(body.name, wanted, actor=actor_of(request), at=timezone.now())))


@router.delete(
    "/views/{view_id}", response={204: None} | REFUSALS, operation_id="delete_view", summary="Delete a saved view"
)
@door("cases:saved-view:delete")
def delete(request: HttpRequest, view_id: UUID) -> Status[None]:
    """Forget a saved view."""
    actor = actor_of(request)
    delete_view(saved_view_for(actor, view_id), actor=actor)
    return Status(204, None)


def _view(one: SavedView) -> SavedViewShown:
    return SavedViewShown(
        id=one.pk,
        name=one.name,
        q=one.words,
        view=View(one.view),
        band=Band(one.band) if one.band else None,
        package=one.package,
        state=one.case_state,
        created_at=one.created_at,
    )
