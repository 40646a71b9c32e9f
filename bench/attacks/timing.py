"""Whether the time of an answer tells what is hidden from what is not there: the area under the curve of each pair.

``python -m bench.attacks.timing FOLDER PAIRS SEED`` prints a line of JSON. Processor time is taken, not the clock's:
it is what the server does, and other work on the machine does not blur it in the attacked server's favour.
"""

import asyncio
import bisect
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

WARMING = 20
SLOW = 8
"""Signing in hashes a password each time: so many times fewer pairs."""


def auc(one: Sequence[float], other: Sequence[float]) -> float:
    """Return how well times of two kinds are told apart: 0.5 not at all, 1 always."""
    ordered = sorted(other)
    wins = sum((bisect.bisect_left(ordered, it) + bisect.bisect_right(ordered, it)) / 2 for it in one)
    area = wins / (len(one) * len(other))
    return max(area, 1 - area)


def main(folder: Path, pairs: int, seed: int) -> dict[str, float]:
    """Make a server with something hidden, and ask for what is hidden and what is not there in turns."""
    from clearinghouse.commands.django import start

    start(folder / "timed.sqlite3", serving=True)
    from django.conf import settings
    from django.core.cache import cache
    from django.utils import timezone

    settings.CLEARINGHOUSE_ARTEFACTS = folder / "artefacts"
    settings.ACCOUNT_RATE_LIMITS = False  # an attacker has time, and many addresses
    from bench.attacks.asgi import FORM, Client
    from bench.attacks.world import make_hidden, make_open
    from clearinghouse.artefacts import Artefacts
    from clearinghouse.config.asgi import make_application
    from clearinghouse.parties.actions import make_invitation, withdraw_invitation
    from clearinghouse.parties.models import Organization
    from clearinghouse.parties.rules import CLEARINGHOUSE
    from clearinghouse.permissions.rules import Role
    from clearinghouse.sight.asking import asking_as

    at = timezone.now()  # noqa: TID251 - a bench has a clock
    with asking_as(CLEARINGHOUSE):
        store = Artefacts(settings.CLEARINGHOUSE_ARTEFACTS)
        world, office = make_open(store, at)
        hidden = make_hidden(store, office, at)
        home = Organization.objects.get(name="Black House")
        ended, secret = make_invitation(home, Role.FINDER, email="e@black.example", actor=CLEARINGHOUSE, at=at)
        withdraw_invitation(ended, actor=CLEARINGHOUSE, at=at + timedelta(seconds=1))
    chance = random.Random(seed)  # noqa: S311 - what is asked, no secret
    client = Client(make_application(), asyncio.new_event_loop(), token=world.tokens["finder"])

    def get(address: Callable[[], str]) -> Callable[[], Any]:
        return lambda: client.ask("GET", address())

    def sign_in(email: Callable[[], str]) -> Callable[[], Any]:
        headers = {"content-type": FORM, "x-csrftoken": "A" * 32}

        def ask() -> Any:  # noqa: ANN401 - an answer
            cache.clear()
            stranger.cookies = {"clearinghouse_csrf": "A" * 32}
            body = urlencode({"login": email(), "password": "a wrong and unlikely one"}).encode()
            return stranger.ask("POST", "/sign-in", body=body, headers=headers)

        return ask

    stranger = Client(client.application, client.loop)
    ids = [one for one in hidden["case"] if one.startswith("CASE-")]
    people = [one for one in hidden["email"] if "@" in one and not one.startswith("x")]

    def other_case() -> str:
        return "CASE-" + "".join(chance.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=8))

    def other_id() -> str:
        return str(UUID(int=chance.getrandbits(128), version=4))

    def address_of(local: str) -> str:
        return f"{local}@black.example"

    kinds: dict[str, tuple[Callable[[], Any], Callable[[], Any], int]] = {
        "a case, by the API": (
            get(lambda: f"/api/v1/cases/{chance.choice(ids)}"), get(lambda: f"/api/v1/cases/{other_case()}"), pairs
        ),
        "a finding, by the API": (
            get(lambda: f"/api/v1/findings/{chance.choice(hidden['finding'])}"),
            get(lambda: f"/api/v1/findings/{other_id()}"),
            pairs,
        ),
        "a report's page": (
            get(lambda: f"/reports/{chance.choice(hidden['key'])}"),
            get(lambda: f"/reports/{chance.randbytes(32).hex()}"),
            pairs,
        ),
        "an organization": (
            get(lambda: f"/api/v1/organizations/{chance.choice(hidden['organization'])}/members"),
            get(lambda: f"/api/v1/organizations/{other_id()}/members"),
            pairs,
        ),
        "an invitation that has ended": (
            lambda: stranger.ask("GET", f"/join/{secret}"),
            lambda: stranger.ask("GET", f"/join/{chance.randbytes(24).hex()[:43]}"),
            pairs,
        ),
        "an address that signs in": (
            sign_in(lambda: chance.choice(people)),
            sign_in(lambda: address_of(chance.choice(["nobody", "hiddem", "n"]))),
            max(40, pairs // SLOW),
        ),
    }  # fmt: skip
    return {what: _told_apart(*ways, chance) for what, ways in kinds.items()}


def _told_apart(one: Callable[[], Any], other: Callable[[], Any], pairs: int, chance: random.Random) -> float:
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(min(WARMING, pairs)):
        one(), other()
    for _ in range(pairs):
        turn = [True, False]
        chance.shuffle(turn)
        for which in turn:
            began = time.process_time()
            (one if which else other)()
            times[which].append(time.process_time() - began)
    return auc(times[True], times[False])


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
