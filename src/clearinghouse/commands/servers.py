"""Talking to a server: what it refuses is refused here, as the kind that the same act would be refused with here."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

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
    Unavailable,
    Unaware,
)
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


@contextmanager
def at_server(server: str, token: str) -> Iterator[Session]:
    """Talk to a server inside the block; what it refuses is refused here.

    Raises:
        Malformed: there is no token, or the server says what is wrong.
        NotPermitted: the token does not hold, or is not for this.
        NotFound: there is no such thing, or not for whoever asks.
        Unavailable: the server does not answer.
    """
    if not token:
        raise Malformed("a server asks who you are; give your token by CLEARINGHOUSE_TOKEN or --token")
    try:
        with Session(server, token) as session:
            yield session
    except NoAnswer as missing:
        raise Unavailable(str(missing)) from None
    except ServerRefused as refusal:
        raise _as_here(refusal) from None


def _as_here(refusal: ServerRefused) -> ClearinghouseError:
    if refusal.code in _MEETS:
        return _MEETS[refusal.code](refusal.detail, refusal.references)
    if refusal.code == "held-back":
        problems = (
            Problem(one.get("code", ""), one.get("field", ""), one.get("reason", ""), one.get("fix", ""))
            for one in refusal.violations
        )
        return HeldBack(refusal.detail, tuple(problems))
    return _KINDS.get(refusal.status, Malformed)(str(refusal))
