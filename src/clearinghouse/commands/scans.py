"""Scans for commands: kept in a database here, or at a server; asked and answered alike either way."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import click

from clearinghouse.commands.databases import database_option
from clearinghouse_client.intents import Announced, Intent, Plain, Survey


class Asked(Protocol):
    """What commands ask of scans, wherever these are kept."""

    def check(self, scan: Plain) -> Survey:
        """Return whom a scan would meet."""

    def suggest(
        self,
        scan: Plain,
        *,
        parts: Mapping[str, int] | None = None,
        willing: Mapping[str, Sequence[str]] | None = None,
    ) -> Plain:
        """Return what to do instead of a scan."""

    def announce(
        self, scan: Plain, *, seen: Iterable[str] = (), key: str = "", begin: str = "accepted", why: str = ""
    ) -> Announced:
        """Announce a scan."""

    def intent(self, name: str) -> Intent:
        """Return one intent."""

    def intents(self, **wanted: str | int) -> Iterator[Intent]:
        """Yield the intents that one may see."""

    def accept(self, name: str, *, seen: Iterable[str] = ()) -> Announced:
        """Announce a draft."""

    def start(self, name: str, *, seen: Iterable[str] = ()) -> Announced:
        """Say that a scan begins."""

    def renew(self, intent: Intent, ends_at: str, *, seen: Iterable[str] = ()) -> Announced:
        """Let a scan last until another time."""

    def urgent(self, name: str, step: str, *, why: str) -> Announced:
        """Say that a scan leaves its plan, or cannot wait."""

    def end(self, name: str, *, why: str = "", step: str = "end") -> Intent:
        """End a scan."""

    def meetings(self, intent: str = "") -> Iterator[Plain]:
        """Yield who met confidential scans, or one of these."""

    def warrant(self, name: str) -> bytes:
        """Return the signed warrant of a standing scan."""

    def constraints(self, target: str = "") -> Iterator[Plain]:
        """Yield what owners ask."""

    def state_constraint(self, said: Plain, *, key: str = "") -> Plain:
        """State a constraint."""

    def withdraw_constraint(self, name: str, *, why: str = "") -> Plain:
        """Ask it no longer."""

    def watch(self, target: str, *, techniques: Sequence[str] = ()) -> Plain:
        """Let one's organization be told of scans of a target."""

    def watches(self) -> Iterator[Plain]:
        """Yield what one's organization watches."""

    def unwatch(self, name: str) -> Plain:
        """Be told of it no longer."""

    def coverage(self, target: str = "") -> Iterator[Plain]:
        """Yield what was tried."""

    def worth_looking_at(self, most: int = 20) -> list[Plain]:
        """Return what is most worth looking at, and why."""

    def record_coverage(self, name: str, tried: Sequence[Plain]) -> list[Plain]:
        """Write down what a scan has covered."""

    def publish_count(self, entry: str, where: str) -> Plain:
        """Say where the findings of what was covered are published."""

    def mappings(self, of: str = "") -> Iterator[Plain]:
        """Yield which packages are built from which repositories."""

    def add_mapping(self, package: str, url: str, *, folder: str = "") -> Plain:
        """Say from which repository a package is built."""

    def withdraw_mapping(self, name: str, *, why: str = "") -> Plain:
        """Say it no longer."""

    def availabilities(self) -> Iterator[Plain]:
        """Yield who is said to be down, or to answer again."""

    def say_availability(self, answering: str, *, why: str = "", organization: str = "") -> Plain:
        """Say whether an organization answers."""

    def ownerships(self) -> Iterator[Plain]:
        """Yield what is known to be whose."""

    def claim_ownership(self, said: Plain) -> Plain:
        """Say that something is one's own."""

    def decide_ownership(self, name: str, step: str, *, why: str) -> Plain:
        """Verify or refuse a claim, or end what is on record."""

    def authorisations(self) -> Iterator[Plain]:
        """Yield the authorisations that were given."""

    def give_authorisation(self, said: Plain) -> Plain:
        """Let another organization scan what is one's own."""

    def withdraw_authorisation(self, name: str, *, why: str = "") -> Plain:
        """Take one's word back."""


def place_options[F: Any](command: F) -> F:
    """Give a command the options that say where scans are kept."""
    for option in (
        click.option(
            "--token", default="", envvar="CLEARINGHOUSE_TOKEN", help="Your token for it; better in the environment."
        ),
        click.option(
            "--server", default="", envvar="CLEARINGHOUSE_SERVER", help="Ask the clearinghouse at this address."
        ),
        database_option,
    ):
        command = option(command)
    return command


@contextmanager
def asking(*, server: str, token: str, database: str | Path | None) -> Iterator[Asked]:
    """Give whatever answers: the server if one is named, else the database.

    Raises:
        NotFound: there is no such database; an empty one would say that nobody is on anything.
        Malformed: a server is named, and no token.
        Unavailable: it does not answer.
    """
    if server:
        from clearinghouse.commands.owners_there import ScansThere
        from clearinghouse.commands.servers import at_server

        with at_server(server, token) as session:
            yield ScansThere(session)
        return
    from clearinghouse.commands.django import start

    start(database, must_exist=True)
    from clearinghouse.commands.scans_here import ScansHere

    yield ScansHere()


def now() -> datetime:
    """Return the time: the command line is an edge, so it may look at the clock."""
    return datetime.now(UTC)
