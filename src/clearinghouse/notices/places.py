"""Where a notice stands in the stream: an id of version 7, which sorts by time, to the microsecond.

The microseconds of a millisecond stand in the bits that RFC 9562 (6.2, method 3) lets more precise clocks have; the
rest is chance, so that a place tells nothing of how much else was told.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

_CHANCE_BITS = 62
_VERSION, _VARIANT = 7 << 76, 2 << 62

type Chance = Callable[[int], int]
"""Returns so many random bits."""


def place_at(micros: int, chance: Chance) -> UUID:
    """Return a place at this many microseconds since 1970."""
    millis, rest = divmod(micros, 1000)
    return UUID(int=(millis << 80) | _VERSION | (rest << 66) | _VARIANT | chance(_CHANCE_BITS))


def micros_of(place: UUID) -> int:
    """Return the microseconds since 1970 that a place stands for."""
    return (place.int >> 80) * 1000 + ((place.int >> 66) & 0x3FF)


def places_after(last: UUID | None, to: Iterable[object], *, now_micros: int, chance: Chance) -> list[UUID]:
    """Return a place for each of those told, all of them after ``last``, whatever the clock says.

    Those told to the same party stand in the order given. What others are told moves nobody's place: the count begins
    anew for each.

    Args:
        last: the latest place that was ever given.
        to: to whom each is told.
        now_micros: what the clock says.
        chance: where random bits come from.
    """
    begin = now_micros if last is None else max(now_micros, micros_of(last) + 1)
    told: dict[object, int] = {}
    found = []
    for party in to:
        number = told[party] = told.get(party, -1) + 1
        found.append(place_at(begin + number, chance))
    return found
