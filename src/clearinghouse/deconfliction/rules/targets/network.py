"""Networks: IPv4 and IPv6 blocks, and ports."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Final, Self

from clearinghouse.deconfliction.rules.cells import Cells
from clearinghouse.deconfliction.rules.lifecycle import TargetKind
from clearinghouse.errors import Malformed

type Ports = tuple[tuple[int, int], ...]
"""Closed ranges, sorted, with gaps between them; empty: every port, and what has none."""

_LAST_PORT: Final = 65535
_MOST_RANGES: Final = 100
_WIDEST: Final = {4: 8, 6: 24}
_COARSE: Final = {4: 16, 6: 32}
_OWN: Final = {4: 24, 6: 48}
_MAPPED: Final = IPv6Network("::ffff:0:0/96")
_PORTS: Final = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Network:
    """A block of addresses, and ports (empty: all)."""

    block: IPv4Network | IPv6Network
    ports: Ports = ()

    kind = TargetKind.NETWORK

    @classmethod
    def read(cls, block: str, *, ports: str = "") -> Self:
        """Return the target of these parts; ``ports`` as ``22,80,8000-8099``.

        Raises:
            Malformed: no block, one with bits beyond its length, with a zone, or too wide; no ports.
        """
        return cls(read_block(block), _read_ports(ports))

    def plain(self) -> dict[str, Any]:
        """Return it as plain data, which ``read`` takes."""
        shown = (f"{first}-{last}" if first != last else str(first) for first, last in self.ports)
        return {"block": str(self.block), "ports": ",".join(shown)}

    @property
    def cells(self) -> Cells:
        """Where the index finds it."""
        version, length = self.block.version, self.block.prefixlen
        narrow = length >= _COARSE[version]
        around = [self.block.supernet(new_prefix=_COARSE[version])] if narrow else []
        coarse = tuple(f"network {one}" for one in around or self.block.subnets(new_prefix=_COARSE[version]))
        if length < _OWN[version]:
            return Cells(coarse)
        return Cells(coarse, (f"network {self.block.supernet(new_prefix=_OWN[version])}",))

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out of what it names."""
        return not self.ports

    def meets(self, other: "Network", *, inside: str = "") -> bool:  # noqa: ARG002 - the same shape as every target
        """Say whether both hold one port of one address."""
        return (
            self.block.version == other.block.version
            and self.block.overlaps(other.block)
            and _ports_meet(self.ports, other.ports)
        )

    def is_within(self, areas: Sequence["Network"]) -> bool:
        """Say whether every port of every address lies in one of these areas."""
        if sum(one.block.num_addresses for one in areas) < self.block.num_addresses:
            return False
        near = [one for one in areas if one.block.version == self.block.version and one.block.overlaps(self.block)]
        bits, held = self.block.max_prefixlen, dict[tuple[int, int], list[Network]]()
        edges = {int(self.block.network_address), int(self.block.broadcast_address) + 1}
        for one in near:
            length, first = one.block.prefixlen, int(one.block.network_address)
            held.setdefault((length, first >> (bits - length)), []).append(one)
            edges |= {first, int(one.block.broadcast_address) + 1}
        lengths = {length for length, _ in held}
        first, last = int(self.block.network_address), int(self.block.broadcast_address)
        for address in sorted(edge for edge in edges if first <= edge <= last):
            here = [one for length in lengths for one in held.get((length, address >> (bits - length)), ())]
            if any(not one.ports for one in here):
                continue
            if not self.ports or not _ports_within(self.ports, _merged(span for one in here for span in one.ports)):
                return False
        return True


def read_block(text: str) -> IPv4Network | IPv6Network:
    """Return the block that a text writes; an IPv4 address written as IPv6 is the IPv4 address.

    Raises:
        Malformed: it is none, or wider than anybody scans in one piece.
    """
    if "%" in text:
        raise Malformed(f"{text[:80]!r} has a zone, which means something on one machine only; leave it out")
    try:
        block = ip_network(text.strip())
    except ValueError:
        loose = _loose(text)
        advice = f"; the block is {loose}" if loose else "; write one such as 203.0.113.0/24 or 2001:db8::/48"
        raise Malformed(f"{text[:80]!r} is no block of addresses{advice}") from None
    if isinstance(block, IPv6Network) and block.subnet_of(_MAPPED):
        low = int(block.network_address) & 0xFFFFFFFF
        block = IPv4Network((low, block.prefixlen - 96))
    if block.prefixlen < _WIDEST[block.version]:
        raise Malformed(f"{block} is wider than /{_WIDEST[block.version]}; name the networks that you mean")
    return block


def _loose(text: str) -> str:
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError:
        return ""


def _read_ports(text: str) -> Ports:
    if not text.strip():
        return ()
    spans = []
    for part in text.split(","):
        found = _PORTS.match(part.strip())
        if found is None:
            raise Malformed(f"{part[:40]!r} is no port; write 22,80,8000-8099")
        first, last = int(found[1]), int(found[2] or found[1])
        if not 0 <= first <= last <= _LAST_PORT:
            raise Malformed(f"the ports {part[:40]!r} run backwards or beyond {_LAST_PORT}")
        spans.append((first, last))
    merged = _merged(spans)
    if len(merged) > _MOST_RANGES:
        raise Malformed(f"{len(merged)} ranges of ports; at most {_MOST_RANGES}")
    return merged if merged != ((0, _LAST_PORT),) else ()


def _merged(spans: Iterable[tuple[int, int]]) -> Ports:
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return tuple(found)


def _ports_meet(one: Ports, other: Ports) -> bool:
    return not one or not other or any(a <= d and c <= b for a, b in one for c, d in other)


def _ports_within(ports: Ports, areas: Ports) -> bool:
    return all(any(a <= first and last <= b for a, b in areas) for first, last in ports)
