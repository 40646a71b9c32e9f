"""Saving a view of the queue, and deleting one; the queue itself is among the pages of advisories."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from clearinghouse.cases.forms import SaveViewForm
from clearinghouse.cases.queries.queue import saved_view_for
from clearinghouse.cases.rules.queue import Filters
from clearinghouse.cases.saving import delete_view, save_view
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.portal import cleaned


def queue_at(wanted: Filters, **more: str) -> str:
    """Return the address of the queue with these filters."""
    query = urlencode(wanted.query | more)
    return f"{reverse('cases')}?{query}" if query else reverse("cases")


@door("cases:saved-view:save")
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep what is looked at under a name, and show it again."""
    form = SaveViewForm(request.POST)
    name = cleaned(form)["name"]
    saved = save_view(name, form.wanted, actor=actor_of(request), at=timezone.now())
    messages.success(request, f"The view is saved as {saved.name}; you find it above the queue.")
    return redirect(queue_at(saved.wanted))


@door("cases:saved-view:delete")
@require_POST
def delete(request: HttpRequest, view: UUID) -> HttpResponse:
    """Forget a saved view; the cases in it stay as they are."""
    actor = actor_of(request)
    found = saved_view_for(actor, view)
    name = found.name
    delete_view(found, actor=actor)
    messages.success(request, f"The view {name} is deleted.")
    return redirect("cases")
