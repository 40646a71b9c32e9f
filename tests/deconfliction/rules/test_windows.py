"""Windows of scans, and the times that owners allow."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.deconfliction.rules.windows import Times, Window, check_window, moment_of, times_of, weekly
from clearinghouse.errors import Malformed

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
moments = st.integers(0, 24 * 21).map(lambda hours: NOON + hours * HOUR)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start = draw(moments)
    return Window(start, start + draw(st.integers(1, 24 * 9)) * HOUR)


@given(windows(), windows())
def test_windows_overlap_exactly_when_they_share_an_hour(one: Window, other: Window) -> None:
    hours = [NOON + hour * HOUR for hour in range(24 * 31)]
    shared = any(
        each.starts_at <= hour < each.ends_at
        for hour in hours
        for each in [one]
        if other.starts_at <= hour < other.ends_at
    )
    assert one.overlaps(other) == other.overlaps(one) == shared


@given(
    st.lists(windows(), max_size=4),
    st.lists(st.tuples(st.integers(0, 167), st.integers(1, 168)), max_size=3),
    windows(),
)
def test_times_hold_a_window_exactly_when_they_hold_every_hour_of_it(
    allowed: list[Window], hours: list[tuple[int, int]], asked: Window
) -> None:
    spans = tuple((start * HOUR, (start + length) * HOUR) for start, length in hours)
    monday = datetime(2026, 11, 23, tzinfo=UTC)

    def open_at(hour: datetime) -> bool:
        of_week = int((hour - monday).total_seconds() // 3600) % 168
        return any(one.starts_at <= hour < one.ends_at for one in allowed) or any(
            start <= of_week < start + length or start <= of_week + 168 < start + length for start, length in hours
        )

    every = [asked.starts_at + number * HOUR for number in range(int(asked.length / HOUR))]
    assert Times(tuple(allowed), spans).hold(asked) == all(map(open_at, every))


@given(st.lists(windows(), min_size=1, max_size=4))
def test_times_are_read_as_they_were_written(allowed: list[Window]) -> None:
    times = Times(tuple(allowed), weekly(["monday", "sunday"], "22:00", "04:00"))
    assert times_of(times.plain()) == times


def test_hours_of_the_night_end_on_the_next_day() -> None:
    assert weekly(["monday"], "22:00", "04:00") == ((22 * HOUR, 28 * HOUR),)
    assert weekly(["tuesday"], "00:00", "24:00") == ((24 * HOUR, 48 * HOUR),)


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        (0, -1, "later"),
        (0, 0, "later"),
        (-3, -1, "over"),
        (-1, 1, "clock"),
        (0, 24 * 31, "renew"),
        (24 * 200, 24 * 201, "180"),
    ],
)
def test_a_window_that_cannot_be_is_refused_with_the_reason(start: int, end: int, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        check_window(Window(NOON + start * HOUR, NOON + end * HOUR), at=NOON)


def test_clocks_may_differ_a_little() -> None:
    early = Window(NOON - timedelta(minutes=5), NOON + HOUR)
    assert check_window(early, at=NOON) == early


def test_times_without_a_timezone_are_refused_and_others_become_utc() -> None:
    with pytest.raises(Malformed, match="timezone"):
        Window(NOON.replace(tzinfo=None), NOON.replace(tzinfo=None) + HOUR)
    east = timezone(timedelta(hours=2))
    checked = check_window(Window(NOON.astimezone(east), (NOON + HOUR).astimezone(east)), at=NOON)
    assert checked.starts_at.tzinfo is UTC


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"windows": [["now", "then"]]},
        {"windows": [["2026-11-23T12:00:00+00:00"]]},
        {"weekly": [[5, 1]]},
        {"weekly": [[-5, 1]]},
        {"weekly": [[0, 10081]]},
        {"weekly": [["a", "b"]]},
        {"weekly": [[0, 10]] * 101},
        {"windows": 7},
    ],
)
def test_times_that_are_none_are_refused(plain: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        times_of(plain)


@pytest.mark.parametrize(("day", "start"), [("someday", "22:00"), ("monday", "25:00"), ("monday", "noon")])
def test_no_day_and_no_hour_are_refused(day: str, start: str) -> None:
    with pytest.raises(Malformed):
        weekly([day], start, "04:00")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", NOON),
        ("+90m", NOON + timedelta(minutes=90)),
        ("+4h", NOON + 4 * HOUR),
        ("+2d", NOON + timedelta(days=2)),
        ("2026-11-23T13:00", NOON + HOUR),
        ("2026-11-23T13:00Z", NOON + HOUR),
        ("2026-11-23T13:00+01:00", NOON),
    ],
)
def test_a_time_is_named_by_a_word_or_in_full(text: str, moment: datetime) -> None:
    assert moment_of(text, after=NOON) == moment


@pytest.mark.parametrize("text", ["", "soon", "+4", "-4h", "+4w", "+99999h", "2026-13-01", "+1h\n"])
def test_what_names_no_time_is_refused_with_what_would_be_right(text: str) -> None:
    with pytest.raises(Malformed, match="write now"):
        moment_of(text, after=NOON)


def test_a_time_after_the_end_of_all_years_is_none() -> None:
    with pytest.raises(Malformed, match="no time"):
        moment_of("+4h", after=datetime(9999, 12, 31, 23, tzinfo=UTC))
