"""The order of work, read off the rows."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from clearinghouse.cases.models import Case, Join
from clearinghouse.cases.models import Embargo as Agreed
from clearinghouse.cases.queries.cases import cases_for, joins_of_all
from clearinghouse.cases.queries.facts import joinable_findings
from clearinghouse.cases.rules.embargo import Embargo, Silence, embargo
from clearinghouse.cases.rules.factors import Report, Weighed, claimed_exploited
from clearinghouse.cases.rules.lifecycle import CaseState, EmbargoState
from clearinghouse.cases.rules.order import Duty, Position, duties, in_order, place
from clearinghouse.cases.rules.outcomes import Outcome, outcomes
from clearinghouse.cases.rules.packs import policy
from clearinghouse.cases.rules.policy import Band
from clearinghouse.errors import NotFound
from clearinghouse.feeds.queries import ask_kev
from clearinghouse.findings.models import Finding
from clearinghouse.findings.queries import last_received_at
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.permissions.rules import Actor
from clearinghouse.records import AT_A_TIME
from clearinghouse.standards.cvss import worst
from clearinghouse.validation.lines import ReleaseStatus
from clearinghouse.validation.rules import PatchSaid


@dataclass(frozen=True, slots=True)
class Deciding:
    """What of a finding decides its case's place, and by what it is looked for."""

    finding: UUID
    report: Report
    name: str
    """finder/id"""
    title: str
    aliases: tuple[str, ...]
    fixed: bool
    """Some release after was not affected."""
    newest: str
    """What the newest release of the last line is; empty: there is no range."""
    patched: bool
    """A patch that came with it passed its checks."""


_COLUMNS = (
    *(f"finding__{name}" for name in ("pk", "key", "finder", "finder_ref", "received_at", "report")),
    *(f"finding__validation__{name}" for name in ("judgement", "ranges", "patches")),
)
"""What ``_decided`` takes, in this order."""


