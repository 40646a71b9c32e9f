"""Who may do what with cases, joins and links."""

from clearinghouse.cases.rules.lifecycle import CaseState
from clearinghouse.permissions.rules import Role, Row

_AT_WORK = (Role.CLEARINGHOUSE, Role.COORDINATOR)
_WORKER = (Role.CLEARINGHOUSE,)
_STANDING = (CaseState.OPEN, CaseState.TO_CONFIRM)

ROWS: tuple[Row, ...] = (
    Row("case", "cases:case:confirm", _AT_WORK, (CaseState.TO_CONFIRM,)),
    Row("case", "cases:case:dissolve", _AT_WORK, _STANDING),
    Row("case", "cases:case:doubt", _AT_WORK, (CaseState.OPEN,)),
    Row("case", "cases:case:open", _AT_WORK),
    Row("case", "cases:case:read", _AT_WORK),
    Row("case", "cases:case:reopen", _AT_WORK, (CaseState.DISSOLVED,)),
    Row("join", "cases:join:end", _AT_WORK, ("standing",)),
    Row("join", "cases:join:make", _AT_WORK),
    Row("join", "cases:join:read", _AT_WORK),
    Row("join", "cases:join:undo", (Role.COORDINATOR,), ("standing",)),
    Row("link", "cases:link:make", _AT_WORK),
    Row("link", "cases:link:read", _AT_WORK),
    Row("trial", "cases:trial:forget", _AT_WORK),
    Row("trial", "cases:trial:keep", _WORKER),
    Row("trial", "cases:trial:read", _AT_WORK),
)
