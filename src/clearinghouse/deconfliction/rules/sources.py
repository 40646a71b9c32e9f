"""Where a scan comes from: blocks of public addresses, narrow enough to be a scanner's own.

Whoever asks "friend or foe?" about an address is answered with the scan that names it. A block that everybody has
(private, loopback), or that is as wide as a country, would make friends of strangers. Source: docs/decisions/0174.
"""

from ipaddress import IPv4Network, IPv6Network
from typing import Final

from clearinghouse.deconfliction.rules.targets.network import read_block
from clearinghouse.errors import Malformed

_WIDEST: Final = {4: 16, 6: 32}
_FOR_EXAMPLES: Final = (
    IPv4Network("192.0.2.0/24"),
    IPv4Network("198.51.100.0/24"),
    IPv4Network("203.0.113.0/24"),
    IPv6Network("2001:db8::/32"),
    IPv6Network("3fff::/20"),
)
"""Nobody comes from there, and no stranger either: RFC 5737, RFC 3849, RFC 9637."""


def read_source(text: str) -> IPv4Network | IPv6Network:
    """Return the block of addresses that a scan says it comes from.

    Raises:
        Malformed: it is none, wider than a scanner has, or not of public addresses.
    """
    block = read_block(text)
    widest = _WIDEST[block.version]
    if block.prefixlen < widest:
        raise Malformed(f"{block} is wider than /{widest}; name the addresses that the scan itself comes from")
    if not _is_public(block) and not any(_holds(one, block) for one in _FOR_EXAMPLES):
        raise Malformed(f"{block} is no block of public addresses; name those that a defender elsewhere sees")
    return block


def _is_public(block: IPv4Network | IPv6Network) -> bool:
    return block.is_global and not block.is_multicast and not block.is_reserved


def _holds(one: IPv4Network | IPv6Network, block: IPv4Network | IPv6Network) -> bool:
    return one.version == block.version and one.supernet_of(block)  # type: ignore[arg-type]  # of one version