@dataclass(frozen=True, slots=True)
class Placing:
    """A case, its place, and the little by which it is looked for."""

    case: Case
    weighed: Weighed
    position: Position
    findings: tuple[UUID, ...]
    """The founding one first; ``names`` and ``titles`` in the same order."""
    names: tuple[str, ...]
    """finder/id of each report"""
    titles: tuple[str, ...]
    aliases: tuple[str, ...]
    patched: bool
    """A patch that came with a report passed its checks."""

    @property
    def duties(self) -> tuple[Duty, ...]:
        """What is owed for it, and by when."""
        found = duties(
            self.position.placed.band,
            policy(),
            received_at=self.weighed.first_received_at,
            to_confirm=self.case.state == CaseState.TO_CONFIRM,
            patched=self.patched,
        )
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Standing:
    """A case, its findings, its place and everything that explains it."""

    place: Placing
    joins: tuple[Join, ...]
    """The founding one first."""
    outcomes: tuple[Outcome, ...]
    embargo: Embargo

    @property
    def case(self) -> Case:
        """The case itself."""
        return self.place.case

    @property
    def weighed(self) -> Weighed:
        """What is known of it."""
        return self.place.weighed

    @property
    def position(self) -> Position:
        """Where it stands in the order of work, and why."""
        return self.place.position

    @property
    def duties(self) -> tuple[Duty, ...]:
        """What is owed for it, and by when."""
        return self.place.duties

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Its findings, the founding one first."""
        return tuple(one.finding for one in self.joins)


def order_of_work(actor: Actor, *, at: datetime) -> list[Standing]:
    """Return the cases the actor may read with all that explains them, first the one to work on first.

    ``at`` is now, for what is owed and whether silence still holds.
    """
    return standings_of(places_for(actor, at=at), at=at)


def standing_of(actor: Actor, case: Case, *, at: datetime) -> Standing:
    """Return one case with its place among those the actor may read, and all that explains it.

    Raises:
        NotFound: it holds no report any more, or is none that the actor may know of.
    """
    found = next((one for one in places_for(actor, at=at) if one.case.pk == case.pk), None)
    if found is None:
        raise NotFound("no such case")
    return standings_of([found], at=at)[0]


def places_for(actor: Actor, *, at: datetime) -> list[Placing]:
    """Return the places of the cases whose reports the actor may read, first the one to work on first.

    The order is that of the moment at which the latest report came in, not of ``at``, which counts only where there is
    no report: nothing but what was handed in moves a case. All cases are read for it, so no more of each than decides.
    """
    pack = policy()
    cases = {case.key: case for case in cases_for(actor)}
    listed = ask_kev()
    held = {case.key: found for case, found in _deciding(actor, cases.values()) if found}
    known = {key: weighed(key, rows, listed=listed) for key, rows in held.items()}
    moment = last_received_at(actor) or at
    positions = in_order([place(one, pack, at=moment) for one in known.values()], pack)
    return [_placing(cases[one.placed.key], held[one.placed.key], known[one.placed.key], one) for one in positions]


def bands_of(cases: Collection[Case]) -> dict[UUID, Band]:
    """Return the band of each of these cases that holds a report, by its id; by all that the clearinghouse knows."""
    held = [(case.pk, found) for case, found in _deciding(CLEARINGHOUSE, cases) if found]
    return dict(_bands(held))


def pressing_bands(packages: Collection[str]) -> dict[str, Band]:
    """Return the most pressing band of each package: of its cases, and of reports that would make one by themselves.

    It orders the clearinghouse's own work alone; nobody is told.
    """
    alone = joinable_findings().filter(~Exists(Join.objects.filter(finding=OuterRef("pk"), ended_at=None)))
    columns = [one.removeprefix("finding__") for one in _COLUMNS]
    held: list[tuple[str, list[Deciding]]] = []
    for one in packages:
        cases = list(Case.objects.filter(package=one))
        held += [(one, found) for _, found in _deciding(CLEARINGHOUSE, cases) if found]
        rows = alone.filter(report__target__startswith=f"{one}@").values_list(*columns)
        held += [(one, [_decided(row)]) for row in rows]
    pressing: dict[str, Band] = {}
    for package, band in _bands(held):
        pressing[package] = min(band, pressing.get(package, band), key=lambda found: found.rank)
    return pressing


def _bands[C](held: Collection[tuple[C, list[Deciding]]]) -> Iterator[tuple[C, Band]]:
    """Yield the band that each of these makes; as in the queue, the moment is that of the latest report."""
    if not held:
        return
    listed, moment = ask_kev(), last_received_at(CLEARINGHOUSE)
    for one, found in held:
        known = weighed("", found, listed=listed)
        yield one, place(known, policy(), at=moment or known.first_received_at).band


def _deciding(actor: Actor, cases: Collection[Case]) -> Iterator[tuple[Case, list[Deciding]]]:
    """Yield each case with its findings, the founding one first, as far as they decide its place.

    A case of which the actor may know the date only has none here: its place would tell what its reports say. A report
    that is being judged again decides nothing until it was.
    """
    visible: QuerySet[Join] = Join.objects.visible_to(actor).exclude(finding__validation=None)
    found: dict[UUID, list[tuple[bool, Deciding]]] = {one.pk: [] for one in cases}
    for some in batched(found, AT_A_TIME):
        rows = visible.filter(case__in=some, ended_at=None).values_list("case", "other", *_COLUMNS)
        for case, other, *columns in rows.iterator():
            found[case].append((other is not None, _decided(columns)))
    for one in cases:
        yield one, [row for _, row in sorted(found[one.pk], key=lambda held: (held[0], held[1].report.finding))]


def _placing(case: Case, rows: Sequence[Deciding], known: Weighed, position: Position) -> Placing:
    return Placing(
        case=case,
        weighed=known,
        position=position,
        findings=tuple(one.finding for one in rows),
        names=tuple(one.name for one in rows),
        titles=tuple(one.title for one in rows),
        aliases=tuple(sorted({alias for one in rows for alias in one.aliases})),
        patched=any(one.patched for one in rows),
    )


def standings_of(places: Sequence[Placing], *, at: datetime) -> list[Standing]:
    """Return cases with all that explains them, in the order in which their places are given."""
    cases = [one.case for one in places]
    joins, agreed = joins_of_all(cases), embargoes_of_all(cases)
    judged = {key: tuple(one for one in rows if hasattr(one.finding, "validation")) for key, rows in joins.items()}
    return [_standing(one, judged[one.case.pk], agreed=agreed.get(one.case.pk), at=at) for one in places]


def embargoes_of_all(cases: Collection[Case]) -> dict[UUID, Agreed]:
    """Return what is agreed or proposed about the date of each of many cases, by the case's id."""
    found: dict[UUID, Agreed] = {}
    for some in batched([one.pk for one in cases], AT_A_TIME):
        found |= {one.case_id: one for one in Agreed.objects.filter(case__in=some)}
    return found


