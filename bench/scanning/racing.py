"""Writers that race on a real database: ``python -m bench.scanning.racing DATABASE SEED SCHEDULES`` runs schedules.

Each schedule is a small world of its own with a few writers, all let go at once; each announces a random scan, comes
again with the keys that it was told, and some renew or end theirs. In the end every two that stand and have to know of
each other, as the oracle says, must do so; then they end, so that the worlds before do not fill the index of this one.
Prints one line: schedules, accepted, refused, who stood unaware and what failed. That takes many minutes, so every few
hundred schedules say on stderr what was found so far.
"""

import json
import sys
import threading
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID, uuid5

from clearinghouse.commands.django import start

NAMES = UUID("6f2b7a1e-6a6c-5a57-9b55-8f5c2a1f0b12")
WRITERS = 3
TRIES = 6
AT = datetime(2026, 11, 23, 11, tzinfo=UTC)
"""An hour before the small worlds begin."""
AT_A_TIME = 250
"""Schedules between two lines that say what was found so far."""


def prepare(writers: int = WRITERS) -> None:
    """Make the organizations of the writers."""
    from clearinghouse.parties.models import Organization

    for number in range(writers):
        Organization.objects.get_or_create(
            pk=uuid5(NAMES, str(number)),
            defaults={"name": f"racer {number}", "created_at": datetime.now(UTC)},  # noqa: TID251 - a process of its own
        )


class Racer:
    """One writer: a thread with a connection of its own, which runs its part of every schedule."""

    def __init__(self, number: int, first: threading.Barrier, last: threading.Barrier) -> None:
        from clearinghouse.permissions.rules import Actor, Role

        home = uuid5(NAMES, str(number))
        self.actor = Actor(home, "racer", frozenset({Role.FINDER}), home)
        self.first, self.last = first, last
        self.todo: tuple[str, Any, Random] | None = None
        self.kept: tuple[Any, Any] | None = None
        self.refused = 0
        self.failures: list[str] = []
        self.thread = threading.Thread(target=self._race)

    def _race(self) -> None:
        from django.db import connection

        while True:
            self.first.wait()
            if self.todo is None:
                break
            self.kept = None
            try:
                self._run(*self.todo)
            except Exception as failed:  # noqa: BLE001 - told with the rest; the others wait for this thread
                self.failures.append(f"{self.todo[0]}: {failed!r}")
            finally:
                self.last.wait()
        connection.close()

    def _run(self, world: str, wish: Any, chance: Random) -> None:  # noqa: ANN401 - of a module that waits for Django
        from clearinghouse.deconfliction.actions.intents import announce_intent, end_intent, renew_intent
        from clearinghouse.deconfliction.rules.announcing import Announcement
        from clearinghouse.deconfliction.rules.targets.kinds import target_of
        from tests.deconfliction.schedules import window_of

        at = AT
        said = Announcement(wish.technique, (target_of(wish.plain(world)),), window_of(wish), "mailto:a@people.example")
        intent = self._with_keys(lambda seen: announce_intent(said, seen=seen, actor=self.actor, at=at))
        if intent is None:
            return
        self.kept = intent, wish
        if chance.random() < 0.2:  # noqa: PLR2004 - some
            end_intent(intent, actor=self.actor, at=at)
            self.kept = None
        elif chance.random() < 0.3:  # noqa: PLR2004 - some
            longer = type(wish)(**{**vars_of(wish), "ends": wish.ends + 2})
            until = window_of(longer).ends_at
            version = intent.version_key
            renewed = self._with_keys(
                lambda seen: renew_intent(intent, until, version=version, seen=seen, actor=self.actor, at=at)
            )
            if renewed is not None:
                self.kept = renewed, longer

    def leave(self) -> None:
        """End what still stands."""
        from clearinghouse.deconfliction.actions.intents import end_intent
        from clearinghouse.deconfliction.models import Intent

        if self.kept is not None:
            end_intent(Intent.objects.get(pk=self.kept[0].pk), actor=self.actor, at=AT)

    def _with_keys(self, write: Any) -> Any:  # noqa: ANN401 - an action
        from clearinghouse.errors import Unaware

        seen: set[str] = set()
        for _ in range(TRIES):
            try:
                return write(seen).intent
            except Unaware as missed:
                seen |= {str(one["version_key"]) for one in missed.references}
        self.refused += 1
        return None


def vars_of(wish: Any) -> dict[str, Any]:  # noqa: ANN401 - a wish of the oracle
    """Return the fields of a wish."""
    return {name: getattr(wish, name) for name in wish.__dataclass_fields__}


def race(schedules: int, seed: int) -> dict[str, Any]:
    """Run so many schedules; return what was counted and what is wrong."""
    from tests.deconfliction.oracle import a_wish

    first, last = threading.Barrier(WRITERS + 1), threading.Barrier(WRITERS + 1)
    racers = [Racer(number, first, last) for number in range(WRITERS)]
    for one in racers:
        one.thread.start()
    accepted, pairs, unaware = 0, 0, list[str]()
    for turn in range(schedules):
        chance = Random(f"{seed} {turn}")  # noqa: S311 - the same each time
        for one in racers:
            one.todo = (f"w{seed}-{turn}", a_wish(chance), Random(chance.random()))  # noqa: S311
        first.wait()
        last.wait()
        kept = [one.kept for one in racers if one.kept is not None]
        accepted += len(kept)
        here, found = _held_against_the_oracle(kept)
        pairs += here
        unaware += [f"{seed} {turn}: {one}" for one in found]
        for one in racers:
            one.leave()
        if not (turn + 1) % AT_A_TIME:
            said = f"  seed {seed}: {turn + 1} of {schedules} schedules, {pairs} pairs that have to know, unaware"
            print(said, len(unaware), file=sys.stderr, flush=True)
    for one in racers:
        one.todo = None
    first.wait()
    for one in racers:
        one.thread.join()
    refused = sum(one.refused for one in racers)
    return {
        "schedules": schedules,
        "accepted": accepted,
        "pairs": pairs,
        "refused": refused,
        "unaware": unaware,
        "failed": [line for one in racers for line in one.failures],
    }


def _held_against_the_oracle(kept: list[Any]) -> tuple[int, list[str]]:
    """Return how many pairs have to know of each other, and what is wrong with them as rows stand in the end."""
    from clearinghouse.deconfliction.models import Intent
    from tests.deconfliction.oracle import must_know

    rows = Intent.objects.in_bulk([intent.pk for intent, _ in kept])
    if len(rows) < len(kept):
        return 0, ["an accepted scan is not there"]
    due = [(one, other) for place, one in enumerate(kept) for other in kept[:place] if must_know(one[1], other[1])]
    unaware = [pair for pair in due if not _aware(rows[pair[0][0].pk], rows[pair[1][0].pk])]
    return len(due), [f"{one[1]} and {other[1]} stand unaware of each other" for one, other in unaware]


def _aware(one: Any, other: Any) -> bool:  # noqa: ANN401 - rows
    return bool(
        one.acknowledged.get(other.public_id) == other.version_key
        or other.acknowledged.get(one.public_id) == one.version_key
    )


def main(database: str, seed: int, schedules: int) -> None:
    """Run schedules on a database of their own."""
    start(database)
    from clearinghouse.parties.rules import CLEARINGHOUSE
    from clearinghouse.sight.asking import usually_ask_as

    usually_ask_as(CLEARINGHOUSE)
    prepare()
    print(json.dumps(race(schedules, seed)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
