"""Records of Scrutineer's federation at one server: brought in, and given out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from clearinghouse_client.session import Session

type Plain = Mapping[str, Any]
MOST_AT_ONCE: Final = 100


class Interchange:
    """Records at one server; every method raises ``ServerRefused`` with the server's reason, or ``NoAnswer``."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def bring_in(self, records: Sequence[Plain]) -> list[Plain]:
        """Bring in records, at most ``MOST_AT_ONCE``; return what became of each: kept, known or refused, and why."""
        made: list[Plain] = self._session.post("/interchange", json={"records": list(records)}).json()
        return made

    def records(self, kind: str = "") -> Iterator[Plain]:
        """Yield the statements that were brought in, of one kind if one is named, the latest first."""
        yield from (one["statement"] for one in self._session.pages("/interchange", kind=kind))

    def opt_outs(self) -> Iterator[Plain]:
        """Yield an opt-out for each repository that somebody there wants nobody to scan."""
        yield from self._session.get("/interchange/opt-outs").json()
