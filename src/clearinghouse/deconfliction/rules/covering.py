"""What was covered: under which name it is looked up, and whether what was tried is all of a target."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from clearinghouse.deconfliction.rules.binding import is_within
from clearinghouse.deconfliction.rules.mappings import Mapped, meets_by, sources_of
from clearinghouse.deconfliction.rules.targets.host import Host
from clearinghouse.deconfliction.rules.targets.kinds import Target
from clearinghouse.deconfliction.rules.targets.model import Model
from clearinghouse.deconfliction.rules.targets.network import Network
from clearinghouse.deconfliction.rules.targets.repository import Repository
from clearinghouse.deconfliction.rules.targets.software import Software

TOGETHER: Final = timedelta(days=90)
"""Pieces that were covered so long after each other are no longer one look at the whole."""


class Piece(NamedTuple):
    """What was tried in full, and when."""

    area: Target
    at: datetime


class Looked(NamedTuple):
    """When a target was last looked at."""

    whole: datetime | None = None
    """All of it; None: never. Of pieces that are all of it together, the oldest counts."""
    part: datetime | None = None
    """Some of it."""


def last_look(target: Target, pieces: Iterable[Piece], mappings: Sequence[Mapped] = ()) -> Looked:
    """Return when a target was last looked at, by what was covered of it under any of its names."""
    near = sorted((one for one in pieces if meets_by(one.area, target, mappings)), key=lambda one: one.at, reverse=True)
    if not near:
        return Looked()
    areas = [one.area for one in near]
    # What the latest ones hold, they hold with earlier ones too: so it is found by halving.
    enough = bisect_left(range(len(near) + 1), 1, key=lambda count: _hold(areas[:count], target, mappings))
    return Looked(near[enough - 1].at if enough <= len(near) else None, near[0].at)


def looks(target: Target, pieces: Iterable[Piece], mappings: Sequence[Mapped] = ()) -> Iterator[datetime]:
    """Yield each time at which all of a target had been looked at, by one piece or by some that are not far apart."""
    helping = (one for one in pieces if meets_by(one.area, target, mappings) and _helps(one.area, target, mappings))
    waiting: dict[Target, datetime] = {}
    for area, at in sorted(helping, key=lambda one: one.at):
        waiting = {other: since for other, since in waiting.items() if at - since <= TOGETHER}
        is_new = area not in waiting
        waiting[area] = at
        if is_new and _hold(tuple(waiting), target, mappings):
            yield at
            waiting = {}


def _helps(area: Target, target: Target, mappings: Sequence[Mapped]) -> bool:
    """Say whether an area can be one of those that hold a target: of code, it holds all of one of its names."""
    if isinstance(target, Network):
        return True
    return any(is_within(name, [area, *_same_code(area)]) for name in (target, *sources_of(target, mappings)))


def _hold(areas: Sequence[Target], target: Target, mappings: Sequence[Mapped]) -> bool:
    """Say whether these areas hold all of a target: under its own name, or everywhere that its code is said to lie.

    Everywhere: whoever may add a mapping must not be able to say by it that something else was looked at.
    """
    known = [*areas, *(source for one in areas for source in _same_code(one))]
    sources = tuple(sources_of(target, mappings))
    return is_within(target, known) or bool(sources and all(is_within(one, known) for one in sources))


def _same_code(area: Target) -> Iterator[Target]:
    """Yield the repository that a purl is itself an address of; of one version it is not all."""
    if isinstance(area, Software) and not area.versions:
        yield from sources_of(area, ())


def name_of(target: Target) -> str:
    """Return the name of a target alone: the package, the address, the block, whatever of it was tried."""
    match target:
        case Software():
            return target.package
        case Repository():
            return target.url
        case Network():
            return str(target.block)
        case Host() | Model():
            return str(target.plain()["name"])
