"""When: half-open windows in UTC, and the times that an owner allows."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from clearinghouse.errors import Malformed

LONGEST: Final = timedelta(days=30)
FURTHEST: Final = timedelta(days=180)
"""How long before it starts a scan may be announced."""
SKEW: Final = timedelta(minutes=5)
"""How far a participant's clock may be behind ours."""
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(weeks=1)
_MONDAY: Final = datetime(2024, 1, 1, tzinfo=UTC)
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\Z|(24):(00)\Z")
_MOST_TIMES: Final = 100
_SPAN: Final = re.compile(r"\+(\d{1,4})([mhd])\Z")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """From when, until when, the end not included."""

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        """Refuse a window without a timezone, an empty one, and one that runs backwards.

        Raises:
            Malformed: it is one of these.
        """
        if self.starts_at.utcoffset() is None or self.ends_at.utcoffset() is None:
            raise Malformed("a window needs times with a timezone; write 2026-11-23T12:00:00Z")
        if self.ends_at <= self.starts_at:
            raise Malformed(f"the window ends {self.ends_at} but starts {self.starts_at}; it has to end later")

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%Y-%m-%d %H:%M} UTC"

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.ends_at - self.starts_at

    def overlaps(self, other: "Window") -> bool:
        """Say whether both hold one moment."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def holds(self, other: "Window") -> bool:
        """Say whether every moment of ``other`` is one of this one's."""
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at


ALWAYS: Final = Window(datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))


def moment_of(text: str, *, after: datetime) -> datetime:
    """Return the time that a word names: ``now``, ``+4h`` after another time, or ISO 8601, which is UTC.

    Raises:
        Malformed: it names none.
    """
    if text == "now":
        return after
    try:
        if span := _SPAN.match(text):
            return after + timedelta(**{_UNITS[span[2]]: int(span[1])})
        read = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise Malformed(f"{text[:40]!r} is no time; write now, +4h or 2026-11-23T12:00Z") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def check_window(window: Window, *, at: datetime) -> Window:
    """Return a window in which a scan can be announced now, in UTC.

    Raises:
        Malformed: it is over, too long, too far ahead, or begins before now by more than clocks may differ.
    """
    if window.ends_at <= at:
        raise Malformed(f"the window is over since {window.ends_at}; it is {at:%Y-%m-%d %H:%M:%S} UTC here")
    if window.starts_at < at - SKEW:
        raise Malformed(
            f"the window starts {window.starts_at}, and it is {at:%Y-%m-%d %H:%M:%S} UTC here; clocks may differ by "
            f"{SKEW.seconds // 60} minutes: start now or later, or set your clock"
        )
    if window.length > LONGEST:
        raise Malformed(f"the window is {window.length.days} days long; at most {LONGEST.days}, and then renew it")
    if window.starts_at > at + FURTHEST:
        raise Malformed(f"the window starts {window.starts_at}; announce it at most {FURTHEST.days} days before")
    return Window(window.starts_at.astimezone(UTC), window.ends_at.astimezone(UTC))


@dataclass(frozen=True, slots=True)
class Times:
    """The times in which an owner lets scans run: some windows, and some hours of each week."""

    windows: tuple[Window, ...] = ()
    weekly: tuple[tuple[timedelta, timedelta], ...] = ()
    """From and until, counted from Monday 00:00 UTC; the end may lie in the next week."""

    def hold(self, window: Window) -> bool:
        """Say whether every moment of ``window`` is allowed."""
        reached = window.starts_at
        for allowed in sorted(self._allowed(window)):
            if allowed.starts_at > reached:
                return False
            reached = max(reached, allowed.ends_at)
            if reached >= window.ends_at:
                return True
        return False

    def _allowed(self, near: Window) -> Iterable[Window]:
        """Yield every allowed window that overlaps this one."""
        yield from (one for one in self.windows if one.overlaps(near))
        week = _MONDAY + (near.starts_at - _MONDAY) // _WEEK * _WEEK - _WEEK
        while week < near.ends_at:
            for start, end in self.weekly:
                one = Window(week + start, week + end)
                if one.overlaps(near):
                    yield one
            week += _WEEK

    def __str__(self) -> str:
        """Return them in words: ``saturday, sunday 22:00-06:00 each week; 2026-12-01 22:00 to … UTC``."""
        days: dict[str, list[str]] = {}
        for start, end in sorted(self.weekly):
            until = f"-{_hour(end)}" if end - start <= _DAY else f" until {_WEEKDAYS[end // _DAY % 7]} {_hour(end)}"
            days.setdefault(_hour(start) + until, []).append(_WEEKDAYS[start // _DAY])
        weekly = [f"{', '.join(named)} {hours} each week" for hours, named in days.items()]
        once = [str(one).removesuffix(" UTC") for one in sorted(self.windows)]
        return "; ".join((*weekly, *once)) + " UTC"

    def plain(self) -> dict[str, Any]:
        """Return them as plain data, which ``times_of`` reads."""
        return {
            "windows": [[one.starts_at.isoformat(), one.ends_at.isoformat()] for one in self.windows],
            "weekly": [
                [int(start.total_seconds()) // 60, int(end.total_seconds()) // 60] for start, end in self.weekly
            ],
        }


def times_of(plain: Mapping[str, Any]) -> Times:
    """Return the times that plain data holds: windows in ISO 8601, weekly spans in minutes from Monday 00:00 UTC.

    Raises:
        Malformed: they are none, or too many.
    """
    try:
        windows = tuple(
            Window(datetime.fromisoformat(start).astimezone(UTC), datetime.fromisoformat(end).astimezone(UTC))
            for start, end in plain.get("windows", ())
        )
        weekly = tuple((timedelta(minutes=start), timedelta(minutes=end)) for start, end in plain.get("weekly", ()))
    except (TypeError, ValueError, OverflowError):
        raise Malformed(
            "the allowed times are no pairs of times; write windows as ISO 8601, weeks in minutes"
        ) from None
    if (not windows and not weekly) or len(windows) + len(weekly) > _MOST_TIMES:
        raise Malformed(f"{len(windows) + len(weekly)} allowed times; name 1 to {_MOST_TIMES}")
    if any(not timedelta(0) <= start < _WEEK or not start < end <= start + _WEEK for start, end in weekly):
        raise Malformed("a weekly time starts within the week and lasts no longer than one")
    return Times(windows, weekly)


def weekly(days: Sequence[str], starts: str, until: str) -> tuple[tuple[timedelta, timedelta], ...]:
    """Return hours of some days of each week; hours that end before they start end on the next day.

    Raises:
        Malformed: no such day or hour.
    """
    start, end = _clock(starts), _clock(until)
    end = end if end > start else end + _DAY
    try:
        return tuple((number * _DAY + start, number * _DAY + end) for number in sorted(map(_WEEKDAYS.index, days)))
    except ValueError:
        raise Malformed(f"{list(days)} names no days; write {', '.join(_WEEKDAYS)}") from None


def _hour(since_monday: timedelta) -> str:
    minutes = since_monday % _DAY // timedelta(minutes=1)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _clock(text: str) -> timedelta:
    found = _CLOCK.match(text)
    if found is None:
        raise Malformed(f"{text[:20]!r} is no hour; write 22:00")
    return timedelta(hours=int(found[1] or found[3]), minutes=int(found[2] or found[4]))
