"""Pages about people."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from clearinghouse.edges.doors import public
from clearinghouse.errors import Refused
from clearinghouse.parties import actions, queries
from clearinghouse.parties.forms import JoinForm

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@public("whoever was invited has no account yet; the secret of the link is what lets them in")
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Sign up with an invitation."""
    at = timezone.now()
    invitation = queries.open_invitation(secret, at=at)
    form = JoinForm(request.POST if request.method == "POST" else None, initial={"email": invitation.email})
    if form.is_valid():
        try:
            person = actions.accept_invitation(secret, **form.cleaned_data, at=at)
        except Refused as refusal:
            for problem in refusal.problems:
                form.add_error(problem.field if problem.field in form.fields else None, problem.reason)
        else:
            login(request, person, backend=_BACKEND)
            return redirect("front")
    return render(
        request, "parties/join.html", {"form": form, "invitation": invitation}, status=422 if form.errors else 200
    )
