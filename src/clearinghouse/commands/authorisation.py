"""``clearinghouse authorisation``: let another organization scan what is yours, and take it back."""

import json
from pathlib import Path

import click

from clearinghouse.commands.listing import json_option, print_list
from clearinghouse.commands.meeting import short, target_text
from clearinghouse.commands.plain import plain
from clearinghouse.commands.scan_options import moment
from clearinghouse.commands.scans import asking, now, place_options
from clearinghouse.edges.status import refusals_exit
from clearinghouse_client.intents import Plain


@click.group()
def authorisation() -> None:
    """Let another organization scan what is yours, and take it back; see what you were allowed."""


@authorisation.command()
@click.argument("scanner")
@click.option("--target", "targets", multiple=True, required=True, help="What, as for a scan; repeat for more.")
@click.option("--from", "starts", default="now", show_default=True, help="When it begins: now, +2h, 2026-11-23T12:00Z.")
@click.option("--until", "ends", required=True, help="When it ends: a time, or +4h from its start; a year at most.")
@click.option("--technique", "techniques", multiple=True, help="Which it allows; repeat for more; none: every one.")
@click.option("--rate", type=int, help="Requests or packets a second, at most.")
@click.option("--reference", default="", help="Your own: a contract, a ticket.")
@place_options
@json_option
@refusals_exit
def give(
    *,
    scanner: str,
    targets: tuple[str, ...],
    starts: str,
    ends: str,
    techniques: tuple[str, ...],
    rate: int | None,
    reference: str,
    server: str,
    token: str,
    database: str | Path | None,
    as_json: bool,
) -> None:
    """Let SCANNER, the id of another organization, scan what is yours for some time. Prints its id."""
    begins = moment(starts, after=now().replace(microsecond=0))
    said = {
        "scanner": scanner,
        "targets": list(targets),
        "starts_at": begins.isoformat(),
        "ends_at": moment(ends, after=begins).isoformat(),
        "techniques": list(techniques),
        "rate_per_second": rate,
        "reference": reference,
    }
    with asking(server=server, token=token, database=database) as scans:
        made = scans.give_authorisation(said)
    click.echo(json.dumps(made, indent=2) if as_json else made["id"])


@authorisation.command("list")
@click.option("--withdrawn", is_flag=True, help="Also those that were taken back.")
@place_options
@json_option
@refusals_exit
def list_authorisations(
    *, withdrawn: bool, server: str, token: str, database: str | Path | None, as_json: bool
) -> None:
    """List what your organization has allowed others, and what it was allowed, the latest first."""
    with asking(server=server, token=token, database=database) as scans:
        found = [one for one in scans.authorisations() if withdrawn or one["state"] == "standing"]
    print_list(found, _line, as_json=as_json, nothing="no authorisation that you may see")


@authorisation.command()
@click.argument("name")
@click.option("--why", default="", help="Why; it is kept.")
@place_options
@json_option
@refusals_exit
def withdraw(*, name: str, why: str, server: str, token: str, database: str | Path | None, as_json: bool) -> None:
    """Take your word back; scans that stood on it are ended at once."""
    with asking(server=server, token=token, database=database) as scans:
        said = scans.withdraw_authorisation(name, why=why)
    click.echo(json.dumps(said, indent=2) if as_json else _line(said))


def _line(one: Plain) -> str:
    how = f" by {', '.join(one['techniques'])}" if one["techniques"] else ""
    rate = f", at most {one['rate_per_second']} a second" if one["rate_per_second"] else ""
    when = f"{short(one['starts_at'])} to {short(one['ends_at'])} UTC"
    reference = f" ({one['reference']})" if one["reference"] else ""
    targets = "; ".join(target_text(target) for target in one["targets"])
    return plain(
        f"{one['id']}  {one['state']}  of {one['organization']} to {one['scanner']}  {targets}{how}{rate}  "
        f"{when}{reference}"
    )
