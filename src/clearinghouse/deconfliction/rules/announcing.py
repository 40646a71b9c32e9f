"""What is announced: a scan with whom to reach and where it comes from, checked before anything is asked."""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from clearinghouse.deconfliction.rules.binding import Scan
from clearinghouse.deconfliction.rules.cells import Locks
from clearinghouse.deconfliction.rules.lifecycle import TargetKind, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import Target, check_targets, plain_of
from clearinghouse.deconfliction.rules.targets.network import read_block
from clearinghouse.deconfliction.rules.techniques import Effect, techniques
from clearinghouse.deconfliction.rules.windows import Window, check_window
from clearinghouse.errors import Malformed

_LONGEST_CONTACT: Final = 300
_MOST_SOURCES: Final = 64
_FASTEST: Final = 10_000_000
_KEY_BYTES: Final = 32
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


def check_announcement(said: Announcement, *, at: datetime) -> tuple[Announcement, Locks]:
    """Return an announcement in its one form, and what its writer locks.

    Raises:
        Malformed: something about it cannot be, whoever announces it.
    """
    locks = check_targets(said.targets)
    effects = {(one.kind, techniques().effect(said.technique, one.kind)) for one in said.targets}
    window = check_window(said.window, at=at)
    contact = said.contact.strip()
    if not 0 < len(contact) <= _LONGEST_CONTACT or not contact.isprintable():
        raise Malformed(f"name whom to reach while it runs, in 1 to {_LONGEST_CONTACT} characters on one line")
    if said.rate_per_second is not None and not 0 < said.rate_per_second <= _FASTEST:
        raise Malformed(f"a rate of {said.rate_per_second} a second; write 1 to {_FASTEST}")
    if len(said.sources) > _MOST_SOURCES:
        raise Malformed(f"it comes from {len(said.sources)} blocks of addresses; at most {_MOST_SOURCES}")
    sources = tuple(dict.fromkeys(str(read_block(one)) for one in said.sources))
    if not sources and any(kind in _ON_THE_WIRE and effect is Effect.LIVE for kind, effect in effects):
        raise Malformed("a scan of live systems names the addresses that it comes from, so that defenders know it")
    _check_key(said.scanner_key)
    checked = Announcement(
        said.technique,
        said.targets,
        window,
        contact,
        said.rate_per_second,
        said.visibility,
        sources,
        said.scanner_key,
    )
    return checked, locks


def _check_key(key: str) -> None:
    if not key:
        return
    try:
        raw = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise Malformed(f"{key[:60]!r} is no Ed25519 public key; write its {_KEY_BYTES} bytes in base64")
