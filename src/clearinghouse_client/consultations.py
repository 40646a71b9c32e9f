"""What organizations are asked about cases, until when, and what they answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clearinghouse_client.session import Session, at
from clearinghouse_client.shapes import each, shown


@dataclass(frozen=True, slots=True)
class Consultation:
    """What an organization was asked, until when, and what it answered."""

    id: UUID
    about: str
    """Kind and id of what it is about."""
    question: str
    organization: UUID
    asked_at: datetime
    due_at: datetime
    state: str
    answer: str
    answered_at: datetime | None


class Consultations:
    """Questions to organizations; every method raises ``ServerRefused`` with the server's reason, or ``NoAnswer``.

    To answer one is for a person who has signed in.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def consultations(self) -> Iterator[Consultation]:
        """Yield what one's organization was asked; for the office, what every one was."""
        yield from each(Consultation, self._session.pages("/consultations"))

    def ask(self, case: str, question: str, *, organization: str, due_at: datetime, key: str = "") -> Consultation:
        """Ask an organization something about a case.

        Args:
            case: its public id.
            question: what is asked.
            organization: the name of who is asked.
            due_at: until when an answer is wanted.
            key: as of ``Session.once``.
        """
        body = {"question": question, "organization": organization, "due_at": due_at.isoformat()}
        return shown(Consultation, self._session.once(at("cases", case, "consultations"), key=key, json=body))

    def withdraw(self, consultation: UUID, *, why: str = "") -> Consultation:
        """Take a question back."""
        path = at("consultations", consultation, "withdraw")
        return shown(Consultation, self._session.post(path, json={"why": why}))
