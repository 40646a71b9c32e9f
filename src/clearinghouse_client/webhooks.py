"""Webhooks: where a server sends what happens, and what became of each message."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clearinghouse_client.session import Session, at
from clearinghouse_client.shapes import each, shown


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook, without its secret."""

    id: UUID
    url: str
    events: tuple[str, ...]
    registered_by: str
    """By whose right it hears."""
    state: str
    disabled_why: str
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class Try:
    """How one try ended."""

    at: datetime
    status: int | None
    """What the receiver answered; None: nothing."""
    reason: str
    """Why it failed; empty: it was taken."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to a webhook."""

    id: UUID
    event: str
    at: datetime
    """When it happened."""
    state: str
    """waiting, delivered or given-up."""
    next_at: datetime | None
    """When it is tried next; None: no more."""
    tries: tuple[Try, ...]


class Webhooks:
    """Webhooks at one server; every method raises ``ServerRefused`` with the server's reason, or ``NoAnswer``.

    A person registers one who has signed in, and gets its secret: no token does.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def webhooks(self) -> Iterator[Webhook]:
        """Yield the webhooks of one's organization."""
        yield from each(Webhook, self._session.pages("/webhooks"))

    def webhook(self, webhook: UUID) -> Webhook:
        """Return one webhook."""
        return shown(Webhook, self._session.get(at("webhooks", webhook)))

    def end(self, webhook: UUID) -> None:
        """End a webhook."""
        self._session.delete(at("webhooks", webhook))

    def disable(self, webhook: UUID) -> Webhook:
        """Send nothing to it until it is enabled."""
        return shown(Webhook, self._session.post(at("webhooks", webhook, "disable")))

    def enable(self, webhook: UUID) -> Webhook:
        """Send to it again."""
        return shown(Webhook, self._session.post(at("webhooks", webhook, "enable")))

    def test(self, webhook: UUID) -> Delivery:
        """Send a message that says nothing, to see whether it comes through."""
        return shown(Delivery, self._session.post(at("webhooks", webhook, "test")))

    def deliveries(self, webhook: UUID) -> Iterator[Delivery]:
        """Yield what was sent to a webhook, and what became of it."""
        yield from each(Delivery, self._session.pages(at("webhooks", webhook, "deliveries")))
