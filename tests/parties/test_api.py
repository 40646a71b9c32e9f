"""Tests of clearinghouse/parties/api.py and middleware.py, by requests."""

from datetime import timedelta

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest
from django.test import Client

from clearinghouse.parties.actions import end_membership, grant_membership, revoke_token
from clearinghouse.parties.models import Membership, Person, Token
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import Role
from tests.parties.makers import ADMINISTRATOR, a_person, a_token, an_organization, right_now

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
ME = "/api/v1/whoami"


def _by(token: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {token}"})


def test_whoever_signed_in_is_told_who_they_are() -> None:
    person, client = a_person(Role.FINDER, Role.MAINTAINER), Client()
    client.force_login(person, backend=BACKEND)
    answer = client.get(ME)
    assert answer.json() == {
        "id": str(person.pk),
        "name": "Ada Finder",
        "email": person.email,
        "organization": str(Membership.objects.first().organization_id),  # type: ignore[union-attr]
        "roles": ["finder", "maintainer"],
        "scopes": None,
        "second_factor": False,
    }
    assert client.get(ME)["ETag"] == answer["ETag"]


def test_a_token_tells_what_it_is_for_and_ends_at_once() -> None:
    now = right_now()
    person = a_person(at=now)
    client = _by(a_token(person, "parties", "cases:marking:read", at=now))
    assert client.get(ME).json()["scopes"] == ["cases:marking:read", "parties"]
    revoke_token(Token.objects.get(), actor=actor_for_person(person), at=now)
    assert client.get(ME).status_code == 401


def test_a_token_for_something_else_is_told_so() -> None:
    now = right_now()
    answer = _by(a_token(a_person(at=now), "ledger", at=now)).get(ME)
    assert answer.status_code == 403 and "in none of its scopes" in answer.json()["detail"]


def test_a_token_that_has_ended_does_not_hold() -> None:
    past = right_now() - timedelta(days=2)
    assert _by(a_token(a_person(at=past), "parties", at=past)).get(ME).status_code == 401


def test_a_role_that_was_taken_counts_no_more_in_a_session_or_by_token() -> None:
    now = right_now()
    person = a_person(Role.FINDER, Role.MAINTAINER, at=now)
    browser, program = Client(), _by(a_token(person, "parties", at=now))
    browser.force_login(person, backend=BACKEND)
    end_membership(Membership.objects.get(role=Role.MAINTAINER), actor=ADMINISTRATOR, at=now)
    assert browser.get(ME).json()["roles"] == program.get(ME).json()["roles"] == ["finder"]
    end_membership(Membership.objects.get(), actor=ADMINISTRATOR, at=now)
    assert browser.get(ME).status_code == program.get(ME).status_code == 403


def test_a_coordinator_without_second_factor_still_learns_that_it_is_missing() -> None:
    client = Client()
    client.force_login(a_person(Role.COORDINATOR), backend=BACKEND)
    assert client.get(ME).json()["second_factor"] is False


def _after_both_factors(client: Client, person: Person) -> None:
    """Write into the session what allauth writes when somebody has shown both factors."""
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, person, "password")
    record_authentication(request, person, "mfa", type="totp")
    request.session.save()


def test_the_second_factor_of_a_session_counts() -> None:
    client, person = Client(), a_person(Role.COORDINATOR)
    client.force_login(person, backend=BACKEND)
    _after_both_factors(client, person)
    assert client.get(ME).json()["second_factor"] is True


def test_the_second_factor_of_somebody_else_counts_for_nobody() -> None:
    client = Client()
    client.force_login(a_person(Role.COORDINATOR), backend=BACKEND)
    _after_both_factors(client, a_person(Role.COORDINATOR))
    assert client.get(ME).json()["second_factor"] is False


def test_a_session_acts_for_the_organization_that_was_chosen_and_no_other() -> None:
    person, other, client = a_person(), an_organization(), Client()
    grant_membership(person, other, Role.OPERATOR, actor=ADMINISTRATOR, at=right_now())
    client.force_login(person, backend=BACKEND)
    assert client.get(ME).json()["roles"] == ["finder"]
    session = client.session
    session["organization"] = str(other.pk)
    session.save()
    assert client.get(ME).json()["roles"] == ["operator"]
