"""What the ledger holds about a case: its own acts, and those on all that belongs to it."""

from clearinghouse.cases.models import Case
from clearinghouse.cases.queries.cases import joins_of
from clearinghouse.cases.queries.marks import markings_for
from clearinghouse.cases.queries.table import embargo_for
from clearinghouse.cases.seating import participants_of
from clearinghouse.permissions.rules import Actor


def subjects_of(actor: Actor, case: Case) -> list[tuple[str, str]]:
    """Return (kind, id) of the case and of everything in it that the actor may see; the caller has asked for the case.

    Raises:
        NotFound, NotPermitted: the actor may not read what belongs to it.
    """
    subjects = [("case", str(case.pk))]
    for row in joins_of(case):
        subjects += [("join", str(row.pk)), ("finding", str(row.finding_id))]
    for name, rows in (("response", case.responses), ("fix", case.fixes)):
        subjects += [(name, str(pk)) for pk in rows.values_list("pk", flat=True)]
    subjects += [("participant", str(one.pk)) for one in participants_of(case, actor)]
    subjects += [("marking", str(one.pk)) for one in markings_for(actor, case)]
    if (agreed := embargo_for(actor, case)) is not None:
        subjects.append(("embargo", str(agreed.pk)))
    return subjects
