"""Which accepted patches to try on which other proofs before findings are joined: as few as decide it.

A trial runs a finding's proof on a release that carries the patch of another. Only findings that already share
something are tried against each other, each against few; the nearest first. Source: docs/decisions/0051.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from clearinghouse.cases.rules.facts import NARROW_REGIONS, Facts, Pair
from clearinghouse.cases.rules.forest import NOTHING, Forest, Tree, United

MOST_TRIALS = 8
"""Of other findings' patches on one proof, in all; one in a round, for an answer often makes the others needless."""

MOST_CROSSED = 3
"""Of the patches of some findings on the proofs of others that seem to belong together and do not quite agree."""

MOST_NEIGHBOURS = 16
"""Of the trees that share a key, each meets so many; by weak keys many meet that have nothing to do with each other."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A question for the sandbox: does the patch that came with ``other`` stop the proof of ``finding``?"""

    finding: str
    patch: str
    other: str


@dataclass(slots=True)
class _Sent:
    """A tree among those who share a key: whom it sends, and how many of its members are there."""

    tree: str
    finding: str
    has_patch: bool
    members: int = 0


def trials_wanted(findings: Iterable[Facts], *, regions: Mapping[str, int]) -> tuple[Trial, ...]:
    """Return the trials that are still needed, in a fixed order; empty when joining can go ahead.

    Answered trials come back in the facts, so that asking again narrows the rest until nothing is left. What patches
    have already shown to belong together is asked as one.
    """
    known = {one.finding: one for one in sorted(findings, key=lambda one: one.finding)}
    forest = Forest(known, regions=regions, apart=NOTHING)
    _grow(forest, known, regions)
    questions = _Questions(_owners(known.values()), regions)
    wanted: dict[str, Trial] = {}
    asked_here: set[tuple[int, int]] = set()
    for one, other in _near_first(known, forest):
        trees = forest.tree(one), forest.tree(other)
        if one in wanted and other in wanted:
            continue
        for prover, (mine, theirs) in ((known[one], trees), (known[other], trees[::-1])):
            both = (id(mine), id(theirs))
            free = prover.finding not in wanted and both not in asked_here and not _spent(prover)
            if free and theirs.patches and not questions.answered(mine, theirs):
                trial = questions.open(prover, mine, theirs)
                if trial:
                    asked_here.add(both)
                    wanted[prover.finding] = trial
    return tuple(wanted[finding] for finding in sorted(wanted))


def _grow(forest: Forest, known: Mapping[str, Facts], regions: Mapping[str, int]) -> None:
    """Bring together what narrow patches have shown to belong together: first those whose runs look the same.

    A finding meets the first of each kind of run that the same patch stops.
    """
    stopped: dict[str, list[str]] = defaultdict(list)
    for finding, facts in known.items():
        for patch in facts.stopped_by:
            if regions.get(patch, 1 << 30) <= NARROW_REGIONS:
                stopped[patch].append(finding)
    refused: set[tuple[str, int, str, int, bool]] = set()
    for only_alike in (True, False):
        for patch in sorted(stopped):
            anchors: dict[tuple[Any, ...], str] = {}
            for finding in stopped[patch]:
                facts = known[finding]
                run = (facts.state[:1], facts.detector, facts.sink)
                met = [anchors[run]] if run in anchors else []
                met += [] if only_alike else [one for kind, one in anchors.items() if kind != run]
                for anchor in met:
                    if not only_alike or Pair(known[anchor], facts).alike:
                        _unite(forest, (known[anchor], facts), regions, refused)
                anchors.setdefault(run, finding)


def _unite(
    forest: Forest,
    pair: tuple[Facts, Facts],
    regions: Mapping[str, int],
    refused: set[tuple[str, int, str, int, bool]],
) -> None:
    """Bring two trees together if they agree; those that did not, and have not grown since, are not asked again."""
    one, other = pair
    if forest.together(one.finding, other.finding):
        return
    trees = forest.tree(one.finding), forest.tree(other.finding)
    alike = Pair(one, other).alike
    (first, size), (second, its_size) = sorted((tree.name, len(tree.members)) for tree in trees)
    version = (first, size, second, its_size, alike)
    if version in refused:
        return
    if not _agreed(*trees, regions, alike=alike) or forest.unite(one.finding, other.finding) is not United.DONE:
        refused.add(version)


def _owners(findings: Iterable[Facts]) -> dict[str, Facts]:
    """Return for each accepted patch the first finding that it came with."""
    found: dict[str, Facts] = {}
    for one in sorted(findings, key=lambda one: one.finding):
        for patch in one.patches:
            found.setdefault(patch, one)
    return found


def _agreed(one: Tree, other: Tree, regions: Mapping[str, int], *, alike: bool) -> bool:
    """Say whether a narrow patch stops the proofs of both trees, and no patch that was tried stops those of one only.

    Where both came with patches and their runs are not alike, those of each must stop the other: a patch can stop a
    second flaw by chance.
    """
    told = [(one.side(patch), other.side(patch), patch) for patch in one.tried & other.tried]
    if any(ours * theirs < 0 for ours, theirs, _ in told):
        return False
    both = {patch for ours, theirs, patch in told if ours > 0 and theirs > 0}
    narrow = any(regions.get(patch, 1 << 30) <= NARROW_REGIONS for patch in both)
    return narrow and (alike or all(not tree.patches or bool(both & tree.patches) for tree in (one, other)))


