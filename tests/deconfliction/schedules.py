"""Random schedules of writers in memory, decided by the real rules and the real index, held against the oracle."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from clearinghouse.deconfliction.rules.awareness import Met, Standing, missing
from clearinghouse.deconfliction.rules.targets.kinds import Target, meets, target_of
from clearinghouse.deconfliction.rules.techniques import techniques
from clearinghouse.deconfliction.rules.windows import Window
from tests.deconfliction.oracle import Wanted, a_wish, must_know

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WRITERS = 5


def window_of(wish: Wanted) -> Window:
    """Return the window of a scan of the small world."""
    return Window(NOON + timedelta(hours=wish.starts), NOON + timedelta(hours=wish.ends))


@dataclass
class Kept:
    """A scan that stands in memory."""

    wish: Wanted
    target: Target
    version: int
    known: frozenset[tuple[int, int]] = frozenset()


@dataclass
class Register:
    """A register in memory: the index by cells, and what stands."""

    kept: dict[int, Kept] = field(default_factory=dict)
    index: dict[int, set[int]] = field(default_factory=dict)

    def met(self, number: int, target: Target, wish: Wanted) -> list[Standing]:
        """Return whom a scan meets, as the clearinghouse finds it."""
        near: set[int] = set().union(*(self.index.get(cell, set()) for cell in target.cells.searched)) - {number}
        return [
            Standing(
                Met.INTENT,
                UUID(int=other),
                str(other),
                f"{other} {self.kept[other].version}",
                UUID(int=1000 + other),
                relation=techniques().relation(wish.technique, self.kept[other].wish.technique),
            )
            for other in sorted(near)
            if window_of(wish).overlaps(window_of(self.kept[other].wish)) and meets(target, self.kept[other].target)
        ]

    def put(self, number: int, kept: Kept) -> None:
        """Keep a scan."""
        self.kept[number] = kept
        for cell in kept.target.cells.written:
            self.index.setdefault(cell, set()).add(number)

    def remove(self, number: int) -> None:
        """Keep it no more."""
        for cell in self.kept.pop(number).target.cells.written:
            self.index[cell].discard(number)


def a_schedule(chance: Random) -> list[str]:
    """Run one random schedule; return what is wrong in the end: whoever stands unaware, or was refused needlessly."""
    register, wrong = Register(), []
    wishes = {number: a_wish(chance) for number in range(WRITERS)}
    knows: dict[int, set[tuple[int, int]]] = {number: set() for number in wishes}
    for _ in range(chance.randint(WRITERS, 3 * WRITERS)):
        number = chance.randrange(WRITERS)
        if number in register.kept and chance.random() < 0.3:
            register.remove(number)
            continue
        wish = a_wish(chance) if chance.random() < 0.5 else wishes[number]
        target = target_of(wish.plain("w"))
        met = register.met(number, target, wish)
        missed = missing(met, {f"{other} {version}" for other, version in knows[number]})
        due = {
            (other, kept.version)
            for other, kept in register.kept.items()
            if other != number and must_know(wish, kept.wish)
        }
        if {tuple(map(int, one.version_key.split())) for one in missed} != due - knows[number]:
            wrong.append(f"{number} has to see {due - knows[number]} and is told {missed}")
        if missed:
            knows[number] |= {_version(one) for one in missed}
            continue
        version = register.kept[number].version + 1 if number in register.kept else 0
        if number in register.kept:
            register.remove(number)
        register.put(number, Kept(wish, target, version, frozenset(knows[number])))
    return wrong + list(_unaware(register))


def _version(one: Standing) -> tuple[int, int]:
    number, version = one.version_key.split()
    return int(number), int(version)


def _unaware(register: Register) -> Iterable[str]:
    """Yield every two that stand together, of which neither knows of the other."""
    for one, first in register.kept.items():
        for other, second in register.kept.items():
            if one < other and must_know(first.wish, second.wish):
                aware = (other, second.version) in first.known or (one, first.version) in second.known
                if not aware:
                    yield f"{one} and {other} stand unaware of each other"
