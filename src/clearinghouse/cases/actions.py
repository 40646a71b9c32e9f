"""What is done with cases: trying patches on other proofs, joining, undoing a join, answering."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import batched
from uuid import UUID

from django.db import transaction

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.marking import settle_marking
from clearinghouse.cases.models import Case, Join, Link, Trial
from clearinghouse.cases.queries.due import packages_to_join
from clearinghouse.cases.queries.facts import apart_of, facts_of, findings_of, lineage_of, package_of, regions_of
from clearinghouse.cases.queries.table import said_of
from clearinghouse.cases.rules.facts import FOUNDING
from clearinghouse.cases.rules.joins import Group, Joined, Joining, join
from clearinghouse.cases.rules.lifecycle import CASE, CaseState, CaseStep
from clearinghouse.cases.rules.responses import may_rest_on
from clearinghouse.cases.telling import tell_joined, tell_table
from clearinghouse.errors import StepRefused
from clearinghouse.findings.models import Finding
from clearinghouse.ledger.actions import record
from clearinghouse.notices.rules import Happened
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.records import advance
from clearinghouse.sight.asking import beyond_sight
from clearinghouse.validation.actions import give_answer
from clearinghouse.validation.questions import may_be_published
from clearinghouse.validation.rules import Judgement
from clearinghouse.validation.shapes import load

type NewId = Callable[[], str]
"""Makes a public id that nobody has had; chance belongs to the edges."""

_SET_ASIDE = "moving"

MOST_AT_ONCE = 500
"""Rows written by one statement: a database takes only so many values in one."""


@transaction.atomic
def keep_trial(finding: Finding, patch: str, *, stops: bool | None, why: str = "", actor: Actor, at: datetime) -> Trial:
    """Write down whether a patch stops a finding's proof; a trial that is known already stays as it is."""
    row, made = Trial.objects.get_or_create(
        finding=finding, patch=patch, defaults={"stops": stops, "why": why, "created_at": at}
    )
    if made:
        demand(actor, "cases:trial:keep", row)
        details = {"finding": finding.key, "patch": patch, "stops": str(stops), "why": why}
        record("cases:trial:keep", subject=row, actor=actor, at=at, details=details)
    return row


@transaction.atomic
def forget_trials(*, actor: Actor, at: datetime) -> None:
    """Forget what patches did to proofs, so that it is tried again; joins and their undoing stay."""
    for row in Trial.objects.select_related("finding"):
        demand(actor, "cases:trial:forget", row)
        record("cases:trial:forget", subject=row, actor=actor, at=at, details={"patch": row.patch})
        row.delete()


def join_findings(*, artefacts: Artefacts, new_id: NewId, actor: Actor, at: datetime) -> None:
    """Join the findings of every package that needs it, with what is known now; no trial is waited for."""
    for package in packages_to_join():
        join_package(package, artefacts=artefacts, new_id=new_id, actor=actor, at=at)


@beyond_sight()  # what joins what follows from every finding of a package
@transaction.atomic
def join_package(package: str, *, artefacts: Artefacts, new_id: NewId, actor: Actor, at: datetime) -> Joining:
    """Gather the validated findings of a package into cases; what stands already and still holds is left alone."""
    findings = {one.key: one for one in findings_of(package)}
    joining = join(
        facts_of(findings.values()).values(),
        regions=regions_of(findings.values(), artefacts),
        apart=apart_of(findings.values()),
    )
    standing = {
        one.finding.key: one
        for one in Join.objects.filter(case__package=package, ended_at=None).select_related("finding", "case", "other")
    }
    matched = _matched(joining.groups, standing)
    emptied = _dissolve_unmatched(package, matched.values(), actor=actor, at=at)
    _rekey({case: joining.groups[number].key for number, case in matched.items()})
    cases = [
        matched.get(number) or _open(group, package, new_id=new_id, actor=actor, at=at)
        for number, group in enumerate(joining.groups)
    ]
    _place(joining.groups, cases, standing, findings, actor=actor, at=at)
    _settle_doubt(joining.groups, cases, findings, actor=actor, at=at)
    settle_marking(cases)
    _name_heirs(emptied)
    _link(joining.links, findings, package, actor=actor, at=at)
    return joining


def _matched(groups: Sequence[Group], standing: Mapping[str, Join]) -> dict[int, Case]:
    """Return for each group, by its number, the standing case that most of its findings are in; each case once."""
    shares: list[tuple[int, int, str, Case]] = []
    for number, group in enumerate(groups):
        held = Counter(standing[key].case for key in group.findings if key in standing)
        shares += [(-count, number, case.public_id, case) for case, count in held.items()]
    matched: dict[int, Case] = {}
    for _, number, _, case in sorted(shares, key=lambda share: share[:3]):
        if number not in matched and case not in matched.values():
            matched[number] = case
    return matched


