"""Who may look at how an installation stands, and carry out how long things are kept."""

from clearinghouse.permissions.rules import Role, Row

ROWS: tuple[Row, ...] = (
    Row("retention", "operation:retention:apply", (Role.ADMINISTRATOR, Role.CLEARINGHOUSE)),
    # Not for operators of what is reported on: how much waits here tells of cases that are none of theirs.
    Row("status", "operation:status:read", (Role.ADMINISTRATOR, Role.AUDITOR, Role.COORDINATOR)),
)
