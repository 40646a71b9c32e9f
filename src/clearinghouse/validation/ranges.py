"""Finds the affected releases with few runs: the search, without anything that runs.

A release line is cut between two minor versions when the later one began before the earlier one ended: that is where
backports were published. In each line both ends are probed, every border between unlike neighbours is halved until the
two stand side by side, and the inside is sampled for holes. Each probe costs one or two runs; a line of n releases
takes at most 2·log2(n) + 8.
"""

import math
import re
from collections.abc import Generator, Mapping, Sequence
from datetime import datetime
from itertools import groupby, pairwise

from clearinghouse.releases.rules import Release
from clearinghouse.validation.rules import Line, ReleaseResult, ReleaseStatus, events_of

MAX_SAMPLES = 4
SPARE_PROBES = 8
MOST_WRONG_DATES = 0.2
"""Measured: below 0.06 of neighbouring releases on PyPI, about a half on a mirror with wrong dates."""

type Search = Generator[str, ReleaseResult, Line]
AFFECTED, UNAFFECTED, NOT_RUN = ReleaseStatus.AFFECTED, ReleaseStatus.UNAFFECTED, ReleaseStatus.NOT_RUN
# Which border is worth more when probes run short: the one that operators act on first.
_WORTH = {
    frozenset({AFFECTED, UNAFFECTED}): 0,
    frozenset({AFFECTED, NOT_RUN}): 1,
    frozenset({UNAFFECTED, NOT_RUN}): 2,
}


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


def search(versions: Sequence[str], *, known: Mapping[str, ReleaseResult], exhaustive: bool) -> Search:
    """Return the search over one line: yields a version to probe, is sent its result, returns the line.

    Args:
        versions: the line, in order.
        known: results there already (the vulnerable release); they cost nothing.
        exhaustive: probe every release.
    """
    found = {versions.index(one): result for one, result in known.items() if one in versions}
    probes = 0

    def allowed() -> bool:
        return exhaustive or probes < budget(len(versions))

    wanted = list(range(len(versions))) if exhaustive else [0, len(versions) - 1]
    samples = 0
    while True:
        index = next((one for one in wanted if one not in found), None)
        if index is None:
            index = _border(found)
        if index is None and samples < samples_in(len(versions)):
            index = _widest(found)
            samples += 1
        if index is None or not allowed():
            break
        probes += 1
        found[index] = yield versions[index]
    results = _fill(versions, found)
    return Line(results=results, probes=probes, events=events_of(results))


def _border(found: Mapping[int, ReleaseResult]) -> int | None:
    """Return the middle of the most important pair of unlike neighbours with releases between them."""
    order = sorted(found)
    unlike = [
        (_WORTH[frozenset({found[low].status, found[high].status})], low, high)
        for low, high in pairwise(order)
        if high - low > 1 and found[low].status is not found[high].status
    ]
    if not unlike:
        return None
    _, low, high = min(unlike)
    return (low + high) // 2


def _widest(found: Mapping[int, ReleaseResult]) -> int | None:
    """Return the middle of the widest gap between two alike: a place for a hole to hide."""
    order = sorted(found)
    gaps = [(high - low, -low) for low, high in pairwise(order) if high - low > 1]
    if not gaps:
        return None
    width, negative = max(gaps)
    return -negative + width // 2


def _fill(versions: Sequence[str], found: Mapping[int, ReleaseResult]) -> tuple[ReleaseResult, ...]:
    """Return a result for every release: probed, inferred between alike neighbours, or not run."""
    order = sorted(found)
    results = []
    for index, version in enumerate(versions):
        if index in found:
            results.append(found[index])
            continue
        low = max(one for one in order if one < index)
        high = min(one for one in order if one > index)
        before, after = found[low], found[high]
        between = f"between {before.version} and {after.version}"
        if before.status is after.status and before.status is not NOT_RUN:
            results.append(ReleaseResult(version, before.status, "inferred", f"lies {between}, which ran alike"))
        else:
            results.append(ReleaseResult(version, NOT_RUN, "not-run", f"not probed; lies {between}"))
    return tuple(results)