def _dissolve_unmatched(package: str, matched: Iterable[Case], *, actor: Actor, at: datetime) -> list[Case]:
    """Dissolve the cases of a package that will hold nothing any more, and return them."""
    alive = [case.pk for case in matched]
    emptied = list(Case.objects.filter(package=package).exclude(state=CaseState.DISSOLVED).exclude(pk__in=alive))
    for case in emptied:
        advance(case, CASE, CaseStep.DISSOLVE, actor=actor, at=at, why="its findings belong to other cases, or to none")
        tell_table(Happened.CASE_CHANGED, case, case, at=at)
    return emptied


def _rekey(keys: Mapping[Case, str]) -> None:
    """Give cases their new keys; all are set aside first, for two may swap."""
    changed = {case: key for case, key in keys.items() if case.key != key}
    for number, case in enumerate(changed):
        Case.objects.filter(pk=case.pk).update(key=f"{_SET_ASIDE} {number}")
    for case, key in changed.items():
        case.key = key
        case.save(update_fields=["key"])


def _open(group: Group, package: str, *, new_id: NewId, actor: Actor, at: datetime) -> Case:
    former = Case.objects.filter(key=group.key, state=CaseState.DISSOLVED).order_by("created_at").first()
    if former is not None:
        former.merged_into = None
        former.save(update_fields=["merged_into"])
        advance(former, CASE, CaseStep.REOPEN, actor=actor, at=at, why="its findings stand by themselves again")
        tell_table(Happened.CASE_OPENED, former, former, at=at)
        return former
    case = Case.objects.create(public_id=new_id(), key=group.key, package=package, state=CASE.initial, created_at=at)
    demand(actor, "cases:case:open", case)
    details = {"key": case.key, "package": package}
    record("cases:case:open", subject=case, actor=actor, at=at, details=details)
    tell_table(Happened.CASE_OPENED, case, case, at=at)
    return case


