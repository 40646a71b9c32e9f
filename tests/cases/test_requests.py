"""Tests of what two people decide about a case, and of leaving and consulting, by requests to pages and API."""

import io
import json
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.models import Case, Participant
from clearinghouse.findings.models import Finding
from clearinghouse.notices.telling import settle
from clearinghouse.parties.models import Consultation, Membership, Organization, Person, Request
from clearinghouse.permissions.rules import Role
from clearinghouse.permissions.table import the_table
from tests.advisories.world import World, a_world, signed_in
from tests.parties.makers import PASSWORD, a_person, a_token, an_organization, right_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:  # noqa: ANN401 - pytest-django's
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"
    return a_world(Artefacts(tmp_path / "artefacts"))


@pytest.fixture
def office(world: World) -> Client:
    return signed_in(world.coordinator, second_factor=True)


@pytest.fixture
def other() -> Client:
    return signed_in(a_person(Role.COORDINATOR, organization=an_organization("Second")), second_factor=True)


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def waits(client: Client, world: World) -> str:
    """Return the address at which another person agrees, as the page of the case shows it."""
    page = text(client, f"/cases/{world.case.public_id}")
    found = re.search(r'href="(/cases/[^"]+/requests/[^"]+)"', page)
    assert found is not None
    return found[1]


def sent(client: Client, address: str, body: object, method: str = "POST") -> Any:  # noqa: ANN401 - Django's answer
    """Ask the API as a page of ours would: by session."""
    return client.generic(method, address, json.dumps(body), content_type="application/json")


def told(client: Client) -> list[str]:
    settle()
    return [one["event"] for one in client.get("/api/v1/notices").json()["items"]]


SEAT = {"email": "grace@upstream.example", "whole": "", "part": "maintainer", "until_on": "", "why": "she mends it"}


def test_a_seat_is_asked_for_by_one_and_given_by_another_who_gets_the_link(
    office: Client, other: Client, world: World
) -> None:
    case = f"/cases/{world.case.public_id}"
    assert office.post(f"{case}/seats", SEAT)["Location"] == case
    where = waits(other, world)
    assert "grace@upstream.example a seat as maintainer" in text(other, where) and "she mends it" in text(other, where)
    assert "Another coordinator opens this page" in text(office, where)
    assert office.post(where, {"organization": "Upstream"}).status_code == 403
    assert not Organization.objects.filter(name="Upstream").exists()
    given = other.post(where, {"organization": "Upstream"}).content.decode()
    link = re.search(r"/join/[\w-]+", given)
    assert link is not None and "invited: grace@upstream.example" in text(office, case)
    grace = Client()
    grace.post(link[0], {"name": "Grace", "email": "grace@upstream.example", "password": PASSWORD})
    assert world.case.public_id in text(grace, "/cases")


def test_an_agreement_that_comes_to_nothing_leaves_no_organization_behind(
    office: Client, other: Client, world: World
) -> None:
    office.post(f"/cases/{world.case.public_id}/seats", SEAT)
    where = waits(other, world)
    Request.objects.update(content=Request.objects.get().content | {"part": "finder"})
    assert other.post(where, {"organization": "Stray"}).status_code == 409
    assert not Organization.objects.filter(name="Stray").exists() and not Participant.objects.exists()
    assert Request.objects.get().state == "void"


def test_whoever_has_an_account_sits_there_at_once_and_needs_no_link(
    office: Client, other: Client, world: World
) -> None:
    mia = a_person(Role.MAINTAINER, email="mia@upstream.example")
    office.post(f"/cases/{world.case.public_id}/seats", SEAT | {"email": "Mia@Upstream.example"})
    assert other.post(waits(other, world)).status_code == 302
    assert Participant.objects.get().person == mia and world.case.public_id in text(signed_in(mia), "/cases")


def test_an_organization_is_seated_as_a_whole_unless_the_case_is_red(
    office: Client, other: Client, world: World
) -> None:
    home, case = an_organization("Upstream"), f"/cases/{world.case.public_id}"
    mia = a_person(Role.MAINTAINER, organization=home)
    whole = SEAT | {"email": "", "whole": "Upstream"}
    assert office.post(f"{case}/seats", whole | {"whole": "Nobody's"}).status_code == 422
    assert office.post(f"{case}/seats", whole | {"email": "a@b.example"}).status_code == 422
    office.post(f"{case}/seats", whole)
    other.post(waits(other, world))
    assert signed_in(mia).get(case).status_code == 200
    assert office.post(f"{case}/marking", {"label": "RED", "why": "a name"})["Location"] == case
    hidden, absent = signed_in(mia).get(case), signed_in(mia).get("/cases/CASE-ZZZZZZZZ")
    assert hidden.status_code == absent.status_code == 404 and hidden.content == absent.content
    assert office.post(f"{case}/seats", whole | {"whole": an_organization().name}).status_code == 422


