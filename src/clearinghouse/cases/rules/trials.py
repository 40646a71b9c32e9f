"""Which accepted patches to try on which other proofs before findings are joined: as few as decide it.

A trial runs a finding's proof on a release that carries the patch of another. Only findings that already share
something are tried against each other, each against few; the nearest first. Source: docs/decisions/0051.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from clearinghouse.cases.rules.facts import Answer, Facts
from clearinghouse.cases.rules.joins import MOST_ANCHORS, range_digest
from clearinghouse.cases.rules.pairs import decide

MOST_TRIALS = 8
"""Of other findings' patches on one proof, in all."""

TRIALS_A_ROUND = 2
"""Of them in one round: an early answer often makes the others needless."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A question for the sandbox: does the patch that came with ``other`` stop the proof of ``finding``?"""

    finding: str
    patch: str
    other: str


def trials_wanted(findings: Iterable[Facts], *, regions: Mapping[str, int]) -> tuple[Trial, ...]:
    """Return the trials that are still needed, in a fixed order; empty when joining can go ahead.

    Answered trials come back in the facts, so that asking again narrows the rest until nothing is left.
    """
    known = {one.finding: one for one in findings}
    wanted: list[Trial] = []
    spent: Counter[str] = Counter()
    for one, other in _near_first(known, regions):
        for prover, fixer in ((known[one], known[other]), (known[other], known[one])):
            patch = _open_question(prover, fixer)
            left = min(TRIALS_A_ROUND, MOST_TRIALS - len(prover.asked)) - spent[prover.finding]
            if patch and left > 0:
                spent[prover.finding] += 1
                wanted.append(Trial(prover.finding, patch, fixer.finding))
    return tuple(sorted(set(wanted), key=lambda trial: (trial.finding, trial.patch, trial.other)))


def with_answer(facts: Facts, patch: str, *, stops: bool | None) -> Facts:
    """Return ``facts`` with what a trial of ``patch`` showed; None: it could not run, and is not asked again."""
    return replace(
        facts,
        asked=facts.asked | {patch},
        stopped_by=facts.stopped_by | ({patch} if stops is True else frozenset()),
        resists=facts.resists | ({patch} if stops is False else frozenset()),
    )


def _open_question(prover: Facts, fixer: Facts) -> str:
    """Return the patch of ``fixer`` to try on ``prover``; empty when there is none, or when it would say nothing.

    The patched release is the one that ``fixer`` was judged on: a proof that does not show there is silent anyway.
    """
    if not fixer.patches or (prover.stopped_by | prover.resists | prover.asked) & fixer.patches:
        return ""
    shows_there = fixer.target in prover.affected or (not prover.affected and fixer.target == prover.target)
    return min(fixer.patches) if shows_there else ""


def _near_first(known: Mapping[str, Facts], regions: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return the pairs worth a trial, those that share most first; findings that are joined already meet once."""
    shared: Counter[tuple[str, str]] = Counter()
    for members in _buckets(known.values()):
        anchors: list[str] = []
        for member in members:
            for anchor in anchors:
                shared[anchor, member] += 1
                if known[anchor].patches and _settled(known[anchor], known[member], regions):
                    break
            else:
                if len(anchors) < MOST_ANCHORS:
                    anchors.append(member)
    return sorted(shared, key=lambda pair: (-shared[pair], pair))


def _settled(one: Facts, other: Facts, regions: Mapping[str, int]) -> bool:
    """Say whether a patch has already put the two together."""
    return bool(one.stopped_by & other.stopped_by) and decide(one, other, regions=regions).answer is Answer.JOIN


def _buckets(findings: Iterable[Facts]) -> Iterator[list[str]]:
    found: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for one in findings:
        for key in _keys(one):
            found[one.package, *key].append(one.finding)
    for key in sorted(found, key=repr):
        if len(found[key]) > 1:
            yield sorted(found[key])


def _keys(one: Facts) -> Iterator[tuple[Any, ...]]:
    """Yield weak keys: here a false neighbour costs a trial, not a wrong join."""
    if one.affected:
        yield "range", range_digest(one)
    yield "detector", one.detector
    yield from (("frame", frame) for frame in one.state)
    yield from (("entry", entry) for entry in one.entries)
    yield from (("place", place.file, place.symbol) for place in one.places)
    yield from (("weakness", weakness) for weakness in one.weaknesses)
    yield from (("alias", alias) for alias in one.aliases)
