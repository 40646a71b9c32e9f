"""Tests of clearinghouse/notices/sending.py and tasks.py, with a receiver that really listens."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks.webhooks import Webhook as Verifier

from clearinghouse.errors import Malformed
from clearinghouse.notices import tasks
from clearinghouse.notices.models import Delivery, Notice, Webhook
from clearinghouse.notices.queries import due_deliveries, due_forgetting
from clearinghouse.notices.rules import FAILING_AT_MOST, KEPT_FOR, WAITS, Happened, WebhookState
from clearinghouse.notices.sending import deliver, the_outgoing
from clearinghouse.notices.webhooks import disable_webhook, enable_webhook, rotate_secret, try_webhook
from clearinghouse.parties.actions import end_membership
from clearinghouse.parties.models import Consultation, Organization, Person
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import Actor
from tests.notices.makers import a_webhook, told
from tests.notices.receiver import Receiver, a_receiver, trust
from tests.parties.makers import ADMINISTRATOR, NOON, a_person, right_now

pytestmark = [pytest.mark.django_db, pytest.mark.server, pytest.mark.enable_socket]


@pytest.fixture
def receiver(settings: Any, tmp_path: Path) -> Iterator[Receiver]:  # noqa: ANN401 - pytest-django's
    with a_receiver() as made:
        settings.CLEARINGHOUSE_RECEIVERS = trust(made, tmp_path)
        yield made


@pytest.fixture
def person() -> Person:
    return a_person()


@pytest.fixture
def webhook(person: Person, receiver: Receiver) -> Webhook:
    return a_webhook(person, url=receiver.url)


def _home(person: Person) -> Organization:
    found: Organization = person.memberships.get().organization
    return found


def _acting(person: Person) -> Actor:
    return actor_for_person(person, at=NOON)


def _try_all(at: datetime = NOON) -> int:
    """Do what a worker does: try every delivery that is due; return how many there were."""
    found = list(due_deliveries(at))
    for turn in found:
        _, delivery, failures = turn.args
        deliver(UUID(str(delivery)), int(str(failures)), outgoing=the_outgoing(), at=at)
    return len(found)


def test_a_message_holds_an_id_and_a_link_and_is_signed_as_the_standard_says(
    person: Person, webhook: Webhook, receiver: Receiver
) -> None:
    now = right_now()
    notice = told(_home(person), at=now)
    assert _try_all(now) == 1
    ((headers, body),) = receiver.came
    said = Verifier(webhook.secret).verify(body, headers)
    assert said == {
        "type": "consultation.asked",
        "timestamp": now.isoformat(timespec="milliseconds"),
        "data": {
            "happening": str(notice.happening),
            "kind": "consultation",
            "id": notice.subject_id,
            "link": None,
        },
    }
    assert headers["content-type"] == "application/json"
    assert Delivery.objects.get().state == "delivered" and _try_all(now) == 0


def test_what_fails_is_tried_again_later_with_the_same_id_and_says_why(
    person: Person, webhook: Webhook, receiver: Receiver
) -> None:
    receiver.status = 500
    told(_home(person))
    assert _try_all() == 1
    delivery = Delivery.objects.get()
    assert delivery.state == "waiting" and delivery.next_at == NOON + WAITS[0]
    assert delivery.tries == [{"at": NOON.isoformat(), "status": 500, "reason": "the receiver answered 500"}]
    assert _try_all() == 0, "not before its time"
    receiver.status = 204
    assert _try_all(NOON + WAITS[0]) == 1
    assert Delivery.objects.get().state == "delivered"
    assert len({headers["webhook-id"] for headers, _ in receiver.came}) == 1 and len(receiver.came) == 2
    webhook.refresh_from_db()
    assert webhook.failing_since is None


def test_after_the_last_wait_it_is_given_up(person: Person, webhook: Webhook, receiver: Receiver) -> None:  # noqa: ARG001
    receiver.status = 302
    told(_home(person))
    at = NOON
    for wait in WAITS:
        assert _try_all(at) == 1
        at += wait
    assert _try_all(at) == 1
    delivery = Delivery.objects.get()
    assert delivery.state == "given-up" and len(delivery.tries) == len(WAITS) + 1
    assert _try_all(at + timedelta(days=9)) == 0


def test_a_worker_that_was_killed_in_between_tries_again_and_a_twin_changes_nothing(
    person: Person,
    webhook: Webhook,  # noqa: ARG001 - it is there
    receiver: Receiver,
) -> None:
    told(_home(person))
    delivery = Delivery.objects.get()
    deliver(delivery.pk, 0, outgoing=the_outgoing(), at=NOON)
    deliver(delivery.pk, 0, outgoing=the_outgoing(), at=NOON)
    assert len(receiver.came) == 1
    Delivery.objects.update(delivered_at=None, tries=[])  # as it is when the worker died after the answer
    assert _try_all() == 1
    assert len({headers["webhook-id"] for headers, _ in receiver.came}) == 1


def test_a_webhook_that_takes_nothing_for_days_is_disabled_and_its_organization_is_told(
    person: Person, webhook: Webhook, receiver: Receiver
) -> None:
    receiver.status = 503
    told(_home(person))
    assert _try_all() == 1
    late = NOON + FAILING_AT_MOST
    told(_home(person), at=late)
    _try_all(late)
    webhook.refresh_from_db()
    assert webhook.state == WebhookState.DISABLED and "503" in webhook.disabled_why
    assert Notice.objects.filter(event=Happened.WEBHOOK_DISABLED, organization=_home(person)).count() == 1
    came = len(receiver.came)
    assert _try_all(late + timedelta(days=1)) == 0 and len(receiver.came) == came
    receiver.status = 200
    enable_webhook(webhook, actor=_acting(person), at=late)
    assert _try_all(late) > 0 and len(receiver.came) > came


def test_a_receiver_that_says_it_is_gone_is_disabled_at_once(
    person: Person, webhook: Webhook, receiver: Receiver
) -> None:
    receiver.status = 410
    told(_home(person))
    _try_all()
    webhook.refresh_from_db()
    assert webhook.state == WebhookState.DISABLED and "410" in webhook.disabled_why


def test_what_is_no_longer_theirs_to_read_is_not_sent_and_leaves_nothing_behind(
    person: Person,
    webhook: Webhook,  # noqa: ARG001 - it is there
    receiver: Receiver,
) -> None:
    notice = told(_home(person))
    Consultation.objects.filter(pk=notice.subject_id).update(organization=a_person().memberships.get().organization)
    assert _try_all() == 1
    assert receiver.came == [] and not Delivery.objects.exists()


def test_whoever_registered_it_and_left_hears_nothing_more(
    person: Person, webhook: Webhook, receiver: Receiver
) -> None:
    told(_home(person))
    end_membership(person.memberships.get(), actor=ADMINISTRATOR, at=NOON)
    _try_all()
    webhook.refresh_from_db()
    assert receiver.came == [] and webhook.state == WebhookState.DISABLED
    assert "any more" in webhook.disabled_why


def test_both_secrets_sign_for_a_day_after_a_change(person: Person, webhook: Webhook, receiver: Receiver) -> None:
    former, now = webhook.secret, right_now()
    new = rotate_secret(webhook, actor=_acting(person), at=now)
    assert new != former
    told(_home(person), at=now)
    _try_all(now)
    ((headers, body),) = receiver.came
    assert Verifier(new).verify(body, headers) == Verifier(former).verify(body, headers)
    told(_home(person), at=now)
    _try_all(now + timedelta(days=1))
    assert len(receiver.came[-1][0]["webhook-signature"].split(" ")) == 1


def test_a_test_goes_to_one_webhook_alone_whatever_it_carries(person: Person, receiver: Receiver) -> None:
    one = a_webhook(person, Happened.CASE_OPENED, url=receiver.url)
    a_webhook(person, url=receiver.url)
    try_webhook(one, actor=_acting(person), at=NOON)
    assert _try_all() == 1
    assert [said["type"] for said in receiver.said()] == ["webhook.test"]


def test_nothing_is_sent_to_what_was_disabled(person: Person, webhook: Webhook, receiver: Receiver) -> None:
    told(_home(person))
    disable_webhook(webhook, why="for now", actor=_acting(person), at=NOON)
    assert _try_all() == 0 and receiver.came == []


def test_a_name_that_leads_inside_since_is_a_failure_with_its_reason(person: Person) -> None:
    a_webhook(person, url="https://localhost/")
    told(_home(person))
    assert _try_all() == 1
    (said,) = Delivery.objects.get().tries
    assert said["status"] is None and "not public" in said["reason"]


def test_the_steps_of_the_worker_do_it(person: Person, receiver: Receiver) -> None:
    a_webhook(person, url=receiver.url)
    told(_home(person), at=right_now())
    ((organization, delivery, failures),) = [turn.args for turn in tasks.deliveries_due_now()]
    tasks.deliver.call(str(organization), str(delivery), int(str(failures)))
    assert len(receiver.came) == 1


def test_what_is_old_is_forgotten(person: Person, webhook: Webhook) -> None:  # noqa: ARG001
    told(_home(person), at=right_now() - KEPT_FOR - timedelta(days=1))
    kept = told(_home(person), at=right_now())
    (day,) = due_forgetting(right_now())
    tasks.forget_notices.call(day)
    assert list(Notice.objects.all()) == [kept] and list(due_forgetting(right_now())) == []


def test_a_file_of_receivers_that_says_nothing_of_the_kind_is_refused(settings: Any, tmp_path: Path) -> None:  # noqa: ANN401
    for text in ("[]", "{", '{"a:1": "/nowhere"}'):
        settings.CLEARINGHOUSE_RECEIVERS = tmp_path / "r.json"
        settings.CLEARINGHOUSE_RECEIVERS.write_text(text)
        with pytest.raises(Malformed, match="host:port"):
            the_outgoing()
