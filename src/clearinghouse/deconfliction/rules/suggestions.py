"""What to do instead: the earliest free window, a share of the work for each, the target that nobody has looked at."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from clearinghouse.deconfliction.rules.binding import Constraint
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind
from clearinghouse.deconfliction.rules.targets.kinds import Target
from clearinghouse.deconfliction.rules.techniques import Relation, Techniques, techniques
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.errors import Malformed

MOST_LOAD: Final = 1_000_000_000
"""How much there may be to do in one folder, by whatever one counts."""
_LOAD: Final = re.compile(r"[0-9]{1,9}|10{9}")
NEVER_COVERED: Final = timedelta(days=3 * 365)
"""As old as this counts what nobody has ever covered."""
STEP: Final = timedelta(minutes=15)
_MOST_PARTS: Final = 1_000


def earliest_free(
    wanted: Window,
    taken: Iterable[Window],
    *,
    until: datetime,
    binding: Collection[Constraint] = (),
) -> Window | None:
    """Return the earliest window of the same length that meets none of those taken and is allowed; None: there is none.

    Args:
        wanted: the window that was wished for; nothing earlier is looked at.
        taken: when others do what gets in the way.
        until: the last moment at which it may begin.
        binding: constraints that bind; those with times have to allow all of it.
    """
    times = [one.times for one in binding if one.says is ConstraintKind.ONLY_IN_WINDOWS and one.times is not None]
    if any(one.says is ConstraintKind.DO_NOT_SCAN for one in binding):
        return None
    busy = sorted(taken)
    start = wanted.starts_at
    while start <= until:
        window = Window(start, start + wanted.length)
        behind = [one.ends_at for one in busy if one.overlaps(window)]
        if behind:
            start = max(behind)
            continue
        if all(one.hold(window) for one in times):
            return window
        start += STEP
    return None


@dataclass(frozen=True, slots=True)
class Share:
    """What one participant takes on, and why it is theirs."""

    organization: UUID
    paths: tuple[str, ...] = ()
    technique: str = ""
    why: str = ""


def share_by_paths(parts: Mapping[str, int], willing: Sequence[UUID]) -> tuple[Share, ...]:
    """Return the folders of a target divided among the willing so that the largest load is small.

    The heaviest part goes to whoever has least so far; no load exceeds the best possible by more than a third.

    Args:
        parts: folders that do not lie in each other, each with its weight (files, lines).
        willing: who takes part; the order settles ties.

    Raises:
        Malformed: there is nothing to divide, nobody to divide it among, or one folder lies in another.

    Source: R. L. Graham, Bounds on Multiprocessing Timing Anomalies (1969), longest processing time first.
    """
    folders = sorted(parts)
    if not folders or not willing or len(folders) > _MOST_PARTS:
        raise Malformed(f"{len(folders)} parts among {len(willing)}; name 1 to {_MOST_PARTS} parts, and somebody")
    for folder in folders:
        above = [folder[:place] for place, letter in enumerate(folder) if letter == "/"]
        if not folder or not parts.keys().isdisjoint(above):
            raise Malformed(f"{folder!r} lies in another of these folders, or is all of it; name them side by side")
    load = dict.fromkeys(willing, 0)
    taken: dict[UUID, list[str]] = {one: [] for one in load}
    for folder in sorted(folders, key=lambda one: (-parts[one], one)):
        least = min(load, key=lambda one: load[one])
        load[least] += parts[folder]
        taken[least].append(folder)
    total = sum(parts.values())
    return tuple(
        Share(one, tuple(sorted(taken[one])), why=f"{load[one]} of {total} by weight") for one in load if taken[one]
    )


def share_by_technique(able: Mapping[UUID, Sequence[str]]) -> tuple[Share, ...]:
    """Return a technique for as many of the willing as can be, none of which gets in another's way.

    Exact: of every set of techniques that go together a greatest matching is taken, and of these the greatest, so the
    time grows with the sets that the table has (it is small, and ours) and no faster than a matching with the willing.

    Args:
        able: who takes part, and by which techniques that are free they can, the liked ones first.

    Source: H. W. Kuhn, The Hungarian Method for the Assignment Problem (1955), augmenting paths.
    """
    table = techniques()
    named = [one for one in table.known if any(one in some for some in able.values())]
    best: dict[UUID, str] = {}
    for together in _going_together(named, table):
        found = _matching(able, together, {one for one in together if table.relation(one, one) is Relation.SHARE})
        if _liking(able, found) > _liking(able, best):
            best = found
    return tuple(
        Share(one, technique=best[one], why=f"{best[one]} gets in nobody's way here") for one in able if one in best
    )


def _liking(able: Mapping[UUID, Sequence[str]], found: Mapping[UUID, str]) -> tuple[int, int]:
    """Return how good a matching is: how many have something, and then how far from what they like best."""
    return len(found), -sum(able[one].index(technique) for one, technique in found.items())


def _going_together(named: Sequence[str], table: Techniques) -> Iterator[frozenset[str]]:
    """Yield the sets of techniques that share with each other, those that nothing can be added to."""
    sets = [frozenset[str]()]
    for one in named:
        sets += [some | {one} for some in sets if all(table.relation(one, other) is Relation.SHARE for other in some)]
    for some in sets:
        if not any(some < other for other in sets):
            yield some


def _matching(
    able: Mapping[UUID, Sequence[str]], together: Collection[str], for_many: Collection[str]
) -> dict[UUID, str]:
    """Return a greatest matching of the willing with techniques, each for one of them but for those ``for_many``."""
    holder: dict[str, UUID] = {}
    found: dict[UUID, str] = {}

    def place(one: UUID, tried: set[str]) -> bool:
        for technique in able[one]:
            if technique not in together or technique in tried:
                continue
            tried.add(technique)
            if technique in for_many or technique not in holder or place(holder[technique], tried):
                holder[technique] = one
                found[one] = technique
                return True
        return False

    for one in able:
        place(one, set())
    return found


def part_of(text: str) -> tuple[str, int]:
    """Return the folder that ``FOLDER`` or ``FOLDER=LOAD`` names, and how much there is to do in it.

    Raises:
        Malformed: it is neither.
    """
    folder, given, load = text.strip().partition("=")
    if not folder or (given and not _LOAD.fullmatch(load)):
        raise Malformed(f"{text[:80]!r}: write FOLDER or FOLDER=5, up to {MOST_LOAD}")
    return folder, int(load or 1)


def willing_of(text: str) -> tuple[UUID, list[str]]:
    """Return the organization that ``ID`` or ``ID=TECHNIQUE,TECHNIQUE`` names, and by what it can; empty: by any.

    Raises:
        Malformed: it is neither.
    """
    name, _, named = text.strip().partition("=")
    try:
        home = UUID(name)
    except ValueError:
        raise Malformed(f"{name[:60]!r} is no organization's id; write ID or ID=fuzzing,static-analysis") from None
    return home, [techniques().named(one.strip()).name for one in named.split(",") if one.strip()]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A target that could be looked at."""

    target: Target
    criticality: int
    """1 to 5, as its owner says."""
    covered_at: datetime | None = None
    """When all of it was last covered; None: never."""
    part_covered_at: datetime | None = None
    """When some of it was."""


@dataclass(frozen=True, slots=True)
class Worth:
    """How much looking at a target is worth, and why."""

    candidate: Candidate
    value: float
    why: str


def most_valuable(candidates: Iterable[Candidate], *, at: datetime) -> tuple[Worth, ...]:
    """Return targets in the order of what looking at them is worth: criticality times age of the last coverage."""
    found = []
    for one in candidates:
        age = NEVER_COVERED if one.covered_at is None else min(NEVER_COVERED, at - one.covered_at)
        days = age.total_seconds() / 86_400
        since = "never covered" if one.covered_at is None else f"last covered {days:.0f} days ago"
        if one.part_covered_at and one.part_covered_at != one.covered_at:
            in_part = (at - one.part_covered_at).total_seconds() / 86_400
            since += f" as a whole, in part {in_part:.0f} days ago"
        found.append(Worth(one, one.criticality * days, f"criticality {one.criticality} of 5, {since}"))
    return tuple(sorted(found, key=lambda worth: -worth.value))
