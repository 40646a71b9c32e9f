"""Units of work that are rows, and a worker that settles them.

``python -m tests.work.units URL NAP STALLED`` is such a worker; with 0 0 it plants sixty units instead.

A unit is an organization called ``unit N``; settling it renames it to ``settled N`` and records the act, once.
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from clearinghouse.commands.django import start

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from clearinghouse.parties.models import Organization

NAP = 0.0


def main(url: str, nap_seconds: float, stalled_seconds: float) -> None:
    """Be a worker that naps in each unit, or plant some."""
    global NAP  # noqa: PLW0603 - a program's own setting
    begin(url)
    if not stalled_seconds:
        plant(60)
        return
    NAP = nap_seconds
    from clearinghouse.work import reaper
    from clearinghouse.work.worker import WorkerProcess

    reaper.STALLED_SECONDS, reaper.HEARTBEAT_SECONDS, reaper.REAP_SECONDS = stalled_seconds, 0.5, 0.5

    print("up", flush=True)  # noqa: T201
    WorkerProcess(concurrency=4, grace_seconds=10).run()


def begin(url: str) -> None:
    """Start Django there and declare the step."""
    start(url if url.startswith("postgresql:") else Path(url))
    from clearinghouse.work.task import EngineTask, due
    from clearinghouse.work.turns import Turn

    step = EngineTask(func=settle, priority=0)
    due(step, lambda: (Turn((str(pk),)) for pk in units().values_list("pk", flat=True)))


def units() -> "QuerySet[Organization]":
    """Return what is not settled yet."""
    from clearinghouse.parties.models import Organization

    return Organization.objects.filter(name__startswith="unit ")


def plant(count: int) -> None:
    """Make units."""
    from clearinghouse.parties.models import Organization

    at = datetime(2026, 11, 23, tzinfo=UTC)
    Organization.objects.bulk_create([Organization(name=f"unit {number}", created_at=at) for number in range(count)])


def settle(pk: str) -> None:
    """Settle one unit, once, however often it is called."""
    from django.db import transaction

    from clearinghouse.ledger.actions import record
    from clearinghouse.parties.models import Organization
    from clearinghouse.parties.rules import CLEARINGHOUSE

    time.sleep(NAP)
    unit = Organization.objects.get(pk=pk)
    settled = unit.name.replace("unit ", "settled ")
    with transaction.atomic():
        if Organization.objects.filter(pk=pk, name=unit.name, name__startswith="unit ").update(name=settled):
            record("parties:organization:settle", subject=unit, actor=CLEARINGHOUSE, at=datetime.now(UTC))  # noqa: TID251


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
