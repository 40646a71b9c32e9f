"""Reads for whoever looks after an installation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from clearinghouse.errors import NotFound
from clearinghouse.findings.models import Finding, RefusedReport, Submission
from clearinghouse.findings.rules import FindingState, SubmissionState
from clearinghouse.ledger.models import Event
from clearinghouse.operation.rules import Retention, What, parse_retention
from clearinghouse.parties.models import Invitation, Person, Request, Token
from clearinghouse.parties.rules import RequestState
from clearinghouse.permissions.table import the_table
from clearinghouse.sight.asking import beyond_sight

CURRENT: Final = "retention-2026-11"
_SETTLED = (FindingState.SETTLED, FindingState.SUPERSEDED)
_WAITING = (RequestState.OPEN, RequestState.APPROVED)


def the_retention() -> Retention:
    """Return how long things are kept here: by the file that the settings name, else by the policy that comes along.

    Raises:
        NotFound: the file is not there.
        Malformed: it holds no such policy.
    """
    return _read(settings.CLEARINGHOUSE_RETENTION)


@cache
def _read(named: Path | None) -> Retention:
    if named is None:
        return parse_retention(resources.files(__package__).joinpath("policies", f"{CURRENT}.json").read_bytes())
    try:
        return parse_retention(named.read_bytes())
    except OSError as failure:
        raise NotFound(f"there is no retention policy at {named}: {failure.strerror}") from None


def _submissions(before: datetime) -> QuerySet[Submission]:
    unsettled = Finding.objects.filter(submissions=OuterRef("pk")).exclude(state__in=_SETTLED)
    taken_in = Submission.objects.filter(state=SubmissionState.TAKEN_IN, read_at__lt=before)
    return taken_in.filter(~Exists(unsettled)).order_by("read_at", "pk")


def _refused_submissions(before: datetime) -> QuerySet[Submission]:
    refused = Submission.objects.filter(state=SubmissionState.REFUSED, read_at__lt=before)
    return refused.order_by("read_at", "pk")


def _refused_reports(before: datetime) -> QuerySet[RefusedReport]:
    return RefusedReport.objects.filter(received_at__lt=before).order_by("received_at", "pk")


def _readings(before: datetime) -> QuerySet[Event]:
    reading = [verb for verb in the_table().verbs if verb.endswith(":read")]
    return Event.objects.filter(verb__in=reading, at__lt=before, body__isnull=False).order_by("at", "pk")


def _requests(before: datetime) -> QuerySet[Request]:
    decided = Request.objects.exclude(state__in=_WAITING).filter(created_at__lt=before)
    return (
        decided.filter(Q(decided_at=None) | Q(decided_at__lt=before)).exclude(content={}).order_by("created_at", "pk")
    )


def _invitations(before: datetime) -> QuerySet[Invitation]:
    unused = Invitation.objects.filter(accepted_at=None, seats=None)
    return unused.filter(Q(withdrawn_at__lt=before) | Q(expires_at__lt=before)).order_by("expires_at", "pk")


def _tokens(before: datetime) -> QuerySet[Token]:
    return Token.objects.filter(Q(expires_at__lt=before) | Q(revoked_at__lt=before)).order_by("expires_at", "pk")


_ROWS: Mapping[What, tuple[Callable[[datetime], QuerySet[Any]], ...]] = {
    What.SUBMISSIONS: (_submissions,),
    What.REFUSED_REPORTS: (_refused_submissions, _refused_reports),
    What.READINGS: (_readings,),
    What.REQUESTS: (_requests,),
    What.INVITATIONS: (_invitations,),
    What.TOKENS: (_tokens,),
}
WEB_TABLES: Final[Mapping[What, tuple[str, str, str]]] = {
    What.SESSIONS: ("django_session", "session_key", "expire_date"),
    What.ANSWERS: ("edges_keptanswer", "id", "kept_at"),
}
"""Table, key and time of what only a process that serves pages knows as a model."""


@beyond_sight()  # what is over is over, whoever may see it
def ended(what: What, *, before: datetime, limit: int) -> list[Any]:
    """Return the keys of what ended before this moment, the oldest first."""
    if what in WEB_TABLES:
        table, key, time = WEB_TABLES[what]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {key} FROM {table} WHERE {time} < %s ORDER BY {time} LIMIT %s", [before, limit])  # noqa: S608 - names of our own
            return [row[0] for row in cursor.fetchall()]
    keys: list[Any] = []
    for rows in _ROWS[what]:
        keys += rows(before).values_list("pk", flat=True)[: limit - len(keys)]
    return keys


@beyond_sight()
def count_ended(what: What, *, before: datetime) -> int:
    """Return how much ended before this moment."""
    if what in WEB_TABLES:
        table, _, time = WEB_TABLES[what]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {time} < %s", [before])  # noqa: S608 - names of our own
            return int(cursor.fetchone()[0])
    return sum(rows(before).count() for rows in _ROWS[what])


@dataclass(frozen=True, slots=True)
class Over:
    """What is kept how long, and how much of it is over."""

    what: What
    days: int | None
    why: str
    rows: int


def what_is_over(*, at: datetime) -> list[Over]:
    """Return of each kind of thing how long it is kept and how many rows are over now; nothing is changed."""
    found = []
    for what, keep in the_retention().keep.items():
        before = keep.ended_before(at)
        rows = 0 if before is None else count_ended(what, before=before)
        found.append(Over(what, keep.days, keep.why, rows))
    return found


@beyond_sight()
def others_take_part() -> bool:
    """Say whether anybody has an account here; a file that only a command works on is kept as it is."""
    return bool(Person.objects.exists())
