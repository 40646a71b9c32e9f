import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from clearinghouse.cases.models import Response
from clearinghouse.parties.models import Organization
from clearinghouse.permissions.rules import Role
from clearinghouse_client.cases import Cases
from clearinghouse_client.organizations import Organizations
from clearinghouse_client.session import PAUSES_SECONDS, NoAnswer, ServerRefused, Session
from tests.clearinghouse_client.here import Here
from tests.journeys.ways import a_house
from tests.parties.makers import a_person, a_token, right_now


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses, none of which is waited."""
    pauses = list[float]()
    monkeypatch.setattr("clearinghouse_client.session.time.sleep", pauses.append)
    return pauses


class Losing(Here):
    """Does what it is asked, and loses the first answers."""

    def __init__(self, lost: int) -> None:
        self.lost, self.keys = lost, list[str]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return an answer, or break the line."""
        answer = super().handle_request(request)
        if request.method == "POST":
            self.keys.append(request.headers.get("Idempotency-Key", ""))
            if len(self.keys) <= self.lost:
                raise httpx.ReadError("broken", request=request)
        return answer


def _session(transport: httpx.BaseTransport, token: str = "") -> Session:
    return Session("http://clearinghouse.example", token, transport=transport)


@pytest.mark.django_db
def test_what_got_no_answer_is_sent_again_and_done_once(slept: list[float]) -> None:
    person = a_person(Role.ADMINISTRATOR, at=right_now())
    transport = Losing(2)
    with _session(transport, a_token(person, "parties", at=right_now(), second_factor=True)) as session:
        made = Organizations(session).found("Lost")
        assert Organizations(session).found("Other").id != made.id
    assert Organization.objects.get(name="Lost").pk == made.id
    assert len(transport.keys) == 4 and len(set(transport.keys)) == 2 and "" not in transport.keys
    assert slept == list(PAUSES_SECONDS[:2])


@pytest.mark.django_db
def test_an_answer_given_again_still_says_which_version_to_decide_on(settings: Any, tmp_path: Path) -> None:  # noqa: ANN401
    world, transport = a_house(settings, tmp_path), Losing(1)
    token = a_token(world.coordinator, "cases", "findings", "validation", at=right_now(), second_factor=True)
    with _session(transport, token) as session:
        cases = Cases(session)
        said = cases.respond(cases.case(world.case.public_id), "confirmed")
        (response,) = said.responses
        assert cases.withdraw_response(said, response.id, why="we erred").responses[0].state == "withdrawn"
    assert Response.objects.count() == 1 and transport.keys[0] == transport.keys[1] != ""


@pytest.mark.django_db
def test_a_change_of_what_has_changed_is_refused_and_one_that_names_no_version_not_sent(
    settings: Any,  # noqa: ANN401 - pytest-django's
    tmp_path: Path,
) -> None:
    world = a_house(settings, tmp_path)
    token = a_token(world.coordinator, "cases", "findings", "validation", at=right_now(), second_factor=True)
    with _session(Here(), token) as session:
        cases = Cases(session)
        read = cases.case(world.case.public_id)
        cases.respond(read, "confirmed")
        with pytest.raises(ServerRefused) as refused:
            cases.respond(read, "disputed", why="it is documented")
        assert refused.value.status == 412
        with pytest.raises(ValueError, match="names no version"):
            cases.respond(replace(read, etag=""), "confirmed")


@pytest.mark.parametrize(
    ("answers", "sent"),
    [
        ([httpx.ReadError("broken")] * 9, 4),
        ([httpx.Response(502, text="a proxy")] * 9, 4),
        ([httpx.Response(409, json={"code": "idempotency-key-busy"}), httpx.Response(201, json={})], 2),
        ([httpx.Response(409, json={"code": "conflict"})] * 9, 1),
        ([httpx.Response(404, text="no clearinghouse")] * 9, 1),
        ([httpx.Response(503, json={"code": "unavailable"})] * 9, 1),
    ],
)
def test_only_what_is_lost_or_busy_is_sent_again_and_not_for_ever(answers: list[Any], sent: int) -> None:
    told, keys = iter(answers), list[str]()

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        said = next(told)
        if isinstance(said, Exception):
            raise said
        answered: httpx.Response = said
        return answered

    with _session(httpx.MockTransport(answer)) as session:
        try:
            session.once("/organizations", key="mine", json={"name": "x"})
        except (NoAnswer, ServerRefused):
            assert sent != 2
    assert keys == ["mine"] * sent


def test_what_takes_no_key_is_sent_once() -> None:
    asked = itertools.count(1)

    def answer(_: httpx.Request) -> httpx.Response:
        next(asked)
        raise httpx.ReadError("broken")

    with _session(httpx.MockTransport(answer)) as session, pytest.raises(NoAnswer):
        session.post("/tokens", json={})
    assert next(asked) == 2
