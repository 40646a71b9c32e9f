"""Tests of clearinghouse/notices/webhooks.py and api.py: who may have what sent where."""

import json
import socket
from typing import Any

import pytest
from django.test import Client

from clearinghouse.errors import NotFound, NotPermitted
from clearinghouse.ledger.models import Event
from clearinghouse.notices.models import Webhook
from clearinghouse.notices.queries import webhook_for
from clearinghouse.notices.rules import MOST_WEBHOOKS, Happened, To
from clearinghouse.notices.telling import settle, tell
from clearinghouse.notices.webhooks import end_webhook, rotate_secret
from clearinghouse.parties.models import Person
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import Role
from tests.advisories.world import signed_in
from tests.notices.makers import a_question, a_webhook, told
from tests.parties.makers import NOON, a_person, a_token, right_now

pytestmark = pytest.mark.django_db
HOOKS = "/api/v1/webhooks"
WANTED = {"url": "https://hooks.example/here", "events": ["case.opened"]}


@pytest.fixture(autouse=True)
def _every_name_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the network's names, which a test does not ask."""
    inside = {"inside.example": ["10.0.0.7"], "nowhere.example": []}

    def found(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(None, None, None, "", (address, port)) for address in inside.get(host, ["93.184.215.14"])]

    monkeypatch.setattr(socket, "getaddrinfo", found)


def register(client: Client, **said: Any) -> Any:  # noqa: ANN401 - Django's test answer
    return client.post(HOOKS, json.dumps(WANTED | said), content_type="application/json")


def test_a_webhook_is_registered_and_its_secret_shown_this_once() -> None:
    client = signed_in(a_person())
    answer = register(client)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["secret"].startswith("whsec_") and made["state"] == "standing"
    everything = client.get(HOOKS).content + client.get(f"{HOOKS}/{made['id']}").content
    everything += client.get(f"/webhooks/{made['id']}").content + client.get("/webhooks").content
    assert made["secret"].encode() not in everything and made["id"].encode() in everything
    assert Event.objects.filter(verb="notices:webhook:register").count() == 1
    assert made["secret"] not in str(Event.objects.get(verb="notices:webhook:register").body)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    answer = register(signed_in(a_person()), url="https://inside.example/", events=["case.exploded"])
    assert answer.status_code == 422
    assert {one["field"]: one["code"] for one in answer.json()["violations"]} == {
        "url": "address-refused",
        "events": "event-unknown",
    }
    assert "not public" in answer.content.decode() and not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example/", "https"),
        ("https://10.0.0.1/", "name a host"),
        ("https://hooks.example:22/", "port 22"),
        ("https://me:secret@hooks.example/", "password"),
        ("https://nowhere.example/", "no address"),
        ("file:///etc/passwd", "host"),
    ],
)
def test_an_address_that_may_not_be_called_is_refused_with_the_reason(url: str, why: str) -> None:
    answer = register(signed_in(a_person()), url=url)
    assert answer.status_code == 422 and why in answer.json()["violations"][0]["reason"]


def test_a_token_registers_nothing_and_changes_no_secret() -> None:
    person = a_person(at=right_now())
    client = Client(headers={"Authorization": f"Bearer {a_token(person, 'notices', at=right_now())}"})
    assert register(client).status_code == 403
    webhook = a_webhook(person)
    assert client.post(f"{HOOKS}/{webhook.pk}/secret").status_code == 403
    assert client.post(f"{HOOKS}/{webhook.pk}/test").status_code == 202


def test_others_of_the_organization_see_it_but_only_whoever_registered_it_gets_a_new_secret() -> None:
    person = a_person()
    webhook = a_webhook(person)
    other = a_person(organization=webhook.organization)
    actor = actor_for_person(other, at=NOON)
    assert webhook_for(actor, webhook.pk) == webhook
    with pytest.raises(NotPermitted):
        rotate_secret(webhook, actor=actor, at=NOON)
    end_webhook(webhook, actor=actor, at=NOON)
    webhook.refresh_from_db()
    assert webhook.state == "ended" and webhook.secret == ""


def test_another_organization_does_not_know_of_it() -> None:
    webhook, stranger = a_webhook(a_person()), actor_for_person(a_person(), at=NOON)
    with pytest.raises(NotFound):
        webhook_for(stranger, webhook.pk)
    with pytest.raises(NotFound):
        end_webhook(webhook, actor=stranger, at=NOON)
    client = signed_in(a_person())
    absent = client.get(f"{HOOKS}/00000000-0000-0000-0000-000000000009")
    assert client.get(f"{HOOKS}/{webhook.pk}").content == absent.content and absent.status_code == 404


def test_an_organization_has_only_so_many() -> None:
    person = a_person()
    for _ in range(MOST_WEBHOOKS):
        a_webhook(person)
    answer = register(signed_in(person))
    assert answer.status_code == 422 and answer.json()["violations"][0]["code"] == "too-many"


def test_disabled_enabled_and_ended_by_the_api() -> None:
    person = a_person()
    webhook, client = a_webhook(person), signed_in(person)
    assert client.post(f"{HOOKS}/{webhook.pk}/enable").status_code == 403
    assert client.post(f"{HOOKS}/{webhook.pk}/disable").json()["state"] == "disabled"
    assert client.post(f"{HOOKS}/{webhook.pk}/test").status_code == 403
    assert client.post(f"{HOOKS}/{webhook.pk}/enable").json()["state"] == "standing"
    secret = client.post(f"{HOOKS}/{webhook.pk}/secret").json()["secret"]
    webhook.refresh_from_db()
    assert webhook.secret == secret
    assert client.delete(f"{HOOKS}/{webhook.pk}").status_code == 204
    assert client.get(f"{HOOKS}/{webhook.pk}").status_code == 404


def _events(client: Client, webhook: Webhook) -> list[str]:
    return [one["event"] for one in client.get(f"{HOOKS}/{webhook.pk}/deliveries").json()["items"]]


def test_of_deliveries_everybody_sees_those_of_which_they_may_hear() -> None:
    coordinator = a_person(Role.COORDINATOR)
    webhook = a_webhook(coordinator)
    home = webhook.organization
    colleague = a_person(Role.FINDER, organization=home)
    told(home)
    tell(Happened.CONSULTATION_ASKED, a_question(home), to=To(office=True), at=NOON)
    settle()
    assert len(_events(signed_in(coordinator, second_factor=True), webhook)) == 2
    assert len(_events(signed_in(colleague), webhook)) == 1


def test_people_do_it_on_pages() -> None:
    person: Person = a_person()
    client = signed_in(person)
    empty = client.get("/webhooks")
    assert empty.status_code == 200 and "has no webhook" in empty.content.decode()
    refused = client.post("/webhooks", {"url": "https://inside.example/", "events": ["case.opened"]})
    assert refused.status_code == 422 and "not public" in refused.content.decode()
    made = client.post("/webhooks", {"url": "https://hooks.example/", "events": ["case.opened", "case.changed"]})
    assert made.status_code == 200 and "whsec_" in made.content.decode()
    webhook = Webhook.objects.get()
    page = f"/webhooks/{webhook.pk}"
    for act in ("test", "disable", "enable"):
        assert client.post(f"{page}/{act}").status_code == 302, act
    shown = client.get(page).content.decode()
    assert "none yet" in shown and "Send a test" in shown
    assert "whsec_" in client.post(f"{page}/secret").content.decode()
    assert client.post(f"{page}/end").status_code == 302 and client.get(page).status_code == 404
