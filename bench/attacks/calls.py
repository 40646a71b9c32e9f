"""Calls of one role to every operation, made up by schemathesis from the OpenAPI document: right, nearly right, wrong.

``python -m bench.attacks.calls FOLDER ROLE CALLS SEED`` prints a line of JSON: how many calls, by status, and every
answer that should not be. Half of the names in addresses are of things that there are.
"""

import asyncio
import json
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

STAFF = ("coordinator", "administrator")
ROLES = ("finder", "maintainer", *STAFF, "stranger")
MOST_FAULTS = 20
PROBLEM = "application/problem+json"
ENDLESS = "events"
"""The operation whose answer is a stream that does not end; tests/notices/test_stream.py asks for it."""


def main(folder: Path, role: str, calls: int, seed: int) -> dict[str, Any]:
    """Make a server, call it so often, and return what was found."""
    from clearinghouse.commands.django import start

    start(folder / "attacked.sqlite3", serving=True)
    from django.conf import settings
    from django.utils import timezone

    settings.CLEARINGHOUSE_ARTEFACTS, settings.CLEARINGHOUSE_KEY = folder / "artefacts", folder / "key"
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    from bench.attacks.world import make_hidden, make_open
    from clearinghouse.artefacts import Artefacts
    from clearinghouse.deconfliction.actions.lists import keep_lists
    from clearinghouse.edges.signer import the_signer
    from clearinghouse.parties.rules import CLEARINGHOUSE
    from clearinghouse.sight.asking import asking_as

    at = timezone.now()  # noqa: TID251 - a bench has a clock
    with asking_as(CLEARINGHOUSE):
        store = Artefacts(settings.CLEARINGHOUSE_ARTEFACTS)
        world, office = make_open(store, at)
        hidden = make_hidden(store, office, at)
        keep_lists(store, origin="here", key=the_signer(), actor=CLEARINGHOUSE, at=at)
        token = world.tokens.get(role) or _token_of_staff(role, at + timedelta(days=9))
    names = {kind: [*world.own.get(kind, ()), *hidden.get(kind, ())] for kind in {*world.own, *hidden}}
    return _Attack(names, token).run(calls, seed)


def _token_of_staff(role: str, until: Any) -> str:  # noqa: ANN401 - a datetime
    if role not in STAFF:
        return ""
    from clearinghouse.parties.actions import issue_token
    from clearinghouse.parties.queries import actor_for_person
    from clearinghouse.permissions.rules import Role
    from clearinghouse.permissions.table import the_table
    from tests.parties.makers import a_person

    at = until - timedelta(days=9)
    actor = actor_for_person(a_person(Role(role), at=at), second_factor=True, at=at)
    rooms = sorted({verb.partition(":")[0] for verb in the_table().verbs})
    return issue_token("attack", scopes=rooms, expires_at=until, actor=actor, at=at)[1]


