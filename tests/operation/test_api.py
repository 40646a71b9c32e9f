"""The API's operations about the installation: for whom they are, and that they tell what its pages tell."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.models import Fix
from clearinghouse.feeds.models import Snapshot
from clearinghouse.ledger.models import Event
from clearinghouse.permissions.rules import Role
from tests.advisories.world import GOOD_PATCH, World, a_world, signed_in
from tests.findings.test_api import a_client
from tests.parties.makers import a_person, an_organization, right_now

pytestmark = pytest.mark.django_db
TODAY = right_now()


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:  # noqa: ANN401 - pytest-django's
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"
    return a_world(Artefacts(tmp_path / "artefacts"))


@pytest.fixture
def office(world: World) -> Client:
    return signed_in(world.coordinator, second_factor=True)


def test_the_status_says_of_each_check_what_it_found_and_the_cure(office: Client) -> None:
    told = office.get("/api/v1/status").json()
    checks = {one["check"]: one for one in told["checks"]}
    assert {"database", "artefacts", "feeds"} <= set(checks) and all(one["found"] for one in checks.values())
    assert checks["feeds"]["cure"], "no list was ever taken in"
    assert told["well"] == all(one["well"] for one in checks.values())
    assert all(one["well"] == (not one["cure"]) for one in checks.values())


def test_acts_are_listed_the_latest_first_and_filtered(office: Client, world: World) -> None:
    case = {"kind": "case", "subject": str(world.case.pk)}
    office.get(f"/cases/{world.case.public_id}")
    told = office.get("/api/v1/acts", case).json()["items"]
    assert [one["verb"] for one in told] == ["cases:case:read", "cases:case:open"]
    assert told[0]["actor"] == str(world.coordinator.pk)
    assert office.get("/api/v1/acts", case | {"verb": "cases:case:open"}).json()["items"] == told[1:]
    assert office.get("/api/v1/acts", case | {"actor": told[0]["actor"]}).json()["items"] == told[:1]
    assert office.get("/api/v1/acts", case | {"since": told[0]["at"]}).json()["items"] == told[:1]
    assert office.get("/api/v1/acts", case | {"before": told[0]["at"]}).json()["items"] == told[1:]
    first = office.get("/api/v1/acts", {"limit": 2}).json()
    rest = office.get("/api/v1/acts", {"limit": 200, "cursor": first["next"]}).json()
    assert len(first["items"]) == 2 and len(first["items"]) + len(rest["items"]) == Event.objects.count()


def test_outside_lists_are_told_with_their_age(world: World) -> None:
    for number, days in enumerate((400, 0)):
        Snapshot.objects.create(
            feed="kev",
            version=f"2026.{number}",
            published_at=TODAY - timedelta(days=days),
            digest=f"sha256:{number:064}",
            source="known.json",
            count=3,
            created_at=TODAY,
        )
    told = a_client(world.finder, "feeds").get("/api/v1/feeds").json()["items"]
    assert [(one["version"], one["stale"]) for one in told] == [("2026.1", False), ("2026.0", True)]


@pytest.mark.parametrize("place", ["/api/v1/status", "/api/v1/acts"])
def test_parties_read_neither_status_nor_acts(world: World, place: str) -> None:
    for role in (Role.FINDER, Role.MAINTAINER, Role.OPERATOR):
        assert signed_in(a_person(role, organization=an_organization())).get(place).status_code == 403
    assert Client().get(place).status_code == 401
    assert signed_in(world.coordinator).get(place).status_code == 403, "without a second factor"


def test_a_fix_is_handed_in_over_the_api_once_for_each_key(office: Client, world: World) -> None:
    place = f"/api/v1/cases/{world.case.public_id}/fixes"
    for _ in range(2):
        patch = SimpleUploadedFile("own.patch", GOOD_PATCH.encode())
        answer = office.post(place, {"patch": patch, "base": "5.3"}, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 202 and [one["state"] for one in answer.json()["fixes"]] == ["waiting"]
    kept = Fix.objects.get()
    assert (kept.file, kept.base, kept.person_id) == ("own.patch", "5.3", world.coordinator.pk)
    refused = office.post(place, {"patch": SimpleUploadedFile("a.patch", b"it works now")})
    assert refused.status_code == 422 and "unified diff" in refused.json()["detail"]
    stranger = signed_in(a_person(Role.MAINTAINER, organization=an_organization()))
    hidden = stranger.post(place, {"patch": SimpleUploadedFile("own.patch", GOOD_PATCH.encode())})
    assert hidden.status_code == 404 and Fix.objects.count() == 1
