"""Who may do what with organizations, people, their memberships, invitations and tokens."""

from clearinghouse.parties.rules import RequestState
from clearinghouse.permissions.guards import Among, Oneself, OwnOrganization, SecondPerson, WithoutToken
from clearinghouse.permissions.rules import ANY_STATE, PEOPLE, Role, Row

_STAFF = (Role.ADMINISTRATOR,)
_OVERSEERS: tuple[Role, ...] = (Role.ADMINISTRATOR, Role.CLEARINGHOUSE, Role.COORDINATOR)
_KNOWING = (*_OVERSEERS, Role.AUDITOR)
_OTHERS = tuple(role for role in PEOPLE if role not in _KNOWING)
_MINE = (Oneself(),)
_DECIDERS = (Role.COORDINATOR, Role.DETERMINING_OFFICIAL)
_ASKED = (Oneself(field="requested_by"),)
_INVITED_TO_CASES = (Role.FINDER, Role.MAINTAINER, Role.OPERATOR)
"""The roles that a coordinator may invite people to; whoever runs the installation invites to all."""

ROWS: tuple[Row, ...] = (
    # Accepting: the secret of the invitation is what permits it; the role is the one it was made for.
    Row("invitation", "parties:invitation:accept", PEOPLE, one_factor=True),
    Row("invitation", "parties:invitation:make", (*_STAFF, Role.CLEARINGHOUSE)),
    Row(
        "invitation",
        "parties:invitation:make",
        (Role.COORDINATOR,),
        ANY_STATE,
        (Among("role", tuple(_INVITED_TO_CASES), why="coordinators invite finders, maintainers and operators"),),
    ),
    Row("invitation", "parties:invitation:read", _KNOWING),
    Row("invitation", "parties:invitation:withdraw", (*_STAFF, Role.CLEARINGHOUSE)),
    Row("invitation", "parties:invitation:withdraw", (Role.COORDINATOR,), ANY_STATE, (Oneself(field="invited_by"),)),
    Row("membership", "parties:membership:end", _STAFF),
    Row("membership", "parties:membership:grant", _STAFF),
    Row("membership", "parties:membership:read", _KNOWING),
    Row("membership", "parties:membership:read", _OTHERS, ANY_STATE, _MINE),
    Row("organization", "parties:organization:found", _OVERSEERS),
    Row("organization", "parties:organization:read", _KNOWING),
    Row("organization", "parties:organization:read", _OTHERS, ANY_STATE, (OwnOrganization(field="id"),)),
    Row("person", "parties:person:close", _STAFF),
    Row(
        "person",
        "parties:person:read",
        tuple(role for role in _KNOWING if role is not Role.CLEARINGHOUSE),
        ANY_STATE,
        (Oneself(field="id", or_second_factor=True),),
        one_factor=True,
    ),
    Row("person", "parties:person:read", (Role.CLEARINGHOUSE,)),
    Row("person", "parties:person:read", _OTHERS, ANY_STATE, (Oneself(field="id"),), one_factor=True),
    Row("person", "parties:person:secure", PEOPLE, ANY_STATE, (Oneself(field="id"), WithoutToken()), one_factor=True),
    Row("request", "parties:request:approve", _DECIDERS, (RequestState.OPEN,), (SecondPerson(), WithoutToken())),
    Row("request", "parties:request:make", _DECIDERS),
    Row("request", "parties:request:read", (*_DECIDERS, Role.AUDITOR, Role.CLEARINGHOUSE)),
    Row("request", "parties:request:refuse", _DECIDERS, (RequestState.OPEN,), (SecondPerson(),)),
    Row("request", "parties:request:use", _DECIDERS, (RequestState.APPROVED,)),
    Row(
        "request", "parties:request:void", (*_DECIDERS, Role.CLEARINGHOUSE), (RequestState.OPEN, RequestState.APPROVED)
    ),
    Row("request", "parties:request:withdraw", _DECIDERS, (RequestState.OPEN, RequestState.APPROVED), _ASKED),
    Row("token", "parties:token:issue", PEOPLE, ANY_STATE, (Oneself(), WithoutToken())),
    Row("token", "parties:token:read", PEOPLE, ANY_STATE, _MINE),
    Row("token", "parties:token:revoke", PEOPLE, ANY_STATE, _MINE),
)
