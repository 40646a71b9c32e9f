"""Friend or foe by HTTP: the API, the page, and probing.txt."""

import base64
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from clearinghouse.deconfliction.actions.intents import announce_intent, end_intent
from clearinghouse.deconfliction.models import Intent
from clearinghouse.deconfliction.rules.probing import of_scan
from clearinghouse.deconfliction.rules.requests import read_request
from clearinghouse.deconfliction.rules.scan_list import open_list
from clearinghouse.deconfliction.rules.warrants import open_warrant
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.deconfliction.tasks import refresh_lists
from clearinghouse.parties.models import Membership
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.signing.keys import save_key
from clearinghouse_client.probes import carried_warrant
from clearinghouse_client.scans import Scans
from tests.advisories.world import signed_in
from tests.deconfliction.makers import HOUR, a_member, a_scan, an_owner, authorised
from tests.deconfliction.rules.test_requests import SCANNER, a_request
from tests.deconfliction.rules.test_warrants import HOUSE
from tests.deconfliction.scans import a_scan as a_standing_scan
from tests.mcp.here import Call, called, statuses
from tests.parties.makers import a_person, a_token, right_now

pytestmark = pytest.mark.django_db
WHOIS = "/api/v1/scans/whois"
KEY = base64.b64encode(SCANNER.public.raw).decode()


@pytest.fixture(autouse=True)
def house(settings: Any, tmp_path: Path) -> None:  # noqa: ANN401 - pytest-django's
    settings.CLEARINGHOUSE_HOME, settings.CLEARINGHOUSE_KEY = tmp_path, tmp_path / "key"
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"
    save_key(HOUSE, tmp_path / "key")


def the_scan(by: Actor | None = None, *, technique: str = "active-network-scanning") -> Intent:
    """Return a scan of a network from now on, for an hour; if it sends anything, its owner has authorised it."""
    now, scanner = right_now(), by or a_member()
    window = Window(now, now + timedelta(hours=1))
    if technique != "passive-network-scanning":
        owner, _ = an_owner("198.51.100.0/24")
        authorised(owner, scanner, "198.51.100.0/24", window=Window(now - HOUR, now + 2 * HOUR))
    said = replace(a_scan("198.51.100.0/24", technique=technique, window=window), scanner_key=KEY)
    return announce_intent(said, actor=scanner, at=now).intent


def _soc(*scopes: str) -> Client:
    token = a_token(a_person(Role.SOC, at=right_now()), *(scopes or ("deconfliction",)), at=right_now())
    return Client(headers={"Authorization": f"Bearer {token}"})


def test_the_api_says_whose_a_probe_is() -> None:
    intent = the_scan()
    said = _soc().get(WHOIS, {"source": "192.0.2.7", "target": "198.51.100.9:443"}).json()
    assert said["standing"] == "registered"
    assert (said["scans"][0]["intent"], said["scans"][0]["contact"]) == (intent.public_id, intent.contact)
    assert "can be forged" in said["basis"]
    earlier = (right_now() - timedelta(hours=2)).isoformat()
    said = _soc().get(WHOIS, {"source": "192.0.2.7", "at": earlier}).json()
    assert (said["standing"], said["scans"][0]["misses"][0]["why"]) == ("outside", "window")


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"source": "fe80::1%eth0"},
        {"source": "192.0.2.7", "at": "2026-11-23T12:00:00"},
        {"source": "1" * 65},
        {"source": "192.0.2.7", "target": "[x"},
        {"source": "192.0.2.7", "rate_per_second": "-1"},
    ],
)
def test_other_questions_are_refused_with_the_reason(asked: dict[str, str]) -> None:
    answer = _soc().get(WHOIS, asked)
    assert answer.status_code == 422 and answer["Content-Type"] == "application/problem+json"


def test_a_token_for_something_else_may_not_ask() -> None:
    assert _soc("findings").get(WHOIS, {"source": "192.0.2.7"}).status_code == 403
    assert Client().get(WHOIS, {"source": "192.0.2.7"}).status_code == 401


