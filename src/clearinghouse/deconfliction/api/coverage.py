"""The API's operations about coverage, mappings and who answers."""

from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Status
from ninja.decorators import decorate_view

from clearinghouse.deconfliction.actions.availability import say_availability
from clearinghouse.deconfliction.actions.coverage import Tried, publish_count, record_coverage
from clearinghouse.deconfliction.actions.mappings import add_mapping, withdraw_mapping
from clearinghouse.deconfliction.asked import MappingWanted, Published, Reason, TriedWanted
from clearinghouse.deconfliction.queries.intents import intent_for, own_organization
from clearinghouse.deconfliction.queries.registered import (
    availabilities_for,
    coverage_entry_for,
    coverage_for,
    mapping_for,
    mappings_about,
    mappings_for,
)
from clearinghouse.deconfliction.queries.suggestions import uncovered
from clearinghouse.deconfliction.rules.lifecycle import Answering
from clearinghouse.deconfliction.rules.targets.kinds import target_from
from clearinghouse.deconfliction.shown import (
    CoverageShown,
    MappingShown,
    WorthShown,
    coverage_shown,
    mapping_shown,
    worth_shown,
)
from clearinghouse.deconfliction.shown_availability import AvailabilityShown, availability_shown
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.given import Given
from clearinghouse.edges.idempotency import idempotent
from clearinghouse.edges.paging import Page, Paging, page_of
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.parties.queries import organization_for

router = Router(tags=["deconfliction"])


class CoverageWanted(Paging):
    """Which coverage is wanted."""

    target: str = Field("", max_length=2000, description="What meets it, by whatever name of the code.")


class MappingsWanted(Paging):
    """Which mappings are wanted."""

    of: str = Field("", max_length=2000, description="Those of one package or one repository.")


class NextWanted(Given):
    """How much is wanted."""

    limit: int = Field(20, ge=1, le=100, description="How many at most.")


class Covered(Given):
    """What a scan has covered."""

    tried: list[TriedWanted] = Field(min_length=1, max_length=256)


class AvailabilityWanted(Given):
    """Whether a participant answers."""

    answering: Answering
    why: str = Field("", max_length=2000)
    organization: UUID | None = Field(None, description="Another's, which the office may say; else your own.")


@router.get(
    "/coverage", response={200: Page[CoverageShown]} | REFUSALS, operation_id="coverage", summary="List coverage"
)
@door("deconfliction:coverage:read")
def coverage(request: HttpRequest, wanted: Query[CoverageWanted]) -> Page[CoverageShown]:
    """Return what was tried, on which version, by which technique, the latest first."""
    actor = actor_of(request)
    target = target_from(wanted.target) if wanted.target else None
    rows = coverage_for(actor, target)
    return page_of(rows, wanted, show=lambda one: coverage_shown(actor, one))


@router.get(
    "/coverage/next",
    response={200: list[WorthShown]} | REFUSALS,
    operation_id="worth_looking_at",
    summary="Ask what is most worth looking at",
)
@door("deconfliction:coverage:read")
def worth_looking_at(request: HttpRequest, wanted: Query[NextWanted]) -> list[WorthShown]:
    """Return what is on record as somebody's, that nobody whom you may see scans now, the most valuable first."""
    return [worth_shown(one) for one in uncovered(actor=actor_of(request), at=timezone.now(), most=wanted.limit)]


@router.post(
    "/intents/{intent}/coverage",
    response={201: list[CoverageShown]} | REFUSALS,
    operation_id="record_coverage",
    summary="Write down what a scan has covered",
)
@decorate_view(idempotent)
@door("deconfliction:coverage:record")
def record(request: HttpRequest, intent: str, body: Covered) -> Status[list[CoverageShown]]:
    """Write down what a scan that has begun has covered so far."""
    actor = actor_of(request)
    tried = [
        Tried(target_from(one.target), one.version, is_complete=one.is_complete, findings=one.findings)
        for one in body.tried
    ]
    made = record_coverage(intent_for(actor, intent), tried, actor=actor, at=timezone.now())
    return Status(201, [coverage_shown(actor, one) for one in made])


@router.post(
    "/coverage/{coverage}/publish",
    response={200: CoverageShown} | REFUSALS,
    operation_id="publish_count",
    summary="Say where findings are published",
)
@door("deconfliction:coverage:publish")
def publish(request: HttpRequest, coverage: UUID, body: Published) -> CoverageShown:
    """Say where the findings of what was covered are published; from then on every reader is told their number."""
    actor = actor_of(request)
    found = coverage_entry_for(actor, coverage)
    publish_count(found, body.where, actor=actor, at=timezone.now())
    return coverage_shown(actor, found)


@router.get(
    "/targets/mappings",
    response={200: Page[MappingShown]} | REFUSALS,
    operation_id="mappings",
    summary="List mappings of packages to repositories",
)
@door("deconfliction:mapping:read")
def mappings(request: HttpRequest, wanted: Query[MappingsWanted]) -> Page[MappingShown]:
    """Return which packages are said to be built from which repositories."""
    found = mappings_for(actor_of(request))
    return page_of(mappings_about(found, wanted.of) if wanted.of else found, wanted, show=mapping_shown)


@router.post(
    "/targets/mappings",
    response={201: MappingShown} | REFUSALS,
    operation_id="add_mapping",
    summary="Say from which repository a package is built",
)
@decorate_view(idempotent)
@door("deconfliction:mapping:add")
def add(request: HttpRequest, body: MappingWanted) -> Status[MappingShown]:
    """Say from which repository a package is built, so that scans of the one meet scans of the other."""
    made = add_mapping(body.package, body.url, folder=body.folder, actor=actor_of(request), at=timezone.now())
    return Status(201, mapping_shown(made))


@router.post(
    "/targets/mappings/{mapping}/withdraw",
    response={200: MappingShown} | REFUSALS,
    operation_id="withdraw_mapping",
    summary="Say so no longer",
)
@door("deconfliction:mapping:withdraw")
def withdraw(request: HttpRequest, mapping: UUID, body: Reason) -> MappingShown:
    """Say no longer that a package is built from a repository."""
    actor = actor_of(request)
    found = mapping_for(actor, mapping)
    withdraw_mapping(found, why=body.why, actor=actor, at=timezone.now())
    return mapping_shown(found)


@router.get(
    "/availability",
    response={200: list[AvailabilityShown]} | REFUSALS,
    operation_id="availability",
    summary="List who does not answer",
)
@door("deconfliction:availability:read")
def availability(request: HttpRequest) -> list[AvailabilityShown]:
    """Return who is said to be down, or to answer again, the latest first."""
    return [availability_shown(one) for one in availabilities_for(actor_of(request))]


@router.put(
    "/availability",
    response={200: AvailabilityShown} | REFUSALS,
    operation_id="say_availability",
    summary="Say whether a participant answers",
)
@door("deconfliction:availability:say")
def say(request: HttpRequest, body: AvailabilityWanted) -> AvailabilityShown:
    """Say whether an organization answers; what one that is down has accepted but not begun blocks nobody."""
    actor = actor_of(request)
    home = organization_for(actor, body.organization) if body.organization else own_organization(actor)
    return availability_shown(say_availability(home, body.answering, why=body.why, actor=actor, at=timezone.now()))
