"""Tests of clearinghouse/parties/accounts.py and securing.py: second factors and what they open, by requests."""

import json
import re
from urllib.parse import urlsplit

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client, override_settings

from clearinghouse.errors import NotFound
from clearinghouse.ledger.models import Event
from clearinghouse.parties.models import Person
from clearinghouse.permissions.rules import Role
from tests.parties.makers import PASSWORD, a_person, a_token

pytestmark = pytest.mark.django_db
WHOAMI = "/api/v1/whoami"
ORGANIZATIONS = "parties:organization:read"


@pytest.fixture(autouse=True)
def _no_earlier_attempts() -> None:
    cache.clear()  # rate limits and used codes are counted there


def a_code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def signed_in(person: Person) -> Client:
    client = Client()
    client.post("/sign-in", {"login": person.email, "password": PASSWORD})
    return client


def set_up_totp(client: Client) -> str:
    """Set up an authenticator app as a person does, and return its secret."""
    client.post("/account/again", {"password": PASSWORD})
    client.get("/account/factors/totp/activate/")
    secret = str(client.session["mfa.totp.secret"])
    answer = client.post("/account/factors/totp/activate/", {"code": a_code(secret)})
    assert answer.status_code == 302, answer.content.decode()
    cache.clear()
    return secret


def test_a_second_factor_opens_what_a_password_alone_does_not() -> None:
    person = a_person(Role.COORDINATOR)
    client = signed_in(person)
    assert client.get(WHOAMI).json()["second_factor"] is False
    secret = set_up_totp(client)
    again = Client()
    asked = again.post("/sign-in", {"login": person.email, "password": PASSWORD})
    assert urlsplit(asked["Location"]).path == "/account/factors/authenticate/"
    assert again.get(WHOAMI).status_code == 401, "the password alone signs nobody in who has a second factor"
    again.post("/account/factors/authenticate/", {"code": a_code(secret)})
    told = again.get(WHOAMI).json()
    assert told["second_factor"] is True and told["roles"] == ["coordinator"]


@pytest.mark.django_db(transaction=True)  # allauth tells of it once it is committed
def test_whoever_sets_up_a_factor_has_shown_it_in_this_session_alone() -> None:
    person = a_person(Role.COORDINATOR)
    client, other = signed_in(person), signed_in(person)
    set_up_totp(client)
    assert client.get(WHOAMI).json()["second_factor"] is True
    assert other.get(WHOAMI).json()["second_factor"] is False


def test_a_wrong_code_signs_nobody_in() -> None:
    person = a_person(Role.COORDINATOR)
    secret = set_up_totp(signed_in(person))
    again = Client()
    again.post("/sign-in", {"login": person.email, "password": PASSWORD})
    wrong = f"{(int(a_code(secret)) + 1) % 1_000_000:06d}"
    assert again.post("/account/factors/authenticate/", {"code": wrong}).status_code == 200
    assert again.get(WHOAMI).status_code == 401


def test_a_code_is_good_once() -> None:
    person = a_person(Role.FINDER)
    secret = set_up_totp(signed_in(person))
    code = a_code(secret)
    for expected in (200, 401):
        again = Client()
        again.post("/sign-in", {"login": person.email, "password": PASSWORD})
        again.post("/account/factors/authenticate/", {"code": code})
        assert again.get(WHOAMI).status_code == expected


def test_the_secret_of_a_factor_is_sealed_and_opens_only_under_the_same_key() -> None:
    client = signed_in(a_person())
    secret = set_up_totp(client)
    kept = Authenticator.objects.get(type=Authenticator.Type.TOTP).data["secret"]
    assert secret not in kept and get_adapter().decrypt(kept) == secret
    with override_settings(SECRET_KEY="another key of the web"), pytest.raises(NotFound, match="another key"):
        get_adapter().decrypt(kept)


