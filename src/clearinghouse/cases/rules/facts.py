"""What joining knows of a validated finding: plain facts, most of them seen by running its proof."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from clearinghouse.errors import Malformed
from clearinghouse.standards.versions import in_order

NARROW_REGIONS = 1
"""A patch that changes one place only is *narrow*: what it stops shares that place."""

SPEECHLESS_SINKS = frozenset({"growth", "hang", "crash", "exception", "invariant", "pollution"})
"""Detectors whose sink is the same word for quite different flaws, so that it says little by itself."""


FOUNDING = "founding"
"""How the first finding of a case came into it: by itself."""


class How(StrEnum):
    """What a join rests on, strongest first: the order in which the issue asks."""

    PATCH = "patch"
    FRAMES = "frames"
    RANGE_AND_SINK = "range-and-sink"
    LOCATION_AND_WEAKNESS = "location-and-weakness"
    ALIAS = "alias"
    UNDONE = "undone"

    @property
    def strength(self) -> int:
        """0 for the strongest."""
        return list(How).index(self)


class Answer(StrEnum):
    """What is to be done with two findings."""

    JOIN = "join"
    LINK = "link"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finder says the flaw is: file name and symbol, or file name and line when no symbol is named.

    Only the last parts are kept, for finders write ``lib/yaml/loader.py``, ``yaml/loader.py`` and ``./loader.py``.
    """

    file: str
    symbol: str


def place_of(path: str, *, symbol: str = "", line: int | None = None) -> Place | None:
    """Return the place that a report names, or None when it names a whole file only."""
    name = path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1].lower()
    last = symbol.replace("#", ".").replace("::", ".").rstrip("()").rsplit(".", 1)[-1].lower()
    if last:
        return Place(name, last)
    return Place(name, f"line {line}") if line else None


@dataclass(frozen=True, slots=True)
class Facts:
    """One validated finding, as far as joining is concerned."""

    finding: str
    """Content-derived key."""
    package: str
    """purl without version."""
    target: str = ""
    """The version its proof was judged on."""
    detector: str = ""
    sink: str = ""
    state: tuple[str, ...] = ()
    """The innermost functions of the target at the witness."""
    entries: frozenset[str] = frozenset()
    """The target's functions that the proof calls."""
    affected: frozenset[str] = frozenset()
    unaffected: frozenset[str] = frozenset()
    patches: frozenset[str] = frozenset()
    """Accepted patches that came with it."""
    stopped_by: frozenset[str] = frozenset()
    """Accepted patches, its own and others', that silence its proof."""
    resists: frozenset[str] = frozenset()
    """Accepted patches of others on which its proof still fires."""
    asked: frozenset[str] = frozenset()
    """Patches that were tried on it, also those whose trial could not run."""
    places: frozenset[Place] = frozenset()
    weaknesses: frozenset[str] = frozenset()
    """Families of CWEs, see the policy pack."""
    aliases: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pair:
    """What two findings have in common and what sets them apart; symmetric."""

    one: Facts
    other: Facts

    @property
    def shared_patches(self) -> frozenset[str]:
        """The accepted patches that stop both proofs."""
        return self.one.stopped_by & self.other.stopped_by

    @property
    def resisting(self) -> tuple[str, ...]:
        """The findings whose proof still fires on an accepted patch, whoever's, that stops the other's."""
        pairs = ((self.one, self.other), (self.other, self.one))
        return tuple(sorted(a.finding for a, b in pairs if a.resists & b.stopped_by))

    @property
    def same_state(self) -> bool:
        """All functions of the target at the witness are the same."""
        return bool(self.one.state) and self.one.state == self.other.state

    @property
    def same_frame(self) -> bool:
        """The innermost function of the target at the witness is the same."""
        return self.one.state[:1] == self.other.state[:1] != ()

    @property
    def other_frames(self) -> bool:
        """Both witnesses are known and share no function of the target."""
        return bool(self.one.state and self.other.state) and not set(self.one.state) & set(self.other.state)

    @property
    def frames_told(self) -> bool:
        """Both witnesses show functions of the target."""
        return bool(self.one.state and self.other.state)

    @property
    def same_range(self) -> bool:
        """Exactly the same releases are affected."""
        return bool(self.one.affected) and self.one.affected == self.other.affected

    @property
    def ranges_contradict(self) -> bool:
        """Some release is affected by the one and, by its own run, not by the other."""
        return bool(self.one.affected & self.other.unaffected or self.other.affected & self.one.unaffected)

    @property
    def younger_proof(self) -> bool:
        """The ranges differ at their beginning only: one proof may need what older releases did not have yet."""
        spared = self.one.affected & self.other.unaffected, self.other.affected & self.one.unaffected
        if all(spared) or not self.one.affected or not self.other.affected:
            return False
        early, late = (spared[0], self.other.affected) if spared[0] else (spared[1], self.one.affected)
        kind = self.one.package.partition(":")[2].partition("/")[0]
        try:
            ordered = in_order(kind, early | late)
        except Malformed:
            return False
        return set(ordered[: len(early)]) == early

    @property
    def same_sink(self) -> bool:
        """The same detector saw the same primitive."""
        return bool(self.one.sink) and (self.one.sink, self.one.detector) == (self.other.sink, self.other.detector)

    @property
    def other_sink(self) -> bool:
        """It is known of both what is seen to happen, and it is not the same."""
        return bool(self.one.sink and self.other.sink) and not self.same_sink

    @property
    def alike(self) -> bool:
        """Their runs look the same: the innermost function, what is seen there, and no release tells them apart."""
        return self.same_frame and self.same_sink and not self.ranges_contradict

    @property
    def same_entry(self) -> bool:
        """Both proofs call the same function of the target."""
        return bool(self.one.entries & self.other.entries)

    @property
    def same_place(self) -> bool:
        """Both finders name the same file and symbol."""
        return bool(self.one.places & self.other.places)

    @property
    def same_weakness(self) -> bool:
        """Both finders name a weakness of the same family."""
        return bool(self.one.weaknesses & self.other.weaknesses)

    @property
    def same_alias(self) -> bool:
        """Both finders name the same identifier."""
        return bool(self.one.aliases & self.other.aliases)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done with two findings, and why."""

    answer: Answer
    how: How | None
    reason: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    doubt: int = 0
    """Among ties of one strength those with less doubt come first."""


def trials_of(facts: Iterable[Facts]) -> Iterator[tuple[str, str]]:
    """Yield every (finding, patch) that was tried."""
    for one in facts:
        for patch in one.asked:
            yield one.finding, patch
