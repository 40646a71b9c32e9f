"""How sign-in by django-allauth and our people fit together."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from clearinghouse.parties.models import Person


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth brings no types
    """Allauth's questions, answered our way."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Say no: accounts are made by invitation."""
        return False

    def populate_username(self, request: HttpRequest, user: Person) -> None:
        """Leave people without user names; they sign in by address."""


def has_second_factor(request: HttpRequest) -> bool:
    """Say whether a second factor was shown in this session."""
    return any(one.get("method") == "mfa" for one in get_authentication_records(request, request.user))
