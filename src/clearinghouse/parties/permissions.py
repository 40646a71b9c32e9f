"""Who may do what with organizations, people, their memberships, invitations and tokens."""

from clearinghouse.parties.rules import AcceptanceState, ConsultationState, RequestState
from clearinghouse.permissions.guards import (
    Among,
    Either,
    Oneself,
    OwnOrganization,
    SecondFactor,
    SecondPerson,
    WithoutToken,
)
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

_ASKING = (Role.ADMINISTRATOR, Role.COORDINATOR, Role.DETERMINING_OFFICIAL, Role.EVALUATOR, Role.PROGRAMME_OFFICER)
_OURS = OwnOrganization()

ROWS: tuple[Row, ...] = (
    Row("acceptance", "parties:acceptance:end", PEOPLE, (AcceptanceState.STANDING,), (_OURS, WithoutToken())),
    Row("acceptance", "parties:acceptance:give", PEOPLE, ANY_STATE, (_OURS, WithoutToken())),
    Row("acceptance", "parties:acceptance:read", _KNOWING),
    Row("acceptance", "parties:acceptance:read", _OTHERS, ANY_STATE, (_OURS,)),
    Row("consultation", "parties:consultation:answer", PEOPLE, (ConsultationState.ASKED,), (_OURS, WithoutToken())),
    Row("consultation", "parties:consultation:ask", _ASKING),
    # What is asked may be about a case: only who reads every case reads every question.
    Row("consultation", "parties:consultation:read", (Role.AUDITOR, Role.COORDINATOR)),
    Row(
        "consultation",
        "parties:consultation:read",
        tuple(role for role in PEOPLE if role not in (Role.AUDITOR, Role.COORDINATOR)),
        ANY_STATE,
        (Either((_OURS, Oneself(field="asked_by"))),),
    ),
    Row(
        "consultation",
        "parties:consultation:withdraw",
        _ASKING,
        (ConsultationState.ASKED,),
        (Oneself(field="asked_by"),),
    ),
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
    Row(
        "membership",
        "parties:membership:end",
        tuple(role for role in PEOPLE if role not in _STAFF),
        ANY_STATE,
        (Oneself(), WithoutToken()),
    ),
    Row("membership", "parties:membership:grant", _STAFF),
    Row("membership", "parties:membership:read", _KNOWING),
    Row("membership", "parties:membership:read", _OTHERS, ANY_STATE, _MINE),
    Row("organization", "parties:organization:found", _OVERSEERS),
    Row(
        "organization",
        "parties:organization:leave",
        PEOPLE,
        ANY_STATE,
        (OwnOrganization(field="id"), WithoutToken(), SecondFactor()),
    ),
    Row("organization", "parties:organization:read", _KNOWING),
    Row("organization", "parties:organization:read", _OTHERS, ANY_STATE, (OwnOrganization(field="id"),)),
    Row("organization", "parties:organization:rename", _OVERSEERS),
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
    Row("terms", "parties:terms:publish", _STAFF),
    Row("terms", "parties:terms:read", tuple(Role), one_factor=True),
    Row("token", "parties:token:issue", PEOPLE, ANY_STATE, (Oneself(), WithoutToken())),
    Row("token", "parties:token:read", PEOPLE, ANY_STATE, _MINE),
    Row("token", "parties:token:revoke", PEOPLE, ANY_STATE, _MINE),
)
