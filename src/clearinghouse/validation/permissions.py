"""Who may do what with validations."""

from clearinghouse.permissions.guards import EVERYTHING, Either, Is, OwnOrganization, Seated
from clearinghouse.permissions.rules import ANY_STATE, OUTSIDE, Role, Row
from clearinghouse.validation.lifecycle import ValidationState

WORKERS = (Role.CLEARINGHOUSE,)
_READING = (Role.AUDITOR, Role.CLEARINGHOUSE, Role.COORDINATOR)
_SEATED = Seated(tiers=(0, 1), path=(("finding", EVERYTHING), ("joins", Is("ended_at", None)), ("case", EVERYTHING)))

ROWS: tuple[Row, ...] = (
    Row("answer", "validation:answer:end", (Role.COORDINATOR,), ("standing",)),
    Row("answer", "validation:answer:give", (Role.COORDINATOR,)),
    Row("answer", "validation:answer:read", _READING),
    Row("known-bypass", "validation:known-bypass:keep", WORKERS),
    Row("known-bypass", "validation:known-bypass:read", _READING),
    Row("validation", "validation:validation:check-patches", WORKERS, (ValidationState.RANGED,)),
    Row("validation", "validation:validation:judge", WORKERS, (ValidationState.WAITING,)),
    Row("validation", "validation:validation:open", WORKERS),
    Row("validation", "validation:validation:range", WORKERS, (ValidationState.JUDGED,)),
    Row("validation", "validation:validation:read", _READING),
    Row(
        "validation",
        "validation:validation:read",
        (Role.FINDER,),
        ANY_STATE,
        (Either((OwnOrganization(field="finding__organization_id"), _SEATED)),),
    ),
    Row(
        "validation",
        "validation:validation:read",
        tuple(role for role in OUTSIDE if role is not Role.FINDER),
        ANY_STATE,
        (_SEATED,),
    ),
    Row("validation", "validation:validation:settle", WORKERS, (ValidationState.JUDGED,)),
)
