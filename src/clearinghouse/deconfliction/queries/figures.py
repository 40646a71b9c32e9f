"""The dataset that figures are made of: one for every cut, so that what whoever asks may see changes nothing in it."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Min

from clearinghouse.deconfliction.models import Attempt, Coverage, Intent, Ownership
from clearinghouse.deconfliction.queries.covering import Pieces
from clearinghouse.deconfliction.rules.covering import looks
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
from clearinghouse.deconfliction.rules.lifecycle import IntentStep, OwnershipState, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import Target, target_of
from clearinghouse.ledger.models import Event
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.sight.asking import beyond_sight

_ACCEPTING = [f"deconfliction:intent:{step}" for step in (IntentStep.ACCEPT, IntentStep.DECLARE_EMERGENCY)]
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
        # A draft is a row before it is accepted, and may never be: when it was is an act.
        acts = Event.objects.filter(kind="intent", verb__in=_ACCEPTING).values_list("subject")
        accepted = dict(acts.annotate(first=Min("at")))
        intents = Intent.objects.values_list("pk", "organization_id", "technique", "targets", "visibility")
        pieces = Pieces(Coverage.objects.filter(visibility=Visibility.EVERYONE))
        owned = Ownership.objects.filter(state=OwnershipState.VERIFIED, decided_at__isnull=False)
        return Dataset(
            [Attempted(home, scan, Outcome(out), at, is_open) for home, scan, out, at, is_open in attempts],
            [
                Accepted(home, fingerprint(technique, targets), accepted[str(pk)], visibility == Visibility.EVERYONE)
                for pk, home, technique, targets, visibility in intents
                if str(pk) in accepted
            ],
            [
                Known(home, criticality, since, frozenset(_looks(target_of(target), pieces)))
                for home, criticality, since, target in owned.values_list(
                    "organization_id", "criticality", "decided_at", "target"
                )
                if since is not None
            ],
        )


def _looks(target: Target, pieces: Pieces) -> Iterator[datetime]:
    near, mappings = pieces.near(target)
    return looks(target, near, mappings)
