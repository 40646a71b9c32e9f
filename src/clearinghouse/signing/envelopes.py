"""DSSE envelopes: a signature over the exact bytes of a payload and its type.

One envelope has one byte form here (canonical JSON, canonical base64, one signature with its key id), so that no byte
of it can be changed unnoticed, also not those a signature does not cover. Source: DSSE v1.0, protocol and envelope.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from clearinghouse.errors import Malformed, Refused
from clearinghouse.signing.keys import SigningKey, VerifyingKey
from clearinghouse.strict import dump_canonical, load_json

IN_TOTO_PAYLOAD = "application/vnd.in-toto+json"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload, its type and one signature."""

    payload: bytes
    payload_type: str
    key_id: str
    signature: bytes

    def dump(self) -> bytes:
        """Return the one byte form of the envelope."""
        return dump_canonical(
            {
                "payload": base64.b64encode(self.payload).decode(),
                "payloadType": self.payload_type,
                "signatures": [{"keyid": self.key_id, "sig": base64.b64encode(self.signature).decode()}],
            }
        )


def authenticated_bytes(payload: bytes, payload_type: str) -> bytes:
    """Return what is signed: type and payload with their lengths, so that neither can run into the other.

    Source: DSSE v1.0, pre-authentication encoding (PAE).
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, *, payload_type: str, key: SigningKey) -> Envelope:
    """Return the envelope with ``key``'s signature over ``payload``."""
    signature = key.sign(authenticated_bytes(payload, payload_type))
    return Envelope(payload, payload_type, key.public.key_id, signature)


def parse_envelope(data: bytes) -> Envelope:
    """Return the envelope that ``data`` holds, unverified.

    Raises:
        Malformed: it is no envelope with exactly one signature, or not in its one byte form.
    """
    try:
        found = load_json(data)
    except Refused as refusal:
        raise Malformed(f"the envelope is not sound JSON: {refusal}") from None
    try:
        envelope = _built(found)
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise Malformed("this is not a DSSE envelope with one signature and its key id") from None
    if envelope.dump() != data:
        raise Malformed("the envelope is not in the form it was signed in; something in it was changed")
    return envelope


def open_envelope(envelope: Envelope, *, payload_type: str, key: VerifyingKey) -> bytes:
    """Return the payload, once ``key`` verifies the signature over it.

    Raises:
        Malformed: the type is another, the key another, or the signature does not hold.
    """
    if envelope.payload_type != payload_type:
        raise Malformed(f"the envelope carries {envelope.payload_type}; {payload_type} would be right")
    if envelope.key_id != key.key_id:
        raise Malformed(f"the envelope names key {envelope.key_id[:16]}…; yours is {key.key_id[:16]}…")
    if not key.verifies(envelope.signature, authenticated_bytes(envelope.payload, payload_type)):
        raise Malformed("the signature does not hold: the envelope was changed, or signed with another key")
    return envelope.payload


def _built(found: Any) -> Envelope:  # noqa: ANN401
    (signature,) = found["signatures"]
    texts = (found["payload"], found["payloadType"], signature["keyid"], signature["sig"])
    if not all(isinstance(one, str) for one in texts):
        raise TypeError
    payload, payload_type, key_id, sig = texts
    return Envelope(
        base64.b64decode(payload, validate=True), payload_type, key_id, base64.b64decode(sig, validate=True)
    )
