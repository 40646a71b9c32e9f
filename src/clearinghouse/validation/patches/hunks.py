"""Whether the proof, or the report's test, reaches every hunk of a patch: what nobody reaches, nobody has tried.

Two kinds of hunk count without being reached: one that stands the same in the project's own fix, and one that is the
same change as one that was reached, at a copy of that place, as in a second build of a module.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from clearinghouse.releases.rules import Environment
from clearinghouse.validation.brief import Proof
from clearinghouse.validation.patches.attack import Ground
from clearinghouse.validation.patches.looking import lines_of
from clearinghouse.validation.patches.mutants.forms import Mutant
from clearinghouse.validation.patches.published import BESIDE, Background
from clearinghouse.validation.patches.reporttests import lines_of_test
from clearinghouse.validation.patches.sources import Change, Region, runs
from clearinghouse.validation.patches.verdict import CheckName
from clearinghouse.validation.rules import PatchCheck, Said
from clearinghouse.validation.subject import ReportTest, Subject

type Lines = Mapping[str, Sequence[int]]
MOST_MUTANTS = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """A hunk and the lines of which at least one must run: after the patch, or for mere removals before it."""

    region: Region
    lines: frozenset[int]
    after: bool


def hunks_reached(
    changes: Sequence[Change],
    ground: Ground,
    subject: Subject,
    background: Background,
    live: Sequence[Mutant],
) -> PatchCheck:
    """Return whether each hunk with code in it was reached; what was tried is the proof, its mutants and the tests."""
    name = CheckName.HUNKS
    every = [(change, one) for change in changes if change.is_code for one in wanted_of(change)]
    if not every:
        return PatchCheck(name, Said.PASSED, "no hunk adds or takes away a line of code that could be reached")
    asked_about = [(change, one) for change, one in every if not background.has(change, one.region)]
    open_ones = [one for _, one in asked_about]
    count, known, noted = len(every), len(every) - len(open_ones), False
    told = f"; {known} stand the same in the project's own fix" if known else ""
    if not open_ones:
        return PatchCheck(name, Said.PASSED, f"all {count} hunks stand the same in the project's own fix")
    files = frozenset(one.path for one in changes)
    for look in _looks(ground, subject, live, files):
        for environment, after in ((ground.patched, True), (ground.base, False)):
            if not any(one.after is after for one in open_ones):
                continue
            ran = look(environment)
            if ran is None:
                continue
            noted = True
            open_ones = [one for one in open_ones if one.after is not after or not reached(one, ran)]
        if not open_ones:
            return PatchCheck(name, Said.PASSED, f"{count - known} of {count} hunks are reached{told}")
    if not noted:
        return PatchCheck(name, Said.NOT_RUN, "which lines run could not be noted")
    looked_at = {copied(change, one.region) for change, one in asked_about if one not in open_ones}
    missed = tuple(
        one.region.place
        for change, one in asked_about
        if one in open_ones and copied(change, one.region) not in looked_at
    )
    if not missed:
        seen = count - known - len(open_ones)
        detail = f"{seen} of {count} hunks are reached, the others are the same at a copy{told}"
        return PatchCheck(name, Said.PASSED, detail)
    detail = (
        f"{len(missed)} of {count} hunks are reached neither by the proof nor by the report's test: {', '.join(missed)}"
    )
    return PatchCheck(name, Said.FAILED, detail, missed)


def _looks(
    ground: Ground, subject: Subject, live: Sequence[Mutant], files: frozenset[str]
) -> Iterator[Callable[[Environment], Lines | None]]:
    """Yield what may reach a hunk, the proof first."""

    def by_proof(proof: Proof) -> Callable[[Environment], Lines | None]:
        return lambda where: lines_of(ground.stand(proof), where, proof.form, files=files)

    def by_test(test: ReportTest) -> Callable[[Environment], Lines | None]:
        return lambda where: lines_of_test(test, subject.files, where, ground.lab)

    yield by_proof(ground.proof)
    yield from (by_test(one) for one in subject.tests)
    yield from (by_proof(one.proof) for one in live[:MOST_MUTANTS])


def reached(wanted: Wanted, ran: Lines) -> bool:
    """Say whether one of the lines ran."""
    return not wanted.lines.isdisjoint(ran.get(wanted.region.path, ()))


def copied(change: Change, region: Region) -> tuple[tuple[str, ...], ...]:
    """Return what two hunks have in common that are the same change at a copy of the same place."""
    before, _, behind = change.code_around(region)
    lines = [tuple(line.strip() for _, line in part) for part in (region.removed, region.added)]
    return (*lines, tuple(before[-BESIDE:]), tuple(behind[:1]))


def wanted_of(change: Change) -> Iterator[Wanted]:
    """Yield the hunks of a file that hold code, with the lines that show that it was reached."""
    for region in change.regions():
        added = _code(change, region.added, after=True)
        if added:
            yield Wanted(region, added, after=True)
            continue
        removed = _code(change, region.removed, after=False)
        if removed:
            yield Wanted(region, removed, after=False)


def _code(change: Change, lines: Sequence[tuple[int, str]], *, after: bool) -> frozenset[int]:
    """Return the numbers of the lines with code; those inside functions alone, where there are any."""
    survey = change.now if after else change.was
    if survey is None or survey.broken:
        return frozenset(number for number, line in lines if runs(change.path, line))
    numbers = frozenset(number for number, _ in lines) & survey.lines
    return numbers & survey.inner or numbers
