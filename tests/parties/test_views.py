"""Tests of clearinghouse/parties/views.py and accounts.py, by requests."""

from datetime import timedelta

import pytest
from django.test import Client

from clearinghouse.parties.actions import make_invitation
from clearinghouse.parties.models import Invitation, Person
from clearinghouse.permissions.rules import Role
from tests.parties.makers import ADMINISTRATOR, PASSWORD, a_person, an_organization, right_now

pytestmark = pytest.mark.django_db
FORM = {"name": "Ada Finder", "email": "Ada@People.example", "password": PASSWORD}


def _link(email: str = "ada@people.example") -> str:
    home, now = an_organization(), right_now()
    return "/join/" + make_invitation(home, Role.FINDER, email=email, actor=ADMINISTRATOR, at=now)[1]


def test_whoever_follows_the_link_signs_up_and_is_signed_in() -> None:
    client, link = Client(), _link()
    page = client.get(link)
    assert page.status_code == 200 and b"as finder" in page.content
    assert client.post(link, FORM)["Location"] == "/"
    assert b"Ada Finder" in client.get("/").content
    assert Person.objects.get().email == "ada@people.example"
    assert client.get(link).status_code == Client().post(link, FORM).status_code == 404


def test_everything_wrong_with_the_form_is_said_and_the_link_stays_good() -> None:
    link = _link("grace@people.example")
    refused = Client().post(link, FORM | {"password": "short"})
    assert refused.status_code == 422 and b"another address" in refused.content and b"too short" in refused.content
    assert b"short" not in refused.content.split(b'type="password"')[1].split(b">")[0]
    assert Client().get(link).status_code == 200


def test_an_empty_form_is_not_taken() -> None:
    assert Client().post(_link(), {}).status_code == 422 and not Person.objects.exists()


@pytest.mark.parametrize("secret", ["x", "%00", "a" * 3000])
def test_a_link_that_nobody_made_is_not_there(secret: str) -> None:
    assert Client().get(f"/join/{secret}").status_code == 404


def test_a_link_that_has_ended_looks_like_one_that_never_was() -> None:
    link = _link()
    Invitation.objects.update(expires_at=right_now() - timedelta(seconds=1))
    assert Client().get(link).content == Client().get("/join/never").content


def test_people_sign_in_by_address_whatever_its_case_and_out_again() -> None:
    person, client = a_person(), Client()
    client.post("/sign-in", {"login": person.email.upper(), "password": PASSWORD})
    assert b"Ada Finder" in client.get("/").content
    client.post("/sign-out")
    assert b"Ada Finder" not in client.get("/").content


def test_a_wrong_password_and_an_unknown_address_are_told_apart_by_nothing() -> None:
    person = a_person()
    pages = [
        Client()
        .post("/sign-in", {"login": login, "password": "wrong wrong wrong"})
        .content.replace(login.encode(), b"")
        for login in (person.email, "nobody@people.example")
    ]
    hidden = [b"".join(line for line in page.splitlines() if b"csrfmiddlewaretoken" not in line) for page in pages]
    assert hidden[0] == hidden[1] and b"not correct" in hidden[0]


def test_a_closed_account_does_not_sign_in() -> None:
    person, client = a_person(), Client()
    Person.objects.update(is_active=False)
    client.post("/sign-in", {"login": person.email, "password": PASSWORD})
    assert client.get("/api/v1/whoami").status_code == 401


def test_a_session_ends_with_the_account() -> None:
    person, client = a_person(), Client()
    client.post("/sign-in", {"login": person.email, "password": PASSWORD})
    assert client.get("/api/v1/whoami").status_code == 200
    Person.objects.update(is_active=False)
    assert client.get("/api/v1/whoami").status_code == 401


def test_nobody_signs_up_without_an_invitation() -> None:
    closed = {"email": "a@people.example", "password1": PASSWORD}
    page = Client().post("/sign-up", closed)
    assert b"by invitation" in page.content and not Person.objects.exists()
