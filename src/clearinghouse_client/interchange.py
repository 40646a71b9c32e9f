"""Records of Scrutineer's federation at one server: brought in, and given out."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from clearinghouse_client.session import Session

type Plain = Mapping[str, Any]
MOST_BYTES: Final = 500_000
"""How long one record may be, and about so many of them in one request: a server takes a MiB."""
_MOST_AT_ONCE: Final = 100


class Interchange:
    """Records at one server; every method raises ``ServerRefused`` with the server's reason, or ``NoAnswer``."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def bring_in(self, records: Iterable[Plain]) -> Iterator[Plain]:
        """Bring in records, in several requests if need be; yield what became of each: kept, known or refused, and why.

        None may be longer than ``MOST_BYTES``.
        """
        for several in _parcels(records):
            yield from self._session.post("/interchange", json={"records": several}).json()

    def records(self, kind: str = "") -> Iterator[Plain]:
        """Yield the statements that were brought in, of one kind if one is named, the latest first."""
        yield from (one["statement"] for one in self._session.pages("/interchange", kind=kind))

    def check_claim(self, salted: str) -> Plain:
        """Return whether somebody has claimed a finding, by its salted hash: ``match``, and ``contact`` if told."""
        said: Plain = self._session.post("/interchange/claim-check", json={"hash": salted}).json()
        return said

    def opt_outs(self) -> Iterator[Plain]:
        """Yield an opt-out for each repository that somebody there wants nobody to scan."""
        yield from self._session.get("/interchange/opt-outs").json()


def _parcels(records: Iterable[Plain]) -> Iterator[list[Plain]]:
    several, size = list[Plain](), 0
    for one in records:
        length = len(json.dumps(one))
        if several and (len(several) == _MOST_AT_ONCE or size + length > MOST_BYTES):
            yield several
            several, size = [], 0
        several.append(one)
        size += length
    if several:
        yield several
