"""What to do instead: the earliest free window, a share of the work for each, the target that nobody has looked at."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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


def share_by_technique(
    able: Mapping[UUID, Sequence[str]], *, standing: Collection[str] = (), table: Techniques | None = None
) -> tuple[Share, ...]:
    """Return a technique for as many of the willing as can be, none of which gets in another's way.

    Args:
        able: who takes part, and by which techniques they can, the liked ones first.
        standing: techniques that others have announced for the target already.
        table: the techniques; None: the present ones.
    """
    known = table or techniques()
    best: dict[UUID, str] = {}

    def grow(left: Sequence[UUID], chosen: dict[UUID, str]) -> None:
        nonlocal best
        if len(chosen) > len(best):
            best = dict(chosen)
        if not left or len(chosen) + len(left) <= len(best):
            return
        one, *rest = left
        for technique in able[one]:
            others = (*standing, *chosen.values())
            if all(known.relation(technique, other) is Relation.SHARE for other in others):
                grow(rest, {**chosen, one: technique})
        grow(rest, chosen)

    grow(tuple(able), {})
    return tuple(
        Share(one, technique=technique, why=f"nobody else does {technique}") for one, technique in best.items()
    )


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
