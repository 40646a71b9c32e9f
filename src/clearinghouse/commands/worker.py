"""``clearinghouse worker``: takes work from the queue of an installation on PostgreSQL, beside any number of others."""

import os
from pathlib import Path

import click

from clearinghouse.commands.databases import database_option
from clearinghouse.edges.status import refusals_exit


@click.command()
@database_option
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    default=os.cpu_count() or 1,
    show_default="one per core",
    help="Calls that run at the same time in this process.",
)
@click.option(
    "--grace",
    "grace_seconds",
    type=click.FloatRange(0),
    default=20.0,
    show_default=True,
    help="Seconds that running calls get after SIGTERM; what has not ended then is put back by the other workers.",
)
@refusals_exit
def worker(*, database: str | Path | None, concurrency: int, grace_seconds: float) -> None:
    """Judge, range, check and join what is due, until SIGTERM. Any number of workers may run, on any machines."""
    from clearinghouse.commands.django import start
    from clearinghouse.errors import NotPossible

    named = start(database)
    from django.db import connection

    if connection.vendor != "postgresql":
        raise NotPossible(f"{named} is a file, which `clearinghouse serve` works on by itself; workers need PostgreSQL")
    from clearinghouse.logs import log_to_stderr
    from clearinghouse.work.worker import WorkerProcess

    log_to_stderr()
    WorkerProcess(concurrency=concurrency, grace_seconds=grace_seconds).run()
