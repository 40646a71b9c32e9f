"""What organizations say is theirs, whom they let scan it, and whether somebody answers there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clearinghouse_client.session import Session, at
from clearinghouse_client.shapes import Plain, each, read, shown

type Target = str | Plain


@dataclass(frozen=True, slots=True)
class Ownership:
    """That something is claimed to be an organization's."""

    id: UUID
    organization: UUID
    target: Plain
    criticality: int
    contact: str
    """Whom scanners ask for an authorisation."""
    evidence: str
    """Told to the organization itself, and to the office that looks into it."""
    state: str
    decided_at: datetime | None
    decided_why: str


@dataclass(frozen=True, slots=True)
class Authorisation:
    """That an organization lets another scan what is its own."""

    id: str
    organization: UUID
    scanner: UUID
    targets: tuple[Plain, ...]
    techniques: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    rate_per_second: int | None
    reference: str
    state: str


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a participant answers."""

    organization: UUID
    answering: str
    """normal or down."""
    why: str
    since_at: datetime


class Owners:
    """Owners at one server; every method raises ``ServerRefused`` with the server's reason, or ``NoAnswer``.

    Whether a claim is verified is decided by a person of the office who has signed in.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def ownerships(self) -> Iterator[Ownership]:
        """Yield what is claimed to be whose, as far as one may see it."""
        yield from each(Ownership, self._session.pages("/ownerships"))

    def claim(self, target: Target, *, criticality: int, evidence: str, contact: str = "", key: str = "") -> Ownership:
        """Claim that something is one's own.

        Args:
            target: as text, or as the object that the API shows.
            criticality: 1 (hardly matters) to 5 (much depends on it).
            evidence: what shows it: a record in a registry, a file put in place.
            contact: whom scanners ask.
            key: as of ``Session.once``.
        """
        body = {"target": target, "criticality": criticality, "evidence": evidence, "contact": contact}
        return shown(Ownership, self._session.once("/ownerships", key=key, json=body))

    def refuse(self, ownership: UUID, *, why: str = "") -> Ownership:
        """Say, as the office, that it is not so."""
        return self._decided(ownership, "refuse", why)

    def end(self, ownership: UUID, *, why: str = "") -> Ownership:
        """Claim it no longer."""
        return self._decided(ownership, "end", why)

    def authorisations(self) -> Iterator[Authorisation]:
        """Yield who lets whom scan what, as far as one may see it."""
        yield from each(Authorisation, self._session.pages("/authorisations"))

    def authorisation(self, name: str) -> Authorisation:
        """Return one authorisation."""
        return shown(Authorisation, self._session.get(at("authorisations", name)))

    def authorise(
        self,
        scanner: UUID,
        targets: Sequence[Target],
        *,
        starts_at: datetime,
        ends_at: datetime,
        techniques: Sequence[str] = (),
        rate_per_second: int | None = None,
        reference: str = "",
        key: str = "",
    ) -> Authorisation:
        """Let another organization scan what is one's own.

        Args:
            scanner: the organization that may.
            targets: what, each as text or as the object that the API shows.
            starts_at: from when.
            ends_at: until when.
            techniques: by which; none: by every one.
            rate_per_second: how many requests a second at most.
            reference: of the contract or letter.
            key: as of ``Session.once``.
        """
        body = {
            "scanner": str(scanner),
            "targets": list(targets),
            "techniques": list(techniques),
            "starts_at": starts_at.isoformat(),
            "ends_at": ends_at.isoformat(),
            "rate_per_second": rate_per_second,
            "reference": reference,
        }
        return shown(Authorisation, self._session.once("/authorisations", key=key, json=body))

    def withdraw(self, name: str, *, why: str = "") -> Authorisation:
        """Let it be scanned no longer."""
        return shown(Authorisation, self._session.post(at("authorisations", name, "withdraw"), json={"why": why}))

    def availability(self) -> tuple[Availability, ...]:
        """Return which participants answer."""
        return tuple(each(Availability, self._session.get("/availability").json()))

    def say_availability(self, answering: str, *, why: str = "", organization: UUID | None = None) -> Availability:
        """Say whether somebody answers (normal) or nobody does (down), for one's own or, as the office, for another."""
        body = {"answering": answering, "why": why, "organization": str(organization) if organization else None}
        return read(Availability, self._session.put("/availability", json=body).json())

    def _decided(self, ownership: UUID, step: str, why: str) -> Ownership:
        return shown(Ownership, self._session.post(at("ownerships", ownership, step), json={"why": why}))
