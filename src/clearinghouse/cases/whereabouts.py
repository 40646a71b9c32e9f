"""Where a report stands, as whoever handed it in may know it: of their own report, and no word of others."""

from enum import StrEnum

from clearinghouse.cases.models import Case, Join
from clearinghouse.cases.queries.due import waiting_for_a_case
from clearinghouse.findings.models import Finding
from clearinghouse.permissions.rules import Actor
from clearinghouse.sight.asking import beyond_sight


class Whereabouts(StrEnum):
    """What became of a report that was validated."""

    OPEN = "open"
    """In a case that whoever asks may read."""
    WITH_COORDINATORS = "with-coordinators"
    """In a case that is not open to them."""
    WAITING = "waiting"
    NOWHERE = "nowhere"
    """It makes no case."""


SAYS = {
    Whereabouts.OPEN: "It stands in a case.",
    Whereabouts.WITH_COORDINATORS: "The coordinators have it and work on it with whoever can mend it. They give you a "
    "seat in the case where you are needed, and name you when it is published.",
    Whereabouts.WAITING: "It is about to be put into a case.",
    Whereabouts.NOWHERE: "",
}


def case_of(actor: Actor, finding: Finding) -> Case | None:
    """Return the case that a report stands in, if the actor may know of it."""
    found: Case | None = Case.objects.visible_to(actor).filter(joins__finding=finding, joins__ended_at=None).first()
    return found


def whereabouts_of(actor: Actor, finding: Finding) -> Whereabouts:
    """Return where a report stands, whoever's the others in its case are."""
    if case_of(actor, finding) is not None:
        return Whereabouts.OPEN
    with beyond_sight():
        if Join.objects.filter(finding=finding, ended_at=None).exists():
            return Whereabouts.WITH_COORDINATORS
        waits = waiting_for_a_case(Finding.objects.filter(pk=finding.pk))
    return Whereabouts.WAITING if waits else Whereabouts.NOWHERE
