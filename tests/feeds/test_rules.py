"""How old an outside list may be."""

from datetime import UTC, datetime, timedelta

import pytest

from clearinghouse.feeds.rules import ADDRESSES, LARGEST_BYTES, Feed, is_stale

AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(("age", "stale"), [(timedelta(hours=1), False), (timedelta(days=3), True)])
@pytest.mark.parametrize("feed", list(Feed))
def test_a_list_is_stale_when_a_newer_one_is_due(feed: Feed, age: timedelta, stale: bool) -> None:  # noqa: FBT001
    assert is_stale(feed, AT - age, at=AT) is stale


def test_every_list_has_an_address_and_a_limit() -> None:
    assert set(ADDRESSES) == set(LARGEST_BYTES) == set(Feed)
    assert all(address.startswith("https://") for address in ADDRESSES.values())
