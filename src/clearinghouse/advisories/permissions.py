"""Who may have advisories written."""

from clearinghouse.permissions.rules import Role, Row

ROWS: tuple[Row, ...] = (
    # Nothing is in it that the reader may not read by itself.
    Row("advisory", "advisories:advisory:read", (Role.CLEARINGHOUSE, Role.COORDINATOR, Role.FINDER, Role.MAINTAINER)),
    Row("advisory", "advisories:advisory:write", (Role.CLEARINGHOUSE, Role.COORDINATOR)),
)
