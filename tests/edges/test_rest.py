"""Tests of clearinghouse/edges/rest.py, problems.py and idempotency.py, by an API made for them."""

import json
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from ninja import Schema, Status
from ninja.decorators import decorate_view

from clearinghouse.config.urls import urlpatterns as real
from clearinghouse.edges.doors import door
from clearinghouse.edges.idempotency import idempotent
from clearinghouse.edges.models import KeptAnswer
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.edges.rest import addresses, demand_current, make_api, tag
from clearinghouse.errors import Conflict, NotFound, NotPermitted
from clearinghouse.parties.models import Organization
from clearinghouse.permissions.rules import Role
from tests.parties.makers import NOON, a_person, a_token, right_now

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_addresses")]

api = make_api(title="test", version="test", description="")


class Thing(Schema):
    name: str
    size: int


SHELF = {"thing": Thing(name="one", size=1)}


@api.get("/thing", response={200: Thing} | REFUSALS)
@door("parties:person:read")
def read(request: HttpRequest, response: HttpResponse) -> Thing:  # noqa: ARG001
    tag(response, SHELF["thing"])
    return SHELF["thing"]


@api.get("/things", response={200: list[str]} | REFUSALS)
@door("parties:person:read")
def shelf(request: HttpRequest, limit: int = 9) -> list[str]:  # noqa: ARG001
    return sorted(SHELF)[:limit]


@api.put("/thing", response={200: Thing} | REFUSALS)
@door("parties:person:read")
def replace(request: HttpRequest, body: Thing) -> Thing:
    demand_current(request, SHELF["thing"])
    SHELF["thing"] = body
    return body


@api.post("/organizations", response={201: Thing} | REFUSALS)
@decorate_view(idempotent)
@door("parties:person:read")
def found(request: HttpRequest, body: Thing) -> Status[Thing]:  # noqa: ARG001
    count = Organization.objects.count()
    Organization.objects.create(name=f"{body.name} {count}", created_at=NOON)
    if body.size < 0:
        raise Conflict("a size below nothing")
    return Status(201, Thing(name=body.name, size=count))


@api.get("/refuses/{kind}", response={200: Thing} | REFUSALS)
@door("parties:person:read")
def refuses(request: HttpRequest, kind: str) -> Thing:  # noqa: ARG001
    raise {"absent": NotFound("x"), "hidden": NotFound("other"), "forbidden": NotPermitted("not for you")}[kind]


class _Urls:
    urlpatterns = [path("api/test/", addresses(api)), *real]
    handler404 = "clearinghouse.config.views.not_found"


@pytest.fixture(name="_addresses")
def _use_addresses() -> object:
    SHELF["thing"] = Thing(name="one", size=1)
    with override_settings(ROOT_URLCONF=_Urls):
        yield


@pytest.fixture
def client() -> Client:

    now = right_now()
    token = a_token(a_person(Role.FINDER, at=now), "parties:person", at=now)
    return Client(headers={"Authorization": f"Bearer {token}"})


def _send(client: Client, address: str, body: object, method: str = "POST", **headers: str) -> Any:  # noqa: ANN401 - Django's untyped answer
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.generic(method, f"/api/test{address}", raw, content_type="application/json", headers=headers)


def test_a_stranger_is_told_to_send_a_token() -> None:
    answer = Client().get("/api/test/thing")
    assert answer.status_code == 401 and answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Content-Type"] == "application/problem+json" and answer.json()["code"] == "sign-in-needed"


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ch_unknown", "ch_unknown", ""])
def test_what_is_no_token_lets_nobody_in(header: str) -> None:
    assert Client(headers={"Authorization": header}).get("/api/test/thing").status_code == 401


