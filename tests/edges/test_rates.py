"""Tests of clearinghouse/edges/rates.py, and of where attempts to sign in are counted."""

import time
from typing import Any

import pytest
from django.core.cache.backends.db import DatabaseCache
from django.test import Client, override_settings

from clearinghouse.edges.rates import count_request, network_of
from clearinghouse.errors import TooMany
from clearinghouse.parties.models import Person
from clearinghouse.permissions.rules import Role
from tests.parties.makers import a_person, a_token, right_now

MOST = 3


@pytest.fixture(autouse=True)
def _at_the_start_of_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no minute end while a test counts: the window slides, and forgets a little of the one before."""
    began = time.time() // 60 * 60 + 1
    monkeypatch.setattr(time, "time", lambda: began)


@pytest.mark.django_db
@override_settings(CLEARINGHOUSE_REQUESTS_A_MINUTE=MOST)
def test_who_asks_too_often_is_told_when_to_ask_again_and_nobody_else_waits() -> None:
    busy, other = _token(_person()), _token(_person())
    statuses = [_get(busy).status_code for _ in range(MOST)]
    refused = _get(busy)
    assert statuses == [200] * MOST
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert _get(other).status_code == 200


@pytest.mark.django_db
@override_settings(CLEARINGHOUSE_REQUESTS_A_MINUTE=MOST)
def test_two_tokens_of_one_person_are_counted_together() -> None:
    person = _person()
    one, two = _token(person), _token(person)
    answers = [_get(token).status_code for token in (one, two, one, two)]
    assert answers == [200, 200, 200, 429]


@pytest.mark.django_db
@override_settings(CLEARINGHOUSE_REQUESTS_A_MINUTE=MOST)
def test_guessing_tokens_is_counted_by_where_it_comes_from() -> None:
    answers = [_get(f"ch_{number}", address="192.0.2.7").status_code for number in range(MOST + 1)]
    assert answers == [401] * MOST + [429]
    assert _get("ch_x", address="192.0.2.8").status_code == 401


@pytest.mark.django_db
@override_settings(CLEARINGHOUSE_REQUESTS_A_MINUTE=MOST)
@pytest.mark.parametrize(
    ("page", "status"),
    [("/", 200), ("/sign-in", 200), ("/join/x", 404), ("/cases", 302), ("/tap/v1/submissions/SUB-X", 404)],
)
def test_strangers_are_counted_by_where_they_come_from(page: str, status: int) -> None:
    crowd = Client(REMOTE_ADDR=f"198.51.100.{len(page)}")
    answers = [crowd.get(page) for _ in range(MOST + 1)]
    assert [one.status_code for one in answers] == [status] * MOST + [429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    assert ("problem" in answers[-1]["Content-Type"]) == page.startswith("/tap/")
    assert Client(REMOTE_ADDR=f"203.0.113.{len(page)}").get(page).status_code == status
    assert crowd.get("/static/icon.svg").status_code == crowd.get("/health/ready").status_code == 200


@pytest.mark.django_db
@override_settings(CLEARINGHOUSE_REQUESTS_A_MINUTE=MOST)
def test_who_has_signed_in_does_not_wait_for_strangers_at_the_same_address() -> None:
    crowd, browser = (Client(REMOTE_ADDR="198.51.100.200") for _ in range(2))
    browser.force_login(_person(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert [crowd.get("/").status_code for _ in range(MOST + 1)][-1] == 429
    assert browser.get("/reports").status_code == browser.get("/").status_code == 200


def test_of_ipv6_the_network_of_one_customer_is_counted() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1") != network_of("2001:db8:0:1::1")
    assert network_of("192.0.2.7") == "192.0.2.7"


@override_settings(CLEARINGHOUSE_REQUESTS_A_MINUTE=MOST)
def test_what_was_used_up_comes_back_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(MOST):
        count_request("somebody")
    with pytest.raises(TooMany) as refusal:
        count_request("somebody")
    later = time.time() + 2 * refusal.value.retry_after_seconds + 60
    monkeypatch.setattr(time, "time", lambda: later)
    count_request("somebody")


@override_settings(CLEARINGHOUSE_REQUESTS_A_MINUTE=0)
def test_without_a_bound_nobody_is_refused() -> None:
    for _ in range(1000):
        count_request("anybody")


@pytest.mark.django_db
@override_settings(CLEARINGHOUSE_REQUESTS_A_MINUTE=MOST)
def test_a_browser_is_told_on_a_page() -> None:
    browser = Client()
    browser.force_login(_person(), backend="allauth.account.auth_backends.AuthenticationBackend")
    answers = [browser.get("/reports") for _ in range(MOST + 1)]
    assert [one.status_code for one in answers] == [200] * MOST + [429]
    assert "Too many requests" in answers[-1].content.decode() and "Retry-After" in answers[-1]


@pytest.mark.django_db
def test_attempts_can_be_counted_in_the_database_by_whoever_serves() -> None:
    one, other = (DatabaseCache("edges_counted", {}) for _ in range(2))
    one.set("attempts", [1.5], timeout=60)
    assert other.get("attempts") == [1.5]


def _person() -> Person:
    return a_person(Role.FINDER, at=right_now())


def _token(person: Person) -> str:
    return a_token(person, "findings", at=right_now())


def _get(token: str, *, address: str = "127.0.0.1") -> Any:  # noqa: ANN401 - Django's untyped answer
    return Client(REMOTE_ADDR=address, headers={"Authorization": f"Bearer {token}"}).get("/api/v1/findings")
