"""Where things stand in the two pictures of a case: the version strip and the join graph. Text is put in by templates.

Both are SVG inside the page: shapes in percent of the width, so that letters keep their size on a narrow screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from clearinghouse.advisories.rules import Dossier, Reported
from clearinghouse.cases.rules.facts import FOUNDING, How
from clearinghouse.validation.lines import AffectedRange, ReleaseResult, ReleaseStatus

NARROWEST_PERCENT = 5.0
"""No stretch of releases is drawn narrower."""

ROOM_FOR_LABEL_PERCENT = 18.0
"""After a narrower stretch the next label goes into the lower row."""

DEEPEST = 6
"""Deeper reports are drawn at this depth."""

STATUS_WORDS = {
    ReleaseStatus.AFFECTED: "affected",
    ReleaseStatus.UNAFFECTED: "not affected",
    ReleaseStatus.NOT_RUN: "not run",
}
HOW_WORDS = {
    FOUNDING: "first report of this case",
    How.PATCH: "one accepted patch stops both",
    How.FRAMES: "same functions at the witness",
    How.RANGE_AND_SINK: "same releases and sink",
    How.LOCATION_AND_WEAKNESS: "same place and weakness",
    How.ALIAS: "same identifier",
    How.UNDONE: "a person set them apart",
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Releases in a row with the same status."""

    status: ReleaseStatus
    first: str
    last: str
    count: int
    run: int
    left: float
    """Percent of the width."""
    width: float
    label_row: int
    """0 or 1: neighbours' labels stand in different rows."""
    dots: tuple[float, ...]
    """Where the releases stand that were really run, in percent of the whole width."""

    @property
    def word(self) -> str:
        """The status in words."""
        return STATUS_WORDS[self.status]

    @property
    def says(self) -> str:
        """The stretch in a sentence."""
        span = self.first if self.count == 1 else f"{self.first} to {self.last}"
        many = "1 release" if self.count == 1 else f"{self.count} releases"
        return f"{span}: {self.word} ({many}, {self.run} run)"


@dataclass(frozen=True, slots=True)
class Strip:
    """One release line as a strip of stretches."""

    stretches: tuple[Stretch, ...]

    @property
    def height(self) -> int:
        """Height of the picture, in pixels."""
        return 50 + 16 * max(one.label_row for one in self.stretches)

    @property
    def says(self) -> str:
        """The whole strip in words, for those who cannot see it."""
        return "; ".join(one.says for one in self.stretches)


def strips_of(releases: AffectedRange | None) -> tuple[Strip, ...]:
    """Return a strip for each release line."""
    return tuple(_strip(one) for one in _drawn_together(releases)) if releases else ()


def _drawn_together(releases: AffectedRange) -> list[list[ReleaseResult]]:
    """Return the results of each strip; a line in which nothing changes is drawn together with the next."""
    strips: list[list[ReleaseResult]] = []
    carry: list[ReleaseResult] = []
    for line in releases.lines:
        carry += line.results
        if len({one.status for one in carry}) > 1:
            strips.append(carry)
            carry = []
    if carry and strips and len({one.status for one in (strips[-1][-1], *carry)}) == 1:
        strips[-1] += carry
    elif carry:
        strips.append(carry)
    return strips


def _strip(results: Sequence[ReleaseResult]) -> Strip:
    groups = [list(group) for _, group in groupby(results, key=lambda one: one.status)]
    widths = _widths([len(group) for group in groups])
    left = 0.0
    label_row = 0
    stretches: list[Stretch] = []
    for group, width in zip(groups, widths, strict=True):
        crowded = bool(stretches) and stretches[-1].width < ROOM_FOR_LABEL_PERCENT
        label_row = 1 - label_row if crowded else 0
        stretches.append(
            Stretch(
                status=group[0].status,
                first=group[0].version,
                last=group[-1].version,
                count=len(group),
                run=sum(one.how == "run" for one in group),
                left=round(left, 2),
                width=round(width, 2),
                label_row=label_row,
                dots=_dots(group, left, width),
            )
        )
        left += width
    return Strip(tuple(stretches))


def _widths(counts: Sequence[int]) -> list[float]:
    """Return shares of 100 percent by count, none below the narrowest that can be seen."""
    floor = min(NARROWEST_PERCENT, 100 / len(counts))
    rest = 100 - floor * len(counts)
    return [floor + rest * count / sum(counts) for count in counts]


def _dots(group: Sequence[ReleaseResult], left: float, width: float) -> tuple[float, ...]:
    step = width / len(group)
    return tuple(round(left + step * (place + 0.5), 2) for place, one in enumerate(group) if one.how == "run")


@dataclass(frozen=True, slots=True)
class Node:
    """A report in the join graph."""

    name: str
    says: str
    """Why it hangs there."""
    grade: str
    depth: int
    row: int
    parent_row: int
    """-1: the root, or a link to another case."""
    case_key: str = ""
    """Of a linked finding of another case."""

    @property
    def x(self) -> int:
        """Left edge, in pixels."""
        return self.depth * 26 + 1

    @property
    def y(self) -> int:
        """Top edge, in pixels."""
        return self.row * 58 + 1

    @property
    def middle(self) -> int:
        """Middle of the box, in pixels."""
        return self.y + 23

    @property
    def elbow(self) -> int:
        """Where the line to the parent goes down, in pixels."""
        return self.x - 13

    @property
    def parent_foot(self) -> int:
        """Bottom of the parent's box, in pixels."""
        return self.parent_row * 58 + 47


@dataclass(frozen=True, slots=True)
class Graph:
    """The reports of a case as a tree, and below it the findings of other cases that may belong here."""

    nodes: tuple[Node, ...]
    links: tuple[Node, ...]

    @property
    def height(self) -> int:
        """Height of the picture, in pixels."""
        return (len(self.nodes) + len(self.links)) * 58


def graph_of(dossier: Dossier) -> Graph:
    """Return the join graph of a case."""
    children: dict[str, list[Reported]] = {}
    for one in dossier.reports:
        children.setdefault(one.joined_to, []).append(one)
    rows: dict[str, int] = {}
    nodes: list[Node] = []
    waiting = [(one, 0) for one in reversed(children.get("", []))]
    while waiting:
        one, depth = waiting.pop()
        rows[one.key] = len(nodes)
        nodes.append(_node(one, min(depth, DEEPEST), len(nodes), rows.get(one.joined_to, -1)))
        waiting += [(child, depth + 1) for child in reversed(children.get(one.key, []))]
    links = tuple(
        Node(link.other_name, HOW_WORDS[link.how], "", 0, len(nodes) + place, -1, link.other_case)
        for place, link in enumerate(dossier.neighbours)
    )
    return Graph(tuple(nodes), links)


def _node(one: Reported, depth: int, row: int, parent_row: int) -> Node:
    return Node(one.name, HOW_WORDS[one.how], one.judgement.grade or "", depth, row, parent_row)