class _Attack:
    """All calls of one role to one server."""

    def __init__(self, names: dict[str, list[str]], token: str) -> None:
        from bench.attacks.asgi import Client
        from clearinghouse.config.asgi import make_application

        self.names = names
        self.client = Client(make_application(), asyncio.new_event_loop(), token=token)
        self.statuses: Counter[int] = Counter()
        self.faults: dict[str, str] = {}

    def run(self, calls: int, seed: int) -> dict[str, Any]:
        """Call every operation equally often, right and wrong in turn."""
        from schemathesis import GenerationMode

        operations = [one for document in _documents() for one in _operations(document)]
        share = -(-calls // (2 * len(operations)))
        for number, operation in enumerate(operations):
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                self._call(operation, mode, share, seed + number)
        self._other_methods(operations)
        return {"calls": self.statuses.total(), "statuses": dict(sorted(self.statuses.items())), "faults": self.faults}

    def _call(self, operation: Any, mode: Any, share: int, seed: int) -> None:  # noqa: ANN401 - schemathesis'
        from hypothesis import HealthCheck, Phase, given, settings
        from hypothesis import seed as seeded
        from hypothesis import strategies as st
        from hypothesis.errors import Unsatisfiable

        made = self.statuses.total()

        @seeded(seed)
        @settings(
            max_examples=share,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
        def once(case: Any, data: Any) -> None:  # noqa: ANN401 - schemathesis' and Hypothesis'
            for name in case.path_parameters or {}:
                if data.draw(st.booleans()):
                    case.path_parameters[name] = data.draw(st.sampled_from(self._known(name)))
            self._send(operation, case)

        try:
            once()
        except Unsatisfiable:
            return  # nothing of this operation can be wrong
        self._again(operation, mode, share - (self.statuses.total() - made), seed)

    def _again(self, operation: Any, mode: Any, missing: int, seed: int) -> None:  # noqa: ANN401 - schemathesis'
        """Make up for calls that Hypothesis did not make, for it had made their like before."""
        if missing > 0 and seed < 1 << 40:
            self._call(operation, mode, missing, seed + (1 << 40))

    def _known(self, name: str) -> list[str]:
        from bench.attacks.asking import kind_of

        return self.names.get(kind_of(name)) or ["0"]

    def _send(self, operation: Any, case: Any) -> None:  # noqa: ANN401 - schemathesis'
        import requests

        told = case.as_transport_kwargs(base_url="http://127.0.0.1:8000")
        try:
            prepared = requests.Request(
                **{
                    key: told[key]
                    for key in told
                    if key in {"method", "url", "headers", "params", "data", "json", "files"}
                }
            ).prepare()
        except (requests.exceptions.RequestException, UnicodeError, ValueError):
            return  # what no client can send
        told_body: Any = prepared.body or b""
        body = told_body.encode("utf-8", "replace") if isinstance(told_body, str) else bytes(told_body)
        headers = {key: str(value) for key, value in prepared.headers.items() if key.lower() != "authorization"}
        headers.pop("Content-Length", None)
        target = str(prepared.url).partition("8000")[2]
        self._ask(f"{operation.method.upper()} {operation.path}", operation.method.upper(), target, body, headers)

    def _ask(self, where: str, method: str, target: str, body: bytes, headers: dict[str, str]) -> None:
        answer = self.client.ask(method, target, body=body, headers=headers)
        self.statuses[answer.status] += 1
        wrong = ""
        if answer.status >= 500:  # noqa: PLR2004 - HTTP's own number
            wrong = f"{answer.status}: {answer.body[:300]!r}"
        elif answer.status >= 400 and answer.header("content-type") != PROBLEM:  # noqa: PLR2004 - HTTP's own number
            wrong = f"{answer.status} is no problem document: {answer.header('content-type')}"
        if wrong and len(self.faults) < MOST_FAULTS:
            self.faults.setdefault(where, f"{method} {target[:300]} {body[:300]!r}: {wrong}")

    def _other_methods(self, operations: list[Any]) -> None:
        for path in sorted({one.path for one in operations}):
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "BREW"):
                self._ask(f"{method} {path}", method, path.replace("{", "").replace("}", ""), b"", {})


def _documents() -> list[dict[str, Any]]:
    """Return the committed document of the API, and that of the intake beside it."""
    from bench.attacks.asking import OPENAPI
    from clearinghouse.config.api import tap

    beside = json.loads(json.dumps(tap.get_openapi_schema(path_prefix="/tap/v1/"), default=str))
    return [json.loads(OPENAPI.read_text("utf-8")), beside]


def _operations(document: dict[str, Any]) -> list[Any]:
    import schemathesis

    found: Any = schemathesis.openapi.from_dict(document).exclude(operation_id=ENDLESS)
    return [one.ok() for one in found.get_all_operations()]


if __name__ == "__main__":
    found = main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    print(json.dumps(found))
