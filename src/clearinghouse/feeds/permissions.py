"""Who may do what with snapshots of outside lists: they are public, so everybody may read them."""

from clearinghouse.permissions.rules import Role, Row

ROWS: tuple[Row, ...] = (
    Row("snapshot", "feeds:snapshot:read", tuple(Role), one_factor=True),
    Row("snapshot", "feeds:snapshot:take-in", (Role.CLEARINGHOUSE, Role.COORDINATOR)),
)
