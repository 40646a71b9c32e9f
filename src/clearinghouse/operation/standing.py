"""How an installation stands, for whoever may look; and whether it can serve, for whatever watches over it."""

from datetime import datetime
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from clearinghouse.operation.checks import Finding, findings
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand


def status_for(actor: Actor, *, at: datetime) -> list[Finding]:
    """Return how the installation stands, check by check.

    Raises:
        NotPermitted: the actor does not look after it.
    """
    demand(actor, "operation:status:read")
    return findings(at=at)


def is_ready() -> bool:
    """Say whether pages can be served: the database answers, and its tables are those of this programme."""
    try:
        return _carried() <= MigrationRecorder(connection).applied_migrations().keys()
    except DatabaseError:
        return False


@cache
def _carried() -> frozenset[tuple[str, str]]:
    """Return app and name of every migration that this programme carries."""
    return frozenset(MigrationLoader(None).disk_migrations)
