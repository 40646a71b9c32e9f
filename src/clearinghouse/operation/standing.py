"""How an installation stands, for whoever may look."""

from datetime import datetime

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
