"""The lists of reports and questions: page by page, with few questions to the database, and every reading noted."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clearinghouse.artefacts import Artefacts
from clearinghouse.edges.pages import USUAL
from clearinghouse.errors import Problem, Refused
from clearinghouse.findings.models import Finding, RefusedReport, Submission
from clearinghouse.findings.submissions import refuse_submission
from clearinghouse.ledger.models import Event
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.rules import CLEARINGHOUSE
from tests.advisories.world import World, a_world, signed_in
from tests.findings.test_api import a_client
from tests.parties.makers import NOON, a_token, right_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(tmp_path: Path, settings: object) -> World:
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"  # type: ignore[attr-defined]
    return a_world(Artefacts(tmp_path / "artefacts"))


@pytest.fixture
def office(world: World) -> Client:
    return signed_in(world.coordinator, second_factor=True)


def submissions_of(world: World, number: int) -> None:
    """Hand in as often as said, for the finder of this world."""
    home = actor_for_person(world.finder).organization
    assert home is not None
    for one in range(number):
        Submission.objects.create(
            receipt=f"SUB-{one:026}",
            organization_id=home,
            person=world.finder.pk,
            name=f"report-{one}.zip",
            digest="sha256:" + "0" * 64,
            size_bytes=1,
            notify="final",
            state="queued",
            created_at=NOON + timedelta(seconds=one),
        )


def more_reports(world: World, number: int) -> None:
    """Have copies of a judged report beside it, as others' reports of other flaws would stand there."""
    one = Finding.objects.select_related("validation").get(pk=world.findings[3].pk)
    validation = one.validation
    for each in range(number):
        one.pk, one.key = None, f"{each:064x}"
        one.finder_ref, one.received_at = f"more-{each}", NOON + timedelta(seconds=each)
        one._state.adding = True
        one.id = Finding().pk
        one.save(force_insert=True)
        validation.pk, validation.finding = type(validation)().pk, one
        validation._state.adding = True
        validation.save(force_insert=True)


def following(page: str, address: str) -> str:
    (found,) = re.findall(rf'href="({address}\?[^"]+)"', page)
    return str(found).replace("&amp;", "&")


def an_auditor(world: World) -> Client:
    scopes = ("advisories", "findings", "cases", "validation")
    token = a_token(world.auditor, *scopes, at=right_now(), second_factor=True)
    return Client(headers={"Authorization": f"Bearer {token}"})


def readings() -> set[tuple[str, str]]:
    return set(Event.objects.filter(verb__endswith=":read").values_list("kind", "subject"))


def test_reports_are_shown_page_by_page_and_read_all_at_once(office: Client, world: World) -> None:
    with CaptureQueriesContext(connection) as few:
        office.get("/reports")
    more_reports(world, USUAL)
    with CaptureQueriesContext(connection) as many:
        first = office.get("/reports").content.decode()
    assert len(many) <= len(few), "the queries grew with the rows"
    second = office.get(following(first, "/reports")).content.decode()
    names = [re.findall(r">([\w-]+/[\w-]+)</a></th>", page) for page in (first, second)]
    assert [len(one) for one in names] == [USUAL, 4] and len({*names[0], *names[1]}) == USUAL + 4
    assert "?after=" not in second


def test_what_was_refused_at_the_door_has_pages_of_its_own(office: Client) -> None:
    for one in range(USUAL + 1):
        problems = [{"code": "empty", "field": "", "reason": "there is nothing in it", "fix": "hand in a report"}]
        RefusedReport.objects.create(name=f"bad-{one:03}", problems=problems, received_at=NOON, created_at=NOON)
    first = office.get("/reports").content.decode()
    assert first.count("<h3>bad-") == USUAL
    assert "<h3>bad-050</h3>" in office.get(following(first, "/reports")).content.decode()


def test_what_one_handed_in_is_shown_to_the_first(world: World) -> None:
    submissions_of(world, USUAL + 1)
    finder = signed_in(world.finder)
    first = finder.get("/hand-in").content.decode()
    assert "report-50.zip" in first and "report-0.zip" not in first
    second = finder.get(following(first, "/hand-in")).content.decode()
    assert "report-0.zip" in second and "report-1.zip" not in second and "?after=" not in second


def test_a_cursor_of_nobody_is_refused_with_a_page(office: Client) -> None:
    for address in ("/reports", "/questions"):
        assert office.get(f"{address}?after=nonsense").status_code == 422


def test_whoever_looks_at_questions_has_read_the_reports_they_are_about(office: Client, world: World) -> None:
    page = office.get("/questions").content.decode()
    asked = {("finding", str(one.pk)) for one in world.findings if f"{one.finder}/{one.finder_ref}" in page}
    assert asked and readings() == asked
    office.get("/questions")
    assert Event.objects.filter(verb="findings:finding:read").count() == len(asked), "looking again is one reading"
    assert set(Event.objects.filter(verb="findings:finding:read").values_list("actor", flat=True)) == {
        world.coordinator.pk
    }


def test_the_index_is_a_reading_of_every_case_report_and_refusal_in_it(world: World) -> None:
    submissions_of(world, 1)
    refused = Submission.objects.get()
    why = Refused((Problem("empty", "report", "there is nothing in it", "hand in a report"),))
    refuse_submission(refused, why, actor=CLEARINGHOUSE, at=NOON)
    problems = [{"code": "empty", "field": "", "reason": "there is nothing in it", "fix": "hand in a report"}]
    kept = RefusedReport.objects.create(name="bad", problems=problems, received_at=NOON, created_at=NOON)
    index = an_auditor(world).get("/api/v1/index.json").json()
    assert len(index["cases"]) == 2 and {one["name"] for one in index["refused"]} == {"bad", "report-0.zip", "fa-3"}
    beside = world.findings[3]
    assert {
        ("submission", str(refused.pk)),
        ("refused-report", str(kept.pk)),
        ("finding", str(beside.pk)),
    } <= readings()
    assert ("case", str(world.case.pk)) in readings()


def test_ones_own_index_is_no_reading(world: World) -> None:
    finder = a_client(world.finder, "advisories", "findings", "cases", "validation")
    assert finder.get("/api/v1/index.json").status_code == 200 and not readings()


def test_whoever_asks_the_intake_what_became_of_a_report_of_others_has_read_it(world: World) -> None:
    submissions_of(world, 1)
    one = Submission.objects.get()
    one.findings.add(world.findings[3])
    address = f"/tap/v1/submissions/{one.receipt}"
    Client().get(address)
    a_client(world.finder).get(address)
    assert not readings()
    assert an_auditor(world).get(address).json()["verdicts"]
    assert readings() == {("finding", str(world.findings[3].pk))}
