"""Writes down when somebody changes how they sign in, and counts the factor that they set up as shown.

Factors and providers are rows, so that their entry is written in the transaction of the row itself; of a password,
which is one field of many, allauth tells.
"""

from collections.abc import Callable

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import password_changed, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.socialaccount.models import SocialAccount
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest
from django.utils import timezone

from clearinghouse.parties.actions import note_secured
from clearinghouse.parties.models import Person
from clearinghouse.parties.queries import actor_for_person


def listen() -> None:
    """Hear of each change."""
    for model, thing in ((Authenticator, "second factor"), (SocialAccount, "provider")):
        post_save.connect(_of_row(f"{thing} added"), sender=model, weak=False, dispatch_uid=f"clearinghouse +{thing}")
        post_delete.connect(
            _of_row(f"{thing} removed"), sender=model, weak=False, dispatch_uid=f"clearinghouse -{thing}"
        )
    authenticator_added.connect(_shown, dispatch_uid="clearinghouse factor shown")
    for signal, what in ((password_changed, "password changed"), (password_set, "password set")):
        signal.connect(_of_password(what), weak=False, dispatch_uid=f"clearinghouse {what}")


def _shown(*, request: HttpRequest, user: Person, authenticator: Authenticator, **_: object) -> None:
    """Count a factor as shown in this session: setting it up took a code of it, or a signature by it."""
    if authenticator.type in (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN):
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


def _of_row(what: str) -> Callable[..., None]:
    def tell(*, instance: Authenticator | SocialAccount, created: bool = True, **_: object) -> None:
        if created and instance.user.is_active:  # nobody comes in by what is taken from a closed account
            kind = instance.type if isinstance(instance, Authenticator) else instance.provider
            _note(instance.user, f"{what} ({kind})")

    return tell


def _of_password(what: str) -> Callable[..., None]:
    def tell(*, user: Person, **_: object) -> None:
        _note(user, what)

    return tell


def _note(person: Person, what: str) -> None:
    at = timezone.now()
    note_secured(person, what, actor=actor_for_person(person, at=at), at=at)
