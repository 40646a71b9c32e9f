"""The API's operations about what owners say: constraints, authorisations, ownerships."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Status
from ninja.decorators import decorate_view

from clearinghouse.deconfliction.actions import owners as actions
from clearinghouse.deconfliction.asked import (
    AuthorisationWanted,
    ConstraintWanted,
    OwnershipWanted,
    Reason,
)
from clearinghouse.deconfliction.queries.intents import own_organization, seen_among
from clearinghouse.deconfliction.queries.registered import (
    about,
    authorisation_for,
    authorisations_for,
    constraint_for,
    constraints_for,
    ownership_for,
    ownerships_for,
    scanner_named,
)
from clearinghouse.deconfliction.rules.targets.kinds import target_from, target_from_text, targets_from
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.deconfliction.shown import (
    AuthorisationShown,
    ConstraintShown,
    ConstraintStated,
    OwnershipShown,
    authorisation_shown,
    constraint_shown,
    ownership_shown,
)
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.idempotency import idempotent
from clearinghouse.edges.paging import Page, Paging, page_of
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.edges.rest import tag

router = Router(tags=["deconfliction"])


class OfTarget(Paging):
    """Which are wanted."""

    target: str = Field("", max_length=2000, description="One word: those that meet it, by whatever name of the code.")


@router.get(
    "/constraints",
    response={200: Page[ConstraintShown]} | REFUSALS,
    operation_id="constraints",
    summary="List constraints",
)
@door("deconfliction:constraint:read")
def constraints(request: HttpRequest, wanted: Query[OfTarget]) -> Page[ConstraintShown]:
    """Return what owners ask of scanners, the latest first."""
    actor = actor_of(request)
    found = constraints_for(actor)
    rows = about(found, target_from_text(wanted.target)) if wanted.target else found
    return page_of(rows, wanted, show=lambda one: constraint_shown(actor, one))


@router.post(
    "/constraints",
    response={201: ConstraintStated} | REFUSALS,
    operation_id="state_constraint",
    summary="State a constraint",
)
@decorate_view(idempotent)
@door("deconfliction:constraint:state")
def state(request: HttpRequest, response: HttpResponse, body: ConstraintWanted) -> Status[ConstraintStated]:
    """Ask something of whoever scans a target; it binds where that is known to be yours, and is seen everywhere."""
    actor = actor_of(request)
    target = target_from(body.target)
    made, halted = actions.state_constraint(
        own_organization(actor),
        body.says,
        target,
        concerned=body.techniques,
        times=body.times.times() if body.times else None,
        rate_per_second=body.rate_per_second,
        why=body.why,
        contact=body.contact,
        actor=actor,
        at=timezone.now(),
    )
    response["Location"] = f"/api/v1/constraints/{made.public_id}"
    shown = constraint_shown(actor, made)
    tag(response, shown)
    return Status(201, ConstraintStated(constraint=shown, halted=seen_among(actor, halted)))


@router.get(
    "/constraints/{constraint}",
    response={200: ConstraintShown} | REFUSALS,
    operation_id="constraint",
    summary="Show a constraint",
)
@door("deconfliction:constraint:read")
def constraint(request: HttpRequest, response: HttpResponse, constraint: str) -> ConstraintShown:
    """Return one constraint, with the version key that says it was seen."""
    actor = actor_of(request)
    shown = constraint_shown(actor, constraint_for(actor, constraint))
    tag(response, shown)
    return shown


@router.post(
    "/constraints/{constraint}/withdraw",
    response={200: ConstraintShown} | REFUSALS,
    operation_id="withdraw_constraint",
    summary="Withdraw a constraint",
)
@door("deconfliction:constraint:withdraw")
def withdraw(request: HttpRequest, constraint: str, body: Reason) -> ConstraintShown:
    """Ask it no longer."""
    actor = actor_of(request)
    actions.withdraw_constraint(constraint_for(actor, constraint), why=body.why, actor=actor, at=timezone.now())
    return constraint_shown(actor, constraint_for(actor, constraint))


@router.get(
    "/authorisations",
    response={200: Page[AuthorisationShown]} | REFUSALS,
    operation_id="authorisations",
    summary="List authorisations",
)
@door("deconfliction:authorisation:read")
def authorisations(request: HttpRequest, paging: Query[Paging]) -> Page[AuthorisationShown]:
    """Return the authorisations that your organization gave or was given, the latest first."""
    rows = authorisations_for(actor_of(request))
    return page_of(rows, paging, show=authorisation_shown)


@router.post(
    "/authorisations",
    response={201: AuthorisationShown} | REFUSALS,
    operation_id="give_authorisation",
    summary="Authorise a scanner",
)
@decorate_view(idempotent)
@door("deconfliction:authorisation:give")
def give(request: HttpRequest, response: HttpResponse, body: AuthorisationWanted) -> Status[AuthorisationShown]:
    """Let another organization scan what is yours, for some time."""
    actor = actor_of(request)
    made = actions.give_authorisation(
        own_organization(actor),
        scanner_named(body.scanner),
        targets_from(body.targets),
        Window(body.starts_at, body.ends_at),
        allowed=body.techniques,
        rate_per_second=body.rate_per_second,
        reference=body.reference,
        actor=actor,
        at=timezone.now(),
    )
    response["Location"] = f"/api/v1/authorisations/{made.public_id}"
    return Status(201, authorisation_shown(made))


@router.get(
    "/authorisations/{authorisation}",
    response={200: AuthorisationShown} | REFUSALS,
    operation_id="authorisation",
    summary="Show an authorisation",
)
@door("deconfliction:authorisation:read")
def authorisation(request: HttpRequest, authorisation: str) -> AuthorisationShown:
    """Return one authorisation."""
    return authorisation_shown(authorisation_for(actor_of(request), authorisation))


@router.post(
    "/authorisations/{authorisation}/withdraw",
    response={200: AuthorisationShown} | REFUSALS,
    operation_id="withdraw_authorisation",
    summary="Withdraw an authorisation",
)
@door("deconfliction:authorisation:withdraw")
def withdraw_authorisation(request: HttpRequest, authorisation: str, body: Reason) -> AuthorisationShown:
    """Take one's word back; scans that stood on it are halted."""
    actor = actor_of(request)
    found = authorisation_for(actor, authorisation)
    actions.withdraw_authorisation(found, why=body.why, actor=actor, at=timezone.now())
    return authorisation_shown(authorisation_for(actor, authorisation))


