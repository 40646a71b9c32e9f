"""Pages that belong to no room: the front page, what pages are made with, and what stands where nothing is."""

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views import static as files
from django.views.decorators.http import require_safe

from clearinghouse.edges import portal, problems
from clearinghouse.edges.doors import public

_KEPT_SECONDS = 3600


@public("says what the clearinghouse is; shows nothing of any case")
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Show the front page."""
    return render(request, "front.html")


@public("style, fonts and script of the pages; the same for everybody", uncounted=True)
@require_safe
def static(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve a file that pages are made with; browsers keep it for an hour."""
    served = files.serve(request, path, document_root=str(settings.STATIC_ROOT))
    # Small files, whole: a stream of Django's would hold up every other request of an ASGI server.
    if isinstance(served, FileResponse) and served.file_to_stream is not None:
        with served.file_to_stream:
            served = HttpResponse(served.getvalue(), headers=served.headers)
    served["Cache-Control"] = f"public, max-age={_KEPT_SECONDS}"
    return served


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer an address that is not there as what may not be seen is answered."""
    return problems.not_found() if problems.is_for_programs(request) else portal.not_found(request)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer a fault without saying what it was; that stands in the log."""
    return problems.of_fault() if problems.is_for_programs(request) else render(None, "failed.html", status=500)