def test_what_changes_about_signing_in_is_written_down() -> None:
    person = a_person()
    client = signed_in(person)
    set_up_totp(client)
    client.post("/account/again", {"password": PASSWORD})
    client.post("/account/factors/totp/deactivate/")
    new = {"oldpassword": PASSWORD, "password1": f"{PASSWORD} 2", "password2": f"{PASSWORD} 2"}
    assert client.post("/account/password", new).status_code == 302
    events = Event.objects.filter(verb="parties:person:secure", subject=str(person.pk), actor=person.pk)
    told = [json.loads(bytes(one.body or b""))["details"]["what"] for one in events.order_by("number")]
    assert told == [
        "second factor added (totp)",
        "second factor added (recovery_codes)",
        "second factor removed (totp)",
        "second factor removed (recovery_codes)",
        "password changed",
    ]


def test_a_factor_can_be_added_only_after_showing_the_password_again() -> None:
    client = signed_in(a_person())
    for page in ("/account/factors/webauthn/add/", "/account/factors/totp/activate/"):
        assert urlsplit(client.get(page)["Location"]).path == "/account/again"
        assert urlsplit(client.post(page)["Location"]).path == "/account/again"
    client.post("/account/again", {"password": "wrong"})
    assert client.get("/account/factors/webauthn/add/").status_code == 302
    client.post("/account/again", {"password": PASSWORD})
    assert client.get("/account/factors/webauthn/add/").status_code == 200


def test_one_s_own_ways_to_sign_in_are_for_who_has_signed_in_and_never_for_a_token() -> None:
    pages = ["/account/factors/", "/account/password", "/account/factors/totp/activate/", "/account/providers/"]
    token = {"authorization": f"Bearer {a_token(a_person(), 'parties')}"}
    for page in pages:
        assert urlsplit(Client().get(page)["Location"]).path == "/sign-in"
        assert Client().get(page, headers=token).status_code in (302, 401)
    client = signed_in(a_person())
    client.post("/account/again", {"password": PASSWORD})
    assert [client.get(page).status_code for page in pages] == [200] * len(pages)


def test_the_pages_of_sign_in_hold_no_script_that_the_policy_would_stop() -> None:
    client = signed_in(a_person())
    client.post("/account/again", {"password": PASSWORD})
    for page in ("/sign-in", "/account/factors/", "/account/factors/webauthn/add/", "/account/factors/totp/activate/"):
        content = (Client() if page == "/sign-in" else client).get(page).content.decode()
        for attributes in re.findall(r"<script([^>]*)>", content):
            assert "src=" in attributes or 'type="application/json"' in attributes, attributes
        assert " onclick=" not in content and " style=" not in content and "<style" not in content
        for source in re.findall(r'<script src="([^"]+)"', content):
            if source.startswith(("/static/mfa/", "/static/account/")):
                assert Client().get(source).headers["Content-Type"].startswith("text/javascript")


def test_no_other_file_of_allauth_is_served() -> None:
    assert Client().get("/static/account/js/account.js").status_code == 404
    assert Client().get("/static/mfa/js/..%2f..%2f..%2fadapter.py").status_code in (400, 404)


def test_guessing_a_password_is_slowed_down() -> None:
    person, client = a_person(), Client()
    wrong = [client.post("/sign-in", {"login": person.email, "password": "wrong"}) for _ in range(6)]
    assert b"Too many failed" in wrong[-1].content
    refused = client.post("/sign-in", {"login": person.email, "password": PASSWORD})
    assert refused.status_code == 200 and client.get(WHOAMI).status_code == 401


def test_an_address_without_an_account_is_answered_like_one_with() -> None:
    known = Client().post("/sign-in", {"login": a_person().email, "password": "wrong"}).content.decode()
    unknown = Client().post("/sign-in", {"login": "nobody@people.example", "password": "wrong"}).content.decode()
    strip = re.compile(r'value="[^"]*"')
    assert strip.sub("", known) == strip.sub("", unknown)
