"""Who takes part in a case and how far it may be told, and what one person asks for and another agrees to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clearinghouse_client.session import Session, at
from clearinghouse_client.shapes import each, shown


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat in a case: of a person, of an organization as a whole, or of somebody who was invited."""

    id: UUID
    part: str
    """finder, maintainer, expert, distributor or registry."""
    tier: int
    """How much it lets see, 0 to 3: the higher the number, the less."""
    until_at: datetime | None
    state: str
    person: UUID | None
    organization: UUID | None
    invited: str | None
    """The e-mail address of somebody who was invited."""


@dataclass(frozen=True, slots=True)
class MarkingChange:
    """That a marking was changed."""

    at: datetime
    by: UUID
    label: str
    turn: str
    """lower or raise."""
    why: str


@dataclass(frozen=True, slots=True)
class Marking:
    """How far a case may be told, by the Traffic Light Protocol."""

    label: str
    audience: str
    changes: tuple[MarkingChange, ...]
    """The latest first."""


@dataclass(frozen=True, slots=True)
class Request:
    """What one person asks for and another has to agree to."""

    id: UUID
    verb: str
    says: str
    why: str
    state: str
    requested_by: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RequestWaiting(Request):
    """The same in a list over all cases."""

    case: str
    """The public id of the case that it is about."""


class Seats:
    """Seats in cases at one server; every method raises ``ServerRefused`` with the server's reason, or ``NoAnswer``.

    A case is named by its public id. To agree to what another one asks for is for a person who has signed in.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def seats(self, case: str) -> Iterator[Seat]:
        """Yield the seats of a case."""
        yield from each(Seat, self._session.pages(at("cases", case, "seats")))

    def ask(
        self,
        case: str,
        *,
        part: str,
        tier: int,
        person: UUID | None = None,
        organization: UUID | None = None,
        email: str | None = None,
        until_at: datetime | None = None,
        why: str = "",
        key: str = "",
    ) -> Request:
        """Ask for a seat for one of a person, an organization, or somebody who is to be invited; another one agrees.

        Args:
            case: its public id.
            part: what they are in this case.
            tier: how much the seat lets see.
            person: for whom.
            organization: for which as a whole.
            email: who is to be invited.
            until_at: until when; None: as long as the case is open.
            why: the reason.
            key: as of ``Session.once``.
        """
        body = {
            "part": part,
            "tier": tier,
            "person": str(person) if person else None,
            "organization": str(organization) if organization else None,
            "email": email,
            "until_at": until_at.isoformat() if until_at else None,
            "why": why,
        }
        return shown(Request, self._session.once(at("cases", case, "seats"), key=key, json=body))

    def remove(self, case: str, seat: UUID, *, why: str = "") -> None:
        """Take a seat from whoever has it."""
        self._session.delete(at("cases", case, "seats", seat), why=why)

    def leave(self, case: str, seat: UUID) -> None:
        """Leave a seat of one's own."""
        self._session.post(at("cases", case, "seats", seat, "leave"))

    def marking(self, case: str) -> Marking:
        """Return how far a case may be told."""
        return shown(Marking, self._session.get(at("cases", case, "marking")))

    def narrow(self, case: str, label: str, *, why: str) -> Marking:
        """Let a case be told to fewer, at once."""
        body = {"label": label, "why": why}
        return shown(Marking, self._session.post(at("cases", case, "marking", "raise"), json=body))

    def ask_wider(self, case: str, label: str, *, why: str, key: str = "") -> Request:
        """Ask that a case may be told to more; another one agrees."""
        body = {"label": label, "why": why}
        return shown(Request, self._session.once(at("cases", case, "marking", "lower"), key=key, json=body))

    def requests(self) -> Iterator[RequestWaiting]:
        """Yield what waits for a second person, over all cases."""
        yield from each(RequestWaiting, self._session.pages("/requests"))

    def requests_of(self, case: str) -> Iterator[Request]:
        """Yield what was asked for in a case."""
        yield from each(Request, self._session.pages(at("cases", case, "requests")))

    def refuse(self, case: str, request: UUID, *, why: str = "") -> Request:
        """Refuse what another one asks for."""
        path = at("cases", case, "requests", request, "refuse")
        return shown(Request, self._session.post(path, json={"why": why}))

    def withdraw(self, case: str, request: UUID) -> Request:
        """Ask for it no longer."""
        return shown(Request, self._session.post(at("cases", case, "requests", request, "withdraw")))
