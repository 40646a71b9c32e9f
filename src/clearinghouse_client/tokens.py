"""Tokens: what programs send to be let in, for some verbs and until a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clearinghouse_client.session import Session, at
from clearinghouse_client.shapes import each


@dataclass(frozen=True, slots=True)
class Token:
    """A token, without its secret."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime
    revoked_at: datetime | None


class Tokens:
    """One's own tokens at one server; every method raises ``ServerRefused`` with its reason, or ``NoAnswer``.

    A person issues one who has signed in: no token makes another.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def tokens(self) -> Iterator[Token]:
        """Yield one's own tokens, also those that hold no longer."""
        yield from each(Token, self._session.pages("/tokens"))

    def revoke(self, token: UUID) -> None:
        """Let a token hold no longer, from now on."""
        self._session.delete(at("tokens", token))
