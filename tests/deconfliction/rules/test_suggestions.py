"""What to do instead: free windows, shares, the target that nobody has looked at."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.deconfliction.rules.binding import Constraint
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind
from clearinghouse.deconfliction.rules.suggestions import (
    Candidate,
    earliest_free,
    most_valuable,
    share_by_paths,
    share_by_technique,
)
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text
from clearinghouse.deconfliction.rules.techniques import Relation, techniques
from clearinghouse.deconfliction.rules.windows import Times, Window
from clearinghouse.errors import Malformed

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
UNTIL = NOON + 48 * HOUR
ADA, BEN, CAI = (UUID(int=number) for number in range(3))
TARGET = target_from_text("pkg:pypi/x")


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start = NOON + draw(st.integers(0, 40)) * HOUR
    return Window(start, start + draw(st.integers(1, 12)) * HOUR)


@given(windows(), st.lists(windows(), max_size=6))
def test_the_earliest_free_window_is_free_and_nothing_earlier_is(wanted: Window, taken: list[Window]) -> None:
    found = earliest_free(wanted, taken, until=UNTIL)
    every = [
        Window(start, start + wanted.length) for hour in range(49) if (start := NOON + hour * HOUR) >= wanted.starts_at
    ]
    free = [one for one in every if not any(one.overlaps(other) for other in taken)]
    assert found == (free[0] if free else None)


@given(windows(), st.lists(windows(), max_size=3), st.lists(windows(), min_size=1, max_size=3))
def test_the_free_window_is_one_that_owners_allow(wanted: Window, taken: list[Window], allowed: list[Window]) -> None:
    rule = Constraint(ADA, ConstraintKind.ONLY_IN_WINDOWS, TARGET, times=Times(tuple(allowed)))
    found = earliest_free(wanted, taken, until=UNTIL, binding=[rule])
    assert found is None or (Times(tuple(allowed)).hold(found) and not any(found.overlaps(one) for one in taken))


def test_what_is_not_to_be_scanned_is_never_free() -> None:
    rule = Constraint(ADA, ConstraintKind.DO_NOT_SCAN, TARGET)
    assert earliest_free(Window(NOON, NOON + HOUR), [], until=UNTIL, binding=[rule]) is None


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(1, 9), min_size=1, max_size=6),
    st.integers(1, 3),
)
def test_folders_are_shared_whole_and_nobody_carries_much_more_than_they_must(
    parts: dict[str, int], count: int
) -> None:
    willing = (ADA, BEN, CAI)[:count]
    shares = share_by_paths(parts, willing)
    assert sorted(path for one in shares for path in one.paths) == sorted(parts)
    heaviest = max(sum(parts[path] for path in one.paths) for one in shares)
    best = min(
        max(sum(weight for place, weight in enumerate(parts.values()) if chosen[place] == one) for one in range(count))
        for chosen in product(range(count), repeat=len(parts))
    )
    assert heaviest <= best * 4 / 3


@pytest.mark.parametrize("parts", [{}, {"": 1}, {"a": 1, "a/b": 1}, {"a": 1, "a-b": 1, "a/c": 1}])
def test_folders_that_lie_in_each_other_are_not_shared(parts: dict[str, int]) -> None:
    with pytest.raises(Malformed):
        share_by_paths(parts, (ADA,))


names = st.sampled_from(sorted(techniques().known))


@given(st.dictionaries(st.sampled_from([ADA, BEN, CAI]), st.lists(names, max_size=3), max_size=3))
def test_as_many_as_can_get_a_technique_and_none_gets_in_anothers_way(able: dict[UUID, list[str]]) -> None:
    shares = share_by_technique(able)
    table = techniques()
    chosen = [one.technique for one in shares]
    for one, other in combinations([*chosen], 2):
        assert table.relation(one, other) is Relation.SHARE
    assert all(one.technique in able[one.organization] for one in shares)
    most = 0
    for assigned in product(*([None, *some] for some in able.values())):
        done = [one for one in assigned if one is not None]
        if all(table.relation(*pair) is Relation.SHARE for pair in combinations(done, 2)):
            most = max(most, len(done))
    assert len(shares) == most


def test_what_matters_and_was_never_covered_comes_first_and_it_says_why() -> None:
    old, new = NOON - timedelta(days=300), NOON - timedelta(days=1)
    one, other, third = (target_from_text(f"pkg:pypi/{name}") for name in ("one", "other", "third"))
    found = most_valuable([Candidate(one, 5, new), Candidate(other, 2, old), Candidate(third, 3)], at=NOON)
    assert [worth.candidate.target for worth in found] == [third, other, one]
    assert [worth.why for worth in found][:2] == [
        "criticality 3 of 5, never covered",
        "criticality 2 of 5, last covered 300 days ago",
    ]
