"""Tests of clearinghouse.work.worker and reaper.py: real workers on a real PostgreSQL, killed at bad moments."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import clearinghouse
from tests.cluster import Cluster

SOURCE, ROOT = Path(clearinghouse.__file__).parents[1], Path(__file__).parents[2]
COUNT = 60
STALLED_SECONDS = "5"


class Office:
    """A database with units to settle, and workers."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.cluster, self.name, self.url = cluster, name, cluster.create(name)
        self.workers: list[subprocess.Popen[str]] = []
        self._start("0", "0").communicate()

    def _start(self, *argv: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": f"{SOURCE}{os.pathsep}{ROOT}"}  # noqa: TID251 - for a child
        argv = (sys.executable, "-m", "tests.work.units", self.url, *argv)
        return subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def hire(self, nap_seconds: float) -> subprocess.Popen[str]:
        """Start a worker and return when it is up."""
        made = self._start(str(nap_seconds), STALLED_SECONDS)
        self.workers.append(made)
        assert made.stdout is not None and made.stdout.readline() == "up\n"
        return made

    def ask(self, statement: str) -> str:
        """Return what the database says."""
        return self.cluster.execute(statement, database=self.name)

    def left(self) -> int:
        """Return how many units are not settled."""
        return int(self.ask("SELECT count(*) FROM parties_organization WHERE name LIKE 'unit %'"))

    def wait_until(self, condition: str, seconds: float = 180) -> None:
        """Wait until SQL says true."""
        until = time.monotonic() + seconds
        while self.ask(f"SELECT {condition}") != "t":
            assert time.monotonic() < until, f"never: {condition}; {self.left()} left"
            time.sleep(0.1)

    def close(self) -> None:
        """Send everybody home."""
        for worker in self.workers:
            worker.kill()
            worker.communicate()


@pytest.fixture
def office(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Office]:
    made = Office(cluster, request.node.name[:60])
    yield made
    made.close()


NOTHING_LEFT = "NOT EXISTS (SELECT FROM parties_organization WHERE name LIKE 'unit %')"
ALL_PLACED = (
    "(SELECT count(*) FROM ledger_entry JOIN ledger_event e ON e.id = event_id) = 60"
    " AND NOT EXISTS (SELECT FROM ledger_outbox)"
)
DRAINED = "NOT EXISTS (SELECT FROM procrastinate_jobs)"


def test_two_workers_settle_everything_once_and_stop_when_told(office: Office) -> None:
    workers = [office.hire(0.0) for _ in range(2)]
    office.wait_until(f"{NOTHING_LEFT} AND {ALL_PLACED} AND {DRAINED}")
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    assert [worker.wait(20) for worker in workers] == [0, 0]
    assert office.ask("SELECT count(*), count(DISTINCT subject) FROM ledger_event") == f"{COUNT}|{COUNT}"


def test_what_a_killed_worker_was_doing_is_done_by_another(office: Office) -> None:
    doomed = office.hire(1.0)
    office.wait_until("(SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing') >= 4")
    doomed.kill()
    office.hire(0.05)
    office.wait_until(f"{NOTHING_LEFT} AND {ALL_PLACED} AND {DRAINED}")
    assert office.ask("SELECT count(*), count(DISTINCT subject) FROM ledger_event") == f"{COUNT}|{COUNT}"
    assert office.ask("SELECT count(*) FROM work_failure") == "0"


def test_workers_outlive_a_database_that_is_started_anew(office: Office) -> None:
    worker = office.hire(0.3)
    office.wait_until("(SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing') >= 2")
    office.cluster.stop("immediate")
    office.cluster.start()
    office.wait_until(f"{NOTHING_LEFT} AND {ALL_PLACED} AND {DRAINED}")
    assert office.ask("SELECT count(*), count(DISTINCT subject) FROM ledger_event") == f"{COUNT}|{COUNT}"
    assert worker.poll() is None


def test_a_worker_that_is_told_to_stop_finishes_what_it_is_doing(office: Office) -> None:
    worker = office.hire(1.0)
    office.wait_until("(SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing') = 4")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0
    assert (
        office.left() == COUNT - 4
        and office.ask("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'") == "0"
    )
