"""Makes what notices are told about, and who hears them."""

import secrets
from datetime import datetime

from clearinghouse.notices.models import Notice, Webhook
from clearinghouse.notices.rules import WEBHOOK, Happened, To
from clearinghouse.notices.signatures import secret_from
from clearinghouse.notices.telling import settle, tell
from clearinghouse.parties.models import Consultation, Organization, Person
from tests.parties.makers import NOON


def a_question(organization: Organization, *, at: datetime = NOON) -> Consultation:
    """Return a thing that only its organization may read, made without telling anybody."""
    made: Consultation = Consultation.objects.create(
        about_kind="case",
        about_id="x",
        question="What do you think?",
        organization=organization,
        asked_by=organization.pk,
        due_at=at,
        state="asked",
        created_at=at,
    )
    return made


def told(organization: Organization, *, at: datetime = NOON, settled: bool = True) -> Notice:
    """Tell an organization of something that it may read; call it in a transaction."""
    (made,) = tell(
        Happened.CONSULTATION_ASKED,
        a_question(organization, at=at),
        to=To(organizations=frozenset({organization.pk})),
        at=at,
    )
    if settled:
        settle()
        made.refresh_from_db()
    return made


def a_webhook(
    person: Person, *events: Happened, url: str = "https://hooks.example/", second_factor: bool = True
) -> Webhook:
    """Return a webhook of somebody, for the organization that they joined first."""
    made: Webhook = Webhook.objects.create(
        organization=person.memberships.order_by("created_at", "pk")[0].organization,
        person=person,
        second_factor=second_factor,
        url=url,
        events=[one.value for one in events or Happened],
        secret=secret_from(secrets.token_bytes(32)),
        state=WEBHOOK.initial,
        created_at=NOON,
    )
    return made
