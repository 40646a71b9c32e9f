from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearinghouse.deconfliction.rules.prefixes import Prefix, parse_prefix
from clearinghouse.deconfliction.rules.scan_index import Laid, ScanIndex
from clearinghouse.deconfliction.rules.sightings import (
    MOST_SHOWN,
    Answer,
    Reach,
    Sighting,
    Standing,
    StandingScan,
    answer_from,
    judge,
)
from clearinghouse.errors import Malformed
from tests.deconfliction.scans import HOUR, NOON, a_scan, a_sighting, by_brute_force, scans, sightings


def _told(found: Answer) -> set[tuple[str, tuple[str, ...], str]]:
    return {(one.scan.intent, tuple(miss.sentence for miss in one.misses), one.unsaid) for one in found.matches}


@settings(max_examples=100, deadline=None)
@given(scans(), sightings())
def test_the_index_answers_as_looking_at_every_scan_does(standing: list[StandingScan], sighting: Sighting) -> None:
    expected = answer_from(sighting, by_brute_force(standing, sighting))
    found = ScanIndex.build(standing).answer(sighting)
    assert found.standing == expected.standing
    assert found.more == expected.more or expected.standing is Standing.OUTSIDE
    if expected.standing is Standing.REGISTERED and not expected.more:
        assert _told(found) == _told(expected)
    every = {(one.intent, tuple(miss.sentence for miss in judge(one, sighting).misses)) for one in standing}
    assert {(intent, misses) for intent, misses, _ in _told(found)} <= every


@settings(max_examples=25, deadline=None)
@given(scans(), st.lists(sightings(), max_size=5))
def test_an_index_laid_out_and_taken_up_again_answers_the_same(
    standing: list[StandingScan], seen: list[Sighting]
) -> None:
    index = ScanIndex.build(standing)
    again = ScanIndex(index.laid())
    assert again.laid() == index.laid()
    assert [again.answer(one) for one in seen] == [index.answer(one) for one in seen]


@settings(max_examples=25, deadline=None)
@given(scans())
def test_the_order_in_which_scans_come_makes_no_difference(standing: list[StandingScan]) -> None:
    assert ScanIndex.build(standing).laid() == ScanIndex.build(reversed(standing)).laid()


def _many(count: int) -> list[StandingScan]:
    """Return very many scans from one source, each of another network, windows along a year."""
    return [
        a_scan(
            number,
            starts_at=NOON + timedelta(minutes=number - count // 2),
            ends_at=NOON + timedelta(minutes=number - count // 2) + 200 * HOUR,
            reaches=(Reach(Prefix(4, 32, 0xC6336400 + number % 4096)),),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("target", ["198.51.100.9", "198.51.115.255", "192.0.2.1"])
@pytest.mark.parametrize("after_hours", [-1000, 0, 30, 1000])
def test_one_source_with_very_many_scans_is_answered_as_by_looking_at_each(target: str, after_hours: int) -> None:
    standing = _many(5000)
    index = ScanIndex.build(standing)
    sighting = a_sighting(target=target, at=NOON + after_hours * HOUR)
    expected = answer_from(sighting, by_brute_force(standing, sighting))
    found = index.answer(sighting)
    assert found.standing == expected.standing
    if found.standing is Standing.REGISTERED:
        assert _told(found) == _told(expected)
    assert len(found.matches) <= MOST_SHOWN


def test_of_many_that_fit_some_are_shown_and_it_is_said_that_there_are_more() -> None:
    standing = [a_scan(number) for number in range(MOST_SHOWN + 5)]
    found = ScanIndex.build(standing).answer(a_sighting())
    assert (len(found.matches), found.more) == (MOST_SHOWN, True)


def test_a_scan_with_names_among_very_many_is_not_overlooked() -> None:
    named = a_scan(99_999, reaches=(), hosts=("shop.example",), starts_at=NOON - HOUR)
    sighting = a_sighting(target="192.0.2.1")
    found = ScanIndex.build([*_many(5000), named]).answer(sighting)
    assert found.standing is Standing.REGISTERED
    assert [one.scan.intent for one in found.matches] == [named.intent]
    assert found.matches[0].unsaid


def test_a_scan_that_names_overlapping_sources_is_told_once() -> None:
    scan = a_scan(sources=(parse_prefix("203.0.113.0/24"), parse_prefix("203.0.113.0/28")))
    assert len(ScanIndex.build([scan]).answer(a_sighting()).matches) == 1


def test_an_empty_index_knows_nobody() -> None:
    assert ScanIndex.build([]).answer(a_sighting()).standing is Standing.UNKNOWN


def test_nothing_of_a_scan_is_lost_but_its_other_sources() -> None:
    scan = a_scan(
        sources=(parse_prefix("2001:db8::/32"),),
        reaches=(Reach(parse_prefix("2001:db8:1::/48"), 80, 443), Reach(parse_prefix("198.51.100.0/25"))),
        hosts=("*.shop.example",),
        rate_per_second=60,
        constraints=("one", "two"),
        revoked_at=NOON + HOUR,
    )
    other = replace(scan, intent=a_scan(2).intent, reaches=None, rate_per_second=None, revoked_at=None)
    found = ScanIndex.build([scan, other]).answer(a_sighting("2001:db8::7", "2001:db8:1::1", port=80))
    assert {one.scan for one in found.matches} == {scan, other}


@pytest.mark.parametrize("changed", ["short", "cut", "few"])
def test_columns_that_do_not_belong_together_are_refused(changed: str) -> None:
    laid = ScanIndex.build([a_scan()]).laid()
    columns = {
        "short": (b"\0" * 16, *laid.columns[1:]),
        "cut": (*laid.columns[:1], laid.columns[1][:-1], *laid.columns[2:]),
        "few": laid.columns[1:],
    }[changed]
    if changed == "short":
        columns = (b"", *laid.columns[1:])
    with pytest.raises(Malformed):
        ScanIndex(Laid(columns, laid.spans, laid.texts))
