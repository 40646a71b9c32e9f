"""The signed list of standing scans: a file that a SOC mirrors and asks offline.

First a line: an envelope with a signed statement of who issued the list, when, until when it may be relied upon, and
the SHA-256 of everything after the line. Then the index as it lies in memory, so that loading is reading. Reference:
docs/reference/scan-list.md. Source: docs/decisions/0162.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from clearinghouse.deconfliction.rules.prefixes import Address, Prefix, parse_prefix
from clearinghouse.deconfliction.rules.scan_index import COLUMNS, Laid, ScanIndex, lay_out
from clearinghouse.deconfliction.rules.sightings import UNTOLD, Answer, Match, Sighting, StandingScan, answer, judge
from clearinghouse.deconfliction.rules.warrants import moment, said
from clearinghouse.errors import Malformed, Outdated, Refused
from clearinghouse.signing.envelopes import open_envelope, parse_envelope, seal
from clearinghouse.signing.keys import SigningKey, VerifyingKey
from clearinghouse.strict import Limits, dump_canonical, load_json

PAYLOAD: Final = "application/vnd.clearinghouse.scan-list+json"
TYPE: Final = "clearinghouse/scan-list/v1"
MEMBERS: Final = "members"
"""The list for everybody who takes part: sources, windows and contacts, nothing of where the scans go."""
MOST_BYTES: Final = 256 * 1024 * 1024
_HEAD_BYTES: Final = 1024 * 1024
_HEAD_LIMITS: Final = Limits(size_bytes=_HEAD_BYTES, depth=5, items=100_000)
_TEXT_LIMITS: Final = Limits(size_bytes=MOST_BYTES, depth=4, items=20_000_000)


@dataclass(frozen=True, slots=True)
class Head:
    """What a list says of itself."""

    origin: str
    """The clearinghouse that issued it."""
    audience: str
    """``members``, or the organization whose networks it tells the details of."""
    number: int
    """Rises with every list for the same audience."""
    issued_at: datetime
    valid_until: datetime
    networks: tuple[Prefix, ...] = ()
    """Of a list with details: every scan that goes there is in it."""


@dataclass(frozen=True, slots=True)
class ScanList:
    """A list whose signature holds."""

    head: Head
    index: ScanIndex

    def is_stale(self, at: datetime) -> bool:
        """Say whether the list says nothing about this moment: another should have been fetched by then."""
        return at >= self.head.valid_until

    def demand_not_before(self, earlier: int) -> None:
        """Return quietly if this list is not older than the newest of its audience that was seen before.

        Raises:
            Outdated: it is: somebody hands out an old list again.
        """
        head = self.head
        if head.number < earlier:
            raise Outdated(
                f"this is list {head.number} of {said(head.issued_at)}, and list {earlier} was seen before: "
                "an old list is being handed out; fetch it anew from the clearinghouse"
            )


def write_list(head: Head, scans: Iterable[StandingScan], *, key: SigningKey) -> bytes:
    """Return the list as a file."""
    laid = lay_out(scans)
    texts = dump_canonical(laid.texts)
    body = b"".join((*laid.columns, texts))
    statement = {
        "type": TYPE,
        "origin": head.origin,
        "audience": head.audience,
        "number": head.number,
        "issued_at": said(head.issued_at),
        "valid_until": said(head.valid_until),
        "networks": [str(one) for one in head.networks],
        "columns": dict(zip(COLUMNS, map(len, laid.columns), strict=True)),
        "texts": len(texts),
        "spans": laid.spans,
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    return seal(dump_canonical(statement), payload_type=PAYLOAD, key=key).dump() + b"\n" + body


def open_list(data: bytes, *, key: VerifyingKey) -> ScanList:
    """Return the list that a file holds, once the clearinghouse's key verifies it.

    Raises:
        Malformed: it is no list, was changed, or is another clearinghouse's.
    """
    if len(data) > MOST_BYTES:
        raise Malformed(f"a list of {len(data)} bytes; at most {MOST_BYTES} are read")
    end = data.find(b"\n", 0, _HEAD_BYTES)
    if end < 0:
        raise Malformed("the file does not begin with the line that signs a list")
    payload = open_envelope(parse_envelope(data[:end]), payload_type=PAYLOAD, key=key)
    body = memoryview(data)[end + 1 :]
    try:
        found = load_json(payload, limits=_HEAD_LIMITS)
        head = _head(found)
        sizes = [int(found["columns"][name]) for name in COLUMNS]
        if hashlib.sha256(body).hexdigest() != found["sha256"] or len(body) != sum(sizes) + int(found["texts"]):
            raise Malformed("the list was changed or cut off: it is not what its first line signs")
        index = ScanIndex(_laid(body, sizes, found["spans"]))
    except Refused as refusal:
        raise Malformed(f"the list is not sound JSON: {refusal}") from None
    except (KeyError, TypeError, ValueError):
        raise Malformed(f"this is not a list of the type {TYPE}") from None
    return ScanList(head, index)


def _head(found: Any) -> Head:  # noqa: ANN401 - JSON
    if found["type"] != TYPE:
        raise ValueError
    return Head(
        origin=str(found["origin"]),
        audience=str(found["audience"]),
        number=int(found["number"]),
        issued_at=moment(found["issued_at"]),
        valid_until=moment(found["valid_until"]),
        networks=tuple(parse_prefix(one) for one in found["networks"]),
    )


def _laid(body: memoryview, sizes: list[int], spans: Any) -> Laid:  # noqa: ANN401 - JSON
    columns, place = [], 0
    for size in sizes:
        columns.append(bytes(body[place : place + size]))
        place += size
    return Laid(tuple(columns), spans, load_json(bytes(body[place:]), limits=_TEXT_LIMITS))


def told_to_members(scan: StandingScan) -> StandingScan:
    """Return what any member may know of a scan: its source, window and contact, and nothing of where it goes."""
    hosts = (UNTOLD,) if scan.hosts else ()
    return replace(scan, scanner="", technique="", reaches=None, hosts=hosts, rate_per_second=None, constraints=())


def told_to_owner(
    scan: StandingScan, networks: Iterable[Prefix], *, owns: Callable[[str], bool] = lambda _: False
) -> StandingScan | None:
    """Return what the owner of networks and names may know of a scan that goes there; None: it does not.

    Args:
        scan: all of it.
        networks: what is theirs.
        owns: whether a name, or a pattern of names, has something of theirs.
    """
    owned = tuple(networks)
    reaches = tuple(one for one in scan.reaches or () if any(one.network.overlaps(mine) for mine in owned))
    hosts = tuple(one for one in scan.hosts if owns(one))
    if not reaches and not hosts:
        return None
    return replace(scan, reaches=reaches, hosts=hosts if len(hosts) == len(scan.hosts) else (*hosts, UNTOLD))


def ask(lists: Iterable[ScanList], sighting: Sighting) -> Answer:
    """Return what lists of one clearinghouse say together: of one's own networks the details, of others the rest."""
    known = tuple(lists)
    found: dict[str, Match] = {}
    more = False
    networks = tuple(network for one in known for network in one.head.networks)
    for one in sorted(known, key=lambda one: bool(one.head.networks)):
        matches, some_more = one.index.near(sighting)
        more |= some_more
        found |= {match.scan.intent: match for match in matches}
    if sighting.target is not None and _among(sighting.target, networks):
        elsewhere = [match.scan for match in found.values() if match.scan.reaches is None]
        found |= {scan.intent: judge(replace(scan, reaches=()), sighting) for scan in elsewhere}
    return answer(sighting, found.values(), more=more)


def _among(address: Address, networks: Iterable[Prefix]) -> bool:
    return any(one.holds(address) for one in networks)
