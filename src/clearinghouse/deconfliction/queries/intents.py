"""Reading intents."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from clearinghouse.deconfliction.models import Intent, Meeting
from clearinghouse.deconfliction.queries.searching import those_meeting
from clearinghouse.deconfliction.rules.announcing import Announcement
from clearinghouse.deconfliction.rules.lifecycle import STANDING, IntentState, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import Target, target_from_text, target_of
from clearinghouse.deconfliction.rules.techniques import techniques
from clearinghouse.deconfliction.rules.windows import ALWAYS, Window
from clearinghouse.errors import Conflict, Malformed, NotFound, NotPermitted
from clearinghouse.parties.models import Organization
from clearinghouse.permissions.rules import Actor
from clearinghouse.sight.asking import beyond_sight


def home_of(actor: Actor) -> UUID:
    """Return the organization that an actor acts for.

    Raises:
        NotPermitted: there is none.
    """
    if actor.organization is None:
        raise NotPermitted("a scan is an organization's; act for one")
    return actor.organization


def own_organization(actor: Actor) -> Organization:
    """Return the organization that an actor acts for, which needs no right to read about others.

    Raises:
        NotPermitted: there is none.
    """
    return Organization.objects.get(pk=home_of(actor))


def intent_for(actor: Actor, public_id: str) -> Intent:
    """Return an intent that the actor may see.

    Raises:
        NotFound: there is none.
    """
    found = Intent.objects.visible_to(actor).select_related("organization").filter(public_id=public_id).first()
    if found is None:
        raise NotFound("no such intent")
    return found


def known_by_request(intent: Intent) -> Intent | None:
    """Return what the same organization announced by the same request key; for actions.

    Raises:
        Conflict: it was something else.
    """
    with beyond_sight():
        same = Intent.objects.filter(organization=intent.organization_id, request_key=intent.request_key)
        earlier = same.first()
    if earlier is not None and earlier.request_digest != intent.request_digest:
        raise Conflict(f"this request key announced {earlier.public_id}, which says something else; use a new key")
    return earlier


def intents_for(actor: Actor) -> QuerySet[Intent]:
    """Return the intents that the actor may see, the latest first."""
    return Intent.objects.visible_to(actor).select_related("organization").order_by("-starts_at", "pk")


def standing_for(actor: Actor, *, at: datetime) -> QuerySet[Intent]:
    """Return those that stand now, whose window is not over."""
    return intents_for(actor).filter(state__in=STANDING, ends_at__gt=at)


def intents_wanted(
    actor: Actor,
    *,
    target: str = "",
    technique: str = "",
    state: str = "",
    whose: str = "",
    is_standing: bool = False,
    touches: Collection[Target] | None = None,
    at: datetime,
) -> QuerySet[Intent]:
    """Return those of the intents that the actor may see which are asked for, the latest first.

    Args:
        actor: who asks.
        target: one word: those that meet it, by whatever name of the same code.
        technique: by which.
        state: in which.
        whose: own or others.
        is_standing: only those that others have to know of now.
        touches: those that meet one of these; None: whatever they meet.
        at: now.

    Raises:
        Malformed: there is no such target, technique or state, so that nobody takes a slip of the pen for an answer.
        Conflict: more meet the target than one search gives.
    """
    found = standing_for(actor, at=at) if is_standing else intents_for(actor)
    if technique:
        found = found.filter(technique=techniques().named(technique).name)
    if state:
        if state not in set(IntentState):
            raise Malformed(f"{state!r} is no state; write one of {', '.join(IntentState)}")
        found = found.filter(state=state)
    if whose:
        own = {"organization": actor.organization}
        found = found.filter(**own) if whose == "own" else found.exclude(**own)
    standing_at = at if is_standing else None
    if touches is not None:
        found = touching(found, *touches, standing_at=standing_at)
    return touching(found, target_from_text(target), standing_at=standing_at) if target else found


def touching(intents: QuerySet[Intent], *targets: Target, standing_at: datetime | None = None) -> QuerySet[Intent]:
    """Return those of some intents that meet one of these targets by whatever name; ``standing_at``: and stand then.

    Raises:
        Conflict: they are more than one search gives.
    """
    window = Window(standing_at, ALWAYS.ends_at) if standing_at else None
    return those_meeting(intents, targets, of="intent", window=window)


def seen_among(actor: Actor, intents: Iterable[Intent]) -> list[str]:
    """Return the public ids of those of some intents that the actor may see."""
    rows = intents_for(actor).filter(pk__in=[one.pk for one in intents])
    return sorted(rows.values_list("public_id", flat=True))


def meetings_for(actor: Actor, *, intent: str = "") -> QuerySet[Meeting]:
    """Return who met which confidential intent, or one of these, as far as the actor may see it, the latest first.

    Raises:
        NotFound: there is no such intent that the actor may see.
    """
    rows = Meeting.objects.visible_to(actor).select_related("intent")
    found = rows.filter(intent=intent_for(actor, intent)) if intent else rows
    return found.order_by("-created_at", "pk")


def announcement_of(intent: Intent) -> Announcement:
    """Return what an intent announces."""
    return Announcement(
        technique=intent.technique,
        targets=tuple(target_of(one) for one in intent.targets),
        window=Window(intent.starts_at, intent.ends_at),
        contact=intent.contact,
        rate_per_second=intent.rate_per_second,
        visibility=Visibility(intent.visibility),
        sources=tuple(intent.sources),
        scanner_key=intent.scanner_key,
    )
