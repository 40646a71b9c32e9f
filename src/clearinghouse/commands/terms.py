"""``clearinghouse terms``: the terms of taking part, read and published from where the server stands."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from clearinghouse.commands.databases import database_option
from clearinghouse.edges.status import refusals_exit


@click.group()
def terms() -> None:
    """Read the terms of taking part, and publish the next version."""


@terms.command()
@database_option
@click.option("--json", "as_json", is_flag=True, help="Print the signed envelope (DSSE) instead.")
@refusals_exit
def show(*, database: str | Path | None, as_json: bool) -> None:
    """Print the newest terms. Exits 3 where there are none."""
    from clearinghouse.commands.django import start

    start(database)
    from clearinghouse.commands.plain import plain
    from clearinghouse.errors import NotFound
    from clearinghouse.parties.terms import current_terms

    found = current_terms()
    if found is None:
        raise NotFound("there are no terms yet; publish some with `clearinghouse terms publish FILE`")
    if as_json:
        click.echo(found.envelope)
        return
    click.echo(f"version {found.version}\n")
    for line in found.text.splitlines():
        click.echo(plain(line))


@terms.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@database_option
@refusals_exit
def publish(*, file: Path, database: str | Path | None) -> None:
    """Publish FILE (UTF-8 text) as the next version, signed with the key of this installation; print its number."""
    from clearinghouse.commands.django import start

    start(database)
    from clearinghouse.edges.signer import the_signer
    from clearinghouse.errors import Malformed
    from clearinghouse.parties.actions import local_actor
    from clearinghouse.parties.terms import publish_terms

    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        raise Malformed(f"{file} is no UTF-8 text") from None
    at = datetime.now(UTC)
    made = publish_terms(text, key=the_signer(), actor=local_actor(at=at), at=at)
    click.echo(json.dumps(made.version))
