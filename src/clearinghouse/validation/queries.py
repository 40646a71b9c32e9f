"""Every read of validations."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from clearinghouse.findings.models import Finding
from clearinghouse.findings.queries import due_judging, findings_for
from clearinghouse.findings.rules import FindingState
from clearinghouse.permissions.rules import Actor
from clearinghouse.standards import purl
from clearinghouse.validation.lifecycle import ValidationState
from clearinghouse.validation.lines import AffectedRange
from clearinghouse.validation.models import Answer, KnownBypass, StoredRun, Validation
from clearinghouse.validation.questions import Question, is_open, question_of
from clearinghouse.validation.rules import Answered, Bypass, FindingOutcome, Judgement, PatchResult, Run
from clearinghouse.validation.shapes import load


def validation_of(finding: Finding) -> Validation | None:
    """Return the validation of a finding, if it was begun."""
    return Validation.objects.filter(finding=finding).first()


def judgement_of(finding: Finding) -> Judgement | None:
    """Return what the finding was judged to be; None while it waits."""
    row = validation_of(finding)
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


def bypasses_known(package: str, *, before: datetime) -> list[Bypass]:
    """Return the forms that got past patches of ``package`` and were known by then, in an order that content decides.

    What was learned later does not change what was said of a patch that was handed in before.
    """
    rows = KnownBypass.objects.filter(package=package, created_at__lt=before).order_by("digest")
    return [load(Bypass, row.bypass) for row in rows]


def others_of_package(finding: Finding) -> list[Finding]:
    """Return the other findings of the same package that no later version has replaced, in the order of their keys."""
    package = purl.parse(str(finding.report["target"])).package
    others = Finding.objects.filter(report__target__startswith=f"{package}@").exclude(state=FindingState.SUPERSEDED)
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


def due_judge() -> Iterator[UUID]:
    """Yield the findings that nothing has judged yet, in an order that content decides."""
    yield from due_judging().values_list("pk", flat=True)


def due_range() -> Iterator[UUID]:
    """Yield the validated findings whose affected releases are not known yet."""
    judged = Validation.objects.filter(state=ValidationState.JUDGED, finding__state=FindingState.JUDGED)
    yield from judged.order_by("finding__key").values_list("finding_id", flat=True)


def due_check_patches() -> Iterator[UUID]:
    """Yield the findings whose patches were not checked yet."""
    ranged = Validation.objects.filter(state=ValidationState.RANGED, finding__state=FindingState.JUDGED)
    yield from ranged.order_by("finding__key").values_list("finding_id", flat=True)
