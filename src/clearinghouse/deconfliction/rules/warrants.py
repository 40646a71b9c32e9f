"""Warrants: the signed paper that a scan shows, checked with the clearinghouse's public key alone.

A warrant says of one version of an accepted intent where it comes from, where it goes, when and how fast, whom to
reach, under which constraints it was accepted, and with which key the scanner signs its requests. A newer version of
the intent has a newer warrant; whether one was replaced or revoked only the clearinghouse and its lists can tell.

Source: DSSE v1.0 (``signing``); docs/decisions/0161.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from clearinghouse.deconfliction.rules.prefixes import parse_prefix
from clearinghouse.deconfliction.rules.sightings import Reach, StandingScan
from clearinghouse.errors import Malformed, Refused
from clearinghouse.signing.envelopes import Envelope, open_envelope, parse_envelope, seal
from clearinghouse.signing.keys import SigningKey, VerifyingKey
from clearinghouse.strict import Limits, dump_canonical, load_json

PAYLOAD: Final = "application/vnd.clearinghouse.scan-warrant+json"
TYPE: Final = "clearinghouse/scan-warrant/v1"
_LIMITS: Final = Limits(size_bytes=256 * 1024, depth=6, items=20_000)
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Warrant:
    """What a warrant says."""

    origin: str
    """The clearinghouse that issued it."""
    scan: StandingScan
    revision: int
    """The version of the intent that it is for."""
    issued_at: datetime
    key: bytes = b""
    """The scanner's own public key, 32 bytes; empty: its requests cannot be tied to it."""

    def dump(self) -> bytes:
        """Return the one byte form of what is signed."""
        return dump_canonical(_plain(self))


def issue(warrant: Warrant, *, key: SigningKey) -> bytes:
    """Return the warrant as it is handed out: an envelope with the clearinghouse's signature."""
    return seal(warrant.dump(), payload_type=PAYLOAD, key=key).dump()


def open_warrant(envelope: bytes, *, key: VerifyingKey) -> Warrant:
    """Return what a warrant says, once the clearinghouse's key verifies it.

    Raises:
        Malformed: it is none, was changed, or is another clearinghouse's.
    """
    return _opened(parse_envelope(envelope), key)


def open_carried(payload: bytes, key_id: str, signature: bytes, *, key: VerifyingKey) -> Warrant:
    """Return what a warrant says that came in a request, in parts.

    Raises:
        Malformed: it was changed, or is another clearinghouse's.
    """
    return _opened(Envelope(payload, PAYLOAD, key_id, signature), key)


def _opened(envelope: Envelope, key: VerifyingKey) -> Warrant:
    payload = open_envelope(envelope, payload_type=PAYLOAD, key=key)
    try:
        warrant = _read(load_json(payload, limits=_LIMITS))
    except Refused as refusal:
        raise Malformed(f"the warrant is not sound JSON: {refusal}") from None
    except (KeyError, TypeError, ValueError):
        raise Malformed(f"this is not a warrant of the type {TYPE}") from None
    if warrant.dump() != payload:
        raise Malformed("the warrant says more, or says it otherwise, than a warrant does")
    return warrant


def _plain(warrant: Warrant) -> dict[str, Any]:
    scan = warrant.scan
    return {
        "type": TYPE,
        "origin": warrant.origin,
        "intent": scan.intent,
        "revision": warrant.revision,
        "issued_at": said(warrant.issued_at),
        "starts_at": said(scan.starts_at),
        "ends_at": said(scan.ends_at),
        "sources": [str(one) for one in scan.sources],
        "targets": [
            {"network": str(one.network), "ports": [one.first_port, one.last_port]} for one in scan.reaches or ()
        ],
        "hosts": list(scan.hosts),
        "scanner": scan.scanner,
        "contact": scan.contact,
        "technique": scan.technique,
        "rate_per_second": scan.rate_per_second,
        "constraints": list(scan.constraints),
        "key": base64.b64encode(warrant.key).decode(),
    }


def _read(found: Any) -> Warrant:  # noqa: ANN401 - JSON
    if found["type"] != TYPE:
        raise ValueError
    scan = StandingScan(
        intent=_text(found["intent"]),
        sources=tuple(parse_prefix(_text(one)) for one in found["sources"]),
        starts_at=moment(found["starts_at"]),
        ends_at=moment(found["ends_at"]),
        contact=_text(found["contact"]),
        scanner=_text(found["scanner"]),
        technique=_text(found["technique"]),
        reaches=tuple(Reach(parse_prefix(_text(one["network"])), *map(int, one["ports"])) for one in found["targets"]),
        hosts=tuple(_text(one) for one in found["hosts"]),
        rate_per_second=None if found["rate_per_second"] is None else int(found["rate_per_second"]),
        constraints=tuple(_text(one) for one in found["constraints"]),
    )
    return Warrant(
        origin=_text(found["origin"]),
        scan=scan,
        revision=int(found["revision"]),
        issued_at=moment(found["issued_at"]),
        key=read_key(_text(found["key"])),
    )


def read_key(text: str) -> bytes:
    """Return a scanner's public key from its base64; nothing from nothing.

    Raises:
        Malformed: it is no Ed25519 key.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b"?"
    if raw and len(raw) != _KEY_BYTES:
        raise Malformed(f"a key of {len(raw)} bytes; an Ed25519 public key has {_KEY_BYTES}, in base64")
    return raw


def said(moment: datetime) -> str:
    """Return a moment as it is written in what is signed: UTC, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: object) -> datetime:
    """Return the moment that such text names.

    Raises:
        ValueError: it is none.
    """
    return datetime.strptime(_text(text), "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
