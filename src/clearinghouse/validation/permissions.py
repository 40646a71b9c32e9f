"""Who may do what with validations."""

from clearinghouse.permissions.rules import Role, Row
from clearinghouse.validation.lifecycle import ValidationState

WORKERS = (Role.CLEARINGHOUSE,)

ROWS: tuple[Row, ...] = (
    Row("answer", "validation:answer:end", (Role.COORDINATOR,), ("standing",)),
    Row("answer", "validation:answer:give", (Role.COORDINATOR,)),
    Row("answer", "validation:answer:read", (Role.CLEARINGHOUSE, Role.COORDINATOR)),
    Row("known-bypass", "validation:known-bypass:keep", WORKERS),
    Row("known-bypass", "validation:known-bypass:read", (Role.CLEARINGHOUSE, Role.COORDINATOR)),
    Row("validation", "validation:validation:check-patches", WORKERS, (ValidationState.RANGED,)),
    Row("validation", "validation:validation:judge", WORKERS, (ValidationState.WAITING,)),
    Row("validation", "validation:validation:open", WORKERS),
    Row("validation", "validation:validation:range", WORKERS, (ValidationState.JUDGED,)),
    Row("validation", "validation:validation:read", (Role.CLEARINGHOUSE, Role.COORDINATOR)),
    Row("validation", "validation:validation:settle", WORKERS, (ValidationState.JUDGED,)),
)
