"""Looking into a signed request that a defender shows, and remembering that it was shown."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from clearinghouse.deconfliction.models import ShownRequest
from clearinghouse.deconfliction.queries.warrants import became_of
from clearinghouse.deconfliction.rules.prefixes import Address
from clearinghouse.deconfliction.rules.requests import Shown, examine
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.sight.asking import beyond_sight
from clearinghouse.signing.keys import VerifyingKey
from clearinghouse_client.probes import Captured

_REMEMBERED: Final = timedelta(days=30)
"""Logs are looked into later than requests are made."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a request shows, and what the clearinghouse adds from its rows."""

    shown: Shown
    remark: str = ""
    shown_before_at: datetime | None = None
    """When the very same request was first shown here; None: it is new."""


def examine_request(
    request: Captured,
    *,
    key: VerifyingKey,
    seen_at: datetime,
    source: Address | None = None,
    target: Address | None = None,
    actor: Actor,
    at: datetime,
) -> Examined:
    """Return what a captured request shows, held against the rows; showing it again is noted.

    Args:
        request: as it was captured.
        key: this clearinghouse's.
        seen_at: when the request was seen.
        source: where it came from, if that is known.
        target: the address that it reached, if that is known.
        actor: who shows it.
        at: now.

    Raises:
        NotPermitted: the actor takes no part here.
        Malformed: the request proves nothing, and why.
    """
    demand(actor, "deconfliction:scan:look-up")
    shown = examine(request, key=key, at=seen_at, source=source, target=target)
    became = became_of(shown.warrant, actor=actor, at=seen_at)
    if became.miss is not None:
        shown = replace(shown, match=replace(shown.match, misses=(became.miss, *shown.match.misses)))
    digest = hashlib.sha256(f"{shown.warrant.scan.intent} {shown.signed.nonce}".encode()).hexdigest()
    with beyond_sight():
        return Examined(shown, became.remark, _note(digest, at=at))


@transaction.atomic
def _note(digest: str, *, at: datetime) -> datetime | None:
    """Remember a request; return when it was first shown, if it was."""
    ShownRequest.objects.filter(expires_at__lt=at).delete()
    row, is_new = ShownRequest.objects.get_or_create(
        digest=digest, defaults={"shown_at": at, "expires_at": at + _REMEMBERED}
    )
    return None if is_new else row.shown_at
