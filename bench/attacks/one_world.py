"""One of two worlds, in a process of its own: builds it, asks it everything, and writes down every answer.

``python -m bench.attacks.one_world BRIEF``: the brief is a JSON file, see ``Brief``.
"""

import asyncio
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.attacks.briefs import STRANGER, Brief

LONGEST_WAIT_SECONDS = 600.0


def main(brief: Brief) -> None:
    """Build and ask."""
    from bench.attacks.steady import Steady

    steady = Steady()
    steady.begin("start")
    from clearinghouse.commands.django import start

    start(brief.database if "://" in brief.database else Path(brief.database), serving=True)
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # many sign in here
    _hash_without_chance(steady)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.CLEARINGHOUSE_ARTEFACTS = Path(brief.folder) / f"artefacts-{brief.hidden}"
    from bench.attacks.planted import plant
    from bench.attacks.world import World, make_hidden, make_open
    from clearinghouse.artefacts import Artefacts
    from clearinghouse.config.asgi import make_application
    from clearinghouse.parties.rules import CLEARINGHOUSE
    from clearinghouse.sight.asking import asking_as

    store = Artefacts(settings.CLEARINGHOUSE_ARTEFACTS)
    with asking_as(CLEARINGHOUSE):
        world, office = make_open(store, steady.begin("open"))
        if brief.hidden:
            world.hidden = make_hidden(store, office, steady.begin("hidden", seconds=1))
            whole = Path(brief.names).with_suffix(".part")
            whole.write_text(json.dumps(world.hidden), "utf-8")
            whole.rename(brief.names)
    hidden = _names_of_what_is_hidden(Path(brief.names))
    plant(brief.planted)
    application = make_application()
    assert isinstance(world, World)  # noqa: S101 - for the reader
    with Path(brief.answers).open("w", encoding="utf-8") as answers:
        answers.writelines(json.dumps(line) + "\n" for line in _answers(application, world, hidden, brief, steady))


def _names_of_what_is_hidden(file: Path) -> dict[str, list[str]]:
    until = time.monotonic() + LONGEST_WAIT_SECONDS
    while not file.exists():
        if time.monotonic() > until:
            raise RuntimeError("the world with a hidden case left no names")
        time.sleep(0.2)
    found: dict[str, list[str]] = json.loads(file.read_text("utf-8"))
    return found


def _answers(application: Any, world: Any, hidden: Any, brief: Brief, steady: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    from django.conf import settings
    from django.core import mail

    from bench.attacks.asgi import Client
    from bench.attacks.asking import WORK, all_asked

    loop = asyncio.new_event_loop()
    clients = {role: Client(application, loop) for role in {*brief.roles, STRANGER}}
    tokens = {role: Client(application, loop, token=world.tokens.get(role, "")) for role in {*brief.roles, STRANGER}}
    for number, role in enumerate(brief.roles):
        if role != STRANGER:
            steady.begin(f"session {role}", seconds=2 + number)
            clients[role].cookies = _session(world.people[role])
    session, mail.outbox = settings.SESSION_COOKIE_NAME, []
    for place, (number, one) in enumerate(
        all_asked(world.own, hidden, requests=brief.requests, roles=brief.roles, seed=brief.seed)
    ):
        steady.begin(f"request {place}", seconds=10 + 0.5 * place)
        if one.method == WORK:
            _work()
            continue
        if one.role != STRANGER and not clients[one.role].cookies.get(session, ""):  # they had signed out
            clients[one.role].cookies = _session(world.people[one.role])
        client = tokens[one.role] if one.by_token else clients[one.role]
        body = one.body
        if not one.by_token and one.method == "POST":
            client.cookies.setdefault("clearinghouse_csrf", "A" * 32)
            one.headers["x-csrftoken"] = client.cookies["clearinghouse_csrf"][:32]  # type: ignore[index]  # a dict
        answer = client.ask(one.method, one.target, body=body, headers=one.headers)
        if one.role == STRANGER:
            client.cookies.clear()
        sent = [str(letter.message()) for letter in mail.outbox]
        mail.outbox.clear()
        asked = {key: value for key, value in asdict(one).items() if key != "body"}
        yield {
            "place": place,
            "number": number,
            "asked": asked | {"body": hashlib.sha256(body).hexdigest()},
            "status": answer.status,
            "headers": [[key.decode("latin-1"), value.decode("latin-1")] for key, value in answer.headers],
            "body": answer.body.decode("latin-1"),
            "mail": sent,
        }
    loop.close()


def _hash_without_chance(steady: Any) -> None:  # noqa: ANN401 - Steady
    """Let the hash that is made for an address without an account draw nothing: what is drawn next would be another."""
    from allauth.account.auth_backends import AuthenticationBackend
    from django.contrib.auth.hashers import BasePasswordHasher

    whole = AuthenticationBackend._mitigate_timing_attack  # noqa: SLF001 - allauth's

    def mitigate(self: Any, password: str) -> None:  # noqa: ANN401 - a backend
        with steady.aside():
            whole(self, password)

    AuthenticationBackend._mitigate_timing_attack = mitigate  # noqa: SLF001 - allauth's
    setattr(BasePasswordHasher, "salt", lambda _: "s" * 22)  # noqa: B010 - a method is replaced


def _session(person: Any) -> dict[str, str]:  # noqa: ANN401 - a Person, once Django is loaded
    from django.conf import settings
    from django.test import Client

    browser = Client()
    browser.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return {settings.SESSION_COOKIE_NAME: browser.cookies[settings.SESSION_COOKIE_NAME].value}


def _work() -> None:
    """Read what was handed in, as a worker does."""
    from clearinghouse.findings.queries import due_submissions
    from clearinghouse.findings.tasks import read_submission
    from clearinghouse.parties.rules import CLEARINGHOUSE
    from clearinghouse.sight.asking import asking_as

    with asking_as(CLEARINGHOUSE):
        for turn in list(due_submissions()):
            read_submission.func(str(turn.args[0]))


if __name__ == "__main__":
    said = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    main(Brief(**said | {"roles": tuple(said["roles"])}))
