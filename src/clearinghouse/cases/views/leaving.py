"""Leaving at will: what goes, the archive of everything, and the act itself."""

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clearinghouse.cases.forms import LeaveForm
from clearinghouse.cases.leaving import leave, what_is_ours, what_leaving_ends
from clearinghouse.cases.queries.due import the_artefacts
from clearinghouse.cases.tasks import new_id
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.downloads import download
from clearinghouse.edges.portal import cleaned
from clearinghouse.errors import Malformed, NotFound
from clearinghouse.parties.models import Organization
from clearinghouse.parties.queries import organization_for
from clearinghouse.permissions.rules import Actor


def _own(actor: Actor) -> Organization:
    if actor.organization is None:
        raise NotFound("no organization")
    return organization_for(actor, actor.organization)


@door("parties:organization:read")
@require_safe
def leaving(request: HttpRequest) -> HttpResponse:
    """Show what leaving takes away and what stays, before anything is done."""
    actor = actor_of(request)
    home = _own(actor)
    told = {"home": home, "ends": what_leaving_ends(home, actor=actor), "form": LeaveForm()}
    return render(request, "cases/leave.html", told)


@door("parties:organization:leave")
@require_safe
def take_all(request: HttpRequest) -> HttpResponse:
    """Hand out everything that one's organization handed in, and what became of it."""
    actor = actor_of(request)
    data = what_is_ours(_own(actor), artefacts=the_artefacts(), actor=actor)
    return download(data, name="what-is-yours.zip", content_type="application/zip")


@door("parties:organization:leave")
@require_POST
def go(request: HttpRequest) -> HttpResponse:
    """Leave, for everybody of the organization."""
    actor = actor_of(request)
    home, said = _own(actor), cleaned(LeaveForm(request.POST))
    if said["name"].strip() != home.name:
        raise Malformed(f"you wrote {said['name']!r}; write the organization's name, {home.name}, to confirm")
    leave(home, erase=said["erase"], artefacts=the_artefacts(), new_id=new_id, actor=actor, at=timezone.now())
    logout(request)
    return render(request, "cases/left.html", {"name": home.name, "erased": said["erase"]})
