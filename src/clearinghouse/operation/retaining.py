"""Carrying out how long things are kept: what is over goes, a few rows in each transaction, and the ledger says so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.files import remove_unneeded
from clearinghouse.findings.models import RefusedReport, Submission
from clearinghouse.ledger.actions import erase_matter, record
from clearinghouse.ledger.models import Event
from clearinghouse.operation.queries import WEB_TABLES, ended, the_retention
from clearinghouse.operation.rules import What
from clearinghouse.parties.models import Invitation, Request, Token
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.sight.asking import beyond_sight

BATCH: Final = 200
"""Rows in one transaction."""
MOST_BATCHES: Final = 100
"""In one call; what is left is due again."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of thing as what an act of retention is about."""

    pk: str
    kind: str = "retention"


def retain(what: What, *, artefacts: Artefacts, actor: Actor, at: datetime) -> int:
    """Let go of what is over of one kind, and return how many rows that were.

    Each batch is a transaction of its own with its entry, so that a stop in between loses nothing and locks nobody out.

    Raises:
        NotPermitted: the actor may not.
    """
    demand(actor, "operation:retention:apply")
    total = 0
    for _ in range(MOST_BATCHES):
        with beyond_sight():
            gone = _batch(what, artefacts=artefacts, actor=actor, at=at)
        total += gone
        if gone < BATCH:
            break
    return total


@transaction.atomic
def _batch(what: What, *, artefacts: Artefacts, actor: Actor, at: datetime) -> int:
    before = the_retention().keep[what].ended_before(at)
    if before is None:
        return 0
    keys = ended(what, before=before, limit=BATCH)
    if not keys:
        return 0
    digests = _from_table(what, keys) if what in WEB_TABLES else _LET_GO[what](keys)
    details = {"what": what, "rows": len(keys), "before": before, "policy": the_retention().name}
    record("operation:retention:apply", subject=_Kind(what), actor=actor, at=at, details=details)
    transaction.on_commit(lambda: remove_unneeded(digests, artefacts))
    return len(keys)


def _submissions(keys: list[Any]) -> set[str]:
    digests = set(Submission.objects.filter(pk__in=keys).values_list("digest", flat=True))
    erase_matter([("submission", str(key)) for key in keys])
    Submission.objects.filter(pk__in=keys).delete()
    return digests


def _refused_reports(keys: list[Any]) -> set[str]:
    """Let go of refused submissions, and of reports that could not be taken in."""
    digests = _submissions(keys)
    digests |= set(RefusedReport.objects.filter(pk__in=keys).exclude(digest="").values_list("digest", flat=True))
    erase_matter([("refused-report", str(key)) for key in keys])
    RefusedReport.objects.filter(pk__in=keys).delete()
    return digests


def _readings(keys: list[Any]) -> set[str]:
    Event.objects.filter(pk__in=keys).update(body=None, salt=None)
    return set()


def _requests(keys: list[Any]) -> set[str]:
    Request.objects.filter(pk__in=keys).update(content={}, why="")
    return set()


def _invitations(keys: list[Any]) -> set[str]:
    Invitation.objects.filter(pk__in=keys).delete()
    return set()


def _tokens(keys: list[Any]) -> set[str]:
    Token.objects.filter(pk__in=keys).delete()
    return set()


def _from_table(what: What, keys: list[Any]) -> set[str]:
    table, key, _ = WEB_TABLES[what]
    places = ", ".join(["%s"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {key} IN ({places})", keys)  # noqa: S608 - names of our own
    return set()


_LET_GO: Final[Mapping[What, Callable[[list[Any]], set[str]]]] = {
    What.SUBMISSIONS: _submissions,
    What.REFUSED_REPORTS: _refused_reports,
    What.READINGS: _readings,
    What.REQUESTS: _requests,
    What.INVITATIONS: _invitations,
    What.TOKENS: _tokens,
}
"""Lets go of rows, and returns the digests of files that nothing may need any more."""
