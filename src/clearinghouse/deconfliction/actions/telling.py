"""Telling others what becomes of scans, and of what owners ask.

A write leaves one row that says what there is to tell; to whom, is found out after it, outside of its locks and of
its answer. So a write costs the same whoever listens. Three things are told in the write itself, for they are a part
of it: who needs no key tells everyone whom it meets, whoever is halted hears so, and the office hears that a
confidential scan was met. Whoever may not see a scan gets no row. Source: docs/decisions/0163.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from clearinghouse.deconfliction.models import Constraint, Intent, Meeting, Untold
from clearinghouse.deconfliction.queries.intents import announcement_of
from clearinghouse.deconfliction.queries.meeting import Survey, parties_near
from clearinghouse.deconfliction.queries.places import mappings_of
from clearinghouse.deconfliction.queries.subscriptions import watching
from clearinghouse.deconfliction.rules.awareness import Met
from clearinghouse.deconfliction.rules.lifecycle import NEEDS_NO_KEY, IntentStep, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import Target, target_of
from clearinghouse.deconfliction.rules.windows import ALWAYS, Window
from clearinghouse.notices.rules import KEPT_FOR, Happened, To
from clearinghouse.notices.telling import Telling, has_settler, tell, tell_all
from clearinghouse.sight.asking import beyond_sight

BATCH: Final = 20
TELLING: Final = 0x636C6561_74656C6C
"""The advisory lock of whoever tells."""
_SAYS: Final = {
    IntentStep.ACCEPT: Happened.SCAN_ANNOUNCED,
    IntentStep.DECLARE_EMERGENCY: Happened.SCAN_EMERGENCY,
    IntentStep.LEAVE_PLAN: Happened.SCAN_LEFT_PLAN,
}


def tell_later(event: Happened, row: Intent | Constraint, *, told: Collection[UUID] = (), at: datetime) -> None:
    """Leave behind, in the transaction of a write, that others have to be told of it; ``told``: those who know."""
    Untold.objects.create(event=event, of=row.kind, subject_id=row.pk, told=sorted(map(str, told)), at=at)


def tell_of_step(step: IntentStep, intent: Intent, found: Survey, *, at: datetime) -> None:
    """Tell others that a scan came to concern them, or runs otherwise, in the transaction of that step."""
    if step in _SAYS:
        tell_of(_SAYS[step], intent, found, at=at)


def tell_of(event: Happened, intent: Intent, found: Survey, *, at: datetime) -> None:
    """Tell everyone whom a scan meets at once, if it needs no key of theirs; and all whom it concerns later."""
    told: set[UUID] = set()
    if intent.state in NEEDS_NO_KEY:
        is_open = intent.visibility == Visibility.EVERYONE
        met = {one.organization for one in found.met if is_open or one.what is Met.INTENT}
        told = (met | found.owners) - {intent.organization_id}
        tell(event, intent, to=To(organizations=frozenset(told)), name=intent.public_id, at=at)
    tell_later(event, intent, told=told, at=at)


def tell_holder(intent: Intent, *, at: datetime) -> None:
    """Tell whoever announced a scan that it was halted."""
    to = To(organizations=frozenset({intent.organization_id}))
    tell(Happened.SCAN_HALTED, intent, to=to, name=intent.public_id, at=at)


def tell_office(intents: Iterable[Intent], *, at: datetime) -> None:
    """Tell those at work here which confidential scans were met."""
    met = (Telling(Happened.SCAN_MET, one, To(office=True), one.public_id) for one in intents)
    tell_all(met, at=at)


def tell_new_owner(organization: UUID, intents: Iterable[Intent], *, at: datetime) -> None:
    """Tell whoever is known from now on to own something which scans of it stand."""
    to = To(organizations=frozenset({organization}))
    others = (one for one in intents if one.organization_id != organization)
    tell_all((Telling(Happened.SCAN_ANNOUNCED, one, to, one.public_id) for one in others), at=at)


@beyond_sight()
def tell_waiting(*, most: int = BATCH) -> int:
    """Tell what at most so many writes have left to tell, each once; return how many: 0 when another one tells."""
    with transaction.atomic():
        if not _alone():
            return 0
        rows = list(Untold.objects.order_by("pk")[:most])
        latest = max((one.at for one in rows), default=None)
        for row in rows:
            if latest is not None and latest - row.at < KEPT_FOR:
                _tell(row)
        Untold.objects.filter(pk__in=[one.pk for one in rows]).delete()
    return len(rows)


def _alone() -> bool:
    """Say whether nobody else tells now; until the transaction ends, nobody begins to. So every row is told once."""
    if not has_settler():
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [TELLING])
        return bool(cursor.fetchone()[0])


def _tell(row: Untold) -> None:
    subject: Intent | Constraint | None = (
        (Intent if row.of == "intent" else Constraint).objects.filter(pk=row.subject_id).first()
    )
    if subject is None:
        return  # its organization left, and nothing of it was to stay
    known = {subject.organization_id, *map(UUID, row.told)}
    parties = frozenset(_concerned(_about(subject), at=row.at) - known)
    if isinstance(subject, Intent) and subject.visibility == Visibility.THOSE_MET:
        parties &= set(Meeting.objects.filter(intent=subject).values_list("organization_id", flat=True))
    tell(Happened(row.event), subject, to=To(organizations=parties), name=subject.public_id, at=row.at)


@dataclass(frozen=True, slots=True)
class _About:
    """What something is about, when, and by which techniques; none named: by every one."""

    targets: tuple[Target, ...]
    window: Window
    techniques: tuple[str, ...]


def _about(subject: Intent | Constraint) -> _About:
    if isinstance(subject, Intent):
        said = announcement_of(subject)
        return _About(said.targets, said.window, (said.technique,))
    return _About((target_of(subject.target),), ALWAYS, tuple(subject.techniques))


def _concerned(about: _About, *, at: datetime) -> frozenset[UUID]:
    """Return whose standing scans it meets, who owns some of it, who watches it."""
    mappings = mappings_of(about.targets)
    near = parties_near(about.targets, mappings, about.window, at=at)
    return near | watching(about.targets, mappings, techniques=about.techniques)
