"""Every address, asked by every role for what is not theirs and for what is: the table decides, over HTTP too."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from clearinghouse.ledger.models import Event
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import NEED_SECOND_FACTOR, PEOPLE, Role
from clearinghouse.permissions.table import the_table
from clearinghouse.records import Record
from tests.advisories.world import World, signed_in
from tests.journeys.ways import MARK, NO_SUCH_WAY, a_house, ask, asked_by, the_ways, things_of
from tests.parties.makers import a_person, an_organization, right_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:  # noqa: ANN401 - pytest-django's
    return a_house(settings, tmp_path)


@pytest.fixture
def things(world: World) -> dict[str, Record]:
    return things_of(world)


@pytest.mark.parametrize("second_factor", [True, False])
@pytest.mark.parametrize("role", PEOPLE)
def test_who_may_not_is_sent_away_gets_no_byte_of_it_and_leaves_no_trace(
    role: Role, *, second_factor: bool, things: dict[str, Record]
) -> None:
    if not second_factor and role not in NEED_SECOND_FACTOR:
        pytest.skip("a second factor changes nothing for this role")
    person = a_person(role, organization=an_organization("Strangers"), at=right_now())
    actor = actor_for_person(person, second_factor=second_factor, at=right_now())
    client, refused = signed_in(person, second_factor=second_factor), 0
    client.raise_request_exception = False
    case_is_hidden = not the_table().decide(actor, "cases:case:read", things["case"]).allowed
    hidden = (MARK, things["case"].public_id) if case_is_hidden else ()  # type: ignore[attr-defined]
    wrong = []
    for way in the_ways(things):
        asked = asked_by(actor, client, way, things)
        if asked.answer.status_code == NO_SUCH_WAY:
            continue
        refused += not asked.allowed
        if not asked.allowed and (asked.traces or not asked.is_sent_away):
            wrong.append(str(asked))
        assert not [one for one in hidden if one in asked.told], way
    assert not wrong, "\n".join(wrong)
    assert refused > 15


def test_a_stranger_is_asked_to_sign_in_at_every_door(things: dict[str, Record]) -> None:
    tried = 0
    for way in the_ways(things):
        tried += 1
        answer = ask(Client(), way, things)
        to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/sign-in?")
        assert to_sign_in or answer.status_code == 401, (way, answer.status_code)
        assert MARK.encode() not in answer.content
    assert tried > 80


def test_what_is_hidden_is_answered_like_what_is_not_there(things: dict[str, Record]) -> None:
    client = signed_in(a_person(Role.FINDER, organization=an_organization("Strangers"), at=right_now()))
    compared = 0
    for way in the_ways(things):
        if way.about is None or way.method != "GET":
            continue
        hidden = ask(client, way, things)
        absent_at = way.address
        for thing in things.values():
            absent_at = absent_at.replace(str(thing.pk), str(UUID(int=9)))
            kind, _, name = getattr(thing, "public_id", "").partition("-")
            absent_at = absent_at.replace(f"{kind}-{name}", f"{kind}-{'Z' * len(name)}") if name else absent_at
            for one in (getattr(thing, "key", ""), getattr(thing, "receipt", "")):
                absent_at = absent_at.replace(one[4:], "F" * len(one[4:])) if one else absent_at
        absent = client.get(absent_at)
        if hidden.status_code == 404:
            compared += 1
            assert absent_at != way.address, "another name is asked for"
            assert absent.status_code == 404 and absent.content == hidden.content, (way, absent_at)
            assert {k: v for k, v in absent.items() if k != "Set-Cookie"} == {
                k: v for k, v in hidden.items() if k != "Set-Cookie"
            }
    assert compared > 8


def test_reading_what_is_confidential_is_written_down_before_the_answer(
    things: dict[str, Record], world: World
) -> None:
    client = signed_in(world.coordinator, second_factor=True)
    case, finding = things["case"], things["finding"]
    digest = finding.artefacts["proof.yaml"]  # type: ignore[attr-defined]
    readings = {
        f"/cases/{case.public_id}": (case, 1),  # type: ignore[attr-defined]
        f"/api/v1/cases/{case.public_id}": (case, 0),  # type: ignore[attr-defined]
        f"/cases/{case.public_id}/files/{digest}": (case, 1),  # type: ignore[attr-defined]
        f"/cases/{case.public_id}/reports/{finding.key}.zip": (case, 1),  # type: ignore[attr-defined]
        f"/reports/{finding.key}": (finding, 1),  # type: ignore[attr-defined]
        f"/api/v1/findings/{finding.pk}": (finding, 0),
        f"/api/v1/findings/{finding.pk}/verdict": (finding, 0),
        f"/api/v1/findings/{finding.pk}/artefacts/proof.yaml": (finding, 1),
    }
    for address, (row, more) in readings.items():
        verb = f"{row._meta.app_label}:{row.kind}:read"
        read = Event.objects.filter(verb=verb, subject=str(row.pk), actor=world.coordinator.pk)
        before = read.count()
        assert client.get(address).status_code == 200, address
        assert read.count() == before + more, f"{address}: one reading a day, and every file that is taken"


def test_a_finder_reads_their_own_without_being_written_down(things: dict[str, Record], world: World) -> None:
    client, before = signed_in(world.finder), Event.objects.count()
    assert client.get(f"/reports/{things['finding'].key}").status_code == 200  # type: ignore[attr-defined]
    assert Event.objects.count() == before
