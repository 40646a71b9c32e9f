"""The signed lists of standing scans as they lie ready, and when they are to be written anew."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from clearinghouse.artefacts import Artefacts
from clearinghouse.deconfliction.models import ScanSource
from clearinghouse.deconfliction.rules.scan_list import MEMBERS
from clearinghouse.edges.models import KeptFile
from clearinghouse.errors import NotFound, Unavailable
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.sight.asking import beyond_sight

KEPT_AS: Final = "scan-list/"
"""Begins the name under which the list for an audience is kept."""
_MINUTE_SECONDS: Final = 60
_MOST_TRIES: Final = 3


def list_for(store: Artefacts, *, of_own: bool, actor: Actor) -> bytes:
    """Return the list for members as it lies ready, or the one with details for the actor's own organization.

    Raises:
        NotPermitted: the actor takes no part here.
        NotFound: their organization owns no network or name, as far as has been verified.
        Unavailable: no list has been written yet, or this process does not share the store of whoever writes it.
    """
    demand(actor, "deconfliction:scan-list:fetch")
    audience = str(actor.organization) if of_own else MEMBERS
    for _ in range(_MOST_TRIES):
        if (digest := _digest(audience)) is None:
            break
        try:
            return store.get(digest)
        except NotFound:
            continue  # a newer one has taken its place meanwhile
    else:
        raise Unavailable("the newest list is not in this server's store of artefacts; all machines have to share one")
    if _digest(MEMBERS) is not None:
        raise NotFound("no list of your own: no network or name is known to be your organization's")
    raise Unavailable("no list has been written yet; one is written every minute once a scan names its sources")


def _digest(audience: str) -> str | None:
    """Return by which digest the newest list for an audience is kept; the row is the programme's."""
    with beyond_sight():
        return KeptFile.objects.filter(name=f"{KEPT_AS}{audience}").values_list("digest", flat=True).first()


def due_lists(*, at: datetime | None = None) -> Iterator[tuple[int]]:
    """Yield this minute when lists are to be written in it: once any scan has named where it comes from.

    Each minute is a call of its own, so that none is taken for one that stays due for ever.
    """
    now = datetime.now(UTC) if at is None else at  # noqa: TID251 - whoever works asks what is due now
    minute = int(now.timestamp()) // _MINUTE_SECONDS
    kept_at = KeptFile.objects.filter(name=f"{KEPT_AS}{MEMBERS}").values_list("kept_at", flat=True).first()
    written = 0 if kept_at is None else int(kept_at.timestamp()) // _MINUTE_SECONDS
    if written < minute and (written or ScanSource.objects.exists()):
        yield (minute,)