def test_a_token_that_does_not_hold_is_not_saved_by_a_session() -> None:
    browser = Client(headers={"Authorization": "Bearer ch_unknown"})
    browser.force_login(a_person(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.get("/api/test/thing").status_code == 401


def test_a_session_reads_and_changes_only_with_the_token_of_our_forms() -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(a_person(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.get("/api/test/thing").status_code == 200
    body = {"name": "a", "size": 1}
    refused = _send(browser, "/organizations", body)
    assert refused.status_code == 403 and "X-CSRFToken" in refused.json()["detail"]
    browser.get("/")  # any page with a form
    csrf = browser.cookies["clearinghouse_csrf"].value
    assert _send(browser, "/organizations", body, **{"X-CSRFToken": csrf}).status_code == 201


def test_every_violation_is_told_at_once(client: Client) -> None:
    answer = _send(client, "/organizations", {"size": "many"})
    assert answer.status_code == 422 and answer.json()["code"] == "request-invalid"
    assert {one["field"] for one in answer.json()["violations"]} == {"body.name", "body.size"}


def test_a_violation_names_the_place_as_the_client_wrote_it(client: Client) -> None:
    whole = _send(client, "/organizations", b"")
    assert [one["field"] for one in whole.json()["violations"]] == ["body"]
    asked = client.get("/api/test/things", {"limit": "many"})
    assert [one["field"] for one in asked.json()["violations"]] == ["query.limit"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"name": "a", "name": "b", "size": 1}', "duplicate-key"),
        (b'{"name": "a", "size": NaN}', "not-a-number"),
        (b'{"name": "\\ud800", "size": 1}', "lone-surrogate"),
        (b"[" * 50 + b"]" * 50, "too-deep"),
    ],
)
def test_a_body_that_two_readers_would_read_differently_is_refused(client: Client, body: bytes, code: str) -> None:
    answer = _send(client, "/organizations", body)
    assert answer.status_code == 422 and [one["code"] for one in answer.json()["violations"]] == [code]


def test_a_body_that_is_no_json_is_refused_with_where(client: Client) -> None:
    answer = _send(client, "/organizations", b"{")
    assert answer.status_code == 422 and answer["Content-Type"] == "application/problem+json"


def test_what_is_absent_and_what_is_hidden_are_the_same_bytes(client: Client) -> None:
    answers = [client.get(f"/api/test/refuses/{kind}") for kind in ("absent", "hidden")] + [client.get("/api/nothing")]
    assert {one.status_code for one in answers} == {404} and len({one.content for one in answers}) == 1


def test_what_one_may_see_but_not_do_is_refused_with_the_reason(client: Client) -> None:
    answer = client.get("/api/test/refuses/forbidden")
    assert answer.status_code == 403 and answer.json()["detail"] == "not for you"


def test_a_change_says_what_it_was_decided_on(client: Client) -> None:
    read = client.get("/api/test/thing")
    body = {"name": "two", "size": 2}
    assert _send(client, "/thing", body, "PUT").json()["code"] == "condition-missing"
    assert _send(client, "/thing", body, "PUT", **{"If-Match": '"other"'}).status_code == 412
    assert _send(client, "/thing", body, "PUT", **{"If-Match": f'"other", {read["ETag"]}'}).status_code == 200
    assert _send(client, "/thing", body, "PUT", **{"If-Match": read["ETag"]}).json()["code"] == "outdated"
    assert client.get("/api/test/thing")["ETag"] != read["ETag"]


def test_the_same_request_sent_twice_is_done_once(client: Client) -> None:
    body, before = {"name": "a", "size": 1}, Organization.objects.count()
    first, again = (_send(client, "/organizations", body, **{"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.status_code == again.status_code == 201 and first.content == again.content
    assert "Idempotency-Replayed" not in first and again["Idempotency-Replayed"] == "true"
    assert again["Content-Type"] == first["Content-Type"]
    assert Organization.objects.count() == before + 1


def test_a_key_that_was_used_for_another_request_is_refused(client: Client) -> None:
    _send(client, "/organizations", {"name": "a", "size": 1}, **{"Idempotency-Key": "k1"})
    answer = _send(client, "/organizations", {"name": "b", "size": 1}, **{"Idempotency-Key": "k1"})
    assert answer.status_code == 422 and answer.json()["violations"][0]["code"] == "idempotency-key-reused"


def test_without_a_key_every_request_is_done(client: Client) -> None:
    before = Organization.objects.count()
    for _ in range(2):
        _send(client, "/organizations", {"name": "a", "size": 1})
    assert Organization.objects.count() == before + 2


def test_a_refusal_is_not_kept_and_leaves_nothing_behind(client: Client) -> None:
    before = Organization.objects.count()
    refused = _send(client, "/organizations", {"name": "a", "size": -1}, **{"Idempotency-Key": "k1"})
    assert refused.status_code == 409 and not KeptAnswer.objects.exists() and Organization.objects.count() == before
    assert _send(client, "/organizations", {"name": "a", "size": 1}, **{"Idempotency-Key": "k1"}).status_code == 201


def test_a_key_belongs_to_whoever_used_it(client: Client) -> None:

    now = right_now()
    other = Client(headers={"Authorization": f"Bearer {a_token(a_person(at=now), 'parties', at=now)}"})
    before = Organization.objects.count()
    for one in (client, other):
        answer = _send(one, "/organizations", {"name": "a", "size": 1}, **{"Idempotency-Key": "k1"})
        assert "Idempotency-Replayed" not in answer
    assert Organization.objects.count() == before + 2


def test_a_kept_answer_is_forgotten_after_a_day(client: Client) -> None:
    body = {"name": "a", "size": 1}
    _send(client, "/organizations", body, **{"Idempotency-Key": "k1"})
    KeptAnswer.objects.update(kept_at=NOON)
    assert "Idempotency-Replayed" not in _send(client, "/organizations", body, **{"Idempotency-Key": "k1"})


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_a_key_that_cannot_be_kept_is_refused(client: Client, key: str) -> None:
    answer = _send(client, "/organizations", {"name": "a", "size": 1}, **{"Idempotency-Key": key})
    assert answer.json()["violations"][0]["code"] == "idempotency-key-unusable"
