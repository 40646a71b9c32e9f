from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.validation.controls.firing import MOST_RUNS, NEVER_BELOW, SHOWS_ABOVE, TAIL, Firing

firings = st.integers(0, MOST_RUNS).flatmap(
    lambda runs: st.builds(Firing, fired=st.integers(0, runs), runs=st.just(runs))
)
rates = st.fractions(0, 1, max_denominator=1000)


@pytest.mark.parametrize(
    ("fired", "runs", "low", "high"),
    [
        (0, 0, 0.025, 0.975),
        (5, 5, 0.025 ** (1 / 6), 0.975 ** (1 / 6)),
        (0, 9, 1 - 0.975 ** (1 / 10), 1 - 0.025 ** (1 / 10)),
        (1, 2, 0.0943, 0.9057),  # Beta(2, 2)
        (8, 9, 0.5550, 0.9748),  # Beta(9, 2)
        (10, 20, 0.2978, 0.7022),  # Beta(11, 11)
    ],
)
def test_the_interval_is_that_of_the_beta_distribution(fired: int, runs: int, low: float, high: float) -> None:
    assert Firing(fired, runs).interval() == pytest.approx((low, high), abs=2e-4)


@given(firings, rates)
def test_what_fires_and_what_does_not_are_mirror_images(firing: Firing, rate: Fraction) -> None:
    mirrored = Firing(firing.runs - firing.fired, firing.runs)
    assert firing.mass_below(rate) == 1 - mirrored.mass_below(1 - rate)


@given(firings, rates, rates)
def test_the_mass_grows_from_nothing_to_all(firing: Firing, one: Fraction, other: Fraction) -> None:
    low, high = sorted((one, other))
    assert 0 == firing.mass_below(Fraction(0)) <= firing.mass_below(low) <= firing.mass_below(high) <= 1
    assert firing.mass_below(Fraction(1)) == 1


@given(firings)
def test_one_more_run_that_fires_never_lowers_the_interval(firing: Firing) -> None:
    low, high = firing.interval()
    then_low, then_high = Firing(firing.fired + 1, firing.runs + 1).interval()
    assert then_low >= low and then_high >= high


@pytest.mark.parametrize(("fired", "runs", "more"), [(1, 1, 4), (5, 5, 0), (0, 1, 8), (0, 9, 0), (0, 0, 9), (4, 4, 1)])
def test_five_of_five_show_and_none_of_nine_never_shows(fired: int, runs: int, more: int) -> None:
    assert Firing(fired, runs).more() == more


@given(firings.filter(lambda one: not one.more()))
def test_what_is_settled_is_settled_for_a_reason(firing: Firing) -> None:
    below = firing.mass_below(SHOWS_ABOVE)
    settled = min(below, 1 - below) <= TAIL or 1 - firing.mass_below(NEVER_BELOW) <= TAIL
    assert settled or firing.runs == MOST_RUNS


@given(st.lists(st.booleans(), min_size=MOST_RUNS, max_size=MOST_RUNS))
def test_asking_for_more_comes_to_an_end_within_the_bound(answers: list[bool]) -> None:
    firing = Firing(int(answers[0]), 1)
    while more := firing.more():
        seen = answers[firing.runs : firing.runs + more]
        firing = Firing(firing.fired + sum(seen), firing.runs + len(seen))
    assert firing.runs <= MOST_RUNS


def test_it_is_told_with_count_and_interval() -> None:
    assert Firing(3, 9).in_words() == "3 of 9 runs, firing rate between 0.12 and 0.65 (95 %)"
