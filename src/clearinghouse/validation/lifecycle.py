"""The states of a validation and the steps between them."""

from enum import StrEnum

from clearinghouse.lifecycle import Lifecycle


class ValidationState(StrEnum):
    """How far the validation of a finding is."""

    WAITING = "waiting"
    JUDGED = "judged"
    RANGED = "ranged"
    SETTLED = "settled"


class ValidationStep(StrEnum):
    """What is done next."""

    JUDGE = "judge"
    RANGE = "range"
    CHECK_PATCHES = "check-patches"
    SETTLE = "settle"


VALIDATION = Lifecycle(
    name="validation:validation",
    initial=ValidationState.WAITING,
    table={
        (ValidationState.WAITING, ValidationStep.JUDGE): ValidationState.JUDGED,
        (ValidationState.JUDGED, ValidationStep.RANGE): ValidationState.RANGED,
        (ValidationState.RANGED, ValidationStep.CHECK_PATCHES): ValidationState.SETTLED,
        # Only a validated finding has releases to find and patches to check.
        (ValidationState.JUDGED, ValidationStep.SETTLE): ValidationState.SETTLED,
    },
)
