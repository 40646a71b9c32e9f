"""Addresses and networks as small integers, and a compact map that finds every network an address lies in.

The map is a few sorted arrays: one bisection for each prefix length in use. It is as it is in memory, in a file and
under a signature. Source: docs/decisions/0160.
"""

import re
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, NamedTuple

from clearinghouse.errors import Malformed

BITS: Final = {4: 32, 6: 128}
_LOW = (1 << 64) - 1
_LONGEST_TEXT: Final = 64
_WRITTEN = re.compile(r"[0-9A-Fa-f:.]{2,64}\Z")
_NETWORK = re.compile(r"[0-9A-Fa-f:.]{2,60}(?:/[0-9]{1,3})?\Z")
"""Lengths only: ``/255.255.255.0`` and ``/0.0.0.255`` are read differently by different readers."""


class Address(NamedTuple):
    """An IPv4 or IPv6 address; an IPv4 address written as IPv6 (``::ffff:…``) is the IPv4 address."""

    version: int
    value: int

    def __str__(self) -> str:
        return str(IPv4Address(self.value) if self.version == 4 else IPv6Address(self.value))  # noqa: PLR2004 - IPv4


class Prefix(NamedTuple):
    """A network: the first ``length`` bits of an address, the rest of ``value`` is zero."""

    version: int
    length: int
    value: int

    def __str__(self) -> str:
        return f"{Address(self.version, self.value)}/{self.length}"

    @property
    def first(self) -> Address:
        """Its first address."""
        return Address(self.version, self.value)

    def holds(self, address: Address) -> bool:
        """Say whether the address lies in the network."""
        version, length, value = self
        return address.version == version and (address.value ^ value) >> (BITS[version] - length) == 0

    def within(self, other: "Prefix") -> bool:
        """Say whether all of this network lies in the other one."""
        return self.length >= other.length and other.holds(Address(self.version, self.value))

    def overlaps(self, other: "Prefix") -> bool:
        """Say whether the two have an address in common."""
        return self.within(other) or other.within(self)


def parse_address(text: str) -> Address:
    """Return the address that ``text`` writes.

    Raises:
        Malformed: it is none, or it has a zone, which means something only on the machine that wrote it.
    """
    written = text.strip()
    if len(written) <= _LONGEST_TEXT and "%" in written:
        raise Malformed(f"{written!a} has a zone, which means nothing elsewhere; leave out what follows the %")
    try:
        found = ip_address(written if _WRITTEN.match(written[: _LONGEST_TEXT + 1]) else "")
    except ValueError:
        raise Malformed(
            f"{written[:_LONGEST_TEXT]!a} is not an address; 203.0.113.7 or 2001:db8::7 would be one"
        ) from None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return Address(4, int(mapped)) if mapped else Address(found.version, int(found))


def parse_prefix(text: str) -> Prefix:
    """Return the network that ``text`` writes, as ``203.0.113.0/24``; an address alone is a network of one.

    Raises:
        Malformed: it is none, or bits are set behind its length.
    """
    written = text.strip()
    try:
        found = ip_network(written if _NETWORK.match(written[: _LONGEST_TEXT + 1]) else "")
    except ValueError:
        raise Malformed(
            f"{written[:_LONGEST_TEXT]!a} is not a network; 203.0.113.0/24 or 2001:db8::/32 would be one"
        ) from None
    return prefix_of(found)


def prefix_of(network: IPv4Network | IPv6Network) -> Prefix:
    """Return a network as a prefix; IPv4 written as IPv6 becomes IPv4."""
    first, length = network.network_address, network.prefixlen
    mapped = first.ipv4_mapped if isinstance(first, IPv6Address) else None
    if mapped and length >= BITS[6] - BITS[4]:
        return Prefix(4, length - (BITS[6] - BITS[4]), int(mapped))
    return Prefix(network.version, length, int(first))


def covering(address: Address) -> Iterator[Prefix]:
    """Yield every network that the address lies in, the smallest first: what a database is asked for."""
    version, value = address
    bits = BITS[version]
    for length in range(bits, -1, -1):
        yield Prefix(version, length, value >> (bits - length) << (bits - length))


