"""Tests of the executor of background work that drain() alone does not show."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError

from clearinghouse.work import executor, failures
from clearinghouse.work import task as declarations
from clearinghouse.work.drain import drain
from clearinghouse.work.executor import Executor, executor_for
from clearinghouse.work.models import Failure
from clearinghouse.work.rules import Call
from clearinghouse.work.task import due
from clearinghouse.work.turns import Due, Turn
from tests.work import steps

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_on("sqlite")]
NOTE = Call("tests.work.steps.note", ("x",))


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    steps.forget()
    kept = dict(declarations._DUE)
    declarations._DUE.clear()
    yield
    declarations._DUE.clear()
    declarations._DUE.update(kept)


def test_every_thread_shares_one_executor() -> None:
    assert executor_for("default") is executor_for("default") is not executor_for("another")


def test_a_twin_does_not_wait_twice() -> None:
    made = Executor()
    assert made.put(NOTE) and not made.put(NOTE)
    assert made.progress().waiting == 1


def test_what_ended_while_the_rows_were_asked_is_not_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Executor()
    made.put(NOTE)

    def answered_before_the_end() -> Iterator[Due]:
        taken = made._pop_free()
        assert taken is not None
        made._release(taken)
        yield Due(NOTE, NOTE.key(), 0, Turn(("x",)))

    monkeypatch.setattr(executor, "calls_due", answered_before_the_end)
    made.sweep()
    assert made.progress().waiting == 0


def test_a_failure_that_cannot_be_kept_does_not_stop_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(Failure.objects, "update_or_create", refuse)
    monkeypatch.setattr(failures._log, "exception", lambda *_: None)
    steps.refuses.enqueue("r")
    steps.note.enqueue("after")
    assert drain().done == 1 and steps.DONE == ["after"]


def test_a_query_that_fails_is_a_fault_and_the_next_drain_works() -> None:
    due(steps.note, lambda: [1 // 0])
    with pytest.raises(ZeroDivisionError):
        drain()
    declarations._DUE.clear()
    steps.note.enqueue("again")
    assert drain().done == 1
