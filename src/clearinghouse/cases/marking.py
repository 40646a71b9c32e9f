"""Marking a case: raised by one person, lowered by two, on exactly the reports that are in it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from clearinghouse.cases.models import Case, Marking
from clearinghouse.cases.queries.marks import labels_of, marking_of, reports_of
from clearinghouse.cases.rules.marking import Turn, basis_of, check_turn
from clearinghouse.cases.telling import tell_request
from clearinghouse.errors import StepRefused
from clearinghouse.ledger.actions import record
from clearinghouse.parties.models import Request
from clearinghouse.parties.rules import RequestState
from clearinghouse.parties.second_person import approve_request, ask_second_person, use_agreement
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.sight.asking import beyond_sight
from clearinghouse.standards.tlp import Tlp

VERB = "cases:marking:lower"


@beyond_sight()  # it binds everybody, also whoever sees only some of the reports that it follows from
def settle_marking(cases: Iterable[Case]) -> None:
    """Keep with each case how far it may be told, after what it follows from has changed."""
    for case in cases:
        found = marking_of(case)
        if case.tlp != found:
            case.tlp = found.value
            case.save(update_fields=["tlp"])


@beyond_sight()
def _content(case: Case, label: Tlp) -> dict[str, Any]:
    """Return what two people agree on: from which label to which, on which reports."""
    return {"from": marking_of(case).value, "to": label.value, "basis": basis_of(labels_of(case))}


@beyond_sight()
def _row(case: Case, turn: Turn, label: Tlp, *, why: str, actor: Actor, at: datetime) -> Marking:
    return Marking(
        case=case,
        turn=turn,
        label=label,
        reports=sorted(reports_of(case)),
        basis=basis_of(labels_of(case)),
        why=why,
        by=actor.id,
        created_at=at,
    )


@transaction.atomic
def raise_marking(case: Case, label: Tlp, *, actor: Actor, at: datetime, why: str) -> Marking:
    """Narrow the audience of a case; one person is enough.

    Raises:
        NotFound, NotPermitted: the actor may not.
        Malformed: the label is not narrower than the present one.
    """
    row = _row(case, Turn.RAISE, label, why=why, actor=actor, at=at)
    demand(actor, "cases:marking:raise", row, is_kept=False)
    check_turn(Turn.RAISE, marking_of(case), label)
    row.save(force_insert=True)
    details = {"case": case.public_id, "to": label, "why": why}
    record("cases:marking:raise", subject=row, actor=actor, at=at, details=details)
    settle_marking([case])
    return row


@transaction.atomic
def ask_lower_marking(case: Case, label: Tlp, *, actor: Actor, at: datetime, why: str) -> Request:
    """Ask for a wider audience; another person has to agree.

    Raises:
        NotFound, NotPermitted: the actor may not.
        Malformed: the label is not wider than the present one.
        Conflict: exactly this was asked for already.
    """
    check_turn(Turn.LOWER, marking_of(case), label)
    request = ask_second_person(VERB, case, _content(case, label), actor=actor, at=at, why=why)
    tell_request(request, case, at=at)
    return request


def lower_marking(case: Case, label: Tlp, request: Request, *, actor: Actor, at: datetime) -> Marking:
    """Agree to a wider audience that another person asked for, and give it.

    Raises:
        NotPermitted: the actor asked for it, or may not.
        Conflict: a report has joined, left or been marked otherwise since, or the case has moved on; it is void then.
        StepRefused: the request was about something else.
    """
    if request.verb != VERB:
        raise StepRefused("this request asks for something else")
    if request.state != RequestState.APPROVED:  # agreed before, and then something stood in the way
        approve_request(request, case, _content(case, label), actor=actor, at=at)
    with transaction.atomic():
        content = _content(case, label)
        use_agreement(VERB, case, content, actor=actor, at=at)
        row = _row(case, Turn.LOWER, label, why=request.why, actor=actor, at=at)
        row.save(force_insert=True)
        record("cases:marking:lower", subject=row, actor=actor, at=at, details={"case": case.public_id, **content})
        settle_marking([case])
    return row


def forget_reports(reports: Iterable[str]) -> None:
    """Take the names of reports that are erased out of what was decided about markings."""
    gone = frozenset(reports)
    for row in Marking.objects.all():
        if gone & set(row.reports):
            row.reports = [one for one in row.reports if one not in gone]
            row.save(update_fields=["reports"])
