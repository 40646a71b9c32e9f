"""Tests of clearinghouse/notices/places.py."""

import secrets
from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.notices.places import micros_of, place_at, places_after

NOW = 1_795_000_000_000_000
moments = st.integers(min_value=0, max_value=NOW * 2)


@given(moments)
def test_a_place_is_an_id_of_version_7_that_holds_its_moment(micros: int) -> None:
    place = place_at(micros, secrets.randbits)
    assert place.version == 7 and place.variant == RFC_4122
    assert micros_of(place) == micros


@given(moments, moments)
def test_places_sort_by_their_moments(one: int, other: int) -> None:
    first, second = place_at(one, secrets.randbits), place_at(other, secrets.randbits)
    if one != other:
        assert (first < second) == (one < other) == (first.hex < second.hex) == (str(first) < str(second))


@given(moments, moments, st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_every_place_lies_after_the_last_whatever_the_clock_says(last: int, now: int, to: list[int]) -> None:
    before = place_at(last, lambda bits: 2**bits - 1)
    found = places_after(before, to, now_micros=now, chance=secrets.randbits)
    assert all(before < one for one in found)
    assert len(set(found)) == len(to)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_what_one_party_is_told_stands_in_the_order_it_was_told(to: list[int]) -> None:
    found = places_after(None, to, now_micros=NOW, chance=secrets.randbits)
    for party in set(to):
        mine = [place for place, one in zip(found, to, strict=True) if one == party]
        assert mine == sorted(mine)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_what_others_are_told_moves_nobodys_place(to: list[int]) -> None:
    found = places_after(None, [*to, 0], now_micros=NOW, chance=lambda _: 0)
    mine = [place for place, one in zip(found, [*to, 0], strict=True) if one == 0]
    alone = places_after(None, [0] * len(mine), now_micros=NOW, chance=lambda _: 0)
    assert mine == alone