def _standing(one: Placing, joins: tuple[Join, ...], *, agreed: Agreed | None, at: datetime) -> Standing:
    return Standing(
        place=one,
        joins=joins,
        outcomes=outcomes(one.weighed, one.position.placed.factors, policy()),
        embargo=_quiet(one.weighed, agreed, at=at),
    )


def silences_of(places: Sequence[Placing], *, at: datetime) -> dict[UUID, Silence]:
    """Return whether each of these cases is kept quiet, by the case's id."""
    agreed = embargoes_of_all([one.case for one in places])
    return {one.case.pk: _quiet(one.weighed, agreed.get(one.case.pk), at=at).silence for one in places}


def _quiet(known: Weighed, agreed: Agreed | None, *, at: datetime) -> Embargo:
    return embargo(
        known.first_received_at,
        days=policy().embargo_days,
        maintainer_ends_at=agreed.ends_at if agreed else None,
        terminated=agreed is not None and agreed.state == EmbargoState.EXITED,
        exploited=bool(known.in_kev) or claimed_exploited(known),
        public=any(report.public == "yes" for report in known.reports),
        public_ai_tool=any(report.public_ai_tool for report in known.reports),
        at=at,
    )


def weighed(key: str, rows: Sequence[Deciding], *, listed: Callable[[Collection[str]], bool | None]) -> Weighed:
    """Return what is known of a case with these findings; ``listed`` says whether KEV has one of their ids."""
    newest = {one.newest for one in rows}
    affected = True if ReleaseStatus.AFFECTED in newest else False if ReleaseStatus.UNAFFECTED in newest else None
    return Weighed(
        key=key,
        reports=tuple(one.report for one in rows),
        in_kev=listed({alias for one in rows for alias in one.aliases}),
        # No release after was run: nobody knows whether there is a fix.
        fix_exists=True if any(one.fixed for one in rows) else None if affected is None else False,
        newest_affected=affected,
    )


def _decided(columns: Sequence[Any]) -> Deciding:
    """Return what decides, from the columns; the documents themselves are long, and all cases are read."""
    finding, key, finder, finder_ref, received_at, said, judgement, ranges, patches = columns
    lines = ranges["lines"] if ranges is not None else ()
    events = [event for line in lines for event in line["events"]]
    return Deciding(
        finding=finding,
        report=_report(key, received_at, said, judgement),
        name=f"{finder}/{finder_ref}",
        title=str(said["title"]),
        aliases=tuple(said.get("aliases") or ()),
        fixed=bool(judgement.get("fixed")) or any("fixed" in event for event in events),
        newest=lines[-1]["results"][-1]["status"] if lines and lines[-1]["results"] else "",
        patched=any(one["said"] == PatchSaid.PASSED for one in patches or ()),
    )


def _report(key: str, received_at: datetime, said: Mapping[str, Any], judgement: Mapping[str, Any]) -> Report:
    severest = worst(tuple(said.get("severity") or ()))
    exploited: Mapping[str, Any] = said.get("exploited") or {}
    deadline = (said.get("deadline") or {}).get("date")
    return Report(
        finding=key,
        grade=judgement.get("grade") or "",
        detector=judgement.get("detector") or "",
        received_at=received_at,
        exploited=exploited.get("value") or "unknown",
        exploited_evidence=tuple(exploited.get("evidence") or ()),
        public=(said.get("public") or {}).get("value") or "unknown",
        vectors=tuple(said.get("severity") or ()),
        rating=severest.severity if severest else "",
        default_configuration=(said.get("environment") or {}).get("default_configuration"),
        deadline=date.fromisoformat(deadline) if deadline else None,
        public_ai_tool=any(one.get("used") and one.get("tool") == "public" for one in said.get("ai") or ()),
    )
