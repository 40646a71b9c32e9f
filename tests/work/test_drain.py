"""Tests of the drain of background work and the executor under it."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from clearinghouse.errors import Conflict
from clearinghouse.parties.models import Organization
from clearinghouse.work import task as declarations
from clearinghouse.work.drain import drain, only_engine
from clearinghouse.work.models import Failure
from clearinghouse.work.rules import Progress
from clearinghouse.work.task import due
from tests.work import steps

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_on("sqlite")]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    steps.forget()
    kept = dict(declarations._DUE)
    declarations._DUE.clear()
    yield
    declarations._DUE.clear()
    declarations._DUE.update(kept)


@pytest.mark.parametrize("jobs", [1, 4])
def test_everything_due_is_done(jobs: int) -> None:
    names = [f"n{i}" for i in range(40)]
    due(steps.note, lambda: [name for name in names if name not in steps.DONE])
    outcome = drain(jobs=jobs)
    assert sorted(steps.DONE) == sorted(names) and outcome.done == 40 and not outcome.failed


def test_work_that_other_work_makes_due_is_done_too() -> None:
    due(steps.note, lambda: [] if "first" in steps.DONE else ["first"])
    due(steps.urgent, lambda: ["second"] if "first" in steps.DONE and "second" not in steps.DONE else [])
    drain()
    assert steps.DONE == ["first", "second"]


def test_higher_priority_runs_first() -> None:
    steps.note.enqueue("later")
    steps.urgent.enqueue("sooner")
    drain()
    assert steps.DONE == ["sooner", "later"]


def test_of_calls_with_the_same_key_one_waits() -> None:
    for detail in "abc":
        steps.once.enqueue("x", detail)
    steps.once.enqueue("y", "d")
    drain()
    assert steps.DONE == ["x a", "y d"]


def test_calls_of_one_serial_key_never_overlap() -> None:
    for number in range(8):
        steps.alone.enqueue("cell", f"c{number}")
    drain(jobs=4)
    assert len(steps.DONE) == 8 and not steps.OVERLAPS


def test_a_call_of_a_rolled_back_transaction_never_runs() -> None:
    def promise_and_fail() -> None:
        with transaction.atomic():
            steps.note.enqueue("ghost")
            raise LookupError

    with pytest.raises(LookupError):
        promise_and_fail()
    assert drain().done == 0 and not steps.DONE


def test_a_deferred_call_waits_for_its_time() -> None:
    at = datetime.fromtimestamp(time.time(), UTC) + timedelta(seconds=0.3)
    steps.note.using(run_after=at).enqueue("late")
    steps.note.enqueue("early")
    drain()
    assert steps.DONE == ["early", "late"] and time.time() >= at.timestamp()


def test_a_call_that_fails_is_tried_again() -> None:
    steps.shaky.enqueue("s", 2)
    outcome = drain()
    assert steps.TRIES["s"] == 3 and outcome.done == 1 and not Failure.objects.exists()


def test_a_call_that_keeps_failing_is_given_up_and_kept_as_a_row() -> None:
    due(steps.shaky, lambda: [("s", 99)])
    due(steps.note, lambda: [] if "good" in steps.DONE else ["good"])
    outcome = drain(jobs=2)
    failure = Failure.objects.get()
    assert steps.DONE == ["good"] and outcome.done == 1
    assert [one.attempts for one in outcome.failed] == [3] == [failure.attempts]
    assert "not yet" in failure.error and failure.arguments == [["s", 99], {}]


def test_a_later_success_takes_the_failure_away() -> None:
    due(steps.shaky, lambda: [] if "s" in steps.DONE else [("s", 3)])
    assert drain().failed and Failure.objects.exists()
    assert not drain().failed and not Failure.objects.exists()


def test_a_refusal_is_not_tried_again() -> None:
    steps.refuses.enqueue("r")
    drain()
    assert steps.TRIES["r"] == 1


def test_a_call_cannot_end_its_thread() -> None:
    steps.exits.enqueue("e")
    steps.note.enqueue("after")
    outcome = drain()
    assert steps.DONE == ["after"] and len(outcome.failed) == 1


def test_calls_that_stay_due_for_ever_are_given_up() -> None:
    due(steps.note, lambda: ["stuck", "stuck too"])
    outcome = drain(jobs=2)
    assert len(outcome.failed) == 2 and "still due" in outcome.failed[0].error
    assert Failure.objects.count() == 2


def test_a_call_that_is_due_again_for_a_reason_goes_on() -> None:
    names = [f"n{i}" for i in range(20)]
    due(steps.note, lambda: [name for name in names if name not in steps.DONE][:1])
    due(steps.urgent, lambda: ["join"] if steps.DONE and steps.DONE[-1] != "join" else [])
    outcome = drain()
    assert steps.DONE.count("join") == 20 and not outcome.failed


def test_progress_is_told_until_the_end() -> None:
    told: list[Progress] = []
    for number in range(5):
        steps.note.enqueue(str(number))
    drain(on_progress=told.append)
    assert told[-1] == Progress(done=5, failed=0, waiting=0, running=())


def test_ids_are_handed_over_as_text() -> None:
    made = Organization.objects.create(name="one", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    due(steps.note, lambda: Organization.objects.exclude(pk__in=steps.DONE).values_list("pk", flat=True))
    drain()
    assert [str(made.pk)] == steps.DONE


def test_a_second_engine_on_the_same_file_is_refused() -> None:
    with only_engine(Path(connection.settings_dict["NAME"])), pytest.raises(Conflict, match="another process"):
        drain()


def test_only_a_declared_step_can_be_due() -> None:
    with pytest.raises(TypeError, match="was not declared"):
        due(steps.forget, list)  # type: ignore[arg-type]
