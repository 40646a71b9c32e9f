"""What owners and participants say, at a server: what its typed client returns, as the commands print it."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from clearinghouse.commands.scan_options import id_from
from clearinghouse.errors import NotPermitted
from clearinghouse_client.intents import Intents, Plain
from clearinghouse_client.owners import Owners

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from clearinghouse_client.session import Session


class ScansThere(Intents):
    """Scans, and what owners say of them, as a server answers."""

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._owners = Owners(session)

    def availabilities(self) -> Iterator[Plain]:
        """Yield who is said to be down, or to answer again, the latest first."""
        yield from map(_plain, self._owners.availability())

    def say_availability(self, answering: str, *, why: str = "", organization: str = "") -> Plain:
        """Say whether your organization answers (``down``, ``normal``), or, as the office, another one."""
        home = id_from(organization, "organization") if organization else None
        return _plain(self._owners.say_availability(answering, why=why, organization=home))

    def ownerships(self) -> Iterator[Plain]:
        """Yield what is known to be whose, and your own claims, the latest first."""
        yield from map(_plain, self._owners.ownerships())

    def claim_ownership(self, said: Plain) -> Plain:
        """Say that something is yours: target, criticality, evidence, contact."""
        return _plain(self._owners.claim(said["target"], **{name: said[name] for name in said if name != "target"}))

    def decide_ownership(self, name: str, step: str, *, why: str) -> Plain:
        """Refuse a claim, or end what is on record.

        Raises:
            NotPermitted: a claim is to be verified, which takes a person who has signed in.
        """
        if step == "verify":
            raise NotPermitted("no token can verify a claim: sign in at the server, and do it there")
        return _plain(getattr(self._owners, step)(id_from(name, "claim"), why=why))

    def authorisations(self) -> Iterator[Plain]:
        """Yield the authorisations that your organization gave or was given, the latest first."""
        yield from map(_plain, self._owners.authorisations())

    def give_authorisation(self, said: Plain) -> Plain:
        """Let another organization scan what is yours: scanner, targets, starts_at, ends_at, and what else there is."""
        made = self._owners.authorise(
            id_from(said["scanner"], "organization"),
            said["targets"],
            starts_at=datetime.fromisoformat(said["starts_at"]),
            ends_at=datetime.fromisoformat(said["ends_at"]),
            techniques=said["techniques"],
            rate_per_second=said["rate_per_second"],
            reference=said["reference"],
        )
        return _plain(made)

    def withdraw_authorisation(self, name: str, *, why: str = "") -> Plain:
        """Take your word back; scans that stood on it are ended."""
        return _plain(self._owners.withdraw(name, why=why))


def _plain(found: "DataclassInstance") -> Plain:
    return {name: _as_text(value) for name, value in asdict(found).items()}


def _as_text(value: Any) -> Any:  # noqa: ANN401 - what JSON holds
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
