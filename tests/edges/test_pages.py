"""Tests of clearinghouse/edges/pages.py."""

import base64
import json
from datetime import timedelta

import pytest
from django.db.models import QuerySet
from hypothesis import given
from hypothesis import strategies as some

from clearinghouse.edges.pages import MOST, USUAL, Page, page_of, page_of_list
from clearinghouse.errors import Refused
from clearinghouse.parties.models import Organization
from tests.parties.makers import NOON

pytestmark = pytest.mark.django_db


def _fill(count: int) -> None:
    Organization.objects.bulk_create(
        Organization(name=f"{number:03}", created_at=NOON + timedelta(minutes=number // 3)) for number in range(count)
    )


def _listed() -> QuerySet[Organization]:
    return Organization.objects.order_by("-created_at", "pk")


def _all(limit: int, by: tuple[str, ...]) -> list[Organization]:
    found: list[Organization] = []
    cursor = None
    while True:
        page = page_of(_listed(), cursor=cursor, limit=limit, by=by)
        found += page.rows
        if (cursor := page.after) is None:
            return found


@pytest.mark.parametrize("by", [("-created_at", "pk"), ("created_at", "-pk"), ("name",), ("created_at", "-name")])
@pytest.mark.parametrize("limit", [1, 4, 10, 11, 12])
def test_the_pages_together_are_the_list_in_its_order(limit: int, by: tuple[str, ...]) -> None:
    _fill(11)
    assert _all(limit, by) == list(Organization.objects.order_by(*by))


def test_the_last_page_has_nothing_after_it_also_when_it_is_full() -> None:
    _fill(4)
    assert page_of(_listed(), limit=4).after is None
    assert page_of(_listed().none()).rows == ()


@given(some.lists(some.from_regex(r"\A[A-Z0-9-]{1,9}\Z"), unique=True, max_size=12), some.integers(1, 13))
def test_the_pages_of_a_list_together_are_the_list(rows: list[str], limit: int) -> None:
    page: Page[str] = page_of_list(rows, name=str, limit=limit)
    found = list(page.rows)
    while page.after is not None:
        page = page_of_list(rows, name=str, cursor=page.after, limit=limit)
        found += page.rows
    assert found == rows


def test_a_list_gives_no_more_than_a_page_may_hold_and_refuses_what_is_gone() -> None:
    rows = [str(number) for number in range(MOST + 9)]
    assert len(page_of_list(rows, name=str, limit=MOST * 2).rows) == MOST
    first = page_of_list(rows, name=str)
    assert len(first.rows) == USUAL
    for cursor in (first.after, "", "none of ours"):
        with pytest.raises(Refused, match="none that we gave"):
            page_of_list(["another"], name=str, cursor=cursor)


def test_a_row_that_comes_in_between_shifts_nothing() -> None:
    _fill(6)
    first = page_of(_listed(), limit=3)
    Organization.objects.create(name="new", created_at=NOON + timedelta(days=1))
    second = page_of(_listed(), limit=3, cursor=first.after)
    assert len({*first.rows, *second.rows}) == 6 and "new" not in {row.name for row in second.rows}


def test_no_page_is_longer_than_the_most() -> None:
    _fill(250)
    assert len(page_of(_listed(), limit=10_000).rows) == 200
    assert len(page_of(_listed(), limit=-5).rows) == 1


def _cursor(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!",
        "é",
        _cursor([]),
        _cursor({}),
        _cursor(["x", "y"]),
        _cursor([{"at": "never"}, "y"]),
        _cursor([{"at": "2026-11-23T12:00:00+00:00"}, "no-uuid"]),
        _cursor([{"at": "2026-11-23T12:00:00"}, "5f0d2a46-6c0e-5d0b-9a53-0d4a4f4b0c11"]),
        _cursor([None, None]),
        _cursor(["\x00", "\x00"]),
        _cursor([1e308, 10**30]),
    ],
)
def test_a_cursor_that_is_none_of_ours_is_refused(cursor: str) -> None:
    with pytest.raises(Refused, match="cursor"):
        page_of(_listed(), cursor=cursor)


@given(some.text(max_size=60) | some.binary(max_size=40).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_no_text_breaks_the_reader_of_cursors(text: str) -> None:
    with pytest.raises(Refused):
        page_of(_listed().none(), cursor=text)


def test_rows_are_listed_in_their_own_order_and_never_in_none() -> None:
    _fill(5)
    downwards = Organization.objects.order_by("-name")
    first = page_of(downwards, limit=2)
    assert [*first.rows, *page_of(downwards, cursor=first.after).rows] == list(downwards)
    with pytest.raises(ValueError, match="no order"):
        page_of(Organization.objects.all())
