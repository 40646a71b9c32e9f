"""What is done with findings: taking reports in, and keeping what was refused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clearinghouse.artefacts import Artefacts
from clearinghouse.errors import Refused
from clearinghouse.findings.discovery import Handed
from clearinghouse.findings.files import hold_files
from clearinghouse.findings.intake.claims import Claim
from clearinghouse.findings.intake.reading import read_handed
from clearinghouse.findings.models import Finding, RefusedReport
from clearinghouse.findings.report.loading import plain
from clearinghouse.findings.rules import FINDING, FindingState, FindingStep, key_beside, key_of, readiness_of
from clearinghouse.ledger.actions import record
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.records import advance
from clearinghouse.sight.asking import beyond_sight


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
    kept = keep_files(claims, artefacts=artefacts)
    with beyond_sight(), transaction.atomic():
        findings = take_in_claims(
            kept, name=handed.name, organization=actor.organization, artefacts=artefacts, actor=actor, at=at
        )
        RefusedReport.objects.filter(name=handed.name, replaced_at=None).update(replaced_at=at)
    return findings


@dataclass(frozen=True, slots=True)
class Kept:
    """A claim whose files are kept: the digest of each, and of the document that it was read from."""

    claim: Claim
    digests: Mapping[str, str]
    original: str

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the digest and the bytes of each file."""
        yield self.original, self.claim.original
        yield from ((digest, self.claim.files[name]) for name, digest in self.digests.items())


def keep_files(claims: Sequence[Claim], *, artefacts: Artefacts) -> list[Kept]:
    """Keep the files of claims, before any row speaks of them and outside of any transaction."""
    documents = {id(claim.original): claim.original for claim in claims}
    originals = {which: artefacts.put(original) for which, original in documents.items()}
    return [
        Kept(
            claim,
            {name: artefacts.put(data) for name, data in sorted(claim.files.items())},
            originals[id(claim.original)],
        )
        for claim in claims
    ]


@beyond_sight()  # what is here already, whoever handed it in
@transaction.atomic
def take_in_claims(
    kept: Sequence[Kept], *, name: str, organization: UUID | None, artefacts: Artefacts, actor: Actor, at: datetime
) -> tuple[Finding, ...]:
    """Take in what was read, as findings of an organization; what it has handed in before changes nothing.

    Findings of one organization are never touched by what another hands in, whatever that says of finder and id.

    Raises:
        NotPermitted: the actor may not take in findings.
    """
    demand(actor, "findings:finding:take-in")
    hold_files({digest: data for one in kept for digest, data in one.files()}, artefacts)
    found: dict[str, Finding] = {}
    for one in kept:
        key = _free_key(key_of(one.claim.report, one.digests), organization)
        known = found.get(key) or Finding.objects.filter(key=key).first()
        found[key] = known or _take_in_claim(one, key, name=name, organization=organization, actor=actor, at=at)
    return tuple(found.values())


def _free_key(key: str, organization: UUID | None) -> str:
    """Return the key for this content: its own, unless another organization's finding has it."""
    others = Finding.objects.filter(key=key).exclude(organization=organization).exists()
    return key_beside(key, str(organization)) if others else key


def _take_in_claim(
    kept: Kept, key: str, *, name: str, organization: UUID | None, actor: Actor, at: datetime
) -> Finding:
    claim = kept.claim
    before = (
        Finding.objects.filter(organization=organization, finder=claim.report.finder, finder_ref=claim.report.id)
        .exclude(state=FindingState.SUPERSEDED)
        .first()
    )
    if before is not None:
        demand(actor, "findings:finding:supersede", before)
        advance(before, FINDING, FindingStep.SUPERSEDE, actor=actor, at=at, why="handed in again with other content")
    finding = Finding.objects.create(
        key=key,
        organization_id=organization,
        finder=claim.report.finder,
        finder_ref=claim.report.id,
        report=plain(claim.report),
        artefacts=dict(kept.digests),
        source=claim.source,
        source_name=name,
        source_digest=kept.original,
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
    with beyond_sight():
        return _keep_once(handed, refusal, actor=actor, at=at)


def _keep_once(handed: Handed, refusal: Refused, *, actor: Actor, at: datetime) -> RefusedReport:
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
