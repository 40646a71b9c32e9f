"""The queue as somebody wants to see it, and the views of it that they saved."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from clearinghouse.cases.models import SavedView
from clearinghouse.cases.queries.order import Placing
from clearinghouse.cases.rules.lifecycle import CaseState
from clearinghouse.cases.rules.queue import Filters, View
from clearinghouse.errors import NotFound
from clearinghouse.permissions.rules import Actor


def fits(one: Placing, wanted: Filters, *, at: datetime, waiting: Collection[str]) -> bool:
    """Say whether a case is one that is wanted.

    Args:
        one: the case with its place.
        wanted: what it has to meet.
        at: now, for what is due.
        waiting: the ids of the cases that wait for whoever asks as the second person.
    """
    return (
        in_view(one, wanted.view, at=at, waiting=waiting)
        and wanted.band in ("", one.position.placed.band)
        and wanted.package in ("", one.case.package)
        and wanted.state in ("", one.case.state)
        and _speaks_of(one, wanted.words)
    )


def in_view(one: Placing, view: str, *, at: datetime, waiting: Collection[str]) -> bool:
    """Say whether a case is in a view, whatever else is wanted."""
    match view:
        case View.SECOND_PERSON:
            return one.case.public_id in waiting
        case View.TO_CONFIRM:
            return one.case.state == CaseState.TO_CONFIRM
        case View.PATCHED:
            return one.patched
        case View.DUE:
            return any(duty.due_at <= at for duty in one.duties)
    return True


def _speaks_of(one: Placing, words: str) -> bool:
    """Say whether a case speaks of what was searched for: its id, package, titles, names or finders."""
    if not words:
        return True
    said = " ".join([one.case.public_id, one.case.package, *one.titles, *one.aliases, *one.names]).lower()
    return all(word in said for word in words.lower().split())


def saved_views_for(actor: Actor) -> QuerySet[SavedView]:
    """Return the views that the actor saved, by name."""
    return SavedView.objects.visible_to(actor).order_by("name", "pk")


def saved_view_for(actor: Actor, view: UUID) -> SavedView:
    """Return one of them.

    Raises:
        NotFound: there is none, or it is another person's.
    """
    found = SavedView.objects.visible_to(actor).filter(pk=view).first()
    if found is None:
        raise NotFound("no such view")
    return found
