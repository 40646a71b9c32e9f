"""The portal's pages about what owners say: constraints, ownerships, authorisations."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clearinghouse.deconfliction.actions import owners as actions
from clearinghouse.deconfliction.forms.scans import (
    AuthorisationForm,
    ConstraintForm,
    OwnershipForm,
    ReasonForm,
    lines_of,
)
from clearinghouse.deconfliction.models import Authorisation, Constraint, Intent, Ownership
from clearinghouse.deconfliction.pictures import target_text
from clearinghouse.deconfliction.queries.intents import own_organization, seen_among, standing_for, touching
from clearinghouse.deconfliction.queries.registered import (
    authorisation_for,
    authorisations_for,
    constraint_for,
    constraints_for,
    owned_targets,
    ownership_for,
    ownerships_for,
    scanner_named,
)
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind, ConstraintState, OwnershipState
from clearinghouse.deconfliction.rules.targets.kinds import target_from, targets_from
from clearinghouse.deconfliction.shown import times_text
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.pages import page_of
from clearinghouse.edges.portal import cleaned
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import the_table

_MOST = 200


@door("deconfliction:constraint:read")
@require_safe
def constraints(request: HttpRequest) -> HttpResponse:
    """Show what owners ask of scanners, one's own first."""
    actor = actor_of(request)
    standing = constraints_for(actor).filter(state=ConstraintState.STANDING)[:_MOST]
    rows = [
        {
            "it": one,
            "target": target_text(one.target),
            "when": times_text(one),
            "is_own": one.organization_id == actor.organization,
            "may_withdraw": _may(actor, "constraint:withdraw", one),
        }
        for one in standing
    ]
    told = {
        "rows": sorted(rows, key=lambda row: not row["is_own"]),
        "form": ConstraintForm(initial={"target": request.GET.get("target", "")}),
        "may_state": _may_make(actor, "constraint:state", Constraint),
    }
    return render(request, "deconfliction/constraints.html", told)


@door("deconfliction:constraint:state")
@require_POST
def state_constraint(request: HttpRequest) -> HttpResponse:
    """Ask something of whoever scans a target."""
    actor, form = actor_of(request), ConstraintForm(request.POST)
    said = cleaned(form)
    target = target_from(said["target"])
    made, halted = actions.state_constraint(
        own_organization(actor),
        ConstraintKind(said["says"]),
        target,
        concerned=said["techniques"],
        times=form.allowed_times(),
        rate_per_second=said["rate_per_second"],
        why=said["why"],
        contact=said["contact"],
        actor=actor,
        at=timezone.now(),
    )
    messages.success(request, f"{made.public_id} stands." + _halted(actor, halted))
    return redirect("constraints")


@door("deconfliction:constraint:withdraw")
@require_POST
def withdraw_constraint(request: HttpRequest, constraint: str) -> HttpResponse:
    """Ask it no longer."""
    actor = actor_of(request)
    found, why = constraint_for(actor, constraint), cleaned(ReasonForm(request.POST))["why"]
    actions.withdraw_constraint(found, why=why, actor=actor, at=timezone.now())
    messages.success(request, f"{found.public_id} is withdrawn.")
    return redirect("constraints")


@door("deconfliction:ownership:read")
@require_safe
def owned(request: HttpRequest) -> HttpResponse:
    """Show what is one's own, who scans it, whom one lets scan it, and the claims that somebody has to look at."""
    actor, at = actor_of(request), timezone.now()
    found = ownerships_for(actor)
    open_claims = [_owned(actor, one) for one in found.filter(state=OwnershipState.CLAIMED)[:_MOST]]
    touching_ours = page_of(touching(standing_for(actor, at=at), *owned_targets(actor), standing_at=at))
    told = {
        "own": [_owned(actor, one) for one in found.filter(organization=actor.organization)[:_MOST]],
        "claims": [row for row in open_claims if row["may_verify"] or row["may_refuse"]],
        "scans": [
            {"it": one, "targets": [target_text(target) for target in one.targets]} for one in touching_ours.rows
        ],
        "more_scans": touching_ours.after,
        "given": [
            {
                "it": one,
                "targets": [target_text(target) for target in one.targets],
                "is_own": one.organization_id == actor.organization,
                "may_withdraw": _may(actor, "authorisation:withdraw", one),
            }
            for one in authorisations_for(actor)[:_MOST]
        ],
        "may_claim": _may_make(actor, "ownership:claim", Ownership),
        "may_give": _may_make(actor, "authorisation:give", Authorisation),
        "claim": OwnershipForm(),
        "authorisation": AuthorisationForm(),
        "at": at,
    }
    return render(request, "deconfliction/owned.html", told)


