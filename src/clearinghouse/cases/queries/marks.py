"""How far a case may be told, and why: read off its reports and what people decided about them."""

from collections.abc import Iterable

from django.db.models import QuerySet

from clearinghouse.cases.models import Case, Marking
from clearinghouse.cases.queries.cases import findings_in
from clearinghouse.cases.queries.facts import lineage_of
from clearinghouse.cases.rules.marking import Change, Turn, basis_of, marking
from clearinghouse.permissions.rules import Actor
from clearinghouse.sight.asking import beyond_sight
from clearinghouse.standards import tlp
from clearinghouse.standards.tlp import Tlp


def labels_of(case: Case) -> dict[str, Tlp]:
    """Return the label of each report that stands in a case, by its key."""
    return {one.key: tlp.parse(str(one.report.get("tlp") or Tlp.AMBER)) for one in findings_in(case)}


def reports_of(case: Case) -> frozenset[str]:
    """Return finder/id of each report that stands in a case."""
    return frozenset(lineage_of(one) for one in findings_in(case))


@beyond_sight()  # the marking binds everybody, also who sees only some of the reports that it follows from
def marking_of(case: Case) -> Tlp:
    """Return how far a case may be told now."""
    return marking(labels_of(case), reports_of(case), _changes(Marking.objects.filter(case__package=case.package)))


@beyond_sight()
def audience_of(case: Case) -> dict[str, str]:
    """Return how far a case may be told and on which reports and labels that rests, for what two people agree on."""
    return {"marking": marking_of(case).value, "basis": basis_of(labels_of(case))}


def _changes(rows: QuerySet[Marking]) -> Iterable[Change]:
    """Yield what was decided about the reports of a package, the first one first; cases may have been joined since.

    Of two decisions at the same moment the narrower one counts as the later.
    """
    for one in rows.order_by("created_at", "turn", "pk"):
        yield Change(Turn(one.turn), Tlp(one.label), frozenset(one.reports), one.basis)


def markings_for(actor: Actor, case: Case) -> QuerySet[Marking]:
    """Return what was decided about the marking of a case that the actor may read, the latest first."""
    found: QuerySet[Marking] = Marking.objects.visible_to(actor)
    return found.filter(case=case).order_by("-created_at", "pk")
