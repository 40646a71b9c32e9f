"""The order of work, read off the rows."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from typing import Any
from uuid import UUID

from clearinghouse.cases.models import Case, Join
from clearinghouse.cases.models import Embargo as Agreed
from clearinghouse.cases.queries.cases import cases_for, joins_of_all
from clearinghouse.cases.rules.embargo import Embargo, embargo
from clearinghouse.cases.rules.factors import Report, Weighed, claimed_exploited
from clearinghouse.cases.rules.lifecycle import CaseState, EmbargoState
from clearinghouse.cases.rules.order import Duty, Position, duties, in_order, place
from clearinghouse.cases.rules.outcomes import Outcome, outcomes
from clearinghouse.cases.rules.packs import policy
from clearinghouse.feeds.queries import ask_kev
from clearinghouse.findings.models import Finding
from clearinghouse.findings.queries import AT_A_TIME, last_received_at
from clearinghouse.permissions.rules import Actor
from clearinghouse.standards.cvss import worst
from clearinghouse.validation.lines import AffectedRange, ReleaseStatus
from clearinghouse.validation.rules import Judgement, PatchSaid
from clearinghouse.validation.shapes import load


@dataclass(frozen=True, slots=True)
class Standing:
    """A case, its findings, its place and everything that explains it."""

    case: Case
    joins: tuple[Join, ...]
    """The founding one first."""
    weighed: Weighed
    position: Position
    outcomes: tuple[Outcome, ...]
    embargo: Embargo
    duties: tuple[Duty, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Its findings, the founding one first."""
        return tuple(one.finding for one in self.joins)


def order_of_work(actor: Actor, *, at: datetime) -> list[Standing]:
    """Return the cases the actor may read, first the one to work on first.

    The order is that of the moment at which the latest report came in, not of ``at``: nothing but what was handed in
    moves a case. ``at`` is now, for what is owed and whether silence still holds.
    """
    pack = policy()
    cases = {case.key: case for case in cases_for(actor)}
    joins = joins_of_all(cases.values())
    listed = ask_kev()
    held = {key: tuple(joins[case.pk]) for key, case in cases.items() if joins[case.pk]}
    known = {key: weighed(key, [row.finding for row in rows], listed=listed) for key, rows in held.items()}
    moment = last_received_at(actor) or at
    positions = in_order([place(one, pack, at=moment) for one in known.values()], pack)
    agreed = embargoes_of_all(cases.values())
    return [
        _standing(
            cases[one.placed.key],
            held[one.placed.key],
            known[one.placed.key],
            one,
            agreed=agreed.get(cases[one.placed.key].pk),
            at=at,
        )
        for one in positions
    ]


def embargoes_of_all(cases: Collection[Case]) -> dict[UUID, Agreed]:
    """Return what is agreed or proposed about the date of each of many cases, by the case's id."""
    found: dict[UUID, Agreed] = {}
    for some in batched([one.pk for one in cases], AT_A_TIME):
        found |= {one.case_id: one for one in Agreed.objects.filter(case__in=some)}
    return found


def _standing(
    case: Case, joins: tuple[Join, ...], known: Weighed, position: Position, *, agreed: Agreed | None, at: datetime
) -> Standing:
    pack = policy()
    first = min(one.received_at for one in known.reports)
    patched = any(one["said"] == PatchSaid.PASSED for row in joins for one in row.finding.validation.patches or ())
    return Standing(
        case=case,
        joins=joins,
        weighed=known,
        position=position,
        outcomes=outcomes(known, position.placed.factors, pack),
        embargo=embargo(
            first,
            days=pack.embargo_days,
            maintainer_ends_at=agreed.ends_at if agreed else None,
            terminated=agreed is not None and agreed.state == EmbargoState.EXITED,
            exploited=bool(known.in_kev) or claimed_exploited(known),
            public=any(one.public == "yes" for one in known.reports),
            public_ai_tool=any(one.public_ai_tool for one in known.reports),
            at=at,
        ),
        duties=tuple(
            duties(
                position.placed.band,
                pack,
                received_at=first,
                to_confirm=case.state == CaseState.TO_CONFIRM,
                patched=patched,
            )
        ),
    )


def weighed(key: str, findings: Iterable[Finding], *, listed: Callable[[Collection[str]], bool | None]) -> Weighed:
    """Return what is known of a case with these findings; ``listed`` says whether KEV has one of their ids."""
    rows = list(findings)
    aliases = {alias for one in rows for alias in one.report.get("aliases") or ()}
    ranges = [load(AffectedRange, one.validation.ranges) for one in rows if one.validation.ranges is not None]
    return Weighed(
        key=key,
        reports=tuple(_report(one) for one in rows),
        in_kev=listed(aliases),
        fix_exists=_fix_exists(rows, ranges),
        newest_affected=_newest_affected(ranges),
    )


def _report(finding: Finding) -> Report:
    said: dict[str, Any] = finding.report
    judgement = load(Judgement, finding.validation.judgement)
    severest = worst(tuple(said.get("severity") or ()))
    exploited: dict[str, Any] = said.get("exploited") or {}
    deadline = (said.get("deadline") or {}).get("date")
    return Report(
        finding=finding.key,
        grade=judgement.grade or "",
        detector=judgement.detector or "",
        received_at=finding.received_at,
        exploited=exploited.get("value") or "unknown",
        exploited_evidence=tuple(exploited.get("evidence") or ()),
        public=(said.get("public") or {}).get("value") or "unknown",
        vectors=tuple(said.get("severity") or ()),
        rating=severest.severity if severest else "",
        default_configuration=(said.get("environment") or {}).get("default_configuration"),
        deadline=date.fromisoformat(deadline) if deadline else None,
        public_ai_tool=any(one.get("used") and one.get("tool") == "public" for one in said.get("ai") or ()),
    )


def _fix_exists(findings: Iterable[Finding], ranges: Iterable[AffectedRange]) -> bool | None:
    """Say whether users have a fixed release: the proof was silent on one. None: no release after was run."""
    if any((one.validation.judgement or {}).get("fixed") for one in findings):
        return True
    events = [event for one in ranges for line in one.lines for event in line.events]
    if any("fixed" in event for event in events):
        return True
    return None if _newest_affected(ranges) is None else False


def _newest_affected(ranges: Iterable[AffectedRange]) -> bool | None:
    """Say whether the newest release of the last line is affected; None when it was not run."""
    newest = {one.lines[-1].results[-1].status for one in ranges if one.lines and one.lines[-1].results}
    if ReleaseStatus.AFFECTED in newest:
        return True
    return False if ReleaseStatus.UNAFFECTED in newest else None
