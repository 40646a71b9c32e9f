"""The API's operations about the terms of taking part."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from ninja.decorators import decorate_view

from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.downloads import download
from clearinghouse.edges.given import Given
from clearinghouse.edges.idempotency import idempotent
from clearinghouse.edges.paging import Page, Paging, page_of
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.edges.signer import the_signer
from clearinghouse.errors import NotFound
from clearinghouse.parties.models import Acceptance, Terms
from clearinghouse.parties.rules import LONGEST_TERMS
from clearinghouse.parties.terms import (
    accept_terms,
    acceptances_for,
    current_terms,
    end_acceptance,
    publish_terms,
    standing_for,
    terms_of_version,
)

router = Router(tags=["parties"])


class TermsShown(Schema):
    """One version of the terms."""

    version: int
    text: str
    published_at: datetime


class TermsNow(Schema):
    """The terms that bind whoever joins now, and by which one takes part."""

    newest: TermsShown | None = Field(description="Null: there are none; everybody with a role may take part.")
    accepted: int | None = Field(description="The version by which the organization you act for takes part.")


class TermsWanted(Given):
    """The text of the next version."""

    text: str = Field(min_length=1, max_length=LONGEST_TERMS)


class AcceptanceShown(Schema):
    """By which version of the terms an organization takes part."""

    organization: UUID
    version: int
    since: datetime


@router.get("/terms", response={200: TermsNow} | REFUSALS, operation_id="terms", summary="Read the terms")
@door("parties:terms:read")
def terms(request: HttpRequest) -> TermsNow:
    """Return the newest terms, and the version by which one's organization takes part."""
    newest, standing = current_terms(), standing_for(actor_of(request))
    return TermsNow(
        newest=None if newest is None else _shown(newest), accepted=None if standing is None else standing.terms.version
    )


@router.post(
    "/terms", response={201: TermsShown} | REFUSALS, operation_id="publish_terms", summary="Publish the next version"
)
@decorate_view(idempotent)
@door("parties:terms:publish")
def publish(request: HttpRequest, body: TermsWanted) -> Status[TermsShown]:
    """Publish the next version of the terms, signed with the key of this installation."""
    made = publish_terms(body.text, key=the_signer(), actor=actor_of(request), at=timezone.now())
    return Status(201, _shown(made))


@router.get(
    "/terms/{version}", response={200: bytes} | REFUSALS, operation_id="signed_terms", summary="Download terms signed"
)
@door("parties:terms:read")
def signed(request: HttpRequest, version: int) -> HttpResponse:
    """Return one version of the terms in its DSSE envelope; always as an attachment."""
    found = terms_of_version(actor_of(request), version)
    return download(found.envelope.encode(), name=f"terms-{version}.dsse.json", content_type="application/json")


@router.post(
    "/terms/{version}/accept",
    response={201: AcceptanceShown} | REFUSALS,
    operation_id="accept_terms",
    summary="Accept the terms for one's organization",
)
@decorate_view(idempotent)
@door("parties:acceptance:give")
def accept(request: HttpRequest, version: int) -> Status[AcceptanceShown]:
    """Accept the newest terms for the organization that one acts for; no token can."""
    actor = actor_of(request)
    return Status(201, _accepted(accept_terms(terms_of_version(actor, version), actor=actor, at=timezone.now())))


@router.get(
    "/acceptances",
    response={200: Page[AcceptanceShown]} | REFUSALS,
    operation_id="acceptances",
    summary="List who takes part on which terms",
)
@door("parties:acceptance:read")
def acceptances(request: HttpRequest, paging: Query[Paging]) -> Page[AcceptanceShown]:
    """Return by which terms organizations take part, as far as one may see it."""
    rows = acceptances_for(actor_of(request))
    return page_of(rows, paging, show=_accepted)


@router.delete(
    "/acceptances/mine",
    response={204: None} | REFUSALS,
    operation_id="end_acceptance",
    summary="Take part no longer",
)
@door("parties:acceptance:end")
def end(request: HttpRequest) -> Status[None]:
    """Take part no longer; what was handed in stays. No token can."""
    actor = actor_of(request)
    standing = standing_for(actor)
    if standing is None:
        raise NotFound("no terms are accepted")
    end_acceptance(standing.organization, actor=actor, at=timezone.now())
    return Status(204, None)


def _shown(one: Terms) -> TermsShown:
    return TermsShown(version=one.version, text=one.text, published_at=one.created_at)


def _accepted(one: Acceptance) -> AcceptanceShown:
    return AcceptanceShown(organization=one.organization_id, version=one.terms.version, since=one.created_at)
