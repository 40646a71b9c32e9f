"""Tests of clearinghouse/edges/doors.py and checks.py."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import path
from ninja import NinjaAPI

from clearinghouse.edges.checks import every_address, every_address_says_whom_it_serves
from clearinghouse.edges.doors import Door, actor_of, actor_or_none, door, door_for, doors_of, public, undeclared
from clearinghouse.errors import Malformed, SignInNeeded
from clearinghouse.permissions.table import the_table


def _view(_: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


@door("cases:case:read")
def _case(_: HttpRequest) -> HttpResponse:
    return HttpResponse("case")


@door("cases:case:admire")
def _unknown(_: HttpRequest) -> HttpResponse:
    return HttpResponse("case")


_api = NinjaAPI(urls_namespace="test-doors", docs_url=None, openapi_url=None)


@_api.get("/thing")
@door("cases:case:read")
def _read(request: HttpRequest) -> str:
    return request.path


@_api.post("/thing")
def _write(request: HttpRequest) -> str:
    return request.path


_patterns = _api.urls[0]


class _Urls:
    urlpatterns = [path("open", _view), path("case", _case), path("api/", (_patterns, "api", "test-doors"))]


def test_every_address_of_the_server_says_whom_it_serves() -> None:
    assert every_address_says_whom_it_serves(None) == []
    assert {"/", "/api/v1/whoami", "/join/<str:secret>"} <= {address for address, _ in every_address()}


@override_settings(ROOT_URLCONF=_Urls)
def test_an_address_that_says_nothing_keeps_the_server_from_starting() -> None:
    found = [str(one.msg) for one in every_address_says_whom_it_serves(None)]
    assert {said.partition(" declares")[0] for said in found} == {"/open", "POST /api/thing", "/api/"}


def test_a_verb_without_a_row_is_as_good_as_none() -> None:
    assert undeclared([("/x", _unknown)], the_table().verbs)[0][1].startswith("declares the verb 'cases:case:admire'")


def test_the_operations_of_one_address_have_doors_of_their_own() -> None:
    view = _patterns[0].callback
    assert view is not None
    assert doors_of(view) == {"GET": Door(verb="cases:case:read"), "POST": None}
    assert door_for(view, "GET") == Door(verb="cases:case:read")
    assert door_for(view, "POST") is None and door_for(view, "DELETE") is None


def test_nothing_is_public_without_a_reason() -> None:
    with pytest.raises(Malformed):
        public("")


def test_who_asks_is_a_stranger_where_nobody_knows() -> None:
    def nobody() -> None:
        raise SignInNeeded("sign in first")

    request = RequestFactory().get("/")
    request.find_actor = nobody  # type: ignore[attr-defined]
    assert actor_or_none(request) is None
    with pytest.raises(SignInNeeded):
        actor_of(request)
