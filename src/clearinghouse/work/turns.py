"""Whose turn it is: urgent work first, but nobody by flooding; pure.

Work is done for somebody (a finder) and about something (a package). Those it is done for take turns, and within each
turn so do the things it is about. What presses goes first, but only a few of each finder's at a time: a claim is cheap.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clearinghouse.work.rules import Call

MOST_URGENT_EACH = 4
"""So many calls of one finder, running ones included, may go before others because they press."""
LEAST_PRIORITY, MOST_PRIORITY = -100, 100


@dataclass(frozen=True, slots=True)
class Turn:
    """A call that is due, as a room's query tells it: its arguments, for whom, about what, and how it presses.

    ``urgency`` is 0 for the usual; see ``URGENCY`` of the room that asks.
    """

    args: tuple[object, ...]
    share: str = ""
    target: str = ""
    urgency: int = 0


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


def in_turn(due: Iterable[Due], *, busy: Mapping[str, int]) -> list[Placed]:
    """Return the calls in the order in which they should be taken.

    Args:
        due: what is due and neither waits nor runs.
        busy: how many calls of each share wait or run already; they count as turns that were had.
    """
    had: Counter[str] = Counter(busy)
    about: Counter[tuple[str, str]] = Counter()
    everywhere: Counter[str] = Counter()
    numbered = list(enumerate(due))
    rounds: list[tuple[int, int, int, Due]] = []
    for number, one in numbered:
        place = about[one.turn.share, one.turn.target]
        about[one.turn.share, one.turn.target] += 1
        rounds.append((-one.priority - one.turn.urgency, place, number, one))
    placed: list[tuple[int, int, int, int, Placed]] = []
    for _, _, number, one in sorted(rounds, key=lambda found: found[:3]):
        nth = had[one.turn.share]
        had[one.turn.share] += 1
        urgency = one.turn.urgency if nth < MOST_URGENT_EACH or one.turn.urgency < 0 else 0
        priority = max(LEAST_PRIORITY, min(MOST_PRIORITY, one.priority + urgency))
        crowd = everywhere[one.turn.target]
        everywhere[one.turn.target] += 1
        placed.append((-priority, nth, crowd, number, Placed(one.call, one.key, priority)))
    return [found[-1] for found in sorted(placed, key=lambda found: found[:4])]