def test_a_marking_is_widened_by_two_on_the_page_of_the_case(office: Client, other: Client, world: World) -> None:
    case = f"/cases/{world.case.public_id}"
    assert "TLP:AMBER" in text(office, case)
    assert office.post(f"{case}/marking", {"label": "GREEN", "why": ""}).status_code == 422
    office.post(f"{case}/marking", {"label": "GREEN", "why": "the finder agrees"})
    where = waits(other, world)
    assert "from TLP:AMBER to TLP:GREEN" in text(other, where)
    assert office.post(where).status_code == 403
    assert other.post(where)["Location"] == case
    assert "Lowered to TLP:GREEN" in text(office, case)
    assert office.get(f"/api/v1/cases/{world.case.public_id}/drafts/csaf.json").json()["document"]["distribution"] == {
        "text": "TLP v2.0: GREEN. For the recipients' community, not the public.",
        "tlp": {"label": "GREEN"},
    }


def test_what_is_asked_can_be_refused_by_another_and_taken_back_by_whoever_asked(
    office: Client, other: Client, world: World
) -> None:
    case = f"/cases/{world.case.public_id}"
    office.post(f"{case}/marking", {"label": "GREEN", "why": "x"})
    where = waits(other, world)
    assert office.post(f"{where}/refuse", {"why": ""}).status_code == 403
    assert other.post(f"{where}/withdraw").status_code == 403
    other.post(f"{where}/refuse", {"why": "too early"})
    assert Request.objects.get().state == "refused" and "Nothing waits here" in text(other, where)
    office.post(f"{case}/marking", {"label": "CLEAR", "why": "x"})
    office.post(f"{waits(office, world)}/withdraw")
    assert set(Request.objects.values_list("state", flat=True)) == {"refused", "withdrawn"}


def test_a_request_about_another_case_is_not_there(office: Client, other: Client, world: World) -> None:
    office.post(f"/cases/{world.case.public_id}/marking", {"label": "GREEN", "why": "x"})
    where = waits(other, world).replace(world.case.public_id, world.doubted.public_id)
    assert other.get(where).status_code == other.post(where).status_code == 404


def test_what_was_asked_for_and_is_kept_no_longer_is_agreed_to_by_nobody(
    office: Client, other: Client, world: World
) -> None:
    office.post(f"/cases/{world.case.public_id}/marking", {"label": "GREEN", "why": "x"})
    where = waits(other, world)
    Request.objects.update(content={})
    assert "kept no longer" in text(other, where)
    assert other.post(where).status_code == 409
    asked = Request.objects.get()
    api = f"/api/v1/cases/{world.case.public_id}/requests/{asked.pk}/agree"
    assert sent(other, api, {}).status_code == 409 and asked.state == "open"


@pytest.mark.parametrize("email", ["person grace", "organization x", "grace", "grace@"])
def test_nobody_is_seated_by_what_is_no_address(email: str, office: Client, world: World) -> None:
    case = f"/api/v1/cases/{world.case.public_id}"
    asked = sent(office, f"{case}/seats", {"email": email, "part": "maintainer", "tier": 0})
    assert asked.status_code == 422 and "no e-mail address" in asked.json()["detail"]
    assert office.get(f"{case}/requests").json()["items"] == []


def test_a_seat_is_no_seat_of_another_case(office: Client, other: Client, world: World) -> None:
    mia = a_person(Role.MAINTAINER, email="mia@upstream.example")
    office.post(f"/cases/{world.case.public_id}/seats", SEAT | {"email": mia.email})
    other.post(waits(other, world))
    for door in ("/cases", "/api/v1/cases"):
        address = f"{door}/{world.doubted.public_id}/seats/{Participant.objects.get().pk}"
        removed = office.post(f"{address}/remove") if door == "/cases" else office.delete(address)
        assert removed.status_code == 404
    assert Participant.objects.get().state == "seated"


