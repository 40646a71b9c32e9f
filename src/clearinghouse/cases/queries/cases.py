"""Every read of cases, joins and links."""

from collections.abc import Collection, Iterable
from itertools import batched
from uuid import UUID

from django.db.models import Q, QuerySet

from clearinghouse.cases.models import Case, Join, Link
from clearinghouse.cases.rules.lifecycle import CaseState
from clearinghouse.errors import NotFound
from clearinghouse.findings.models import Finding
from clearinghouse.findings.queries import reads_all
from clearinghouse.permissions.rules import Actor
from clearinghouse.records import AT_A_TIME

SHORTEST_KEY = 6
"""Characters of a key that name a case, when no other begins like it."""


def cases_for(actor: Actor) -> QuerySet[Case]:
    """Return the standing cases the actor may read, by key."""
    found: QuerySet[Case] = Case.objects.visible_to(actor)
    return found.exclude(state=CaseState.DISSOLVED).order_by("key")


def case_for(actor: Actor, name: str) -> Case:
    """Return the case that ``name`` names: a public id, a key or the beginning of one, a finder/id, or an alias.

    A dissolved case leads to the one that its findings went to.

    Raises:
        NotFound: there is none, none that the actor may know of, or more than one.
    """
    visible: QuerySet[Case] = Case.objects.visible_to(actor)
    found = visible.filter(public_id__iexact=name).first()
    if found is None:
        found = _only(cases_for(actor).filter(_named(name, by_key=reads_all(actor))).distinct(), name)
    while found.state == CaseState.DISSOLVED and found.merged_into is not None:
        found = visible.get(pk=found.merged_into.pk)
    return found


def _named(name: str, *, by_key: bool) -> Q:
    """Return which cases ``name`` names; by keys only for whoever reads everything: others can guess keys."""
    finder, _, finder_ref = name.partition("/")
    standing = Q(joins__ended_at=None)
    by_report = standing & Q(joins__finding__finder=finder, joins__finding__finder_ref=finder_ref or finder)
    by_finding_id = standing & Q(joins__finding__finder_ref=name)
    named = by_report | by_finding_id | Q(package=name)
    if by_key and len(name) >= SHORTEST_KEY:
        named |= Q(key__startswith=name.lower()) | standing & Q(joins__finding__key__startswith=name.lower())
    if name.upper().startswith(("CVE-", "GHSA-")):
        named |= standing & Q(joins__finding__report__aliases__icontains=f'"{name}"')
    return named


def _only(found: QuerySet[Case], name: str) -> Case:
    several = list(found[:6])
    if not several:
        raise NotFound(
            f"there is no case {name!r}; name it by its id, its key, a report (finder/id), a CVE or a package"
        )
    if len(several) > 1:
        names = ", ".join(sorted(one.public_id for one in several))
        raise NotFound(f"{name!r} names more than one case: {names}")
    return several[0]


def joins_of(case: Case) -> list[Join]:
    """Return the standing joins of a case, the founding one first, then by finding."""
    return joins_of_all([case])[case.pk]


def joins_of_all(cases: Collection[Case]) -> dict[UUID, list[Join]]:
    """Return the standing joins of each of many cases, by the case's id: asked for many at a time, not one by one."""
    found: dict[UUID, list[Join]] = {one.pk: [] for one in cases}
    for some in batched(found, AT_A_TIME):
        rows = Join.objects.filter(case__in=some, ended_at=None).select_related("finding__validation", "other")
        for row in rows:
            found[row.case_id].append(row)
    for joins in found.values():
        joins.sort(key=lambda row: (row.other is not None, row.finding.key))
    return found


def undone_joins_of(package: str) -> list[Join]:
    """Return the joins of a package's cases that a person has undone."""
    rows = Join.objects.filter(case__package=package, undone_by__isnull=False).select_related("finding", "case")
    return sorted(rows, key=lambda row: (row.finding.key, row.ended_at))


def findings_in(case: Case) -> list[Finding]:
    """Return the findings of a case, the founding one first."""
    return [row.finding for row in joins_of(case)]


def links_of(findings: Iterable[Finding]) -> list[Link]:
    """Return the links that touch any of these findings."""
    found: dict[UUID, Link] = {}
    for some in batched([one.pk for one in findings], AT_A_TIME):
        rows = Link.objects.filter(Q(one__in=some) | Q(other__in=some)).select_related("one", "other")
        found |= {row.pk: row for row in rows}
    return sorted(found.values(), key=lambda row: (row.one.key, row.other.key))


def cases_of_all(findings: Iterable[Finding]) -> dict[UUID, Case]:
    """Return the case that each of many findings stands in, by the finding's id."""
    found: dict[UUID, Case] = {}
    for some in batched([one.pk for one in findings], AT_A_TIME):
        rows = Join.objects.filter(finding__in=some, ended_at=None).select_related("case")
        found |= {row.finding_id: row.case for row in rows}
    return found


def join_for(actor: Actor, case: Case, finding: str) -> Join:
    """Return the standing join of a finding in ``case``; the finding is named by finder/id, id or key.

    Raises:
        NotFound: no such finding is in the case, or more than one.
    """
    visible: QuerySet[Join] = Join.objects.visible_to(actor)
    rows = visible.filter(case=case, ended_at=None).select_related("finding", "case")
    named = [
        row
        for row in rows
        if finding in (f"{row.finding.finder}/{row.finding.finder_ref}", row.finding.finder_ref)
        or (len(finding) >= SHORTEST_KEY and row.finding.key.startswith(finding))
    ]
    if len(named) != 1:
        raise NotFound(f"{len(named) or 'no'} reports named {finding!r} are in {case.public_id}; name it as finder/id")
    return named[0]
