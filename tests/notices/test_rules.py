"""Tests of clearinghouse/notices/rules.py and signatures.py."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from clearinghouse.errors import Refused
from clearinghouse.notices.rules import (
    EVENTS,
    FAILING_AT_MOST,
    WAITS,
    Happened,
    check_events,
    failed_too_long,
    wait_after,
)
from clearinghouse.notices.signatures import secret_from, signed
from clearinghouse.permissions.table import the_table
from tests.parties.makers import NOON, right_now


def test_every_event_says_who_may_hear_of_it_by_a_verb_of_the_table() -> None:
    assert set(EVENTS) == set(Happened)
    verbs = {one.about for one in EVENTS.values()} - {""}
    assert verbs <= set(the_table().verbs)
    assert [one for one, told in EVENTS.items() if not told.about] == [Happened.SEAT_ENDED]


def test_what_cannot_be_read_any_more_is_told_without_a_link() -> None:
    assert not EVENTS[Happened.SEAT_ENDED].api and not EVENTS[Happened.SEAT_ENDED].page


def test_a_webhook_is_tried_for_more_than_a_day_ever_less_often_and_then_given_up() -> None:
    waits = [wait_after(failures) for failures in range(1, len(WAITS) + 2)]
    assert waits[:-1] == sorted(WAITS) and waits[-1] is None
    assert timedelta(days=1) < sum(WAITS, timedelta()) < FAILING_AT_MOST


def test_a_webhook_fails_too_long_after_three_days_without_anything_taken() -> None:
    assert not failed_too_long(None, at=NOON)
    assert not failed_too_long(NOON - FAILING_AT_MOST + timedelta(seconds=1), at=NOON)
    assert failed_too_long(NOON - FAILING_AT_MOST, at=NOON)


def test_events_are_chosen_from_the_table_and_all_others_are_named() -> None:
    assert check_events(["fix.checked", "case.opened", "case.opened"]) == (Happened.CASE_OPENED, Happened.FIX_CHECKED)
    with pytest.raises(Refused) as refusal:
        check_events(["case.opened", "case.exploded", "x"])
    assert [one.code for one in refusal.value.problems] == ["event-unknown"] * 2
    with pytest.raises(Refused, match="no event"):
        check_events([])


def test_a_receiver_with_the_library_of_the_standard_takes_what_we_sign() -> None:
    secret, other = secret_from(bytes(range(32))), secret_from(bytes(32))
    body = json.dumps({"type": "case.opened"}).encode()
    headers = dict(signed("msg_1", body, at=right_now(), secrets=[secret]))
    assert Webhook(secret).verify(body, headers) == {"type": "case.opened"}
    for wrong in (
        lambda: Webhook(other).verify(body, headers),
        lambda: Webhook(secret).verify(body + b" ", headers),
        lambda: Webhook(secret).verify(body, headers | {"webhook-id": "msg_2"}),
        lambda: Webhook(secret).verify(
            body, dict(signed("msg_1", body, at=NOON - timedelta(days=9), secrets=[secret]))
        ),
    ):
        with pytest.raises(WebhookVerificationError):
            wrong()  # type: ignore[no-untyped-call]


def test_both_secrets_hold_while_they_overlap() -> None:
    new, former = secret_from(bytes(range(32))), secret_from(bytes(32))
    headers = dict(signed("msg_1", b"{}", at=right_now(), secrets=[new, former]))
    assert Webhook(new).verify(b"{}", headers) == Webhook(former).verify(b"{}", headers) == {}


def test_a_signature_is_the_one_that_the_standard_gives_as_its_example() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        at=at,
        secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
