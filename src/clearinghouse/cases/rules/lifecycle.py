"""The lifecycle of a case."""

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
