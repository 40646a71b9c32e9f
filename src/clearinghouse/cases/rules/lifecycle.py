"""The lifecycles of a case, and of what is said about it, agreed for it and handed in to mend it."""

from enum import StrEnum

from clearinghouse.lifecycle import Lifecycle


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    """Proven; being fixed."""
    TO_CONFIRM = "to-confirm"
    """No report of grade A yet: a person or the maintainer confirms before anything is published."""
    DISSOLVED = "dissolved"
    """Its findings belong to other cases now; kept so that its number still leads somewhere."""


class CaseStep(StrEnum):
    """What may be done with a case."""

    CONFIRM = "confirm"
    DOUBT = "doubt"
    DISSOLVE = "dissolve"
    REOPEN = "reopen"


CASE = Lifecycle(
    name="cases:case",
    initial=CaseState.OPEN,
    table={
        (CaseState.OPEN, CaseStep.DOUBT): CaseState.TO_CONFIRM,
        (CaseState.TO_CONFIRM, CaseStep.CONFIRM): CaseState.OPEN,
        (CaseState.OPEN, CaseStep.DISSOLVE): CaseState.DISSOLVED,
        (CaseState.TO_CONFIRM, CaseStep.DISSOLVE): CaseState.DISSOLVED,
        (CaseState.DISSOLVED, CaseStep.REOPEN): CaseState.OPEN,
    },
)
"""A case opens as proven; one without a report of grade A is doubted in the same transaction."""


class ResponseState(StrEnum):
    """Where what somebody said of a case stands."""

    STANDING = "standing"
    WITHDRAWN = "withdrawn"
    OVERRULED = "overruled"
    """A coordinator weighed it and decided otherwise, with a reason."""


class ResponseStep(StrEnum):
    """What may be done with what somebody said."""

    WITHDRAW = "withdraw"
    OVERRULE = "overrule"


RESPONSE = Lifecycle(
    name="cases:response",
    initial=ResponseState.STANDING,
    table={
        (ResponseState.STANDING, ResponseStep.WITHDRAW): ResponseState.WITHDRAWN,
        (ResponseState.STANDING, ResponseStep.OVERRULE): ResponseState.OVERRULED,
    },
)


class EmbargoState(StrEnum):
    """Where the talk about a date stands. Source: Vultron, embargo management."""

    NONE = "none"
    PROPOSED = "proposed"
    ACTIVE = "active"
    REVISE = "revise"
    EXITED = "exited"


class EmbargoStep(StrEnum):
    """What may be done about a date."""

    PROPOSE = "propose"
    REJECT = "reject"
    ACCEPT = "accept"
    TERMINATE = "terminate"


EMBARGO = Lifecycle(
    name="cases:embargo",
    initial=EmbargoState.NONE,
    table={
        # Unlike Vultron, a second proposal waits for the answer to the first (docs/decisions/0131).
        (EmbargoState.NONE, EmbargoStep.PROPOSE): EmbargoState.PROPOSED,
        (EmbargoState.PROPOSED, EmbargoStep.REJECT): EmbargoState.NONE,
        (EmbargoState.PROPOSED, EmbargoStep.ACCEPT): EmbargoState.ACTIVE,
        (EmbargoState.ACTIVE, EmbargoStep.PROPOSE): EmbargoState.REVISE,
        (EmbargoState.REVISE, EmbargoStep.REJECT): EmbargoState.ACTIVE,
        (EmbargoState.REVISE, EmbargoStep.ACCEPT): EmbargoState.ACTIVE,
        (EmbargoState.ACTIVE, EmbargoStep.TERMINATE): EmbargoState.EXITED,
        (EmbargoState.REVISE, EmbargoStep.TERMINATE): EmbargoState.EXITED,
    },
)


class FixState(StrEnum):
    """Where a fix that was handed in for a case stands."""

    WAITING = "waiting"
    CHECKED = "checked"


class FixStep(StrEnum):
    """What may be done with a fix."""

    CHECK = "check"


FIX = Lifecycle(
    name="cases:fix",
    initial=FixState.WAITING,
    table={(FixState.WAITING, FixStep.CHECK): FixState.CHECKED},
)
