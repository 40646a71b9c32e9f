"""How far a case may be told: the marking that follows from its reports, and from what people decided about them.

TLP is a sharing boundary, not a classification: each label is an audience. Source: FIRST TLP 2.0; docs/decisions/0123.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from clearinghouse.cases.rules.seats import Tier
from clearinghouse.errors import Malformed
from clearinghouse.standards.tlp import Recipient, Tlp, is_narrower, narrowest


class Turn(StrEnum):
    """In which direction a marking was changed."""

    LOWER = "lower"
    RAISE = "raise"


@dataclass(frozen=True, slots=True)
class Change:
    """That a marking was changed: in which direction, to which label, on which reports."""

    turn: Turn
    label: Tlp
    reports: frozenset[str]
    """finder/id of each report that was in the case."""
    basis: str
    """What it was decided on, as ``basis_of`` tells it."""


def basis_of(labels: Mapping[str, Tlp]) -> str:
    """Return what a lowering was decided on, as SHA-256 in hex: the label of each report by its key."""
    return hashlib.sha256(json.dumps(sorted(labels.items()), separators=(",", ":")).encode()).hexdigest()


def marking(labels: Mapping[str, Tlp], reports: frozenset[str], changes: Iterable[Change]) -> Tlp:
    """Return the marking of a case.

    That of its narrowest report, unless two people have lowered it on exactly these reports and labels: a report that
    joins or leaves, or comes anew, voids every lowering. What was raised stays so, and goes along with each report that
    it was raised on into whatever case the report is in, until two people lower it.

    Args:
        labels: the label of each report by its key.
        reports: finder/id of each.
        changes: those made about any of these reports, the first one first.
    """
    basis, found = basis_of(labels), narrowest(*labels.values())
    for one in changes:
        if one.turn is Turn.RAISE and one.reports & reports:
            found = narrowest(found, one.label)
        elif one.turn is Turn.LOWER and one.basis == basis:
            found = one.label
    return found


def check_turn(turn: Turn, present: Tlp, wanted: Tlp) -> None:
    """Return quietly if ``wanted`` lies in that direction.

    Raises:
        Malformed: it does not.
    """
    if not (is_narrower(wanted, present) if turn is Turn.RAISE else is_narrower(present, wanted)):
        way = "narrower" if turn is Turn.RAISE else "wider"
        raise Malformed(f"TLP:{wanted} is not {way} than TLP:{present}, which the case is marked with")


def recipient_of(tier: Tier, *, whole_organization: bool) -> Recipient:
    """Return what a seat makes of whoever has it: read in downstream, an organization as a whole, a named person."""
    if tier >= Tier.FIX:
        return Recipient.CLIENT
    return Recipient.ORGANIZATION if whole_organization else Recipient.PERSON
