"""Every read of validations."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from clearinghouse.feeds.queries import kev_cves
from clearinghouse.findings.models import Finding
from clearinghouse.findings.queries import due_judging, findings_for
from clearinghouse.findings.rules import FindingState
from clearinghouse.parties.rules import LOCAL_ORGANIZATION
from clearinghouse.permissions.rules import Actor
from clearinghouse.standards import purl
from clearinghouse.validation.lifecycle import ValidationState
from clearinghouse.validation.lines import AffectedRange
from clearinghouse.validation.models import Answer, KnownBypass, StoredRun, Validation
from clearinghouse.validation.questions import Question, is_open, question_of
from clearinghouse.validation.rules import Answered, Bypass, FindingOutcome, Judgement, PatchResult, Run
from clearinghouse.validation.shapes import load
from clearinghouse.work.turns import Turn

_CHUNK = 500


def validation_of(finding: Finding) -> Validation | None:
    """Return the validation of a finding, if it was begun."""
    return Validation.objects.filter(finding=finding).first()


def judgement_of(finding: Finding) -> Judgement | None:
    """Return what the finding was judged to be; None while it waits."""
    return _judgement(validation_of(finding))


def judged_as(finding: Finding) -> Judgement | None:
    """Return the same of a finding that was read together with its validation, as lists do."""
    return _judgement(getattr(finding, "validation", None))


def _judgement(row: Validation | None) -> Judgement | None:
    return load(Judgement, row.judgement) if row is not None and row.judgement is not None else None


def range_of(finding: Finding) -> AffectedRange | None:
    """Return the affected releases that running the finding's proof found."""
    row = validation_of(finding)
    return load(AffectedRange, row.ranges) if row is not None and row.ranges is not None else None


def patches_of(finding: Finding) -> tuple[PatchResult, ...]:
    """Return what the checks say of each patch of the finding."""
    row = validation_of(finding)
    return tuple(load(PatchResult, one) for one in (row.patches or [])) if row is not None else ()


def answers_of(finding: Finding) -> tuple[Answered, ...]:
    """Return what people said of the finding and still say, in an order that content decides."""
    standing = Answer.objects.filter(finding=finding, ended_at=None).order_by("question")
    return tuple(Answered(one.question, one.yes, one.by, one.why) for one in standing)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is put to people, and the finding that it is about."""

    finding: Finding
    judgement: Judgement
    question: Question


def asked_of(actor: Actor, *, answered: bool = False) -> list[Asked]:
    """Return what is put to people, as far as the actor may read it; what was answered too, where that is wanted."""
    found = []
    for finding in findings_for(actor).filter(validation__judgement__isnull=False).select_related("validation"):
        judgement = load(Judgement, finding.validation.judgement)
        question = question_of(judgement)
        if question is not None and (answered or is_open(judgement)):
            found.append(Asked(finding, judgement, question))
    return found


def environment_of(finding: Finding) -> dict[str, tuple[str, ...]]:
    """Return the releases used for judging: purl to the digests of the files."""
    row = validation_of(finding)
    return {purl: tuple(digests) for purl, digests in row.environments.items()} if row is not None else {}


def bypasses_known(package: str, *, organizations: Iterable[UUID | None], before: datetime) -> list[Bypass]:
    """Return the forms that got past patches of ``package`` and were known by then, in an order that content decides.

    Only those seen on findings of these organizations; one that several have seen is returned once.

    What was learned later does not change what was said of a patch that was handed in before.
    """
    known = set(organizations)
    whose = Q(organization__in=known - {None})
    if known & {None, LOCAL_ORGANIZATION}:  # those from before organizations were told apart too
        whose |= Q(organization=None)
    rows = KnownBypass.objects.filter(whose, package=package, created_at__lt=before).order_by("digest", "created_at")
    first: dict[str, KnownBypass] = {}
    for row in rows:
        first.setdefault(row.digest, row)
    return [load(Bypass, row.bypass) for row in first.values()]


def others_of_package(finding: Finding) -> list[Finding]:
    """Return the other findings of the same package that stand, of the same organization, in the order of their keys.

    What another organization handed in is a secret of theirs, also from whoever hands in a patch of the same package;
    whether a patch stops their proof is asked when findings are joined, and told to nobody outside.
    """
    package = purl.parse(str(finding.report["target"])).package
    others = Finding.objects.filter(
        report__target__startswith=f"{package}@", organization=finding.organization_id
    ).exclude(state=FindingState.SUPERSEDED)
    return list(others.exclude(pk=finding.pk).order_by("key"))


def settled_findings() -> QuerySet[Finding]:
    """Return the findings whose validation is done, in a stable order."""
    settled = Finding.objects.filter(validation__state=ValidationState.SETTLED, state=FindingState.SETTLED)
    return settled.order_by("key")


def validated_findings() -> Iterator[tuple[Finding, Judgement]]:
    """Yield the settled findings that were validated, with their judgements."""
    for finding in settled_findings().select_related("validation"):
        judgement = load(Judgement, finding.validation.judgement)
        if judgement.outcome is FindingOutcome.VALIDATED:
            yield finding, judgement


STEPS = 3
"""Steps of a validation: judged, ranged, patches checked."""


def steps_done() -> int:
    """Return how many steps of all validations that stand are done; a finding that needs no more counts for all."""
    done = {
        ValidationState.WAITING: 0,
        ValidationState.JUDGED: 1,
        ValidationState.RANGED: 2,
        ValidationState.SETTLED: 3,
    }
    standing = Validation.objects.exclude(finding__state=FindingState.SUPERSEDED)
    return sum(done[ValidationState(state)] for state in standing.values_list("state", flat=True))


def run_kept(key: str) -> Run | None:
    """Return the run kept under a content key."""
    row = StoredRun.objects.filter(key=key).first()
    return load(Run, row.run) if row is not None else None


EXPLOITED, PRESSING = 60, 30
"""How a report presses before it is judged: what it says is in KEV, or its finder says that it is exploited.

A claim is cheap; ``work/turns.py`` lets only a few of each organization go first. The bands of cases come after the
verdict, in their own room.
"""


def due_judge() -> Iterator[Turn]:
    """Yield the findings that nothing has judged yet, in an order that content decides."""
    yield from _turns(due_judging())


def due_range() -> Iterator[Turn]:
    """Yield the validated findings whose affected releases are not known yet."""
    yield from _turns(_underway(ValidationState.JUDGED))


def due_check_patches() -> Iterator[Turn]:
    """Yield the findings whose patches were not checked yet."""
    yield from _turns(_underway(ValidationState.RANGED))


def _underway(state: ValidationState) -> QuerySet[Finding]:
    return Finding.objects.filter(state=FindingState.JUDGED, validation__state=state).order_by("key")


def _turns(findings: QuerySet[Finding]) -> Iterator[Turn]:
    """Yield each finding's turn: for whoever handed it in, in the name of its finder, about its package, as it presses.

    Who a finder is stands in the report alone. Whoever hands in under many names gets no more turns by it, and takes
    none from those whose names they are.
    """
    listed = kev_cves()
    wanted = ("pk", "organization", "finder", "report__target", "report__aliases", "report__exploited__value")
    for pk, organization, finder, target, aliases, exploited in findings.values_list(*wanted).iterator(
        chunk_size=_CHUNK
    ):
        urgency = PRESSING if exploited == "yes" else 0
        if not listed.isdisjoint(aliases or ()):
            urgency = EXPLOITED
        package = str(target).rpartition("@")[0]
        yield Turn((pk,), f"organization {organization}", package, urgency, within=finder)
