"""The API's operations about consultations; what is asked is asked where the thing itself is."""

from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router
from ninja.decorators import decorate_view

from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.given import Given
from clearinghouse.edges.idempotency import idempotent
from clearinghouse.edges.paging import Page, Paging, page_of
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.parties.consulting import (
    LONGEST,
    answer_consultation,
    consultation_for,
    consultations_for,
    withdraw_consultation,
)
from clearinghouse.parties.shown import ConsultationShown, consultation_shown

router = Router(tags=["parties"])


class Answered(Given):
    """An organization's answer."""

    answer: str = Field(min_length=1, max_length=LONGEST)


class TakenBack(Given):
    """Why a question is taken back."""

    why: str = Field("", max_length=4000)


@router.get(
    "/consultations",
    response={200: Page[ConsultationShown]} | REFUSALS,
    operation_id="consultations",
    summary="List consultations",
)
@door("parties:consultation:read")
def consultations(request: HttpRequest, paging: Query[Paging]) -> Page[ConsultationShown]:
    """Return what organizations were asked and answered, as far as one may see it, the latest first."""
    rows = consultations_for(actor_of(request))
    return page_of(rows, paging, show=consultation_shown)


@router.post(
    "/consultations/{consultation}/answer",
    response={200: ConsultationShown} | REFUSALS,
    operation_id="answer_consultation",
    summary="Answer for one's organization",
)
@decorate_view(idempotent)
@door("parties:consultation:answer")
def answer(request: HttpRequest, consultation: UUID, body: Answered) -> ConsultationShown:
    """Answer for the organization that was asked; no token can."""
    actor = actor_of(request)
    found = consultation_for(actor, consultation)
    answer_consultation(found, body.answer, actor=actor, at=timezone.now())
    return consultation_shown(found)


@router.post(
    "/consultations/{consultation}/withdraw",
    response={200: ConsultationShown} | REFUSALS,
    operation_id="withdraw_consultation",
    summary="Take a question back",
)
@door("parties:consultation:withdraw")
def withdraw(request: HttpRequest, consultation: UUID, body: TakenBack) -> ConsultationShown:
    """Take a question back; that it was asked stays on record."""
    actor = actor_of(request)
    found = consultation_for(actor, consultation)
    withdraw_consultation(found, actor=actor, at=timezone.now(), why=body.why)
    return consultation_shown(found)
