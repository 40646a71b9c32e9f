"""Finds the affected releases with few runs: the search, without anything that runs.

A release line is cut between two minor versions when the later one began before the earlier one ended: that is where
backports were published. In each line both ends are probed. Every border between an affected and an unaffected release
is halved until the two stand side by side, and so is the one between what cannot be run at an end of the line and the
first or last that can; a single release inside that cannot be run hides no border and is passed over. Then the inside
is sampled for holes. Each probe costs one or two runs; a line of n releases takes at most 2·log2(n) + 8.
"""

import math
import re
from collections.abc import Generator, Mapping, Sequence
from datetime import datetime
from itertools import groupby, pairwise

from clearinghouse.releases.rules import Release
from clearinghouse.validation.lines import Line, ReleaseResult, ReleaseStatus, events_of

MAX_SAMPLES = 4
SPARE_PROBES = 8
MOST_WRONG_DATES = 0.2
"""Measured: below 0.06 of neighbouring releases on PyPI, about a half on a mirror with wrong dates."""

type Search = Generator[str, ReleaseResult, Line]
AFFECTED, UNAFFECTED, NOT_RUN = ReleaseStatus.AFFECTED, ReleaseStatus.UNAFFECTED, ReleaseStatus.NOT_RUN


def lines_of(releases: Sequence[Release]) -> tuple[tuple[str, ...], ...]:
    """Return the release lines: versions in order, cut where a minor version began before the one before it ended.

    Only the border between two minor versions can be such a place, so a wrong date inside one does no harm. Where the
    dates inside minor versions go backwards often, the index's dates say nothing, and only majors are told apart.
    """
    minors = [list(group) for _, group in groupby(releases, key=lambda one: _numbers(one.version, 2))]
    if not _dates_can_be_trusted(minors):
        majors = groupby(releases, key=lambda one: _numbers(one.version, 1))
        return tuple(tuple(one.version for one in group) for _, group in majors)
    lines: list[list[str]] = []
    ended: datetime | None = None
    for members in minors:
        dates = _dates(members)
        backwards = ended is not None and bool(dates) and min(dates) < ended
        if not lines or backwards:
            lines.append([])
        lines[-1].extend(one.version for one in members)
        ended = max(dates) if dates else None
    return tuple(tuple(one) for one in lines)


def _dates(members: Sequence[Release]) -> list[datetime]:
    return [one.published_at for one in members if one.published_at is not None]


def _dates_can_be_trusted(minors: Sequence[Sequence[Release]]) -> bool:
    pairs = [pair for members in minors for pair in pairwise(_dates(members))]
    backwards = sum(later < earlier for earlier, later in pairs)
    return backwards <= len(pairs) * MOST_WRONG_DATES


def _numbers(version: str, count: int) -> str:
    """Return the first ``count`` numbers of a version."""
    found = re.match(rf"v?\d+(?:\.\d+){{0,{count - 1}}}", version)
    return found.group() if found else version


def budget(count: int) -> int:
    """Return how many releases of a line of ``count`` may be probed."""
    return math.floor(2 * math.log2(max(count, 1))) + SPARE_PROBES


def samples_in(count: int) -> int:
    """Return how many releases inside a line of ``count`` are looked at for holes: none below 4, four from 32 on."""
    return min(MAX_SAMPLES, max(0, math.floor(math.log2(max(count, 1))) - 1))


