"""Every read of notices, webhooks and deliveries."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Min, QuerySet

from clearinghouse.errors import Malformed, NotFound, NotPermitted, SignInNeeded
from clearinghouse.notices.models import Delivery, Notice, Webhook
from clearinghouse.notices.rules import KEPT_FOR, WebhookState
from clearinghouse.notices.telling import verb_about
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.guards import NOTHING
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import clause_for
from clearinghouse.records import model_of
from clearinghouse.sight.asking import beyond_sight
from clearinghouse.work.turns import Turn

BEGIN: Final = UUID(int=0)
"""Before every place."""
MOST: Final = 200
_AT_ONCE_EACH: Final = 4
_SHOWN: Final = 200


def demand_hearing(actor: Actor) -> None:
    """Return quietly if there is anything that the actor may hear of.

    Raises:
        NotPermitted: no role of theirs hears of anything, or the token is not for that.
    """
    if clause_for(actor, "notices:notice:read") == NOTHING:
        raise NotPermitted("notices are for people with a role here, and for tokens with the scope notices:notice:read")


def place_from(cursor: str) -> UUID:
    """Return the place that a cursor names.

    Raises:
        Malformed: it is none of ours.
    """
    try:
        return UUID(cursor)
    except ValueError:
        raise Malformed("the cursor is none that we gave; take it from what you read last, or leave it out") from None


def notices_after(actor: Actor, place: UUID, *, most: int = MOST) -> list[Notice]:
    """Return the notices after ``place`` that the actor may hear of now, in order.

    What they are about must be theirs to read at this moment: whoever lost that hears nothing more of it.
    """
    found: list[Notice] = []
    while len(found) < most:
        rows = list(_told(actor).filter(place__gt=place).order_by("place")[:MOST])
        found += may_hear(actor, rows)
        if len(rows) < MOST:
            break
        place = rows[-1].stands_at
    return found[:most]


def newest_place(actor: Actor) -> UUID:
    """Return the place of the latest notice that the actor may hear of: what stands after it is new to them."""
    latest = newest_notices(actor, most=1)
    return latest[0].stands_at if latest else BEGIN


def newest_notices(actor: Actor, *, most: int = MOST) -> list[Notice]:
    """Return the latest notices that the actor may hear of, the newest first."""
    found: list[Notice] = []
    rows = _told(actor).order_by("-place")
    begin = 0
    while len(found) < most:
        page = list(rows[begin : begin + MOST])
        found += may_hear(actor, page)
        begin += MOST
        if len(page) < MOST:
            break
    return found[:most]


def _told(actor: Actor) -> QuerySet[Notice]:
    rows: QuerySet[Notice] = Notice.objects.visible_to(actor)
    return rows.filter(place__isnull=False)


def may_hear(actor: Actor, rows: Iterable[Notice]) -> list[Notice]:
    """Return those of ``rows`` whose thing the actor may read now, by the same table that everything is read by."""
    rows = list(rows)
    wanted: dict[str, set[str]] = defaultdict(set)
    for one in rows:
        wanted[verb_about(one)].add(one.subject_id)
    readable: dict[str, set[str]] = {}
    for verb, ids in wanted.items():
        if verb:
            open_to = model_of(verb.split(":")[1]).objects.open_to(actor, verb).filter(pk__in=ids)
            readable[verb] = {str(pk) for pk in open_to.values_list("pk", flat=True)}
    return [one for one in rows if not verb_about(one) or one.subject_id in readable[verb_about(one)]]


def webhooks_for(actor: Actor) -> QuerySet[Webhook]:
    """Return the webhooks that the actor may see and that have not ended, the newest first."""
    rows: QuerySet[Webhook] = Webhook.objects.visible_to(actor)
    return rows.exclude(state=WebhookState.ENDED).select_related("person").order_by("-created_at", "pk")


def webhook_for(actor: Actor, webhook: UUID) -> Webhook:
    """Return one webhook.

    Raises:
        NotFound: there is none, or none that the actor may know of.
    """
    found = webhooks_for(actor).filter(pk=webhook).first()
    if found is None:
        raise NotFound("no such webhook")
    return found


def deliveries_for(actor: Actor, webhook: Webhook) -> list[Delivery]:
    """Return the latest deliveries of a webhook, as far as the actor may hear of what they carry, the newest first."""
    rows: QuerySet[Delivery] = Delivery.objects.visible_to(actor)
    latest = list(rows.filter(webhook=webhook).select_related("notice").order_by("-created_at", "pk")[:_SHOWN])
    heard = {one.pk for one in may_hear(actor, {one.notice.pk: one.notice for one in latest}.values())}
    told = set(Notice.objects.visible_to(actor).filter(pk__in=heard).values_list("pk", flat=True))
    return [one for one in latest if one.notice_id in told]


def ears_of(webhook: Webhook, *, at: datetime) -> Actor | None:
    """Return by whose right a webhook hears: of whoever registered it, as their roles stand now; None: of nobody."""
    try:
        actor = actor_for_person(
            webhook.person, organization=webhook.organization_id, second_factor=webhook.second_factor, at=at
        )
    except SignInNeeded:
        return None
    return actor if actor.roles else None


def due_deliveries(at: datetime) -> Iterator[Turn]:
    """Yield the deliveries whose time has come, a few of each webhook at a time; organizations take turns."""
    standing = Webhook.objects.filter(state=WebhookState.STANDING)
    waiting = Delivery.objects.filter(delivered_at=None, given_up_at=None, next_at__lte=at)
    for webhook in standing.filter(pk__in=waiting.values("webhook")).order_by("created_at", "pk"):
        first = waiting.filter(webhook=webhook).order_by("next_at", "pk")[:_AT_ONCE_EACH]
        for pk, failures in first.values_list("pk", "failures"):
            organization = str(webhook.organization_id)
            yield Turn((organization, str(pk), failures), share=f"organization {organization}")


def due_forgetting(at: datetime) -> Iterator[str]:
    """Yield, once a day, that there are notices older than they are kept."""
    oldest = Notice.objects.aggregate(oldest=Min("created_at"))["oldest"]
    if oldest is not None and oldest < at - KEPT_FOR:
        yield at.date().isoformat()


@beyond_sight()  # whom to wake, and nothing of what they hear
def told_since(place: UUID) -> tuple[UUID, set[UUID | None]]:
    """Return the latest place, and whom anything was told after ``place``; None: those at work here."""
    rows = list(Notice.objects.filter(place__gt=place).only("place", "organization_id", "person_id"))
    latest = max((one.stands_at for one in rows), default=place)
    return latest, {one.person_id if one.organization_id is None else one.organization_id for one in rows}
