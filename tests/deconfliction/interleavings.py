"""Every order in which writers can take their steps, with the disk behind them: a model of what holds writers apart.

The steps are those of ``actions/standing.py`` and ``actions/holding.py``, each indivisible as the database makes it:
take the locks, ask what is committed, commit (visible to others, not on the disk), let the locks go, flush, answer.
What decides is the real thing: cells, locks, ``meets``, ``missing``. A crash may come after any step: what was not
flushed is gone. All states that any order leads to are visited once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from clearinghouse.deconfliction.rules.awareness import Met, Standing, missing
from clearinghouse.deconfliction.rules.cells import Locks, locks_of
from clearinghouse.deconfliction.rules.targets.kinds import Target, meets
from clearinghouse.deconfliction.rules.windows import Window

TRIES = 2
"""How often a writer who is refused comes again with the keys that it was told."""


@dataclass(frozen=True)
class Way:
    """How writers go about it; each can be got wrong, to see that it is found."""

    holds: bool = True
    """Whether locks are taken."""
    holds_coarse: bool = True
    """Whether narrow writers hold their coarse cells too."""
    flushes: bool = True
    """Whether an answer waits for the disk."""
    asks_inside: bool = True
    """Whether what is committed is asked after the locks are held."""
    at_once: bool = False
    """Whether it is asked before, and seen to be unchanged once they are held: the one statement of PostgreSQL."""
    compares: bool = True
    """Whether that is seen."""


RIGHT = Way()
AT_ONCE = Way(at_once=True)


@dataclass(frozen=True)
class Writer:
    """What one writer wants."""

    target: Target
    window: Window

    def locks(self, way: Way) -> Locks:
        """Return what it holds."""
        if not way.holds:
            return Locks()
        held = locks_of([self.target.cells])
        return held if way.holds_coarse or not held.together else Locks(held.alone)

    def met(self, other: "Writer") -> bool:
        """Say whether it meets another, found by the index and then exactly."""
        near = self.target.cells.searched & other.target.cells.written
        return bool(near) and self.window.overlaps(other.window) and meets(self.target, other.target)


@dataclass(frozen=True)
class Place:
    """Where one writer stands."""

    step: str = "begin"
    known: frozenset[int] = frozenset()
    found: frozenset[int] = frozenset()
    tries: int = 0


@dataclass(frozen=True)
class World:
    """Where everything stands: writers, what is committed in which order, how much of that is on the disk."""

    places: tuple[Place, ...]
    committed: tuple[int, ...] = ()
    durable: int = 0
    accepted_with: tuple[frozenset[int], ...] = ()


def _next(world: World, number: int, writers: Sequence[Writer], way: Way) -> World | None:  # noqa: C901, PLR0911, PLR0912 - steps
    """Return the world after one step of one writer; None: it waits, or is done."""
    here = world.places[number]
    match here.step:
        case "begin":
            if way.at_once:
                return _at(world, number, replace(here, step="weigh", found=frozenset(world.committed)))
            if not way.asks_inside:
                return _at(world, number, replace(here, step="lock", found=frozenset(world.committed)))
            return _lock(world, number, writers, way)
        case "lock":
            return _lock(world, number, writers, way)
        case "weigh":
            return _decide(world, number, writers, then="lock")
        case "compare":
            if way.compares and here.found != frozenset(world.committed):
                return _at(world, number, replace(here, step="begin"))
            return _at(world, number, replace(here, step="commit"))
        case "commit":
            return _commit(world, number)
        case "ask":
            found = frozenset(world.committed) if way.asks_inside else here.found
            return _at(world, number, replace(here, step="decide", found=found))
        case "decide":
            return _decide(world, number, writers, then="commit")
        case "release":
            return _at(world, number, replace(here, step="flush" if way.flushes else "answer"))
        case "flush":
            return replace(_at(world, number, replace(here, step="answer")), durable=len(world.committed))
        case "answer":
            return _at(world, number, replace(here, step="answered"))
        case _:
            return None


def _lock(world: World, number: int, writers: Sequence[Writer], way: Way) -> World | None:
    mine = writers[number].locks(way)
    for other, place in enumerate(world.places):
        holding = place.step in ("ask", "decide", "compare", "commit", "release")
        if other != number and holding and mine.excludes(writers[other].locks(way)):
            return None
    return _at(world, number, replace(world.places[number], step="compare" if way.at_once else "ask"))


def _commit(world: World, number: int) -> World:
    here = world.places[number]
    committed = _at(world, number, replace(here, step="release"))
    with_keys = (*world.accepted_with, here.known)
    return replace(committed, committed=(*world.committed, number), accepted_with=with_keys)


def _decide(world: World, number: int, writers: Sequence[Writer], *, then: str) -> World:
    here = world.places[number]
    met = [_standing(other) for other in sorted(here.found) if writers[number].met(writers[other])]
    missed = missing(met, {str(key) for key in here.known})
    if not missed:
        return _at(world, number, replace(here, step=then))
    if here.tries + 1 >= TRIES:
        return _at(world, number, replace(here, step="refused"))
    told = here.known | {int(one.version_key) for one in missed}
    return _at(world, number, Place("begin", told, frozenset(), here.tries + 1))


def _standing(number: int) -> Standing:
    return Standing(Met.INTENT, UUID(int=number), str(number), str(number), UUID(int=100 + number))


def _at(world: World, number: int, place: Place) -> World:
    return replace(world, places=(*world.places[:number], place, *world.places[number + 1 :]))


def worlds(writers: Sequence[Writer], way: Way = RIGHT) -> Iterator[World]:
    """Yield every world that some order of steps leads to."""
    start = World(tuple(Place() for _ in writers))
    seen, waiting = {start}, [start]
    while waiting:
        world = waiting.pop()
        yield world
        for number in range(len(writers)):
            after = _next(world, number, writers, way)
            if after is not None and after not in seen:
                seen.add(after)
                waiting.append(after)


def faults(world: World, meeting: frozenset[tuple[int, int]]) -> list[str]:
    """Return what is wrong with a world, also if the machine stopped now; ``meeting``: the pairs that truly meet."""
    found = [
        f"{number} was accepted unaware of {earlier}"
        for place, number in enumerate(world.committed)
        for earlier in world.committed[:place]
        if (earlier, number) in meeting and earlier not in world.accepted_with[place]
    ]
    on_disk = world.committed[: world.durable]
    found += [
        f"{number} was answered and would be lost"
        for number, place in enumerate(world.places)
        if place.step == "answered" and number not in on_disk
    ]
    if not any(place.step not in ("answered", "refused") for place in world.places) and not world.committed:
        found.append("nobody was accepted")
    return found
