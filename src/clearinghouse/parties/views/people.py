"""Pages about oneself: signing up, one's account, tokens."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clearinghouse.edges.doors import actor_of, door, public
from clearinghouse.edges.portal import cleaned
from clearinghouse.errors import NotFound, Refused
from clearinghouse.parties import actions, queries
from clearinghouse.parties.accounts import INVITED_BY, factors_of
from clearinghouse.parties.forms import ActForForm, JoinForm, TokenForm
from clearinghouse.parties.middleware import ORGANIZATION

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@public("whoever was invited has no account yet; the secret of the link is what lets them in")
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Sign up with an invitation."""
    at = timezone.now()
    invitation = queries.open_invitation(secret, at=at)
    request.session[INVITED_BY] = secret  # for who signs up with a provider
    form = JoinForm(request.POST if request.method == "POST" else None, initial={"email": invitation.email})
    if form.is_valid():
        try:
            person = actions.accept_invitation(secret, **form.cleaned_data, at=at)
        except Refused as refusal:
            for problem in refusal.problems:
                form.add_error(problem.field if problem.field in form.fields else None, problem.reason)
        else:
            login(request, person, backend=_BACKEND)
            request.session.pop(INVITED_BY, None)
            return redirect("front")
    return render(
        request, "parties/join.html", {"form": form, "invitation": invitation}, status=422 if form.errors else 200
    )


@door("parties:token:issue")
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Show one's tokens, and issue one; its secret is shown this once."""
    actor, at, secret = actor_of(request), timezone.now(), ""
    verbs = queries.verbs_for_tokens(actor)
    form = TokenForm(request.POST if request.method == "POST" else None, verbs=verbs)
    if form.is_valid():
        said = form.cleaned_data
        try:
            _, secret = actions.issue_token(
                said["name"],
                scopes=said["scopes"],
                expires_at=at + timedelta(days=said["days"]),
                actor=actor,
                at=at,
            )
        except Refused as refusal:
            for problem in refusal.problems:
                form.add_error(problem.field if problem.field in form.fields else None, problem.reason)
        else:
            form = TokenForm(verbs=verbs)
    rows = [(one, one.revoked_at is None and at < one.expires_at) for one in queries.tokens_for(actor)]
    told = {"rows": rows, "form": form, "secret": secret}
    return render(request, "parties/tokens.html", told, status=422 if form.errors else 200)


@door("parties:token:revoke")
@require_POST
def revoke(request: HttpRequest, token: UUID) -> HttpResponse:
    """End a token at once."""
    actor = actor_of(request)
    actions.revoke_token(queries.token_for(actor, token), actor=actor, at=timezone.now())
    messages.success(request, "The token is revoked; whatever used it is refused from now on.")
    return redirect("tokens")


@door("parties:person:read")
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Show one's account: roles, for whom one acts, and how one signs in."""
    actor = actor_of(request)
    held = queries.memberships_of(actor.id)
    homes = {one.organization_id: one.organization for one in held}
    told = {
        "person": queries.oneself(actor),
        "held": held,
        "homes": sorted(homes.values(), key=lambda one: one.name),
        "has_password": queries.oneself(actor).has_usable_password(),
        "factors": factors_of(queries.oneself(actor)),
    }
    return render(request, "parties/account.html", told)


@door("parties:person:read")
@require_POST
def act_for(request: HttpRequest) -> HttpResponse:
    """Act for another organization that one has a role in."""
    wanted = cleaned(ActForForm(request.POST))["organization"]
    held = queries.memberships_of(actor_of(request).id)
    home = next((one.organization for one in held if one.organization_id == wanted), None)
    if home is None:
        raise NotFound("no such organization")
    request.session[ORGANIZATION] = str(home.pk)
    messages.success(request, f"You act for {home.name} now.")
    return redirect("account")
