"""Acts that need two people: one asks, another agrees, and what they agreed on is bound by its hash.

Whoever does such an act hands in what exactly they are about to do; if that, or the state it is done in, is not what
was agreed on, the agreement is void and has to be asked for again. Source: docs/decisions/0114; OWASP ASVS 5.0, 2.3.5.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from clearinghouse.errors import Conflict, NotFound, NotPermitted
from clearinghouse.ledger.actions import record
from clearinghouse.ledger.rules import Subject
from clearinghouse.parties.models import Request
from clearinghouse.parties.rules import REQUEST, RequestState, RequestStep, digest_of_act
from clearinghouse.permissions.rules import Actor, state_of
from clearinghouse.permissions.table import demand
from clearinghouse.permissions.words import to_do
from clearinghouse.records import advance


def _digest(verb: str, subject: Subject, content: Mapping[str, object]) -> str:
    return digest_of_act(verb, subject=f"{subject.kind} {subject.pk}", state=state_of(subject), content=content)


@transaction.atomic
def ask_second_person(
    verb: str, subject: Subject, content: Mapping[str, object], *, actor: Actor, at: datetime, why: str = ""
) -> Request:
    """Ask for ``verb`` to be agreed to by another person; who asks must themselves be allowed it.

    Raises:
        NotFound: the actor may not know of the subject.
        NotPermitted: the actor may not do this even with another's agreement.
        Conflict: exactly this was asked for and waits.
    """
    demand(actor, verb, subject)
    demand(actor, "parties:request:make")
    digest = _digest(verb, subject, content)
    waiting = (RequestState.OPEN, RequestState.APPROVED)
    if Request.objects.filter(verb=verb, subject_id=str(subject.pk), digest=digest, state__in=waiting).exists():
        raise Conflict("exactly this was asked for already; it waits for another person or for being done")
    request = Request.objects.create(
        verb=verb,
        subject_kind=subject.kind,
        subject_id=str(subject.pk),
        digest=digest,
        content=dict(content),
        why=why,
        requested_by=actor.id,
        state=REQUEST.initial,
        created_at=at,
    )
    details = {"verb": verb, "subject": request.subject_id, "digest": digest, "why": why}
    record("parties:request:make", subject=request, actor=actor, at=at, details=details)
    return request


def approve_request(
    request: Request, subject: Subject, content: Mapping[str, object], *, actor: Actor, at: datetime
) -> None:
    """Agree to what another person asks for; ``content`` is what whoever agrees has before them.

    Raises:
        NotFound: the actor may not know of it.
        NotPermitted: the actor asked for it, may not do it themselves, or acts by a token.
        Conflict: it is not what was asked for any more; the request is void then.
    """
    if not _approve(request, subject, content, actor=actor, at=at):
        raise Conflict("what was asked for has changed since; look at it again and ask anew")


@transaction.atomic
def _approve(request: Request, subject: Subject, content: Mapping[str, object], *, actor: Actor, at: datetime) -> bool:
    demand(actor, "parties:request:approve", request)
    demand(actor, request.verb, subject)
    if request.digest != _digest(request.verb, subject, content):
        advance(request, REQUEST, RequestStep.VOID, actor=actor, at=at, why="it was not what was asked for any more")
        return False
    Request.objects.filter(pk=request.pk).update(decided_by=actor.id, decided_at=at)
    advance(request, REQUEST, RequestStep.APPROVE, actor=actor, at=at)
    return True


@transaction.atomic
def refuse_request(request: Request, *, actor: Actor, at: datetime, why: str) -> None:
    """Say no to what another person asks for."""
    demand(actor, "parties:request:refuse", request)
    Request.objects.filter(pk=request.pk).update(decided_by=actor.id, decided_at=at)
    advance(request, REQUEST, RequestStep.REFUSE, actor=actor, at=at, why=why)


def withdraw_request(request: Request, *, actor: Actor, at: datetime) -> None:
    """Take back what one asked for, agreed to or not."""
    demand(actor, "parties:request:withdraw", request)
    advance(request, REQUEST, RequestStep.WITHDRAW, actor=actor, at=at)


def use_agreement(verb: str, subject: Subject, content: Mapping[str, object], *, actor: Actor, at: datetime) -> Request:
    """Take the agreement of two people to exactly this, once; call it in the transaction of the act itself.

    An agreement to another content, or on another state of the subject, is none to this.

    Raises:
        NotPermitted: no other person has agreed to exactly this.
        Conflict: somebody used it at the same moment.
    """
    demand(actor, verb, subject)
    agreed = Request.objects.filter(
        verb=verb, subject_kind=subject.kind, subject_id=str(subject.pk), state=RequestState.APPROVED
    )
    found = agreed.filter(digest=_digest(verb, subject, content)).order_by("created_at").first()
    if found is None:
        raise NotPermitted(
            f"to {to_do(verb)} takes two people: ask for exactly this, and have another person agree", verb=verb
        )
    demand(actor, "parties:request:use", found)
    advance(found, REQUEST, RequestStep.USE, actor=actor, at=at)
    return found


def requests_about(subject: Subject, actor: Actor) -> QuerySet[Request]:
    """Return what waits for another person, or for being done, about one thing, as far as the actor may read it."""
    return requests_waiting(actor).filter(subject_id=str(subject.pk))


def requests_waiting(actor: Actor) -> QuerySet[Request]:
    """Return all that waits so, as far as the actor may read it, the oldest first."""
    found: QuerySet[Request] = Request.objects.visible_to(actor)
    return found.filter(state__in=[RequestState.OPEN, RequestState.APPROVED]).order_by("created_at", "pk")


def request_for(actor: Actor, request_id: UUID) -> Request:
    """Return a request that the actor may read.

    Raises:
        NotFound: there is none.
    """
    found = Request.objects.visible_to(actor).filter(pk=request_id).first()
    if found is None:
        raise NotFound("no such request")
    return found
