"""What an event is and what its leaf commits to; pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from clearinghouse.errors import Malformed

SALT_BYTES = 32
BATCH = 16
"""What is published grows by whole batches of so many leaves, so that its pace says little. Source: decision 0103."""
_LEAF_DOMAIN = b"ch/leaf/v1"
_LEAF_START, _LEAF_END = '{"v":1,"c":"', '"}'


class Subject(Protocol):
    """What an entry is about: any row of ours."""

    @property
    def kind(self) -> str:
        """The subject part of its verbs."""

    @property
    def pk(self) -> Any:  # noqa: ANN401 - Django's primary keys are of any type
        """Its id."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One act, as it is committed to: never shown to outsiders, never changed.

    ``number`` counts the acts on the same subject from 0 and ``previous`` is the leaf hash of the one before, so
    that a participant can show that nothing about the subject was left out.
    """

    id: UUID
    verb: str
    kind: str
    subject: str
    actor: UUID
    at: datetime
    details: Mapping[str, Any]
    number: int
    previous: str

    def canonical(self) -> bytes:
        """Return the one text of this deed: sorted keys, compact, UTF-8.

        Raises:
            Malformed: the time has no timezone, or ``details`` holds what JSON cannot.
        """
        if self.at.utcoffset() is None:
            raise Malformed("the time of an act must carry a timezone")
        facts = {
            "v": 1,
            "id": str(self.id),
            "verb": self.verb,
            "kind": self.kind,
            "subject": self.subject,
            "actor": str(self.actor),
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "details": self.details,
            "number": self.number,
            "previous": self.previous,
        }
        try:
            text = json.dumps(
                facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_as_text
            )
            return text.encode()
        except (TypeError, ValueError) as error:
            raise Malformed(f"the details of {self.verb} cannot be written down: {error}") from None


def _as_text(value: object) -> str:
    """Return ids and times as text; anything else does not belong in an entry."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime) and value.utcoffset() is not None:
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} is neither plain data, an id nor a time with a timezone")


def leaf_of(canonical: bytes, salt: bytes) -> bytes:
    """Return the leaf: a commitment that says nothing without the salt.

    Raises:
        Malformed: the salt has another length than ``SALT_BYTES``.

    Source: docs/decisions/0007-own-ledger.md.
    """
    if len(salt) != SALT_BYTES:
        raise Malformed(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    commitment = hashlib.sha256(_LEAF_DOMAIN + salt + canonical).hexdigest()
    return f"{_LEAF_START}{commitment}{_LEAF_END}".encode()


def filling(size: int, chance: bytes) -> tuple[UUID, bytes]:
    """Return the id and the leaf that fill place ``size`` of the tree; nobody else can tell it from an act's.

    Args:
        size: entries before it.
        chance: 32 random bytes.
    """
    return UUID(int=size), f"{_LEAF_START}{chance.hex()}{_LEAF_END}".encode()


def is_filling(event_id: UUID, seq: int) -> bool:
    """Say whether nothing is behind an entry: its id is its place; those of acts are random."""
    return event_id.int == seq


def opened(extra: bytes) -> tuple[bytes, str]:
    """Return the leaf, and the act behind it, of what a proof carries: the leaf alone, or the salt and the act's text.

    Raises:
        Malformed: it is neither.
    """
    if re.fullmatch(rb'\{"v":1,"c":"[0-9a-f]{64}"\}', extra):
        return extra, ""
    salt, canonical = extra[:SALT_BYTES], extra[SALT_BYTES:]
    try:
        act = canonical.decode()
    except UnicodeDecodeError:
        raise Malformed("the proof carries neither a leaf nor a salt and an act") from None
    return leaf_of(canonical, salt), act
