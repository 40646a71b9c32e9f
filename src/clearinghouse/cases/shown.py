"""Cases as programs are shown them: only what whoever asks may read, whatever else the case holds."""

from collections.abc import Container, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema

from clearinghouse.cases.models import Case, Join, Link, Response
from clearinghouse.cases.queries.cases import joins_of, links_of, undone_joins_of
from clearinghouse.cases.queries.facts import lineage_of
from clearinghouse.cases.queries.order import Placing, silences_of, standing_of
from clearinghouse.cases.queries.table import embargo_for, fixes_for, responses_for
from clearinghouse.cases.rules.embargo import Silence
from clearinghouse.cases.rules.responses import ResponseSaid
from clearinghouse.findings.queries import readable_among
from clearinghouse.permissions.rules import Actor
from clearinghouse.standards.tlp import Tlp


class DutyShown(Schema):
    """What is owed for a case, and by when."""

    action: str
    due_at: datetime


class CaseLine(Schema):
    """A case in the queue."""

    case: str = Field(examples=["CASE-7Q4M2XKD"])
    position: int
    package: str
    state: str
    marking: Tlp
    band: str = Field(description="INCIDENT, URGENT, STANDARD or NEEDS-INFO.")
    why_now: list[str] = Field(description="Why it stands where it stands, in plain sentences.")
    could_be: list[str] = Field(description="More pressing bands that cannot be ruled out.")
    reports: list[str] = Field(description="finder/id of each")
    silence: str
    duties: list[DutyShown]


class JoinShown(Schema):
    """That a report is in a case, and on what grounds."""

    report: str
    finding: UUID
    joined_to: str = Field(description="finder/id; empty for the report that founded the case.")
    how: str
    reason: str
    evidence: dict[str, Any]


class LinkShown(Schema):
    """That two reports may belong together."""

    one: str
    other: str
    how: str
    reason: str


class UndoneShown(Schema):
    """A join that a person undid."""

    report: str
    apart_from: list[str]
    why: str


class ResponseShown(Schema):
    """What a party said of a case."""

    id: UUID
    said: ResponseSaid
    why: str
    reference: str
    by: str
    state: str


class EmbargoShown(Schema):
    """What is agreed or proposed about a date."""

    state: str
    ends_at: datetime | None
    proposed_ends_at: datetime | None


class FixShown(Schema):
    """A fix that was handed in, and what its checks say on each report."""

    id: UUID
    file: str
    base: str
    by: str
    state: str
    said: list[str] = Field(description="What the checks said, each once.")


class CaseShown(CaseLine):
    """A case, and all that explains it."""

    joins: list[JoinShown]
    links: list[LinkShown]
    undone: list[UndoneShown]
    responses: list[ResponseShown]
    embargo: EmbargoShown | None
    fixes: list[FixShown]


def case_shown(actor: Actor, found: Case, *, at: datetime) -> CaseShown:
    """Return a case as whoever asks may see it: of each report, join and word only what they may read by itself.

    Raises:
        NotFound: it holds no report, or is none that the actor may know of.
    """
    standing = standing_of(actor, found, at=at)
    readable = readable_among(actor, [finding.pk for finding in standing.findings])
    seen = set(Join.objects.visible_to(actor).filter(case__package=found.package).values_list("pk", flat=True))
    joins = [row for row in joins_of(found) if row.pk in seen and row.finding_id in readable]
    links = links_of([row.finding for row in joins])
    linked = set(Link.objects.visible_to(actor).filter(pk__in=[one.pk for one in links]).values_list("pk", flat=True))
    embargo = embargo_for(actor, found)
    return CaseShown(
        **_line(standing.place, readable, standing.embargo.silence),
        joins=[
            JoinShown(
                report=lineage_of(row.finding),
                finding=row.finding.pk,
                joined_to=lineage_of(row.other) if row.other else "",
                how=row.how,
                reason=row.reason,
                evidence=row.evidence,
            )
            for row in joins
        ],
        links=[
            LinkShown(one=lineage_of(one.one), other=lineage_of(one.other), how=one.how, reason=one.reason)
            for one in links
            if one.pk in linked
        ],
        undone=[
            UndoneShown(report=lineage_of(row.finding), apart_from=row.apart_from, why=row.undone_why)
            for row in undone_joins_of(found.package)
            if row.case_id == found.pk and row.pk in seen
        ],
        responses=[_response(one) for one in responses_for(actor, found)],
        embargo=EmbargoShown(state=embargo.state, ends_at=embargo.ends_at, proposed_ends_at=embargo.proposed_ends_at)
        if embargo is not None
        else None,
        fixes=[
            FixShown(
                id=one.pk,
                file=one.file,
                base=one.base,
                by=one.by,
                state=one.state,
                said=sorted({str(result["said"]) for result in one.results.values()}),
            )
            for one in fixes_for(actor, found)
        ],
    )


def _response(one: Response) -> ResponseShown:
    return ResponseShown(
        id=one.pk, said=ResponseSaid(one.said), why=one.why, reference=one.reference, by=one.by, state=one.state
    )


def case_lines(actor: Actor, places: Sequence[Placing], *, at: datetime) -> list[CaseLine]:
    """Return cases as the queue shows them; of their reports only those that whoever asks may read."""
    readable = readable_among(actor, [finding for one in places for finding in one.findings])
    silences = silences_of(places, at=at)
    return [CaseLine(**_line(one, readable, silences[one.case.pk])) for one in places]


def _line(one: Placing, readable: Container[UUID], silence: Silence) -> dict[str, Any]:
    placed = one.position.placed
    return {
        "case": one.case.public_id,
        "position": one.position.number,
        "package": one.case.package,
        "state": one.case.state,
        "marking": Tlp(one.case.tlp),
        "band": placed.band.value,
        "why_now": list(one.position.why),
        "could_be": [band.value for band in placed.could_be],
        "reports": [name for pk, name in zip(one.findings, one.names, strict=True) if pk in readable],
        "silence": silence,
        "duties": [DutyShown(action=duty.action, due_at=duty.due_at) for duty in one.duties],
    }
