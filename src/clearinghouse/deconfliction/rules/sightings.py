"""Friend or foe: what is known of an address that was seen probing.

A defender saw a **source** reach for a **target** of theirs at a time. A **standing scan** is the network side of an
announced intent that was accepted. An address that an intent names is that intent's only by its own word and the
network's: whoever forges source addresses looks the same. Only a signed request says more (``warrants.py``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from clearinghouse.deconfliction.rules.prefixes import Address, Prefix, parse_address
from clearinghouse.deconfliction.rules.techniques import techniques
from clearinghouse.errors import Malformed

MOST_SHOWN: Final = 20
"""So many scans are in one answer; of more it says only that there are more."""
NEAR: Final = timedelta(days=30)
"""A scan from the same address that ran no longer ago, or comes no later, is told of as outside its window."""
UNTOLD: Final = "*"
"""Stands among the names that a scan goes to for those that are not for whoever asks."""
_PORTS: Final = 65535


TOLD_STATES: Final = {
    "off-plan": "It has announced that it runs otherwise than planned.",
    "emergency": "It has announced an emergency.",
}


class Standing(StrEnum):
    """The answer, in one word."""

    REGISTERED = "registered"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """In what a sighting does not fit a scan that is registered."""

    WINDOW = "window"
    SCOPE = "scope"
    RATE = "rate"
    REVOKED = "revoked"
    TECHNIQUE = "technique"
    """It announced a technique that sends nothing, and nobody was asked for leave."""
    SOURCE = "source"
    """Only of a request that shows a warrant: it came from elsewhere."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A network that a scan goes to, and the ports it goes to there, both ends included."""

    network: Prefix
    first_port: int = 0
    last_port: int = _PORTS

    def __post_init__(self) -> None:
        """Refuse ports that run backwards or do not exist."""
        if not 0 <= self.first_port <= self.last_port <= _PORTS:
            raise Malformed(f"ports {self.first_port}-{self.last_port}; 0 to {_PORTS}, the lower first, would be right")

    def __str__(self) -> str:
        if (self.first_port, self.last_port) == (0, _PORTS):
            return str(self.network)
        ports = f"{self.first_port}-{self.last_port}"
        return f"{self.network} port {self.first_port if self.first_port == self.last_port else ports}"

    def holds(self, address: Address, port: int | None) -> bool:
        """Say whether a probe of this address, and this port if one is known, is within it."""
        return self.network.holds(address) and (port is None or self.first_port <= port <= self.last_port)


