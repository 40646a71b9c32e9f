"""``clearinghouse constraint``: say how what is yours may be scanned, and see what owners say."""

import json
from pathlib import Path
from typing import Any

import click

from clearinghouse.commands.listing import json_option, print_list
from clearinghouse.commands.meeting import rest_of_constraint, target_text
from clearinghouse.commands.plain import plain
from clearinghouse.commands.scan_options import moment
from clearinghouse.commands.scans import asking, now, place_options
from clearinghouse.edges.status import refusals_exit
from clearinghouse_client.intents import Plain


@click.group()
def constraint() -> None:
    """Say how what is yours may be scanned, and see what owners say."""


@constraint.command()
@click.argument("says", type=click.Choice(["do-not-scan", "only-in-windows", "at-most-rate", "ask-first"]))
@click.argument("target")
@click.option("--technique", "techniques", multiple=True, help="For which it holds; repeat for more; none: for all.")
@click.option("--rate", type=int, help="Of at-most-rate: requests or packets a second.")
@click.option("--window", "windows", multiple=True, metavar="FROM/UNTIL", help="Of only-in-windows: a time and a time.")
@click.option(
    "--weekly", multiple=True, metavar="DAYS FROM-UNTIL", help="Of only-in-windows: 'saturday,sunday 22:00-06:00'."
)
@click.option("--why", default="", help="Shown to whoever meets it.")
@click.option("--contact", default="", help="Whom scanners ask about it, shown to them; ask-first needs one.")
@place_options
@json_option
@refusals_exit
def state(
    *,
    says: str,
    target: str,
    techniques: tuple[str, ...],
    rate: int | None,
    windows: tuple[str, ...],
    weekly: tuple[str, ...],
    why: str,
    contact: str,
    server: str,
    token: str,
    database: str | Path | None,
    as_json: bool,
) -> None:
    """Ask something of whoever scans TARGET: it binds where that is known to be yours. Prints its id."""
    said = {
        "says": says,
        "target": target,
        "techniques": list(techniques),
        "rate_per_second": rate,
        "why": why,
        "contact": contact,
        "times": _times(windows, weekly),
    }
    with asking(server=server, token=token, database=database) as scans:
        made = scans.state_constraint(said)
    if as_json:
        click.echo(json.dumps(made, indent=2))
        return
    click.echo(made["constraint"]["id"])
    for name in made["halted"]:
        click.echo(f"halted {name}", err=True)


def _times(windows: tuple[str, ...], weekly: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the allowed times as the API takes them; None: none is named."""
    from clearinghouse.deconfliction.rules.windows import weekly as spans_of

    if not windows and not weekly:
        return None
    spans: list[tuple[int, int]] = []
    for one in weekly:
        days, _, hours = one.strip().partition(" ")
        starts, _, until = hours.strip().partition("-")
        read = spans_of([day.strip().lower() for day in days.split(",")], starts, until)
        spans += [(int(start.total_seconds()) // 60, int(end.total_seconds()) // 60) for start, end in read]
    pairs = []
    for one in windows:
        starts, slash, until = one.partition("/")
        if not slash:
            raise click.UsageError(f"{one!r} is no window; write 2026-11-23T22:00Z/2026-11-24T06:00Z")
        start = moment(starts, after=now())
        pairs.append([start.isoformat(), moment(until, after=start).isoformat()])
    return {"windows": pairs, "weekly": spans}


@constraint.command("list")
@click.option("--target", default="", help="Those that meet it.")
@click.option("--withdrawn", is_flag=True, help="Also those that hold no more.")
@place_options
@json_option
@refusals_exit
def list_constraints(
    *, target: str, withdrawn: bool, server: str, token: str, database: str | Path | None, as_json: bool
) -> None:
    """List what owners ask of scanners, the latest first."""
    with asking(server=server, token=token, database=database) as scans:
        found = [one for one in scans.constraints(target) if withdrawn or one["state"] == "standing"]
    print_list(found, _line, as_json=as_json, nothing="no constraint that you may see")


@constraint.command()
@click.argument("name")
@click.option("--why", default="", help="Why; it is kept.")
@place_options
@json_option
@refusals_exit
def withdraw(*, name: str, why: str, server: str, token: str, database: str | Path | None, as_json: bool) -> None:
    """Ask it no longer."""
    with asking(server=server, token=token, database=database) as scans:
        said = scans.withdraw_constraint(name, why=why)
    click.echo(json.dumps(said, indent=2) if as_json else _line(said))


def _line(one: Plain) -> str:
    whose = "yours" if one["is_own"] else f"of {one['organization']}"
    techniques = f" by {', '.join(one['techniques'])}" if one["techniques"] else ""
    target, rest = target_text(one["target"]), rest_of_constraint(one)
    return plain(f"{one['id']}  {one['state']}  {one['says']}{techniques}  {target}  {whose}{rest}")
