"""The API's operations about watching targets."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Status
from ninja.decorators import decorate_view

from clearinghouse.deconfliction.actions import subscriptions as actions
from clearinghouse.deconfliction.asked import Reason, SubscriptionWanted
from clearinghouse.deconfliction.queries.subscriptions import subscription_for, subscriptions_for
from clearinghouse.deconfliction.rules.targets.kinds import target_from
from clearinghouse.deconfliction.shown import SubscriptionShown, subscription_shown
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.idempotency import idempotent
from clearinghouse.edges.paging import Page, Paging, page_of
from clearinghouse.edges.problems import REFUSALS

router = Router(tags=["deconfliction"])


@router.get(
    "/subscriptions",
    response={200: Page[SubscriptionShown]} | REFUSALS,
    operation_id="subscriptions",
    summary="List what is watched",
)
@door("deconfliction:subscription:read")
def subscriptions(request: HttpRequest, paging: Query[Paging]) -> Page[SubscriptionShown]:
    """Return what your organization watches, the latest first."""
    return page_of(subscriptions_for(actor_of(request)), paging, show=subscription_shown)


@router.post(
    "/subscriptions",
    response={201: SubscriptionShown} | REFUSALS,
    operation_id="begin_subscription",
    summary="Watch a target",
)
@decorate_view(idempotent)
@door("deconfliction:subscription:begin")
def begin(request: HttpRequest, response: HttpResponse, body: SubscriptionWanted) -> Status[SubscriptionShown]:
    """Let your organization be told of scans of a target that it may see: as notices, by the stream and by webhooks."""
    actor = actor_of(request)
    made = actions.begin_subscription(target_from(body.target), wanted=body.techniques, actor=actor, at=timezone.now())
    response["Location"] = f"/api/v1/subscriptions/{made.public_id}"
    return Status(201, subscription_shown(made))


@router.get(
    "/subscriptions/{subscription}",
    response={200: SubscriptionShown} | REFUSALS,
    operation_id="subscription",
    summary="Show a subscription",
)
@door("deconfliction:subscription:read")
def subscription(request: HttpRequest, subscription: str) -> SubscriptionShown:
    """Return one subscription, also one that has ended."""
    return subscription_shown(subscription_for(actor_of(request), subscription))


@router.post(
    "/subscriptions/{subscription}/end",
    response={200: SubscriptionShown} | REFUSALS,
    operation_id="end_subscription",
    summary="Watch a target no longer",
)
@door("deconfliction:subscription:end")
def end(request: HttpRequest, subscription: str, body: Reason) -> SubscriptionShown:
    """Be told of it no longer."""
    actor = actor_of(request)
    found = subscription_for(actor, subscription)
    actions.end_subscription(found, why=body.why, actor=actor, at=timezone.now())
    return subscription_shown(found)
