"""What is announced: a scan with whom to reach and where it comes from, checked before anything is asked."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from clearinghouse.deconfliction.rules.binding import Scan
from clearinghouse.deconfliction.rules.cells import Locks
from clearinghouse.deconfliction.rules.lifecycle import TargetKind, Visibility
from clearinghouse.deconfliction.rules.sources import read_source
from clearinghouse.deconfliction.rules.targets.kinds import Target, Written, check_targets, plain_of, targets_from
from clearinghouse.deconfliction.rules.techniques import Effect, techniques
from clearinghouse.deconfliction.rules.windows import Window, check_window
from clearinghouse.errors import Malformed, Violations

_LONGEST_CONTACT: Final = 300
_MOST_SOURCES: Final = 64
_FASTEST: Final = 10_000_000
_KEY_BYTES: Final = 32
_NO_WINDOW: Final = Window(datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 2, tzinfo=UTC))
_MAIL: Final = re.compile(r"[^\s@:/<>]+@[^\s@:/<>]+")
_NUMBER: Final = re.compile(r"\+?[0-9][0-9 ().-]{2,}")
_URI: Final = re.compile(rf"mailto:{_MAIL.pattern}|tel:\+?[0-9][0-9().-]{{2,}}|https://[^\s<>]+")
_ON_THE_WIRE: Final = (TargetKind.NETWORK, TargetKind.HOST)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A scan as it is announced."""

    technique: str
    targets: tuple[Target, ...]
    window: Window
    contact: str
    rate_per_second: int | None = None
    visibility: Visibility = Visibility.EVERYONE
    sources: tuple[str, ...] = ()
    """Blocks of addresses that it comes from."""
    scanner_key: str = ""
    """The scanner's own Ed25519 public key, in base64."""

    def scan_of(self, organization: UUID) -> Scan:
        """Return it as the scan of an organization."""
        return Scan(organization, self.technique, self.targets, self.window, self.rate_per_second)

    def plain_targets(self) -> list[dict[str, Any]]:
        """Return its targets as plain data."""
        return [plain_of(one) for one in self.targets]

    def digest(self) -> str:
        """Return a hash of everything that it says, so that the same request is known again."""
        said: dict[str, Any] = {
            "technique": self.technique,
            "targets": self.plain_targets(),
            "window": [self.window.starts_at.isoformat(), self.window.ends_at.isoformat()],
            "contact": self.contact,
            "rate": self.rate_per_second,
            "visibility": self.visibility,
            "sources": self.sources,
            "key": self.scanner_key,
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def announcement_of(
    *,
    technique: str,
    targets: Sequence[Written],
    starts_at: datetime,
    ends_at: datetime,
    contact: str,
    rate_per_second: int | None,
    visibility: Visibility,
    sources: Iterable[str],
    scanner_key: str,
) -> Announcement:
    """Return what was written about a scan; when it is announced is not asked yet.

    Raises:
        Refused: some of it cannot be, whoever announces it and whenever; everything that cannot is named.
    """
    wrong = Violations()
    read: tuple[Target, ...] = ()
    window = _NO_WINDOW
    with wrong.of(""):
        read = targets_from(targets)
    with wrong.of("ends_at"):
        window = Window(starts_at, ends_at)
    said = Announcement(technique, read, window, contact, rate_per_second, visibility, tuple(sources), scanner_key)
    checked = _check_words(wrong, said)
    wrong.demand_none()
    return checked


def check_announcement(said: Announcement, *, at: datetime) -> tuple[Announcement, Locks]:
    """Return an announcement in its one form, and what its writer locks.

    Raises:
        Refused: something about it cannot be, whoever announces it; everything that cannot is named.
    """
    wrong = Violations()
    locks, window = Locks(), said.window
    with wrong.of("targets"):
        locks = check_targets(said.targets)
    with wrong.of("ends_at"):
        window = check_window(said.window, at=at)
    checked = _check_words(wrong, said)
    if said.technique in techniques().known:
        with wrong.of("sources"):
            _check_attributable(said)
    wrong.demand_none()
    return replace(checked, window=window), locks


def _check_words(wrong: Violations, said: Announcement) -> Announcement:
    """Gather what is wrong with the words of an announcement; return it with contact and sources in their one form."""
    contact, sources, rate = said.contact, said.sources, said.rate_per_second
    with wrong.of("technique"):
        techniques().named(said.technique)
    with wrong.of("contact"):
        contact = contact_of(contact)
    with wrong.of("rate_per_second"):
        if rate is not None and not 0 < rate <= _FASTEST:
            raise Malformed(f"a rate of {rate} a second; write 1 to {_FASTEST}")
    with wrong.of("sources"):
        if len(sources) > _MOST_SOURCES:
            raise Malformed(f"it comes from {len(sources)} blocks of addresses; at most {_MOST_SOURCES}")
        sources = tuple(dict.fromkeys(str(read_source(one)) for one in sources))
    with wrong.of("scanner_key"):
        _check_key(said.scanner_key)
    return replace(said, contact=contact, sources=sources)


def _check_attributable(said: Announcement) -> None:
    """Return quietly if a scan that sends something says where it comes from, and no other does.

    What names a source is told to defenders as a friend, so it has to be what an owner was asked about.

    Raises:
        Malformed: otherwise.
    """
    live = {one.kind for one in said.targets if techniques().effect(said.technique, one.kind) is Effect.LIVE}
    if not said.sources and live.intersection(_ON_THE_WIRE):
        raise Malformed("a scan of live systems names the addresses that it comes from, so that defenders know it")
    if said.sources and not live:
        raise Malformed(
            f"{said.technique} sends nothing to what is named here, so it comes from no addresses; leave them out"
        )


def contact_of(written: str) -> str:
    """Return whom to reach as a URI, as ``probing.txt`` names it: mailto:, tel: or https:.

    Raises:
        Malformed: it is none, and no bare address of mail or number either.
    """
    bare = written.strip()
    if not 0 < len(bare) <= _LONGEST_CONTACT or not bare.isprintable():
        raise Malformed(f"name whom to reach, in 1 to {_LONGEST_CONTACT} characters on one line")
    if _URI.fullmatch(bare):
        return bare
    if _MAIL.fullmatch(bare):
        return f"mailto:{bare}"
    if _NUMBER.fullmatch(bare):
        return "tel:" + re.sub(r"[^0-9+]+", "-", bare).strip("-")
    raise Malformed(f"{bare[:80]!r} reaches nobody; write you@example.org, +1-202-555-0123 or https://example.org/page")


def _check_key(key: str) -> None:
    if not key:
        return
    try:
        raw = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise Malformed(f"{key[:60]!r} is no Ed25519 public key; write its {_KEY_BYTES} bytes in base64")
