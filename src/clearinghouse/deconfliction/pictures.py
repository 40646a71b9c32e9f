"""Where things stand in the picture of standing scans: a strip of time for each target. Text is put in by templates.

It is SVG inside the page: shapes in percent of the width, so that letters keep their size on a narrow screen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, Final

from clearinghouse.deconfliction.models import Intent

_LONGEST: Final = timedelta(days=32)
_SHORTEST: Final = timedelta(hours=12)
_NARROWEST_PERCENT: Final = 1.5
_LABEL: Final = 20
_LANE: Final = 20
_GAP: Final = 12
_TOP: Final = 26
_TICKS: Final = 4
MOST_STRIPS: Final = 40
MOST_BARS: Final = 400


@dataclass(frozen=True, slots=True)
class Bar:
    """One scan on one target."""

    intent: Intent
    left: float
    """Percent of the width."""
    width: float
    top: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """One target, and the scans that stand on it."""

    target: str
    """Its name, in a line of its own above the scans: nothing is drawn through it."""
    top: int
    bars: tuple[Bar, ...]

    @property
    def begins(self) -> int:
        """Where its scans begin, from the top."""
        return self.top + _LABEL

    @property
    def ends(self) -> int:
        """Where its scans end, from the top."""
        return max(bar.top for bar in self.bars) + _LANE


@dataclass(frozen=True, slots=True)
class Timeline:
    """Standing scans over time, by target."""

    strips: tuple[Strip, ...]
    ticks: tuple[tuple[float, datetime], ...]
    now: float
    """Where the present is, in percent of the width."""
    height: int
    left_out: int
    """How many targets more there are than a picture can show."""


def target_text(target: dict[str, Any]) -> str:
    """Return a target on one line: its name, and what of it."""
    name = next((str(target[part]) for part in ("package", "url", "block", "name") if part in target), "?")
    rest = [f"{part} {target[part]}" for part in ("versions", "commits", "ports", "paths") if part in target]
    return f"{name} ({', '.join(rest)})" if rest else name


def timeline(intents: Iterable[Intent], *, at: datetime, own: object) -> Timeline:
    """Return the picture of some standing scans, the target that is most looked at first.

    Args:
        intents: what stands, as far as whoever looks may see it.
        at: now.
        own: the organization of whoever looks.
    """
    by_target: dict[str, list[Intent]] = {}
    for intent in intents:
        for text in dict.fromkeys(target_text(target) for target in intent.targets):
            by_target.setdefault(text, []).append(intent)
    ordered = sorted(by_target.items(), key=lambda item: (-len(item[1]), item[0]))
    shown = ordered[: _room([len(several) for _, several in ordered])]
    begins = at - timedelta(hours=2)
    last = max((intent.ends_at for _, several in shown for intent in several), default=at)
    length = min(max(last - begins, _SHORTEST), _LONGEST)
    top, strips = _TOP, []
    for text, several in shown:
        strips.append(Strip(text, top, tuple(_bars(several, begins, length, top + _LABEL, own))))
        top = strips[-1].ends + _GAP
    ticks = tuple((round(100 * number / _TICKS, 2), begins + length * number / _TICKS) for number in range(_TICKS))
    return Timeline(tuple(strips), ticks, _percent(at - begins, length), top, len(ordered) - len(shown))


def _room(counts: Sequence[int]) -> int:
    """Return how many of some targets fit, given how many scans stand on each; the first one always does."""
    sums = list(accumulate(counts[:MOST_STRIPS]))
    return max(sum(one <= MOST_BARS for one in sums), min(len(sums), 1))


def _bars(several: Sequence[Intent], begins: datetime, length: timedelta, top: int, own: object) -> Iterable[Bar]:
    """Yield the scans of one target, those at the same time in rows below each other."""
    lanes: list[datetime] = []
    for intent in sorted(several, key=lambda one: (one.starts_at, one.public_id)):
        lane = next((number for number, free in enumerate(lanes) if free <= intent.starts_at), len(lanes))
        lanes[lane : lane + 1] = [intent.ends_at]
        left = min(_percent(intent.starts_at - begins, length), 100 - _NARROWEST_PERCENT)
        right = _percent(intent.ends_at - begins, length)
        width = max(right - left, _NARROWEST_PERCENT)
        yield Bar(intent, left, round(width, 2), top + lane * _LANE, intent.organization_id == own)


def _percent(span: timedelta, length: timedelta) -> float:
    return round(min(max(100 * (span / length), 0.0), 100.0), 2)
