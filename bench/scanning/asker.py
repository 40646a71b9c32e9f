"""Somebody who announces scans over HTTP: ``python -m bench.scanning.asker ADDRESS SEED``, token in the environment.

Prints a line for each announcement that was answered; where there was no answer, the same one is sent again.
"""

import dataclasses
import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from random import Random

from clearinghouse_client.intents import Intents
from clearinghouse_client.session import NoAnswer, ServerRefused, Session
from tests.deconfliction.oracle import Wanted, a_wish

WORLDS = 400
TRIES = 200
NAP_SECONDS = 0.2
SERVER_ERROR = 500


def main(address: str, seed: str) -> None:
    """Announce until somebody ends this process."""
    chance, turn = Random(seed), 0  # noqa: S311 - scans are no secret
    # The day's first hour that every asker of this run can still name: all of them mean the same hours.
    noon = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)  # noqa: TID251
    with Session(address, os.environ["CLEARINGHOUSE_TOKEN"]) as session:  # noqa: TID251 - a process of its own
        while True:
            turn += 1
            _announce(Intents(session), a_wish(chance), f"w{chance.randrange(WORLDS)}", f"{seed} {turn}", noon)


def _announce(intents: Intents, wish: Wanted, world: str, key: str, noon: datetime) -> None:
    said = {
        "technique": wish.technique,
        "targets": [wish.plain(world)],
        "starts_at": (noon + timedelta(hours=wish.starts)).isoformat(),
        "ends_at": (noon + timedelta(hours=wish.ends)).isoformat(),
        "contact": "mailto:a@people.example",
    }
    seen: set[str] = set()
    for _ in range(TRIES):
        try:
            made = intents.announce(said, seen=seen, key=key).intent
        except NoAnswer:
            time.sleep(NAP_SECONDS)
        except ServerRefused as refusal:
            if refusal.code == "unaware":
                seen |= {str(one["version_key"]) for one in refusal.references}
            elif refusal.status >= SERVER_ERROR:
                time.sleep(NAP_SECONDS)
            else:
                return
        else:
            told = {"id": made.id, "key": made.version_key, "world": world, "wish": dataclasses.asdict(wish)}
            print(json.dumps(told), flush=True)
            return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
