"""The portal's page about who does not answer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clearinghouse.deconfliction.actions.availability import say_availability
from clearinghouse.deconfliction.forms.scans import AvailabilityForm
from clearinghouse.deconfliction.models import Availability
from clearinghouse.deconfliction.queries.intents import own_organization
from clearinghouse.deconfliction.queries.registered import availabilities_for
from clearinghouse.deconfliction.rules.lifecycle import Answering
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.pages import page_of
from clearinghouse.edges.portal import cleaned
from clearinghouse.parties.queries import organization_for, organizations_for
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import the_table


@door("deconfliction:availability:read")
@require_safe
def availability(request: HttpRequest) -> HttpResponse:
    """Show who is said to be down or to answer again, the latest first, and let one say it of one's own."""
    actor = actor_of(request)
    page = page_of(availabilities_for(actor), cursor=request.GET.get("after") or None)
    concerned = [one.organization_id for one in page.rows]
    names = dict(organizations_for(actor).filter(pk__in=concerned).values_list("pk", "name"))
    told = {
        "rows": [
            {
                "it": one,
                "who": names.get(one.organization_id, one.organization_id),
                "is_own": one.organization_id == actor.organization,
                "is_down": one.answering == Answering.DOWN,
            }
            for one in page.rows
        ],
        "after": page.after,
        "may_say": _may_say(actor),
        "may_say_of_others": the_table().decide(actor, "deconfliction:availability:say", Availability()).allowed,
        "form": AvailabilityForm(),
    }
    return render(request, "deconfliction/availability.html", told)


@door("deconfliction:availability:say")
@require_POST
def say(request: HttpRequest) -> HttpResponse:
    """Say whether an organization answers: one's own, or, as the office, another."""
    actor, said = actor_of(request), cleaned(AvailabilityForm(request.POST))
    home = organization_for(actor, said["organization"]) if said["organization"] else own_organization(actor)
    say_availability(home, Answering(said["answering"]), why=said["why"], actor=actor, at=timezone.now())
    is_down = said["answering"] == Answering.DOWN
    messages.success(
        request,
        "What it has accepted and not begun is in nobody's way now."
        if is_down
        else "It answers again. Before it begins a scan it has to have seen what was accepted meanwhile.",
    )
    return redirect("availability")


def _may_say(actor: Actor) -> bool:
    if actor.organization is None:
        return False
    probe = Availability(organization_id=actor.organization)
    return the_table().decide(actor, "deconfliction:availability:say", probe).allowed
