"""Makers of standing scans and sightings, and the answer by brute force."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from hypothesis import strategies as st

from clearinghouse.deconfliction.rules.prefixes import Address, Prefix, parse_address, parse_prefix
from clearinghouse.deconfliction.rules.sightings import NEAR, Reach, Sighting, StandingScan

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_scan(number: int = 1, **changed: Any) -> StandingScan:  # noqa: ANN401 - the fields of a scan
    """Return a scan from 203.0.113.0/24 of 198.51.100.0/24, noon to one."""
    fields: dict[str, Any] = {
        "intent": f"SCAN-{number:010d}",
        "sources": (parse_prefix("203.0.113.0/24"),),
        "starts_at": NOON,
        "ends_at": NOON + HOUR,
        "contact": "mailto:scans@lab.example",
        "scanner": "Lab",
        "technique": "active-network-scanning",
        "reaches": (Reach(parse_prefix("198.51.100.0/24")),),
    }
    return StandingScan(**fields | changed)


def a_sighting(source: str = "203.0.113.7", target: str = "198.51.100.9", **changed: Any) -> Sighting:  # noqa: ANN401
    """Return a probe seen at noon."""
    fields: dict[str, Any] = {"source": parse_address(source), "at": NOON, "target": parse_address(target)}
    return Sighting(**fields | changed)


def addresses() -> st.SearchStrategy[Address]:
    """Draw addresses that crowd in a few corners, so that networks nest."""
    short = st.integers(0, 255).map(lambda low: Address(4, 0xCB007100 | low))
    long = st.integers(0, 255).map(lambda low: Address(6, (0x20010DB8 << 96) | (low << 60) | (low & 3)))
    return short | long


@st.composite
def prefixes(draw: st.DrawFn) -> Prefix:
    """Draw a network around such an address."""
    version, value = draw(addresses())
    bits = 32 if version == 4 else 128
    length = draw(st.integers(16, bits))
    return Prefix(version, length, value >> (bits - length) << (bits - length))


@st.composite
def scans(draw: st.DrawFn) -> list[StandingScan]:
    """Draw scans whose sources nest and whose windows overlap or do not."""
    found = []
    for number in range(draw(st.integers(0, 30))):
        starts = NOON + draw(st.integers(-1500, 1500)) * HOUR
        found.append(
            a_scan(
                number,
                sources=tuple(draw(st.lists(prefixes(), min_size=1, max_size=3, unique=True))),
                starts_at=starts,
                ends_at=starts + draw(st.integers(1, 720)) * HOUR,
                reaches=draw(st.none() | st.lists(st.builds(Reach, prefixes()), max_size=2).map(tuple)),
                rate_per_second=draw(st.none() | st.integers(0, 100)),
                revoked_at=draw(st.none() | st.integers(-1500, 1500).map(lambda hours: NOON + hours * HOUR)),
                hosts=draw(st.just(()) | st.just(("*.shop.example",))),
                constraints=draw(st.just(()) | st.just(("c",))),
            )
        )
    return found


def sightings() -> st.SearchStrategy[Sighting]:
    """Draw sightings in the same corners."""
    return st.builds(
        Sighting,
        source=addresses(),
        at=st.integers(-1600, 1600).map(lambda hours: NOON + hours * HOUR),
        target=st.none() | addresses(),
        rate_per_second=st.none() | st.integers(0, 100),
    )


def by_brute_force(scans: list[StandingScan], sighting: Sighting) -> list[StandingScan]:
    """Return every scan that names the source near the time, by the standard library and no index."""
    source = ip_address(str(sighting.source))
    return [
        scan
        for scan in scans
        if any(source in ip_network(str(one)) for one in scan.sources)
        and scan.ends_at + NEAR >= sighting.at
        and scan.starts_at - NEAR <= sighting.at
    ]
