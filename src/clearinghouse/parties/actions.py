"""What is done with parties."""

from datetime import datetime

from django.db import transaction

from clearinghouse.ledger.actions import record
from clearinghouse.parties.models import Organization
from clearinghouse.parties.rules import LOCAL, LOCAL_ORGANIZATION
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand


def local_actor(*, at: datetime) -> Actor:
    """Return the actor of the embedded default, founding its organization at the first call."""
    if not Organization.objects.filter(pk=LOCAL_ORGANIZATION).exists():
        _found_local_organization(at=at)
    return LOCAL


@transaction.atomic
def _found_local_organization(*, at: datetime) -> None:
    organization, made = Organization.objects.get_or_create(
        pk=LOCAL_ORGANIZATION, defaults={"name": "local", "created_at": at}
    )
    if made:
        demand(LOCAL, "parties:organization:found", organization)
        record("parties:organization:found", subject=organization, actor=LOCAL, at=at, details={"name": "local"})
