"""``clearinghouse ownership``: say what is yours, and look into what others say is theirs."""

import json
from pathlib import Path

import click

from clearinghouse.commands.listing import json_option, print_list
from clearinghouse.commands.meeting import target_text
from clearinghouse.commands.plain import plain
from clearinghouse.commands.scans import asking, place_options
from clearinghouse.edges.status import refusals_exit
from clearinghouse_client.intents import Plain


@click.group()
def ownership() -> None:
    """Say what is yours, so that your constraints bind there, and look into what others say is theirs."""


@ownership.command()
@click.argument("target")
@click.option(
    "--criticality", type=click.IntRange(1, 5), required=True, help="1 (hardly matters) to 5 (much depends on it)."
)
@click.option("--evidence", required=True, help="What shows it: a record in a registry, a file put in place.")
@click.option("--contact", default="", help="Whom scanners ask for an authorisation: mailto:, tel: or https:.")
@place_options
@json_option
@refusals_exit
def claim(
    *,
    target: str,
    criticality: int,
    evidence: str,
    contact: str,
    server: str,
    token: str,
    database: str | Path | None,
    as_json: bool,
) -> None:
    """Say that TARGET, as a whole, is yours; it counts once another has looked at the evidence. Prints its id."""
    said = {"target": target, "criticality": criticality, "evidence": evidence, "contact": contact}
    with asking(server=server, token=token, database=database) as scans:
        made = scans.claim_ownership(said)
    click.echo(json.dumps(made, indent=2) if as_json else made["id"])


@ownership.command("list")
@click.option(
    "--state",
    default="",
    type=click.Choice(["", "claimed", "verified", "refused", "ended"]),
    help="In this state alone.",
)
@place_options
@json_option
@refusals_exit
def list_ownerships(*, state: str, server: str, token: str, database: str | Path | None, as_json: bool) -> None:
    """List what is known to be whose, and the claims that you may see, the latest first."""
    with asking(server=server, token=token, database=database) as scans:
        found = [one for one in scans.ownerships() if state in {"", one["state"]}]
    print_list(found, _whole, as_json=as_json, nothing="nothing that you may see is on record as anybody's")


@ownership.command()
@click.argument("name")
@click.option("--why", required=True, help="What you looked at.")
@place_options
@json_option
@refusals_exit
def verify(*, name: str, why: str, server: str, token: str, database: str | Path | None, as_json: bool) -> None:
    """Agree that NAME is its claimant's, as a coordinator who has looked; scans not allowed any more are ended.

    It takes another person than who claimed it, and no token can: at a server sign in and do it in the portal.
    """
    _decide(name, "verify", why, server, token, database, as_json=as_json)


@ownership.command()
@click.argument("name")
@click.option("--why", required=True, help="What is missing.")
@place_options
@json_option
@refusals_exit
def refuse(*, name: str, why: str, server: str, token: str, database: str | Path | None, as_json: bool) -> None:
    """Say, as a coordinator who did not claim it, that what shows the claim NAME does not show it."""
    _decide(name, "refuse", why, server, token, database, as_json=as_json)


@ownership.command()
@click.argument("name")
@click.option("--why", default="", help="Why; it is kept.")
@place_options
@json_option
@refusals_exit
def end(*, name: str, why: str, server: str, token: str, database: str | Path | None, as_json: bool) -> None:
    """Say that NAME is its owner's no longer, or take a claim back; live scans that stood on it are ended."""
    _decide(name, "end", why, server, token, database, as_json=as_json)


def _decide(  # noqa: PLR0917 - what the three commands have in common
    name: str, step: str, why: str, server: str, token: str, database: str | Path | None, *, as_json: bool
) -> None:
    with asking(server=server, token=token, database=database) as scans:
        said = scans.decide_ownership(name, step, why=why)
    click.echo(json.dumps(said, indent=2) if as_json else _line(said))


def _whole(one: Plain) -> str:
    shown = plain(f"  shown by: {one['evidence']}") if one["state"] == "claimed" and one["evidence"] else ""
    return f"{_line(one)}\n{shown}" if shown else _line(one)


def _line(one: Plain) -> str:
    contact = f"; ask {one['contact']}" if one["contact"] else ""
    why = f"; {one['decided_why']}" if one["decided_why"] else ""
    whose = f"of {one['organization']}, {one['criticality']} of 5"
    return plain(f"{one['id']}  {one['state']}  {target_text(one['target'])}  {whose}{contact}{why}")
