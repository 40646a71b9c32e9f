"""Tests of clearinghouse.work.turns."""

from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.work.rules import Call
from clearinghouse.work.turns import MOST_URGENT_EACH, Due, Turn, in_turn

shares = st.sampled_from(["a", "b", "c"])
targets = st.sampled_from(["x", "y"])


def due(
    number: int, share: str = "a", target: str = "x", *, urgency: int = 0, priority: int = 0, within: str = ""
) -> Due:
    turn = Turn((number,), share, target, urgency, within)
    return Due(Call("step", (number,)), f"step {number}", priority, turn)


def order(*those: Due, busy: dict[str, int] | None = None, pressing: dict[str, int] | None = None) -> list[int]:
    return [one.call.args[0] for one in in_turn(those, busy=busy or {}, pressing=pressing or {})]


def test_finders_take_turns_however_many_calls_one_has() -> None:
    flood = [due(number, "a") for number in range(100)]
    assert order(*flood, due(900, "b"), due(901, "c"))[:3] == [0, 900, 901]


def test_many_names_get_nobody_more_turns() -> None:
    flood = [due(number, "a", within=f"name-{number}") for number in range(100)]
    assert order(*flood, due(900, "b", within="name-0"), due(901, "b", within="name-0"))[:4] == [0, 900, 1, 901]


def test_names_take_turns_within_one_share() -> None:
    flood = [due(number, "a", f"package-{number}", within="loud") for number in range(10)]
    assert order(*flood, due(900, "a", within="quiet"))[:3] == [0, 900, 1]


def test_what_presses_goes_first_though_much_of_the_same_share_waits_already() -> None:
    assert order(due(0, "b"), due(1, "a", urgency=60), busy={"a": 60}) == [1, 0]
    assert order(due(0, "b"), due(1, "a", urgency=60), busy={"a": 60}, pressing={"a": MOST_URGENT_EACH}) == [0, 1]


def test_targets_take_turns_within_a_finder() -> None:
    assert order(due(0), due(1), due(2), due(3, target="y")) == [0, 3, 1, 2]


def test_a_crowded_target_comes_after_others_in_the_same_round() -> None:
    assert order(due(0, "a", "x"), due(1, "b", "x"), due(2, "c", "y"), busy={}) == [0, 2, 1]


def test_what_a_finder_has_running_counts_as_turns_had() -> None:
    assert order(due(0, "a"), due(1, "b"), due(2, "b"), busy={"a": 2}) == [1, 2, 0]


def test_what_presses_goes_first() -> None:
    assert order(due(0), due(1, "b", urgency=30), due(2, "c", urgency=60)) == [2, 1, 0]


def test_a_finder_who_calls_everything_urgent_gets_ahead_with_a_few_only() -> None:
    loud = [due(number, "a", urgency=60) for number in range(50)]
    first = order(*loud, due(900, "b"))
    assert first[:MOST_URGENT_EACH] == [0, 1, 2, 3] and first.index(900) == MOST_URGENT_EACH


def test_what_waits_for_facts_goes_last() -> None:
    assert order(due(0, urgency=-20), due(1, "b")) == [1, 0]


def test_an_earlier_step_of_the_declaration_goes_first() -> None:
    assert order(due(0, priority=-5), due(1, priority=10)) == [1, 0]


@given(st.lists(st.tuples(shares, targets, st.integers(-100, 100), st.integers(-100, 100)), max_size=40))
def test_nothing_is_lost_and_priorities_stay_in_bounds(made: list[tuple[str, str, int, int]]) -> None:
    those = [due(number, *one[:2], urgency=one[2], priority=one[3]) for number, one in enumerate(made)]
    placed = in_turn(those, busy={}, pressing={})
    assert sorted(one.call.args[0] for one in placed) == list(range(len(made)))
    assert [one.priority for one in placed] == sorted((one.priority for one in placed), reverse=True)
    assert all(-100 <= one.priority <= 100 for one in placed)
