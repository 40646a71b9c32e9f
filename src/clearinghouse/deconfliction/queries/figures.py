"""The dataset that figures are made of: one for every cut, so that what whoever asks may see changes nothing in it."""

from datetime import datetime

from django.db.models import Max

from clearinghouse.deconfliction.models import Attempt, Coverage, Intent, Ownership
from clearinghouse.deconfliction.rules.covering import name_of
from clearinghouse.deconfliction.rules.figures import (
    Accepted,
    Attempted,
    Cut,
    Dataset,
    Figure,
    Known,
    Outcome,
    figures,
    fingerprint,
)
from clearinghouse.deconfliction.rules.lifecycle import IntentState, OwnershipState, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import target_of
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.sight.asking import beyond_sight

_VERBS = {Cut.INTERNAL: "deconfliction:figure:read-internal", Cut.MEMBERS: "deconfliction:figure:read"}


def figures_for(actor: Actor, cut: Cut, *, at: datetime) -> tuple[Figure, ...]:
    """Return the figures of one cut.

    Raises:
        NotPermitted: the cut is not for this actor.
    """
    if cut in _VERBS:
        demand(actor, _VERBS[cut])
    return figures(dataset(), cut, at=at)


def public_figures(*, at: datetime) -> tuple[Figure, ...]:
    """Return the figures that everybody may read."""
    return figures(dataset(), Cut.PUBLIC, at=at)


def dataset() -> Dataset:
    """Return everything that figures are made of; what is told of it, the gate decides."""
    with beyond_sight():
        attempts = Attempt.objects.values_list("organization_id", "scan", "outcome", "created_at", "is_open")
        intents = Intent.objects.exclude(state=IntentState.DRAFT).values_list(
            "organization_id", "technique", "targets", "created_at", "visibility"
        )
        covered = dict(
            Coverage.objects.filter(is_complete=True, visibility=Visibility.EVERYONE)
            .values_list("target_name")
            .annotate(last=Max("covered_at"))
            .values_list("target_name", "last")
        )
        owned = Ownership.objects.filter(state=OwnershipState.VERIFIED)
        return Dataset(
            [Attempted(home, scan, Outcome(out), at, is_open) for home, scan, out, at, is_open in attempts],
            [
                Accepted(home, fingerprint(technique, targets), at, visibility == Visibility.EVERYONE)
                for home, technique, targets, at, visibility in intents
            ],
            [Known(one.organization_id, one.criticality, covered.get(name_of(target_of(one.target)))) for one in owned],
        )