@dataclass(frozen=True, slots=True)
class StandingScan:
    """What a defender may learn of an accepted scan."""

    intent: str
    """Its name, as SCAN-7Q4M2XKD9A."""
    sources: tuple[Prefix, ...]
    """Where it comes from; of an entry in a list, only the network that was found."""
    starts_at: datetime
    ends_at: datetime
    """The end is not included."""
    contact: str
    scanner: str
    """The organization that answers for it."""
    technique: str = ""
    reaches: tuple[Reach, ...] | None = ()
    """Where it goes by address; None: that is not for whoever asks."""
    hosts: tuple[str, ...] = ()
    """Where it goes by name; ``*.example.org`` is the domain and every name below."""
    rate_per_second: int | None = None
    constraints: tuple[str, ...] = ()
    """Ids of the owners' constraints that it was accepted under."""
    revoked_at: datetime | None = None
    state: str = ""
    """Whether it runs otherwise than announced: ``off-plan`` or ``emergency``; else empty."""

    @property
    def is_authorised(self) -> bool:
        """Whether the owners of what it goes to have authorised it: no scan that sends anything stands otherwise.

        Lists that do not tell the technique hold scans alone that send something.
        """
        return techniques().is_live(self.technique)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a defender saw."""

    source: Address
    at: datetime
    target: Address | None = None
    host: str = ""
    port: int | None = None
    rate_per_second: int | None = None

    def __post_init__(self) -> None:
        """Refuse a time that could be any, and a port or a rate that is none."""
        if self.at.tzinfo is None:
            raise Malformed(f"{self.at.isoformat()} says no time zone; add Z for UTC")
        if self.port is not None and not 0 <= self.port <= _PORTS:
            raise Malformed(f"port {self.port}; 0 to {_PORTS} would be right")
        if self.rate_per_second is not None and self.rate_per_second < 0:
            raise Malformed(f"{self.rate_per_second} requests a second; it cannot be less than none")


@dataclass(frozen=True, slots=True)
class Miss:
    """One thing in which a sighting does not fit, in words."""

    why: Why
    sentence: str


@dataclass(frozen=True, slots=True)
class Match:
    """A scan from that source, and in what the sighting does not fit it."""

    scan: StandingScan
    misses: tuple[Miss, ...] = ()
    unsaid: str = ""
    """What could not be checked from what is known here."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Friend, friend out of bounds, or nobody we know."""

    standing: Standing
    matches: tuple[Match, ...] = ()
    more: bool = False
    """Whether there are others that are not shown."""

    @property
    def sentence(self) -> str:
        """The answer in plain English."""
        if self.standing is Standing.UNKNOWN:
            return "Unknown: no registered scan names this address as its source near that time."
        first = self.matches[0]
        named = f"a registered scan of {first.scan.scanner}" if first.scan.scanner else "a registered scan"
        contact = f" Contact: {first.scan.contact}." if first.scan.contact else ""
        contact = f" {TOLD_STATES[first.scan.state]}{contact}" if first.scan.state in TOLD_STATES else contact
        if self.standing is Standing.REGISTERED:
            return f"Registered: this is {named}, authorised by the owners of what it goes to.{contact}"
        why = "; ".join(one.sentence for one in first.misses)
        return f"Outside: this is {named}, but {why}.{contact}"


BY_ADDRESS: Final = (
    "This goes by the source address alone, which is the scanner's by their own word and can be forged; "
    "a signed request would say more (clearinghouse whois-scan --request)."
)


def sighting_of(
    source: str, *, at: datetime, target: str = "", port: int | None = None, rate_per_second: int | None = None
) -> Sighting:
    """Return what somebody typed: ``target`` is an address, a name, or either with a port (``[2001:db8::1]:443``).

    Raises:
        Malformed: something in it cannot be read.
    """
    where, said = parse_target(target)
    if None not in (port, said) and port != said:
        raise Malformed(f"the target says port {said}, but port {port} is asked for; leave one out")
    wanted = said if port is None else port
    address, host = (None, where) if isinstance(where, str) else (where, "")
    return Sighting(parse_address(source), at, address, host, wanted, rate_per_second)


