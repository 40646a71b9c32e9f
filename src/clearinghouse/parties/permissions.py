"""Who may do what with organizations."""

from clearinghouse.permissions.guards import OwnOrganization
from clearinghouse.permissions.rules import ANY_STATE, Role, Row

ROWS: tuple[Row, ...] = (
    Row("organization", "parties:organization:found", (Role.CLEARINGHOUSE, Role.COORDINATOR)),
    Row("organization", "parties:organization:read", (Role.CLEARINGHOUSE, Role.COORDINATOR)),
    Row(
        "organization",
        "parties:organization:read",
        (Role.DEPLOYER, Role.FINDER, Role.REPORTER, Role.VENDOR),
        ANY_STATE,
        (OwnOrganization(field="id"),),
    ),
)
