"""``clearinghouse conformance``: does a server, ours or another, do what deconfliction asks of it?"""

import json
from dataclasses import asdict

import click

from clearinghouse.commands.plain import plain
from clearinghouse.edges.status import refusals_exit


@click.group()
def conformance() -> None:
    """Find out whether a server does what the rules ask of it."""


@conformance.command()
@click.option("--server", required=True, envvar="CLEARINGHOUSE_SERVER", help="Its address.")
@click.option("--token", required=True, envvar="CLEARINGHOUSE_TOKEN", help="Of somebody who may announce scans.")
@click.option(
    "--other",
    required=True,
    envvar="CLEARINGHOUSE_TOKEN_OTHER",
    help="Token of somebody of another organization who may announce scans.",
)
@click.option(
    "--owner", default="", envvar="CLEARINGHOUSE_TOKEN_OWNER", help="Token of an owner, for the rules about owners."
)
@click.option("--owned", default="", help="A block of addresses that is known to be the owner's.")
@click.option("--rule", "wanted", type=int, multiple=True, help="Only this rule; repeat for more.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@refusals_exit
def deconfliction(
    *, server: str, token: str, other: str, owner: str, owned: str, wanted: tuple[int, ...], as_json: bool
) -> None:
    """Announce, look and end scans of names that nobody uses, and say which rules the server keeps.

    Exits 1 when it breaks one. What is announced is harmless: nothing is scanned, and the names are random.
    """
    from clearinghouse_client.conformance.parties import Party, Run
    from clearinghouse_client.conformance.suite import CHECKS, numbered, run_checks

    if token == other:
        raise click.UsageError("--token and --other are of two organizations; these are the same")
    known = {numbered(one)[0] for one in CHECKS}
    if unknown := set(wanted) - known:
        raise click.UsageError(f"no rule has the number {min(unknown)}; they are {', '.join(map(str, sorted(known)))}")
    parties = [Party(server, one) for one in (token, other, "", owner)]
    run = Run(parties[0], parties[1], parties[2], parties[3] if owner else None, owned)
    checks = [one for one in CHECKS if not wanted or numbered(one)[0] in wanted]
    found = []
    try:
        for outcome in run_checks(run, checks):
            found.append(outcome)
            if not as_json:
                click.echo(plain(f"{outcome.number}  {outcome.outcome}  {outcome.rule}"))
                if outcome.reason:
                    click.echo(plain(f"     {outcome.reason}"))
    finally:
        for one in parties:
            one.close()
    failed = sum(one.outcome == "failed" for one in found)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        skipped = sum(one.outcome == "skipped" for one in found)
        click.echo(f"{len(found) - failed - skipped} passed, {failed} failed, {skipped} skipped")
    if failed:
        raise click.exceptions.Exit(1)
