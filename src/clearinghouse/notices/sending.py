"""Sending one notice to one webhook: what it says, who signs it, and what its answer means."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from clearinghouse.edges.outgoing import Outgoing
from clearinghouse.errors import Conflict, Malformed, NotPermitted, StepRefused, Unavailable
from clearinghouse.notices.models import Delivery, Notice, Webhook
from clearinghouse.notices.queries import ears_of, may_hear
from clearinghouse.notices.rules import EVENTS, GONE, MOST_REASON, Happened, WebhookState, failed_too_long, wait_after
from clearinghouse.notices.signatures import signed
from clearinghouse.notices.webhooks import disable_webhook
from clearinghouse.parties.rules import CLEARINGHOUSE

_TAKEN: Final = range(200, 300)
_NEVER_BACK: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class Try:
    """How one try ended."""

    status: int | None
    """None: there was no answer."""
    reason: str
    """Empty: it was taken."""


def the_outgoing() -> Outgoing:
    """Return this installation's way out, with the receivers inside that its operator trusts."""
    return Outgoing(trusted=trusted_receivers(settings.CLEARINGHOUSE_RECEIVERS))


def trusted_receivers(file: Any) -> Mapping[str, ssl.SSLContext | None]:  # noqa: ANN401 - a path or None
    """Return ``host:port`` of each receiver that may lie inside, with the certificates to trust there.

    Raises:
        Malformed: the file does not say that.
    """
    if file is None:
        return {}
    try:
        said = json.loads(file.read_text("utf-8"))
        return {
            str(place): None if certificates is None else ssl.create_default_context(cafile=str(certificates))
            for place, certificates in said.items()
        }
    except (OSError, ValueError, AttributeError, ssl.SSLError) as failure:
        raise Malformed(
            f"{file} must be a JSON object of host:port and a file of certificates, or null for none: {failure}"
        ) from None


def message_of(notice: Notice) -> dict[str, Any]:
    """Return what is told of a notice: what happened, when, to what, and where to read of it."""
    told = EVENTS[Happened(notice.event)]
    link = told.api.format(id=notice.subject_id, name=notice.name)
    return {
        "type": notice.event,
        "timestamp": notice.created_at.isoformat(timespec="milliseconds"),
        "data": {
            "happening": str(notice.happening),
            "kind": notice.subject_kind,
            "id": notice.name if "{name}" in told.api else notice.subject_id,
            "link": f"{settings.CLEARINGHOUSE_URL}{link}" if link else None,
        },
    }


def deliver(delivery_id: UUID, failures: int, *, outgoing: Outgoing, at: datetime) -> None:
    """Try a delivery once, if it has failed so often and no more, and keep how it ended.

    May be called again: a worker that was killed leaves it waiting, and a receiver knows a message by its id.
    """
    delivery = Delivery.objects.select_related("webhook__person", "notice").filter(pk=delivery_id).first()
    if delivery is None or delivery.state != "waiting" or delivery.failures != failures:
        return
    webhook = delivery.webhook
    if webhook.state != WebhookState.STANDING:
        return
    ears = ears_of(webhook, at=at)
    if ears is None:
        _disable(webhook, "whoever registered it does not act for the organization any more", at=at)
        return
    if not (
        Notice.objects.visible_to(ears).filter(pk=delivery.notice_id).exists() and may_hear(ears, [delivery.notice])
    ):
        delivery.delete()  # it was not theirs to hear, or is no more: nobody is told that there was anything
        return
    _keep(delivery, _send(delivery, outgoing, at=at), at=at)


def _send(delivery: Delivery, outgoing: Outgoing, *, at: datetime) -> Try:
    webhook = delivery.webhook
    body = json.dumps(message_of(delivery.notice), separators=(",", ":")).encode()
    holding = [webhook.secret]
    if webhook.former_until is not None and at < webhook.former_until:
        holding.append(webhook.former_secret)
    headers = {"Content-Type": "application/json", "User-Agent": "clearinghouse"}
    headers |= signed(f"msg_{delivery.pk.hex}", body, at=at, secrets=holding)
    try:
        answer = outgoing.post(webhook.url, body, headers)
    except (Malformed, Unavailable) as failure:
        return Try(None, str(failure))
    taken = answer.status in _TAKEN
    return Try(answer.status, "" if taken else f"the receiver answered {answer.status}")


def _keep(delivery: Delivery, tried: Try, *, at: datetime) -> None:
    """Keep how a try ended, once; a twin that was quicker has kept its own."""
    webhook, failures = delivery.webhook, delivery.failures
    said = {"at": at.isoformat(), "status": tried.status, "reason": tried.reason[:MOST_REASON]}
    facts: dict[str, Any] = {"tries": [*delivery.tries, said]}
    if not tried.reason:
        facts |= {"delivered_at": at}
    else:
        wait = wait_after(failures + 1)
        facts |= {"failures": failures + 1, "given_up_at": at if wait is None else None}
        facts |= {"next_at": at + (wait or _NEVER_BACK)}
    with transaction.atomic():
        waiting = Delivery.objects.filter(pk=delivery.pk, failures=failures, delivered_at=None, given_up_at=None)
        if not waiting.update(**facts):
            return
        since = None if not tried.reason else webhook.failing_since or at
        Webhook.objects.filter(pk=webhook.pk).update(failing_since=since)
    if tried.status == GONE:
        _disable(webhook, "the receiver says that it is gone (410)", at=at)
    elif failed_too_long(since, at=at):
        _disable(webhook, f"it has taken nothing since {webhook.failing_since}; last: {tried.reason}", at=at)


def _disable(webhook: Webhook, why: str, *, at: datetime) -> None:
    try:
        disable_webhook(webhook, why=why, actor=CLEARINGHOUSE, at=at)
    except (Conflict, NotPermitted, StepRefused):
        return  # somebody was quicker
