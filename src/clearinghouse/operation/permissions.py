"""Who may look at how an installation stands, and carry out how long things are kept."""

from clearinghouse.permissions.rules import Role, Row

ROWS: tuple[Row, ...] = (
    Row("retention", "operation:retention:apply", (Role.ADMINISTRATOR, Role.CLEARINGHOUSE)),
    Row("status", "operation:status:read", (Role.ADMINISTRATOR, Role.AUDITOR, Role.COORDINATOR, Role.OPERATOR)),
)
