"""``clearinghouse doctor``: looks whether everything is in order, and says what to do where it is not."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from clearinghouse.commands.databases import database_option
from clearinghouse.edges.status import EXIT_REFUSED, refusals_exit


@click.command()
@database_option
@click.option("--ledger", "whole_ledger", is_flag=True, help="Read the whole ledger too; seconds per million entries.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@refusals_exit
def doctor(*, database: str | Path | None, whole_ledger: bool, as_json: bool) -> None:
    """Check database, store, sandbox, workers, ledger and lists. Exits 3 when something is wrong."""
    from clearinghouse.commands.django import start
    from clearinghouse.commands.plain import plain

    start(database)
    from clearinghouse.operation.checks import findings

    found = findings(at=datetime.now(UTC), whole_ledger=whole_ledger)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        for one in found:
            click.echo(plain(f"{'ok  ' if one.is_well else 'BAD '} {one.check}: {one.found}"))
            if not one.is_well:
                click.echo(plain(f"     do: {one.cure}"))
    if not all(one.is_well for one in found):
        raise click.exceptions.Exit(EXIT_REFUSED)
