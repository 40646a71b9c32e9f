"""The API's operations about what leaves and enters: figures, and the records of other federations."""

import json
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from clearinghouse.deconfliction.actions.interchange import bring_in_one
from clearinghouse.deconfliction.queries.figures import figures_for
from clearinghouse.deconfliction.queries.interchange import claimant_of, foreign_records_for, opt_outs_for
from clearinghouse.deconfliction.rules.figures import Cut, closed_at
from clearinghouse.deconfliction.rules.interchange import RecordKind
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.given import Given
from clearinghouse.edges.paging import Page, Paging, page_of
from clearinghouse.edges.problems import REFUSALS

router = Router(tags=["deconfliction"])


class FigureShown(Schema):
    """One figure."""

    name: str
    value: float | None = Field(description="Null: held back, for it could tell of one scan or organization.")
    rests_on: str


class FiguresShown(Schema):
    """The figures of one cut."""

    cut: str
    until: str
    figures: list[FigureShown]


class FiguresWanted(Given):
    """Which figures are wanted."""

    cut: Cut = Cut.MEMBERS


class RecordsWanted(Paging):
    """Which records are wanted."""

    kind: RecordKind | None = None


class StatementShown(Schema):
    """A record as it was brought in."""

    statement: dict[str, Any] = Field(description="An in-toto statement.")


class RecordsGiven(Given):
    """Records to bring in."""

    records: list[dict[str, Any]] = Field(min_length=1, max_length=500, description="One in-toto statement each.")


class BroughtIn(Schema):
    """What became of one record."""

    kind: str
    subject: str
    outcome: str = Field(description="kept, known or refused")
    reason: str
    constraint: str | None = Field(description="What an opt-out became.")


class ClaimAsked(Given):
    """A finding by its salted hash."""

    hash: str = Field(pattern="^[0-9a-f]{64}$")


class ClaimTold(Schema):
    """Whether somebody has claimed it."""

    match: bool
    contact: str | None = None


@router.get("/figures", response={200: FiguresShown} | REFUSALS, operation_id="figures", summary="Show the figures")
@door("deconfliction:figure:read")
def figures(request: HttpRequest, wanted: Query[FiguresWanted]) -> FiguresShown:
    """Return the figures of deconfliction in one cut; the internal one is for the office."""
    actor, at = actor_of(request), timezone.now()
    told = figures_for(actor, wanted.cut, at=at)
    return FiguresShown(
        cut=wanted.cut.value,
        until=closed_at(wanted.cut, at).isoformat(),
        figures=[FigureShown(name=one.name, value=one.value, rests_on=one.rests_on) for one in told],
    )


@router.get(
    "/interchange",
    response={200: Page[StatementShown]} | REFUSALS,
    operation_id="interchange",
    summary="List records of other federations",
)
@door("deconfliction:foreign-record:read")
def interchange(request: HttpRequest, wanted: Query[RecordsWanted]) -> Page[StatementShown]:
    """Return the records that were brought in, the latest first."""
    rows = foreign_records_for(actor_of(request))
    listed = rows.filter(said_kind=wanted.kind) if wanted.kind else rows
    return page_of(listed, wanted, show=lambda one: StatementShown(statement=one.statement))


@router.get(
    "/interchange/opt-outs",
    response={200: list[dict[str, Any]]} | REFUSALS,
    operation_id="opt_outs",
    summary="Export what owners here opted out of",
)
@door("deconfliction:constraint:read")
def opt_outs(request: HttpRequest) -> list[dict[str, Any]]:
    """Return an opt-out for each repository that somebody here wants nobody to scan."""
    return [one.plain() for one in opt_outs_for(actor_of(request))]


@router.post(
    "/interchange",
    response={200: list[BroughtIn]} | REFUSALS,
    operation_id="bring_in",
    summary="Bring in records of another federation",
)
@door("deconfliction:foreign-record:bring-in")
def bring(request: HttpRequest, body: RecordsGiven) -> list[BroughtIn]:
    """Keep each record; opt-outs become constraints. What is wrong with one keeps none of the others out."""
    actor, at = actor_of(request), timezone.now()
    told = [bring_in_one(json.dumps(given).encode(), actor=actor, at=at) for given in body.records]
    return [BroughtIn(**asdict(one)) for one in told]


@router.post(
    "/interchange/claim-check",
    response={200: ClaimTold} | REFUSALS,
    operation_id="check_claim",
    summary="Ask whether a finding is claimed",
)
@door("deconfliction:foreign-record:read")
def check_claim(request: HttpRequest, body: ClaimAsked) -> ClaimTold:
    """Say whether somebody has claimed the finding of this salted hash, and whom to talk to before reporting it."""
    contact = claimant_of(actor_of(request), body.hash)
    return ClaimTold(match=contact is not None, contact=contact)
