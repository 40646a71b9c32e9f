"""Trees of findings that grow together, unless a person has set two of them apart or the runs of both speak against it.

A chain of good pairs can still end far from where it began: a to b by a broad patch, b to c by a place. So before two
trees become one, all that ran in the one is held against all that ran in the other, not only the two findings that
tie them. Source: docs/decisions/0081.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from clearinghouse.cases.rules.facts import NARROW_REGIONS, Facts

type Apart = frozenset[frozenset[str]]
"""Pairs of findings that a person has set apart."""

NOTHING: Apart = frozenset()


class United(StrEnum):
    """What became of the wish to bring two findings together."""

    DONE = "done"
    ALREADY = "already"
    SET_APART = "set-apart"
    """A person said no."""
    PATCHES_DISAGREE = "patches-disagree"
    """More accepted patches stop the proofs of one side only than those of both."""


@dataclass(slots=True)
class Tree:
    """Findings that belong together, with what was tried on all of them."""

    name: str
    """The finding it began with; whatever it takes in, it keeps this name."""
    members: set[str]
    enemies: set[str]
    """Findings that a person has set apart from a member."""
    patches: set[str]
    """Accepted patches that came with members."""
    tried: set[str]
    """Patches that were tried on members, and their own."""
    votes: Counter[str]
    """For each patch how many members it stops, less those it does not stop."""
    told: Counter[str]
    """For each patch on how many members its trial told something."""

    def side(self, patch: str) -> int:
        """Say whether a patch stops the members (1), does not (-1), or tells nothing (0).

        One that stops some members and leaves others has shown that it can do so with one flaw: unless three of four
        say the same, it tells nothing about findings outside either.
        """
        votes = self.votes[patch]
        return 0 if abs(votes) * 2 < self.told[patch] else (votes > 0) - (votes < 0)

    def take_in(self, other: "Tree") -> None:
        """Add all that ``other`` holds."""
        self.members |= other.members
        self.enemies |= other.enemies
        self.patches |= other.patches
        self.tried |= other.tried
        self.votes.update(other.votes)
        self.told.update(other.told)


class Forest:
    """Union-find over findings that looks at whole trees before it lets two become one."""

    def __init__(self, known: Mapping[str, Facts], *, regions: Mapping[str, int], apart: Apart) -> None:
        self._regions = regions
        self._parent = {member: member for member in sorted(known)}
        self._trees = {member: _tree(known[member]) for member in self._parent}
        for one, other in (tuple(pair) for pair in apart if len(pair) == 2):  # noqa: PLR2004 - a pair
            for here, there in ((one, other), (other, one)):
                if here in self._trees:
                    self._trees[here].enemies.add(there)

    def together(self, one: str, other: str) -> bool:
        """Say whether two findings are in one tree."""
        return self._root(one) == self._root(other)

    def tree(self, member: str) -> Tree:
        """Return the tree that a finding is in."""
        return self._trees[self._root(member)]

    def trees(self) -> Iterable[Tree]:
        """Return every tree."""
        return self._trees.values()

    def unite(self, one: str, other: str) -> United:
        """Bring the trees of two findings together, if nothing stands against it, and say what became of it."""
        roots = (self._root(one), self._root(other))
        small, large = sorted(roots, key=lambda root: (len(self._trees[root].members), root))
        if small == large:
            return United.ALREADY
        if self._trees[small].enemies & self._trees[large].members:
            return United.SET_APART
        if self._patches_disagree(self._trees[small], self._trees[large]):
            return United.PATCHES_DISAGREE
        self._parent[small] = large
        self._trees[large].take_in(self._trees.pop(small))
        return United.DONE

    def _root(self, member: str) -> str:
        while self._parent[member] != member:
            self._parent[member] = self._parent[self._parent[member]]
            member = self._parent[member]
        return member

    def _patches_disagree(self, small: Tree, large: Tree) -> bool:
        """Say whether more patches tell the two trees apart than stop the proofs of both.

        A patch that changes several places may fix two flaws at once; that a second one fixes the same two is hardly
        chance. So the first such patch says nothing, and each further one does.
        """
        narrow = broad = apart = 0
        for patch in small.votes:
            match small.side(patch), large.side(patch):
                case (1, -1) | (-1, 1):
                    apart += 1
                case (1, 1) if self._regions.get(patch, 1 << 30) <= NARROW_REGIONS:
                    narrow += 1
                case (1, 1):
                    broad += 1
                case _:
                    pass
        return apart > narrow + max(0, broad - 1)


def _tree(facts: Facts) -> Tree:
    votes = dict.fromkeys(facts.resists, -1) | dict.fromkeys(facts.stopped_by, 1)
    tried = facts.asked | facts.stopped_by | facts.resists
    told = Counter(dict.fromkeys(votes, 1))
    return Tree(facts.finding, {facts.finding}, set(), set(facts.patches), set(tried), Counter(votes), told)
