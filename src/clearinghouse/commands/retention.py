"""``clearinghouse retention``: what is over by the policy, and letting go of it."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from clearinghouse.commands.databases import database_option
from clearinghouse.edges.status import refusals_exit


@click.command()
@database_option
@click.option("--apply", "apply_now", is_flag=True, help="Let go of what is over; without it nothing is changed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@refusals_exit
def retention(*, database: str | Path | None, apply_now: bool, as_json: bool) -> None:
    """Say how long each kind of thing is kept, and how much of it is over; with --apply, let go of that.

    The policy comes along as data; CLEARINGHOUSE_RETENTION names another. Where workers run, or `clearinghouse serve`
    on a file, they carry it out by themselves, every hour.
    """
    from clearinghouse.commands.django import start

    start(database)
    from clearinghouse.cases.queries.due import the_artefacts
    from clearinghouse.commands.plain import plain
    from clearinghouse.operation.queries import the_retention, what_is_over
    from clearinghouse.operation.retaining import retain
    from clearinghouse.parties.rules import CLEARINGHOUSE

    at = datetime.now(UTC)
    rows = [asdict(one) | {"gone": None} for one in what_is_over(at=at)]
    for row in rows:
        if apply_now and row["rows"]:
            row["gone"] = retain(row["what"], artefacts=the_artefacts(), actor=CLEARINGHOUSE, at=at)
    if as_json:
        click.echo(json.dumps({"policy": the_retention().name, "keep": rows}, indent=2))
        return
    click.echo(plain(f"policy {the_retention().name}"))
    for row in rows:
        days = "for ever" if row["days"] is None else f"{row['days']} day{'' if row['days'] == 1 else 's'}"
        done = "" if row["gone"] is None else f", {row['gone']} gone"
        click.echo(plain(f"{row['what']:<16} {days:<9} {row['rows']} over{done}: {row['why']}"))
    if not apply_now and any(row["rows"] for row in rows):
        click.echo("nothing was changed; --apply lets go of what is over", err=True)
