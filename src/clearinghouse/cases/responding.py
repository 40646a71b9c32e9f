"""What is done about a case by those at its table: what they say of it, the date they agree on, fixes of their own."""

from datetime import datetime

from django.db import transaction

from clearinghouse.artefacts import Artefacts, digest_of
from clearinghouse.cases.actions import NewId, join_package
from clearinghouse.cases.models import Case, Embargo, Fix, Response
from clearinghouse.cases.queries.cases import findings_in
from clearinghouse.cases.queries.table import first_reported_at
from clearinghouse.cases.rules.lifecycle import (
    EMBARGO,
    FIX,
    RESPONSE,
    EmbargoStep,
    FixState,
    FixStep,
    ResponseState,
    ResponseStep,
)
from clearinghouse.cases.rules.responses import ResponseSaid, check_end, check_response
from clearinghouse.cases.telling import FOR_FIXES, FOR_PROOFS, tell_table
from clearinghouse.errors import Malformed, Outdated, StepRefused
from clearinghouse.findings.files import hold_files
from clearinghouse.ledger.actions import record
from clearinghouse.notices.rules import Happened
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.records import advance
from clearinghouse.validation.actions import check_offered
from clearinghouse.validation.lab import Lab
from clearinghouse.validation.shapes import dump

MOST_BYTES = 1 << 20
"""Of a patch that is handed in for a case."""
_HUNK = b"\n@@ -"
"""Stands in whatever is a unified diff; to look for it is no parsing."""


@transaction.atomic
def respond(
    case: Case,
    said: ResponseSaid,
    *,
    why: str = "",
    reference: str = "",
    artefacts: Artefacts,
    new_id: NewId,
    actor: Actor,
    at: datetime,
) -> Response:
    """Say of a case that it is a flaw, that it is none, or that it was known; an earlier word of the same party ends.

    While a dispute stands nothing is published; a confirmation carries a case whose reports alone would not.

    Raises:
        NotPermitted: the actor has no seat in the case.
        Refused: a dispute without a reason, or something known without saying where.
    """
    check_response(said, why=why, reference=reference)
    row = Response(
        case=case,
        said=said,
        why=why.strip(),
        reference=reference.strip(),
        by=actor.name,
        person_id=actor.id,
        organization_id=actor.organization,
        state=RESPONSE.initial,
        created_at=at,
    )
    demand(actor, "cases:response:give", row)
    for former in Response.objects.filter(case=case, organization_id=actor.organization, state=ResponseState.STANDING):
        _end(former, ResponseStep.WITHDRAW, why="said otherwise since", actor=actor, at=at)
    row.save(force_insert=True)
    details = {"case": case.public_id, "said": said, "why": row.why, "reference": row.reference}
    record("cases:response:give", subject=row, actor=actor, at=at, details=details)
    tell_table(Happened.RESPONSE_CHANGED, case, row, tiers=FOR_PROOFS, at=at)
    join_package(case.package, artefacts=artefacts, new_id=new_id, actor=actor, at=at)
    return row


@transaction.atomic
def withdraw_response(
    response: Response, *, why: str, artefacts: Artefacts, new_id: NewId, actor: Actor, at: datetime
) -> None:
    """Take back what was said of a case.

    Raises:
        NotPermitted: another party said it.
        StepRefused: it does not stand any more.
    """
    demand(actor, "cases:response:withdraw", response)
    _end(response, ResponseStep.WITHDRAW, why=why, actor=actor, at=at)
    join_package(response.case.package, artefacts=artefacts, new_id=new_id, actor=actor, at=at)


@transaction.atomic
def overrule_response(
    response: Response, *, why: str, artefacts: Artefacts, new_id: NewId, actor: Actor, at: datetime
) -> None:
    """Decide, as a coordinator, against what was said of a case; the reason stays beside it.

    Raises:
        Malformed: no reason is given.
        NotPermitted: the actor is no coordinator.
        StepRefused: it does not stand any more.
    """
    if not why.strip():
        raise Malformed("overruling a maintainer needs a reason; say what was weighed")
    demand(actor, "cases:response:overrule", response)
    _end(response, ResponseStep.OVERRULE, why=why, actor=actor, at=at)
    join_package(response.case.package, artefacts=artefacts, new_id=new_id, actor=actor, at=at)


def _end(response: Response, step: ResponseStep, *, why: str, actor: Actor, at: datetime) -> None:
    advance(response, RESPONSE, step, actor=actor, at=at, why=why)
    response.ended_at, response.ended_why = at, why
    response.save(update_fields=["ended_at", "ended_why"])
    tell_table(Happened.RESPONSE_CHANGED, response.case, response, tiers=FOR_PROOFS, at=at)


@transaction.atomic
def propose_embargo(case: Case, ends_at: datetime, *, why: str = "", actor: Actor, at: datetime) -> Embargo:
    """Propose silence on a case until a day.

    Raises:
        NotPermitted: the actor has no seat in the case.
        Malformed: the day is past, or too far away.
        StepRefused: a proposal waits for its answer, or silence has ended.
    """
    check_end(ends_at, reported_at=first_reported_at(case), at=at)
    embargo, _ = Embargo.objects.get_or_create(case=case, defaults={"state": EMBARGO.initial, "created_at": at})
    demand(actor, "cases:embargo:propose", embargo)
    advance(embargo, EMBARGO, EmbargoStep.PROPOSE, actor=actor, at=at, why=why)
    embargo.proposed_ends_at, embargo.proposed_by = ends_at, actor.id
    embargo.save(update_fields=["proposed_ends_at", "proposed_by"])
    _tell_day(embargo, at=at)
    return embargo


