"""Tests of clearinghouse/parties/actions.py."""

from datetime import UTC, datetime

import pytest

from clearinghouse.ledger.models import Entry, Event, Head
from clearinghouse.ledger.sequence import sequence_all
from clearinghouse.parties.actions import local_actor
from clearinghouse.parties.models import Organization

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_the_first_call_founds_the_local_organization_and_writes_it_down() -> None:
    actor = local_actor(at=NOON)
    assert Organization.objects.get().pk == actor.organization
    sequence_all()
    assert Entry.objects.count() == Head.objects.get().size == 1


@pytest.mark.django_db
def test_a_second_call_changes_nothing() -> None:
    assert local_actor(at=NOON) == local_actor(at=NOON)
    assert Event.objects.count() == 1


@pytest.mark.django_db
def test_the_local_actor_sees_its_organization() -> None:
    assert Organization.objects.visible_to(local_actor(at=NOON)).count() == 1