@router.get(
    "/ownerships",
    response={200: Page[OwnershipShown]} | REFUSALS,
    operation_id="ownerships",
    summary="List ownerships",
)
@door("deconfliction:ownership:read")
def ownerships(request: HttpRequest, paging: Query[Paging]) -> Page[OwnershipShown]:
    """Return what is known to be whose, and your own claims, the latest first."""
    actor = actor_of(request)
    rows = ownerships_for(actor)
    return page_of(rows, paging, show=lambda one: ownership_shown(actor, one))


@router.post(
    "/ownerships",
    response={201: OwnershipShown} | REFUSALS,
    operation_id="claim_ownership",
    summary="Say that something is yours",
)
@decorate_view(idempotent)
@door("deconfliction:ownership:claim")
def claim(request: HttpRequest, body: OwnershipWanted) -> Status[OwnershipShown]:
    """Say that something is yours; it counts once a coordinator has looked at what shows it."""
    actor = actor_of(request)
    target = target_from(body.target)
    made = actions.claim_ownership(
        own_organization(actor),
        target,
        criticality=body.criticality,
        evidence=body.evidence,
        contact=body.contact,
        actor=actor,
        at=timezone.now(),
    )
    return Status(201, ownership_shown(actor, made))


@router.post(
    "/ownerships/{ownership}/verify",
    response={200: OwnershipShown} | REFUSALS,
    operation_id="verify_ownership",
    summary="Agree that something is an organization's",
)
@door("deconfliction:ownership:verify")
def verify(request: HttpRequest, ownership: UUID, body: Reason) -> OwnershipShown:
    """Agree, having looked at what shows it; no token can, and nobody to their own claim."""
    return _decided(request, ownership, body, actions.verify_ownership)


@router.post(
    "/ownerships/{ownership}/refuse",
    response={200: OwnershipShown} | REFUSALS,
    operation_id="refuse_ownership",
    summary="Say that a claim is not shown",
)
@door("deconfliction:ownership:refuse")
def refuse(request: HttpRequest, ownership: UUID, body: Reason) -> OwnershipShown:
    """Say that what shows a claim does not show it."""
    return _decided(request, ownership, body, actions.refuse_ownership)


@router.post(
    "/ownerships/{ownership}/end",
    response={200: OwnershipShown} | REFUSALS,
    operation_id="end_ownership",
    summary="Say that something is somebody's no longer",
)
@door("deconfliction:ownership:end")
def end(request: HttpRequest, ownership: UUID, body: Reason) -> OwnershipShown:
    """Say that something is its owner's no longer; live scans of it are halted."""
    return _decided(request, ownership, body, actions.end_ownership)


def _decided(request: HttpRequest, ownership: UUID, body: Reason, act: Any) -> OwnershipShown:  # noqa: ANN401 - three actions of one shape
    actor = actor_of(request)
    found = ownership_for(actor, ownership)
    act(found, why=body.why, actor=actor, at=timezone.now())
    found.refresh_from_db()
    return ownership_shown(actor, found)
