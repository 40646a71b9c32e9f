"""Tests of deconfliction/rules/figures.py: what is counted, and the gate that nothing hidden comes through."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.deconfliction.rules.figures import (
    BOUNDS,
    Accepted,
    Attempted,
    Cut,
    Dataset,
    Known,
    Outcome,
    closed_at,
    collisions_prevented,
    duplicates_avoided,
    figures,
    fingerprint,
    waiting,
)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)  # a Thursday
BEFORE = NOW - timedelta(days=20)
HOMES = [UUID(int=number) for number in range(1, 9)]
OUTSIDE = (Cut.MEMBERS, Cut.PUBLIC)


def tried(home: int = 0, scan: str = "a", *, minute: int = 0, outcome: Outcome = Outcome.UNAWARE) -> Attempted:
    return Attempted(HOMES[home], scan, outcome, BEFORE + timedelta(minutes=minute), is_open=True)


def taken(home: int = 0, scan: str = "a", *, minute: int = 0) -> Accepted:
    return Accepted(HOMES[home], scan, BEFORE + timedelta(minutes=minute), is_open=True)


def known(home: int, criticality: int, *covered: datetime, at: datetime = BEFORE) -> Known:
    return Known(HOMES[home], criticality, at, frozenset(covered))


def value(data: Dataset, name: str, cut: Cut = Cut.INTERNAL, *, at: datetime = NOW) -> float | None:
    return next(one.value for one in figures(data, cut, at=at) if one.name.startswith(name))


def test_a_duplicate_is_avoided_when_who_met_another_did_not_go_on() -> None:
    desisted, went_on, again = tried(), tried(1, minute=1), tried(2, minute=5)
    data = Dataset([desisted, went_on, again], [taken(1, minute=2), taken(2, minute=1)])
    assert duplicates_avoided(data) == [desisted, again]
    assert duplicates_avoided(Dataset([tried(minute=1), tried(minute=3)])) == [tried(minute=3)]
    assert duplicates_avoided(Dataset([tried(outcome=Outcome.HELD_BACK)])) == []


def test_a_collision_is_prevented_once_however_often_the_scan_is_tried_until_it_is_accepted() -> None:
    held = Outcome.HELD_BACK
    insisting = [tried(minute=minute, outcome=held) for minute in range(5)]
    assert collisions_prevented(Dataset(insisting)) == insisting[:1]
    assert value(Dataset(insisting), "collisions prevented") == 1
    later = [tried(minute=7, outcome=Outcome.ENDANGERS), tried(minute=8, outcome=held)]
    assert collisions_prevented(Dataset([*insisting, *later], [taken(minute=6)])) == [insisting[0], later[0]]
    others = [tried(1, outcome=held), tried(0, "b", outcome=held), tried(outcome=Outcome.UNAWARE)]
    assert len(collisions_prevented(Dataset([*insisting, *others]))) == 3


def test_the_time_to_a_clear_answer_is_from_the_first_try() -> None:
    data = Dataset([tried(minute=0), tried(minute=5)], [taken(minute=10), taken(1, minute=3), taken(minute=60)])
    assert sorted(wait for _, wait in waiting(data)) == [0.0, 0.0, 600.0]
    assert value(data, "median seconds") == 0


def test_collisions_are_what_endangers_and_what_owners_hold_back() -> None:
    data = Dataset([tried(scan=one.value, outcome=one) for one in Outcome])
    assert value(data, "collisions prevented") == 2


def test_coverage_is_told_by_criticality() -> None:
    old = NOW - timedelta(days=100)
    data = Dataset(known=[known(0, 5, BEFORE), known(1, 5, old), known(2, 5)])
    assert value(data, "percent covered in 90 days, criticality 5") == 33


@pytest.mark.parametrize("cut", OUTSIDE)
def test_what_comes_on_record_or_is_covered_after_the_closed_day_changes_no_coverage(cut: Cut) -> None:
    before = [known(number % 4, 5, BEFORE) for number in range(10)]
    after = [replace(one, covered=one.covered | {NOW}) for one in before]
    young = [known(number % 4, 5, at=NOW) for number in range(10)]
    told = [figures(Dataset(known=each), cut, at=NOW) for each in (before, after, [*before, *young])]
    assert told[0] == told[1] == told[2]
    assert value(Dataset(known=before), "percent covered in 90 days, criticality 5", cut) == 100


def test_a_fingerprint_is_of_technique_and_targets_in_any_order() -> None:
    one, other = {"kind": "host", "name": "a"}, {"name": "b", "kind": "host"}
    assert fingerprint("fuzzing", [one, other]) == fingerprint("fuzzing", [dict(reversed(other.items())), one])
    assert fingerprint("fuzzing", [one]) != fingerprint("static-analysis", [one])


def test_a_cut_ends_with_a_closed_day_or_week() -> None:
    assert closed_at(Cut.MEMBERS, NOW) == datetime(2026, 11, 26, tzinfo=UTC)
    assert closed_at(Cut.PUBLIC, NOW) == datetime(2026, 11, 23, tzinfo=UTC)
    young = [replace(taken(number % 4, str(number)), at=NOW - timedelta(minutes=5)) for number in range(20)]
    assert value(Dataset(accepted=young), "announcements") == 20
    assert value(Dataset(accepted=young), "announcements", Cut.MEMBERS) is None


@pytest.mark.parametrize("cut", OUTSIDE)
def test_too_few_rows_or_organizations_are_held_back(cut: Cut) -> None:
    bounds = BOUNDS[cut]
    enough = [taken(number % bounds.organizations, str(number)) for number in range(bounds.rows)]
    assert value(Dataset(accepted=enough), "announcements", cut) == bounds.rows
    assert value(Dataset(accepted=enough[1:]), "announcements", cut) is None
    few = [replace(one, organization=HOMES[number % 2]) for number, one in enumerate(enough * 3)]
    assert value(Dataset(accepted=few), "announcements", cut) is None


def test_the_public_reads_multiples_of_five() -> None:
    rows = [taken(number % 4, str(number)) for number in range(14)]
    assert value(Dataset(accepted=rows), "announcements", Cut.PUBLIC) == 10
    assert value(Dataset(accepted=rows), "announcements", Cut.MEMBERS) == 14


def test_one_part_that_is_held_back_takes_a_second_along() -> None:
    whole = [known(n % 4, criticality, BEFORE) for criticality in (5, 4, 3) for n in range(6 + criticality)]
    few = [known(0, 2, BEFORE)]
    told = {one.name[-1]: one.value for one in figures(Dataset(known=whole + few), Cut.MEMBERS, at=NOW)[4:]}
    assert told == {"5": 100, "4": 100, "3": None, "2": None, "1": None}


homes = st.sampled_from(HOMES)
moments = st.integers(0, 40).map(lambda days: NOW - timedelta(days=days))
attempts = st.builds(Attempted, homes, st.sampled_from("abc"), st.sampled_from(Outcome), moments, st.booleans())
accepted = st.builds(Accepted, homes, st.sampled_from("abc"), moments, st.booleans())


@given(st.lists(attempts, max_size=40), st.lists(accepted, max_size=40), st.sampled_from(OUTSIDE))
def test_nothing_confidential_and_nothing_young_changes_what_outsiders_read(
    refused: Sequence[Attempted], taken_: Sequence[Accepted], cut: Cut
) -> None:
    whole = Dataset(refused, taken_)
    until = closed_at(cut, NOW)
    without = Dataset(
        [one for one in refused if one.is_open and one.at < until],
        [one for one in taken_ if one.is_open and one.at < until],
    )
    assert figures(whole, cut, at=NOW) == figures(without, cut, at=NOW)


@given(st.lists(accepted, max_size=60), accepted)
def test_one_organizations_one_act_never_shows_as_one_to_the_public(rows: list[Accepted], more: Accepted) -> None:
    one, other = (value(Dataset(accepted=each), "announcements", Cut.PUBLIC) for each in (rows, [*rows, more]))
    if one is not None and other is not None:
        assert other - one in {0, BOUNDS[Cut.PUBLIC].step}
