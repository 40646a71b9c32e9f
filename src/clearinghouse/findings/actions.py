"""What is done with findings: taking reports in, and keeping what was refused."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from clearinghouse.artefacts import Artefacts
from clearinghouse.errors import Refused
from clearinghouse.findings.discovery import Handed
from clearinghouse.findings.intake.claims import Claim
from clearinghouse.findings.intake.reading import read_handed
from clearinghouse.findings.models import Finding, RefusedReport
from clearinghouse.findings.report.loading import plain
from clearinghouse.findings.rules import FINDING, FindingState, FindingStep, key_of, readiness_of
from clearinghouse.ledger.actions import record
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.records import advance


def take_in(
    handed: Handed, *, artefacts: Artefacts, actor: Actor, at: datetime, target: str = ""
) -> tuple[Finding | RefusedReport, ...]:
    """Take in one thing that was handed in: its findings, or the one refusal that it becomes.

    Handing in the same again changes nothing. What is refused never stands in the way of anything else.

    Args:
        handed: where it lies and what it is called.
        artefacts: where files are kept.
        actor: who hands it in.
        at: when.
        target: purl with version, for a document that does not say what it is about.

    Raises:
        NotPermitted: the actor may not hand in reports.
    """
    demand(actor, "findings:finding:take-in")
    try:
        claims = read_handed(handed.path, target=target)
    except Refused as refusal:
        return (_keep_refused(handed, refusal, actor=actor, at=at),)
    kept = [(claim, {name: artefacts.put(data) for name, data in sorted(claim.files.items())}) for claim in claims]
    documents = {id(claim.original): claim.original for claim in claims}
    originals = {which: artefacts.put(original) for which, original in documents.items()}
    with transaction.atomic():
        keyed = [(key_of(claim.report, digests), claim, digests) for claim, digests in kept]
        known = Finding.objects.in_bulk([key for key, _, _ in keyed], field_name="key")
        for key, claim, digests in keyed:
            if key not in known:
                original = originals[id(claim.original)]
                known[key] = _take_in_claim(handed, claim, key, digests, original=original, actor=actor, at=at)
        RefusedReport.objects.filter(name=handed.name, replaced_at=None).update(replaced_at=at)
    return tuple(known[key] for key in dict.fromkeys(key for key, _, _ in keyed))


def _take_in_claim(
    handed: Handed, claim: Claim, key: str, digests: dict[str, str], *, original: str, actor: Actor, at: datetime
) -> Finding:
    before = (
        Finding.objects.filter(finder=claim.report.finder, finder_ref=claim.report.id)
        .exclude(state=FindingState.SUPERSEDED)
        .first()
    )
    if before is not None:
        demand(actor, "findings:finding:supersede", before)
        advance(before, FINDING, FindingStep.SUPERSEDE, actor=actor, at=at, why="handed in again with other content")
    finding = Finding.objects.create(
        key=key,
        organization_id=actor.organization,
        finder=claim.report.finder,
        finder_ref=claim.report.id,
        report=plain(claim.report),
        artefacts=digests,
        source=claim.source,
        source_name=handed.name,
        source_digest=original,
        received_at=at,
        created_at=at,
        readiness=[asdict(one) for one in readiness_of(claim.report)],
        supersedes=before,
        state=FINDING.initial,
    )
    record(
        "findings:finding:take-in",
        subject=finding,
        actor=actor,
        at=at,
        details={"key": key, "source": str(claim.source), "supersedes": before.key if before else ""},
    )
    return finding


@transaction.atomic
def _keep_refused(handed: Handed, refusal: Refused, *, actor: Actor, at: datetime) -> RefusedReport:
    demand(actor, "findings:refused-report:keep")
    problems = [asdict(one) for one in refusal.problems]
    standing = RefusedReport.objects.filter(name=handed.name, replaced_at=None).first()
    digest = handed.digest()
    if standing is not None and standing.digest == digest and standing.problems == problems:
        return standing
    if standing is not None:
        RefusedReport.objects.filter(pk=standing.pk).update(replaced_at=at)
    kept = RefusedReport.objects.create(
        name=handed.name, digest=digest, problems=problems, received_at=at, created_at=at
    )
    codes = sorted({one.code for one in refusal.problems})
    record("findings:refused-report:keep", subject=kept, actor=actor, at=at, details={"codes": codes})
    return kept
