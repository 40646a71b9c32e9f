"""Figures of deconfliction in three cuts of one dataset, and the gate that holds back what could tell what is hidden.

What is held back: a count that rests on too few rows or organizations; what rests on anything confidential; what is
younger than the last closed day (members) or week (public), for whoever compares two readings would see one act; and,
where all but one part of a whole are shown, the next smallest part too, for the one could be had by subtraction.
Source: docs/decisions/0193.
"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final
from uuid import UUID


class Cut(StrEnum):
    """For whom figures are."""

    INTERNAL = "internal"
    MEMBERS = "members"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a figure of one cut must rest on, and how coarse it is told."""

    rows: int
    organizations: int
    step: int
    """Counts are told as the multiple of this below them."""


BOUNDS: Final[Mapping[Cut, Bounds]] = {
    Cut.INTERNAL: Bounds(rows=0, organizations=0, step=1),
    Cut.MEMBERS: Bounds(rows=5, organizations=3, step=1),
    Cut.PUBLIC: Bounds(rows=10, organizations=3, step=5),
}


class Outcome(StrEnum):
    """Why an announcement was not accepted at once."""

    UNAWARE = "unaware"
    OVERLAPS = "overlaps"
    ENDANGERS = "endangers"
    HELD_BACK = "held-back"


@dataclass(frozen=True, slots=True)
class Attempted:
    """An announcement that was refused."""

    organization: UUID
    scan: str
    """A fingerprint of technique and targets: the same for each try."""
    outcome: Outcome
    at: datetime
    is_open: bool
    """Whether neither it nor anything that it met is confidential."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """An announcement that was accepted."""

    organization: UUID
    scan: str
    at: datetime
    is_open: bool


@dataclass(frozen=True, slots=True)
class Known:
    """Something that is known to be somebody's, since when, and when it was looked at in full."""

    organization: UUID
    criticality: int
    at: datetime
    covered: frozenset[datetime] = frozenset()
    """By what is not confidential."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Everything that figures are made of."""

    attempts: Sequence[Attempted] = ()
    accepted: Sequence[Accepted] = ()
    known: Sequence[Known] = ()


@dataclass(frozen=True, slots=True)
class Basis:
    """What one figure rests on, before the gate."""

    value: float
    rows: int
    organizations: frozenset[UUID] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as it is told; ``value`` None: it is held back."""

    name: str
    value: float | None
    rests_on: str


_RECENT: Final = timedelta(days=90)
_HELD: Final = "held back: too few to be told apart from nobody"


def fingerprint(technique: str, targets: Iterable[Mapping[str, object]]) -> str:
    """Return what tells one scan from another, whenever it is to run: technique and targets, in any order."""
    said = [technique, sorted(json.dumps(one, sort_keys=True) for one in targets)]
    return hashlib.sha256(json.dumps(said).encode("utf-8", "surrogatepass")).hexdigest()


def closed_at(cut: Cut, at: datetime) -> datetime:
    """Return until when a cut tells: now, the last midnight, or the last Monday, UTC."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    match cut:
        case Cut.INTERNAL:
            return at
        case Cut.MEMBERS:
            return midnight
        case Cut.PUBLIC:
            return midnight - timedelta(days=midnight.weekday())


def figures(data: Dataset, cut: Cut, *, at: datetime) -> tuple[Figure, ...]:
    """Return the figures of one cut."""
    seen = _cut(data, cut, closed_at(cut, at))
    bounds = BOUNDS[cut]
    counts = {
        "announcements accepted": _count(seen.accepted),
        "duplicates avoided": _count(duplicates_avoided(seen)),
        "collisions prevented": _count(collisions_prevented(seen)),
    }
    told = [_told(name, basis, bounds, "a count") for name, basis in counts.items()]
    waits = waiting(seen)
    time = Basis(median(wait for _, wait in waits) if waits else 0.0, len(waits), frozenset(one for one, _ in waits))
    told.append(_told("median seconds to a clear answer", time, bounds, "first try until accepted", is_count=False))
    return (*told, *_coverage(seen, bounds, closed_at(cut, at)))


def _cut(data: Dataset, cut: Cut, until: datetime) -> Dataset:
    """Return what a cut may rest on: nothing confidential, nothing that is too young."""
    if cut is Cut.INTERNAL:
        return data
    return Dataset(
        [one for one in data.attempts if one.is_open and one.at < until],
        [one for one in data.accepted if one.is_open and one.at < until],
        [
            replace(one, covered=frozenset(moment for moment in one.covered if moment < until))
            for one in data.known
            if one.at < until
        ],
    )


