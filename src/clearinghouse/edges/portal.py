"""The portal's edge: refusals become pages, and nobody passes a door that is not declared.

What is absent and what may not be seen is answered with the same bytes.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from clearinghouse.edges.doors import actor_of, actor_or_none, door_for, path_view
from clearinghouse.edges.status import http_status
from clearinghouse.errors import ClearinghouseError, NotFound, Refused, SignInNeeded

_READING = ("GET", "HEAD")
_TITLES = {
    401: "Sign in first",
    403: "You may not do this",
    409: "This has changed in the meantime",
    412: "This has changed in the meantime",
    422: "This cannot be taken in",
    503: "This cannot be reached now",
}


def refused(request: HttpRequest, refusal: ClearinghouseError) -> HttpResponse:
    """Return the page of a refusal; who is not known and only reads is sent to sign in."""
    status = http_status(refusal)
    if isinstance(refusal, NotFound):
        return not_found(request)
    if isinstance(refusal, SignInNeeded) and request.method in _READING and "Authorization" not in request.headers:
        return redirect_to_login(request.get_full_path())
    problems = refusal.problems if isinstance(refusal, Refused) else ()
    told = {
        "title": _TITLES.get(status, "This was refused"),
        "reason": "" if problems else str(refusal),
        "problems": problems,
    }
    return render(request, "refused.html", told, status=status)


def not_found(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same page for everybody
    """Return the page of what is not there, or not for whoever asks: always the same bytes."""
    return render(None, "not_found.html", status=404)  # no request, no context processors


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Return the page for a form that did not come from us, or is too old."""
    told = {"title": "This form is too old", "reason": "Go back, load the page again and send the form once more."}
    return render(request, "refused.html", told, status=403)


def who_asks(request: HttpRequest) -> dict[str, Any]:
    """Return, for every template, who asks; None for a stranger."""
    return {"actor": actor_or_none(request)}


class RefusalsMiddleware(MiddlewareMixin):
    """Answers refusals with pages, and opens no door that is not declared."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Find out who asks before the view runs; refuse where the address declares nothing or needs a sign-in."""
        declared = door_for(view, request.method or "")
        operations = path_view(view)
        if operations is not None:
            if declared is not None and not declared.public:
                actor_or_none(request)  # found here, outside of any event loop; the API itself refuses
            return None
        if declared is None:
            return not_found(request)
        if declared.public:
            return None
        try:
            actor_of(request)
        except ClearinghouseError as refusal:
            return refused(request, refusal)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page of a refusal; a fault is left to crash."""
        return refused(request, exception) if isinstance(exception, ClearinghouseError) else None
