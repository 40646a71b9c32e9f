"""Who may do what with findings."""

from clearinghouse.findings.rules import FindingState, SubmissionState
from clearinghouse.permissions.guards import EVERYTHING, Either, Is, OwnOrganization, Seated
from clearinghouse.permissions.rules import ANY_STATE, OUTSIDE, Role, Row

_STANDING = (FindingState.TAKEN_IN, FindingState.JUDGED, FindingState.SETTLED)
_AT_WORK = (Role.CLEARINGHOUSE, Role.COORDINATOR)
_READING = (*_AT_WORK, Role.AUDITOR)
_OUTSIDE = (Role.FINDER,)
_SEATED = Seated(tiers=(0, 1), path=(("joins", Is("ended_at", None)), ("case", EVERYTHING)))
"""In the case that the finding stands in; the room of cases hangs its joins on findings."""

ROWS: tuple[Row, ...] = (
    Row("finding", "findings:finding:judge", _AT_WORK, (FindingState.TAKEN_IN,)),
    Row("finding", "findings:finding:read", _READING),
    Row("finding", "findings:finding:read", _OUTSIDE, ANY_STATE, (Either((OwnOrganization(), _SEATED)),)),
    Row(
        "finding",
        "findings:finding:read",
        tuple(role for role in OUTSIDE if role is not Role.FINDER),
        ANY_STATE,
        (_SEATED,),
    ),
    Row("finding", "findings:finding:reopen", _AT_WORK, (FindingState.JUDGED, FindingState.SETTLED)),
    Row("finding", "findings:finding:settle", _AT_WORK, (FindingState.JUDGED,)),
    Row("finding", "findings:finding:supersede", _AT_WORK, _STANDING),
    Row("finding", "findings:finding:supersede", _OUTSIDE, _STANDING, (OwnOrganization(),)),
    Row("finding", "findings:finding:take-in", (*_AT_WORK, *_OUTSIDE)),
    Row("refused-report", "findings:refused-report:keep", (*_AT_WORK, *_OUTSIDE)),
    Row("refused-report", "findings:refused-report:read", _READING),
    Row("submission", "findings:submission:hand-in", (Role.COORDINATOR, *_OUTSIDE)),
    Row("submission", "findings:submission:read", _READING),
    Row("submission", "findings:submission:read", _OUTSIDE, ANY_STATE, (OwnOrganization(),)),
    Row("submission", "findings:submission:refuse", (Role.CLEARINGHOUSE,), (SubmissionState.QUEUED,)),
    Row("submission", "findings:submission:take-in", (Role.CLEARINGHOUSE,), (SubmissionState.QUEUED,)),
)
