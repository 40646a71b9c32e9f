"""Consultation: who was asked for their view, when, until when, and what they answered; silence is on record too.

One kind of record that other rooms share: whoever consults names what it is about by kind and id.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import Signal

from clearinghouse.errors import Malformed, NotFound
from clearinghouse.ledger.actions import record
from clearinghouse.ledger.rules import Subject
from clearinghouse.parties.models import Consultation, Organization
from clearinghouse.parties.rules import CONSULTATION, ConsultationStep
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.records import advance

LONGEST = 20_000
consultation_asked, consultation_answered = Signal(), Signal()
"""Sent with ``consultation`` and ``at``, in the transaction of the act: rooms above tell who should know."""


@transaction.atomic
def consult(
    organization: Organization, about: Subject, question: str, *, due_at: datetime, actor: Actor, at: datetime
) -> Consultation:
    """Ask an organization for its view on something.

    Raises:
        NotPermitted: the actor may not.
        Malformed: nothing is asked, or the time to answer is over.
    """
    demand(actor, "parties:consultation:ask")
    if not 0 < len(question.strip()) <= LONGEST:
        raise Malformed(f"a question has 1 to {LONGEST} characters")
    if due_at <= at:
        raise Malformed(f"the answer would be due at {due_at}, which is over")
    made = Consultation.objects.create(
        about_kind=about.kind,
        about_id=str(about.pk),
        question=question.strip(),
        organization=organization,
        asked_by=actor.id,
        due_at=due_at,
        state=CONSULTATION.initial,
        created_at=at,
    )
    details = {"about": f"{about.kind} {about.pk}", "organization": organization.pk, "due": due_at}
    record("parties:consultation:ask", subject=made, actor=actor, at=at, details=details)
    consultation_asked.send(Consultation, consultation=made, at=at)
    return made


@transaction.atomic
def answer_consultation(consultation: Consultation, answer: str, *, actor: Actor, at: datetime) -> None:
    """Answer for the organization that was asked; late answers are answers, and both times are kept.

    Raises:
        NotFound: the actor acts for another organization.
        NotPermitted: the actor acts by a token.
        Malformed: there is no answer, or too much.
        StepRefused: it was answered or withdrawn.
    """
    demand(actor, "parties:consultation:answer", consultation)
    if not 0 < len(answer.strip()) <= LONGEST:
        raise Malformed(f"an answer has 1 to {LONGEST} characters")
    said = {"answer": answer.strip(), "answered_by": actor.id, "answered_at": at}
    Consultation.objects.filter(pk=consultation.pk, state=consultation.state).update(**said)
    advance(consultation, CONSULTATION, ConsultationStep.ANSWER, actor=actor, at=at)
    consultation.refresh_from_db()
    consultation_answered.send(Consultation, consultation=consultation, at=at)


def withdraw_consultation(consultation: Consultation, *, actor: Actor, at: datetime, why: str) -> None:
    """Take a question back; that it was asked stays on record."""
    demand(actor, "parties:consultation:withdraw", consultation)
    advance(consultation, CONSULTATION, ConsultationStep.WITHDRAW, actor=actor, at=at, why=why)


def consultations_for(actor: Actor) -> QuerySet[Consultation]:
    """Return the consultations that the actor may read, the latest first."""
    found: QuerySet[Consultation] = Consultation.objects.visible_to(actor)
    return found.select_related("organization").order_by("-created_at", "pk")


def consultations_about(about: Subject, actor: Actor) -> QuerySet[Consultation]:
    """Return those about one thing."""
    return consultations_for(actor).filter(about_kind=about.kind, about_id=str(about.pk))


def consultation_for(actor: Actor, consultation_id: UUID) -> Consultation:
    """Return a consultation that the actor may read.

    Raises:
        NotFound: there is none.
    """
    found = consultations_for(actor).filter(pk=consultation_id).first()
    if found is None:
        raise NotFound("no such consultation")
    return found
