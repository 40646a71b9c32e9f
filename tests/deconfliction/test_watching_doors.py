"""Watching a target by HTTP, and hearing of it: the API, the pages, the stream and a receiver that really listens."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from clearinghouse.deconfliction.actions.intents import announce_intent
from clearinghouse.deconfliction.actions.subscriptions import begin_subscription
from clearinghouse.deconfliction.actions.telling import tell_waiting
from clearinghouse.deconfliction.models import Intent, Subscription
from clearinghouse.deconfliction.rules.lifecycle import Visibility
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.errors import Conflict
from clearinghouse.notices.models import Delivery, Notice
from clearinghouse.notices.queries import due_deliveries
from clearinghouse.notices.sending import deliver, the_outgoing
from clearinghouse.notices.signatures import signed
from clearinghouse.notices.telling import settle
from clearinghouse.parties.models import Person
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import Role
from tests.advisories.world import signed_in
from tests.deconfliction.makers import a_member, a_scan
from tests.notices.makers import a_webhook
from tests.notices.receiver import a_receiver, trust
from tests.notices.test_stream import listen
from tests.parties.makers import NOON, a_person, a_token, right_now

WATCHED = "/api/v1/subscriptions"
PACKAGE = "pkg:pypi/pyyaml"


def _client(person: Person, *scopes: str) -> Client:
    token = a_token(person, *(scopes or ("deconfliction", "notices")), at=right_now())
    return Client(headers={"Authorization": f"Bearer {token}"})


def _post(client: Client, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - Django's answer
    return client.post(path, body, content_type="application/json")


def a_scan_now(*, visibility: Visibility = Visibility.EVERYONE) -> Intent:
    now = right_now()
    said = a_scan(window=Window(now, now + timedelta(hours=1)), visibility=visibility)
    return announce_intent(said, actor=a_member(), at=now).intent


@pytest.mark.django_db
def test_a_target_is_watched_over_the_api_and_its_scans_are_notices() -> None:
    person = a_person(Role.SOC, at=right_now())
    client = _client(person)
    made = _post(client, WATCHED, {"target": PACKAGE})
    assert made.status_code == 201, made.content
    name = made.json()["id"]
    assert made["Location"] == f"{WATCHED}/{name}" and name.startswith("WATCH-")
    assert [one["id"] for one in client.get(WATCHED).json()["items"]] == [name]
    intent = a_scan_now()
    tell_waiting()
    settle()
    (told,) = client.get("/api/v1/notices").json()["items"]
    assert (told["event"], told["kind"], told["id"]) == ("scan.announced", "intent", intent.public_id)
    assert told["link"].endswith(f"/api/v1/intents/{intent.public_id}")
    ended = _post(client, f"{WATCHED}/{name}/end", {})
    assert (ended.json()["state"], client.get(WATCHED).json()["items"]) == ("ended", [])
    assert _post(client, f"{WATCHED}/{name}/end", {}).status_code in (403, 409)
    assert client.get(f"{WATCHED}/{name}").json()["ended_at"]


@pytest.mark.django_db
def test_what_others_watch_is_as_if_it_were_not_there_and_not_the_offices_to_see() -> None:
    row = begin_subscription(target_from_text(PACKAGE), actor=a_member(), at=NOON)
    missing = "WATCH-0000000000"
    office = signed_in(a_person(Role.COORDINATOR, at=right_now()), second_factor=True)
    for client in (_client(a_person(Role.FINDER, at=right_now())), office):
        answers = [client.get(f"{WATCHED}/{name}") for name in (row.public_id, missing)]
        assert [one.status_code for one in answers] == [404, 404]
        assert answers[0].content == answers[1].content.replace(missing.encode(), row.public_id.encode())
        assert client.get(WATCHED).json()["items"] == []
    assert Client().get(WATCHED).status_code == 401
    assert _post(_client(a_person(at=right_now()), "findings"), WATCHED, {"target": PACKAGE}).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"target": "pkg:pypi/*"},
        {"target": "0.0.0.0/0"},
        {"target": PACKAGE, "techniques": ["fuzing"]},
        {"target": PACKAGE, "organization": "x"},
        {"target": {"kind": "software"}},
    ],
)
def test_what_cannot_be_watched_is_refused_with_the_reason(asked: dict[str, Any]) -> None:
    answer = _post(_client(a_person(at=right_now())), WATCHED, asked)
    assert answer.status_code == 422 and answer["Content-Type"] == "application/problem+json"
    assert not Subscription.objects.exists()


@pytest.mark.django_db
def test_an_organization_watches_only_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clearinghouse.deconfliction.actions.subscriptions.MOST_EACH", 1)
    member = a_member()
    for target in (PACKAGE, PACKAGE):
        begin_subscription(target_from_text(target), actor=member, at=NOON)
    with pytest.raises(Conflict, match="watches 1 targets"):
        begin_subscription(target_from_text("pkg:pypi/other"), actor=member, at=NOON)


@pytest.mark.django_db
def test_pages_let_a_target_be_watched_and_no_longer() -> None:
    client = signed_in(a_person(Role.FINDER, at=right_now()))
    assert "Watch this target" not in client.get("/scans").content.decode()
    assert "Watch this target" in client.get("/scans", {"target": PACKAGE}).content.decode()
    assert client.post("/scans/watch", {"target": PACKAGE}).status_code == 302
    row = Subscription.objects.get()
    assert row.public_id in client.get("/scans/watched").content.decode()
    assert client.post(f"/scans/watched/{row.public_id}/end").status_code == 302
    assert row.public_id not in client.get("/scans/watched").content.decode()
    auditor = signed_in(a_person(Role.PROGRAMME_OFFICER, at=right_now()))
    assert auditor.post(f"/scans/watched/{row.public_id}/end").status_code == 404


@pytest.mark.django_db
def test_open_pages_listen_to_the_stream_and_ask_for_their_part_alone() -> None:
    client = signed_in(a_person(Role.FINDER, at=right_now()))
    for path in ("/scans", "/scans/own"):
        page = client.get(path).content.decode()
        assert 'sse-connect="/api/v1/events"' in page and "sse:scan.emergency delay:1s" in page
        part = client.get(path, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in part and "sse-connect" not in part
    shown = client.get("/scans", {"target": PACKAGE}, headers={"HX-Request": "true"}).content.decode()
    assert f'<input class="shown" type="hidden" name="target" value="{PACKAGE}">' in shown


@pytest.mark.django_db(transaction=True)
def test_the_stream_says_that_a_watched_target_is_scanned_and_goes_on_behind_a_place() -> None:
    member = a_member()
    begin_subscription(target_from_text(PACKAGE), actor=member, at=NOON)

    def announced() -> None:
        announce_intent(a_scan(), actor=a_member(), at=NOON)
        tell_waiting()

    _, line = listen(lambda: member, None, count=2, happens=announced)
    notice, intent = Notice.objects.get(), Intent.objects.get()
    assert line.startswith(f"id: {notice.place}\nevent: scan.announced\n") and intent.public_id in line
    assert intent.contact not in line and "pyyaml" not in line
    assert listen(lambda: member, UUID(int=0), count=2)[1] == line
    assert "still here" in listen(lambda: member, notice.place, count=2)[1]


@pytest.mark.django_db
@pytest.mark.server
@pytest.mark.enable_socket
def test_a_webhook_gets_an_id_and_a_link_signed_and_nothing_of_what_one_may_not_see(
    settings: Any,  # noqa: ANN401 - pytest-django's
    tmp_path: Path,
) -> None:
    person = a_person(Role.SOC, at=right_now())
    actor = actor_for_person(person, at=right_now())
    begin_subscription(target_from_text(PACKAGE), actor=actor, at=right_now())
    with a_receiver() as receiver:
        settings.CLEARINGHOUSE_RECEIVERS = trust(receiver, tmp_path)
        webhook = a_webhook(person, url=receiver.url)
        hidden = a_scan_now(visibility=Visibility.THOSE_MET)
        _heard_by_webhooks()
        assert receiver.came == [] and not Notice.objects.filter(subject_id=str(hidden.pk), person=None).exists()
        hidden.delete()
        intent = a_scan_now()
        _heard_by_webhooks()
        (said,) = receiver.said()
        headers, body = receiver.came[0]
    assert said["type"] == "scan.announced"
    assert said["data"] == {
        "happening": str(Notice.objects.get().happening),
        "kind": "intent",
        "id": intent.public_id,
        "link": f"{settings.CLEARINGHOUSE_URL}/api/v1/intents/{intent.public_id}",
    }
    at = Delivery.objects.get().tries[0]["at"]
    again = signed(headers["webhook-id"], body, at=_moment(at), secrets=[webhook.secret])
    assert again["webhook-signature"] == headers["webhook-signature"]


def _heard_by_webhooks(clock: Callable[[], Any] = right_now) -> None:
    """Do what workers do: tell, give places, send."""
    while tell_waiting():
        pass
    settle()
    for turn in due_deliveries(clock()):
        _, delivery, failures = turn.args
        deliver(UUID(str(delivery)), int(str(failures)), outgoing=the_outgoing(), at=clock())


def _moment(text: str) -> Any:  # noqa: ANN401 - a time
    from datetime import datetime

    return datetime.fromisoformat(text)
