"""Whose turn it is: urgent work first, but nobody by flooding; pure.

Work is done for somebody (an organization), in the name of one of theirs (a finder), and about something (a package).
Those it is done for take turns; within each so do the names, and within each name the things it is about. A name is
cheap, so it never gets anybody more turns. What presses goes first, but only a few of each at a time: a claim is cheap.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clearinghouse.work.rules import Call

MOST_URGENT_EACH = 4
"""So many calls for one, waiting and running ones included, may go before others because they press."""
LEAST_PRIORITY, MOST_PRIORITY = -100, 100


@dataclass(frozen=True, slots=True)
class Turn:
    """A call that is due, as a room's query tells it: its arguments, for whom, about what, and how it presses.

    ``share`` is whom it is done for, ``within`` the name of one of theirs. ``urgency`` is 0 for the usual: before a
    verdict the room of validations says it by what a report claims, after it that of cases by the band of the case.
    """

    args: tuple[object, ...]
    share: str = ""
    target: str = ""
    urgency: int = 0
    within: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A call that is due, with the key that names it and what decides its place."""

    call: Call
    key: str
    priority: int
    turn: Turn


@dataclass(frozen=True, slots=True)
class Placed:
    """A call with the priority that it waits with."""

    call: Call
    key: str
    priority: int
    share: str = ""
    pressed: bool = False
    """It goes before others because it presses."""


def in_turn(due: Iterable[Due], *, busy: Mapping[str, int], pressing: Mapping[str, int]) -> list[Placed]:
    """Return the calls in the order in which they should be taken.

    Args:
        due: what is due and neither waits nor runs.
        busy: how many calls of each share wait or run already; they count as turns that were had.
        pressing: how many of those went before others because they press.
    """
    had, ahead = Counter(busy), Counter(pressing)
    everywhere: Counter[str] = Counter()
    placed: list[tuple[int, int, int, int, Placed]] = []
    for number, one in _one_after_another(due):
        turn = one.turn
        nth = had[turn.share]
        had[turn.share] += 1
        pressed = turn.urgency > 0 and ahead[turn.share] < MOST_URGENT_EACH
        ahead[turn.share] += pressed
        urgency = turn.urgency if pressed or turn.urgency < 0 else 0
        priority = max(LEAST_PRIORITY, min(MOST_PRIORITY, one.priority + urgency))
        crowd = everywhere[turn.target]
        everywhere[turn.target] += 1
        placed.append((-priority, nth, crowd, number, Placed(one.call, one.key, priority, turn.share, pressed)))
    return [found[-1] for found in sorted(placed, key=lambda found: found[:4])]


def _one_after_another(due: Iterable[Due]) -> list[tuple[int, Due]]:
    """Return the calls, numbered as they came, in the order within each share: names in turns, then their things."""
    numbered = list(enumerate(due))
    for narrower in (lambda turn: (turn.share, turn.within, turn.target), lambda turn: (turn.share, turn.within)):
        rounds: Counter[tuple[str, ...]] = Counter()
        ranked: list[tuple[int, int, int, Due]] = []
        for number, one in numbered:
            ranked.append((-one.priority - one.turn.urgency, rounds[narrower(one.turn)], number, one))
            rounds[narrower(one.turn)] += 1
        numbered = [(number, one) for _, _, number, one in sorted(ranked, key=lambda found: found[:3])]
    return numbered
