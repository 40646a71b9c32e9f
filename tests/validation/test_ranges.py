import math
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.releases.rules import Release
from clearinghouse.validation.lines import AffectedRange, Line, ReleaseResult, ReleaseStatus, events_of
from clearinghouse.validation.ranges import budget, lines_of, search

A, U, N = ReleaseStatus.AFFECTED, ReleaseStatus.UNAFFECTED, ReleaseStatus.NOT_RUN
DAY = datetime(2020, 1, 1, tzinfo=UTC)


def searched(
    statuses: list[ReleaseStatus],
    *,
    known: int | None = None,
    exhaustive: bool = False,
    early: frozenset[int] = frozenset(),
) -> Line:
    versions = [str(number) for number in range(len(statuses))]
    start = {str(known): ReleaseResult(str(known), statuses[known], "run")} if known is not None else {}
    steps = search(versions, known=start, exhaustive=exhaustive, early=frozenset(map(str, early)))
    try:
        wanted = next(steps)
        while True:
            wanted = steps.send(ReleaseResult(wanted, statuses[int(wanted)], "run"))
    except StopIteration as end:
        line: Line = end.value
        return line


@given(st.integers(0, 80), st.integers(1, 80), st.integers(0, 80), st.data())
def test_a_line_that_is_affected_in_one_stretch_is_found_exactly_and_within_the_budget(
    before: int, affected: int, after: int, data: st.DataObject
) -> None:
    statuses = [U] * before + [A] * affected + [U] * after
    known = data.draw(st.integers(before, before + affected - 1))
    line = searched(statuses, known=known)
    assert [one.status for one in line.results] == statuses
    assert line.probes <= budget(len(statuses)) == math.floor(2 * math.log2(len(statuses))) + 8


@given(st.integers(0, 20), st.integers(0, 40), st.integers(1, 40), st.integers(0, 40), st.data())
def test_releases_that_cannot_run_at_the_old_end_do_not_hide_the_borders(
    silent: int, before: int, affected: int, after: int, data: st.DataObject
) -> None:
    statuses = [N] * silent + [U] * before + [A] * affected + [U] * after
    known = data.draw(st.integers(silent + before, silent + before + affected - 1))
    line = searched(statuses, known=known)
    # never misjudged: what is called affected or unaffected is so; what was not reached says that it was not run
    assert all(one.status in (statuses[int(one.version)], N) for one in line.results)
    assert {one.version for one in line.results if one.status is A} == {
        str(i) for i, status in enumerate(statuses) if status is A
    }


@given(st.integers(0, 30), st.integers(2, 30), st.integers(0, 30), st.data())
def test_single_releases_inside_that_cannot_run_hide_no_border(
    before: int, affected: int, after: int, data: st.DataObject
) -> None:
    statuses = [U] * before + [A] * affected + [U] * after
    known = data.draw(st.integers(before, before + affected - 1))
    inside = [index for index in range(1, len(statuses) - 1) if index != known]
    silent = data.draw(st.sampled_from(inside)) if inside else known
    ran = [status if index == known or index != silent else N for index, status in enumerate(statuses)]
    line = searched(ran, known=known)
    assert all(one.status is ran[int(one.version)] or int(one.version) == silent for one in line.results)


def test_a_gap_with_a_release_that_cannot_run_is_inferred_from_those_that_ran_alike() -> None:
    line = searched([N] * 12 + [U] * 4 + [N] * 3 + [U] * 8 + [N] + [U] * 21 + [A] + [U] * 8, known=49)
    assert [one.status for one in line.results[:16]] == [N] * 12 + [U] * 4
    assert [one.version for one in line.results if one.status is A] == ["49"]
    assert all(one.status is U or one.how == "run" for one in line.results[16:49])


def test_pre_releases_from_before_a_fix_are_found_although_their_number_is_higher() -> None:
    statuses = [U] * 9 + [A] * 12 + [U] * 3 + [A] * 2 + [U] * 20
    early = frozenset(range(24, 28))
    assert [one.status for one in searched(statuses, known=15, early=early).results] == statuses


@given(st.lists(st.sampled_from([A, U, N]), min_size=1, max_size=40))
def test_an_exhaustive_search_says_of_each_release_what_it_is(statuses: list[ReleaseStatus]) -> None:
    assert [one.status for one in searched(statuses, exhaustive=True).results] == statuses


@given(st.lists(st.sampled_from([A, U, N]), min_size=1, max_size=200))
def test_the_budget_holds_whatever_the_line_is_like(statuses: list[ReleaseStatus]) -> None:
    assert searched(statuses).probes <= budget(len(statuses))


def test_nothing_is_inferred_between_releases_that_did_not_run() -> None:
    statuses = [N] * 60
    assert all(one.how in ("run", "not-run") and one.status is N for one in searched(statuses).results)


def test_events_open_and_close_each_affected_stretch() -> None:
    statuses = [U, A, A, U, A]
    results = [ReleaseResult(str(i), status, "run") for i, status in enumerate(statuses)]
    assert events_of(results) == ({"introduced": "1"}, {"fixed": "3"}, {"introduced": "4"}, {"last_affected": "4"})


def test_a_release_that_could_not_run_neither_fixes_nor_introduces() -> None:
    results = [ReleaseResult(str(i), status, "run") for i, status in enumerate([A, N, A, U])]
    assert events_of(results) == ({"introduced": "0"}, {"fixed": "3"})


def release(version: str, days: int) -> Release:
    return Release("pkg:pypi/x", version, DAY + timedelta(days=days), (), "", yanked=False)


def test_where_dates_say_nothing_only_majors_are_told_apart() -> None:
    days = [90, 20, 70, 10, 60, 5, 80, 30]
    releases = [release(f"1.{index // 4}.{index % 4}", day) for index, day in enumerate(days)]
    assert lines_of([*releases, release("2.0.0", 1)]) == (tuple(one.version for one in releases), ("2.0.0",))


def test_events_over_all_lines_begin_at_zero_when_the_first_release_is_affected() -> None:
    first = Line((ReleaseResult("1.0", A, "run"), ReleaseResult("1.1", U, "run")), 2, ())
    second = Line((ReleaseResult("2.0", A, "run"),), 1, ())
    found = AffectedRange("pkg:pypi/x", (first, second), exhaustive=False)
    assert found.events() == ({"introduced": "0"}, {"fixed": "1.1"}, {"introduced": "2.0"}, {"last_affected": "2.0"})


def test_a_wrong_date_inside_a_minor_version_makes_no_line() -> None:
    days = [0, 1, 2, 900, 20, 30, 31, 32]
    releases = [release(f"1.0.{index}", day) for index, day in enumerate(days)]
    assert lines_of(releases) == (tuple(one.version for one in releases),)


def test_a_backport_begins_a_line_of_its_own() -> None:
    releases = [
        release("1.2.0", 0),
        release("1.2.1", 10),
        release("1.2.2", 90),
        release("2.0.0", 20),
        release("2.1.0", 80),
    ]
    assert lines_of(releases) == (("1.2.0", "1.2.1", "1.2.2"), ("2.0.0", "2.1.0"))
