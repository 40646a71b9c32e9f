"""One process of several writers: ``python -m bench.scanning.writer URL KIND PROCESS THREADS SECONDS``.

Prints a line for each writer: accepted writes, attempts, and the time of each in milliseconds.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from clearinghouse.commands.django import start

NAMES = UUID("6f2b7a1e-6a6c-5a57-9b55-8f5c2a1f0b11")
STANDING = 100
_DAY = timedelta(days=1)
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Told:
    """What one writer saw."""

    writes: int = 0
    attempts: list[int] = field(default_factory=list)
    took_ms: list[float] = field(default_factory=list)


def home_of(number: int) -> UUID:
    """Return the organization of a writer."""
    return uuid5(NAMES, str(number))


def bare(number: int, _: datetime) -> Callable[[int], int]:
    """Return a writer that inserts one row and commits."""
    from django.db import connection

    connection.ensure_connection()
    driver = connection.connection

    def write(turn: int) -> int:
        driver.execute("INSERT INTO bare (writer, turn) VALUES (%s, %s)", (number, turn))
        return 1

    return write


def disjoint(number: int, began: datetime) -> Callable[[int], int]:
    """Return a writer of scans of one package, each in a window of its own.

    After a thousand it writes for another of its organizations, for one may hold no more than so many near one name.
    """
    from clearinghouse.deconfliction.actions.intents import announce_intent

    def write(turn: int) -> int:
        actor = _actor(number + 32 * (turn // 1_000))
        starts = _FIRST + (began - _FIRST) // _DAY * _DAY + timedelta(days=1, seconds=(turn * 64 + number) * 2)
        announce_intent(_said(starts, timedelta(seconds=2)), actor=actor, at=began)
        return 1

    return write


def meeting(number: int, began: datetime) -> Callable[[int], int]:
    """Return a writer whose scan of one package meets those of all others, and is ended after."""
    from clearinghouse.deconfliction.actions.intents import announce_intent, end_intent
    from clearinghouse.errors import Unaware

    actor = _actor(number)
    said = _said(began + timedelta(minutes=10), timedelta(hours=1))
    known: set[str] = set()

    def write(turn: int) -> int:
        del turn
        attempts = 0
        while True:
            attempts += 1
            try:
                made = announce_intent(said, seen=known, actor=actor, at=began)
            except Unaware as missed:
                known.update(str(one["version_key"]) for one in missed.references)
                continue
            end_intent(made.intent, actor=actor, at=began)
            return attempts

    return write


def _said(starts: datetime, length: timedelta):  # type: ignore[no-untyped-def]  # noqa: ANN202 - Django is not set up yet
    from clearinghouse.deconfliction.rules.announcing import Announcement
    from clearinghouse.deconfliction.rules.targets.kinds import target_from_text
    from clearinghouse.deconfliction.rules.windows import Window

    target = target_from_text("pkg:pypi/hot")
    return Announcement("fuzzing", (target,), Window(starts, starts + length), "mailto:bench@people.example")


def _actor(number: int):  # type: ignore[no-untyped-def]  # noqa: ANN202 - Django is not set up yet
    from clearinghouse.permissions.rules import Actor, Role

    return Actor(home_of(number), "bench", frozenset({Role.FINDER}), home_of(number))


KINDS = {"bare": bare, "disjoint": disjoint, "meeting": meeting}


def main(url: str, kind: str, process: int, threads: int, seconds: float) -> None:
    """Write for so long with so many threads."""
    start(url)
    from django.db import connection

    from clearinghouse.parties.rules import CLEARINGHOUSE
    from clearinghouse.sight.asking import usually_ask_as

    usually_ask_as(CLEARINGHOUSE)
    began = datetime.now(UTC)  # noqa: TID251 - a process of its own
    told = [Told() for _ in range(threads)]
    gate, stop = threading.Barrier(threads + 1), threading.Event()

    def work(mine: Told, number: int) -> None:
        write = KINDS[kind](number, began)
        write(0)
        gate.wait()
        turn = 0
        while not stop.is_set():
            turn += 1
            before = time.perf_counter()
            mine.attempts.append(write(turn))
            mine.took_ms.append((time.perf_counter() - before) * 1000)
            mine.writes += 1
        connection.close()

    crew = [threading.Thread(target=work, args=(one, process * 16 + place)) for place, one in enumerate(told)]
    for one in crew:
        one.start()
    gate.wait()
    print("ready", flush=True)
    sys.stdin.readline()
    time.sleep(seconds)
    stop.set()
    for one in crew:
        one.join()
    for mine in told:
        print(json.dumps({"writes": mine.writes, "attempts": mine.attempts, "took_ms": mine.took_ms}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
