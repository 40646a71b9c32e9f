"""The portal's page about what is watched."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clearinghouse.deconfliction.actions import subscriptions as actions
from clearinghouse.deconfliction.forms.scans import SubscriptionForm
from clearinghouse.deconfliction.models import Subscription
from clearinghouse.deconfliction.pictures import target_text
from clearinghouse.deconfliction.queries.subscriptions import subscription_for, subscriptions_for
from clearinghouse.deconfliction.rules.targets.kinds import target_from
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.portal import cleaned
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import the_table


@door("deconfliction:subscription:read")
@require_safe
def watched(request: HttpRequest) -> HttpResponse:
    """Show what one's organization watches, the latest first."""
    actor = actor_of(request)
    told = {
        "rows": [{"it": one, "target": target_text(one.target)} for one in subscriptions_for(actor)],
        "form": SubscriptionForm(initial={"target": request.GET.get("target", "")}),
        "may_watch": may_watch(actor),
    }
    return render(request, "deconfliction/watched.html", told)


@door("deconfliction:subscription:begin")
@require_POST
def watch(request: HttpRequest) -> HttpResponse:
    """Watch a target."""
    actor, said = actor_of(request), cleaned(SubscriptionForm(request.POST))
    made = actions.begin_subscription(
        target_from(said["target"]), wanted=said["techniques"], actor=actor, at=timezone.now()
    )
    messages.success(request, f"Your organization is told of every scan of {target_text(made.target)} that it may see.")
    return redirect("watched")


@door("deconfliction:subscription:end")
@require_POST
def unwatch(request: HttpRequest, subscription: str) -> HttpResponse:
    """Watch a target no longer."""
    actor = actor_of(request)
    actions.end_subscription(subscription_for(actor, subscription), actor=actor, at=timezone.now())
    messages.success(request, "It is watched no longer.")
    return redirect("watched")


def may_watch(actor: Actor) -> bool:
    """Say whether the actor may watch a target for their organization."""
    if actor.organization is None:
        return False
    probe = Subscription(organization_id=actor.organization, state="")
    return the_table().decide(actor, "deconfliction:subscription:begin", probe).allowed
