"""Tests of clearinghouse/ledger/rules.py."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Malformed
from clearinghouse.ledger.rules import Deed, leaf_of, opened

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ID = UUID(int=7)


def a_deed(at: datetime = NOON, details: dict[str, Any] | None = None) -> Deed:
    return Deed(ID, "cases:case:open", "case", "1", ID, at, details or {}, 0, "")


def test_the_same_deed_has_the_same_text_in_every_timezone() -> None:
    east = NOON.astimezone(timezone(timedelta(hours=9)))
    assert a_deed(at=east).canonical() == a_deed().canonical()


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text(), max_size=5))
def test_details_are_read_back(details: dict[str, Any]) -> None:
    try:
        text = a_deed(details=details).canonical()
    except Malformed:
        return  # lone surrogates have no UTF-8
    assert json.loads(text)["details"] == details


def test_ids_and_times_are_written_as_text() -> None:
    text = json.loads(a_deed(details={"id": ID, "at": NOON}).canonical())
    assert text["details"] == {"id": str(ID), "at": "2026-11-23T12:00:00.000000+00:00"}


NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal(1), b"bytes", {1}, NAIVE, "\ud800"])
def test_details_that_json_cannot_hold_are_refused(value: object) -> None:
    with pytest.raises(Malformed, match="cannot be written down"):
        a_deed(details={"value": value}).canonical()


def test_a_time_without_a_timezone_is_refused() -> None:
    with pytest.raises(Malformed, match="timezone"):
        a_deed(at=NAIVE).canonical()


@given(st.binary(), st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_a_leaf_says_nothing_without_its_salt(canonical: bytes, salt: bytes, other: bytes) -> None:
    assert (leaf_of(canonical, salt) == leaf_of(canonical, other)) == (salt == other)


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(Malformed, match="salt"):
        leaf_of(b"", b"short")


def test_a_leaf_alone_opens_to_itself() -> None:
    leaf = leaf_of(b"text", bytes(32))
    assert opened(leaf) == (leaf, "")


def test_a_salt_and_an_act_open_to_their_leaf() -> None:
    assert opened(bytes(32) + b"text") == (leaf_of(b"text", bytes(32)), "text")


@pytest.mark.parametrize("extra", [b"short", bytes(32) + b"\xff"])
def test_what_opens_nothing_is_refused(extra: bytes) -> None:
    with pytest.raises(Malformed):
        opened(extra)
