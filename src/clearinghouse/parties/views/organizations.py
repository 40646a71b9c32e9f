"""The organization for which one acts: its members, who was invited, and changing for whom one acts."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.portal import cleaned
from clearinghouse.errors import Malformed, NotFound, NotPermitted
from clearinghouse.parties import actions, queries
from clearinghouse.parties.forms import FoundForm, GrantForm, InvitationForm, RenameForm
from clearinghouse.parties.models import Invitation, Organization, Person
from clearinghouse.parties.terms import standing_for
from clearinghouse.permissions.rules import PEOPLE, Actor, Role
from clearinghouse.permissions.table import the_table


def _own(actor: Actor) -> Organization:
    if actor.organization is None:
        raise NotFound("no organization")
    return queries.organization_for(actor, actor.organization)


def _may(actor: Actor, verb: str, subject: Any = None) -> bool:  # noqa: ANN401 - any row of ours
    return the_table().decide(actor, verb, subject).allowed


def _may_close(actor: Actor, person: Person) -> bool:
    return person.is_active and person.pk != actor.id and _may(actor, "parties:person:close", person)


def _invitable(actor: Actor, home: Organization) -> list[Role]:
    """Return the roles that the actor may invite people to."""
    probes = [(role, Invitation(organization=home, role=role)) for role in PEOPLE]
    return [role for role, probe in probes if _may(actor, "parties:invitation:make", probe)]


def _page(request: HttpRequest, home: Organization, link: str = "") -> HttpResponse:
    actor, at = actor_of(request), timezone.now()
    roles = _invitable(actor, home)
    told = {
        "home": home,
        "is_own": home.pk == actor.organization,
        "members": [
            (one, _may(actor, "parties:membership:end", one), _may_close(actor, one.person))
            for one in queries.memberships_for(actor, home)
        ],
        "invitations": [
            (one, one.is_open(at), one.is_open(at) and _may(actor, "parties:invitation:withdraw", one))
            for one in queries.invitations_for(actor, home)
        ],
        "form": InvitationForm(roles=roles, auto_id="invite_%s"),
        "may_invite": bool(roles),
        "grant_form": GrantForm(auto_id="grant_%s"),
        "may_grant": _may(actor, "parties:membership:grant"),
        "may_found": _may(actor, "parties:organization:found"),
        "found_form": FoundForm(auto_id="found_%s"),
        "may_rename": _may(actor, "parties:organization:rename", home),
        "rename_form": RenameForm(auto_id="rename_%s", initial={"name": home.name}),
        "others": [one for one in queries.organizations_for(actor) if one.pk != home.pk],
        "standing": standing_for(actor),
        "may_leave": home.pk == actor.organization,
        "link": link,
    }
    return render(request, "parties/organization.html", told)


@door("parties:organization:read")
@require_safe
def organization(request: HttpRequest) -> HttpResponse:
    """Show for whom one acts, and with whom."""
    return _page(request, _own(actor_of(request)))


@door("parties:organization:read")
@require_safe
def another(request: HttpRequest, organization: UUID) -> HttpResponse:
    """Show an organization that one may see."""
    return _page(request, queries.organization_for(actor_of(request), organization))


@door("parties:organization:found")
@require_POST
def found(request: HttpRequest) -> HttpResponse:
    """Found an organization."""
    name = cleaned(FoundForm(request.POST))["name"]
    made = actions.found_organization(name, actor=actor_of(request), at=timezone.now())
    messages.success(request, f"{made.name} is founded. Invite its first member below.")
    return redirect("another-organization", organization=made.pk)


@door("parties:organization:rename")
@require_POST
def rename(request: HttpRequest, organization: UUID) -> HttpResponse:
    """Give an organization another name."""
    actor = actor_of(request)
    home, name = queries.organization_for(actor, organization), cleaned(RenameForm(request.POST))["name"]
    actions.rename_organization(home, name, actor=actor, at=timezone.now())
    messages.success(request, f"It is called {home.name} now.")
    return redirect("another-organization", organization=organization)


@door("parties:invitation:make")
@require_POST
def invite(request: HttpRequest, organization: UUID) -> HttpResponse:
    """Make an invitation; its link is shown this once."""
    actor = actor_of(request)
    home = queries.organization_for(actor, organization)
    roles = _invitable(actor, home)
    if not roles:
        raise NotPermitted(f"you may invite nobody to {home.name}; its administrators may")
    said = cleaned(InvitationForm(request.POST, roles=roles))
    if said["email"] and queries.person_with_email(actor, said["email"]) is not None:
        raise Malformed(f"{said['email']} has an account here already; whoever administers can give them another role")
    _, secret = actions.make_invitation(home, Role(said["role"]), email=said["email"], actor=actor, at=timezone.now())
    return _page(request, home, request.build_absolute_uri(f"/join/{secret}"))


@door("parties:invitation:withdraw")
@require_POST
def withdraw(request: HttpRequest, organization: UUID, invitation: UUID) -> HttpResponse:
    """End an invitation before it is accepted."""
    actor = actor_of(request)
    rows = queries.invitations_for(actor, queries.organization_for(actor, organization))
    wanted = next((one for one in rows if one.pk == invitation), None)
    if wanted is None:
        raise NotFound("no such invitation")
    actions.withdraw_invitation(wanted, actor=actor, at=timezone.now())
    messages.success(request, "The link is good no more.")
    return redirect("another-organization", organization=organization)


@door("parties:membership:grant")
@require_POST
def grant(request: HttpRequest, organization: UUID) -> HttpResponse:
    """Give somebody who has an account a role."""
    actor = actor_of(request)
    home, said = queries.organization_for(actor, organization), cleaned(GrantForm(request.POST))
    person = queries.person_with_email(actor, said["email"])
    if person is None:
        raise Malformed(f"nobody with an open account signs in as {said['email']}; invite them instead")
    actions.grant_membership(person, home, Role(said["role"]), actor=actor, at=timezone.now())
    messages.success(request, f"{person.name} is {said['role']} of {home.name} now.")
    return redirect("another-organization", organization=organization)


@door("parties:membership:end")
@require_POST
def end(request: HttpRequest, organization: UUID, membership: UUID) -> HttpResponse:
    """Take a role from somebody, or give up one of one's own."""
    actor = actor_of(request)
    wanted = queries.membership_for(actor, organization, membership)
    actions.end_membership(wanted, actor=actor, at=timezone.now())
    messages.success(request, f"{wanted.person.name} is {wanted.role} of {wanted.organization.name} no more.")
    return redirect("account" if wanted.person_id == actor.id else "organization")


@door("parties:person:close")
@require_POST
def close(request: HttpRequest, organization: UUID, membership: UUID) -> HttpResponse:
    """Close the account of a member."""
    actor = actor_of(request)
    person = queries.membership_for(actor, organization, membership).person
    actions.close_person(person, actor=actor, at=timezone.now())
    messages.success(request, f"The account of {person.name} is closed. Its address can be invited again.")
    return redirect("another-organization", organization=organization)
