"""Watching a target: an organization is told of every scan of it that it may see."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import transaction

from clearinghouse.deconfliction.actions.places import new_public_id
from clearinghouse.deconfliction.models import Subscription, WatchedCell
from clearinghouse.deconfliction.queries.intents import home_of
from clearinghouse.deconfliction.rules.lifecycle import SUBSCRIPTION, SubscriptionState, SubscriptionStep
from clearinghouse.deconfliction.rules.targets.kinds import Target, check_targets, plain_of
from clearinghouse.deconfliction.rules.techniques import techniques
from clearinghouse.errors import Conflict
from clearinghouse.ledger.actions import record
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.records import advance
from clearinghouse.sight.asking import beyond_sight

MOST_EACH: Final = 1_000
"""Subscriptions of one organization."""


def begin_subscription(target: Target, *, wanted: Collection[str] = (), actor: Actor, at: datetime) -> Subscription:
    """Let the actor's organization be told of scans of a target, and of what owners ask there.

    Asked again, it stands already.

    Args:
        target: what is watched; a pattern too.
        wanted: the techniques of scans that it is told of; empty: every one.
        actor: who asks for it.
        at: now.

    Raises:
        NotPermitted: the actor acts for no organization, or may not.
        Malformed: the target spreads too wide, or there is no such technique.
        Conflict: the organization has as many as it may.
    """
    check_targets((target,))
    row = Subscription(
        public_id=new_public_id("WATCH"),
        organization_id=home_of(actor),
        person_id=actor.id,
        target=plain_of(target),
        techniques=[techniques().named(one).name for one in sorted(set(wanted))],
        state=SUBSCRIPTION.initial,
        created_at=at,
    )
    demand(actor, "deconfliction:subscription:begin", row, is_kept=False)
    with beyond_sight(), transaction.atomic():
        standing = Subscription.objects.filter(organization_id=row.organization_id, state=SubscriptionState.STANDING)
        if (same := standing.filter(target=row.target, techniques=row.techniques).first()) is not None:
            return same
        if standing.count() >= MOST_EACH:
            raise Conflict(f"your organization watches {MOST_EACH} targets; end one, or watch a pattern")
        row.save(force_insert=True)
        cells = sorted(target.cells.written)
        WatchedCell.objects.bulk_create(WatchedCell(cell=one, subscription=row) for one in cells)
        details = {"id": row.public_id, "target": row.target}
        record("deconfliction:subscription:begin", subject=row, actor=actor, at=at, details=details)
    return row


def end_subscription(row: Subscription, *, why: str = "", actor: Actor, at: datetime) -> None:
    """Be told of it no longer."""
    demand(actor, "deconfliction:subscription:end", row)
    finish_subscription(row, why=why, actor=actor, at=at)


def finish_subscription(row: Subscription, *, why: str, actor: Actor, at: datetime) -> None:
    """Take a subscription away, whoever may."""
    with beyond_sight(), transaction.atomic():
        WatchedCell.objects.filter(subscription=row).delete()
        Subscription.objects.filter(pk=row.pk).update(ended_at=at)
        advance(row, SUBSCRIPTION, SubscriptionStep.END, actor=actor, at=at, why=why)
    row.ended_at = at
