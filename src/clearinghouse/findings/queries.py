"""Every read of findings."""

from datetime import datetime

from django.db.models import Max, QuerySet

from clearinghouse.artefacts import Artefacts
from clearinghouse.errors import NotFound
from clearinghouse.findings.models import Finding, RefusedReport
from clearinghouse.findings.report.model import Report
from clearinghouse.findings.rules import FindingState
from clearinghouse.permissions.rules import Actor


def finding_for(actor: Actor, key: str) -> Finding:
    """Return the finding with this key.

    Raises:
        NotFound: there is none, or none that the actor may know of.
    """
    found: Finding | None = Finding.objects.visible_to(actor).filter(key=key).first()
    if found is None:
        raise NotFound("no such finding")
    return found


def findings_for(actor: Actor) -> QuerySet[Finding]:
    """Return the findings the actor may read that no later version has replaced, in an order that content decides."""
    found: QuerySet[Finding] = Finding.objects.visible_to(actor).exclude(state=FindingState.SUPERSEDED)
    return found.order_by("finder", "finder_ref", "key")


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


def report_of(finding: Finding) -> Report:
    """Return what the finder said, as the model of the format."""
    return Report.model_validate(finding.report)


def files_of(finding: Finding, artefacts: Artefacts) -> dict[str, bytes]:
    """Return the files that belong to a finding, by name.

    Raises:
        NotFound: one of them is no longer kept, or was changed.
    """
    return {name: artefacts.get(digest) for name, digest in finding.artefacts.items()}
