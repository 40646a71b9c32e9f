"""Who may do what with cases, joins and links."""

from clearinghouse.cases.rules.lifecycle import CaseState, EmbargoState, FixState, ResponseState
from clearinghouse.permissions.guards import Oneself, SecondPerson
from clearinghouse.permissions.rules import Role, Row

_AT_WORK = (Role.CLEARINGHOUSE, Role.COORDINATOR)
_WORKER = (Role.CLEARINGHOUSE,)
_TABLE = (Role.COORDINATOR,)
_UNDER_DISCUSSION = (EmbargoState.PROPOSED, EmbargoState.REVISE)
_STANDING = (CaseState.OPEN, CaseState.TO_CONFIRM)

ROWS: tuple[Row, ...] = (
    Row("case", "cases:case:confirm", _AT_WORK, (CaseState.TO_CONFIRM,)),
    Row("case", "cases:case:dissolve", _AT_WORK, _STANDING),
    Row("case", "cases:case:doubt", _AT_WORK, (CaseState.OPEN,)),
    Row("case", "cases:case:open", _AT_WORK),
    Row("case", "cases:case:read", _AT_WORK),
    Row("case", "cases:case:reopen", _AT_WORK, (CaseState.DISSOLVED,)),
    Row("embargo", "cases:embargo:accept", _TABLE, _UNDER_DISCUSSION, (SecondPerson(field="proposed_by"),)),
    Row("embargo", "cases:embargo:propose", _TABLE, (EmbargoState.NONE, EmbargoState.ACTIVE)),
    Row("embargo", "cases:embargo:read", _AT_WORK),
    Row("embargo", "cases:embargo:reject", _TABLE, _UNDER_DISCUSSION),
    Row("embargo", "cases:embargo:terminate", (Role.COORDINATOR,), (EmbargoState.ACTIVE, EmbargoState.REVISE)),
    Row("fix", "cases:fix:check", _WORKER, (FixState.WAITING,)),
    Row("fix", "cases:fix:hand-in", _TABLE),
    Row("fix", "cases:fix:read", _AT_WORK),
    Row("join", "cases:join:end", _AT_WORK, ("standing",)),
    Row("join", "cases:join:make", _AT_WORK),
    Row("join", "cases:join:read", _AT_WORK),
    Row("join", "cases:join:undo", (Role.COORDINATOR,), ("standing",)),
    Row("link", "cases:link:make", _AT_WORK),
    Row("link", "cases:link:read", _AT_WORK),
    Row("response", "cases:response:give", _TABLE),
    Row("response", "cases:response:overrule", (Role.COORDINATOR,), (ResponseState.STANDING,)),
    Row("response", "cases:response:read", _AT_WORK),
    Row("response", "cases:response:withdraw", _TABLE, (ResponseState.STANDING,), (Oneself(),)),
    Row("trial", "cases:trial:forget", _AT_WORK),
    Row("trial", "cases:trial:keep", _WORKER),
    Row("trial", "cases:trial:read", _AT_WORK),
)
