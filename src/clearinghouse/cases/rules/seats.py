"""Who sits in a case, in which part, and how much that lets them see.

Source: CERT Guide to Coordinated Vulnerability Disclosure and Vultron, participants; Akrites SIRT, Read-in Tier Policy.
"""

from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from clearinghouse.errors import Malformed
from clearinghouse.lifecycle import Lifecycle
from clearinghouse.permissions.rules import Role


class Part(StrEnum):
    """What somebody is in this one case, whatever they are elsewhere."""

    FINDER = "finder"
    MAINTAINER = "maintainer"
    EXPERT = "expert"
    DISTRIBUTOR = "distributor"
    REGISTRY = "registry"


class Tier(IntEnum):
    """How much a seat lets see: the higher the number, the less."""

    ALL = 0
    """Finder and maintainer: everything, proofs included."""
    NEEDED = 1
    """Experts who analyse, patch and test: what that needs, proofs included."""
    FIX = 2
    """Distributors and rings before disclosure: fix and timing, no proof."""
    INSTANT = 3
    """Networks and registries: what comes and at which instant."""


TIER_OF_PART: Final = {
    Part.FINDER: Tier.ALL,
    Part.MAINTAINER: Tier.ALL,
    Part.EXPERT: Tier.NEEDED,
    Part.DISTRIBUTOR: Tier.FIX,
    Part.REGISTRY: Tier.INSTANT,
}
"""The least that each part may be given: one tier, and the highest number that will do."""

ROLE_OF_PART: Final = {
    Part.FINDER: Role.FINDER,
    Part.MAINTAINER: Role.MAINTAINER,
    Part.EXPERT: Role.MAINTAINER,
    Part.DISTRIBUTOR: Role.MAINTAINER,
    Part.REGISTRY: Role.OPERATOR,
}
"""The role that whoever is invited to a part signs up with."""

LONGEST_SEAT: Final = timedelta(days=366)


class SeatState(StrEnum):
    """Whether somebody sits in a case."""

    SEATED = "seated"
    LEFT = "left"
    REMOVED = "removed"


class SeatStep(StrEnum):
    """What happens to a seat."""

    LEAVE = "leave"
    REMOVE = "remove"


SEAT = Lifecycle(
    name="cases:participant",
    initial=SeatState.SEATED,
    table={
        (SeatState.SEATED, SeatStep.LEAVE): SeatState.LEFT,
        (SeatState.SEATED, SeatStep.REMOVE): SeatState.REMOVED,
    },
)


def check_seat(part: Part, tier: int, until_at: datetime | None, *, at: datetime) -> Tier:
    """Return the tier of a seat that may be given.

    Raises:
        Malformed: the part may not see that much, there is no such tier, or the time is over, too long or missing
            where the part needs one.
    """
    if tier not in tuple(Tier):
        raise Malformed(f"there is no tier {tier}; there are 0 to 3")
    if tier < TIER_OF_PART[part]:
        raise Malformed(f"{part} sits at tier {TIER_OF_PART[part].value} or higher, not {tier}: no more than is needed")
    if until_at is None and TIER_OF_PART[part] is not Tier.ALL:
        raise Malformed(f"a seat as {part} needs an end; only finder and maintainer sit until the case ends")
    if until_at is not None and not at < until_at <= at + LONGEST_SEAT:
        raise Malformed(f"a seat cannot end at {until_at}; choose a time from now to {LONGEST_SEAT.days} days on")
    return Tier(tier)
