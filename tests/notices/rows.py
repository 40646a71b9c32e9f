"""Rows of notices, webhooks and deliveries: of two organizations, of a person, and of the office."""

from uuid import UUID, uuid4

from clearinghouse.notices.models import Delivery, Notice, Webhook
from clearinghouse.notices.rules import WEBHOOK, Happened
from tests.parties.makers import NOON


def listeners(home: UUID, away: UUID, person: UUID) -> None:
    """Tell each of them something, and let each organization have a webhook."""
    parties: list[dict[str, UUID]] = [{"organization_id": home}, {"organization_id": away}, {"person_id": person}, {}]
    for party in parties:
        told = Notice.objects.create(
            happening=uuid4(),
            event=Happened.CASE_OPENED,
            subject_kind="case",
            subject_id="x",
            place=uuid4(),
            created_at=NOON,
            **party,
        )
        if "organization_id" not in party:
            continue
        webhook = Webhook.objects.create(
            person_id=person,
            second_factor=True,
            url="https://hooks.example/",
            events=[],
            state=WEBHOOK.initial,
            created_at=NOON,
            **party,
        )
        Delivery.objects.create(webhook=webhook, notice=told, next_at=NOON, created_at=NOON, **party)
