"""The pages where participants say what is built from where, and whether they answer."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from clearinghouse.deconfliction.actions.intents import announce_intent
from clearinghouse.deconfliction.actions.mappings import add_mapping
from clearinghouse.deconfliction.models import Availability, Mapping
from clearinghouse.deconfliction.queries.meeting import look
from clearinghouse.deconfliction.rules.lifecycle import Answering, MappingState, Visibility
from clearinghouse.parties.models import Membership, Organization, Person
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import Role
from tests.advisories.world import signed_in
from tests.deconfliction.makers import a_member, a_scan
from tests.parties.makers import NOON, a_person, right_now

pytestmark = pytest.mark.django_db

PACKAGE, TREE = "pkg:pypi/paged", "https://git.example/yaml/pyyaml"
SAY, ANSWERS = "/scans/availability/say", "/scans/availability"


def _home(person: Person) -> Organization:
    return Membership.objects.get(person=person).organization


def _page(client: Client, path: str, **query: str) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def _post(client: Client, path: str, **said: str) -> Any:  # noqa: ANN401 - Django's answer
    return client.post(path, said)


def test_a_package_is_mapped_found_and_taken_back_by_page() -> None:
    person = a_person(Role.FINDER, at=right_now())
    client = signed_in(person)
    assert _post(client, "/scans/mappings/add", package=PACKAGE, repository=TREE, folder="lib").status_code == 302
    row = Mapping.objects.get()
    for of in ("", PACKAGE, "pkg:pypi/pag*", TREE):
        assert "said by us" in _page(client, "/scans/mappings", of=of)
    assert "said by us" not in _page(client, "/scans/mappings", of="pkg:pypi/another")
    assert "name a package" in _page(client, "/scans/mappings", of="192.0.2.1")
    stranger = signed_in(a_person(Role.FINDER, at=right_now()))
    assert f"{row.pk}/withdraw" not in (theirs := _page(stranger, "/scans/mappings")) and PACKAGE in theirs
    assert _post(stranger, f"/scans/mappings/{row.pk}/withdraw", why="").status_code == 403
    assert _post(client, f"/scans/mappings/{uuid4()}/withdraw", why="").status_code == 404
    assert f"{row.pk}/withdraw" in _page(client, "/scans/mappings")
    assert _post(client, f"/scans/mappings/{row.pk}/withdraw", why="moved").status_code == 302
    row.refresh_from_db()
    assert row.state == MappingState.WITHDRAWN and row.ended_at is not None
    assert "Nobody has said yet" in _page(client, "/scans/mappings")
    assert _post(client, f"/scans/mappings/{row.pk}/withdraw", why="again").status_code in {403, 409}


def test_the_office_takes_back_what_others_said_and_a_watcher_only_looks() -> None:
    row = add_mapping(PACKAGE, TREE, actor=a_member(), at=NOON)
    watcher = signed_in(a_person(Role.SOC, at=right_now()))
    assert "Say from where" not in _page(watcher, "/scans/mappings")
    office = signed_in(a_person(Role.COORDINATOR, at=right_now()), second_factor=True)
    assert f"{row.pk}/withdraw" in _page(office, "/scans/mappings")
    assert _post(office, f"/scans/mappings/{row.pk}/withdraw", why="it is not").status_code == 302


def test_what_is_no_package_stays_a_refusal_with_its_reason() -> None:
    client = signed_in(a_person(Role.FINDER, at=right_now()))
    refused = _post(client, "/scans/mappings/add", package="pkg:pypi/xyz*", repository=TREE, folder="")
    assert refused.status_code == 422 and "name one package" in refused.content.decode()
    assert _post(client, "/scans/mappings/add", package="", repository="", folder="").status_code == 422
    assert not Mapping.objects.exists()


def test_an_organization_says_by_page_that_it_does_not_answer_and_does_again() -> None:
    person = a_person(Role.FINDER, at=right_now())
    client, home = signed_in(person), _home(person)
    announce_intent(a_scan(), actor=actor_for_person(person), at=NOON)
    assert "Everybody answers" in _page(client, ANSWERS)
    assert _post(client, SAY, answering="down", why="on holiday").status_code == 302
    assert Availability.objects.get(organization=home).answering == Answering.DOWN
    assert look(a_scan(), actor=a_member(), at=NOON).met == ()
    assert "on holiday" in (page := _page(client, ANSWERS)) and "Id of the organization" not in page
    assert _post(client, SAY, answering="normal", why="").status_code == 302
    assert "answers again" in _page(client, ANSWERS)
    assert len(look(a_scan(), actor=a_member(), at=NOON).met) == 1


def test_of_others_the_office_alone_says_it_and_names_are_for_those_who_know_them() -> None:
    silent = a_person(Role.FINDER, at=right_now())
    home, other = _home(silent), signed_in(a_person(Role.FINDER, at=right_now()))
    office = signed_in(a_person(Role.COORDINATOR, at=right_now()), second_factor=True)
    assert _post(other, SAY, answering="down", organization=str(home.pk)).status_code == 404
    missing = _post(other, SAY, answering="down", organization=str(uuid4()))
    assert missing.status_code == 404, "the same as for one that is there"
    assert not Availability.objects.exists()
    assert "Id of the organization" in _page(office, ANSWERS)
    assert _post(office, SAY, answering="down", organization=str(home.pk), why="three calls").status_code == 302
    assert home.name in _page(office, ANSWERS)
    assert home.name not in (seen := _page(other, ANSWERS)) and str(home.pk) in seen
    assert _post(office, SAY, answering="asleep", organization=str(home.pk)).status_code == 422


def test_that_somebody_is_down_tells_nothing_of_their_confidential_scans() -> None:
    silent = a_person(Role.FINDER, at=right_now())
    said = a_scan("pkg:npm/quiet", visibility=Visibility.THOSE_MET)
    hidden = announce_intent(said, actor=actor_for_person(silent), at=NOON).intent
    other = signed_in(a_person(Role.FINDER, at=right_now()))
    before = look(a_scan("pkg:npm/quiet"), actor=(asking := a_member()), at=NOON)
    assert _post(signed_in(silent), SAY, answering="down", why="away").status_code == 302
    assert look(a_scan("pkg:npm/quiet"), actor=asking, at=NOON) == before
    for path in (ANSWERS, "/scans/mappings", "/coverage?target=pkg:npm/quiet", "/scans?target=pkg:npm/quiet"):
        page = _page(other, path)
        assert hidden.public_id not in page and "mailto:ada" not in page
