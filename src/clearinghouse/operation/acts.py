"""What was done, as people read it: who, what, and a way to what it was done to, where the reader may see that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse

from clearinghouse.cases.queries.acts import subjects_of
from clearinghouse.cases.queries.cases import case_for
from clearinghouse.findings.models import Finding
from clearinghouse.findings.queries import key_shown
from clearinghouse.ledger.models import Entry, Event
from clearinghouse.ledger.queries import acts_on, events_for
from clearinghouse.parties.models import Person
from clearinghouse.parties.queries import names_of
from clearinghouse.parties.rules import CLEARINGHOUSE, normal_email
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import the_table
from clearinghouse.permissions.words import was_done
from clearinghouse.records import Record, model_of

_PAGES: Final[Mapping[str, tuple[str, str]]] = {
    "case": ("case", "public_id"),
    "finding": ("report", "key"),
    "intent": ("scan", "public_id"),
    "organization": ("another-organization", "pk"),
    "submission": ("submission", "receipt"),
}
"""Kinds with a page of their own: the name of its address, and by which field that names the thing."""
_LEADS_TO: Final = ("case", "finding", "intent", "organization")
"""Relations over which a thing without a page leads to one, the nearest first."""

_PLAINLY: Final = {"participant": "seat", "intent": "scan"}
"""Kinds that people call otherwise."""


@dataclass(frozen=True, slots=True)
class About:
    """What was acted upon, as it is called, and where to see it; empty: nowhere."""

    called: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One act in words."""

    at: datetime
    who: str
    says: str
    about: About
    place: int | None
    """Its number in the tree; None: it waits for one."""


def acts_for(actor: Actor, *, case: str = "", person: str = "") -> QuerySet[Event]:
    """Return what was done, about one case or by the people of one name or address where that is wanted.

    Raises:
        NotPermitted: the actor may not read the ledger.
        NotFound: there is no such case.
    """
    found = events_for(actor)
    if case:
        found = found.filter(pk__in=acts_on(subjects_of(actor, case_for(actor, case))).order_by().values("pk"))
    if person:
        found = found.filter(actor__in=people_called(actor, person))
    return found


def people_called(actor: Actor, name: str) -> list[UUID]:
    """Return the ids of those who have this name or address, as far as the actor may read of them."""
    if name.strip().lower() in {"clearinghouse", "the clearinghouse"}:
        return [CLEARINGHOUSE.id]
    called = Q(name__iexact=name.strip()) | Q(email=normal_email(name))
    return list(Person.objects.visible_to(actor).filter(called).values_list("pk", flat=True))


def in_words(events: Sequence[Event], actor: Actor) -> list[Act]:
    """Return acts as people read them; what was acted upon is named only where the actor may see it."""
    places = dict(Entry.objects.filter(event_id__in=[one.pk for one in events]).values_list("event_id", "seq"))
    names = names_of(Person.objects.visible_to(actor), {one.actor for one in events})
    seen = _seen(events, actor)
    return [
        Act(
            at=one.at,
            who=names[one.actor],
            says=was_done(one.verb),
            about=_about(seen.get((one.kind, one.subject)), actor) or About(_kind(one.kind)),
            place=places.get(one.pk),
        )
        for one in events
    ]


def _seen(events: Sequence[Event], actor: Actor) -> dict[tuple[str, str], Record]:
    """Return what was acted upon, as far as the actor may read it: one question for each kind."""
    wanted: dict[str, set[str]] = {}
    for one in events:
        wanted.setdefault(one.kind, set()).add(one.subject)
    found: dict[tuple[str, str], Record] = {}
    for kind, subjects in wanted.items():
        try:
            model = model_of(kind)
        except LookupError:  # some acts are on what has no rows
            continue
        near = [one.name for one in model._meta.fields if one.name in _LEADS_TO]  # noqa: SLF001 - Django's public name
        rows = model.objects.visible_to(actor).filter(pk__in=list(_ids(subjects)))
        rows = rows.select_related(*near) if near else rows
        found |= {(kind, str(row.pk)): row for row in rows}
    return found


def _ids(subjects: set[str]) -> Iterator[UUID]:
    """Yield the subjects that are ids of rows; some acts are on what has no row."""
    for one in subjects:
        try:
            yield UUID(one)
        except ValueError:
            continue


def _about(row: Record | None, actor: Actor) -> About | None:
    """Return what a row is called and where it is seen: itself, or what it belongs to; None: neither has a page."""
    if row is None:
        return None
    if row.kind in _PAGES:
        page, field = _PAGES[row.kind]
        named = key_shown(row, actor) if isinstance(row, Finding) else getattr(row, field)
        return About(_called(row), reverse(page, args=[named]))
    for relation in _LEADS_TO:
        other = getattr(row, relation, None)
        if isinstance(other, Record) and _may_read(actor, other):
            found = _about(other, actor)
            return found and About(f"{_kind(row.kind)} of {found.called}", found.address)
    name = getattr(row, "name", "")
    return About(f"{_kind(row.kind)} {name}") if name else None


def _kind(kind: str) -> str:
    return _PLAINLY.get(kind, kind.replace("-", " "))


def _called(row: Record) -> str:
    """Return what people call a row that has a page."""
    if isinstance(row, Finding):
        return f"{row.finder}/{row.finder_ref}"
    return str(next(getattr(row, name) for name in ("public_id", "receipt", "name") if hasattr(row, name)))


def _may_read(actor: Actor, row: Record) -> bool:
    reading = f"{row._meta.app_label}:{row.kind}:read"  # noqa: SLF001 - Django's public name
    return the_table().decide(actor, reading, row).allowed
