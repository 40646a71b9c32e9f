"""Pages about the installation: how it stands, and what was done."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.pages import page_of
from clearinghouse.ledger.models import Entry
from clearinghouse.ledger.queries import events_for
from clearinghouse.operation.standing import status_for
from clearinghouse.parties.models import Person


@door("operation:status:read")
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Show workers, queue, sandbox, ledger and feeds; where something is wrong, the cure."""
    at = timezone.now()
    return render(request, "operation/status.html", {"checks": status_for(actor_of(request), at=at), "at": at})


@door("ledger:event:read")
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Show what was done, by whom and when, the latest first, with its place in the ledger."""
    events = events_for(actor_of(request))
    verb = request.GET.get("verb", "")[:100]
    if verb:
        events = events.filter(verb=verb)
    page = page_of(events, cursor=request.GET.get("after") or None, by=("-at", "pk"))
    places = dict(Entry.objects.filter(event_id__in=[one.pk for one in page.rows]).values_list("event_id", "seq"))
    names = {one.pk: one.name for one in Person.objects.filter(pk__in={one.actor for one in page.rows})}
    rows = [(one, places.get(one.pk), names.get(one.actor, "the clearinghouse")) for one in page.rows]
    return render(request, "operation/audit.html", {"rows": rows, "after": page.after, "verb": verb})
