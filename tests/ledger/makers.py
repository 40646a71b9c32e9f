"""Rows and acts for the tests of the ledger."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from clearinghouse.ledger.actions import record
from clearinghouse.ledger.models import Event
from clearinghouse.ledger.sequence import sequence_all
from clearinghouse.parties.models import Organization
from clearinghouse.parties.rules import LOCAL

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def an_organization(name: str = "one", *, pk: UUID | None = None) -> Organization:
    """Return a row that acts can be about."""
    return Organization.objects.create(name=name, created_at=NOON, **({"pk": pk} if pk else {}))


def an_act(subject: Organization | None = None, **details: object) -> Event:
    """Record an act on ``subject``, or on a new organization, and let it have its place."""
    with transaction.atomic():
        subject = subject or an_organization(f"number {Event.objects.count()}")
        event = record("parties:organization:found", subject=subject, actor=LOCAL, at=NOON, details=details)
    sequence_all()
    return event


def in_its_words(statement: str) -> str:
    """Return an SQLite statement about the ledger's bytes as the present database says it."""
    if connection.vendor == "sqlite":
        return statement
    statement = re.sub(r"x'([0-9a-f]*)'", r"'\\x\1'::bytea", statement)
    statement = re.sub(r"zeroblob\((\d+)\)", r"decode(repeat('00', \1), 'hex')", statement)
    faked = r"convert_to(replace(convert_from(body, 'UTF8'), \1), 'UTF8')"
    return re.sub(r"replace\(body, ('\w+', '\w+')\)", faked, statement)


@contextmanager
def as_owner() -> Iterator[CursorWrapper]:
    """Return a cursor of whoever owns the tables: of more than the application may do."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL ROLE NONE")
        yield cursor