def test_a_seat_is_left_at_will_on_the_page_of_the_case(office: Client, other: Client, world: World) -> None:
    mia = a_person(Role.MAINTAINER, email="mia@upstream.example")
    office.post(f"/cases/{world.case.public_id}/seats", SEAT | {"email": mia.email})
    other.post(waits(other, world))
    client, seat = signed_in(mia), Participant.objects.get()
    assert client.post(f"/cases/{world.case.public_id}/seats/{seat.pk}/leave")["Location"] == "/"
    assert client.get(f"/cases/{world.case.public_id}").status_code == 404


def test_the_api_asks_agrees_lists_and_ends_seats_and_markings(office: Client, other: Client, world: World) -> None:
    case = f"/api/v1/cases/{world.case.public_id}"
    mia = a_person(Role.MAINTAINER)
    body = {"person": str(mia.pk), "part": "maintainer", "tier": 0, "why": "she mends it"}
    asked = sent(office, f"{case}/seats", body)
    assert asked.status_code == 202, asked.content
    (waiting,) = other.get(f"{case}/requests").json()["items"]
    assert waiting == asked.json() and waiting["says"].endswith(
        " a seat as maintainer (tier 0) in a case that is TLP:AMBER."
    )
    agreed = sent(other, f"{case}/requests/{waiting['id']}/agree", {})
    assert agreed.json()["address"] is None
    (seat,) = office.get(f"{case}/seats").json()["items"]
    assert (seat["person"], seat["state"]) == (str(mia.pk), "seated")
    assert sent(office, f"{case}/marking/raise", {"label": "RED", "why": "a name"}).json()["label"] == "RED"
    widened = sent(office, f"{case}/marking/lower", {"label": "AMBER", "why": "the name is gone"}).json()
    assert sent(other, f"{case}/requests/{widened['id']}/agree", {}).json()["says"] == "The case is TLP:AMBER now."
    shown = office.get(f"{case}/marking").json()
    assert shown["label"] == "AMBER" and [one["turn"] for one in shown["changes"]] == ["lower", "raise"]
    assert office.delete(f"{case}/seats/{seat['id']}?why=done").status_code == 204
    assert signed_in(mia).get(case).status_code == 404


def test_no_token_agrees(office: Client, world: World) -> None:
    second = a_person(Role.COORDINATOR, at=right_now())
    token = a_token(second, "cases", "findings", "validation", "parties", at=right_now(), second_factor=True)
    by_token = Client(headers={"Authorization": f"Bearer {token}"})
    case = f"/api/v1/cases/{world.case.public_id}"
    asked = sent(office, f"{case}/marking/lower", {"label": "GREEN", "why": "x"}).json()
    refused = sent(by_token, f"{case}/requests/{asked['id']}/agree", {})
    assert refused.status_code == 403 and "a token cannot do this" in refused.json()["detail"]
    world.case.refresh_from_db()
    assert world.case.tlp == "AMBER"


def test_an_organization_is_asked_for_its_view_on_a_case_answers_and_reads_no_more_than_the_question(
    office: Client, world: World
) -> None:
    person = a_person(Role.OPERATOR, organization=an_organization("Big Cloud"))
    case, due = f"/cases/{world.case.public_id}", (right_now() + timedelta(days=7)).date().isoformat()
    asked = {"organization": "Big Cloud", "question": "How long do you need to roll out?", "due_on": due}
    assert office.post(f"{case}/consultations", asked)["Location"] == case
    client = signed_in(person)
    page = text(client, "/consultations")
    assert "How long do you need" in page and world.case.public_id not in page
    assert client.get(case).status_code == 404
    (row,) = Consultation.objects.all()
    client.post(f"/consultations/{row.pk}/answer", {"answer": "Two weeks"})
    assert "Two weeks" in text(office, case)
    stranger = signed_in(a_person(Role.OPERATOR))
    assert "Big Cloud" not in text(stranger, "/consultations")
    assert stranger.post(f"/consultations/{row.pk}/answer", {"answer": "x"}).status_code == 404


def test_nobody_is_consulted_about_what_is_for_named_people_alone(office: Client, world: World) -> None:
    an_organization("Big Cloud")
    case, due = f"/api/v1/cases/{world.case.public_id}", (right_now() + timedelta(days=7)).isoformat()
    body = {"organization": "Big Cloud", "question": "When?", "due_at": due}
    made = sent(office, f"{case}/consultations", body)
    assert made.status_code == 201
    taken_back = sent(office, f"/api/v1/consultations/{made.json()['id']}/withdraw", {"why": "a mistake"})
    assert taken_back.json()["state"] == "withdrawn"
    Case.objects.update(tlp="RED")
    sent(office, f"{case}/marking/raise", {"label": "AMBER+STRICT", "why": "x"})
    sent(office, f"{case}/marking/raise", {"label": "RED", "why": "x"})
    assert sent(office, f"{case}/consultations", body).status_code == 422


