"""The addresses of signing in and of one's own ways to: allauth's views, each with whom it serves."""

from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path

import allauth.account as account_app
import allauth.mfa as mfa_app
from allauth.account import views as account
from allauth.mfa import urls as mfa
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import urls as openid_connect
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from clearinghouse.edges.doors import Door, door, public
from clearinghouse.parties.accounts import is_stale, said_again

_OWN = Door(verb="parties:person:secure")
_NOT_IN_YET = Door(public="whoever signs in is not signed in yet")
_BY_ANY_SESSION = {"mfa_index", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
"""What only shows the ways in, or is itself how one says again who one is."""
_ENTRANCES = {"mfa_authenticate", "mfa_login_webauthn", "openid_connect_login", "openid_connect_callback"}


def _freshly(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let nobody change how they sign in whom only a provider knows, and who showed that too long ago."""

    @wraps(view)
    def asked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.user.is_authenticated and is_stale(request):
            return said_again(request)
        return view(request, *args, **kwargs)

    return asked


def _declared(patterns: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Return allauth's addresses with whom they serve: those on the way in everybody, the others who has signed in."""
    found = list(patterns)
    for one in found:
        if isinstance(one, URLResolver):
            _declared(one.url_patterns)
        else:
            if one.name not in _ENTRANCES | _BY_ANY_SESSION:
                one.callback = _freshly(one.callback)
            one.callback.door = _NOT_IN_YET if one.name in _ENTRANCES else _OWN  # type: ignore[attr-defined]
    return found


_in = public(_NOT_IN_YET.public)
_own = door(_OWN.verb)

_SCRIPTS = {
    "mfa/js/webauthn-json.js": mfa_app,
    "mfa/js/webauthn.js": mfa_app,
    "mfa/js/recovery_codes.js": mfa_app,
    "account/js/onload.js": account_app,
}
"""What passkeys need in the browser, as allauth brings it; by name, so that nothing else of it is served."""


@public("scripts that allauth publishes", uncounted=True)
@require_safe
@cache_control(max_age=3600)
def script(request: HttpRequest, app: str, name: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Return one of allauth's scripts."""
    path = f"{app}/js/{name}"
    if path not in _SCRIPTS:
        raise Http404(path)
    file = Path(_SCRIPTS[path].__path__[0]) / "static" / path
    return HttpResponse(file.read_bytes(), content_type="text/javascript; charset=utf-8")


urlpatterns: list[URLPattern | URLResolver] = [
    path("static/mfa/js/<str:name>", script, {"app": "mfa"}),
    path("static/account/js/<str:name>", script, {"app": "account"}),
    path("sign-in", _in(account.login), name="account_login"),
    path("sign-out", public("ends whatever session there is")(account.logout), name="account_logout"),
    path("sign-up", public("says that accounts are made by invitation")(account.signup), name="account_signup"),
    path("closed", public("says that an account is closed")(account.account_inactive), name="account_inactive"),
    path("account/again", _own(_freshly(account.reauthenticate)), name="account_reauthenticate"),
    path("account/password", _own(account.password_change), name="account_change_password"),
    path("account/password/first", _own(_freshly(account.password_set)), name="account_set_password"),
    path("account/factors/", (_declared(mfa.urlpatterns), None, None)),
    path("account/providers/", _own(_freshly(social.connections)), name="socialaccount_connections"),
    path("sign-in/with/cancelled", _in(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("sign-in/with/failed", _in(social.login_error), name="socialaccount_login_error"),
    path("sign-in/with/sign-up", _in(social.signup), name="socialaccount_signup"),
    path("sign-in/with/", (_declared(openid_connect.urlpatterns), None, None)),
]
