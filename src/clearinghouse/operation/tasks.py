"""The step of retention in the background; it is safe to repeat."""

import time
from collections.abc import Iterator

from django.utils import timezone

from clearinghouse.cases.queries.due import the_artefacts
from clearinghouse.operation.queries import others_take_part, what_is_over
from clearinghouse.operation.retaining import retain
from clearinghouse.operation.rules import What
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.work.task import task

ASKED_EVERY_SECONDS = 3600.0
_asked: list[float] = []


@task(priority=-50, serial="retain")
def let_go(what: str, hour: str) -> None:  # noqa: ARG001 - the hour makes each call another one
    """Let go of what is over of one kind."""
    retain(What(what), artefacts=the_artefacts(), actor=CLEARINGHOUSE, at=timezone.now())


def due_retention() -> Iterator[tuple[str, str]]:
    """Yield each kind of which something is over; the rows are asked once an hour in each process."""
    now = time.monotonic()
    if _asked and now - _asked[-1] < ASKED_EVERY_SECONDS:
        return
    _asked[:] = [now]
    if not others_take_part():
        return
    at = timezone.now()
    for one in what_is_over(at=at):
        if one.rows:
            yield one.what.value, f"{at:%Y-%m-%dT%H}"
