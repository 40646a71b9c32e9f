"""Tests of the queue on PostgreSQL: clearinghouse.work.queue, sweeping and reaper."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from clearinghouse.work import sweeping
from clearinghouse.work import task as declarations
from clearinghouse.work.failures import keep_failure
from clearinghouse.work.models import Failure
from clearinghouse.work.rules import MOST_IDLE_RUNS, Call
from clearinghouse.work.task import due
from clearinghouse.work.turns import Turn
from tests.work import steps

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_on("postgresql")]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    kept = dict(declarations._DUE)
    declarations._DUE.clear()
    _ask("DELETE FROM procrastinate_jobs")
    _ask("DELETE FROM procrastinate_workers")
    yield
    declarations._DUE.clear()
    declarations._DUE.update(kept)


def _ask(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


def _waiting() -> list[object]:
    """Return the first argument of what waits, in the order in which workers take it."""
    rows = _ask("SELECT args->'args'->>0 FROM procrastinate_jobs WHERE status = 'todo' ORDER BY priority DESC, id")
    return [first for (first,) in rows]


def _take(count: int, *, silent_seconds: float = 0.0) -> None:
    """Let a worker, last heard of so long ago, take what comes first."""
    statement = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))"
    with connection.cursor() as cursor:
        cursor.execute(statement, [silent_seconds])
    for _ in range(count):
        _ask("SELECT id FROM procrastinate_fetch_job_v2(NULL, (SELECT max(id) FROM procrastinate_workers))")


def test_a_call_of_a_rolled_back_transaction_never_waits() -> None:
    def promise_and_fail() -> None:
        with transaction.atomic():
            steps.note.enqueue("ghost")
            raise LookupError

    with pytest.raises(LookupError):
        promise_and_fail()
    assert _waiting() == []


def test_a_twin_is_left_out_and_spoils_no_transaction() -> None:
    with transaction.atomic():
        for detail in "abc":
            steps.once.enqueue("x", detail)
        steps.note.enqueue("after")
    assert sorted(map(str, _waiting())) == ["after", "x"]


def test_priority_time_and_locks_are_those_of_the_declaration() -> None:
    at = datetime(2030, 1, 1, tzinfo=UTC)
    steps.alone.using(run_after=at, priority=7).enqueue("cell", "n")
    assert _ask("SELECT priority, lock, scheduled_at FROM procrastinate_jobs") == [(7, "cell:cell", at)]


def test_a_sweep_puts_what_is_due_and_neither_waits_nor_runs() -> None:
    due(steps.note, lambda: ["a", "b", "c"])
    sweep = sweeping.Sweep()
    assert sweep() == 3
    _take(1)
    assert sweep() == 0 and len(_waiting()) == 2


def test_the_queue_is_short_and_finders_take_turns_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "MOST_WAITING", 4)
    flood = [Turn((f"a{number}",), share="a") for number in range(100)]
    due(steps.note, lambda: [*flood, Turn(("b0",), share="b"), Turn(("c0",), share="c", urgency=50)])
    assert sweeping.Sweep()() == 4
    assert _waiting() == ["c0", "a0", "b0", "a1"]


def test_what_was_given_up_rests_until_its_failure_is_taken_away() -> None:
    due(steps.note, lambda: ["a"])
    call = Call("tests.work.steps.note", ("a",))
    keep_failure(call, call.key(), "it broke", attempts=3)
    sweep = sweeping.Sweep()
    assert sweep() == 0
    sweep.asked_at = None
    Failure.objects.all().delete()
    assert sweep() == 1


def test_a_call_that_stays_due_for_ever_is_given_up() -> None:
    due(steps.note, lambda: ["a"])
    sweep = sweeping.Sweep()
    for _ in range(MOST_IDLE_RUNS + 3):
        sweep()
        _ask("DELETE FROM procrastinate_jobs")
    assert "still due" in Failure.objects.get().error


def test_one_sweeps_at_a_time() -> None:
    due(steps.note, lambda: ["a"])
    counts: list[int] = []

    def another() -> None:
        counts.append(sweeping.Sweep()())
        connection.close()

    with transaction.atomic():
        _ask(f"SELECT pg_advisory_xact_lock({sweeping.SWEEPING})")
        other = threading.Thread(target=another)
        other.start()
        other.join()
    assert counts == [0]


class TestReaping:
    """Of clearinghouse.work.reaper."""

    def test_what_a_dead_worker_was_doing_waits_again(self) -> None:
        from clearinghouse.work.reaper import reap

        steps.note.enqueue("a")
        _take(1, silent_seconds=31)
        assert _waiting() == [] and reap() == 1 and _waiting() == ["a"]

    def test_what_a_living_worker_does_is_left_alone(self) -> None:
        from clearinghouse.work.reaper import reap

        steps.note.enqueue("a")
        _take(1, silent_seconds=10)
        assert reap() == 0 and _waiting() == []

    def test_what_a_living_worker_lost_sight_of_waits_again(self) -> None:
        from clearinghouse.work.reaper import reap

        steps.note.enqueue("a")
        _take(1)
        lost = frozenset(number for (number,) in _ask("SELECT id FROM procrastinate_jobs") if isinstance(number, int))
        assert reap(lost) == 1 and _waiting() == ["a"]

    def test_a_dead_workers_call_whose_twin_waits_is_dropped(self) -> None:
        from clearinghouse.work.reaper import reap

        steps.note.enqueue("a")
        _take(1, silent_seconds=31)
        steps.note.enqueue("a")
        assert reap() == 1 and _waiting() == ["a"]
        assert _ask("SELECT count(*) FROM procrastinate_jobs") == [(1,)]

    def test_what_every_worker_dies_of_is_given_up(self) -> None:
        from clearinghouse.work.reaper import MOST_DEATHS, POISON, reap

        steps.note.enqueue("a")
        for _ in range(MOST_DEATHS + 1):
            _take(1, silent_seconds=31)
            assert reap() == 1
        assert _waiting() == [] and Failure.objects.get().error == POISON