def _place(
    groups: Sequence[Group],
    cases: Sequence[Case],
    standing: dict[str, Join],
    findings: Mapping[str, Finding],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Put every finding into its case; a join that still holds is left alone, any other is ended.

    All are ended before any is made: a finding is in one case at a time.
    """
    ended: list[Join] = []
    made: list[Join] = []
    for group, case in zip(groups, cases, strict=True):
        edges: dict[str, Joined | None] = {group.findings[0]: None} | {one.finding: one for one in group.joins}
        for key, edge in edges.items():
            row = standing.pop(key, None)
            if not _still_holds(row, case, edge):
                ended += [row] if row else []
                made.append(_new(findings[key], case, edge, findings, at=at))
    _end([*ended, *standing.values()], actor=actor, at=at)
    _make(made, actor=actor, at=at)


def _still_holds(row: Join | None, case: Case, edge: Joined | None) -> bool:
    if row is None or row.case_id != case.pk:
        return False
    if edge is None:
        return row.other is None
    return row.other is not None and (row.other.key, row.how) == (edge.other, edge.how)


def _new(finding: Finding, case: Case, edge: Joined | None, findings: Mapping[str, Finding], *, at: datetime) -> Join:
    return Join(
        case=case,
        finding=finding,
        other=findings[edge.other] if edge else None,
        how=edge.how if edge else FOUNDING,
        reason=edge.reason if edge else "The first report of this case.",
        evidence=dict(edge.evidence) if edge else {},
        created_at=at,
    )


def _make(rows: Sequence[Join], *, actor: Actor, at: datetime) -> None:
    if not rows:
        return
    demand(actor, "cases:join:make")
    for row in Join.objects.bulk_create(rows, MOST_AT_ONCE):
        other = row.other.key if row.other else ""
        details = {"case": row.case.public_id, "finding": row.finding.key, "other": other, "how": row.how}
        record("cases:join:make", subject=row, actor=actor, at=at, details=details)
    tell_joined([row for row in rows if row.other], at=at)


def _end(rows: Sequence[Join], *, actor: Actor, at: datetime) -> None:
    for row in rows:
        demand(actor, "cases:join:end", row)
        row.ended_at = at
    Join.objects.bulk_update(rows, ["ended_at"], MOST_AT_ONCE)
    for row in rows:
        record("cases:join:end", subject=row, actor=actor, at=at, details={"finding": row.finding.key})


def _name_heirs(emptied: Iterable[Case]) -> None:
    """Say of each dissolved case where its findings are now."""
    for case in emptied:
        former = case.joins.values_list("finding", flat=True)
        heir = Join.objects.filter(finding__in=former, ended_at=None).order_by("case__public_id").first()
        case.merged_into = heir.case if heir else None
        case.save(update_fields=["merged_into"])


def _settle_doubt(
    groups: Sequence[Group], cases: Sequence[Case], findings: Mapping[str, Finding], *, actor: Actor, at: datetime
) -> None:
    """Put a case before a person while nothing carries it: no report of grade A, no yes, or a dispute that stands."""
    for group, case in zip(groups, cases, strict=True):
        proven = any(may_be_published(load(Judgement, findings[key].validation.judgement)) for key in group.findings)
        sure = may_rest_on(said_of(case), proven=proven)
        if case.state == CaseState.OPEN and not sure:
            why = "no report of grade A yet, or a dispute: a person confirms before anything is published"
            advance(case, CASE, CaseStep.DOUBT, actor=actor, at=at, why=why)
            tell_table(Happened.CASE_CHANGED, case, case, at=at)
        elif case.state == CaseState.TO_CONFIRM and sure:
            why = "a report of grade A has come in, or a person has said yes"
            advance(case, CASE, CaseStep.CONFIRM, actor=actor, at=at, why=why)
            tell_table(Happened.CASE_CHANGED, case, case, at=at)


def _link(links: Iterable[Joined], findings: dict[str, Finding], package: str, *, actor: Actor, at: datetime) -> None:
    wanted = {(one.finding, one.other): one for one in links}
    stale: list[UUID] = []
    for row in Link.objects.filter(one__report__target__startswith=f"{package}@").select_related("one", "other"):
        edge = wanted.get((row.one.key, row.other.key))
        if edge is not None and (row.how, row.reason) == (edge.how, edge.reason):
            del wanted[row.one.key, row.other.key]
        else:
            stale.append(row.pk)
    for some in batched(stale, MOST_AT_ONCE):
        Link.objects.filter(pk__in=some).delete()
    if not wanted:
        return
    demand(actor, "cases:link:make")
    rows = [
        Link(
            one=findings[edge.finding],
            other=findings[edge.other],
            how=edge.how,
            reason=edge.reason,
            evidence=dict(edge.evidence),
            created_at=at,
        )
        for edge in wanted.values()
    ]
    for row in Link.objects.bulk_create(rows, MOST_AT_ONCE):
        details = {"one": row.one.key, "other": row.other.key, "how": row.how}
        record("cases:link:make", subject=row, actor=actor, at=at, details=details)


@transaction.atomic
def undo_join(row: Join, *, why: str, artefacts: Artefacts, new_id: NewId, actor: Actor, at: datetime) -> Case:
    """Take a finding out of its case for good, and return the case it is in now.

    It is remembered that it does not belong with any finding that was in the case: no later report and no new version
    of one brings them together again.

    Raises:
        StepRefused: the join has ended already, the finding is the only one in its case, or it is not settled any more.
        NotPermitted: the actor may not undo joins.
    """
    if row.ended_at is not None:
        raise StepRefused("this join has ended already")
    demand(actor, "cases:join:undo", row)
    others = [one.finding for one in row.case.joins.filter(ended_at=None).exclude(pk=row.pk).select_related("finding")]
    if not others:
        raise StepRefused(f"{lineage_of(row.finding)} is the only report in {row.case.public_id}; nothing is joined")
    row.ended_at, row.undone_by, row.undone_why = at, actor.id, why
    row.apart_from = sorted(lineage_of(one) for one in others)
    row.save(update_fields=["ended_at", "undone_by", "undone_why", "apart_from"])
    details = {"case": row.case.public_id, "finding": row.finding.key, "apart_from": row.apart_from, "why": why}
    record("cases:join:undo", subject=row, actor=actor, at=at, details=details)
    join_package(row.case.package, artefacts=artefacts, new_id=new_id, actor=actor, at=at)
    now = Join.objects.filter(finding=row.finding, ended_at=None).select_related("case").first()
    if now is None:
        raise StepRefused(f"{lineage_of(row.finding)} is {row.finding.state}; it leaves its case by itself")
    return now.case


@transaction.atomic
def answer_question(
    finding: Finding,
    *,
    yes: bool,
    why: str,
    by: str,
    artefacts: Artefacts,
    new_id: NewId,
    actor: Actor,
    at: datetime,
) -> None:
    """Answer, as a person, what is asked about a finding; a no takes it out of its case, a yes confirms that case.

    Raises:
        Malformed: nobody's name, or no reason, is given.
        StepRefused: nothing is asked about this finding.
        NotPermitted: the actor may not answer.
    """
    give_answer(finding, yes=yes, why=why, by=by, actor=actor, at=at)
    join_package(package_of(finding), artefacts=artefacts, new_id=new_id, actor=actor, at=at)
