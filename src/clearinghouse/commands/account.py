"""``clearinghouse account``: accounts, looked after from where the server stands."""

from datetime import UTC, datetime
from pathlib import Path

import click

from clearinghouse.commands.databases import database_option
from clearinghouse.edges.status import refusals_exit


@click.group()
def account() -> None:
    """Close an account when nobody can do it in the portal."""


@account.command()
@click.argument("email")
@database_option
@refusals_exit
def close(*, email: str, database: str | Path | None) -> None:
    """Close the account of EMAIL for good; the address can be invited again. Exits 3 where nobody signs in with it.

    For whoever was the only administrator and lost every way to sign in: `clearinghouse serve` then prints a link with
    which the next one signs up.
    """
    from clearinghouse.commands.django import start

    start(database, must_exist=True)
    from clearinghouse.errors import NotFound
    from clearinghouse.parties.actions import close_person, local_actor
    from clearinghouse.parties.queries import has_administrator, person_with_email

    at = datetime.now(UTC)
    actor = local_actor(at=at)
    person = person_with_email(actor, email)
    if person is None:
        raise NotFound(f"nobody with an open account signs in as {email}")
    close_person(person, actor=actor, at=at)
    click.echo(f"closed; {email} can be invited again")
    if not has_administrator():
        click.echo("nobody administers this installation now: `clearinghouse serve` prints a link for the next one")
