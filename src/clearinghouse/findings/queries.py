"""Every read of findings."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import batched
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from clearinghouse.artefacts import Artefacts
from clearinghouse.errors import NotFound
from clearinghouse.findings.models import Finding, RefusedReport, Submission
from clearinghouse.findings.report.model import Report
from clearinghouse.findings.rules import FindingState, SubmissionState, key_beside, key_of_content
from clearinghouse.permissions.guards import EVERYTHING
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import clause_for
from clearinghouse.records import AT_A_TIME
from clearinghouse.sight.asking import beyond_sight
from clearinghouse.work.turns import Turn

SHORTEST_KEY = 6
"""Letters of a key that name a finding, when no other begins like it."""


def finding_for(actor: Actor, key: str) -> Finding:
    """Return the finding with this key.

    Raises:
        NotFound: there is none, or none that the actor may know of.
    """
    beside = key_beside(key, str(actor.organization))  # their own, whose content others had handed in before
    found = list(Finding.objects.visible_to(actor).filter(key__in=[key, beside]))
    if not found:
        raise NotFound("no such finding")
    return max(found, key=lambda one: one.key == beside)


def key_shown(finding: Finding, actor: Actor) -> str:
    """Return the key by which the actor is told of a finding.

    Of their own that is always the one that follows from the content, as they can reckon it themselves: another one
    would tell them that somebody handed in the same before. Whoever reads all findings needs them apart.
    """
    organization = finding.organization_id
    if organization is None or organization != actor.organization or reads_all(actor):
        return finding.key
    key = key_of_content(finding.report, finding.artefacts)
    return key if finding.key == key_beside(key, str(organization)) else finding.key


def reads_all(actor: Actor) -> bool:
    """Say whether the actor reads every finding, whoever handed it in."""
    return clause_for(actor, "findings:finding:read") == EVERYTHING


def finding_by_id(actor: Actor, finding_id: UUID) -> Finding:
    """Return the finding with this id.

    Raises:
        NotFound: there is none, or none that the actor may know of.
    """
    found: Finding | None = Finding.objects.visible_to(actor).filter(pk=finding_id).first()
    if found is None:
        raise NotFound("no such finding")
    return found


def finding_named(actor: Actor, name: str) -> Finding:
    """Return the standing finding that ``name`` names: finder/id, the finder's id, or at least six letters of its key.

    Raises:
        NotFound: there is none, none that the actor may know of, or more than one.
    """
    finder, _, ref = name.partition("/")
    named = Q(finder=finder, finder_ref=ref) | Q(finder_ref=name)
    if len(name) >= SHORTEST_KEY:
        named |= Q(key__startswith=name.lower())
    found = list(findings_for(actor).filter(named)[:2])
    if len(found) != 1:
        many = "more than one report is" if found else "there is no report"
        raise NotFound(f"{many} named {name!r}; name it as finder/id")
    return found[0]


def findings_for(actor: Actor) -> QuerySet[Finding]:
    """Return the findings the actor may read that no later version has replaced, in an order that content decides."""
    found: QuerySet[Finding] = Finding.objects.visible_to(actor).exclude(state=FindingState.SUPERSEDED)
    return found.order_by("finder", "finder_ref", "received_at", "key")


def readable_among(actor: Actor, ids: Iterable[UUID]) -> set[UUID]:
    """Return those of these ids whose findings the actor may read; asked for many at a time."""
    found: set[UUID] = set()
    for some in batched(ids, AT_A_TIME):
        found.update(findings_for(actor).order_by().filter(pk__in=some).values_list("pk", flat=True))
    return found


def last_received_at(actor: Actor) -> datetime | None:
    """Return when the latest of these findings came in; None when there is none."""
    found: datetime | None = findings_for(actor).aggregate(latest=Max("received_at"))["latest"]
    return found


def refused_reports_for(actor: Actor) -> QuerySet[RefusedReport]:
    """Return the refused reports the actor may read that nothing handed in later has replaced, by name."""
    found: QuerySet[RefusedReport] = RefusedReport.objects.visible_to(actor).filter(replaced_at=None)
    return found.order_by("name")


def due_judging() -> QuerySet[Finding]:
    """Return the findings that were taken in and not yet judged, in an order that content decides."""
    return Finding.objects.filter(state=FindingState.TAKEN_IN).order_by("key")


def submissions_for(actor: Actor) -> QuerySet[Submission]:
    """Return the submissions the actor may read, the newest first."""
    found: QuerySet[Submission] = Submission.objects.visible_to(actor)
    return found.order_by("-created_at", "pk")


def submission_for(actor: Actor, receipt: str) -> Submission:
    """Return the submission with this receipt.

    Raises:
        NotFound: there is none, or none that the actor may know of.
    """
    found = submissions_for(actor).filter(receipt=receipt).first()
    if found is None:
        raise NotFound("no such submission")
    return found


@beyond_sight()  # the receipt is what lets them ask
def submission_by_receipt(receipt: str) -> Submission:
    """Return the submission with this receipt, to whoever holds it: for how far it is, and nothing else.

    Raises:
        NotFound: there is none.
    """
    found = Submission.objects.filter(receipt=receipt).first()
    if found is None:
        raise NotFound("no such submission")
    return found


@beyond_sight()  # how far it is, and nothing of what it became
def progress_of(submission: Submission) -> str:
    """Return how far a submission is: queued, processing (its findings are not settled yet), or done."""
    if submission.state == SubmissionState.QUEUED:
        return "queued"
    under_way = (FindingState.TAKEN_IN, FindingState.JUDGED)
    return "processing" if submission.findings.filter(state__in=under_way).exists() else "done"


def handed_in_since(actor: Actor, since: datetime) -> int:
    """Return how many submissions the actor has handed in since then."""
    return Submission.objects.filter(person=actor.id, created_at__gte=since).count()


def due_submissions() -> Iterator[Turn]:
    """Yield the submissions that nobody has read yet, the oldest first; organizations take turns."""
    waiting = Submission.objects.filter(state=SubmissionState.QUEUED).order_by("created_at", "pk")
    for pk, organization in waiting.values_list("pk", "organization_id").iterator(chunk_size=500):
        yield Turn((pk,), share=f"organization {organization}")


def report_of(finding: Finding) -> Report:
    """Return what the finder said, as the model of the format."""
    return Report.model_validate(finding.report)


def files_of(finding: Finding, artefacts: Artefacts) -> dict[str, bytes]:
    """Return the files that belong to a finding, by name.

    Raises:
        NotFound: one of them is no longer kept, or was changed.
    """
    return {name: artefacts.get(digest) for name, digest in finding.artefacts.items()}