@transaction.atomic
def accept_embargo(embargo: Embargo, *, proposed: datetime | None, why: str = "", actor: Actor, at: datetime) -> None:
    """Accept the day that somebody else proposed; ``proposed`` is the one that the actor read.

    Raises:
        NotPermitted: the actor proposed it, or has no seat.
        StepRefused: nothing is proposed.
        Outdated: another day is proposed by now.
    """
    demand(actor, "cases:embargo:accept", embargo)
    _take_proposal(embargo, proposed, ends_at=proposed)
    advance(embargo, EMBARGO, EmbargoStep.ACCEPT, actor=actor, at=at, why=why)
    _tell_day(embargo, at=at)


@transaction.atomic
def reject_embargo(embargo: Embargo, *, proposed: datetime | None, why: str, actor: Actor, at: datetime) -> None:
    """Reject the proposed day, ``proposed`` as the actor read it; what was agreed before stands.

    Raises:
        NotPermitted: the actor has no seat in the case.
        StepRefused: nothing is proposed.
        Outdated: another day is proposed by now.
    """
    demand(actor, "cases:embargo:reject", embargo)
    _take_proposal(embargo, proposed, ends_at=embargo.ends_at)
    advance(embargo, EMBARGO, EmbargoStep.REJECT, actor=actor, at=at, why=why)
    _tell_day(embargo, at=at)


def _take_proposal(embargo: Embargo, proposed: datetime | None, *, ends_at: datetime | None) -> None:
    """Let a proposal be decided on, if it is still the one that was read; ``ends_at`` is what is agreed then."""
    as_read = Embargo.objects.filter(pk=embargo.pk, proposed_by=embargo.proposed_by, proposed_ends_at=proposed)
    if not as_read.update(ends_at=ends_at, proposed_ends_at=None, proposed_by=None):
        raise Outdated("another day is proposed than the one you decided on; read the case again and decide anew")
    embargo.ends_at, embargo.proposed_ends_at, embargo.proposed_by = ends_at, None, None


@transaction.atomic
def terminate_embargo(embargo: Embargo, *, why: str, actor: Actor, at: datetime) -> None:
    """End silence before its day, for a reason.

    Raises:
        Malformed: no reason is given.
        NotPermitted: the actor may not.
        StepRefused: nothing is agreed.
    """
    if not why.strip():
        raise Malformed("ending silence early needs a reason; say what has become known")
    demand(actor, "cases:embargo:terminate", embargo)
    advance(embargo, EMBARGO, EmbargoStep.TERMINATE, actor=actor, at=at, why=why)
    _tell_day(embargo, at=at)


def _tell_day(embargo: Embargo, *, at: datetime) -> None:
    tell_table(Happened.EMBARGO_CHANGED, embargo.case, embargo, at=at)


@transaction.atomic
def hand_in_fix(
    case: Case, data: bytes, *, file: str, base: str = "", artefacts: Artefacts, actor: Actor, at: datetime
) -> Fix:
    """Hand in a patch for a case; a worker checks it against every proof in the case, as it checks any.

    It is kept as it came and not parsed here; what turns out to be no patch does not apply, and the check says why.

    Raises:
        NotPermitted: the actor has no seat in the case.
        Malformed: it is too large, or nothing in it looks like a patch.
        StepRefused: the same patch was handed in before.
    """
    row = Fix(
        case=case,
        digest=digest_of(data),
        file=file,
        base=base.strip(),
        by=actor.name,
        person_id=actor.id,
        organization_id=actor.organization,
        state=FIX.initial,
        created_at=at,
    )
    demand(actor, "cases:fix:hand-in", row)
    if len(data) > MOST_BYTES:
        raise Malformed(f"the patch has {len(data)} bytes; at most {MOST_BYTES} are taken here")
    if _HUNK not in data:
        raise Malformed("the file changes nothing; hand in a unified diff, as git format-patch or git diff writes it")
    if Fix.objects.filter(case=case, digest=row.digest, base=row.base).exists():
        raise StepRefused("this very patch was handed in before; its checks stand beside it")
    hold_files({artefacts.put(data): data}, artefacts)
    row.save(force_insert=True)
    details = {"case": case.public_id, "digest": row.digest, "base": row.base}
    record("cases:fix:hand-in", subject=row, actor=actor, at=at, details=details)
    tell_table(Happened.FIX_HANDED_IN, case, row, tiers=FOR_FIXES, at=at)
    return row


def check_fix(fix: Fix, lab: Lab, artefacts: Artefacts, *, actor: Actor, at: datetime) -> None:
    """Check a fix against every report of its case by running, and keep what each check says.

    Raises:
        StepRefused: it was checked in the meantime.
        Unavailable: something on our side failed; the fix stays due.
    """
    demand(actor, "cases:fix:check", fix)
    if fix.state != FixState.WAITING:
        raise StepRefused("this fix was checked already")
    here = findings_in(fix.case)
    results = {
        finding.key: dump(
            check_offered(finding, fix.digest, file=fix.file, base=fix.base, beside=here, lab=lab, artefacts=artefacts)
        )
        for finding in here
    }
    with transaction.atomic():
        fix.results = results
        fix.save(update_fields=["results"])
        said = ", ".join(sorted({str(one["said"]) for one in results.values()})) or "no report to check it on"
        advance(fix, FIX, FixStep.CHECK, actor=actor, at=at, why=said)
        tell_table(Happened.FIX_CHECKED, fix.case, fix, tiers=FOR_FIXES, at=at)
