"""Gathering findings into cases: the same answer whatever the order they came in, and never all against all.

Only findings that share a key (a patch that stops both, a crash state, range and sink, a place, an identifier) meet. In
such a group each is compared with the group's *anchors*, those that joined none before it, so that a thousand reports
of one flaw cost a thousand comparisons. Pairs that a person has set apart never end up in one case, whatever else ties
them. Source: docs/decisions/0051.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from clearinghouse.cases.rules.facts import Answer, Facts, How, Verdict
from clearinghouse.cases.rules.forest import NOTHING, Apart, Forest, United
from clearinghouse.cases.rules.pairs import decide

MOST_ANCHORS = 64
"""A key shared by more unlike findings than this is too common to say anything; the rest are not compared by it."""

SET_APART = "A person has set them apart. What would join them: "
DISAGREE = "More accepted patches stop the proofs of one case only than of both. What would join them: "


@dataclass(frozen=True, slots=True)
class Joined:
    """One finding put beside another, and why."""

    finding: str
    other: str
    how: How
    reason: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one case; ``joins`` is a tree with the smallest finding as its root."""

    package: str
    findings: tuple[str, ...]
    joins: tuple[Joined, ...]

    @property
    def key(self) -> str:
        """The case's content-derived key."""
        return case_key(self.package, self.findings[0])


@dataclass(frozen=True, slots=True)
class Joining:
    """All cases and the links between findings of different cases."""

    groups: tuple[Group, ...]
    links: tuple[Joined, ...]


def case_key(package: str, smallest_finding: str) -> str:
    """Return the key of the case whose smallest finding this is: the same input gives the same key, everywhere."""
    return hashlib.sha256(f"clearinghouse case 1\n{package}\n{smallest_finding}".encode()).hexdigest()[:16]


def join(findings: Iterable[Facts], *, regions: Mapping[str, int], apart: Apart = NOTHING) -> Joining:
    """Return the cases that ``findings`` make.

    Args:
        findings: facts of validated findings, in any order.
        regions: for each accepted patch, how many places it changes.
        apart: pairs that must not end up in one case.
    """
    known = {one.finding: one for one in findings}
    verdicts = compared(known, regions=regions, apart=apart)
    forest = Forest(known, regions=regions, apart=apart)
    edges: dict[str, list[Joined]] = defaultdict(list)
    links: list[Joined] = []
    for (one, other), verdict in sorted(verdicts.items(), key=_strongest_first):
        if verdict.answer is Answer.LINK:
            links.append(_joined(one, other, verdict))
        elif verdict.answer is Answer.JOIN:
            match forest.unite(one, other):
                case United.DONE:
                    edges[one].append(_joined(one, other, verdict))
                    edges[other].append(_joined(other, one, verdict))
                case United.SET_APART:
                    links.append(Joined(one, other, How.UNDONE, SET_APART + verdict.reason, verdict.evidence))
                case United.PATCHES_DISAGREE:
                    links.append(_joined(one, other, replace(verdict, reason=DISAGREE + verdict.reason)))
                case United.ALREADY:
                    pass
    between = [one for one in links if not forest.together(one.finding, one.other)]
    groups = [
        Group(known[members[0]].package, tuple(members), tuple(_tree(members[0], edges)))
        for members in (sorted(tree.members) for tree in forest.trees())
    ]
    return Joining(
        tuple(sorted(groups, key=lambda group: group.findings)),
        tuple(sorted(between, key=lambda link: (link.finding, link.other))),
    )


def compared(
    known: Mapping[str, Facts], *, regions: Mapping[str, int], apart: Apart = NOTHING
) -> dict[tuple[str, str], Verdict]:
    """Return a verdict for each two findings that share a key, as far as anchors go; the smaller finding first."""
    verdicts: dict[tuple[str, str], Verdict] = {}
    for members in _buckets(known.values()):
        anchors: list[str] = []
        for member in members:
            for anchor in anchors:
                pair = (anchor, member)
                if pair not in verdicts:
                    verdicts[pair] = decide(known[anchor], known[member], regions=regions)
                if verdicts[pair].answer is Answer.JOIN and frozenset(pair) not in apart:
                    break
            else:
                if len(anchors) < MOST_ANCHORS:
                    anchors.append(member)
    return verdicts


def _buckets(findings: Iterable[Facts]) -> Iterator[list[str]]:
    """Yield the findings that share a key, in order, for each key that two or more share."""
    found: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for one in findings:
        for key in _keys(one):
            found[one.package, *key].append(one.finding)
    for key in sorted(found, key=repr):
        if len(found[key]) > 1:
            yield sorted(found[key])


def _keys(one: Facts) -> Iterator[tuple[Any, ...]]:
    yield from (("patch", patch) for patch in one.stopped_by)
    if one.state:
        yield "state", one.state
        yield "frame", one.state[0]
    if one.affected and one.sink:
        yield "range and sink", range_digest(one), one.detector, one.sink
    yield from (("place", place.file, place.symbol) for place in one.places)
    yield from (("alias", alias) for alias in one.aliases)


def range_digest(one: Facts) -> str:
    """Return a short name of the exact set of affected releases."""
    return hashlib.sha256("\n".join(sorted(one.affected)).encode()).hexdigest()


def _strongest_first(item: tuple[tuple[str, str], Verdict]) -> tuple[int, int, tuple[str, str]]:
    pair, verdict = item
    return (verdict.how.strength if verdict.how else len(How), verdict.doubt, pair)


def _joined(finding: str, other: str, verdict: Verdict) -> Joined:
    if verdict.how is None:
        raise ValueError("a verdict that ties two findings says how")
    return Joined(finding, other, verdict.how, verdict.reason, verdict.evidence)


def _tree(root: str, edges: Mapping[str, list[Joined]]) -> Iterator[Joined]:
    """Yield each finding below ``root`` with what it hangs on, nearest to the root first."""
    seen, waiting = {root}, [root]
    while waiting:
        parent = waiting.pop(0)
        for edge in sorted(edges.get(parent, ()), key=lambda one: one.other):
            if edge.other not in seen:
                seen.add(edge.other)
                waiting.append(edge.other)
                yield Joined(edge.other, parent, edge.how, edge.reason, edge.evidence)
