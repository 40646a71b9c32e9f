"""Who may look at how an installation stands."""

from clearinghouse.permissions.rules import Role, Row

ROWS: tuple[Row, ...] = (
    Row("status", "operation:status:read", (Role.ADMINISTRATOR, Role.AUDITOR, Role.COORDINATOR, Role.OPERATOR)),
)
