"""Tests of clearinghouse.work.beside: the engine beside a web server."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from clearinghouse.work import beside, executor
from clearinghouse.work import task as declarations
from clearinghouse.work.drain import only_engine
from clearinghouse.work.models import Failure
from clearinghouse.work.task import due
from tests.work import steps

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_on("sqlite")]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    steps.forget()
    monkeypatch.setattr(executor, "SWEEP_SECONDS", 0.05)
    monkeypatch.setattr(beside, "SWEEP_SECONDS", 0.05)
    kept = dict(declarations._DUE)
    declarations._DUE.clear()
    yield
    declarations._DUE.clear()
    declarations._DUE.update(kept)


def _until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.fixture
def engine() -> Iterator[beside.Engine]:
    made = beside.start(jobs=2)
    yield made
    assert made.stop()


def test_rows_that_become_due_are_worked_on_without_being_told(engine: beside.Engine) -> None:
    wanted: list[str] = []
    due(steps.note, lambda: [name for name in wanted if name not in steps.DONE])
    _until(engine.works.is_set)
    wanted.append("late")
    _until(lambda: steps.DONE == ["late"])


def test_a_call_that_is_handed_over_runs_at_once(engine: beside.Engine) -> None:
    _until(engine.works.is_set)
    steps.note.enqueue("now")
    _until(lambda: steps.DONE == ["now"])


@pytest.mark.usefixtures("engine")
def test_what_was_given_up_rests() -> None:
    sweeps = threading.Semaphore(0)

    def failing() -> list[str]:
        sweeps.release()
        return ["r"]

    due(steps.refuses, failing)
    _until(Failure.objects.exists)
    for _ in range(5):
        assert sweeps.acquire(timeout=20)
    assert steps.TRIES["r"] == 1


def test_a_second_engine_takes_over_when_the_first_ends() -> None:
    with only_engine(Path(connection.settings_dict["NAME"])):
        second = beside.start(jobs=1)
        time.sleep(0.2)
        assert not second.works.is_set()
    _until(second.works.is_set)
    assert second.stop()
