"""Leaving: what an organization has standing ends, what it announced goes back, and on wish nothing of it stays."""

from collections.abc import Iterator
from datetime import datetime
from itertools import batched
from typing import Any

from clearinghouse.deconfliction.actions.intents import finish
from clearinghouse.deconfliction.actions.owners import finish_authorisation, finish_constraint, finish_ownership
from clearinghouse.deconfliction.actions.subscriptions import finish_subscription
from clearinghouse.deconfliction.models import (
    Attempt,
    Authorisation,
    Availability,
    Constraint,
    Coverage,
    ForeignRecord,
    Intent,
    Mapping,
    Meeting,
    Ownership,
    Place,
    Subscription,
)
from clearinghouse.deconfliction.rules.lifecycle import (
    STANDING,
    AuthorisationState,
    ConstraintState,
    IntentState,
    IntentStep,
    OwnershipState,
    SubscriptionState,
)
from clearinghouse.parties.models import Organization
from clearinghouse.permissions.rules import Actor

_WHY = "the organization left"
_AT_ONCE = 10_000
_OF_SCANS = (
    Intent,
    Constraint,
    Authorisation,
    Ownership,
    Mapping,
    Coverage,
    Availability,
    ForeignRecord,
    Attempt,
    Meeting,
    Subscription,
)


def end_scans(organization: Organization, *, actor: Actor, at: datetime) -> None:
    """End everything that an organization has standing, in the transaction in which it leaves, which it may."""
    for intent in Intent.objects.filter(organization=organization, state__in=(IntentState.DRAFT, *STANDING)):
        finish(intent, IntentStep.END, why=_WHY, actor=actor, at=at)
    for rule in Constraint.objects.filter(organization=organization, state=ConstraintState.STANDING):
        finish_constraint(rule, why=_WHY, actor=actor, at=at)
    for word in Authorisation.objects.filter(organization=organization, state=AuthorisationState.STANDING):
        finish_authorisation(word, why=_WHY, actor=actor, at=at)
    claimed = (OwnershipState.CLAIMED, OwnershipState.VERIFIED)
    for claim in Ownership.objects.filter(organization=organization, state__in=claimed):
        finish_ownership(claim, why=_WHY, actor=actor, at=at)
    for watch in Subscription.objects.filter(organization=organization, state=SubscriptionState.STANDING):
        finish_subscription(watch, why=_WHY, actor=actor, at=at)


def what_was_announced(organization: Organization) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield name and content of everything that goes back; the caller demands it."""
    for model in _OF_SCANS:
        for row in model._base_manager.filter(organization=organization).order_by("created_at", "pk"):  # noqa: SLF001
            fields = {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields}  # noqa: SLF001
            told = {
                name: value if isinstance(value, int | list | dict | None) else str(value)
                for name, value in fields.items()
            }
            yield f"scans/{row.kind}/{row.pk}.json", told


def erase_scans(organization: Organization) -> list[tuple[str, str]]:
    """Delete what is kept of an organization's scans, from announced to watched and met; return kind and id of each.

    With them goes what finds them in the index.
    """
    gone: list[tuple[str, str]] = []
    for model in reversed(_OF_SCANS):
        rows = model._base_manager.filter(organization=organization)  # noqa: SLF001 - Django's public name
        found = list(rows)
        for some in batched(found, _AT_ONCE):
            Place.objects.filter(subject_id__in=[row.pk for row in some]).delete()
        rows.delete()
        gone += [(row.kind, str(row.pk)) for row in found]
    return gone
