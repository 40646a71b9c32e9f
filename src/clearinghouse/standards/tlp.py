"""The Traffic Light Protocol: how far something may be told.

Source: FIRST TLP 2.0 (August 2022); CSAF 2.0 section 3.2.1.5.2 for the older labels that CSAF 2.0 still writes.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from clearinghouse.errors import Malformed


class Tlp(StrEnum):
    """A label, from the widest audience to the narrowest."""

    CLEAR = "CLEAR"
    GREEN = "GREEN"
    AMBER = "AMBER"
    AMBER_STRICT = "AMBER+STRICT"
    RED = "RED"


class Recipient(StrEnum):
    """Who is told something, from the one who was named to everybody."""

    PERSON = "person"
    ORGANIZATION = "organization"
    CLIENT = "client"
    COMMUNITY = "community"
    PUBLIC = "public"


_WIDER = tuple(Recipient)
AUDIENCE: Final[Mapping[Tlp, frozenset[Recipient]]] = {
    Tlp.RED: frozenset(_WIDER[:1]),
    Tlp.AMBER_STRICT: frozenset(_WIDER[:2]),
    Tlp.AMBER: frozenset(_WIDER[:3]),
    Tlp.GREEN: frozenset(_WIDER[:4]),
    Tlp.CLEAR: frozenset(_WIDER),
}
_ORDER = tuple(Tlp)
_OLD_NAMES = {"WHITE": Tlp.CLEAR}
_AUDIENCES = {
    Tlp.CLEAR: "everybody; it may be published",
    Tlp.GREEN: "the recipients' community, not the public",
    Tlp.AMBER: "the recipients' organization and its clients, where they need to know",
    Tlp.AMBER_STRICT: "the recipients' organization only, where they need to know",
    Tlp.RED: "the named recipients only",
}


def parse(text: str) -> Tlp:
    """Return the label that ``text`` writes, with or without ``TLP:``; TLP 1's WHITE is CLEAR.

    Raises:
        Malformed: it is no label.
    """
    bare = text.strip().upper().removeprefix("TLP:")
    try:
        return _OLD_NAMES.get(bare) or Tlp(bare)
    except ValueError:
        raise Malformed(f"{text!r} is no TLP label; it is one of {', '.join(Tlp)}") from None


def is_narrower(one: Tlp, other: Tlp) -> bool:
    """Say whether ``one`` may be told to fewer than ``other``."""
    return _ORDER.index(one) > _ORDER.index(other)


def narrowest(*labels: Tlp) -> Tlp:
    """Return the label that binds when several meet: that with the smallest audience; CLEAR when there is none."""
    return max(labels, key=_ORDER.index, default=Tlp.CLEAR)


def audience(label: Tlp) -> str:
    """Return in words who may be told."""
    return _AUDIENCES[label]


def may_be_told(label: Tlp, recipient: Recipient) -> bool:
    """Say whether what carries ``label`` may be told to such a recipient at all; need-to-know comes on top."""
    return recipient in AUDIENCE[label]


def csaf_label(label: Tlp) -> str:
    """Return the label as CSAF 2.0 writes it, which knows TLP 1 only: the next narrower where it lacks one."""
    if label is Tlp.CLEAR:
        return "WHITE"
    return "RED" if label is Tlp.AMBER_STRICT else str(label)
