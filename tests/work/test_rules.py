"""Tests of clearinghouse.work.rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Conflict, Malformed, NotFound, StepRefused, Unavailable
from clearinghouse.work.rules import LONGEST_WAIT_SECONDS, Call, IdleRuns, wait_seconds, worth_another_try


def test_a_key_is_the_whole_call_or_what_the_pattern_says() -> None:
    call = Call("cases.tasks.join", ("a", 1), {"b": 2})
    assert call.key() == 'cases.tasks.join [["a",1],{"b":2}]'
    assert call.key("join:{0}:{b}") == "join:a:2"


@pytest.mark.parametrize("error", [Unavailable("x"), Conflict("x"), OSError("x"), MemoryError()])
def test_what_may_end_otherwise_is_tried_again(error: BaseException) -> None:
    assert worth_another_try(error)


@pytest.mark.parametrize("error", [Malformed("x"), NotFound("x"), StepRefused("x")])
def test_a_refusal_stays_a_refusal(error: BaseException) -> None:
    assert not worth_another_try(error)


@given(st.integers(1, 10_000), st.floats(0, 1000))
def test_waiting_grows_up_to_a_limit(attempts: int, backoff_seconds: float) -> None:
    now = wait_seconds(attempts, backoff_seconds=backoff_seconds)
    assert 0 <= now <= wait_seconds(attempts + 1, backoff_seconds=backoff_seconds) <= LONGEST_WAIT_SECONDS


@given(st.lists(st.sampled_from("abc"), max_size=200))
def test_calls_that_stay_due_end_at_last(order: list[str]) -> None:
    idle, runs = IdleRuns(), 0
    for key in order:
        if not idle.given_up(key):
            idle.ended(key)
            runs += 1
    assert runs <= 3 * (1 + 3 + 3)


def test_a_call_that_runs_after_every_news_is_never_given_up() -> None:
    idle = IdleRuns()
    for number in range(100):
        idle.ended(f"judge {number}")
        assert not idle.given_up("join")
        idle.ended("join")
