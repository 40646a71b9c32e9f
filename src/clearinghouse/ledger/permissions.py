"""Who may read in the ledger what was done, by whom and when."""

from clearinghouse.permissions.rules import Role, Row

ROWS: tuple[Row, ...] = (Row("event", "ledger:event:read", (Role.AUDITOR, Role.COORDINATOR)),)