def _owned(actor: Actor, one: Ownership) -> dict[str, Any]:
    return {
        "it": one,
        "target": target_text(one.target),
        "is_own": one.organization_id == actor.organization,
        "may_end": _may(actor, "ownership:end", one),
        "may_verify": _may(actor, "ownership:verify", one),
        "may_refuse": _may(actor, "ownership:refuse", one),
    }


@door("deconfliction:ownership:claim")
@require_POST
def claim(request: HttpRequest) -> HttpResponse:
    """Say that something is one's own."""
    actor, said = actor_of(request), cleaned(OwnershipForm(request.POST))
    target = target_from(said["target"])
    actions.claim_ownership(
        own_organization(actor),
        target,
        criticality=said["criticality"],
        evidence=said["evidence"],
        contact=said["contact"],
        actor=actor,
        at=timezone.now(),
    )
    messages.success(request, "Written down. It counts once a coordinator has looked at what shows it.")
    return redirect("owned")


@door("deconfliction:ownership:verify")
@require_POST
def verify(request: HttpRequest, ownership: UUID) -> HttpResponse:
    """Agree that something is an organization's."""
    return _decided(request, ownership, actions.verify_ownership, "It is on record now.")


@door("deconfliction:ownership:refuse")
@require_POST
def refuse(request: HttpRequest, ownership: UUID) -> HttpResponse:
    """Say that a claim is not shown."""
    return _decided(request, ownership, actions.refuse_ownership, "The claim is refused.")


@door("deconfliction:ownership:end")
@require_POST
def end(request: HttpRequest, ownership: UUID) -> HttpResponse:
    """Say that something is its owner's no longer."""
    return _decided(request, ownership, actions.end_ownership, "It is on record no longer.")


def _decided(request: HttpRequest, ownership: UUID, act: Any, says: str) -> HttpResponse:  # noqa: ANN401 - three actions of one shape
    actor = actor_of(request)
    found, why = ownership_for(actor, ownership), cleaned(ReasonForm(request.POST))["why"]
    halted = act(found, why=why, actor=actor, at=timezone.now()) or ()
    messages.success(request, says + _halted(actor, halted))
    return redirect("owned")


@door("deconfliction:authorisation:give")
@require_POST
def authorise(request: HttpRequest) -> HttpResponse:
    """Let another organization scan what is one's own."""
    actor, form = actor_of(request), AuthorisationForm(request.POST)
    said = cleaned(form)
    made = actions.give_authorisation(
        own_organization(actor),
        scanner_named(said["scanner"]),
        targets_from(lines_of(said["targets"])),
        form.window(),
        allowed=said["techniques"],
        rate_per_second=said["rate_per_second"],
        reference=said["reference"],
        actor=actor,
        at=timezone.now(),
    )
    messages.success(request, f"{made.public_id} is given.")
    return redirect("owned")


@door("deconfliction:authorisation:withdraw")
@require_POST
def withdraw_authorisation(request: HttpRequest, authorisation: str) -> HttpResponse:
    """Take one's word back."""
    actor = actor_of(request)
    found, why = authorisation_for(actor, authorisation), cleaned(ReasonForm(request.POST))["why"]
    halted = actions.withdraw_authorisation(found, why=why, actor=actor, at=timezone.now())
    messages.success(request, f"{found.public_id} is withdrawn." + _halted(actor, halted))
    return redirect("owned")


def _halted(actor: Actor, halted: Iterable[Intent]) -> str:
    """Return what is said of the scans that were halted: only of those that the actor may see."""
    names = seen_among(actor, halted)
    return f" Ended, as it does not allow them any more: {', '.join(names)}." if names else ""


def _may(actor: Actor, what: str, row: Any) -> bool:  # noqa: ANN401 - rows of three kinds
    return the_table().decide(actor, f"deconfliction:{what}", row).allowed


def _may_make(actor: Actor, what: str, model: type[Authorisation | Constraint | Ownership]) -> bool:
    return actor.organization is not None and _may(actor, what, model(organization_id=actor.organization, state=""))
