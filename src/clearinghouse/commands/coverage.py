"""``clearinghouse coverage``: what was tried on which version, by which technique; and what is one code."""

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
def coverage() -> None:
    """See what was tried, write down what a scan has covered, say which repository a package is built from."""


@coverage.command("list")
@click.option("--target", default="", help="What meets it, by whatever name of the code: a word, or JSON.")
@place_options
@json_option
@refusals_exit
def list_coverage(*, target: str, server: str, token: str, database: str | Path | None, as_json: bool) -> None:
    """List what was tried, the latest first."""
    with asking(server=server, token=token, database=database) as scans:
        found = list(scans.coverage(target))
    print_list(found, _line, as_json=as_json, nothing="nothing is known to have been tried")


@coverage.command("next")
@click.option("--most", type=click.IntRange(1, 100), default=20, show_default=True, help="At most so many.")
@place_options
@json_option
@refusals_exit
def next_targets(*, most: int, server: str, token: str, database: str | Path | None, as_json: bool) -> None:
    """Say what is most worth looking at: on record as somebody's, scanned by nobody now, looked at longest ago."""
    with asking(server=server, token=token, database=database) as scans:
        found = scans.worth_looking_at(most)
    nothing = "nothing is on record as anybody's that nobody scans now"
    print_list(found, _next, as_json=as_json, nothing=nothing)


def _next(one: Plain) -> str:
    return plain(f"{target_text(one['target'])}  {one['why']}")


@coverage.command()
@click.argument("intent")
@click.option(
    "--target", "targets", multiple=True, help="What of it was tried, as for a scan; repeat for more; none: all of it."
)
@click.option("--version", default="", help="The version or commit that was tried.")
@click.option("--partly", is_flag=True, help="Not all of it was tried.")
@click.option("--findings", type=click.IntRange(0), help="How many came of it; told once they are published.")
@place_options
@json_option
@refusals_exit
def record(
    *,
    intent: str,
    targets: tuple[str, ...],
    version: str,
    partly: bool,
    findings: int | None,
    server: str,
    token: str,
    database: str | Path | None,
    as_json: bool,
) -> None:
    """Write down what the scan INTENT has covered so far."""
    said = {"version": version, "is_complete": not partly, "findings": findings}
    with asking(server=server, token=token, database=database) as scans:
        tried = [{"target": one, **said} for one in targets or scans.intent(intent).whole["targets"]]
        made = scans.record_coverage(intent, tried)
    if as_json:
        click.echo(json.dumps(made, indent=2))
        return
    for one in made:
        click.echo(_line(one))


@coverage.command()
@click.argument("entry")
@click.argument("where")
@place_options
@json_option
@refusals_exit
def publish(*, entry: str, where: str, server: str, token: str, database: str | Path | None, as_json: bool) -> None:
    """Say that the findings of ENTRY (its id, in `list --json`) are published at WHERE: then their number is told."""
    with asking(server=server, token=token, database=database) as scans:
        said = scans.publish_count(entry, where)
    click.echo(json.dumps(said, indent=2) if as_json else _line(said))


@coverage.command("map")
@click.argument("package", required=False, default="")
@click.argument("repository", required=False, default="")
@click.option("--folder", default="", help="Where in the repository; none: all of it.")
@click.option("--of", default="", help="List those of one package or repository alone.")
@place_options
@json_option
@refusals_exit
def map_package(
    *,
    package: str,
    repository: str,
    folder: str,
    of: str,
    server: str,
    token: str,
    database: str | Path | None,
    as_json: bool,
) -> None:
    """Say that PACKAGE is built from REPOSITORY, so that scans of the one meet scans of the other; without, list.

    Prints the id of each, by which `unmap` takes it back.
    """
    if of and package:
        raise click.UsageError("--of lists; leave PACKAGE out")
    with asking(server=server, token=token, database=database) as scans:
        if package and repository:
            found = [scans.add_mapping(package, repository, folder=folder)]
        elif not package:
            found = list(scans.mappings(of))
        else:
            raise click.UsageError("name the REPOSITORY that it is built from, too")
    nothing = "nobody says what is built from there" if of else "nobody has said what is built from where"
    print_list(found, _mapping, as_json=as_json, nothing=nothing)


@coverage.command("unmap")
@click.argument("name")
@click.option("--why", default="", help="Why; it is kept.")
@place_options
@json_option
@refusals_exit
def unmap(*, name: str, why: str, server: str, token: str, database: str | Path | None, as_json: bool) -> None:
    """Say no longer that a package is built from a repository: what NAME, its id in `map`, says."""
    with asking(server=server, token=token, database=database) as scans:
        said = scans.withdraw_mapping(name, why=why)
    click.echo(json.dumps(said, indent=2) if as_json else f"{_mapping(said)}: {plain(said['state'])}")


def _mapping(one: Plain) -> str:
    folder = f" {one['folder']}" if one["folder"] else ""
    return plain(f"{one['id']}  {one['package']} is built from {one['url']}{folder}")


def _line(one: Plain) -> str:
    how = "" if one["is_complete"] else ", partly"
    version = f" {one['version']}" if one["version"] else ""
    where = f", published at {one['published']}" if one["published"] else ""
    count = f", {one['findings']} findings{where}" if one["findings"] is not None else ""
    return plain(
        f"{str(one['covered_at'])[:10]}  {target_text(one['target'])}{version}  {one['technique']}{how}{count}"
    )
