"""Pages that belong to no room: the front page, and what stands where nothing is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clearinghouse.edges import portal, problems
from clearinghouse.edges.doors import public

_API = "/api/"


@public("says what the clearinghouse is; shows nothing of any case")
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Show the front page."""
    return render(request, "front.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer an address that is not there as what may not be seen is answered."""
    return problems.not_found() if request.path.startswith(_API) else portal.not_found(request)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer a fault without saying what it was; that stands in the log."""
    return problems.of_fault() if request.path.startswith(_API) else render(None, "failed.html", status=500)
