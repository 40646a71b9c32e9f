"""Cosignatures: a witness's word that it saw a checkpoint, and that it continues all that it saw before; pure.

Source: C2SP tlog-cosignature (``cosignature/v1``) and tlog-witness (https://c2sp.org).
"""

import base64
import hashlib
import re
from dataclasses import dataclass

from clearinghouse.errors import Malformed
from clearinghouse.ledger.tree import HASH_BYTES
from clearinghouse.signing.keys import SigningKey, VerifyingKey

_COSIGNATURE = b"\x04"
_KEY_ID_BYTES, _TIME_BYTES, _SIGNATURE_BYTES = 4, 8, 64
_RAW_KEY_BYTES = 32
MOST_PROOF_LINES = 63


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """A witness's public key and the name it signs under."""

    name: str
    key: VerifyingKey

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + _COSIGNATURE + self.key.raw).digest()[:_KEY_ID_BYTES]

    @property
    def text(self) -> str:
        """The key in one line."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_COSIGNATURE + self.key.raw).decode()}"


def read_witness_key(text: str) -> WitnessKey:
    """Return the key that stands in one line.

    Raises:
        Malformed: it is no key of a witness.
    """
    found = re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text.strip())
    raw = _base64(found[3]) if found else b""
    if found is None or raw[:1] != _COSIGNATURE or len(raw) != 1 + _RAW_KEY_BYTES:
        raise Malformed(f"{text[:80]!r} is no key of a witness: name+8 hex digits+base64")
    key = WitnessKey(found[1], VerifyingKey(raw[1:]))
    if key.key_id.hex() != found[2]:
        raise Malformed(f"the id {found[2]} is not that of this key and name")
    return key


def cosign(text: str, *, name: str, key: SigningKey, at_seconds: int) -> str:
    """Return the signature line of a witness under a checkpoint's text, seen at so many seconds of Unix time."""
    signature = key.sign(_signed(text, at_seconds))
    line = WitnessKey(name, key.public).key_id + at_seconds.to_bytes(_TIME_BYTES) + signature
    return f"— {name} {base64.b64encode(line).decode()}\n"


def cosigned_at(text: str, line: str, *, key: WitnessKey) -> int:
    """Return when the witness signed, by its signature line.

    Raises:
        Malformed: it is not this witness's signature under this text.
    """
    found = re.fullmatch(r"— (\S+) ([A-Za-z0-9+/=]+)\n?", line)
    raw = _base64(found[2]) if found else b""
    if found is None or found[1] != key.name or len(raw) != _KEY_ID_BYTES + _TIME_BYTES + _SIGNATURE_BYTES:
        raise Malformed(f"{line[:80]!r} is no signature line of {key.name}")
    at_seconds = int.from_bytes(raw[_KEY_ID_BYTES : _KEY_ID_BYTES + _TIME_BYTES])
    signature = raw[_KEY_ID_BYTES + _TIME_BYTES :]
    if raw[:_KEY_ID_BYTES] != key.key_id or not key.key.verifies(signature, _signed(text, at_seconds)):
        raise Malformed(f"the signature by {key.name} does not belong to this checkpoint")
    return at_seconds


@dataclass(frozen=True, slots=True)
class Asked:
    """What a log asks of a witness: from which size on, by which proof, to sign which note."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    @property
    def text(self) -> str:
        """The body of the request."""
        lines = [f"old {self.old}", *(base64.b64encode(one).decode() for one in self.proof), "", self.note]
        return "\n".join(lines)


def read_asked(text: str) -> Asked:
    """Return what a request asks.

    Raises:
        Malformed: it is no such request.
    """
    head, blank, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    found = re.fullmatch(r"old (0|[1-9][0-9]{0,18})", first, re.ASCII)
    if not blank or found is None or len(lines) > MOST_PROOF_LINES:
        raise Malformed("a request is `old SIZE`, at most 63 lines of proof, an empty line, and a checkpoint")
    proof = tuple(_base64(line) for line in lines)
    if any(len(one) != HASH_BYTES for one in proof):
        raise Malformed("a line of the proof is not a hash of 32 bytes in base64")
    return Asked(int(found[1]), proof, note)


def _signed(text: str, at_seconds: int) -> bytes:
    return f"cosignature/v1\ntime {at_seconds}\n{text}".encode()


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Malformed(f"{text[:80]!r} is not base64") from None
