"""Tests of clearinghouse/operation/acts.py by the page of the audit: words for verbs, names for ids, filters, pages."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from clearinghouse.artefacts import Artefacts
from clearinghouse.edges.pages import USUAL
from clearinghouse.ledger.actions import record
from clearinghouse.ledger.models import Event
from clearinghouse.parties.actions import rename_organization
from clearinghouse.parties.models import Organization
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.rules import LOCAL
from clearinghouse.permissions.rules import Role
from tests.advisories.world import World, a_world, signed_in
from tests.ledger.makers import an_act
from tests.parties.makers import a_person, an_organization, right_now

pytestmark = pytest.mark.django_db
A_VERB = re.compile(r">[^<]*\b[a-z-]+:[a-z-]+:[a-z-]+\b[^<]*<")
A_UUID = re.compile(r">[^<]*\b[0-9a-f]{8}-[0-9a-f]{4}[^<]*<")


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:  # noqa: ANN401 - pytest-django's
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"
    return a_world(Artefacts(tmp_path / "artefacts"))


@pytest.fixture
def auditor(world: World) -> Client:
    return signed_in(world.auditor, second_factor=True)


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def acts(page: str) -> list[str]:
    """Return who did what, line by line."""
    return re.findall(r"<td><b>([^<]+</b>[^<]+)</td>", page)


def test_acts_are_told_in_words_with_names_and_ways_to_what_they_are_about(world: World, auditor: Client) -> None:
    office = signed_in(world.coordinator, second_factor=True)
    office.post(f"/reports/{world.findings[2].key}/answer", {"yes": "yes", "why": "I read the code"})
    office.get(f"/cases/{world.case.public_id}")
    page = text(auditor, "/audit")
    told = acts(page)
    assert f"{world.coordinator.name}</b> answered a question about the report" in told
    assert (
        f"{world.coordinator.name}</b> looked at the case" in told and "The clearinghouse</b> opened the case" in told
    )
    assert f'<a href="/cases/{world.case.public_id}">{world.case.public_id}</a>' in page
    assert f'<a href="/reports/{world.findings[2].key}">answer of finder-a/fa-2</a>' in page
    table = page.partition("<table")[2]
    assert not A_VERB.search(table) and not A_UUID.search(table)


def test_what_another_room_did_to_a_case_leads_to_the_case(world: World, auditor: Client) -> None:
    with transaction.atomic():
        record("advisories:advisory:write", subject=world.doubted, actor=LOCAL, at=right_now())
    page = text(auditor, "/audit?verb=advisories:advisory:write")
    assert acts(page) == ["Whoever runs this server</b> had the advisory drafted"]
    assert f'<a href="/cases/{world.doubted.public_id}">{world.doubted.public_id}</a>' in page


def test_acts_are_narrowed_to_a_case_a_person_and_a_day(world: World, auditor: Client) -> None:
    other = a_person(Role.COORDINATOR, organization=an_organization("Other"))
    for person, case in ((world.coordinator, world.case), (other, world.doubted)):
        signed_in(person, second_factor=True).get(f"/cases/{case.public_id}")
    about = text(auditor, f"/audit?case={world.case.public_id}")
    assert world.case.public_id in about and world.doubted.public_id not in about
    assert "joined a report to the case" in about and "invited somebody" not in acts(about)
    theirs = text(auditor, f"/audit?person={other.email.upper()}&verb=cases:case:read")
    assert world.doubted.public_id in theirs and len(acts(theirs)) == 1
    assert len(acts(text(auditor, "/audit?person=the+clearinghouse"))) > 3
    day = right_now().date()
    assert "looked at the case" in text(auditor, f"/audit?day={day}").partition("<table")[2]
    assert "Nothing of that kind" in text(auditor, f"/audit?day={day + timedelta(days=1)}")
    assert "Nothing of that kind" in text(auditor, "/audit?day=9999-12-31")
    assert "Nothing of that kind" in text(auditor, "/audit?person=nobody+of+that+name")


def test_the_api_narrows_to_a_case_as_the_page_does(world: World, auditor: Client) -> None:
    told = auditor.get(f"/api/v1/acts?case={world.case.public_id}&limit=200").json()["items"]
    about = {str(world.case.pk), *(str(one.pk) for one in world.findings[:2])}
    assert {one["kind"] for one in told} >= {"case", "join"} and about & {one["subject"] for one in told}
    assert not {str(world.doubted.pk), str(world.findings[2].pk)} & {one["subject"] for one in told}
    assert auditor.get("/api/v1/acts?case=CASE-ZZZZZZZZ").status_code == 404


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("case=CASE-ZZZZZZZZ", "There is no case CASE-ZZZZZZZZ"),
        ("day=yesterday", "Enter a valid date"),
        ("verb=cases:case:eat", "not one of the available choices"),
    ],
)
def test_a_filter_that_fits_nothing_there_is_says_so_at_its_field(auditor: Client, query: str, said: str) -> None:
    page = text(auditor, f"/audit?{query}", 422)
    assert said in page and not acts(page)


def test_the_next_page_keeps_the_filters(auditor: Client) -> None:
    person = a_person(Role.COORDINATOR, organization=an_organization("Busy"), at=right_now())
    actor, home = actor_for_person(person, second_factor=True, at=right_now()), Organization.objects.get(name="Busy")
    for number in range(USUAL + 1):
        rename_organization(home, f"Busy {number}", actor=actor, at=right_now())
    first = text(auditor, f"/audit?person={person.email}&verb=parties:organization:rename")
    (following,) = re.findall(r'href="(/audit\?[^"]*after=[^"]+)"', first)
    second = text(auditor, following.replace("&amp;", "&"))
    assert len(acts(first)) == USUAL and len(acts(second)) == 1


def test_what_has_no_row_or_no_name_any_more_is_named_by_its_kind(auditor: Client) -> None:
    event = an_act()
    assert Event.objects.filter(pk=event.pk).exists()
    page = text(auditor, "/audit")
    assert "Somebody whose name is not kept" in page
    assert not A_UUID.search(page.partition("<table")[2])


def test_whoever_may_not_read_the_ledger_is_told_so_in_words(world: World) -> None:
    answer = signed_in(world.finder).get("/audit")
    page = answer.content.decode()
    assert answer.status_code == 403 and "As finder you may not read what was done" in page
    assert "auditor or coordinator" in page and "ledger:event:read" not in page