class PrefixMap:
    """Numbers by network, ascending where a network stands more than once."""

    __slots__ = ("_high", "_long_rows", "_long_spans", "_low", "_short", "_short_rows", "_short_spans", "rows")

    def __init__(self, columns: tuple[bytes, bytes, bytes, bytes, bytes], spans: dict[str, list[int]]) -> None:
        """Take the map as it was laid out.

        Args:
            columns: IPv4 values and numbers; high halves, low halves and numbers of IPv6; little-endian.
            spans: for each version and length (``4/24``), from where to where its entries stand.
        """
        self._short, self._short_rows = column("I", columns[0]), column("I", columns[1])
        self._high, self._low = column("Q", columns[2]), column("Q", columns[3])
        self._long_rows = column("I", columns[4])
        self._short_spans: dict[int, tuple[int, int]] = {}
        self._long_spans: dict[int, tuple[int, int]] = {}
        for name, (start, end) in spans.items():
            version, _, length = name.partition("/")
            (self._short_spans if version == "4" else self._long_spans)[int(length)] = (start, end)
        if len(self._short) != len(self._short_rows) or not len(self._high) == len(self._low) == len(self._long_rows):
            raise Malformed("the columns of the map are not of one length")

    @classmethod
    def build(cls, entries: Iterable[tuple[Prefix, int]]) -> "PrefixMap":
        """Return the map of these networks and numbers."""
        short: list[int] = []
        long: list[int] = []
        for (version, length, value), row in entries:
            packed = (((length << BITS[version]) | value) << 32) | row
            (short if version == 4 else long).append(packed)  # noqa: PLR2004 - IPv4
        short.sort()
        long.sort()
        columns = (
            array("I", ((one >> 32) & 0xFFFFFFFF for one in short)),
            array("I", (one & 0xFFFFFFFF for one in short)),
            array("Q", ((one >> 96) & _LOW for one in long)),
            array("Q", ((one >> 32) & _LOW for one in long)),
            array("I", (one & 0xFFFFFFFF for one in long)),
        )
        spans: dict[str, list[int]] = {}
        for version, packed_ones, shift in ((4, short, 64), (6, long, 160)):
            for at, one in enumerate(packed_ones):
                spans.setdefault(f"{version}/{one >> shift}", [at, at])[1] = at + 1
        first, second, third, fourth, fifth = (little(one) for one in columns)
        return cls((first, second, third, fourth, fifth), spans)

    def columns(self) -> tuple[bytes, bytes, bytes, bytes, bytes]:
        """Return the arrays as bytes, little-endian."""
        return (
            little(self._short),
            little(self._short_rows),
            little(self._high),
            little(self._low),
            little(self._long_rows),
        )

    def spans(self) -> dict[str, list[int]]:
        """Return where the entries of each version and length stand."""
        named = {f"4/{length}": list(span) for length, span in self._short_spans.items()}
        return named | {f"6/{length}": list(span) for length, span in self._long_spans.items()}

    def found(self, address: Address) -> Iterator[tuple[Prefix, "array[int]", int, int]]:
        """Yield each network that the address lies in, with the array of numbers and where its own begin and end."""
        version, value = address
        if version == 4:  # noqa: PLR2004 - IPv4
            values, rows = self._short, self._short_rows
            for length, (start, end) in self._short_spans.items():
                sought = value >> (32 - length) << (32 - length)
                low = bisect_left(values, sought, start, end)
                if low < end and values[low] == sought:
                    yield Prefix(4, length, sought), rows, low, bisect_right(values, sought, low, end)
            return
        for length, (start, end) in self._long_spans.items():
            sought = value >> (128 - length) << (128 - length)
            high, lower = sought >> 64, sought & _LOW
            low = bisect_left(self._high, high, start, end)
            if low == end or self._high[low] != high:
                continue
            up = bisect_right(self._high, high, low, end)
            first = bisect_left(self._low, lower, low, up)
            if first < up and self._low[first] == lower:
                yield Prefix(6, length, sought), self._long_rows, first, bisect_right(self._low, lower, first, up)


def column(code: str, data: bytes) -> "array[int]":
    """Return an array of little-endian numbers.

    Raises:
        Malformed: the bytes do not make whole numbers.
    """
    found: array[int] = array(code)
    if len(data) % found.itemsize:
        raise Malformed(f"a column of {len(data)} bytes is cut off; each of its numbers takes {found.itemsize}")
    found.frombytes(data)
    if sys.byteorder == "big":
        found.byteswap()
    return found


def little(numbers: "array[int]") -> bytes:
    """Return an array as little-endian bytes."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()
