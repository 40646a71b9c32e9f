"""Pages about what happened, and about webhooks."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clearinghouse.edges.doors import actor_of, door
from clearinghouse.errors import Refused
from clearinghouse.notices import queries, sending
from clearinghouse.notices import webhooks as acts
from clearinghouse.notices.forms import WebhookForm
from clearinghouse.notices.models import Notice
from clearinghouse.notices.rules import EVENTS, Happened
from clearinghouse.permissions.table import the_table

_SHOWN = 100


@door("notices:notice:read")
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Show what happened lately, as far as whoever asks may read what it happened to."""
    actor = actor_of(request)
    queries.demand_hearing(actor)
    rows = [(one, *_said(one)) for one in queries.newest_notices(actor, most=_SHOWN)]
    return render(request, "notices/notices.html", {"rows": rows})


def _said(one: Notice) -> tuple[str, str]:
    """Return what a notice says, and the page that it leads to; empty: none."""
    told = EVENTS[Happened(one.event)]
    return told.says, told.page.format(id=one.subject_id, name=one.name) if told.page else ""


@door("notices:webhook:read")
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """Show the webhooks of one's organization, and register one; its secret is shown this once."""
    actor, secret = actor_of(request), ""
    form = WebhookForm(request.POST) if request.method == "POST" else WebhookForm()
    if form.is_valid():
        said = form.cleaned_data
        try:
            _, secret = acts.register_webhook(
                said["url"],
                events=said["events"],
                outgoing=sending.the_outgoing(),
                actor=actor,
                at=timezone.now(),
            )
        except Refused as refusal:
            for problem in refusal.problems:
                form.add_error(problem.field if problem.field in form.fields else None, problem.reason)
        else:
            form = WebhookForm()
    told = {"rows": list(queries.webhooks_for(actor)), "form": form, "secret": secret}
    return render(request, "notices/webhooks.html", told, status=422 if form.errors else 200)


def _page(request: HttpRequest, webhook: UUID, secret: str = "") -> HttpResponse:
    actor = actor_of(request)
    found = queries.webhook_for(actor, webhook)
    table = the_table()
    told = {
        "webhook": found,
        "secret": secret,
        "events": [EVENTS[Happened(one)].says for one in found.events],
        "deliveries": [(one, EVENTS[Happened(one.notice.event)].says) for one in queries.deliveries_for(actor, found)],
        "may": {
            act: table.decide(actor, f"notices:webhook:{act}", found).allowed
            for act in ("disable", "enable", "end", "rotate", "test")
        },
    }
    return render(request, "notices/webhook.html", told)


@door("notices:webhook:read")
@require_safe
def webhook(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """Show a webhook and what was sent to it, with the reason of each failure."""
    return _page(request, webhook)


@door("notices:webhook:rotate")
@require_POST
def rotate(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """Give a webhook a new secret, shown this once."""
    actor = actor_of(request)
    secret = acts.rotate_secret(queries.webhook_for(actor, webhook), actor=actor, at=timezone.now())
    return _page(request, webhook, secret)


@door("notices:webhook:test")
@require_POST
def test(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """Let a test be sent."""
    actor = actor_of(request)
    acts.try_webhook(queries.webhook_for(actor, webhook), actor=actor, at=timezone.now())
    return redirect("webhook", webhook=webhook)


@door("notices:webhook:disable")
@require_POST
def disable(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """Send nothing more to a webhook for now."""
    actor = actor_of(request)
    found = queries.webhook_for(actor, webhook)
    acts.disable_webhook(found, why=f"disabled by {actor.name}", actor=actor, at=timezone.now())
    return redirect("webhook", webhook=webhook)


@door("notices:webhook:enable")
@require_POST
def enable(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """Send to a webhook again."""
    actor = actor_of(request)
    acts.enable_webhook(queries.webhook_for(actor, webhook), actor=actor, at=timezone.now())
    return redirect("webhook", webhook=webhook)


@door("notices:webhook:end")
@require_POST
def end(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """End a webhook for good."""
    actor = actor_of(request)
    acts.end_webhook(queries.webhook_for(actor, webhook), actor=actor, at=timezone.now())
    return redirect("webhooks")
