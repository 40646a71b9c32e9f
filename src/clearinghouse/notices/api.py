"""The API's operations about what happened: page by page, as a stream, and sent to webhooks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from clearinghouse.edges.doors import actor_of, door, finder_of
from clearinghouse.edges.given import Given
from clearinghouse.edges.pages import MOST as MOST_A_PAGE
from clearinghouse.edges.paging import Page, Paging, page_of
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.edges.rest import tag
from clearinghouse.edges.streams import let_go, stream
from clearinghouse.notices import queries, sending, webhooks
from clearinghouse.notices.models import Delivery, Notice, Webhook
from clearinghouse.notices.rules import Happened
from clearinghouse.notices.stream import lines_for

router = Router(tags=["notices"])
_LONGEST_CURSOR = 64


class NoticeShown(Schema):
    """That something happened to a thing."""

    place: UUID = Field(description="Name it as `after` to go on behind it.")
    happening: UUID = Field(description="The same when you hear of one happening in two ways.")
    event: Happened
    at: datetime
    kind: str = Field(description="The kind of thing that it happened to.", examples=["case"])
    id: str = Field(description="What its doors call it.", examples=["CASE-7Q4M2XKD"])
    link: str | None = Field(description="Where to read of it.")


class NoticesShown(Schema):
    """Some notices, in order, and where to go on."""

    items: list[NoticeShown]
    next: str = Field(description="Name it as `after` for what comes next; the same when nothing came.")


class After(Given):
    """From where on notices are wanted."""

    after: str = Field("", max_length=_LONGEST_CURSOR, description="A place; empty: from the oldest that is kept.")
    limit: int = Field(50, ge=1, le=MOST_A_PAGE, description="How many at most.")


class From(Given):
    """From where on a stream is wanted."""

    after: str = Field(
        "", max_length=_LONGEST_CURSOR, description="A place, for programs that cannot send Last-Event-ID; empty: now."
    )


class WebhookShown(Schema):
    """A webhook, without its secret."""

    id: UUID
    url: str
    events: list[Happened]
    state: str
    registered_by: str = Field(description="By whose right it hears.")
    failing_since: datetime | None
    disabled_why: str


class WebhookSecret(Schema):
    """A secret that was just made."""

    secret: str = Field(description="Shown this once. Verify every message with it, as Standard Webhooks describes.")


class WebhookRegistered(WebhookShown, WebhookSecret):
    """A webhook that was just registered."""


class WebhookWanted(Given):
    """A webhook that is to be registered."""

    url: str = Field(min_length=1, max_length=2000, description="https, port 443 or 8443, outside of our network.")
    events: list[str] = Field(min_length=1, max_length=len(Happened), description="Which notices it carries.")


class TryShown(Schema):
    """How one try ended."""

    at: datetime
    status: int | None = Field(description="What the receiver answered; null: nothing.")
    reason: str = Field(description="Why it failed; empty: it was taken.")


class DeliveryShown(Schema):
    """One message to a webhook."""

    id: UUID
    event: Happened
    state: str = Field(description="waiting, delivered or given-up.")
    at: datetime = Field(description="When it happened.")
    next_at: datetime | None = Field(description="When it is tried next; null: no more.")
    tries: list[TryShown]


@router.get("/notices", response={200: NoticesShown} | REFUSALS, operation_id="notices", summary="List what happened")
@door("notices:notice:read")
def notices(request: HttpRequest, asked: Query[After]) -> NoticesShown:
    """Return what happened after a place, as far as one may read what it happened to, the oldest first."""
    actor = actor_of(request)
    queries.demand_hearing(actor)
    begin = queries.place_from(asked.after) if asked.after else queries.BEGIN
    found = queries.notices_after(actor, begin, most=asked.limit)
    return NoticesShown(items=[_notice(one) for one in found], next=str(found[-1].stands_at if found else begin))


@router.get(
    "/events",
    response={200: str} | REFUSALS,
    operation_id="events",
    summary="Listen to what happens",
    openapi_extra={"responses": {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}}},
)
@door("notices:notice:read")
async def events(request: HttpRequest, asked: Query[From]) -> StreamingHttpResponse:
    """Stream what happens, as server-sent events, from now or from a place on; go on with Last-Event-ID.

    It ends when the token or session does, and after an hour; come again with the id you had last.
    """
    queries.demand_hearing(actor_of(request))
    after = request.headers.get("Last-Event-ID", "")[:_LONGEST_CURSOR] or asked.after
    begin = queries.place_from(after) if after else None
    await let_go()
    return await stream(lines_for(finder_of(request), begin))


@router.get(
    "/webhooks", response={200: Page[WebhookShown]} | REFUSALS, operation_id="webhooks", summary="List webhooks"
)
@door("notices:webhook:read")
def list_webhooks(request: HttpRequest, paging: Query[Paging]) -> Page[WebhookShown]:
    """Return the webhooks of one's organization, the newest first."""
    rows = queries.webhooks_for(actor_of(request))
    return page_of(rows, paging, show=_webhook)