@pytest.fixture
def leaver(world: World) -> Client:
    a_person(Role.ADMINISTRATOR, organization=an_organization("Office of the installation"))
    return signed_in(world.finder, second_factor=True)


def test_leaving_shows_what_goes_gives_everything_back_and_needs_the_name(leaver: Client, world: World) -> None:
    page = text(leaver, "/organization/leave")
    assert "4 reports" in page and "1 role" in page
    archive = zipfile.ZipFile(io.BytesIO(leaver.get("/organization/leave/archive").content))
    assert len([one for one in archive.namelist() if one.endswith("report.json")]) == 4
    assert leaver.post("/organization/leave/now", {"kept": "on", "name": "Red Lab"}).status_code == 422
    assert leaver.post("/organization/leave/now", {"name": "Blue Lab"}).status_code == 422
    assert Membership.objects.filter(person=world.finder).exists()
    left = leaver.post("/organization/leave/now", {"kept": "on", "name": "Blue Lab", "erase": "on"})
    assert "You are signed out" in left.content.decode() and not Finding.objects.exists()
    assert leaver.get("/account").status_code == 302
    assert Person.objects.get(pk=world.finder.pk).email.endswith("@erased.invalid")


def test_leaving_waits_for_a_second_factor(world: World) -> None:
    client = signed_in(world.finder)
    assert "needs a second factor" in text(client, "/organization/leave")
    assert client.get("/organization/leave/archive").status_code == 403
    assert client.post("/organization/leave/now", {"kept": "on", "name": "Blue Lab"}).status_code == 403


def test_the_api_lets_leave_by_session_and_gives_the_archive(leaver: Client, world: World) -> None:
    home = Membership.objects.get(person=world.finder).organization
    other = an_organization("Red Lab")
    assert leaver.get(f"/api/v1/organizations/{other.pk}/archive").status_code == 404
    assert zipfile.is_zipfile(io.BytesIO(leaver.get(f"/api/v1/organizations/{home.pk}/archive").content))
    left = sent(leaver, f"/api/v1/organizations/{home.pk}/leave", {"erase": False})
    assert left["Content-Type"] == "application/zip" and Finding.objects.count() == 4
    assert not Membership.objects.filter(organization=home).exists()


def test_what_waits_for_a_second_person_is_told_marked_and_listed(office: Client, other: Client, world: World) -> None:
    """Nobody has to open every case to find what waits for them."""
    case, doubted = world.case.public_id, world.doubted.public_id
    office.post(f"/cases/{case}/seats", SEAT)
    assert "request.made" in told(other)
    page = text(other, "/cases?view=second-person")
    assert "Waits for a second person (1)" in page and case in page and doubted not in page
    assert text(other, "/cases").count("waits for a second person</span>") == 1
    (listed,) = other.get("/api/v1/requests").json()["items"]
    assert listed["case"] == case and "a seat as maintainer" in listed["says"]
    other.post(f"/cases/{case}/requests/{listed['id']}/refuse", {"why": "no need"})
    assert other.get("/api/v1/requests").json()["items"] == []
    assert "Waits for a second person (0)" in text(other, "/cases")


def test_whoever_can_be_no_second_person_hears_of_no_request(office: Client, world: World) -> None:
    maintainer = a_person(Role.MAINTAINER, organization=an_organization())
    Participant.objects.create(
        case=world.case, person=maintainer, part="maintainer", tier=0, state="seated",
        invited_by=world.coordinator.pk, created_at=right_now(),
    )  # fmt: skip
    office.post(f"/cases/{world.case.public_id}/seats", SEAT)
    client = signed_in(maintainer)
    page = text(client, "/cases")
    assert world.case.public_id in page and "second person" not in page
    assert "request.made" not in told(client) and client.get("/api/v1/requests").json().get("items", []) == []


def test_a_token_for_what_a_case_is_made_of_shows_the_queue_that_its_person_sees(office: Client, world: World) -> None:
    needed = the_table().rows("cases:case:read")[0].made_of
    token = a_token(world.coordinator, "cases:case:read", *needed, at=right_now(), second_factor=True)
    by_token = Client(headers={"Authorization": f"Bearer {token}"})
    shown = by_token.get("/api/v1/cases").json()
    assert shown == office.get("/api/v1/cases").json() and shown["items"][0]["reports"]
