"""What is done with webhooks: registering, testing, a new secret, disabling, enabling, ending."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from clearinghouse.edges.outgoing import Outgoing
from clearinghouse.errors import Malformed, NotPermitted, Problem, Refused, Unavailable
from clearinghouse.ledger.actions import record
from clearinghouse.notices.models import Delivery, Webhook
from clearinghouse.notices.rules import (
    MOST_REASON,
    MOST_WEBHOOKS,
    SECRETS_OVERLAP,
    WEBHOOK,
    Happened,
    To,
    WebhookState,
    WebhookStep,
    check_events,
)
from clearinghouse.notices.signatures import SECRET_BYTES, secret_from
from clearinghouse.notices.telling import tell
from clearinghouse.parties.models import Organization, Person
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.records import advance


def register_webhook(
    url: str, *, events: Sequence[str], outgoing: Outgoing, actor: Actor, at: datetime
) -> tuple[Webhook, str]:
    """Register an address for the organization that whoever acts acts for; return it with the secret, shown this once.

    It hears what whoever registers it may read, at each moment anew.

    Raises:
        NotPermitted: the actor has no account or role, or acts by a token.
        Refused: the address may not be called, an event does not exist, or there are too many webhooks; all of it.
    """
    if actor.organization is None or not Person.objects.filter(pk=actor.id).exists():
        raise NotPermitted("webhooks are for people who have an account and a role; sign up first")
    secret = secret_from(secrets.token_bytes(SECRET_BYTES))
    row = Webhook(
        organization_id=actor.organization,
        person_id=actor.id,
        second_factor=actor.second_factor,
        url=url,
        events=[],
        secret=secret,
        state=WEBHOOK.initial,
        created_at=at,
    )
    demand(actor, "notices:webhook:register", row, is_kept=False)
    row.events = [one.value for one in _checked(row, events, outgoing)]
    with transaction.atomic():
        row.save(force_insert=True)
        details = {"organization": row.organization_id, "events": row.events}
        record("notices:webhook:register", subject=row, actor=actor, at=at, details=details)
    return row, secret


def _checked(row: Webhook, events: Sequence[str], outgoing: Outgoing) -> tuple[Happened, ...]:
    """Return the events; refuse with everything that is wrong."""
    problems: list[Problem] = []
    chosen: tuple[Happened, ...] = ()
    try:
        outgoing.look(row.url)
    except (Malformed, Unavailable) as refusal:
        problems.append(Problem("address-refused", "url", str(refusal), "name a receiver that can be reached by https"))
    try:
        chosen = check_events(events)
    except Refused as refusal:
        problems += refusal.problems
    standing = Webhook.objects.filter(organization_id=row.organization_id).exclude(state=WebhookState.ENDED)
    if standing.count() >= MOST_WEBHOOKS:
        problems.append(
            Problem("too-many", "", f"an organization has at most {MOST_WEBHOOKS} webhooks", "end one of them first")
        )
    if problems:
        raise Refused(tuple(problems))
    return chosen


@transaction.atomic
def rotate_secret(webhook: Webhook, *, actor: Actor, at: datetime) -> str:
    """Give a webhook a new secret and return it; for a day messages are signed by both.

    Raises:
        NotFound: the actor may not know of it.
        NotPermitted: somebody else registered it, or the actor acts by a token.
    """
    demand(actor, "notices:webhook:rotate", webhook)
    secret = secret_from(secrets.token_bytes(SECRET_BYTES))
    webhook.former_secret, webhook.former_until = webhook.secret, at + SECRETS_OVERLAP
    webhook.secret = secret
    webhook.save(update_fields=["secret", "former_secret", "former_until"])
    record("notices:webhook:rotate", subject=webhook, actor=actor, at=at)
    return secret


@transaction.atomic
def try_webhook(webhook: Webhook, *, actor: Actor, at: datetime) -> Delivery:
    """Let a message that says nothing be sent to a webhook, and to no other.

    Raises:
        NotFound: the actor may not know of it.
        NotPermitted: it is disabled or has ended.
    """
    demand(actor, "notices:webhook:test", webhook)
    to = To(organizations=frozenset({webhook.organization_id}))
    (told,) = tell(Happened.WEBHOOK_TEST, webhook, to=to, at=at)
    record("notices:webhook:test", subject=webhook, actor=actor, at=at)
    return Delivery.objects.create(
        webhook=webhook,
        notice=told,
        organization_id=webhook.organization_id,
        next_at=at,
        created_at=at,
    )


@transaction.atomic
def disable_webhook(webhook: Webhook, *, why: str, actor: Actor, at: datetime) -> None:
    """Send nothing more to a webhook until it is enabled again; its organization is told.

    Raises:
        NotFound: the actor may not know of it.
        NotPermitted: it is disabled or has ended.
    """
    demand(actor, "notices:webhook:disable", webhook)
    webhook.disabled_why = why[:MOST_REASON]
    webhook.save(update_fields=["disabled_why"])
    advance(webhook, WEBHOOK, WebhookStep.DISABLE, actor=actor, at=at, why=webhook.disabled_why)
    tell(Happened.WEBHOOK_DISABLED, webhook, to=To(organizations=frozenset({webhook.organization_id})), at=at)


@transaction.atomic
def enable_webhook(webhook: Webhook, *, actor: Actor, at: datetime) -> None:
    """Send to a webhook again; what waited is tried at once.

    Raises:
        NotFound: the actor may not know of it.
        NotPermitted: it is not disabled.
    """
    demand(actor, "notices:webhook:enable", webhook)
    webhook.failing_since, webhook.disabled_why = None, ""
    webhook.save(update_fields=["failing_since", "disabled_why"])
    webhook.deliveries.filter(delivered_at=None, given_up_at=None).update(next_at=at)
    advance(webhook, WEBHOOK, WebhookStep.ENABLE, actor=actor, at=at)


@transaction.atomic
def end_webhook(webhook: Webhook, *, actor: Actor, at: datetime) -> None:
    """End a webhook for good; what waited for it is never sent.

    Raises:
        NotFound: the actor may not know of it.
        NotPermitted: it has ended.
    """
    demand(actor, "notices:webhook:end", webhook)
    _end(webhook, actor=actor, at=at)


def end_webhooks_of(organization: Organization, *, actor: Actor, at: datetime) -> None:
    """End every webhook of an organization that leaves, which is demanded by whoever calls this."""
    for webhook in Webhook.objects.filter(organization=organization).exclude(state=WebhookState.ENDED):
        _end(webhook, actor=actor, at=at, why="the organization left")


def _end(webhook: Webhook, *, actor: Actor, at: datetime, why: str = "") -> None:
    advance(webhook, WEBHOOK, WebhookStep.END, actor=actor, at=at, why=why)
    webhook.secret = webhook.former_secret = ""
    webhook.save(update_fields=["secret", "former_secret"])
