"""Who may do what with cases, seats in them, joins, links, and what those at their table say, agree on and hand in."""

from clearinghouse.cases.rules.lifecycle import CaseState, EmbargoState, FixState, ResponseState
from clearinghouse.cases.rules.seats import SeatState
from clearinghouse.permissions.guards import EVERYTHING, Oneself, Seated, SecondPerson, Sitting
from clearinghouse.permissions.rules import ANY_STATE, OUTSIDE, Role, Row

_AT_WORK = (Role.CLEARINGHOUSE, Role.COORDINATOR)
_READING = (*_AT_WORK, Role.AUDITOR)
_WORKER = (Role.CLEARINGHOUSE,)
_QUEUE = (Role.AUDITOR, Role.COORDINATOR, *OUTSIDE)
_OFFICE = (Role.COORDINATOR,)
_TABLE = (Role.FINDER, Role.MAINTAINER)
_UPSTREAM = (Role.MAINTAINER,)
_UNDER_DISCUSSION = (EmbargoState.PROPOSED, EmbargoState.REVISE)
_STANDING = (CaseState.OPEN, CaseState.TO_CONFIRM)

_ITS_CASE = (("case", EVERYTHING),)
_AT_ALL = Seated(path=_ITS_CASE)
_FOR_FIXES = Seated(tiers=(0, 1, 2), path=_ITS_CASE)
_FOR_PROOFS = Seated(tiers=(0, 1), path=_ITS_CASE)
_FOR_ALL = Seated(tiers=(0,), path=_ITS_CASE)
_OTHER_PROPOSED = SecondPerson(field="proposed_by")
_MADE_OF = ("cases:join:read", "findings:finding:read", "validation:validation:read")
"""A case is what its reports say, and how they were judged."""

ROWS: tuple[Row, ...] = (
    Row("case", "cases:case:confirm", _AT_WORK, (CaseState.TO_CONFIRM,)),
    Row("case", "cases:case:dissolve", _AT_WORK, _STANDING),
    Row("case", "cases:case:doubt", _AT_WORK, (CaseState.OPEN,)),
    Row("case", "cases:case:open", _AT_WORK),
    Row("case", "cases:case:read", _READING, made_of=_MADE_OF),
    Row("case", "cases:case:read", OUTSIDE, ANY_STATE, (Seated(),), made_of=_MADE_OF),
    Row("case", "cases:case:reopen", _AT_WORK, (CaseState.DISSOLVED,)),
    Row("embargo", "cases:embargo:accept", _OFFICE, _UNDER_DISCUSSION, (_OTHER_PROPOSED,)),
    Row("embargo", "cases:embargo:accept", _TABLE, _UNDER_DISCUSSION, (_FOR_ALL, _OTHER_PROPOSED)),
    Row("embargo", "cases:embargo:propose", _OFFICE, (EmbargoState.NONE, EmbargoState.ACTIVE)),
    Row("embargo", "cases:embargo:propose", _TABLE, (EmbargoState.NONE, EmbargoState.ACTIVE), (_FOR_ALL,)),
    Row("embargo", "cases:embargo:read", _READING),
    Row("embargo", "cases:embargo:read", OUTSIDE, ANY_STATE, (_AT_ALL,)),
    Row("embargo", "cases:embargo:reject", _OFFICE, _UNDER_DISCUSSION),
    Row("embargo", "cases:embargo:reject", _TABLE, _UNDER_DISCUSSION, (_FOR_ALL,)),
    Row("embargo", "cases:embargo:terminate", _OFFICE, (EmbargoState.ACTIVE, EmbargoState.REVISE)),
    Row("fix", "cases:fix:check", _WORKER, (FixState.WAITING,)),
    Row("fix", "cases:fix:hand-in", _OFFICE),
    Row("fix", "cases:fix:hand-in", _UPSTREAM, ANY_STATE, (_FOR_PROOFS,)),
    Row("fix", "cases:fix:read", _READING),
    Row("fix", "cases:fix:read", OUTSIDE, ANY_STATE, (_FOR_FIXES,)),
    Row("join", "cases:join:end", _AT_WORK, ("standing",)),
    Row("join", "cases:join:make", _AT_WORK),
    Row("join", "cases:join:read", _READING),
    Row("join", "cases:join:read", OUTSIDE, ("standing",), (_FOR_PROOFS,)),
    Row("join", "cases:join:undo", _OFFICE, ("standing",)),
    Row("link", "cases:link:make", _AT_WORK),
    Row("link", "cases:link:read", _READING),
    # Lowering is asked about the case as well, which two people agree on.
    Row("marking", "cases:marking:lower", _OFFICE),
    Row("marking", "cases:marking:raise", _OFFICE),
    Row("marking", "cases:marking:raise", (Role.FINDER,), ANY_STATE, (_FOR_ALL,)),
    Row("marking", "cases:marking:read", _READING),
    Row("marking", "cases:marking:read", OUTSIDE, ANY_STATE, (_AT_ALL,)),
    Row("participant", "cases:participant:leave", OUTSIDE, (SeatState.SEATED,), (Sitting(),)),
    Row("participant", "cases:participant:read", _READING),
    Row("participant", "cases:participant:read", OUTSIDE, (SeatState.SEATED,), (_AT_ALL,)),
    Row("participant", "cases:participant:remove", _OFFICE, (SeatState.SEATED,)),
    Row("participant", "cases:participant:seat", _OFFICE),
    Row("response", "cases:response:give", _OFFICE),
    Row("response", "cases:response:give", _UPSTREAM, ANY_STATE, (_FOR_PROOFS,)),
    Row("response", "cases:response:overrule", _OFFICE, (ResponseState.STANDING,)),
    Row("response", "cases:response:read", _READING),
    Row("response", "cases:response:read", OUTSIDE, ANY_STATE, (_FOR_PROOFS,)),
    Row("response", "cases:response:withdraw", _OFFICE, (ResponseState.STANDING,), (Oneself(),)),
    Row("response", "cases:response:withdraw", _UPSTREAM, (ResponseState.STANDING,), (Oneself(), _FOR_PROOFS)),
    Row("saved-view", "cases:saved-view:delete", _QUEUE, ANY_STATE, (Oneself(),)),
    Row("saved-view", "cases:saved-view:read", _QUEUE, ANY_STATE, (Oneself(),)),
    # To erase them when somebody leaves.
    Row("saved-view", "cases:saved-view:read", _WORKER),
    Row("saved-view", "cases:saved-view:save", _QUEUE, ANY_STATE, (Oneself(),)),
    Row("trial", "cases:trial:forget", _AT_WORK),
    Row("trial", "cases:trial:keep", _WORKER),
    Row("trial", "cases:trial:read", _READING),
)
