"""What is done with submissions: handing in, and keeping what reading them came to."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from clearinghouse.artefacts import Artefacts
from clearinghouse.errors import Malformed, NotPermitted, Refused, TooMany
from clearinghouse.findings.actions import Kept, take_in_claims
from clearinghouse.findings.archives import ARCHIVE_BYTES
from clearinghouse.findings.files import hold_files
from clearinghouse.findings.folders import refusal
from clearinghouse.findings.models import Submission
from clearinghouse.findings.queries import handed_in_since
from clearinghouse.findings.rules import SUBMISSION, Notify, SubmissionStep
from clearinghouse.findings.telling import tell_read
from clearinghouse.ledger.actions import record
from clearinghouse.parties.terms import demand_terms
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.records import advance

LONGEST_NAME, LONGEST_TARGET = 300, 1600
MOST_AN_HOUR = 600
_HOUR = timedelta(hours=1)


def hand_in(
    data: bytes,
    *,
    name: str,
    receipt: str,
    artefacts: Artefacts,
    target: str = "",
    notify: Notify = Notify.FINAL,
    actor: Actor,
    at: datetime,
) -> Submission:
    """Keep what was handed in, as it came, and return its submission; it is read later.

    Args:
        data: an archive of a report's folder, or a single document.
        name: what it is called.
        receipt: drawn at random; whoever holds it may ask how far it is.
        artefacts: where files are kept.
        target: purl with version, for a document that does not say what it is about.
        notify: what whoever hands it in wants to be told.
        actor: who hands it in.
        at: when.

    Raises:
        NotPermitted: the actor may not hand in reports, acts for no organization, or for one that accepted no terms.
        TooMany: the actor has handed in as much as anybody may in this hour, through whichever door.
        Refused: it is empty or too large, or its name cannot be kept.
    """
    organization = demand_hand_in(actor)
    demand_terms(actor)
    _demand_room(actor, at)
    _check(data, name, target)
    digest = artefacts.put(data)
    with transaction.atomic():
        hold_files({digest: data}, artefacts)
        made = Submission.objects.create(
            receipt=receipt,
            organization_id=organization,
            person=actor.id,
            name=name,
            target=target,
            digest=digest,
            size_bytes=len(data),
            notify=notify,
            state=SUBMISSION.initial,
            created_at=at,
        )
        details = {"digest": digest, "size": len(data), "organization": organization}
        record("findings:submission:hand-in", subject=made, actor=actor, at=at, details=details)
    return made


def demand_hand_in(actor: Actor) -> UUID:
    """Return for which organization the actor may hand in reports, so that a form can refuse before it is filled in.

    Raises:
        NotPermitted: the actor may not, or acts for no organization.
    """
    demand(actor, "findings:submission:hand-in")
    if actor.organization is None:
        raise NotPermitted("reports are handed in for an organization; sign in as a member of one")
    return actor.organization


def _demand_room(actor: Actor, at: datetime) -> None:
    begun = at.replace(minute=0, second=0, microsecond=0)
    if handed_in_since(actor, begun) >= MOST_AN_HOUR:
        left = int((begun + _HOUR - at).total_seconds()) + 1
        raise TooMany(f"at most {MOST_AN_HOUR} reports an hour are taken from one person", retry_after_seconds=left)


def _check(data: bytes, name: str, target: str) -> None:
    if not data:
        raise refusal("empty", "report", "there is nothing in it", "hand in a report")
    if len(data) > ARCHIVE_BYTES:
        raise refusal("too-large", "report", f"{len(data)} bytes; at most {ARCHIVE_BYTES} are taken", "send less")
    if not name:
        raise refusal("empty", "name", "it has no name", "a name like report.zip")
    for field, text, longest in (("name", name, LONGEST_NAME), ("target", target, LONGEST_TARGET)):
        if len(text) > longest:
            raise refusal("too-long", field, f"{len(text)} characters; at most {longest} are taken", "make it shorter")
        if not text.isprintable():
            raise refusal("control-characters", field, "it holds characters that are not for reading", "leave them out")


@transaction.atomic
def take_in_submission(
    submission: Submission, kept: Sequence[Kept], *, artefacts: Artefacts, actor: Actor, at: datetime
) -> None:
    """Take in what was read of a submission.

    Raises:
        StepRefused: it has been read already.
        NotPermitted: the actor may not.
    """
    if not kept:
        raise Malformed("a submission that was read makes at least one claim")
    demand(actor, "findings:submission:take-in", submission)
    findings = take_in_claims(
        kept,
        name=submission.name,
        organization=submission.organization_id,
        artefacts=artefacts,
        actor=actor,
        at=at,
    )
    _read(submission, at)
    submission.findings.set(findings)
    advance(submission, SUBMISSION, SubmissionStep.TAKE_IN, actor=actor, at=at)
    tell_read(submission, at=at)


@transaction.atomic
def refuse_submission(submission: Submission, refused: Refused, *, actor: Actor, at: datetime) -> None:
    """Keep why a submission could not be taken in.

    Raises:
        StepRefused: it has been read already.
        NotPermitted: the actor may not.
    """
    demand(actor, "findings:submission:refuse", submission)
    submission.problems = [asdict(one) for one in refused.problems]
    _read(submission, at)
    why = ", ".join(sorted({one.code for one in refused.problems}))
    advance(submission, SUBMISSION, SubmissionStep.REFUSE, actor=actor, at=at, why=why)
    tell_read(submission, at=at)


def _read(submission: Submission, at: datetime) -> None:
    submission.read_at = at
    submission.save(update_fields=["problems", "read_at"])
