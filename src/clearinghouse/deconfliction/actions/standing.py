"""What every write about standing scans goes through: cells, the question, the refusals, who sees whom from then on."""

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from clearinghouse.deconfliction.actions.holding import hold
from clearinghouse.deconfliction.actions.telling import tell_office
from clearinghouse.deconfliction.models import Intent, Meeting
from clearinghouse.deconfliction.queries.meeting import Survey, reference_of, survey
from clearinghouse.deconfliction.queries.places import mappings_of, names_of
from clearinghouse.deconfliction.rules.announcing import Announcement
from clearinghouse.deconfliction.rules.awareness import Met, Standing, missing
from clearinghouse.deconfliction.rules.cells import locks_of
from clearinghouse.deconfliction.rules.lifecycle import Visibility
from clearinghouse.deconfliction.rules.mappings import Mappings
from clearinghouse.deconfliction.rules.targets.kinds import Target
from clearinghouse.deconfliction.rules.techniques import Relation
from clearinghouse.errors import Endangers, HeldBack, Overlaps, Problem, Unaware
from clearinghouse.sight.asking import beyond_sight

_MOST_TRIES = 10


@dataclass(frozen=True, slots=True)
class Announced:
    """What became of a write: the intent, and everyone whom it meets and now may see."""

    intent: Intent
    met: tuple[Standing, ...]


class _MappedOtherwiseError(Exception):
    """Between reading the mappings and holding their cells, somebody changed them."""


def writing[T](targets: Collection[Target], write: Callable[[Mappings], T]) -> T:
    """Write while nobody else writes about these targets, by whatever name; answer when it is on the disk.

    ``write`` is given the mappings of the targets, runs in one transaction and may be run again.
    """
    for _ in range(_MOST_TRIES):
        with suppress(_MappedOtherwiseError), beyond_sight(), transaction.atomic():
            return write(_hold_names(targets) if targets else Mappings())
    raise RuntimeError(f"the mappings of {targets} changed {_MOST_TRIES} times while they were read")


def writing_of_names[T](targets: Iterable[Target], write: Callable[[], T]) -> T:
    """Write what changes the names of these targets; answer when it is on the disk.

    Whoever reads mappings of a package or repository holds its own cell, so it is enough to hold these; no mapping has
    to be read, however many there are.
    """
    with beyond_sight(), transaction.atomic():
        hold(locks_of(one.cells for one in targets))
        return write()


def _hold_names(targets: Iterable[Target]) -> Mappings:
    """Hold the cells of targets and of every other name of theirs; the mappings cannot change meanwhile.

    Raises:
        _MappedOtherwiseError: they changed just before.
    """
    known = mappings_of(targets)
    hold(locks_of(one.cells for one in names_of(targets, known)))
    if mappings_of(targets) != known:
        raise _MappedOtherwiseError
    return known


def surveyed(intent: Intent, said: Announcement, mappings: Mappings, *, at: datetime, is_urgent: bool) -> Survey:
    """Return whom an intent meets, inside of a write."""
    scan = said.scan_of(intent.organization_id)
    return survey(scan, mappings, at=at, besides=intent.pk, is_urgent=is_urgent)


def demand_consent(found: Survey) -> None:
    """Return quietly if no owner holds the scan back.

    Raises:
        HeldBack: one does; every reason is named.
    """
    if found.refusals:
        advice = {"owner-unknown": "ask its owner to register it here and to authorise you"}
        problems = tuple(
            Problem(one.code, one.constraint or "targets", one.reason, advice.get(one.code, _asking(one.contact)))
            for one in found.refusals
        )
        raise HeldBack("; ".join(one.reason for one in problems), problems)


def _asking(contact: str) -> str:
    return f"ask its owner: {contact}" if contact else "ask its owner"


def demand_awareness(found: Survey, seen: Collection[str]) -> None:
    """Return quietly if everything that has to be seen was seen, and nothing is done twice or endangered.

    Raises:
        Endangers, Overlaps, Unaware: otherwise.
    """
    dangerous = [one for one in (*found.visible, *found.own) if one.relation is Relation.ENDANGER]
    if dangerous:
        raise Endangers(
            f"together with {len(dangerous)} at the same time this would endanger a live system; take another window",
            _references(dangerous),
        )
    own = [one for one in found.own if one.relation is not Relation.SHARE]
    if own:
        names = ", ".join(one.public_id for one in own[:5])
        raise Overlaps(f"your organization's {names} covers some of this already; renew or end it", _references(own))
    missed = missing(found.met, seen)
    if missed:
        raise Unaware(
            f"this meets {len(missed)} that you have not seen; look at each, and send its version key along",
            _references(missed),
        )


def _references(those: Iterable[Standing]) -> tuple[dict[str, object], ...]:
    return tuple(reference_of(one) for one in those)


def note_meetings(intent: Intent, found: Survey, *, at: datetime) -> None:
    """Let those who met see each other from now on, where an intent is not for everyone; the office hears of it."""
    intents = [one for one in found.met if one.what is Met.INTENT]
    rows = [
        Meeting(intent_id=one.id, organization_id=intent.organization_id, by="intent", created_at=at)
        for one in intents
        if not one.is_visible
    ]
    if intent.visibility == Visibility.THOSE_MET:
        owners = found.owners - {intent.organization_id}
        others = {one.organization: "intent" for one in intents} | dict.fromkeys(owners, "ownership")
        rows += [
            Meeting(intent=intent, organization_id=home, by=by, created_at=at) for home, by in sorted(others.items())
        ]
    if not rows:
        return
    known = set(
        Meeting.objects.filter(intent__in={one.intent_id for one in rows}).values_list("intent_id", "organization_id")
    )
    new = [one for one in rows if (one.intent_id, one.organization_id) not in known]
    Meeting.objects.bulk_create(new, ignore_conflicts=True)
    tell_office(Intent.objects.filter(pk__in={one.intent_id for one in new}).order_by("pk"), at=at)


def retold(found: Survey) -> tuple[Standing, ...]:
    """Return everyone whom an intent meets; by having met, its organization may see them all."""
    return tuple(replace(one, is_visible=True) for one in found.met)
