"""Small tasks for the tests of the engine; what they did is read off ``DONE``."""

import threading
import time

from clearinghouse.errors import StepRefused, Unavailable
from clearinghouse.work.task import task

DONE: list[str] = []
RUNNING: list[str] = []
OVERLAPS: list[str] = []
TRIES: dict[str, int] = {}
_lock = threading.Lock()


def forget() -> None:
    """Begin anew."""
    DONE.clear()
    RUNNING.clear()
    OVERLAPS.clear()
    TRIES.clear()


@task()
def note(name: str) -> None:
    """Note that it ran."""
    with _lock:
        DONE.append(name)


@task(priority=50)
def urgent(name: str) -> None:
    """Note that it ran, before the others."""
    with _lock:
        DONE.append(name)


@task(dedup="one:{0}")
def once(name: str, detail: str) -> None:
    """Note that it ran; one per name waits."""
    with _lock:
        DONE.append(f"{name} {detail}")


@task(serial="cell:{0}")
def alone(cell: str, name: str) -> None:
    """Run for a moment; note when another of the same cell runs too."""
    with _lock:
        if cell in RUNNING:
            OVERLAPS.append(name)
        RUNNING.append(cell)
    time.sleep(0.02)
    with _lock:
        RUNNING.remove(cell)
        DONE.append(name)


@task(attempts=3, backoff_seconds=0.01)
def shaky(name: str, failures: int) -> None:
    """Raise so many times, then end well."""
    with _lock:
        TRIES[name] = TRIES.get(name, 0) + 1
        if TRIES[name] <= failures:
            raise Unavailable("not yet")
        DONE.append(name)


@task(attempts=3, backoff_seconds=0.01)
def refuses(name: str) -> None:
    """Be refused, each time for the same reason."""
    TRIES[name] = TRIES.get(name, 0) + 1
    raise StepRefused("never open")


@task(attempts=1)
def exits(name: str) -> None:
    """Try to end the thread."""
    raise SystemExit(name)
