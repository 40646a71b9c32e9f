"""Rows and acts for the tests of the ledger."""

from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from clearinghouse.ledger.actions import record
from clearinghouse.ledger.models import Event
from clearinghouse.parties.models import Organization
from clearinghouse.parties.rules import LOCAL

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def an_organization(name: str = "one", *, pk: UUID | None = None) -> Organization:
    """Return a row that acts can be about."""
    return Organization.objects.create(name=name, created_at=NOON, **({"pk": pk} if pk else {}))


def an_act(subject: Organization | None = None, **details: object) -> Event:
    """Record an act on ``subject``, or on a new organization."""
    with transaction.atomic():
        subject = subject or an_organization(f"number {Event.objects.count()}")
        return record("parties:organization:found", subject=subject, actor=LOCAL, at=NOON, details=details)