@router.post(
    "/webhooks",
    response={201: WebhookRegistered} | REFUSALS,
    operation_id="register_webhook",
    summary="Register a webhook",
)
@door("notices:webhook:register")
def register_webhook(request: HttpRequest, body: WebhookWanted) -> Status[WebhookRegistered]:
    """Register an address for one's organization; only whoever signed in may, not a token. The secret is shown once."""
    made, secret = webhooks.register_webhook(
        body.url,
        events=body.events,
        outgoing=sending.the_outgoing(),
        actor=actor_of(request),
        at=timezone.now(),
    )
    return Status(201, WebhookRegistered(**_webhook(made).model_dump(), secret=secret))


@router.get(
    "/webhooks/{webhook_id}", response={200: WebhookShown} | REFUSALS, operation_id="webhook", summary="Show a webhook"
)
@door("notices:webhook:read")
def show_webhook(request: HttpRequest, response: HttpResponse, webhook_id: UUID) -> WebhookShown:
    """Return a webhook, and since when it fails."""
    shown = _webhook(queries.webhook_for(actor_of(request), webhook_id))
    tag(response, shown)
    return shown


@router.delete(
    "/webhooks/{webhook_id}", response={204: None} | REFUSALS, operation_id="end_webhook", summary="End a webhook"
)
@door("notices:webhook:end")
def end_webhook(request: HttpRequest, webhook_id: UUID) -> Status[None]:
    """End a webhook for good."""
    actor = actor_of(request)
    webhooks.end_webhook(queries.webhook_for(actor, webhook_id), actor=actor, at=timezone.now())
    return Status(204, None)


@router.post(
    "/webhooks/{webhook_id}/secret",
    response={201: WebhookSecret} | REFUSALS,
    operation_id="rotate_webhook_secret",
    summary="Give a webhook a new secret",
)
@door("notices:webhook:rotate")
def rotate_secret(request: HttpRequest, webhook_id: UUID) -> Status[WebhookSecret]:
    """Give a webhook a new secret; for a day messages carry a signature by each. Not by a token."""
    actor = actor_of(request)
    secret = webhooks.rotate_secret(queries.webhook_for(actor, webhook_id), actor=actor, at=timezone.now())
    return Status(201, WebhookSecret(secret=secret))


@router.post(
    "/webhooks/{webhook_id}/test",
    response={202: DeliveryShown} | REFUSALS,
    operation_id="test_webhook",
    summary="Send a test to a webhook",
)
@door("notices:webhook:test")
def test_webhook(request: HttpRequest, webhook_id: UUID) -> Status[DeliveryShown]:
    """Let a message that says nothing be sent; how it ended stands among the deliveries."""
    actor = actor_of(request)
    made = webhooks.try_webhook(queries.webhook_for(actor, webhook_id), actor=actor, at=timezone.now())
    return Status(202, _delivery(made))


@router.post(
    "/webhooks/{webhook_id}/disable",
    response={200: WebhookShown} | REFUSALS,
    operation_id="disable_webhook",
    summary="Send nothing more to a webhook",
)
@door("notices:webhook:disable")
def disable_webhook(request: HttpRequest, webhook_id: UUID) -> WebhookShown:
    """Send nothing more to a webhook until it is enabled again."""
    actor = actor_of(request)
    found = queries.webhook_for(actor, webhook_id)
    webhooks.disable_webhook(found, why=f"disabled by {actor.name}", actor=actor, at=timezone.now())
    return _webhook(found)


@router.post(
    "/webhooks/{webhook_id}/enable",
    response={200: WebhookShown} | REFUSALS,
    operation_id="enable_webhook",
    summary="Send to a webhook again",
)
@door("notices:webhook:enable")
def enable_webhook(request: HttpRequest, webhook_id: UUID) -> WebhookShown:
    """Send to a webhook again; what waited is tried at once."""
    actor = actor_of(request)
    found = queries.webhook_for(actor, webhook_id)
    webhooks.enable_webhook(found, actor=actor, at=timezone.now())
    return _webhook(found)


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    response={200: Page[DeliveryShown]} | REFUSALS,
    operation_id="deliveries",
    summary="List what was sent to a webhook",
)
@door("notices:delivery:read")
def deliveries(request: HttpRequest, webhook_id: UUID, paging: Query[Paging]) -> Page[DeliveryShown]:
    """Return the latest messages to a webhook, the newest first, with how each try ended."""
    actor = actor_of(request)
    rows = queries.deliveries_for(actor, queries.webhook_for(actor, webhook_id))
    return page_of(rows, paging, show=_delivery)


def _notice(one: Notice) -> NoticeShown:
    said: dict[str, Any] = sending.message_of(one)["data"]
    return NoticeShown(place=one.stands_at, event=Happened(one.event), at=one.created_at, **said)


def _webhook(one: Webhook) -> WebhookShown:
    return WebhookShown(
        id=one.pk,
        url=one.url,
        events=[Happened(event) for event in one.events],
        state=one.state,
        registered_by=one.person.name,
        failing_since=one.failing_since,
        disabled_why=one.disabled_why,
    )


def _delivery(one: Delivery) -> DeliveryShown:
    return DeliveryShown(
        id=one.pk,
        event=Happened(one.notice.event),
        state=one.state,
        at=one.notice.created_at,
        next_at=one.next_at if one.state == "waiting" else None,
        tries=[TryShown(**said) for said in one.tries],
    )