def test_a_scanner_takes_its_warrant_and_a_defender_shows_a_request_with_it() -> None:
    person = a_person(Role.FINDER, at=right_now())
    intent = the_scan(actor_for_person(person))
    warrant = signed_in(person).get(f"/api/v1/scans/{intent.public_id}/warrant")
    assert warrant.status_code == 200 and "attachment" in warrant["Content-Disposition"]
    data = a_request("https://198.51.100.9/", warrant=warrant.content, at=right_now().replace(microsecond=0))
    body = {"request": base64.b64encode(data).decode(), "source": "192.0.2.7"}
    soc = _soc()
    said = soc.post(f"{WHOIS}/request", body, content_type="application/json").json()
    assert (said["standing"], said["shown_before_at"]) == ("registered", None)
    assert soc.post(f"{WHOIS}/request", body, content_type="application/json").json()["shown_before_at"]
    assert carried_warrant(read_request(data))[1] == HOUSE.public.key_id
    refused = soc.post(f"{WHOIS}/request", body | {"scheme": "http", "request": "*"}, content_type="application/json")
    assert refused.status_code == 422 and "base64" in refused.json()["detail"]
    assert soc.get(f"/api/v1/scans/{intent.public_id}/warrant").status_code == 403


def test_a_scanner_gets_probing_txt_for_its_hosts() -> None:
    person = a_person(Role.FINDER, at=right_now())
    intent = the_scan(actor_for_person(person))
    text = signed_in(person).get(f"/api/v1/scans/{intent.public_id}/probing.txt").content.decode()
    assert text.startswith(f"Contact: {intent.contact}\nExpires: ")
    assert intent.public_id in text
    assert intent.organization == Membership.objects.get(person=person).organization


def test_anybody_takes_the_key_that_verifies_what_a_scan_shows() -> None:
    answer = Client().get("/.well-known/clearinghouse.pub")
    assert answer.content == HOUSE.public.pem() == _soc().get("/api/v1/scans/key").content
    page = signed_in(a_person(Role.SOC, at=right_now())).get("/scans/whois").content.decode()
    assert "/.well-known/clearinghouse.pub" in page and HOUSE.public.key_id in page


def test_the_page_of_a_scan_hands_its_warrant_to_its_own_organization_while_it_stands() -> None:
    person = a_person(Role.FINDER, at=right_now())
    intent = the_scan(actor_for_person(person))
    link = f"/api/v1/scans/{intent.public_id}/warrant"
    page = f"/scans/{intent.public_id}"
    assert link in signed_in(person).get(page).content.decode()
    assert link not in signed_in(a_person(Role.SOC, at=right_now())).get(page).content.decode()
    end_intent(intent, actor=actor_for_person(person), at=right_now())
    assert link not in signed_in(person).get(page).content.decode()


def test_an_agent_takes_the_warrant_of_its_own_scan_and_of_no_other() -> None:
    person = a_person(Role.FINDER, at=right_now())
    intent = the_scan(actor_for_person(person))
    asked: Call = ("take_warrant", {"intent": intent.public_id})
    (taken,) = called(a_token(person, "deconfliction", at=right_now()), asked)
    warrant = open_warrant((taken.structured_content or {})["warrant"].encode(), key=HOUSE.public)
    assert warrant.scan.intent == intent.public_id
    another = a_token(a_person(Role.FINDER, at=right_now()), "deconfliction", at=right_now())
    assert statuses(called(another, asked)) == [403]


def test_lists_are_fetched_once_they_are_written_by_whatever_machine(settings: Any, tmp_path: Path) -> None:  # noqa: ANN401 - pytest-django's
    soc = _soc()
    assert soc.get("/api/v1/scans/list").status_code == 503
    the_scan()
    refresh_lists.call(1)
    settings.CLEARINGHOUSE_HOME = tmp_path / "another-machine"
    found = open_list(soc.get("/api/v1/scans/list").content, key=HOUSE.public)
    assert len(found.index) == 1
    assert soc.get("/api/v1/scans/list", {"own": "true"}).status_code == 404
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "another-store"
    said = soc.get("/api/v1/scans/list")
    assert said.status_code == 503 and "have to share one" in said.json()["detail"]


