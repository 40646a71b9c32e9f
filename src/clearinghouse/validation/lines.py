"""Releases in order, which of them are affected, and how we know."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class ReleaseStatus(StrEnum):
    """What a release is, by running the proof on it."""

    AFFECTED = "affected"
    UNAFFECTED = "unaffected"
    NOT_RUN = "not-run"


@dataclass(frozen=True, slots=True)
class ReleaseResult:
    """What one release is, and how we know."""

    version: str
    status: ReleaseStatus
    how: str
    """``run``, ``inferred`` (lies between two that ran alike) or ``not-run``."""
    why: str = ""
    interpreter: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A release line: versions in order whose publication dates do not go backwards."""

    results: tuple[ReleaseResult, ...]
    probes: int
    events: tuple[dict[str, str], ...]
    """OSV events: ``{"introduced": "1.0"}``, ``{"fixed": "1.4"}``, ``{"last_affected": "2.0"}``."""


def events_of(results: Sequence[ReleaseResult]) -> tuple[dict[str, str], ...]:
    """Return the OSV events of releases in order; a border among releases that were not run is put on its safe side."""
    events: list[dict[str, str]] = []
    inside = False
    last = ""
    for one in results:
        if one.status is ReleaseStatus.AFFECTED:
            if not inside:
                events.append({"introduced": one.version})
            inside, last = True, one.version
        elif one.status is ReleaseStatus.UNAFFECTED and inside:
            events.append({"fixed": one.version})
            inside = False
    if inside:
        events.append({"last_affected": last})
    return tuple(events)


@dataclass(frozen=True, slots=True)
class AffectedRange:
    """The affected releases of one package, by running the proof."""

    package: str
    lines: tuple[Line, ...]
    exhaustive: bool

    def events(self) -> tuple[dict[str, str], ...]:
        """Return the OSV events over all versions in order; ``introduced: 0`` when the very first is affected."""
        results = [one for line in self.lines for one in line.results]
        events = events_of(results)
        if results and results[0].status is ReleaseStatus.AFFECTED:
            return ({"introduced": "0"}, *events[1:])
        return events

    def affected(self) -> tuple[str, ...]:
        """Return the affected versions, in order."""
        return tuple(one.version for line in self.lines for one in line.results if one.status is ReleaseStatus.AFFECTED)
