"""Reading subscriptions: one's own, and whose meet what happened."""

from collections.abc import Collection, Iterator
from uuid import UUID

from django.db.models import QuerySet

from clearinghouse.deconfliction.models import Subscription, Untold, WatchedCell
from clearinghouse.deconfliction.queries.places import names_of, searched_by
from clearinghouse.deconfliction.rules.lifecycle import SubscriptionState
from clearinghouse.deconfliction.rules.mappings import Mapped, meets_by
from clearinghouse.deconfliction.rules.targets.kinds import Target, target_of
from clearinghouse.errors import NotFound
from clearinghouse.notices.telling import has_settler
from clearinghouse.permissions.rules import Actor


def subscriptions_for(actor: Actor) -> QuerySet[Subscription]:
    """Return the subscriptions of one's organization that stand, the latest first."""
    rows: QuerySet[Subscription] = Subscription.objects.visible_to(actor)
    return rows.filter(state=SubscriptionState.STANDING).order_by("-created_at", "pk")


def subscription_for(actor: Actor, public_id: str) -> Subscription:
    """Return a subscription that the actor may see, also one that has ended.

    Raises:
        NotFound: there is none.
    """
    found: Subscription | None = Subscription.objects.visible_to(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound("no such subscription")
    return found


def watching(
    targets: Collection[Target], mappings: tuple[Mapped, ...], *, techniques: Collection[str]
) -> frozenset[UUID]:
    """Return the organizations with a subscription that one of these targets meets; for actions, beyond sight.

    Args:
        targets: what something happened to.
        mappings: those of the targets.
        techniques: by which, or which it is about; empty: every one.
    """
    cells = searched_by(names_of(targets, mappings))
    found = Subscription.objects.filter(
        pk__in=WatchedCell.objects.filter(cell__in=cells).values("subscription"), state=SubscriptionState.STANDING
    )
    rows = found.values_list("organization_id", "target", "techniques")
    return frozenset(
        home
        for home, plain, wanted in rows
        if (not wanted or not techniques or set(wanted) & set(techniques)) and _meets(plain, targets, mappings)
    )


def _meets(plain: dict[str, str], targets: Collection[Target], mappings: tuple[Mapped, ...]) -> bool:
    watched = target_of(plain)
    return any(meets_by(watched, one, mappings) for one in targets)


def due_telling() -> Iterator[tuple[int]]:
    """Yield up to where there is something to tell; on PostgreSQL workers look steadily, without being called."""
    if has_settler():
        return
    latest = Untold.objects.order_by("-pk").values_list("pk", flat=True).first()
    if latest is not None:
        yield (latest,)
