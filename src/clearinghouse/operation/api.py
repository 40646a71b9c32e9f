"""The API's operations about the installation: how it stands, what was done in it, and the outside lists it goes by."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.paging import Page, Paging, page_of
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.feeds.models import Snapshot
from clearinghouse.feeds.queries import snapshots_for
from clearinghouse.feeds.rules import Feed, is_stale
from clearinghouse.ledger.models import Event
from clearinghouse.operation.acts import acts_for
from clearinghouse.operation.standing import status_for

router = Router(tags=["installation"])
_LONGEST: Final = 100


class CheckShown(Schema):
    """What one check found."""

    check: str
    well: bool
    found: str
    cure: str = Field(description="What to do; empty when all is well.")


class StatusShown(Schema):
    """How the installation stands."""

    well: bool
    checks: list[CheckShown]


class ActShown(Schema):
    """One act, as the ledger has it."""

    id: UUID = Field(description="Also names the act where its place in the ledger is proved.")
    verb: str
    kind: str
    subject: str
    actor: UUID
    at: datetime


class Acts(Paging):
    """Which acts are wanted."""

    verb: str = Field("", max_length=_LONGEST, description="room:kind:act; empty: every one.")
    case: str = Field("", max_length=_LONGEST, description="About this case and all that belongs to it.")
    kind: str = Field("", max_length=_LONGEST, description="Of what it was done to, such as case.")
    subject: str = Field("", max_length=_LONGEST, description="The id of what it was done to.")
    actor: UUID | None = Field(None, description="Who did it.")
    since: datetime | None = None
    before: datetime | None = None


class FeedShown(Schema):
    """One outside list as it was published at one moment."""

    feed: str
    version: str
    published_at: datetime
    count: int
    title: str
    source: str
    digest: str
    stale: bool = Field(description="A newer one has probably been published.")


@router.get("/status", response={200: StatusShown} | REFUSALS, operation_id="status", summary="Say how it stands")
@door("operation:status:read")
def status(request: HttpRequest) -> StatusShown:
    """Return what every check of the installation found, and the cure where something is wrong."""
    found = status_for(actor_of(request), at=timezone.now())
    return StatusShown(
        well=all(one.is_well for one in found),
        checks=[CheckShown(check=one.check, well=one.is_well, found=one.found, cure=one.cure) for one in found],
    )


@router.get("/acts", response={200: Page[ActShown]} | REFUSALS, operation_id="acts", summary="List what was done")
@door("ledger:event:read")
def acts(request: HttpRequest, wanted: Query[Acts]) -> Page[ActShown]:
    """Return what was done, by whom and when, the latest first."""
    rows = acts_for(actor_of(request), case=wanted.case).order_by("-at", "pk")
    limits = {
        "verb": wanted.verb,
        "kind": wanted.kind,
        "subject": wanted.subject,
        "actor": wanted.actor,
        "at__gte": wanted.since,
        "at__lt": wanted.before,
    }
    rows = rows.filter(**{name: value for name, value in limits.items() if value})
    return page_of(rows, wanted, show=_act)


@router.get("/feeds", response={200: Page[FeedShown]} | REFUSALS, operation_id="feeds", summary="List outside lists")
@door("feeds:snapshot:read")
def feeds(request: HttpRequest, paging: Query[Paging]) -> Page[FeedShown]:
    """Return the snapshots of KEV and EPSS that are kept, the newest first in each list."""
    at = timezone.now()
    return page_of(snapshots_for(actor_of(request)), paging, show=lambda one: _feed(one, at))


def _act(one: Event) -> ActShown:
    return ActShown(id=one.pk, verb=one.verb, kind=one.kind, subject=one.subject, actor=one.actor, at=one.at)


def _feed(one: Snapshot, at: datetime) -> FeedShown:
    return FeedShown(
        feed=one.feed,
        version=one.version,
        published_at=one.published_at,
        count=one.count,
        title=one.title,
        source=one.source,
        digest=one.digest,
        stale=is_stale(Feed(one.feed), one.published_at, at=at),
    )
