"""All interleavings of two and three writers: nobody is accepted unaware, nothing that was answered is lost."""

from datetime import UTC, datetime, timedelta
from itertools import combinations_with_replacement, permutations

import pytest

from clearinghouse.deconfliction.rules.targets.kinds import target_from_text
from clearinghouse.deconfliction.rules.windows import Window
from tests.deconfliction.interleavings import AT_ONCE, RIGHT, Way, Writer, faults, worlds

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST = Window(NOON, NOON + timedelta(hours=2))
SECOND = Window(NOON + timedelta(hours=1), NOON + timedelta(hours=3))
LATER = Window(NOON + timedelta(hours=2), NOON + timedelta(hours=4))
KINDS = {
    "one": Writer(target_from_text("pkg:pypi/x-one"), FIRST),
    "one, overlapping": Writer(target_from_text("pkg:pypi/x-one"), SECOND),
    "one, later": Writer(target_from_text("pkg:pypi/x-one"), LATER),
    "all": Writer(target_from_text("pkg:pypi/x-*"), FIRST),
    "other": Writer(target_from_text("pkg:pypi/x-other"), FIRST),
}
HOURS = {"one": {0, 1}, "one, overlapping": {1, 2}, "one, later": {2, 3}, "all": {0, 1}, "other": {0, 1}}
NAMES = {
    "one": {"one"},
    "one, overlapping": {"one"},
    "one, later": {"one"},
    "all": {"one", "other"},
    "other": {"other"},
}


def _faults(named: tuple[str, ...], way: Way = RIGHT) -> tuple[int, set[str]]:
    """Return how many worlds there are and what is wrong in them; who meets whom is said by hours and names."""
    meeting = frozenset(
        (a, b)
        for a, b in permutations(range(len(named)), 2)
        if HOURS[named[a]] & HOURS[named[b]] and NAMES[named[a]] & NAMES[named[b]]
    )
    count, wrong = 0, set()
    for world in worlds([KINDS[name] for name in named], way):
        count += 1
        wrong.update(faults(world, meeting))
    return count, wrong


@pytest.mark.parametrize("way", [RIGHT, AT_ONCE], ids=["ordinary", "at once"])
@pytest.mark.parametrize("size", [2, 3])
def test_in_every_order_of_steps_nobody_is_accepted_unaware_and_no_answer_is_lost(size: int, way: Way) -> None:
    visited = 0
    for named in combinations_with_replacement(KINDS, size):
        count, wrong = _faults(named, way)
        assert not wrong, (named, wrong)
        visited += count
    assert visited > 500 * size


@pytest.mark.parametrize(
    ("way", "named", "what"),
    [
        (Way(holds=False), ("one", "one, overlapping"), "unaware"),
        (Way(asks_inside=False), ("one", "one"), "unaware"),
        (Way(holds_coarse=False), ("all", "other"), "unaware"),
        (Way(flushes=False), ("one", "other"), "lost"),
        (Way(at_once=True, compares=False), ("one", "one"), "unaware"),
        (Way(at_once=True, holds=False), ("one", "one"), "unaware"),
        (Way(at_once=True, holds_coarse=False), ("all", "other"), "unaware"),
    ],
)
def test_each_thing_that_holds_writers_apart_is_needed(way: Way, named: tuple[str, ...], what: str) -> None:
    _, wrong = _faults(named, way)
    assert any(what in one for one in wrong)
