"""Signed notes, checkpoints and stored proofs, as tools that we did not write read them; no database.

Source: C2SP signed-note, tlog-checkpoint, tlog-proof (https://c2sp.org).
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from clearinghouse.errors import Malformed
from clearinghouse.ledger.tree import HASH_BYTES, included
from clearinghouse.signing.keys import SigningKey, VerifyingKey

_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_MOST_SIGNATURES = 64
_LONGEST_NOTE_BYTES = 1 << 20
_LONGEST_NUMBER = 20
_PROOF_HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key together with the name that it signs notes under."""

    name: str
    key: VerifyingKey

    def __post_init__(self) -> None:
        """Refuse a name that cannot stand in a note."""
        if not self.name or "+" in self.name or any(c.isspace() or ord(c) < ord(" ") for c in self.name):
            raise Malformed(f"{self.name!r} cannot name a key: it is empty, or has spaces or a plus")

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.key.raw).digest()[:_KEY_ID_BYTES]

    @property
    def text(self) -> str:
        """The key in one line, as Go's ``sumdb/note`` reads it."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_ED25519 + self.key.raw).decode()}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's word on how large it is and what it holds."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class StoredProof:
    """A proof that somebody can check offline: where the leaf stands, the path to the root, the signed checkpoint."""

    index: int
    path: tuple[bytes, ...]
    note: str
    extra: bytes | None = None

    @property
    def text(self) -> str:
        """The content of a ``.tlog-proof`` file."""
        extra = [] if self.extra is None else [f"extra {base64.b64encode(self.extra).decode()}"]
        path = [base64.b64encode(one).decode() for one in self.path]
        return "\n".join([_PROOF_HEADER, *extra, f"index {self.index}", *path, "", self.note])

    def shows(self, leaf: bytes, *, key: NoteKey) -> Checkpoint:
        """Return the checkpoint that holds ``leaf``, with everything about it checked.

        Raises:
            Malformed: the checkpoint is not signed by ``key``, or does not hold the leaf at this place.
        """
        checkpoint = read_checkpoint(open_note(self.note, key=key))
        if checkpoint.origin != key.name:
            raise Malformed(f"the checkpoint speaks for {checkpoint.origin}, the key for {key.name}")
        if not included(leaf, self.index, checkpoint.size, self.path, checkpoint.root):
            raise Malformed(f"the path does not lead from this leaf at {self.index} to the checkpoint's root")
        return checkpoint


def sign_note(text: str, *, name: str, key: SigningKey) -> str:
    """Return the note: ``text`` (which ends in a newline) and one Ed25519 signature line.

    Raises:
        Malformed: the text does not end in a newline or holds control characters, or the name cannot name a key.
    """
    _check_text(text)
    signature = NoteKey(name, key.public).key_id + key.sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(signature).decode()}\n"


def open_note(note: str, *, key: NoteKey) -> str:
    """Return the text of ``note``, signed by ``key``; signatures by others are left aside.

    Raises:
        Malformed: it is no note, or the key's signature is missing or wrong.
    """
    if len(note.encode()) > _LONGEST_NOTE_BYTES:
        raise Malformed(f"a note of more than {_LONGEST_NOTE_BYTES} bytes is not read")
    body, blank, signatures = note.rpartition("\n\n")
    lines = signatures.splitlines()
    if not blank or not signatures.endswith("\n") or not 1 <= len(lines) <= _MOST_SIGNATURES:
        raise Malformed("this is no signed note: a text, an empty line, then signature lines")
    text = body + "\n"
    _check_text(text)
    ours = [signature for name, signature in map(_signature, lines) if name == key.name]
    ours = [signature[_KEY_ID_BYTES:] for signature in ours if signature[:_KEY_ID_BYTES] == key.key_id]
    if not ours:
        raise Malformed(f"the note carries no signature by {key.name} with this key")
    if not all(key.key.verifies(signature, text.encode()) for signature in ours):
        raise Malformed(f"the signature by {key.name} does not belong to this text")
    return text


def read_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that a note's text holds.

    Raises:
        Malformed: the text is no checkpoint.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines):  # noqa: PLR2004 - origin, size, root, and the end
        raise Malformed("a checkpoint has an origin, a size and a root, one a line")
    root = _hash(lines[2])
    return Checkpoint(lines[0], _number(lines[1]), root)


def read_proof(text: str) -> StoredProof:
    """Return the proof that a ``.tlog-proof`` file holds.

    Raises:
        Malformed: it is no such file.
    """
    if len(text.encode()) > _LONGEST_NOTE_BYTES:
        raise Malformed(f"a proof of more than {_LONGEST_NOTE_BYTES} bytes is not read")
    head, blank, note = text.partition("\n\n")
    header, *lines = head.split("\n")
    if not blank or header != _PROOF_HEADER:
        raise Malformed(f"a proof begins with {_PROOF_HEADER} and ends with a checkpoint after an empty line")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = _decoded(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise Malformed("a proof says at which index the leaf stands")
    index = _number(lines.pop(0).removeprefix("index "))
    return StoredProof(index, tuple(_hash(line) for line in lines), note, extra)


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(ord(c) < ord(" ") and c != "\n" for c in text):
        raise Malformed("the text of a note ends in a newline and holds no other control characters")


def _signature(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—" or not name or not encoded:
        raise Malformed(f"{line!r} is no signature line: a dash, a name, a signature")
    signature = _decoded(encoded)
    if len(signature) <= _KEY_ID_BYTES:
        raise Malformed(f"the signature by {name} is too short to be one")
    return name, signature


def _decoded(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(f"{text[:80]!r} is not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise Malformed(f"{text[:80]!r} is not base64 in its one right form")
    return raw


def _hash(text: str) -> bytes:
    raw = _decoded(text)
    if len(raw) != HASH_BYTES:
        raise Malformed(f"a hash has {HASH_BYTES} bytes, not {len(raw)}")
    return raw


def _number(text: str) -> int:
    if len(text) > _LONGEST_NUMBER or not re.fullmatch(r"0|[1-9][0-9]*", text, re.ASCII):
        raise Malformed(f"{text[:80]!r} is not a decimal number without leading zeroes")
    return int(text)
