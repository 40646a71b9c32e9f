"""Who may have advisories written."""

from clearinghouse.permissions.rules import OUTSIDE, Role, Row

ROWS: tuple[Row, ...] = (
    # Nothing is in it that the reader may not read by itself.
    Row("advisory", "advisories:advisory:read", (Role.AUDITOR, Role.CLEARINGHOUSE, Role.COORDINATOR, *OUTSIDE)),
    Row("advisory", "advisories:advisory:write", (Role.CLEARINGHOUSE, Role.COORDINATOR)),
)
