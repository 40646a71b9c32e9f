"""Pages about the installation: how it stands, and what was done; and what programs watch of it."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clearinghouse.edges.doors import actor_of, door, public
from clearinghouse.edges.pages import page_of
from clearinghouse.errors import NotFound
from clearinghouse.operation import metrics
from clearinghouse.operation.acts import acts_for, in_words
from clearinghouse.operation.forms import ActsForm
from clearinghouse.operation.standing import is_ready, status_for

_PLAIN = "text/plain; charset=utf-8"


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
    actor, form = actor_of(request), ActsForm(request.GET, label_suffix="")
    events = acts_for(actor).none()
    if form.is_valid():
        said = form.cleaned_data
        try:
            events = acts_for(actor, case=said["case"], person=said["person"]).filter(**form.within)
        except NotFound:
            form.add_error("case", f"There is no case {said['case']}; its id stands at the top of its page.")
        events = events.filter(verb=said["verb"]) if said["verb"] else events
    page = page_of(events, cursor=request.GET.get("after") or None, by=("-at", "pk"))
    told = {
        "rows": in_words(page.rows, actor),
        "form": form,
        "narrowed": bool(form.query),
        "after": page.after and urlencode(form.query | {"after": page.after}),
    }
    return render(request, "operation/audit.html", told, status=422 if form.errors else 200)


@public("says that this process answers, and nothing else", uncounted=True)
@require_safe
def alive(_: HttpRequest) -> HttpResponse:
    """Answer, without asking the database: who gets no answer starts the process anew."""
    return HttpResponse("alive\n", content_type=_PLAIN)


@public("says whether pages can be served now, and not why not", uncounted=True)
@require_safe
def ready(_: HttpRequest) -> HttpResponse:
    """Say whether requests may be sent here: 200, or 503 while the database does not answer or is being brought up."""
    can = is_ready()
    return HttpResponse("ready\n" if can else "not ready\n", content_type=_PLAIN, status=200 if can else 503)


@door("operation:status:read")
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Return the figures that Prometheus takes."""
    return HttpResponse(metrics.figures_for(actor_of(request)), content_type=metrics.CONTENT_TYPE)
