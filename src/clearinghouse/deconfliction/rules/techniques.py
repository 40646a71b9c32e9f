"""The table of techniques: on what each is used, what it touches there, and which pairs get in each other's way.

A data file with a version; old versions stay, so that an old decision can be explained. Source: docs/decisions/0013.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final

from clearinghouse.deconfliction.rules.lifecycle import TargetKind
from clearinghouse.errors import Malformed

CURRENT: Final = "2026-11"


class Effect(StrEnum):
    """What a technique touches on a kind of target."""

    COPY = "copy"
    """A copy of one's own; nothing of the owner's notices."""
    LOOK = "look"
    """What is there to be seen; nothing is sent."""
    LIVE = "live"
    """The owner's running system: nothing without the owner's authorisation."""


class Relation(StrEnum):
    """What two scans of one target at one time are to each other."""

    SHARE = "share"
    """Each finds what the other does not."""
    COMPETE = "compete"
    """They do the same work twice, so each has to know of the other."""
    ENDANGER = "endanger"
    """Together they endanger a live system, so they never run at one time."""


@dataclass(frozen=True, slots=True)
class Technique:
    """One way of looking for vulnerabilities."""

    name: str
    title: str
    on: Mapping[TargetKind, Effect]


@dataclass(frozen=True, slots=True)
class Techniques:
    """One version of the table."""

    version: str
    known: Mapping[str, Technique]
    pairs: Mapping[frozenset[str], Relation]

    def named(self, name: str) -> Technique:
        """Return a technique.

        Raises:
            Malformed: there is none of this name.
        """
        if name not in self.known:
            raise Malformed(f"{name[:80]!r} is no technique; write one of {', '.join(self.known)}")
        return self.known[name]

    def effect(self, name: str, kind: TargetKind) -> Effect:
        """Return what a technique touches on a kind of target.

        Raises:
            Malformed: the technique is not used on such targets.
        """
        technique = self.named(name)
        if kind not in technique.on:
            raise Malformed(f"{name} is not used on a {kind}; it is used on {', '.join(technique.on)}")
        return technique.on[kind]

    def is_live(self, name: str) -> bool:
        """Say whether a technique sends anything to live systems, on whatever it is used; of an unknown one: it may."""
        return name not in self.known or Effect.LIVE in self.known[name].on.values()

    def relation(self, one: str, other: str) -> Relation:
        """Return what two techniques on one target are to each other; unknown ones get in each other's way."""
        if one not in self.known or other not in self.known:
            return Relation.COMPETE
        return self.pairs.get(frozenset({one, other}), Relation.SHARE)


def read_techniques(data: bytes) -> Techniques:
    """Return the table that a data file holds.

    Raises:
        Malformed: a pair names an unknown technique, or stands twice.
    """
    plain = json.loads(data)
    known = {
        name: Technique(name, said["title"], {TargetKind(kind): Effect(effect) for kind, effect in said["on"].items()})
        for name, said in plain["techniques"].items()
    }
    pairs: dict[frozenset[str], Relation] = {}
    for one, other, relation in plain["pairs"]:
        pair = frozenset({one, other})
        if pair in pairs or not pair <= set(known):
            raise Malformed(f"the pair {one} and {other} stands twice, or names what is no technique")
        pairs[pair] = Relation(relation)
    return Techniques(plain["version"], known, pairs)


@cache
def techniques(version: str = CURRENT) -> Techniques:
    """Return the table of this version."""
    return read_techniques(
        resources.files("clearinghouse.deconfliction").joinpath("techniques", f"{version}.json").read_bytes()
    )
