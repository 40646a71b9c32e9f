"""Warrants, made of the rows as they are when they are handed out, and what became of those handed out before."""

from dataclasses import dataclass
from datetime import datetime

from clearinghouse.deconfliction.models import Intent
from clearinghouse.deconfliction.queries.intents import intent_for
from clearinghouse.deconfliction.queries.sightings import scan_of
from clearinghouse.deconfliction.rules.awareness import is_standing
from clearinghouse.deconfliction.rules.prefixes import parse_prefix
from clearinghouse.deconfliction.rules.sightings import TOLD_STATES, Miss, Why
from clearinghouse.deconfliction.rules.warrants import Warrant, issue, read_key
from clearinghouse.errors import StepRefused
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.sight.asking import beyond_sight
from clearinghouse.signing.keys import SigningKey


@dataclass(frozen=True, slots=True)
class Became:
    """What has become of a warrant that somebody showed."""

    miss: Miss | None = None
    """Why it holds no more."""
    remark: str = ""


def warrant_for(actor: Actor, public_id: str, *, origin: str, key: SigningKey, at: datetime) -> bytes:
    """Return the warrant of a standing scan of the actor's organization, signed; the same one while nothing changes.

    Raises:
        NotFound, NotPermitted: there is no such scan, or it is another organization's.
        StepRefused: it does not stand.
    """
    intent = intent_for(actor, public_id)
    demand(actor, "deconfliction:intent:take-warrant", intent)
    if not is_standing(intent.state, intent.ends_at, at=at):
        raise StepRefused(f"{intent.public_id} is over since {intent.ends_at:%Y-%m-%d %H:%M} UTC; announce it anew")
    return issue(warrant_of(intent, origin=origin), key=key)


def warrant_of(intent: Intent, *, origin: str) -> Warrant:
    """Return what the warrant of an intent says, as the intent is now."""
    sources = tuple(parse_prefix(one) for one in intent.sources)
    return Warrant(
        origin=origin,
        scan=scan_of(intent, sources, intent.starts_at, intent.ends_at),
        revision=intent.revision,
        issued_at=intent.changed_at,
        key=read_key(intent.scanner_key),
    )


def became_of(warrant: Warrant, *, actor: Actor, at: datetime) -> Became:
    """Return what has become of a warrant until a moment.

    Whoever shows a warrant knows what it says; no more than whether it still holds is told here.

    Raises:
        NotPermitted: the actor takes no part here.
    """
    demand(actor, "deconfliction:scan:look-up")
    with beyond_sight():
        row = Intent.objects.filter(public_id=warrant.scan.intent).select_related("organization").first()
    if row is None:
        return Became(Miss(Why.REVOKED, "this clearinghouse knows no such scan"))
    if row.ended_at is not None and at >= row.ended_at:
        return Became(Miss(Why.REVOKED, f"it was ended at {row.ended_at:%Y-%m-%d %H:%M} UTC"))
    now = warrant_of(row, origin=warrant.origin)
    remark = TOLD_STATES.get(row.state, "")
    if _essence(now) != _essence(warrant):
        remark = f"The scan was changed since, and a newer warrant replaces this one. {remark}".strip()
    return Became(None, remark)


def _essence(warrant: Warrant) -> object:
    """Return what makes one warrant another than the one before; that a scan began does not."""
    scan = warrant.scan
    where = (scan.sources, scan.reaches, scan.hosts)
    return where, scan.ends_at, scan.contact, scan.technique, scan.rate_per_second, warrant.key