def duplicates_avoided(data: Dataset) -> list[Attempted]:
    """Return each scan that met another's unawares, or one's own, and was not announced so afterwards: the last try."""
    went_on = {(one.organization, one.scan): one.at for one in sorted(data.accepted, key=lambda one: one.at)}
    last: dict[tuple[UUID, str], Attempted] = {}
    for one in sorted(data.attempts, key=lambda one: one.at):
        if one.outcome in {Outcome.UNAWARE, Outcome.OVERLAPS}:
            last[one.organization, one.scan] = one
    return [one for key, one in last.items() if key not in went_on or went_on[key] < one.at]


def collisions_prevented(data: Dataset) -> list[Attempted]:
    """Return each scan that would have endangered a live system, or that owners held back: the first try of it.

    However often it is tried, it is one until it is accepted; that it may run later makes it no less prevented.
    """
    accepted: dict[tuple[UUID, str], list[datetime]] = {}
    for made in sorted(data.accepted, key=lambda one: one.at):
        accepted.setdefault((made.organization, made.scan), []).append(made.at)
    first: dict[tuple[UUID, str, int], Attempted] = {}
    for one in sorted(data.attempts, key=lambda one: one.at):
        if one.outcome in {Outcome.ENDANGERS, Outcome.HELD_BACK}:
            earlier = bisect_right(accepted.get((one.organization, one.scan), ()), one.at)
            first.setdefault((one.organization, one.scan, earlier), one)
    return list(first.values())


def waiting(data: Dataset) -> list[tuple[UUID, float]]:
    """Return, of each accepted scan, its organization and how many seconds passed since the first try of it."""
    tries: dict[tuple[UUID, str], list[datetime]] = {}
    for one in data.attempts:
        tries.setdefault((one.organization, one.scan), []).append(one.at)
    found, before = [], dict[tuple[UUID, str], datetime]()
    for made in sorted(data.accepted, key=lambda one: one.at):
        key = made.organization, made.scan
        since = before.get(key)
        own = [at for at in tries.get(key, ()) if at <= made.at and (since is None or at > since)]
        found.append((made.organization, (made.at - min(own)).total_seconds() if own else 0.0))
        before[key] = made.at
    return found


def _coverage(data: Dataset, bounds: Bounds, at: datetime) -> list[Figure]:
    """Return, by criticality, which share of what is known was looked at in full lately."""
    parts: dict[str, Basis] = {}
    for criticality in range(5, 0, -1):
        known = [one for one in data.known if one.criticality == criticality]
        recent = [one for one in known if any(at - moment <= _RECENT for moment in one.covered)]
        share = round(100 * len(recent) / len(known)) if known else 0
        homes = frozenset(one.organization for one in known)
        parts[f"percent covered in 90 days, criticality {criticality}"] = Basis(share, len(known), homes)
    told = [_told(name, basis, bounds, "targets on record", is_count=False) for name, basis in parts.items()]
    return _without_differences(told, parts)


def _without_differences(told: list[Figure], parts: Mapping[str, Basis]) -> list[Figure]:
    """Hold back a second part where exactly one that is not empty is: it could be had by subtraction."""
    held = [one for one in told if one.value is None and parts[one.name].rows]
    shown = [one for one in told if one.value is not None]
    if len(held) != 1 or not shown:
        return told
    smallest = min(shown, key=lambda one: parts[one.name].rows)
    return [Figure(one.name, None, _HELD) if one is smallest else one for one in told]


def _count(rows: Sequence[Attempted] | Sequence[Accepted]) -> Basis:
    return Basis(len(rows), len(rows), frozenset(one.organization for one in rows))


def _told(name: str, basis: Basis, bounds: Bounds, what: str, *, is_count: bool = True) -> Figure:
    """Return a figure as the gate lets it through."""
    if not may_be_told(basis, bounds):
        return Figure(name, None, _HELD)
    value = basis.value // bounds.step * bounds.step if is_count else round(basis.value)
    rows = basis.rows // bounds.step * bounds.step
    return Figure(name, value, f"{what}; rests on {rows}" if bounds.step == 1 else f"{what}; rests on {rows} or more")


def may_be_told(basis: Basis, bounds: Bounds) -> bool:
    """Say whether a figure rests on enough rows of enough organizations; nothing at all is held back too."""
    return basis.rows >= bounds.rows and len(basis.organizations) >= bounds.organizations
