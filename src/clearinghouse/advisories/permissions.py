"""Who may have advisories written."""

from clearinghouse.permissions.rules import Role, Row

ROWS: tuple[Row, ...] = (Row("advisory", "advisories:advisory:write", (Role.CLEARINGHOUSE, Role.COORDINATOR)),)
