"""Telling that something happened, in the transaction of the act itself, and giving each notice its place.

A reader says "what came after this place?", so no notice may ever get a place before one that somebody has read. On
SQLite a transaction has the file to itself and gives places at once. On PostgreSQL writers commit in any order, so they
give none; one settler at a time gives places to what has committed, in one transaction that lies wholly after the one
before. A slow writer's notices come late, never behind a reader's back. Source: docs/decisions/0170.
"""

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from django.db import connection, transaction

from clearinghouse.ledger.rules import Subject
from clearinghouse.notices.models import Delivery, Notice, Webhook
from clearinghouse.notices.places import place_at, places_after
from clearinghouse.notices.rules import EVENTS, Happened, To, WebhookState
from clearinghouse.parties.models import Membership
from clearinghouse.permissions.rules import Role
from clearinghouse.sight.asking import beyond_sight

BATCH: Final = 500
SETTLING: Final = 0x636C6561_736E6F74
"""The advisory lock of whoever gives places."""


@dataclass(frozen=True, slots=True)
class Telling:
    """That something happened, and whom it is told."""

    event: Happened
    subject: Subject
    """To what; nothing of it is kept but its kind and id."""
    to: To
    """Each hears of it only while they may read what the event is about."""
    name: str = ""
    """What the doors of the thing call it."""


def tell(event: Happened, subject: Subject, *, to: To, name: str = "", at: datetime) -> list[Notice]:
    """Tell each of those named that ``event`` happened to ``subject``, in the caller's transaction; return the notices.

    Raises:
        RuntimeError: there is no transaction, so the act and its notice could come apart; a mistake in the program.
    """
    return tell_all([Telling(event, subject, to, name)], at=at)


def tell_all(tellings: Iterable[Telling], *, at: datetime) -> list[Notice]:
    """Tell many things at once, in their order, in the caller's transaction; return the notices.

    Raises:
        RuntimeError: there is no transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("what happened is told in the transaction of the act itself")
    rows = [row for one in tellings for row in _rows_of(one, at)]
    if rows and not has_settler():
        _give_places(rows)
    Notice.objects.bulk_create(rows)
    if rows and not has_settler():
        _fan_out(rows)
    return rows


def _rows_of(telling: Telling, at: datetime) -> Iterator[Notice]:
    """Yield a notice for each of those who are told."""
    happening = uuid4()
    parties: list[dict[str, object]] = [{"organization_id": one} for one in sorted(telling.to.organizations)]
    parties += [{"person_id": one} for one in sorted(telling.to.people)]
    parties += [{}] if telling.to.office else []
    for party in parties:
        yield Notice(
            id=place_at(_now_micros(), secrets.randbits),  # told first, settled first
            happening=happening,
            event=telling.event,
            subject_kind=telling.subject.kind,
            subject_id=str(telling.subject.pk),
            name=telling.name,
            created_at=at,
            **party,
        )


def has_settler() -> bool:
    """Say whether writers run side by side here, so that places are given later, by one."""
    return connection.vendor == "postgresql"


@beyond_sight()
def settle(*, most: int = BATCH) -> int:
    """Give at most so many committed notices their places; return how many: 0 when another one settles."""
    if not has_settler():
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SETTLING])
        if not cursor.fetchone()[0]:
            return 0
        rows = list(Notice.objects.filter(place=None).order_by("id")[:most])
        if rows:
            _give_places(rows)
            Notice.objects.bulk_update(rows, ["place"])
            _fan_out(rows)
    return len(rows)


def _give_places(rows: Sequence[Notice]) -> None:
    last = latest_place()
    to = [(one.organization_id, one.person_id) for one in rows]
    places = places_after(last, to, now_micros=_now_micros(), chance=secrets.randbits)
    for row, place in zip(rows, places, strict=True):
        row.place = place


@beyond_sight()
def latest_place() -> UUID | None:
    """Return the latest place that was given to anything, never to be shown; None: there is none."""
    given = Notice.objects.filter(place__isnull=False)
    return given.order_by("-place").values_list("place", flat=True).first()


def _now_micros() -> int:
    return time.time_ns() // 1000


def _fan_out(rows: Iterable[Notice]) -> None:
    """Let each notice wait for the webhooks that carry its kind; whether they may is asked when it is sent."""
    told = [one for one in rows if one.person_id is None and one.event != Happened.WEBHOOK_TEST]
    if not told:
        return
    standing = list(Webhook.objects.filter(state=WebhookState.STANDING))
    if not standing:
        return
    at_work = set(
        Membership.objects.filter(role=Role.COORDINATOR).values_list("person_id", "organization_id").distinct()
    )
    waiting = [
        Delivery(
            webhook=webhook,
            notice=notice,
            organization_id=webhook.organization_id,
            next_at=notice.created_at,
            created_at=notice.created_at,
        )
        for notice in told
        for webhook in standing
        if notice.event in webhook.events
        and (
            (webhook.person_id, webhook.organization_id) in at_work
            if notice.organization_id is None
            else notice.organization_id == webhook.organization_id
        )
    ]
    Delivery.objects.bulk_create(waiting, ignore_conflicts=True)


def verb_about(notice: Notice) -> str:
    """Return the verb by which the thing that a notice is about is read; empty where being told is enough."""
    return EVENTS[Happened(notice.event)].about