def parse_target(text: str) -> tuple[Address | str, int | None]:
    """Return address or name (empty: none was given) and port of what was probed.

    Raises:
        Malformed: it is neither.
    """
    written, port = text.strip(), ""
    if written.startswith("["):
        written, bracket, rest = written[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")) or ":" not in written:
            raise Malformed(f"{text[:80]!a} opens a bracket; [2001:db8::1]:443 would be right")
        port = rest[1:]
        if rest == ":":
            raise Malformed(f"{text[:80]!a} ends before its port; [2001:db8::1]:443 would be right")
    elif written.count(":") == 1:
        written, _, port = written.partition(":")
        if not port:
            raise Malformed(f"{text[:80]!a} ends before its port; 203.0.113.7:443 would be right")
    if port and not (port.isascii() and port.isdigit() and len(port) < len("655350") and int(port) <= _PORTS):
        raise Malformed(f"{port[:20]!a} is no port; 0 to {_PORTS} would be right")
    number = int(port) if port else None
    name = written.lower().rstrip(".")
    if ":" not in name and not name.replace(".", "").isdigit() and _is_name(name):
        return name, number
    return (parse_address(written) if written else ""), number


def _is_name(name: str) -> bool:
    parts = name.split(".")
    return len(name) <= 253 and all(  # noqa: PLR2004 - RFC 1035, 2.3.4
        0 < len(one) <= 63 and one.isascii() and one.replace("-", "").replace("_", "").isalnum()  # noqa: PLR2004
        for one in parts
    )


def answer_from(sighting: Sighting, scans: Iterable[StandingScan]) -> Answer:
    """Return the answer from the scans that name the source near the time, all of them."""
    return answer(sighting, (judge(one, sighting) for one in scans))


def judge(scan: StandingScan, sighting: Sighting) -> Match:
    """Return in what a sighting does not fit a scan whose source it shares."""
    misses = [miss for miss in (_revoked(scan, sighting), _window(scan, sighting), _technique(scan)) if miss]
    unsaid = "what it reached was not said, so its scope was not looked at"
    if sighting.target is not None or sighting.host:
        fits, unsaid = _within_scope(scan, sighting), ""
        if fits is None:
            unsaid = "whether its scope holds the target is not told here; ask the clearinghouse or its contact"
        elif not fits:
            where = sighting.host or str(sighting.target)
            port = "" if sighting.port is None else f" port {sighting.port}"
            misses.append(Miss(Why.SCOPE, f"{where}{port} is outside its scope"))
    announced, seen = scan.rate_per_second, sighting.rate_per_second
    if announced is not None and seen is not None and seen > announced:
        misses.append(Miss(Why.RATE, f"it announced at most {announced} requests a second, and {seen} were seen"))
    return Match(scan, tuple(misses), unsaid)


def _revoked(scan: StandingScan, sighting: Sighting) -> Miss | None:
    if scan.revoked_at is None or sighting.at < scan.revoked_at:
        return None
    return Miss(Why.REVOKED, f"it was ended or revoked at {_said(scan.revoked_at)}")


def _window(scan: StandingScan, sighting: Sighting) -> Miss | None:
    if scan.starts_at <= sighting.at < scan.ends_at:
        return None
    when = f"{_said(scan.starts_at)} to {_said(scan.ends_at)}"
    return Miss(Why.WINDOW, f"at {_said(sighting.at)} it was outside its window, {when}")


def _technique(scan: StandingScan) -> Miss | None:
    if scan.is_authorised:
        return None
    return Miss(Why.TECHNIQUE, f"it announced {scan.technique}, which sends nothing, and no owner was asked")


def _within_scope(scan: StandingScan, sighting: Sighting) -> bool | None:
    """Say whether the target is within what the scan goes to; None: that cannot be told here."""
    if scan.reaches is None:
        return None
    target, port = sighting.target, sighting.port
    if target is not None and any(one.holds(target, port) for one in scan.reaches):
        return True
    if sighting.host and any(_names(pattern, sighting.host) for pattern in scan.hosts):
        return True
    told = (target is not None or not scan.reaches) and (sighting.host or not scan.hosts) and UNTOLD not in scan.hosts
    return False if told else None


def _names(pattern: str, host: str) -> bool:
    """Say whether a pattern of names holds a name: a domain with a star holds itself too, as when it is announced."""
    return host == pattern.removeprefix("*.") or (pattern.startswith("*.") and host.endswith(pattern[1:]))


def answer(sighting: Sighting, judged: Iterable[Match], *, more: bool = False) -> Answer:
    """Return the answer from the scans that name the source, each judged; the best fitting come first."""
    matches = sorted(judged, key=lambda one: _rank(one, sighting))
    if not matches:
        return Answer(Standing.UNKNOWN)
    fitting = not matches[0].misses
    shown = tuple(one for one in matches if not one.misses) if fitting else tuple(matches)
    standing = Standing.REGISTERED if fitting else Standing.OUTSIDE
    return Answer(standing, shown[:MOST_SHOWN], more or len(shown) > MOST_SHOWN)


_NO_TIME: Final = timedelta()


def _rank(match: Match, sighting: Sighting) -> tuple[int, bool, timedelta, int, str]:
    """Return what orders matches: fewest misses, then what is certain, then the nearest in time, then the narrowest."""
    scan = match.scan
    away = max(scan.starts_at - sighting.at, sighting.at - scan.ends_at) if match.misses else _NO_TIME
    narrowest = max((one.length for one in scan.sources if one.holds(sighting.source)), default=0)
    return (len(match.misses), bool(match.unsaid), max(away, _NO_TIME), -narrowest, scan.intent)


def _said(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
