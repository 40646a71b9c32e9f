"""Who meets whom, and the proof of having seen them: the keys that a write has to carry."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from clearinghouse.deconfliction.rules.lifecycle import STANDING, Answering, IntentState, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import Target
from clearinghouse.deconfliction.rules.techniques import Relation
from clearinghouse.deconfliction.rules.windows import Times, Window

MOST_MET: Final = 1_000
"""How many parties one scan may meet; whoever meets more has to announce less at a time."""
MOST_KEYS: Final = 20_000
"""How many version keys one write may carry: more than there are of so many others."""
MOST_HELD: Final = 1_024
"""Entries of the index near one name that one organization's announcements hold: four of 256 folders each."""
MOST_HELD_URGENTLY: Final = MOST_HELD + 256
"""With those of emergencies: there is always room for one more of these."""
MOST_WISHES: Final = 20
"""What one organization may ask of whoever scans one thing that is not known to be theirs."""
MOST_WISHES_EACH: Final = 2_000
"""How much it may have stated in all, of its own too, and still ask more of whoever scans such things."""


class Met(StrEnum):
    """What is met."""

    INTENT = "intent"
    CONSTRAINT = "constraint"


@dataclass(frozen=True, slots=True)
class Standing:
    """A standing intent or constraint that a scan meets, as far as whoever announces the scan may see it."""

    what: Met
    id: UUID
    public_id: str
    version_key: str
    """Opaque; whoever holds it has seen this version."""
    organization: UUID
    relation: Relation = Relation.COMPETE
    is_visible: bool = True
    technique: str = ""
    window: Window | None = None
    state: str = ""
    contact: str = ""
    targets: tuple[Target, ...] = ()
    """Those that are met."""
    says: str = ""
    """Of a constraint: what it asks, and the rest of it below."""
    times: Times | None = None
    rate_per_second: int | None = None
    why: str = ""

    @property
    def needs_key(self) -> bool:
        """Whether it must have been seen: not what one may not see, and not who does no harm."""
        return self.is_visible and self.relation is not Relation.SHARE


def missing(met: Iterable[Standing], seen: Collection[str]) -> tuple[Standing, ...]:
    """Return what is met, must have been seen, and was not: its present version key is not among ``seen``."""
    return tuple(one for one in met if one.needs_key and one.version_key not in seen)


def counted(met: Iterable[Standing]) -> int:
    """Return how many other parties are met, as far as they are seen: whoever asks or announces much is one of them.

    What may not be seen is not counted, so that a refusal tells nothing of it.
    """
    return len({(one.what, one.organization) for one in met if one.is_visible})


def is_standing(state: str, ends_at: datetime, *, at: datetime) -> bool:
    """Say whether an intent concerns others now: it was accepted, and neither ended nor ran out."""
    return state in STANDING and at < ends_at


def blocks(state: str, answering: str) -> bool:
    """Say whether others must have seen a standing intent: not when it has not begun and its participant is down."""
    return not (state == IntentState.ACCEPTED and answering == Answering.DOWN)


def is_shown_to(organization: UUID, *, owner: UUID, visibility: str, has_met: bool) -> bool:
    """Say whether an organization sees a standing intent: it is for everyone or their own, or they have met."""
    return visibility == Visibility.EVERYONE or organization == owner or has_met