def _wanted(one: Tree, other: Tree) -> int:
    """Return how many patches of each of two trees are tried on the other before it stays open what they are."""
    stopped = any(one.side(patch) > 0 and other.side(patch) > 0 for patch in one.tried & other.tried)
    return MOST_CROSSED if stopped or not (one.patches and other.patches) else 1


def with_answer(facts: Facts, patch: str, *, stops: bool | None) -> Facts:
    """Return ``facts`` with what a trial of ``patch`` showed; None: it could not run, and is not asked again."""
    return replace(
        facts,
        asked=facts.asked | {patch},
        stopped_by=facts.stopped_by | ({patch} if stops is True else frozenset()),
        resists=facts.resists | ({patch} if stops is False else frozenset()),
    )


class _Questions:
    """What is still open between trees that no longer change: each tree is sorted, and each two are compared, once.

    A package that many look at holds trees with thousands of patches that meet thousands of times in a round.
    """

    def __init__(self, owners: Mapping[str, Facts], regions: Mapping[str, int]) -> None:
        self._owners = owners
        self._regions = regions
        self._by_target: dict[int, dict[str, list[str]]] = {}
        self._answered: dict[tuple[int, int], bool] = {}

    def answered(self, mine: Tree, theirs: Tree) -> bool:
        """Say whether enough patches of the one tree were tried on the other: they differ, or it stays open.

        Each direction ends by itself: where none of the one side can be tried any more, the other side is not asked on.
        """
        both = (id(mine), id(theirs))
        if both not in self._answered:
            wanted = _wanted(mine, theirs)
            self._answered[both] = len(mine.tried & theirs.patches) >= wanted
            self._answered[both[::-1]] = len(theirs.tried & mine.patches) >= wanted
        return self._answered[both]

    def open(self, prover: Facts, mine: Tree, theirs: Tree) -> Trial | None:
        """Return a patch of the other tree to try on ``prover``; None when there is none that would say something.

        The patched release is the one that the patch's finding was judged on: a proof that does not show there is
        silent anyway.
        """
        patches = self._patches(theirs)
        targets = (prover.affected or {prover.target}) & patches.keys()
        firsts = (next((one for one in patches[target] if one not in mine.tried), None) for target in targets)
        best = min((one for one in firsts if one is not None), key=self._narrow_first, default=None)
        return Trial(prover.finding, best, self._owners[best].finding) if best is not None else None

    def _patches(self, tree: Tree) -> Mapping[str, list[str]]:
        """Return the patches of a tree by the release that they change, the narrow ones first."""
        found = self._by_target.get(id(tree))
        if found is None:
            found = self._by_target[id(tree)] = {}
            for patch in sorted(tree.patches, key=self._narrow_first):
                found.setdefault(self._owners[patch].target, []).append(patch)
        return found

    def _narrow_first(self, patch: str) -> tuple[int, str]:
        return self._regions.get(patch, 1 << 30), patch


def _near_first(known: Mapping[str, Facts], forest: Forest) -> list[tuple[str, str]]:
    """Return the pairs worth a trial, those first whose trees share most.

    What two trees share is how many keys a finding of the one has in the mean in common with one of the other: by all
    its keys together a large tree would be near to all. Whole numbers are added up, so that no order of adding matters.
    """
    shared: Counter[tuple[str, str]] = Counter()
    pairs: dict[tuple[str, str], tuple[str, str]] = {}
    for members in _buckets(known.values()):
        met: list[_Sent] = []
        for one in _sent(members, known, forest):
            for other in met:
                between = (one.tree, other.tree) if one.tree < other.tree else (other.tree, one.tree)
                pair = (one.finding, other.finding) if one.finding < other.finding else (other.finding, one.finding)
                shared[between] += one.members * other.members
                pairs[pair] = between
            if one.has_patch and len(met) < MOST_NEIGHBOURS:
                met.append(one)
    size = {tree.name: len(tree.members) for tree in forest.trees()}
    near = {both: count / (size[both[0]] * size[both[1]]) for both, count in shared.items()}
    return sorted(pairs, key=lambda pair: (-near[pairs[pair]], pair))


def _sent(members: Iterable[str], known: Mapping[str, Facts], forest: Forest) -> list[_Sent]:
    """Return whom each tree sends to those who share a key: the first that may still be asked.

    Trees with a patch come first, for two without one have nothing to ask; of these the ones with most members here.
    """
    found: dict[str, _Sent] = {}
    for member in members:
        tree = forest.tree(member)
        sent = found.setdefault(tree.name, _Sent(tree.name, member, has_patch=bool(tree.patches)))
        sent.members += 1
        if _spent(known[sent.finding]) and not _spent(known[member]):
            sent.finding = member
    return sorted(found.values(), key=lambda sent: (not sent.has_patch, -sent.members, sent.tree))


def _spent(one: Facts) -> bool:
    return len(one.asked) >= MOST_TRIALS


def _buckets(findings: Iterable[Facts]) -> Iterator[list[str]]:
    """Yield the findings that share a key, in the order given."""
    found: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for one in findings:
        for key in _keys(one):
            found[one.package, *key].append(one.finding)
    return (members for members in found.values() if len(members) > 1)


def _keys(one: Facts) -> Iterator[tuple[Any, ...]]:
    """Yield weak keys: here a false neighbour costs a trial, not a wrong join."""
    if one.affected:
        yield "range", one.affected
    yield "detector", one.detector
    yield from (("frame", frame) for frame in one.state)
    yield from (("entry", entry) for entry in one.entries)
    yield from (("place", place.file, place.symbol) for place in one.places)
    yield from (("weakness", weakness) for weakness in one.weaknesses)
    yield from (("alias", alias) for alias in one.aliases)