def test_a_machine_without_the_installations_key_says_so_and_verifies_all_the_same(
    settings: Any,  # noqa: ANN401 - pytest-django's
    tmp_path: Path,
) -> None:
    person = a_person(Role.FINDER, at=right_now())
    intent = the_scan(actor_for_person(person))
    link = f"/api/v1/scans/{intent.public_id}/warrant"
    assert signed_in(person).get(link).status_code == 200
    settings.CLEARINGHOUSE_HOME, settings.CLEARINGHOUSE_KEY = tmp_path / "another-machine", None
    said = signed_in(person).get(link)
    assert said.status_code == 503 and "copy the key" in said.json()["detail"]
    assert not (tmp_path / "another-machine").exists()
    assert Client().get("/.well-known/clearinghouse.pub").content == HOUSE.public.pem()


def test_anybody_reads_probing_txt_and_no_scan_is_in_it() -> None:
    intent = the_scan()
    answer = Client().get("/.well-known/probing.txt")
    text = answer.content.decode()
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert {line.partition(":")[0] for line in text.splitlines()} == {
        "Canonical",
        "Contact",
        "Expires",
        "Preferred-Languages",
        "Description",
    }
    assert intent.public_id not in text and intent.organization.name not in text


def test_nothing_in_a_contact_begins_a_field_of_its_own() -> None:
    text = of_scan(a_standing_scan(contact="a@lab.example\nContact: evil", scanner="L\r\nExpires: never"), origin="o")
    assert [line.partition(":")[0] for line in text.splitlines()] == [
        "Contact",
        "Expires",
        "Preferred-Languages",
        "Description",
    ]


def test_the_page_answers_one_question_in_plain_english() -> None:
    intent = the_scan()
    client = signed_in(a_person(Role.SOC, at=right_now()))
    assert "usa-alert" not in client.get("/scans/whois").content.decode()
    for asked, said in (
        ({"source": "192.0.2.7", "target": "198.51.100.9"}, "Registered: this is a registered scan of"),
        ({"source": "192.0.2.7", "target": "203.0.113.9"}, "is outside its scope"),
        ({"source": "203.0.113.1"}, "Unknown: no registered scan"),
    ):
        page = client.get("/scans/whois", asked).content.decode()
        assert said in page, asked
        assert (intent.public_id in page) == (asked["source"] == "192.0.2.7")


@pytest.mark.parametrize("asked", [{"source": ""}, {"source": "x"}, {"source": "192.0.2.7", "at": "noon"}])
def test_the_page_says_what_it_cannot_read(asked: dict[str, str]) -> None:
    answer = signed_in(a_person(Role.SOC, at=right_now())).get("/scans/whois", asked)
    assert answer.status_code == 422


def test_the_client_asks_as_the_api_answers() -> None:
    intent = the_scan()
    asked = []

    class Carried:
        """Carries what the client asks to the server under test."""

        def get(self, path: str, **query: Any) -> Any:  # noqa: ANN401
            asked.append(path)
            return _soc().get(f"/api/v1{path}", query)

        def post(self, path: str, *, json: dict[str, Any]) -> Any:  # noqa: ANN401
            return _soc().post(f"/api/v1{path}", json, content_type="application/json")

    scans = Scans(Carried())  # type: ignore[arg-type]
    found = scans.whois("192.0.2.7", target="198.51.100.9", at=right_now(), rate_per_second=1)
    assert (found.standing, found.contacts) == ("registered", (intent.contact,))
    refresh_lists.call(1)
    assert open_list(scans.list(), key=HOUSE.public).head.audience == "members"
    assert asked == ["/scans/whois", "/scans/list"]
