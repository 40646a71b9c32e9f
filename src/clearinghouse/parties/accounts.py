"""How sign-in by django-allauth and our people fit together."""

import base64
import hashlib
import time
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base import AuthProcess
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from clearinghouse.edges.portal import refused
from clearinghouse.errors import ClearinghouseError, NotFound, NotPermitted
from clearinghouse.parties.actions import accept_invitation
from clearinghouse.parties.models import Person
from clearinghouse.parties.queries import actor_for_person, open_invitation
from clearinghouse.parties.rules import normal_email
from clearinghouse.permissions.rules import NEED_SECOND_FACTOR, Actor

INVITED_BY = "invited_by"
"""Where a session keeps the secret of the link that its person came by, while a provider is asked who they are."""


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth brings no types
    """Allauth's questions, answered our way."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Say no: accounts are made by invitation."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Lead whoever can do nothing without a second factor to where one is set up, everybody else to the front."""
        actor = actor_for_person(request.user, second_factor=has_second_factor(request))  # type: ignore[arg-type]
        way = None if is_mfa_enabled(request.user) else way_to_a_second_factor(request, actor)
        return way or str(super().get_login_redirect_url(request))

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """Lead whoever has just joined by a provider to where anybody is led who signs in."""
        return self.get_login_redirect_url(request)

    def populate_username(self, request: HttpRequest, user: Person) -> None:
        """Leave people without user names; they sign in by address."""


class OtherAccounts(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth brings no types
    """Signing in with an OpenID Connect provider: whose account is tied to it, and whoever comes by an invitation."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:  # noqa: ANN401 - allauth's
        """Free a login from an account that is closed, for whoever was invited anew; tie none in a stale session.

        Raises:
            ImmediateHttpResponse: it is to be tied to an account, and its person has to say again who they are.
        """
        ties = sociallogin.state.get("process") == AuthProcess.CONNECT
        if ties and request.user.is_authenticated and is_stale(request):
            raise ImmediateHttpResponse(said_again(request))
        closed = sociallogin.is_existing and not sociallogin.user.is_active
        comes = bool(request.session.get(INVITED_BY))
        if closed and (ties or comes):
            sociallogin.account.delete()  # which leaves it as it was before it was kept: tied to nobody
            sociallogin.account.user = sociallogin.user = Person()
        if comes and (email := verified_email(sociallogin)) is not None:
            EmailAddress.objects.filter(user__is_active=False, email__iexact=email).delete()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ANN401 - allauth's
        """Say whether this login may become an account: by an invitation, for an address the provider has verified."""
        secret = request.session.get(INVITED_BY)
        return bool(secret) and verified_email(sociallogin) is not None

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Person:  # noqa: ANN401, ARG002 - allauth's
        """Make the account that the invitation is for, without a password, and tie the login to it."""
        try:
            with transaction.atomic():
                person = _joined(request, sociallogin)
                sociallogin.user = person
                sociallogin.save(request)
        except ClearinghouseError as refusal:
            raise ImmediateHttpResponse(refused(request, refusal)) from None
        del request.session[INVITED_BY]
        return person


def _joined(request: HttpRequest, sociallogin: Any) -> Person:  # noqa: ANN401 - allauth's
    at = timezone.now()
    email = verified_email(sociallogin)
    if email is None:
        raise NotPermitted("the provider has verified no e-mail address of yours; sign up with a password instead")
    invitation = open_invitation(request.session[INVITED_BY], at=at)
    if not invitation.email:
        raise NotPermitted("this link is for whoever has it; sign up with a password, and add the provider afterwards")
    said = sociallogin.account.extra_data
    name = str((said.get("userinfo") or said.get("id_token") or {}).get("name") or email)[:200]
    return accept_invitation(request.session[INVITED_BY], email=email, name=name, password=None, at=at)


def verified_email(sociallogin: Any) -> str | None:  # noqa: ANN401 - allauth's
    """Return the address that the provider says it has verified; None: it verified none."""
    found = (one.email for one in sociallogin.email_addresses if one.verified)
    return next((normal_email(email) for email in found), None)


class Factors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth brings no types
    """Second factors, whose secrets are kept sealed with the key of the web."""

    def encrypt(self, text: str) -> str:
        """Return the secret of a factor as it is kept."""
        return _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret of a factor.

        Raises:
            NotFound: it was sealed with another key of the web.
        """
        try:
            return _seal().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise NotFound("this factor was set up under another key of this server; set it up again") from None


def _seal() -> Fernet:
    key = hashlib.sha256(b"clearinghouse/second-factors\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def way_to_a_second_factor(request: HttpRequest, actor: Actor) -> str | None:
    """Return where somebody goes whose every role needs a second factor, which they have not shown; None: go on."""
    if actor.second_factor or not actor.roles or not actor.roles <= NEED_SECOND_FACTOR:
        return None
    if not is_mfa_enabled(request.user):
        return reverse("mfa_index")
    return f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.get_full_path()})}"


def is_stale(request: HttpRequest) -> bool:
    """Say whether somebody whom only a provider knows signed in too long ago to change how they sign in.

    Of everybody else allauth itself asks for the password or a factor again; of these it asks for nothing, so whoever
    got hold of a session could give it a second factor.
    """
    if get_reauthentication_flows(request.user):
        return False
    signed_in_at = max((one["at"] for one in get_authentication_records(request, request.user)), default=0.0)
    return bool(time.time() - signed_in_at >= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def said_again(request: HttpRequest) -> HttpResponse:
    """Return the page on which whoever is known by a provider alone signs in with it again."""
    minutes = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT // 60
    return render(request, "account/again_with_provider.html", {"minutes": minutes}, status=403)


def has_second_factor(request: HttpRequest) -> bool:
    """Say whether a second factor was shown in this session."""
    return any(one.get("method") == "mfa" for one in get_authentication_records(request, request.user))


_FACTORS = {"totp": "an app that shows codes", "webauthn": "a passkey", "recovery_codes": "recovery codes"}


def factors_of(person: Person) -> list[str]:
    """Return in words the second factors that somebody has set up."""
    held = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    return [words for kind, words in _FACTORS.items() if kind in held]
