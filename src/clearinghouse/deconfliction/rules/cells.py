"""Cells: the numbers by which the index finds what a target could meet; it misses nothing, and may find too much.

A target is *narrow* when it has a place of its own (a package, a host, a /24), else *wide* (a scope, a domain, a /12).
Each lies in a coarse cell (a type of packages, two labels of a domain, a /16). What meets shares one of the cells under
which one is written and the other searches, and excludes the other in one of the cells that both lock.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

MOST: Final = 1024
"""Cells of one scan; whatever needs more is split."""


def cell(*parts: str) -> int:
    """Return the number of a cell, as the database keeps it: 64 bits with a sign."""
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big", signed=True)


@dataclass(frozen=True, slots=True)
class Cells:
    """The places of a target: its own ones when it is narrow, and the coarse ones that it lies in."""

    coarse: tuple[str, ...]
    own: tuple[str, ...] = ()

    @property
    def beside(self) -> frozenset[int]:
        """The cells that it shares with what is as narrow, or as wide, at the same place."""
        return frozenset({cell("own", one) for one in self.own} or {cell("wide", one) for one in self.coarse})

    @property
    def written(self) -> frozenset[int]:
        """The cells under which it is found."""
        return self.beside | {cell("all", one) for one in self.coarse}

    @property
    def searched(self) -> frozenset[int]:
        """The cells in which it finds what it could meet."""
        if self.own:
            return frozenset({cell("own", one) for one in self.own} | {cell("wide", one) for one in self.coarse})
        return frozenset(cell("all", one) for one in self.coarse)


@dataclass(frozen=True, slots=True)
class Locks:
    """What a writer holds until it has committed: some cells alone, some together with others who hold them so too."""

    alone: frozenset[int] = field(default_factory=frozenset)
    together: frozenset[int] = field(default_factory=frozenset)

    def excludes(self, other: "Locks") -> bool:
        """Say whether one of two writers waits for the other."""
        return bool(self.alone & (other.alone | other.together) or self.together & other.alone)


def locks_of(places: Iterable[Cells]) -> Locks:
    """Return what a writer of these places locks: a narrow one its own cells alone, a wide one the coarse cells."""
    alone: set[int] = set()
    together: set[int] = set()
    for one in places:
        if one.own:
            alone |= {cell("own", name) for name in one.own}
            together |= {cell("all", name) for name in one.coarse}
        else:
            alone |= {cell("all", name) for name in one.coarse}
    return Locks(frozenset(alone), frozenset(together - alone))
