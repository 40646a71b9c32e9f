"""Tests of clearinghouse/edges/reading.py: one transaction for what a request reads, on a real database."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory

from clearinghouse.edges.reading import read_in_one
from clearinghouse.errors import ClearinghouseError, NotFound

pytestmark = pytest.mark.django_db(transaction=True)


def _view(failure: Exception | None = None) -> Callable[[HttpRequest], HttpResponse]:
    """Return a view that records a row, says whether it is in a transaction, and then fails, if it is to."""

    def view(_: HttpRequest) -> HttpResponse:
        Session.objects.create(session_key="recorded", session_data="", expire_date=datetime(2030, 1, 1, tzinfo=UTC))
        if failure is not None:
            raise failure
        return HttpResponse(str(connection.in_atomic_block))

    return read_in_one(view)


@pytest.mark.parametrize("method", ["get", "head"])
def test_on_postgresql_what_reads_is_in_one_transaction(method: str) -> None:
    request = getattr(RequestFactory(), method)("/")
    assert _view()(request).content.decode() == str(connection.vendor == "postgresql")
    assert Session.objects.count() == 1


def test_what_changes_something_has_none_around_its_actions() -> None:
    assert _view()(RequestFactory().post("/")).content == b"False"


@pytest.mark.parametrize("refusal", [NotFound("no such case"), Http404("no such page")])
def test_what_was_recorded_before_a_refusal_stays(refusal: ClearinghouseError | Http404) -> None:
    with pytest.raises(type(refusal)) as told:
        _view(refusal)(RequestFactory().get("/"))
    assert told.value is refusal
    assert Session.objects.count() == 1


@pytest.mark.only_on("postgresql")
def test_a_fault_takes_back_what_it_had_begun() -> None:
    with pytest.raises(ZeroDivisionError):
        _view(ZeroDivisionError())(RequestFactory().get("/"))
    assert Session.objects.count() == 0


def test_what_answers_in_the_event_loop_is_left_as_it_is() -> None:
    async def view(_: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert read_in_one(view) is view
