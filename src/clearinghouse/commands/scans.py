"""Scans for commands: kept in a database here, or at a server; asked and answered alike either way."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

import click

from clearinghouse.commands.databases import database_option
from clearinghouse.errors import (
    ClearinghouseError,
    Conflict,
    Endangers,
    HeldBack,
    Malformed,
    Meets,
    NotFound,
    NotPermitted,
    Outdated,
    Overlaps,
    Problem,
    Refused,
    Unavailable,
    Unaware,
)
from clearinghouse_client.intents import Announced, Intent, Intents, Plain, Survey
from clearinghouse_client.session import NoAnswer, ServerRefused, Session

_MEETS: Final[Mapping[str, type[Meets]]] = {"unaware": Unaware, "endangers": Endangers, "overlaps": Overlaps}
_KINDS: Final[Mapping[int, type[ClearinghouseError]]] = {
    401: NotPermitted,
    403: NotPermitted,
    404: NotFound,
    409: Conflict,
    412: Outdated,
    503: Unavailable,
}


class Asked(Protocol):
    """What commands ask of scans, wherever these are kept."""

    def check(self, scan: Plain) -> Survey:
        """Return whom a scan would meet."""

    def suggest(self, scan: Plain, *, parts: Mapping[str, int] | None = None) -> Plain:
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

    def constraints(self, target: str = "") -> Iterator[Plain]:
        """Yield what owners ask."""

    def state_constraint(self, said: Plain, *, key: str = "") -> Plain:
        """State a constraint."""

    def withdraw_constraint(self, name: str, *, why: str = "") -> Plain:
        """Ask it no longer."""

    def coverage(self, target: str = "") -> Iterator[Plain]:
        """Yield what was tried."""

    def record_coverage(self, name: str, tried: Sequence[Plain]) -> list[Plain]:
        """Write down what a scan has covered."""

    def mappings(self) -> Iterator[Plain]:
        """Yield which packages are built from which repositories."""

    def add_mapping(self, package: str, url: str, *, folder: str = "") -> Plain:
        """Say from which repository a package is built."""


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
        Malformed: a server is named, and no token.
        Unavailable: it does not answer.
    """
    if not server:
        from clearinghouse.commands.django import start

        start(database)
        from clearinghouse.commands.scans_here import ScansHere

        yield ScansHere()
        return
    if not token:
        raise Malformed("a server asks who you are; give your token by CLEARINGHOUSE_TOKEN or --token")
    try:
        with Session(server, token) as session:
            yield Intents(session)
    except NoAnswer as missing:
        raise Unavailable(str(missing)) from None
    except ServerRefused as refusal:
        raise _as_here(refusal) from None


def _as_here(refusal: ServerRefused) -> ClearinghouseError:
    """Return a server's refusal as the kind that the same act would be refused with here."""
    if refusal.code in _MEETS:
        return _MEETS[refusal.code](refusal.detail, refusal.references)
    problems = tuple(
        Problem(one.get("code", ""), one.get("field", ""), one.get("reason", ""), one.get("fix", ""))
        for one in refusal.violations
    )
    if refusal.code == "held-back":
        return HeldBack(refusal.detail, problems)
    kind = _KINDS.get(refusal.status)
    if kind is None:
        return Refused(problems) if problems else Malformed(refusal.detail)
    return kind(refusal.detail or str(refusal))


def now() -> datetime:
    """Return the time: the command line is an edge, so it may look at the clock."""
    return datetime.now(UTC)
