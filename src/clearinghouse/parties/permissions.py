"""Who may do what with organizations, people, their memberships, invitations and tokens."""

from clearinghouse.permissions.guards import Oneself, OwnOrganization, WithoutToken
from clearinghouse.permissions.rules import ANY_STATE, PEOPLE, Role, Row

_STAFF = (Role.ADMINISTRATOR,)
_OVERSEERS = (Role.ADMINISTRATOR, Role.CLEARINGHOUSE, Role.COORDINATOR)
_OTHERS = tuple(role for role in PEOPLE if role not in _OVERSEERS)
_MINE = (Oneself(),)

ROWS: tuple[Row, ...] = (
    # Accepting: the secret of the invitation is what permits it; the role is the one it was made for.
    Row("invitation", "parties:invitation:accept", PEOPLE, one_factor=True),
    Row("invitation", "parties:invitation:make", (*_STAFF, Role.CLEARINGHOUSE)),
    Row("invitation", "parties:invitation:read", (*_STAFF, Role.CLEARINGHOUSE)),
    Row("invitation", "parties:invitation:withdraw", (*_STAFF, Role.CLEARINGHOUSE)),
    Row("membership", "parties:membership:end", _STAFF),
    Row("membership", "parties:membership:grant", _STAFF),
    Row("membership", "parties:membership:read", _OVERSEERS),
    Row("membership", "parties:membership:read", _OTHERS, ANY_STATE, _MINE),
    Row("organization", "parties:organization:found", _OVERSEERS),
    Row("organization", "parties:organization:read", _OVERSEERS),
    Row("organization", "parties:organization:read", _OTHERS, ANY_STATE, (OwnOrganization(field="id"),)),
    Row("person", "parties:person:close", _STAFF),
    Row(
        "person",
        "parties:person:read",
        _OVERSEERS,
        ANY_STATE,
        (Oneself(field="id", or_second_factor=True),),
        one_factor=True,
    ),
    Row("person", "parties:person:read", _OTHERS, ANY_STATE, (Oneself(field="id"),)),
    Row("token", "parties:token:issue", PEOPLE, ANY_STATE, (Oneself(), WithoutToken())),
    Row("token", "parties:token:read", PEOPLE, ANY_STATE, _MINE),
    Row("token", "parties:token:revoke", PEOPLE, ANY_STATE, _MINE),
)
