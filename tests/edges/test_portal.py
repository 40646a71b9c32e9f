"""Tests of clearinghouse/edges/portal.py, headers.py and config/views.py, by pages of a server made for them."""

from uuid import uuid4

import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from clearinghouse.config.urls import urlpatterns as real
from clearinghouse.edges.doors import actor_of, door, public
from clearinghouse.errors import ClearinghouseError, Conflict, NotFound, NotPermitted, Problem, Refused, Unavailable
from clearinghouse.permissions.rules import Role
from tests.parties.makers import a_person

REFUSALS: dict[str, ClearinghouseError] = {
    "absent": NotFound("no such case"),
    "forbidden": NotFound("no such case that you may see"),
    "not-permitted": NotPermitted("cases:case:open is not for <b>finder</b>"),
    "conflict": Conflict("somebody was quicker"),
    "unavailable": Unavailable("the index does not answer"),
    "refused": Refused((Problem("a", "title", "is empty", "write one"), Problem("b", "", "is odd", "make it even"))),
}


@door("cases:case:read")
def _mine(request: HttpRequest) -> HttpResponse:
    return HttpResponse(actor_of(request).name)


@public("a test")
def _refuses(_: HttpRequest, name: str) -> HttpResponse:
    raise REFUSALS[name]


@public("a test")
def _raises_404(_: HttpRequest) -> HttpResponse:
    raise Http404("a secret reason")


@public("a test")
def _breaks(_: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("a secret reason")


def _undeclared(_: HttpRequest) -> HttpResponse:
    return HttpResponse("never shown")


class _Urls:
    urlpatterns = [
        *real,
        path("mine", _mine),
        path("refuses/<str:name>", _refuses),
        path("raises", _raises_404),
        path("breaks", _breaks),
        path("api/breaks", _breaks),
        path("undeclared", _undeclared),
    ]
    handler404 = "clearinghouse.config.views.not_found"
    handler500 = "clearinghouse.config.views.failed"


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_addresses")]


@pytest.fixture(name="_addresses")
def _use_addresses() -> object:
    with override_settings(ROOT_URLCONF=_Urls):
        yield


def _signed_in(*roles: Role) -> Client:
    client = Client()
    client.force_login(a_person(*roles), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_whoever_has_not_signed_in_is_sent_to_sign_in_and_back() -> None:
    answer = Client().get("/mine?a=1")
    assert answer.status_code == 302 and answer["Location"] == "/sign-in?next=/mine%3Fa%3D1"


def test_a_change_by_a_stranger_is_refused_and_not_redirected() -> None:
    answer = Client().post("/mine")
    assert answer.status_code == 401 and b"Sign in first" in answer.content


def test_a_token_that_does_not_hold_is_refused_and_not_redirected() -> None:
    assert Client().get("/mine", headers={"Authorization": "Bearer ch_no"}).status_code == 401


def test_whoever_signed_in_passes_the_door() -> None:
    assert _signed_in(Role.FINDER).get("/mine").content == b"Ada Finder"


def test_an_address_that_declares_nothing_is_not_there() -> None:
    answer = _signed_in(Role.ADMINISTRATOR).get("/undeclared")
    assert answer.status_code == 404 and b"never shown" not in answer.content


def test_absent_hidden_undeclared_and_unknown_are_the_same_bytes() -> None:
    addresses = ("/refuses/absent", "/refuses/forbidden", "/undeclared", "/raises", f"/{uuid4()}")
    for client in (Client(), _signed_in(Role.FINDER)):
        answers = [client.get(address) for address in addresses]
        assert {one.status_code for one in answers} == {404}
        assert len({one.content for one in answers}) == 1
        assert len({tuple(sorted(one.items())) for one in answers}) == 1


@pytest.mark.parametrize(
    ("name", "status"), [("not-permitted", 403), ("conflict", 409), ("unavailable", 503), ("refused", 422)]
)
def test_a_refusal_is_a_page_with_its_reason(name: str, status: int) -> None:
    answer = Client().get(f"/refuses/{name}")
    assert answer.status_code == status and answer["Content-Type"].startswith("text/html")
    if name == "not-permitted":
        assert b"&lt;b&gt;finder" in answer.content
    if name == "refused":
        assert b"is empty" in answer.content and b"make it even" in answer.content


@pytest.mark.parametrize("address", ["/breaks", "/api/breaks"])
def test_a_fault_says_nothing_of_itself(address: str) -> None:
    answer = Client(raise_request_exception=False).get(address)
    assert answer.status_code == 500 and b"secret reason" not in answer.content
    assert ("problem" in answer["Content-Type"]) == address.startswith("/api/")


def test_an_unknown_address_of_the_api_is_a_problem_document() -> None:
    answer = Client().get("/api/v1/nothing")
    assert answer.status_code == 404 and answer.json()["code"] == "not-found"


def test_a_form_that_is_not_ours_is_refused() -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign-in", {"login": "a@people.example", "password": "x"})
    assert answer.status_code == 403 and b"load the page again" in answer.content


@pytest.mark.parametrize("address", ["/", "/sign-in", "/nothing", "/api/v1/whoami", "/refuses/conflict"])
def test_every_answer_carries_the_headers_that_keep_it_in_its_place(address: str) -> None:
    answer = Client().get(address)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["X-Frame-Options"] == "DENY"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin" and "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin" and "camera=()" in answer["Permissions-Policy"]
