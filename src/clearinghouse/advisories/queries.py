"""Every read for writing: the dossiers of all cases, in order of work, and what makes no case."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from uuid import UUID

from clearinghouse.advisories.rules import Aside, Dossier, Linked, Output, Reported, Tool
from clearinghouse.cases.models import Case, Join, Link
from clearinghouse.cases.queries.cases import cases_of_all, links_of
from clearinghouse.cases.queries.facts import lineage_of
from clearinghouse.cases.queries.order import Placing, Standing, order_of_work, standing_of, standings_of
from clearinghouse.cases.rules.joins import case_key
from clearinghouse.cases.rules.lifecycle import CaseState
from clearinghouse.cases.rules.packs import policy
from clearinghouse.cases.whereabouts import SAYS, Whereabouts
from clearinghouse.findings.models import Finding, RefusedReport, Submission
from clearinghouse.findings.queries import (
    findings_for,
    key_shown,
    reads_all,
    refused_reports_for,
    submissions_for,
)
from clearinghouse.findings.rules import SubmissionState
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.standards.tlp import Tlp
from clearinghouse.validation.lines import AffectedRange
from clearinghouse.validation.models import Validation
from clearinghouse.validation.reasons import REASONS
from clearinghouse.validation.rules import FindingOutcome, Judgement, PatchResult, Reason, Said
from clearinghouse.validation.shapes import load

_LISTS = {
    FindingOutcome.CLAIM: "claims",
    FindingOutcome.REFUSED: "refused",
    FindingOutcome.HELD: "held",
    FindingOutcome.NOT_JUDGED: "not_judged",
}


def output_for(actor: Actor, *, at: datetime) -> Output:
    """Return all that is to be written, as far as the actor may read it; a case only if every report in it.

    Raises:
        NotPermitted: the actor has no role that reads advisories.
    """
    demand(actor, "advisories:advisory:read")
    readable = set(findings_for(actor).values_list("pk", flat=True))
    whole = [one for one in order_of_work(actor, at=at) if all(held.pk in readable for held in one.findings)]
    dossiers = _dossiers(whole, actor)
    aside = tuple(
        _aside(one, actor) if isinstance(one, Finding) else _refused(one) for one in beside_cases(dossiers, actor)
    )
    return Output(Tool(version("clearinghouse"), policy().name), dossiers, aside)


def beside_cases(dossiers: Iterable[Dossier], actor: Actor) -> Iterator[Finding | RefusedReport | Submission]:
    """Yield what the actor may read that stands in none of these cases: findings, then what was refused at the door."""
    placed = {one.key for dossier in dossiers for one in dossier.reports}
    for one in findings_for(actor).select_related("validation"):
        if key_shown(one, actor) not in placed:
            yield one
    yield from refused_reports_for(actor)
    yield from submissions_for(actor).filter(state=SubmissionState.REFUSED)


def dossiers_of(places: Sequence[Placing], actor: Actor, *, at: datetime) -> tuple[Dossier, ...]:
    """Return what is known of cases whose places are given, in that order."""
    return _dossiers(standings_of(places, at=at), actor)


def dossier_of(actor: Actor, case: Case, *, at: datetime) -> Dossier:
    """Return what is known of one case, with its place among those that the actor may read.

    Raises:
        NotFound: it holds no report any more, or is none that the actor may know of.
    """
    return _dossiers([standing_of(actor, case, at=at)], actor)[0]


def aside_of(finding: Finding, actor: Actor) -> Aside:
    """Return what is known of a report by itself, without the case that it may stand in."""
    return _aside(finding, actor)


def _dossiers(standings: Sequence[Standing], actor: Actor) -> tuple[Dossier, ...]:
    """Return the dossiers of many cases; what hangs on them is asked for all of them at once."""
    links: dict[str, list[Link]] = {}
    found = links_of(row.finding for one in standings for row in one.joins)
    for link in found:
        for key in {link.one.key, link.other.key}:
            links.setdefault(key, []).append(link)
    places = cases_of_all(finding for link in found for finding in (link.one, link.other))
    return tuple(_dossier(one, actor, links, places) for one in standings)


def _dossier(
    standing: Standing, actor: Actor, links: Mapping[str, Sequence[Link]], places: Mapping[UUID, Case]
) -> Dossier:
    case, joins = standing.case, standing.joins
    shown = {row.finding.key: key_shown(row.finding, actor) for row in joins}
    same = all(key == told for key, told in shown.items())
    return Dossier(
        key=case.key if same else case_key(case.package, min(shown.values())),
        public_id=case.public_id,
        package=case.package,
        to_confirm=case.state == CaseState.TO_CONFIRM,
        tlp=Tlp(case.tlp),
        position=standing.position,
        outcomes=standing.outcomes,
        embargo=standing.embargo,
        duties=standing.duties,
        reports=tuple(_reported(row, shown) for row in joins),
        links=tuple(_links(shown, links, places)),
        opened_at=case.created_at,
        changed_at=max(row.created_at for row in joins),
    )


def _reported(row: Join, shown: Mapping[str, str]) -> Reported:
    finding = row.finding
    validation: Validation = finding.validation
    return Reported(
        key=shown[finding.key],
        finder=finding.finder,
        ref=finding.finder_ref,
        source=finding.source,
        report=finding.report,
        received_at=finding.received_at,
        judgement=load(Judgement, validation.judgement),
        releases=load(AffectedRange, validation.ranges) if validation.ranges is not None else None,
        patches=tuple(load(PatchResult, one) for one in validation.patches or ()),
        environments=validation.environments,
        artefacts=finding.artefacts,
        how=row.how,
        joined_to=shown.get(row.other.key, row.other.key) if row.other else "",
        reason=row.reason,
        evidence=row.evidence,
    )


def _links(
    shown: Mapping[str, str], links: Mapping[str, Sequence[Link]], places: Mapping[UUID, Case]
) -> Iterable[Linked]:
    """Yield the links of a case's findings; ``shown``: of each by its key, the key that is told."""
    here = {link.pk: link for key in shown for link in links.get(key, ())}
    for link in sorted(here.values(), key=lambda one: (one.one.key, one.other.key)):
        inside, outside = (link.one, link.other) if link.one.key in shown else (link.other, link.one)
        standing = places.get(outside.pk)
        yield Linked(
            finding=shown[inside.key],
            other=outside.key,
            other_name=lineage_of(outside),
            other_case=standing.key if standing else "",
            how=link.how,
            reason=link.reason,
        )


