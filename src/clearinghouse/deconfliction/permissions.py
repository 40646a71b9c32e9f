"""Who may do what with scans: announce, own, constrain, authorise, look."""

from clearinghouse.deconfliction.rules.lifecycle import (
    STANDING,
    AuthorisationState,
    ConstraintState,
    IntentState,
    MappingState,
    OwnershipState,
    SubscriptionState,
)
from clearinghouse.permissions.guards import Either, Holding, Met, OwnOrganization, SecondPerson, WithoutToken
from clearinghouse.permissions.rules import ANY_STATE, OUTSIDE, Role, Row

_OFFICE = (Role.CLEARINGHOUSE, Role.COORDINATOR)
_READING = (*_OFFICE, Role.AUDITOR)
_MEMBERS = (*_READING, *OUTSIDE)
_SCANNING = (
    Role.COORDINATOR,
    Role.EVALUATOR,
    Role.FINDER,
    Role.MAINTAINER,
    Role.MODEL_DEVELOPER,
    Role.OPERATOR,
)
_WATCHING = tuple(role for role in _MEMBERS if role is not Role.CLEARINGHOUSE)
_OWNING = (Role.MAINTAINER, Role.MODEL_DEVELOPER, Role.OPERATOR)
_OUR = OwnOrganization()
_OURS = (_OUR,)
_ANNOUNCED = (*STANDING, IntentState.ENDED)
_OPEN = (IntentState.DRAFT, *STANDING)
_FOR_ALL = Holding("visibility", "everyone", why="it is confidential")
_SHOWN = Either((_OUR, _FOR_ALL, Met()))
_TOLD = Either((_OUR, _FOR_ALL))
_UNVERIFIED = (OwnershipState.CLAIMED, OwnershipState.REFUSED, OwnershipState.ENDED)
_ENDABLE = (OwnershipState.CLAIMED, OwnershipState.VERIFIED)
_LEAVING = (IntentState.ACCEPTED, IntentState.ACTIVE)
_URGENT = (IntentState.DRAFT, IntentState.ACCEPTED, IntentState.ACTIVE, IntentState.OFF_PLAN)
_STARTING = (IntentState.ACCEPTED, IntentState.OFF_PLAN, IntentState.EMERGENCY)

