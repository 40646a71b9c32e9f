"""What is done with validations: judging, finding the affected releases, checking patches."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from clearinghouse.artefacts import Artefacts
from clearinghouse.errors import Malformed, NotFound, StepRefused, Unavailable
from clearinghouse.findings.models import Finding
from clearinghouse.findings.rules import FINDING, FindingState, FindingStep
from clearinghouse.findings.telling import tell_finding
from clearinghouse.ledger.actions import record
from clearinghouse.notices.rules import Happened
from clearinghouse.parties.rules import LOCAL_ORGANIZATION
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.records import advance
from clearinghouse.releases.rules import Interpreter
from clearinghouse.validation.affected import affected_range
from clearinghouse.validation.brief import Form, Proof
from clearinghouse.validation.judge import judge, unreadable
from clearinghouse.validation.judged import Judged
from clearinghouse.validation.lab import Lab, Memory
from clearinghouse.validation.lifecycle import VALIDATION, ValidationStep
from clearinghouse.validation.models import Answer, KnownBypass, StoredRun, Validation
from clearinghouse.validation.patches.attack import Variant, proof_of
from clearinghouse.validation.patches.check import check_patch, stopped_by
from clearinghouse.validation.queries import (
    answers_of,
    bypasses_known,
    judgement_of,
    others_of_package,
    run_kept,
    validation_of,
)
from clearinghouse.validation.questions import Question, question_of, with_answers
from clearinghouse.validation.rules import Bypass, FindingOutcome, Judgement, PatchResult, Reason, Run, VariantName
from clearinghouse.validation.shapes import dump, load
from clearinghouse.validation.subject import Patch, Subject, subject_of


class RunsOf(Memory):
    """The memory of one finding's runs in the database: each is written as soon as it was made.

    Organizations share no runs: how soon a verdict comes would tell that somebody handed in the same before.
    """

    def __init__(self, finding: Finding) -> None:
        self.finding = finding

    def recall(self, key: str) -> Run | None:
        """Return the run kept under ``key``."""
        return run_kept(self._key(key))

    def keep(self, key: str, run: Run) -> Run:
        """Keep a run under ``key`` and return the one that is kept; the twin of a faster worker stays."""
        row, made = StoredRun.objects.get_or_create(
            key=self._key(key), defaults={"finding": self.finding, "run": dump(run)}
        )
        return run if made else load(Run, row.run)

    def _key(self, key: str) -> str:
        organization = self.finding.organization_id
        if organization in (None, LOCAL_ORGANIZATION):
            return key
        return hashlib.sha256(f"{organization}\n{key}".encode()).hexdigest()


@transaction.atomic
def forget_judgements(*, only_searched: bool, actor: Actor, at: datetime) -> None:
    """Reopen the findings that stand, so that they are judged again; what was judged stays in the ledger.

    Args:
        only_searched: reopen only those whose affected releases were searched and not run one by one.
        actor: who asks for it.
        at: when.
    """
    for row in Validation.objects.filter(judgement__isnull=False).select_related("finding"):
        searched = row.ranges is not None and not row.ranges["exhaustive"]
        if row.finding.state == FindingState.SUPERSEDED or (only_searched and not searched):
            continue
        if not only_searched:
            StoredRun.objects.filter(finding=row.finding).delete()
        _reopen(row, why="to be judged again", actor=actor, at=at)


def _reopen(row: Validation, *, why: str, actor: Actor, at: datetime) -> None:
    """Let a finding be judged again; the runs that are kept are not made again."""
    demand(actor, "findings:finding:reopen", row.finding)
    advance(row.finding, FINDING, FindingStep.REOPEN, actor=actor, at=at, why=why)
    row.delete()


@transaction.atomic
def give_answer(finding: Finding, *, yes: bool, why: str, by: str, actor: Actor, at: datetime) -> Answer:
    """Answer the question that a finding is held or confirmed by, and let what follows from it follow.

    A no refuses the finding at once. A yes to a validated one stands beside its verdict; a yes to a held one lets it be
    judged again, with the answer known. It holds for this content of the report, however often that is judged.

    Raises:
        Malformed: nobody's name, or no reason, is given.
        StepRefused: nothing is asked about this finding.
        NotPermitted: the actor may not answer.
    """
    row, judgement = validation_of(finding), judgement_of(finding)
    question = question_of(judgement) if judgement else None
    if row is None or judgement is None or question is None:
        raise StepRefused(f"nothing is asked about {finding.finder}/{finding.finder_ref}; see clearinghouse questions")
    if not why.strip() or not by.strip():
        raise Malformed("an answer needs a name and a reason; say who answers, and why")
    demand(actor, "validation:answer:give")
    _end_answer(finding, question, actor=actor, at=at)
    answer = Answer.objects.create(
        finding=finding, question=question.code, yes=yes, why=why, by=by, actor=actor.id, created_at=at
    )
    details = {"finding": finding.key, "question": question.code, "yes": str(yes), "by": by, "why": why}
    record("validation:answer:give", subject=answer, actor=actor, at=at, details=details)
    if not judgement.answers and (judgement.outcome is FindingOutcome.VALIDATED or not yes):
        row.judgement = dump(with_answers(judgement, answers_of(finding)))
        row.save(update_fields=["judgement"])
    else:
        _reopen(row, why=f"{by} says {'yes' if yes else 'no'} to {question.code}", actor=actor, at=at)
    return answer


def _end_answer(finding: Finding, question: Question, *, actor: Actor, at: datetime) -> None:
    """End what somebody said before to the same question."""
    for former in Answer.objects.filter(finding=finding, question=question.code, ended_at=None):
        demand(actor, "validation:answer:end", former)
        former.ended_at = at
        former.save(update_fields=["ended_at"])
        record("validation:answer:end", subject=former, actor=actor, at=at, details={"finding": finding.key})


def subject_from(finding: Finding, artefacts: Artefacts) -> Subject:
    """Return what there is to judge of a finding.

    Raises:
        Malformed: its target cannot be run here, or a proof's file is not what it should be.
        NotFound: an artefact is missing from the store.
    """
    files = {name: artefacts.get(digest) for name, digest in finding.artefacts.items()}
    return subject_of(finding.report, files, finding.artefacts)


@transaction.atomic
def _begun(finding: Finding, *, actor: Actor, at: datetime) -> Validation:
    row, made = Validation.objects.get_or_create(
        finding=finding, defaults={"state": VALIDATION.initial, "created_at": at}
    )
    if made:
        demand(actor, "validation:validation:open", row)
        record("validation:validation:open", subject=row, actor=actor, at=at, details={"finding": finding.key})
    return row


def judge_finding(finding: Finding, lab: Lab, artefacts: Artefacts, *, actor: Actor, at: datetime) -> Judgement:
    """Judge a finding by running its proofs, and keep the judgement. May be called again: it goes on where it was.

    Raises:
        StepRefused: it was judged in the meantime.
        Unavailable: something on our side failed; the finding stays due.
    """
    row = _begun(finding, actor=actor, at=at)
    demand(actor, "validation:validation:judge", row)
    try:
        subject = subject_from(finding, artefacts)
    except Malformed as refusal:
        judged = Judged(unreadable(finding.report, str(refusal)))
    else:
        judged = judge(subject, lab, memory=RunsOf(finding), answers=answers_of(finding))
    if judged.judgement.reason is Reason.INFRASTRUCTURE:  # not the report's doing: it stays due, and is tried again
        raise Unavailable(judged.judgement.sentence)
    keep_judgement(row, judged, actor=actor, at=at)
    return judged.judgement


@transaction.atomic
def keep_judgement(row: Validation, judged: Judged, *, actor: Actor, at: datetime) -> None:
    """Write down a judgement with its runs; a finding that is not validated is settled at once."""
    judgement = judged.judgement
    row.judgement = dump(judgement)
    row.replay = _replay_of(judged)
    row.environments = {purl: list(digests) for purl, digests in (judged.environments or {}).items()}
    row.save(update_fields=["judgement", "replay", "environments"])
    why = f"{judgement.outcome} {judgement.grade or ''} {judgement.reason or ''}".strip()
    advance(row, VALIDATION, ValidationStep.JUDGE, actor=actor, at=at, why=why)
    advance(row.finding, FINDING, FindingStep.JUDGE, actor=actor, at=at, why=why)
    tell_finding(Happened.FINDING_JUDGED, row.finding, at=at)
    if judgement.outcome is not FindingOutcome.VALIDATED:
        advance(row, VALIDATION, ValidationStep.SETTLE, actor=actor, at=at, why=why)
        advance(row.finding, FINDING, FindingStep.SETTLE, actor=actor, at=at, why=why)
        tell_finding(Happened.FINDING_SETTLED, row.finding, at=at)


def _replay_of(judged: Judged) -> dict[str, Any]:
    proof = judged.proof
    if proof is None:
        return {}
    other_form = proof.kind == "program" or judged.judgement.whole_document is not None
    recorded = other_form and proof.form.mode == "calls"
    return {
        "proof": judged.index,
        "recorded": dict(proof.form.document or {}) if recorded else None,
        "benign": dict(proof.benign.document or {}) if recorded and proof.benign else None,
    }


def judged_of(row: Validation, subject: Subject, lab: Lab) -> Judged:
    """Return the judgement with the proof in the form that was judged, for running it again."""
    judgement = load(Judgement, row.judgement)
    replay: dict[str, Any] = row.replay or {}
    first = next((one for one in judgement.runs if one.variant is VariantName.VULNERABLE and one.witness), None)
    if "proof" not in replay:
        return Judged(judgement, first=first)
    index = int(replay["proof"])
    return Judged(
        judgement,
        proof=_as_judged(subject.proofs[index], replay),
        first=first,
        interpreter=_interpreter(subject, judgement, lab),
        index=index,
    )


def _as_judged(proof: Proof, replay: dict[str, Any]) -> Proof:
    if replay.get("recorded") is None:
        return proof
    benign = Form("calls", document=replay["benign"]) if replay.get("benign") else None
    return replace(proof, form=Form("calls", document=replay["recorded"]), benign=benign)


def _interpreter(subject: Subject, judgement: Judgement, lab: Lab) -> Interpreter | None:
    release = lab.release(subject.package, subject.version)
    allowed = lab.environments.interpreters_for(release)
    named = {f"{one.runtime.value} {one.version}": one for one in allowed}
    return named.get(judgement.interpreter)


def range_finding(
    finding: Finding, lab: Lab, artefacts: Artefacts, *, exhaustive: bool = False, actor: Actor, at: datetime
) -> None:
    """Find the affected releases of a validated finding by running its proof, and keep them.

    Raises:
        StepRefused: it was done in the meantime.
    """
    row = Validation.objects.get(finding=finding)
    demand(actor, "validation:validation:range", row)
    subject = subject_from(finding, artefacts)
    found = affected_range(subject, judged_of(row, subject, lab), lab, memory=RunsOf(finding), exhaustive=exhaustive)
    with transaction.atomic():
        row.ranges = dump(found)
        row.save(update_fields=["ranges"])
        details = f"{len(found.affected())} affected releases of {found.package}"
        advance(row, VALIDATION, ValidationStep.RANGE, actor=actor, at=at, why=details)


def check_patches(finding: Finding, lab: Lab, artefacts: Artefacts, *, actor: Actor, at: datetime) -> None:
    """Check every patch of a validated finding by running, and keep what each check says.

    Raises:
        StepRefused: it was done in the meantime.
    """
    row = Validation.objects.get(finding=finding)
    demand(actor, "validation:validation:check-patches", row)
    subject = subject_from(finding, artefacts)
    judged = judged_of(row, subject, lab)
    memory = RunsOf(finding)
    known = known_variants(finding, subject, artefacts) if subject.patches else ()
    results = [check_patch(one, subject, judged, lab, memory=memory, known=known) for one in subject.patches]
    with transaction.atomic():
        for result in results:
            for bypass in result.bypasses:
                keep_bypass(
                    subject.package,
                    bypass,
                    patch=result.digest,
                    organization=finding.organization_id,
                    actor=actor,
                    at=at,
                )
        row.patches = [dump(one) for one in results]
        row.save(update_fields=["patches"])
        said = ", ".join(f"{one.file}: {one.said}" for one in results) or "no patch came with the report"
        advance(row, VALIDATION, ValidationStep.CHECK_PATCHES, actor=actor, at=at, why=said)
        advance(finding, FINDING, FindingStep.SETTLE, actor=actor, at=at, why=said)
        tell_finding(Happened.FINDING_SETTLED, finding, at=at)


def check_offered(
    finding: Finding,
    digest: str,
    *,
    file: str,
    base: str = "",
    beside: Sequence[Finding],
    lab: Lab,
    artefacts: Artefacts,
) -> PatchResult:
    """Return what every check says of a patch that somebody else than the finder hands in for a finding.

    ``beside``: the findings whose proofs whoever reads the result may know of.

    Raises:
        NotFound: the patch is no longer kept.
    """
    row = Validation.objects.get(finding=finding)
    subject = subject_from(finding, artefacts)
    patch = Patch(digest, file, base or subject.version, artefacts.get(digest))
    known = known_variants(finding, subject, artefacts, beside=beside)
    return check_patch(patch, subject, judged_of(row, subject, lab), lab, memory=RunsOf(finding), known=known)


def known_variants(
    finding: Finding, subject: Subject, artefacts: Artefacts, *, beside: Sequence[Finding] = ()
) -> tuple[Variant, ...]:
    """Return the forms that a patch of this finding must stop besides its own proof, if they show the same flaw.

    First what got past earlier patches of the package, then what other finders handed in for it as data; of the
    finding's organization, and of the findings ``beside``.
    """
    organizations = {one.organization_id for one in (finding, *beside)}
    earlier = bypasses_known(subject.package, organizations=organizations, before=finding.received_at)
    known = [Variant(proof_of(one), f"an earlier bypass, by {one.what}") for one in earlier]
    others = {one.pk: one for one in (*others_of_package(finding), *beside) if one.pk != finding.pk}
    for other in sorted(others.values(), key=lambda one: one.key):
        try:
            proofs = subject_from(other, artefacts).proofs
        except (Malformed, NotFound):
            continue
        name = f"the proof of {other.finder} {other.finder_ref}"
        known += [Variant(one, name) for one in proofs if one.form.mode in ("calls", "input")]
    return tuple(known)


def keep_bypass(
    package: str, bypass: Bypass, *, patch: str, organization: UUID | None = None, actor: Actor, at: datetime
) -> KnownBypass:
    """Remember a form that got past a patch; one that is known already stays as it is."""
    plain = dump(bypass)
    form = {key: plain[key] for key in ("detector", "runtime", "kind", "document", "input_hex", "harness", "expect")}
    digest = hashlib.sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()
    facts = {"detector": bypass.detector.value, "bypass": plain, "patch": patch, "created_at": at}
    row, made = KnownBypass.objects.get_or_create(
        package=package, digest=digest, organization=organization, defaults=facts
    )
    if made:
        demand(actor, "validation:known-bypass:keep", row)
        details = {"package": package, "patch": patch, "what": bypass.what}
        record("validation:known-bypass:keep", subject=row, actor=actor, at=at, details=details)
    return row


def stops(finding: Finding, patch_digest: str, *, of: Finding, lab: Lab, artefacts: Artefacts) -> bool | None:
    """Say whether the patch of another finding stops this finding's proof; None when that cannot be asked."""
    if judgement_of(finding) is None:
        return None
    subject, other = subject_from(finding, artefacts), subject_from(of, artefacts)
    patch = next((one for one in other.patches if one.digest == patch_digest), None)
    if patch is None:
        return None
    judged = judged_of(Validation.objects.get(finding=finding), subject, lab)
    return stopped_by(patch, other, subject, judged, lab, memory=RunsOf(finding))