def search(
    versions: Sequence[str],
    *,
    known: Mapping[str, ReleaseResult],
    exhaustive: bool,
    early: frozenset[str] = frozenset(),
) -> Search:
    """Return the search over one line: yields a version to probe, is sent its result, returns the line.

    Args:
        versions: the line, in order.
        known: results there already (the vulnerable and the fixed release); they cost nothing.
        exhaustive: probe every release.
        early: pre-releases: one that stands after a fix may have been published before it.
    """
    found = {versions.index(one): result for one, result in known.items() if one in versions}
    probes = 0

    def allowed() -> bool:
        return exhaustive or probes < budget(len(versions))

    wanted = list(range(len(versions))) if exhaustive else [0, len(versions) - 1]
    pre = [index for index, version in enumerate(versions) if version in early]
    samples = 0
    while True:
        index = next((one for one in wanted if one not in found), None)
        if index is None:
            index = _border(found, len(versions))
        if index is None:
            index = _passed_by(found, pre)
        if index is None and samples < samples_in(len(versions)):
            index = _widest(found)
            samples += 1
        if index is None:
            index = _beside(found)
        if index is None or not allowed():
            break
        probes += 1
        found[index] = yield versions[index]
    results = _fill(versions, found)
    return Line(results=results, probes=probes, events=events_of(results))


def _runnable(found: Mapping[int, ReleaseResult]) -> list[int]:
    """Return the places of the releases that were run, in order."""
    return [index for index in sorted(found) if found[index].status is not NOT_RUN]


def _border(found: Mapping[int, ReleaseResult], count: int) -> int | None:
    """Return the release to look at next for a border: of the affected stretches first, then of what can be run."""
    ran = _runnable(found)
    if not ran:
        return None
    unlike = [(low, high) for low, high in pairwise(ran) if found[low].status is not found[high].status]
    before = max((index for index in found if index < ran[0]), default=-1)
    after = min((index for index in found if index > ran[-1]), default=count)
    ends = [(before, ran[0]), (ran[-1], after)]
    ends.sort(key=lambda pair: not any(found[one].status is AFFECTED for one in pair if one in found))
    for low, high in (*unlike, *ends):
        between = [index for index in range(low + 1, high) if index not in found]
        if between:
            return min(between, key=lambda index: abs(2 * index - low - high))
    return None


def _passed_by(found: Mapping[int, ReleaseResult], pre: Sequence[int]) -> int | None:
    """Return the first pre-release after a fix: its number is higher, and yet it may be the older one."""
    for low, high in pairwise(_runnable(found)):
        if found[low].status is AFFECTED and found[high].status is UNAFFECTED:
            following = next((index for index in pre if index > high), None)
            if following is not None and following not in found:
                return following
    return None


def _widest(found: Mapping[int, ReleaseResult]) -> int | None:
    """Return the middle of the widest gap: a place for a hole to hide."""
    order = sorted(found)
    gaps = [(high - low, -low) for low, high in pairwise(order) if high - low > 1]
    if not gaps:
        return None
    width, negative = max(gaps)
    return -negative + width // 2


def _beside(found: Mapping[int, ReleaseResult]) -> int | None:
    """Return the middle between a release inside that cannot be run and the next that can, if a probe is to spare."""
    for low, high in pairwise(sorted(found)):
        if high - low > 1 and (found[low].status is NOT_RUN) is not (found[high].status is NOT_RUN):
            return (low + high) // 2
    return None


def _fill(versions: Sequence[str], found: Mapping[int, ReleaseResult]) -> tuple[ReleaseResult, ...]:
    """Return a result for every release: probed, inferred between two that ran alike, or not run."""
    ran = _runnable(found)
    order = sorted(found)
    results = []
    for index, version in enumerate(versions):
        if index in found:
            results.append(found[index])
            continue
        low = max((one for one in ran if one < index), default=None)
        high = min((one for one in ran if one > index), default=None)
        if low is not None and high is not None and found[low].status is found[high].status:
            between = f"lies between {versions[low]} and {versions[high]}, which ran alike"
            results.append(ReleaseResult(version, found[low].status, "inferred", between))
        else:
            near, next_one = max(one for one in order if one < index), min(one for one in order if one > index)
            between = f"not probed; lies between {versions[near]} and {versions[next_one]}"
            results.append(ReleaseResult(version, NOT_RUN, "not-run", between))
    return tuple(results)