ROWS: tuple[Row, ...] = (
    Row("attempt", "deconfliction:attempt:read", _READING),
    Row("attempt", "deconfliction:attempt:read", OUTSIDE, ANY_STATE, _OURS),
    Row("authorisation", "deconfliction:authorisation:give", _OWNING, ANY_STATE, _OURS),
    Row("authorisation", "deconfliction:authorisation:read", _READING),
    Row(
        "authorisation",
        "deconfliction:authorisation:read",
        OUTSIDE,
        ANY_STATE,
        (Either((_OUR, OwnOrganization(field="scanner_id"))),),
    ),
    Row(
        "authorisation",
        "deconfliction:authorisation:withdraw",
        _OWNING,
        (AuthorisationState.STANDING,),
        _OURS,
    ),
    Row("availability", "deconfliction:availability:read", _MEMBERS),
    Row("availability", "deconfliction:availability:say", _OFFICE),
    Row("availability", "deconfliction:availability:say", OUTSIDE, ANY_STATE, _OURS),
    Row("constraint", "deconfliction:constraint:read", _MEMBERS),
    # The office brings in what owners elsewhere ask; as it owns nothing, that has to be seen and binds nobody.
    Row("constraint", "deconfliction:constraint:state", (*_OWNING, Role.COORDINATOR), ANY_STATE, _OURS),
    Row(
        "constraint",
        "deconfliction:constraint:withdraw",
        (*_OWNING, Role.COORDINATOR),
        (ConstraintState.STANDING,),
        _OURS,
    ),
    Row("coverage", "deconfliction:coverage:publish", _SCANNING, ANY_STATE, _OURS),
    Row("coverage", "deconfliction:coverage:read", _READING),
    Row("coverage", "deconfliction:coverage:read", OUTSIDE, ANY_STATE, (_TOLD,)),
    Row("coverage", "deconfliction:coverage:record", _SCANNING, ANY_STATE, _OURS),
    Row("figure", "deconfliction:figure:read", _MEMBERS),
    Row("figure", "deconfliction:figure:read-internal", _READING),
    Row("foreign-record", "deconfliction:foreign-record:bring-in", _SCANNING, ANY_STATE, _OURS),
    Row("foreign-record", "deconfliction:foreign-record:read", _MEMBERS),
    Row("intent", "deconfliction:intent:accept", _SCANNING, (IntentState.DRAFT,), _OURS),
    Row("intent", "deconfliction:intent:announce", _SCANNING, ANY_STATE, _OURS),
    Row("intent", "deconfliction:intent:declare-emergency", _SCANNING, _URGENT, _OURS),
    Row("intent", "deconfliction:intent:end", _SCANNING, _OPEN, _OURS),
    Row("intent", "deconfliction:intent:halt", _OFFICE, STANDING),
    Row("intent", "deconfliction:intent:leave-plan", _SCANNING, _LEAVING, _OURS),
    Row("intent", "deconfliction:intent:read", _READING),
    Row("intent", "deconfliction:intent:read", OUTSIDE, (IntentState.DRAFT,), _OURS),
    Row("intent", "deconfliction:intent:read", OUTSIDE, _ANNOUNCED, (_SHOWN,)),
    Row("intent", "deconfliction:intent:renew", _SCANNING, STANDING, _OURS),
    Row("intent", "deconfliction:intent:start", _SCANNING, _STARTING, _OURS),
    Row("intent", "deconfliction:intent:take-warrant", _SCANNING, STANDING, _OURS),
    Row("mapping", "deconfliction:mapping:add", _SCANNING, ANY_STATE, _OURS),
    Row("mapping", "deconfliction:mapping:read", _MEMBERS),
    Row("mapping", "deconfliction:mapping:withdraw", (Role.COORDINATOR,), (MappingState.STANDING,)),
    Row(
        "mapping",
        "deconfliction:mapping:withdraw",
        tuple(role for role in _SCANNING if role is not Role.COORDINATOR),
        (MappingState.STANDING,),
        _OURS,
    ),
    Row("meeting", "deconfliction:meeting:read", _READING),
    Row("meeting", "deconfliction:meeting:read", OUTSIDE, ANY_STATE, _OURS),
    Row("ownership", "deconfliction:ownership:claim", _OWNING, ANY_STATE, _OURS),
    Row("ownership", "deconfliction:ownership:end", (Role.COORDINATOR,), _ENDABLE),
    Row("ownership", "deconfliction:ownership:end", _OWNING, _ENDABLE, _OURS),
    Row("ownership", "deconfliction:ownership:read", _READING),
    Row("ownership", "deconfliction:ownership:read", OUTSIDE, (OwnershipState.VERIFIED,)),
    Row("ownership", "deconfliction:ownership:read", OUTSIDE, _UNVERIFIED, _OURS),
    Row(
        "ownership",
        "deconfliction:ownership:refuse",
        (Role.COORDINATOR,),
        (OwnershipState.CLAIMED,),
        (SecondPerson(),),
    ),
    Row(
        "ownership",
        "deconfliction:ownership:verify",
        (Role.COORDINATOR,),
        (OwnershipState.CLAIMED,),
        (SecondPerson(), WithoutToken()),
    ),
    # The index is the programme's own: what one target says of a confidential intent is seen through nothing else.
    Row("place", "deconfliction:place:read", (Role.CLEARINGHOUSE,)),
    Row("scan", "deconfliction:scan:look-up", _MEMBERS),
    Row("scan-list", "deconfliction:scan-list:fetch", _MEMBERS),
    # What an organization watches is its own to know, even in the office.
    Row("subscription", "deconfliction:subscription:begin", _WATCHING, ANY_STATE, _OURS),
    Row("subscription", "deconfliction:subscription:end", _WATCHING, (SubscriptionState.STANDING,), _OURS),
    Row("subscription", "deconfliction:subscription:read", (Role.CLEARINGHOUSE,)),
    Row("subscription", "deconfliction:subscription:read", _WATCHING, ANY_STATE, _OURS),
)
