"""Signing in with an OpenID Connect provider, against a real one on loopback; and the file that names providers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client, override_settings
from oidc_provider_mock import User, run_server_in_thread

from clearinghouse.config.providers import openid_apps
from clearinghouse.errors import ClearinghouseError, Malformed
from clearinghouse.parties.actions import close_person, make_invitation
from clearinghouse.parties.models import Person
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.permissions.rules import Role
from tests.journeys.test_second_factor import a_code
from tests.parties.makers import ADMINISTRATOR, PASSWORD, a_person, an_organization, right_now

pytestmark = [pytest.mark.django_db, pytest.mark.server, pytest.mark.enable_socket]
WHOAMI, FACTORS = "/api/v1/whoami", "/account/factors/"
MIA = User(sub="mia", claims={"email": "Mia@people.example", "email_verified": True, "name": "Mia Maintainer"})


def a_file(folder: Path, **changes: object) -> Path:
    file = folder / "providers.json"
    provider = {
        "id": "office",
        "name": "Office",
        "issuer": "https://id.example",
        "client_id": "c",
        "client_secret": "s",
    }
    file.write_text(json.dumps([provider | changes]), "utf-8")
    return file


@contextmanager
def a_provider(folder: Path, *users: User) -> Iterator[None]:
    """Run a provider that knows these users, and let the server know it as `office`."""
    cache.clear()
    with run_server_in_thread(user_claims=users) as server:
        file = a_file(folder, issuer=f"http://localhost:{server.server_port}")
        with override_settings(SOCIALACCOUNT_PROVIDERS={"openid_connect": {"APPS": openid_apps(file)}}):
            yield


def sign_in_as(client: Client, sub: str, *, process: str = "login") -> str:
    """Go to the provider and come back as a browser does; return where that ends."""
    there = client.post(f"/sign-in/with/office/login/?process={process}")
    assert there.status_code == 302, there.content.decode()
    back = httpx.post(there["Location"], data={"sub": sub})
    assert back.status_code == 302, back.text
    assert urlsplit(back.headers["Location"]).path == "/sign-in/with/office/login/callback/"
    location = urlsplit(back.headers["Location"])
    answer = client.get(f"{location.path}?{location.query}")
    return str(answer.headers.get("Location", f"{answer.status_code} {answer.content.decode()}"))


def an_invited_client(email: str = "mia@people.example", role: Role = Role.MAINTAINER) -> Client:
    """Return a client that has followed the link of an invitation."""
    by = ADMINISTRATOR if email else CLEARINGHOUSE
    invited = make_invitation(an_organization(), role, email=email, actor=by, at=right_now())
    client = Client()
    client.get(f"/join/{invited[1]}")
    return client


def test_whoever_is_invited_signs_up_with_the_provider_and_signs_in_with_it_again(tmp_path: Path) -> None:
    with a_provider(tmp_path, MIA):
        assert sign_in_as(an_invited_client(), "mia") == "/"
        person = Person.objects.get()
        assert (person.email, person.name, person.has_usable_password()) == (
            "mia@people.example",
            "Mia Maintainer",
            False,
        )
        again = Client()
        assert sign_in_as(again, "mia") == "/"
        told = again.get(WHOAMI).json()
        assert told["roles"] == ["maintainer"] and told["second_factor"] is False


def test_nobody_signs_up_without_an_invitation(tmp_path: Path) -> None:
    with a_provider(tmp_path, MIA):
        assert "made by invitation" in sign_in_as(Client(), "mia")
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("claims", "email"),
    [
        ({"email": "mia@people.example", "email_verified": False}, "mia@people.example"),
        ({"email": "other@people.example", "email_verified": True}, "mia@people.example"),
        ({"email": "mia@people.example", "email_verified": True}, ""),
        ({}, "mia@people.example"),
    ],
)
def test_an_invitation_is_taken_up_only_with_its_own_verified_address(
    claims: dict[str, object], email: str, tmp_path: Path
) -> None:
    with a_provider(tmp_path, User(sub="mia", claims=claims)):
        client = an_invited_client(email)
        sign_in_as(client, "mia")
        assert client.get(WHOAMI).status_code == 401
    assert not Person.objects.exists() and not SocialAccount.objects.exists()


def test_a_providers_word_about_an_address_opens_nobodys_account(tmp_path: Path) -> None:
    a_person(email="mia@people.example")
    with a_provider(tmp_path, MIA):
        client = Client()
        sign_in_as(client, "mia")
        assert client.get(WHOAMI).status_code == 401
    assert not SocialAccount.objects.exists()


def test_who_has_an_account_ties_a_provider_to_it(tmp_path: Path) -> None:
    person, client = a_person(email="mia@people.example"), Client()
    client.post("/sign-in", {"login": person.email, "password": PASSWORD})
    with a_provider(tmp_path, MIA):
        client.post("/account/again", {"password": PASSWORD})
        sign_in_as(client, "mia", process="connect")
        assert SocialAccount.objects.get().user == person
        again = Client()
        sign_in_as(again, "mia")
        assert again.get(WHOAMI).json()["email"] == "mia@people.example"


def test_a_closed_account_is_not_opened_by_its_provider(tmp_path: Path) -> None:
    with a_provider(tmp_path, MIA):
        sign_in_as(an_invited_client(), "mia")
        close_person(Person.objects.get(), actor=ADMINISTRATOR, at=right_now())
        client = Client()
        sign_in_as(client, "mia")
        assert client.get(WHOAMI).status_code == 401


@pytest.mark.parametrize("sub", ["mia", "mia2"])
def test_whoever_is_invited_anew_after_an_account_was_closed_comes_in_by_the_provider(sub: str, tmp_path: Path) -> None:
    with a_provider(tmp_path, MIA, User(sub="mia2", claims=MIA.claims)):
        sign_in_as(an_invited_client(), "mia")
        closed = Person.objects.get()
        close_person(closed, actor=ADMINISTRATOR, at=right_now())
        client = an_invited_client(role=Role.FINDER)
        assert sign_in_as(client, sub) == "/"
        told = client.get(WHOAMI).json()
        assert told["roles"] == ["finder"] and told["email"] == "mia@people.example" and told["id"] != str(closed.pk)
        assert SocialAccount.objects.get(uid=sub).user_id == Person.objects.get(is_active=True).pk


def a_factor(client: Client) -> str:
    """Set up an app that shows codes, and return its secret."""
    page = client.get(f"{FACTORS}totp/activate/")
    assert page.status_code == 200
    secret = str(client.session["mfa.totp.secret"])
    done = client.post(f"{FACTORS}totp/activate/", {"code": a_code(secret)})
    assert done.headers["Location"] == f"{FACTORS}recovery-codes/"
    return secret


def grown_old(client: Client) -> Client:
    """Let it be long ago that whoever is there signed in."""
    session = client.session
    session["account_authentication_methods"] = [
        one | {"at": one["at"] - 301} for one in session["account_authentication_methods"]
    ]
    session.save()
    return client


def test_a_coordinator_by_provider_alone_is_led_to_a_second_factor_and_acts_with_it(tmp_path: Path) -> None:
    with a_provider(tmp_path, MIA):
        client = an_invited_client(role=Role.COORDINATOR)
        assert sign_in_as(client, "mia") == FACTORS
        assert client.get("/cases").headers["Location"] == FACTORS
        secret = a_factor(client)
        again = Client()
        assert sign_in_as(again, "mia") == f"{FACTORS}authenticate/"
        assert again.get(WHOAMI).status_code == 401  # the provider's word is not enough any more
        assert again.post(f"{FACTORS}authenticate/", {"code": a_code(secret)}).headers["Location"] == "/"
        assert again.get(WHOAMI).json()["second_factor"] and again.get("/cases").status_code == 200


def test_who_lost_the_app_comes_in_by_a_recovery_code_once(tmp_path: Path) -> None:
    with a_provider(tmp_path, MIA):
        client = an_invited_client(role=Role.COORDINATOR)
        sign_in_as(client, "mia")
        secret = a_factor(client)
        client.post(f"{FACTORS}reauthenticate/", {"code": a_code(secret)})
        code = client.get(f"{FACTORS}recovery-codes/download/").content.decode().split()[0]
        for location in ("/", None):
            again = Client()
            sign_in_as(again, "mia")
            answer = again.post(f"{FACTORS}authenticate/", {"code": code})
            assert answer.headers.get("Location") == location
            assert again.get(WHOAMI).status_code == (200 if location else 401)


@pytest.mark.parametrize(
    "address",
    [f"{FACTORS}totp/activate/", f"{FACTORS}webauthn/add/", "/account/password/first", "/account/providers/"],
)
def test_an_old_session_by_provider_alone_changes_no_way_to_sign_in(address: str, tmp_path: Path) -> None:
    with a_provider(tmp_path, MIA):
        client = an_invited_client(role=Role.COORDINATOR)
        sign_in_as(client, "mia")
        assert client.get(address).status_code == 200
        for answer in (grown_old(client).get(address), client.post(address, {"code": "1", "password1": "x"})):
            assert answer.status_code == 403 and "Sign in with Office" in answer.content.decode()
        assert client.get(FACTORS).status_code == 200  # looking is free
        sign_in_as(client, "mia")
        assert client.get(address).status_code == 200


def test_an_old_session_by_provider_alone_ties_no_further_login(tmp_path: Path) -> None:
    with a_provider(tmp_path, MIA, User(sub="eve", claims={"email": "eve@people.example", "email_verified": True})):
        client = an_invited_client()
        sign_in_as(client, "mia")
        assert "Sign in again" in sign_in_as(grown_old(client), "eve", process="connect")
        assert SocialAccount.objects.get().uid == "mia"
        sign_in_as(client, "mia")
        sign_in_as(client, "eve", process="connect")
        assert SocialAccount.objects.count() == 2


def test_an_answer_that_this_session_did_not_ask_for_signs_nobody_in(tmp_path: Path) -> None:
    with a_provider(tmp_path, MIA):
        sign_in_as(an_invited_client(), "mia")
        victim, attacker = Client(), Client()
        there = attacker.post("/sign-in/with/office/login/?process=login")
        location = urlsplit(httpx.post(there["Location"], data={"sub": "mia"}).headers["Location"])
        victim.get(f"{location.path}?{location.query}")
        assert victim.get(WHOAMI).status_code == 401


@pytest.mark.parametrize(
    "text",
    ["{}", "[1]", '[{"id": "x"}]', "[", '[{"id": 1, "name": "", "issuer": "", "client_id": "", "client_secret": ""}]'],
)
def test_a_file_that_names_no_providers_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "providers.json"
    file.write_text(text, "utf-8")
    with pytest.raises(ClearinghouseError):
        openid_apps(file)


def test_an_issuer_is_asked_over_https_but_on_loopback(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="HTTPS"):
        openid_apps(a_file(tmp_path, issuer="http://id.example"))
    assert openid_apps(a_file(tmp_path))[0]["settings"]["server_url"] == "https://id.example"
    assert openid_apps(None) == []
    with pytest.raises(Malformed, match="cannot be read"):
        openid_apps(tmp_path / "none.json")
