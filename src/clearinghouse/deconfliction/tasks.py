"""What deconfliction does in the background; each step is safe to repeat."""

from django.conf import settings
from django.utils import timezone

from clearinghouse.artefacts import open_artefacts
from clearinghouse.deconfliction.actions.lists import keep_lists
from clearinghouse.edges.signer import the_signer
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.work.task import task


@task(priority=50, serial="scan-lists")
def refresh_lists(minute: int) -> None:  # noqa: ARG001 - it tells this call from the one before
    """Write the signed lists of standing scans anew, once in a minute."""
    store, origin = open_artefacts(settings.CLEARINGHOUSE_ARTEFACTS), settings.CLEARINGHOUSE_URL
    keep_lists(store, origin=origin, key=the_signer(), actor=CLEARINGHOUSE, at=timezone.now())


@task(priority=40, serial="scans-told", attempts=1)
def tell_others(latest: int) -> None:  # noqa: ARG001 - it tells this call from the one before
    """Tell what writes about scans have left to tell."""
    while tell_steadily():
        pass


def tell_steadily() -> int:
    """Tell some of what writes have left to tell; return how many, 0 when another one tells."""
    from clearinghouse.deconfliction.actions.telling import tell_waiting  # commands that tell nothing start without it

    return tell_waiting()