def _aside(finding: Finding, actor: Actor) -> Aside:
    validation: Validation | None = getattr(finding, "validation", None)
    judged = load(Judgement, validation.judgement) if validation is not None and validation.judgement else None
    where, reason, grade = "not_judged", Reason.INFRASTRUCTURE.value, ""
    if judged is None:
        sentence = f"The clearing ended before it was judged. {REASONS[Reason.INFRASTRUCTURE]}"
    elif judged.outcome is FindingOutcome.VALIDATED:
        where, reason, grade = "validated", "", judged.grade or ""
        sentence = SAYS[Whereabouts.WITH_COORDINATORS]  # whether it stands in a case, and beside what, is for others
        if reads_all(actor):
            where, reason, grade = "not_judged", Reason.INFRASTRUCTURE.value, ""
            sentence = "It was validated, but the clearing ended before it was put into a case."
    else:
        where, reason, grade = _LISTS[judged.outcome], judged.reason or "", judged.grade or ""
        sentence = judged.sentence
    return Aside(
        list=where,
        stage="judging",
        key=key_shown(finding, actor),
        finder=finding.finder,
        ref=finding.finder_ref,
        name=finding.source_name,
        title=str(finding.report["title"]),
        target=str(finding.report["target"]),
        grade=grade,
        reason=reason,
        sentence=sentence,
        hints=tuple(str(one["hint"]) for one in finding.readiness if not one.get("said") and one.get("hint")),
        controls=tuple(
            (one.name.value, one.said.value)
            for one in (judged.controls if judged else ())
            if one.said is not Said.NOT_RUN
        ),
        judgement=judged,
    )


def _refused(row: RefusedReport | Submission) -> Aside:
    problems = tuple(row.problems)
    first = problems[0] if problems else {}
    more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
    where = f"{first['field']}: " if first.get("field") else ""
    return Aside(
        list="refused",
        stage="intake",
        key="",
        finder="",
        ref="",
        name=row.name,
        title="",
        target="",
        grade="",
        reason=str(first.get("code", "")),
        sentence=f"It could not be taken in. {where}{first.get('reason', '')}{more}",
        hints=tuple(str(one.get("fix", "")) for one in problems if one.get("fix")),
        problems=problems,
    )
