"""The signed lists of standing scans as they lie ready, and when they are to be written anew."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from clearinghouse.deconfliction.models import ScanSource
from clearinghouse.deconfliction.rules.scan_list import MEMBERS
from clearinghouse.errors import NotFound, Unavailable
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand

SUFFIX: Final = ".scans"
_MINUTE_SECONDS: Final = 60


def the_folder() -> Path:
    """Return where this installation keeps its lists."""
    home: Path = settings.CLEARINGHOUSE_HOME
    return home / "scan-lists"


def list_name(audience: str) -> str:
    """Return the name of the file that holds the list for an audience."""
    return f"{audience}{SUFFIX}"


def list_for(folder: Path, *, of_own: bool, actor: Actor) -> bytes:
    """Return the list for members as it lies ready, or the one with details for the actor's own organization.

    Raises:
        NotPermitted: the actor takes no part here.
        NotFound: their organization owns no network or name, as far as has been verified.
        Unavailable: no list has been written yet.
    """
    demand(actor, "deconfliction:scan-list:fetch")
    members = folder / list_name(MEMBERS)
    try:
        return (folder / list_name(str(actor.organization)) if of_own else members).read_bytes()
    except FileNotFoundError:
        if members.is_file():
            raise NotFound("no list of your own: no network or name is known to be your organization's") from None
        raise Unavailable(
            "no list has been written yet; one is written every minute once a scan names its sources"
        ) from None


def due_lists(*, at: datetime | None = None) -> Iterator[tuple[int]]:
    """Yield this minute when lists are to be written in it: once any scan has named where it comes from.

    Each minute is a call of its own, so that none is taken for one that stays due for ever.
    """
    now = datetime.now(UTC) if at is None else at  # noqa: TID251 - whoever works asks what is due now
    minute = int(now.timestamp()) // _MINUTE_SECONDS
    try:
        written = int((the_folder() / list_name(MEMBERS)).stat().st_mtime) // _MINUTE_SECONDS
    except FileNotFoundError:
        written = 0
    if written < minute and (written or ScanSource.objects.exists()):
        yield (minute,)
