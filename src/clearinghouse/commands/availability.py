"""``clearinghouse availability``: who does not answer, and saying so."""

import json
from pathlib import Path

import click

from clearinghouse.commands.listing import json_option, print_list
from clearinghouse.commands.meeting import short
from clearinghouse.commands.plain import plain
from clearinghouse.commands.scans import asking, place_options
from clearinghouse.edges.status import refusals_exit
from clearinghouse_client.intents import Plain


@click.group()
def availability() -> None:
    """See which participants do not answer, and say whether you do."""


@availability.command()
@click.argument("answering", type=click.Choice(["down", "normal"]))
@click.option("--why", default="", help="Why; members read it.")
@click.option("--organization", default="", metavar="ID", help="Another one, which the office may say; none: your own.")
@place_options
@json_option
@refusals_exit
def say(
    *,
    answering: str,
    why: str,
    organization: str,
    server: str,
    token: str,
    database: str | Path | None,
    as_json: bool,
) -> None:
    """Say that your organization is down (what it has not begun is in nobody's way), or that it answers: normal.

    When it answers again, it has to see what was accepted meanwhile before it begins a scan.
    """
    with asking(server=server, token=token, database=database) as scans:
        said = scans.say_availability(answering, why=why, organization=organization)
    click.echo(json.dumps(said, indent=2) if as_json else _line(said))


@availability.command("list")
@place_options
@json_option
@refusals_exit
def list_availabilities(*, server: str, token: str, database: str | Path | None, as_json: bool) -> None:
    """List who is said to be down, or to answer again, the latest first."""
    with asking(server=server, token=token, database=database) as scans:
        found = list(scans.availabilities())
    print_list(found, _line, as_json=as_json, nothing="everybody answers, as far as anybody has said")


def _line(one: Plain) -> str:
    why = f": {one['why']}" if one["why"] else ""
    return plain(f"{one['organization']}  {one['answering']} since {short(one['since_at'])} UTC{why}")
