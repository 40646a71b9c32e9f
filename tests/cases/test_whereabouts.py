"""Tests of clearinghouse/cases/whereabouts.py: whoever handed in a report is told what became of it, and no more."""

from pathlib import Path
from typing import Any

import pytest

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.models import Join
from clearinghouse.cases.whereabouts import SAYS, Whereabouts, case_of, whereabouts_of
from clearinghouse.parties.models import Organization
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import Actor
from tests.advisories.world import World, a_world, signed_in
from tests.parties.makers import NOON

pytestmark = pytest.mark.django_db
WITH_THEM = SAYS[Whereabouts.WITH_COORDINATORS]


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:  # noqa: ANN401 - pytest-django's
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"
    return a_world(Artefacts(tmp_path / "artefacts"))


def acting(world: World, who: str) -> Actor:
    return actor_for_person(getattr(world, who), second_factor=True, at=NOON)


def test_a_finder_without_a_seat_learns_that_the_coordinators_have_it_and_nothing_of_the_case(world: World) -> None:
    finder = acting(world, "finder")
    assert whereabouts_of(finder, world.findings[0]) is Whereabouts.WITH_COORDINATORS
    assert case_of(finder, world.findings[0]) is None
    page = signed_in(world.finder).get(f"/reports/{world.findings[0].key}").content.decode()
    assert WITH_THEM in page and "CASE-" not in page


def test_whoever_may_read_the_case_is_led_to_it(world: World) -> None:
    office = acting(world, "coordinator")
    assert whereabouts_of(office, world.findings[0]) is Whereabouts.OPEN
    page = signed_in(world.coordinator, second_factor=True).get(f"/reports/{world.findings[0].key}").content.decode()
    assert f'href="/cases/{world.case.public_id}"' in page


def test_a_report_that_waits_and_one_that_makes_no_case_are_told_apart(world: World) -> None:
    Join.objects.filter(finding=world.findings[0]).delete()
    assert whereabouts_of(acting(world, "finder"), world.findings[0]) is Whereabouts.WAITING
    assert whereabouts_of(acting(world, "finder"), world.findings[3]) is Whereabouts.NOWHERE


def test_the_index_of_a_finder_lists_what_was_validated_apart_from_what_was_not_judged(world: World) -> None:
    index = signed_in(world.finder).get("/api/v1/index.json").json()
    assert [one["says"] for one in index["validated"]] == [WITH_THEM] * 3
    assert {one["grade"] for one in index["validated"]} == {"A", "B"}
    assert not index["not_judged"] and not index["cases"] and len(index["refused"]) == 1
    whole = signed_in(world.coordinator, second_factor=True).get("/api/v1/index.json").json()
    assert len(whole["cases"]) == 2 and not whole["validated"]


def test_nobody_else_learns_that_a_report_is_there(world: World) -> None:
    others = Organization.objects.create(name="Others", created_at=NOON)
    type(world.findings[1]).objects.filter(pk=world.findings[1].pk).update(organization=others)
    index = signed_in(world.finder).get("/api/v1/index.json").content.decode()
    assert "fb-1" not in index and "finder-b" not in index
