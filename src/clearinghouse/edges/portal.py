"""The portal's edge: refusals become pages, and nobody passes a door that is not declared.

What is absent and what may not be seen is answered with the same bytes.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from clearinghouse.edges import problems
from clearinghouse.edges.bodies import too_large
from clearinghouse.edges.doors import Door, actor_of, actor_or_none, door_for, path_view
from clearinghouse.edges.status import http_status
from clearinghouse.errors import ClearinghouseError, NotFound, Problem, Refused, SignInNeeded, TooMany
from clearinghouse.permissions.rules import NEED_SECOND_FACTOR, Actor
from clearinghouse.permissions.table import the_table

_READING = ("GET", "HEAD")
_TITLES = {
    401: "Sign in first",
    403: "You may not do this",
    409: "This has changed in the meantime",
    413: "This is larger than is taken here",
    412: "This has changed in the meantime",
    422: "This cannot be taken in",
    429: "Too many requests",
    503: "This cannot be reached now",
}

NAVIGATION = (
    ("Cases", "cases", "cases:case:read"),
    ("Hand in", "hand-in", "findings:submission:hand-in"),
    ("Reports", "reports", "findings:finding:read"),
    ("Questions", "questions", "validation:answer:give"),
    ("Scans", "scans", "deconfliction:intent:read"),
    ("Consultations", "consultations", "parties:consultation:read"),
    ("Friend or foe", "whois-scan", "deconfliction:scan:look-up"),
    ("Notices", "notices", "notices:notice:read"),
    ("Organization", "organization", "parties:organization:read"),
    ("Audit", "audit", "ledger:event:read"),
    ("Status", "status", "operation:status:read"),
)
"""Label, name of the address, and the verb whose rows say for whom it is."""


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
    answer = render(request, "refused.html", told, status=status)
    if isinstance(refusal, TooMany):
        answer["Retry-After"] = str(refusal.retry_after_seconds)
    return answer


def cleaned(form: Form) -> dict[str, Any]:
    """Return what was filled in.

    Raises:
        Refused: with everything that is wrong, each by the label that stands at its field.
    """
    if form.is_valid():
        return form.cleaned_data
    labels = {name: str(form[name].label) for name in form.fields}
    problems = [
        Problem(str(one.code or "invalid"), labels.get(field, ""), str(text), "go back and fill it in again")
        for field, found in form.errors.as_data().items()
        for one in found
        for text in one.messages
    ]
    raise Refused(tuple(problems))


def not_found(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same page for everybody
    """Return the page of what is not there, or not for whoever asks: always the same bytes."""
    return render(None, "not_found.html", status=404)  # no request, no context processors


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Return the page for a form that did not come from us, or is too old."""
    told = {"title": "This form is too old", "reason": "Go back, load the page again and send the form once more."}
    return render(request, "refused.html", told, status=403)


def who_asks(request: HttpRequest) -> dict[str, Any]:
    """Return, for every template, who asks (None for a stranger) and which pages are open to them."""
    actor = actor_or_none(request)
    return {"actor": actor, "nav": _nav(actor) if actor else (), "waiting_roles": _waiting(actor)}


def _waiting(actor: Actor | None) -> list[str]:
    """Return the roles of whoever asks that count only with the second factor that they have not shown."""
    if actor is None or actor.second_factor:
        return []
    return sorted(actor.roles & NEED_SECOND_FACTOR)


def _nav(actor: Actor) -> list[dict[str, str]]:
    """Return the pages that some row of the table opens to this actor."""
    table = the_table()
    return [
        {"label": label, "address": address}
        for label, address, verb in NAVIGATION
        if actor.in_scope(verb) and any(row.roles_of(actor) for row in table.rows(verb))
    ]


class RefusalsMiddleware(MiddlewareMixin):
    """Answers refusals with pages, and opens no door that is not declared."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Refuse what was too large to be read, as whoever sent it reads refusals."""
        refusal = too_large(request)
        if refusal is None:
            return None
        return problems.of_refusal(refusal) if problems.is_for_programs(request) else refused(request, refusal)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Find out who asks before the view runs; refuse where the address declares nothing or needs a sign-in."""
        declared = door_for(view, request.method or "")
        operations = path_view(view)
        if operations is not None:
            if declared is None:
                return problems.method_not_allowed({one for each in operations.operations for one in each.methods})
        elif declared is None:
            return not_found(request)
        return None if declared.uncounted else self._stopped(request, declared, of_api=operations is not None)

    def _stopped(self, request: HttpRequest, declared: Door, *, of_api: bool) -> HttpResponse | None:
        """Refuse whoever has to sign in first, or has asked too often; None: they may pass."""
        try:
            actor_of(request)  # found, and counted, here, outside of any event loop
        except SignInNeeded as refusal:
            itself = declared.public or of_api  # the API's operations refuse by themselves
            return None if itself else refused(request, refusal)
        except ClearinghouseError as refusal:
            return problems.of_refusal(refusal) if of_api else refused(request, refusal)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page of a refusal; a fault is left to crash."""
        return refused(request, exception) if isinstance(exception, ClearinghouseError) else None
